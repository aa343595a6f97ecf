#!/usr/bin/env python3
"""States that terraform makes, read and written by state_tool: the same bytes; and locks.

    state.py STATE_TOOL

Prints passed/total and the first difference of each case. Exit 77 (skipped) where there is
no terraform.
"""
import difflib
import json
import os
import shutil
import subprocess
import sys
import tempfile

MODULE = """
variable "x" {}
resource "terraform_data" "in" { input = var.x }
resource "terraform_data" "hidden" {
  input            = sensitive({ a = [var.x] })
  triggers_replace = [terraform_data.in.id]
}
output "o" { value = terraform_data.in.output }
"""

# name: (configuration, commands behind the first apply)
CASES = {
    "nothing": ("", []),
    "one": ('resource "terraform_data" "a" { input = "x" }', []),
    "values": (r"""
resource "terraform_data" "a" {
  input = {
    n = 12345678901234567890123456789, f = 0.1, e = 1e-7, m = -0.5, third = 1 / 3, big = 1e40
    t = [1, "a", null, true, [], {}], s = "<b>&\u2028\u2029 \u0007 é😀 \\ \" \n\t\u0000\u000c\u0008\u007f"
  }
}""", []),
    "outputs": ("""
output "list" { value = tolist(["a"]) }
output "set" { value = toset([3, 1, 2]) }
output "map" { value = tomap({ b = 1.5, a = 2 }) }
output "object" { value = { a = 1, b = [true, null], c = {}, d = [] } }
output "optional" { value = [{ a = 1 }, { a = 2, b = "x" }] }
output "null" { value = null }
output "hidden" {
  value     = "x"
  sensitive = true
}
output "tiny" { value = 1e-40 }
output "text" { value = "<>&\\u2028" }
""", []),
    "counted": ("""
resource "terraform_data" "a" {
  count = 12
  input = count.index
}
resource "terraform_data" "b" { input = [terraform_data.a[3].id, terraform_data.a[11].id] }
""", []),
    "for each": (r"""
resource "terraform_data" "a" {
  for_each = toset(["a", "$${x}", "%%{y", "q\"\\z\n\u0001\u200bé😀<&>", "10", "9", ""])
  input    = each.key
}""", []),
    "modules": (r"""
module "m" {
  source   = "./m"
  for_each = toset(["a", "$${x}", "%%{y", "q\"\\z\n\u0001\u200bé😀<&>", "$$$${x}", "a.b[0]"])
  x        = each.key
}
module "n" {
  source = "./m"
  count  = 11
  x      = [count.index, module.m["a"].o]
}""", []),
    "tainted": ('resource "terraform_data" "a" { count = 3 }', [["taint", "terraform_data.a[1]"]]),
    "sensitive": ("""
resource "terraform_data" "a" {
  input = { plain = 1, list = [sensitive("x"), "y"], deep = { "a b" = sensitive(2) }, set = toset([sensitive("z")]) }
}""", []),
    "create before destroy": ("""
resource "terraform_data" "a" {
  lifecycle { create_before_destroy = true }
}
resource "terraform_data" "b" { triggers_replace = terraform_data.a.id }
""", []),
    "deposed": ("""
variable "v" { default = 1 }
resource "terraform_data" "a" {
  count            = 2
  triggers_replace = var.v
  lifecycle { create_before_destroy = true }
  provisioner "local-exec" { command = var.v == 1 ? "true" : "exit 1" }
}""", [["apply", "-auto-approve", "-var", "v=2"], ["apply", "-auto-approve", "-var", "v=3"]]),
    "failed provisioner": ("""
resource "terraform_data" "a" {
  provisioner "local-exec" { command = "exit 1" }
}""", []),
    "checks": ("""
variable "v" {
  default = 1
  validation {
    condition     = var.v == 1
    error_message = "no"
  }
}
resource "terraform_data" "a" {
  input = var.v
  lifecycle {
    postcondition {
      condition     = self.input == 1
      error_message = "no"
    }
  }
}
check "never" {
  assert {
    condition     = terraform_data.a.input == 2
    error_message = "it is <not> 2"
  }
}
output "o" {
  value = 1
  precondition {
    condition     = terraform_data.a.input == 1
    error_message = "no"
  }
}
""", []),
    "data": ("""
resource "terraform_data" "a" {}
data "terraform_remote_state" "s" {
  backend = "local"
  config  = { path = "${path.module}/other.tfstate" }
}
output "o" { value = data.terraform_remote_state.s.outputs }
""", []),
    "removed": ('resource "terraform_data" "a" {}', [["destroy", "-auto-approve"]]),
}

OTHER = '{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"x","outputs":{"a":{"value":[1],"type":["list","number"]}},"resources":[]}'


class Failure(Exception):
    pass


def terraform(folder, *arguments, check=False):
    env = dict(os.environ, TF_CLI_CONFIG_FILE=os.path.join(folder, "empty.rc"), TF_IN_AUTOMATION="1", CHECKPOINT_DISABLE="1")
    done = subprocess.run(["terraform", *arguments], cwd=folder, env=env, capture_output=True, text=True)
    if check and done.returncode != 0:
        raise Failure(f"terraform {' '.join(arguments)}: {done.stderr}")
    return done


def project(folder, configuration):
    os.makedirs(os.path.join(folder, "m"))
    for name, text in [("main.tf", configuration), ("m/main.tf", MODULE), ("empty.rc", ""), ("other.tfstate", OTHER)]:
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            f.write(text)
    terraform(folder, "init", "-no-color", check=True)


def same_bytes(tool, path):
    with open(path, "rb") as f:
        expected = f.read()
    done = subprocess.run([tool, "read", path], capture_output=True)
    if done.returncode != 0:
        raise Failure(f"{os.path.basename(path)} is refused: {done.stderr.decode()}")
    if done.stdout != expected:
        lines = difflib.unified_diff(expected.decode().splitlines(), done.stdout.decode().splitlines(), "terraform", "andon", lineterm="", n=1)
        raise Failure("\n".join(list(lines)[:20]))


def round_trip(tool, folder, name):
    configuration, commands = CASES[name]
    project(folder, configuration)
    seen = 0
    for command in [["apply", "-auto-approve"], *commands]:
        done = terraform(folder, command[0], "-no-color", *command[1:])
        for state in ("terraform.tfstate", "terraform.tfstate.backup"):
            path = os.path.join(folder, state)
            if os.path.exists(path) and os.path.getsize(path) > 0:
                same_bytes(tool, path)
                seen += 1
        if name == "deposed" and command[-1] == "v=3":
            with open(os.path.join(folder, "terraform.tfstate"), encoding="utf-8") as f:
                if '"deposed"' not in f.read():
                    raise Failure(f"no deposed object was made: {done.stderr}")
    if seen == 0:
        raise Failure(f"terraform wrote no state: {done.stderr}")


def hold(tool, folder):
    path = os.path.join(folder, "terraform.tfstate")
    process = subprocess.Popen([tool, "hold", path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder)
    line = process.stdout.readline()
    if not line.startswith("held "):
        raise Failure("the lock was refused: " + process.stderr.read())
    return process, line.split()[1]


def terraform_sees_our_lock(tool, folder):
    project(folder, CASES["one"][0])
    terraform(folder, "apply", "-auto-approve", check=True)
    process, lock = hold(tool, folder)
    for written in (False, True):
        if written:
            process.stdin.write("\n")
            process.stdin.flush()
            process.stdout.readline()
        done = terraform(folder, "apply", "-auto-approve", "-no-color")
        if done.returncode == 0 or "Error acquiring the state lock" not in done.stderr or lock not in done.stderr:
            raise Failure(f"terraform did not name our lock {lock} (written: {written}): {done.stderr}")
    process.communicate()
    terraform(folder, "apply", "-auto-approve", check=True)


def terraform_waits_for_our_lock(tool, folder):
    project(folder, CASES["one"][0])
    terraform(folder, "apply", "-auto-approve", check=True)
    process, _ = hold(tool, folder)
    env = dict(os.environ, TF_CLI_CONFIG_FILE=os.path.join(folder, "empty.rc"))
    command = ["terraform", "apply", "-auto-approve", "-no-color", "-lock-timeout=60s", "-replace=terraform_data.a"]
    waiting = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        waiting.wait(3)
        raise Failure("terraform did not wait: " + waiting.stderr.read())
    except subprocess.TimeoutExpired:
        pass
    with open(os.path.join(folder, "terraform.tfstate"), encoding="utf-8") as f:
        before = json.load(f)
    for _ in range(3):
        process.stdin.write("\n")
        process.stdin.flush()
        process.stdout.readline()
    process.communicate()
    _, errors = waiting.communicate(timeout=90)
    if waiting.returncode != 0:
        raise Failure("terraform did not go on: " + errors)
    with open(os.path.join(folder, "terraform.tfstate"), encoding="utf-8") as f:
        after = json.load(f)
    if after["serial"] <= before["serial"] + 3 or after["lineage"] != before["lineage"]:
        raise Failure(f"what was written meanwhile is lost: serial {before['serial']}, then {after['serial']}")
    ids = [s["resources"][0]["instances"][0]["attributes"]["id"] for s in (before, after)]
    if ids[0] == ids[1]:
        raise Failure("what terraform wrote is lost")


def we_see_the_lock_of_terraform(tool, folder):
    project(folder, """
resource "terraform_data" "a" {
  provisioner "local-exec" { command = "touch started; while [ ! -e go ]; do sleep 0.05; done" }
}""")
    env = dict(os.environ, TF_CLI_CONFIG_FILE=os.path.join(folder, "empty.rc"))
    running = subprocess.Popen(["terraform", "apply", "-auto-approve"], cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    started = os.path.join(folder, "started")
    while not os.path.exists(started) and running.poll() is None:
        try:
            running.wait(0.05)
        except subprocess.TimeoutExpired:
            pass
    done = subprocess.run([tool, "hold", os.path.join(folder, "terraform.tfstate")], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    with open(os.path.join(folder, ".terraform.tfstate.lock.info"), encoding="utf-8") as f:
        lock = json.load(f)["ID"]
    open(os.path.join(folder, "go"), "w").close()
    running.communicate()
    if done.returncode == 0 or lock not in done.stderr or "OperationTypeApply" not in done.stderr:
        raise Failure(f"the holder {lock} was not named: {done.stderr}")


def main():
    if shutil.which("terraform") is None:
        print("skipped: terraform is not here")
        return 77
    tool = os.path.abspath(sys.argv[1])
    checks = [(name, lambda folder, name=name: round_trip(tool, folder, name)) for name in CASES]
    for check in (terraform_sees_our_lock, terraform_waits_for_our_lock, we_see_the_lock_of_terraform):
        checks.append((check.__name__.replace("_", " "), lambda folder, check=check: check(tool, folder)))
    passed = 0
    for name, check in checks:
        with tempfile.TemporaryDirectory() as folder:
            try:
                check(folder)
                passed += 1
            except Failure as failure:
                print(f"FAILED {name}\n{failure}")
    print(f"{passed}/{len(checks)} passed")
    return 0 if passed == len(checks) else 1


if __name__ == "__main__":
    sys.exit(main())
