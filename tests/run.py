#!/usr/bin/env python3
"""Runs the text tests: tests/<feature>/<behaviour>.txt, as tests/README.md describes them.

usage: run.py [-j N] [-v] --andon BINARY [FEATURE | FILE ...]

UPDATE=1 in the environment rewrites the expected parts with what was seen.
"""

import argparse
import concurrent.futures
import difflib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from servers.server import Missing, Server

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
SHARED = os.path.join(os.path.dirname(ROOT), "shared")
COMMAND_SECONDS_MAX = 300  # A hanging command fails its test, not the machine.
EVENTUALLY_SECONDS_MAX = 120


class Failed(Exception):
    pass


def make_mirror(standin, folder):
    """Providers for the examples: the stand-in of hashicorp/aws and real ones. The CLI configuration."""
    subprocess.run([sys.executable, os.path.join(HERE, "standin/aws/mirror.py"), standin, folder], check=True)
    return os.path.join(folder, "cli.tfrc")


class Servers:
    """Real servers, started when the first text asks and shared by all of this run."""

    def __init__(self):
        self.lock, self.running = threading.Lock(), {}

    def find(self, name):
        with self.lock:
            if name not in self.running:
                try:
                    self.running[name] = Server(name)
                except Missing as e:
                    self.running[name] = e
            if isinstance(self.running[name], Missing):
                raise Skipped(f"needs {self.running[name]}")
            return self.running[name]


SERVERS = Servers()


class Skipped(Exception):
    pass


def parse_archive(text):
    """A txtar archive: the script above, then `-- name --` and the file's lines."""
    script, files, name = [], {}, None
    for line in text.splitlines(keepends=True):
        marker = re.fullmatch(r"-- (\S+) --\n?", line)
        if marker:
            name = marker.group(1)
            files[name] = ""
        elif name is None:
            script.append(line)
        else:
            files[name] += line
    return script, files


def matches_line(pattern, line):
    """`…` in an expected line stands for any text."""
    if "…" not in pattern:
        return pattern == line
    regex = ".*".join(re.escape(part) for part in pattern.split("…"))
    return re.fullmatch(regex, line) is not None


def matches_text(pattern, text):
    wanted, seen = pattern.splitlines(), text.splitlines()
    # A line that is `…` alone stands for any number of lines.
    def match(i, j):
        while i < len(wanted):
            if wanted[i].strip() == "…":
                return any(match(i + 1, k) for k in range(j, len(seen) + 1))
            if j >= len(seen) or not matches_line(wanted[i], seen[j]):
                return False
            i, j = i + 1, j + 1
        return j == len(seen)
    return match(0, 0)


class Test:
    def __init__(self, path, andon, verbose):
        self.path, self.andon, self.verbose = path, os.path.abspath(andon), verbose
        with open(path, encoding="utf-8") as f:
            self.text = f.read()
        self.script, self.files = parse_archive(self.text)
        self.out = self.err = ""
        self.updated = {}
        self.background = []

    def run(self):
        with tempfile.TemporaryDirectory(prefix="andon-test-") as self.dir:
            self.env = {k: v for k, v in os.environ.items() if not k.startswith(("ANDON_", "TF_"))}
            self.env.update(PATH=os.path.dirname(self.andon) + ":" + os.environ["PATH"],
                            HOME=self.dir, CI="true", NO_COLOR="1", LC_ALL="C.UTF-8", TZ="UTC",
                            ANDON_ACTOR="ana@example.com", WORK=self.dir, ROOT=ROOT)
            if "ANDON_SHARED" not in self.env and os.path.isdir(SHARED):
                self.env["SHARED"] = SHARED
            for name, content in self.files.items():
                path = os.path.join(self.dir, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w", encoding="utf-8") as f:
                    f.write(content)
            try:
                for number, line in enumerate(self.script, 1):
                    line = line.strip()
                    if line and not line.startswith("#"):
                        self.number = number
                        self.step(line)
            except Failed as e:
                raise Failed(f"{self.path}:{self.number}: {line}\n{e}\n--- stdout\n{self.out}--- stderr\n{self.err}")
            finally:
                for process in self.background:
                    try:
                        os.killpg(process.pid, signal.SIGKILL)
                    except ProcessLookupError:
                        pass  # The whole group has ended already.
                    process.wait()
        if self.updated:
            self.rewrite()

    def step(self, line):
        expect = 0
        negated = re.match(r"!(\d*) ", line)
        if negated:
            expect = int(negated.group(1)) if negated.group(1) else "failure"
            line = line[negated.end():].strip()
        word, _, rest = line.partition(" ")
        rest = rest.strip()
        if word in ("stdout", "stderr"):
            self.check_output(word, rest, expect != 0)
        elif word == "given":
            self.given(rest)
        elif word == "needs":
            self.needs(rest)
        elif word == "server":
            self.server(rest)
        elif word == "env":
            name, _, value = rest.partition("=")
            self.env[name] = re.sub(r"\$(\w+)", lambda m: self.env.get(m.group(1), ""), value)
        elif word == "exists":
            self.exists(rest, expect != 0)
        elif word == "background":
            self.start_background(rest)
        elif word == "eventually":
            self.eventually(rest)
        elif word == "same":
            a, b = (self.read(name) for name in rest.split())
            if (a == b) == (expect != 0):
                raise Failed("the files " + ("are equal" if expect else "differ"))
        else:
            self.command(line, expect)

    def read(self, name):
        with open(os.path.join(self.dir, name), encoding="utf-8", errors="replace") as f:
            return f.read()

    def command(self, line, expect):
        started = time.time()
        process = subprocess.Popen(["/bin/bash", "-c", line], cwd=self.dir, env=self.env, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        try:
            out, err = process.communicate(timeout=COMMAND_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            self.out, self.err = out.decode(errors="replace"), err.decode(errors="replace")
            raise Failed(f"still running after {COMMAND_SECONDS_MAX} s")
        self.out, self.err = out.decode(errors="replace"), err.decode(errors="replace")
        if self.verbose:
            print(f"$ {line}   ({time.time() - started:.2f} s, exit {process.returncode})\n{self.out}{self.err}")
        ok = process.returncode > 0 if expect == "failure" else process.returncode == expect
        if not ok:
            raise Failed(f"exit code {process.returncode}, expected {expect}")

    def eventually(self, line):
        """What a background command brings about, is waited for."""
        until = time.time() + EVENTUALLY_SECONDS_MAX
        while True:
            try:
                return self.command(line, 0)
            except Failed as e:
                if time.time() > until:
                    raise Failed(f"not within {EVENTUALLY_SECONDS_MAX} s: {e}")
                time.sleep(0.1)

    def start_background(self, line):
        log = open(os.path.join(self.dir, "background.log"), "ab")
        process = subprocess.Popen(["/bin/bash", "-c", "exec " + line], cwd=self.dir, env=self.env,
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.background.append(process)
        self.env["BACKGROUND_PID"] = str(process.pid)

    def check_output(self, stream, rest, negated):
        seen = (self.out if stream == "stdout" else self.err)
        if rest.startswith("/") and rest.endswith("/") and len(rest) > 1:
            found = re.search(rest[1:-1], seen, re.MULTILINE) is not None
        elif rest.startswith(("'", '"')):
            wanted = shlex.split(rest)[0]
            found = any(wanted in line for line in seen.splitlines())
        elif rest == "":
            found = seen.strip() == ""
            if not found:
                raise Failed(f"{stream} is not empty")
            return
        else:
            return self.compare(stream, rest, seen)
        if found == negated:
            raise Failed(f"{stream} " + ("has it" if negated else "does not have it"))

    def compare(self, stream, name, seen):
        if name not in self.files:
            raise Failed(f"the archive has no file {name}")
        seen = seen.replace(self.dir, "$WORK").rstrip("\n") + "\n"
        wanted = self.files[name].rstrip("\n") + "\n"
        if matches_text(wanted, seen):
            return
        if os.environ.get("UPDATE") == "1":
            # Lines that still match keep their wildcards.
            old = [l for l in wanted.splitlines() if "…" in l]
            self.updated[name] = "".join(
                next((p for p in old if p.strip() != "…" and matches_line(p, l)), l) + "\n" for l in seen.splitlines())
            return
        diff = difflib.unified_diff(wanted.splitlines(True), seen.splitlines(True), f"expected {name}", stream)
        raise Failed("".join(diff))

    def given(self, what):
        folder = os.path.join(ROOT, "examples", "dvd-rental" if what == "example" else what)
        if not os.path.isdir(folder):
            raise Failed(f"there is no example {what}")
        shutil.copytree(folder, self.dir, dirs_exist_ok=True)
        for name, content in self.files.items():  # The archive's files win.
            with open(os.path.join(self.dir, name), "w", encoding="utf-8") as f:
                f.write(content)

    def needs(self, what):
        """`needs terraform`, `needs shared`, `needs venv`: skips, by name, where it is not there."""
        axe = os.path.join(ROOT, "build/deps/axe-core/axe.min.js")
        found = {"shared": os.path.isdir(SHARED),
                 "venv": os.path.exists(os.path.join(ROOT, "build/deps/venv/bin/python")),
                 "axe": os.path.exists(axe),
                 "providers": os.path.exists(os.path.join(ROOT, "build/deps/providers/terraform-provider-random"))}.get(what)
        if what == "venv":
            self.env["VENV"] = os.path.join(ROOT, "build/deps/venv/bin/python")
        if what == "axe":
            self.env["AXE"] = axe
        if what == "aws":
            standin = os.path.join(os.path.dirname(self.andon), "tests/standin/standin")
            found = os.path.exists(standin)
            if found:
                self.env["TF_CLI_CONFIG_FILE"] = make_mirror(standin, os.path.join(self.dir, ".providers"))
        if found is None:
            found = shutil.which(what) is not None
        if not found:
            raise Skipped(f"needs {what}")

    def server(self, name):
        """`server postgres` gives $POSTGRES_URL and the other facts of tests/servers/postgres.py."""
        if not os.path.exists(os.path.join(HERE, "servers", name + ".py")):
            raise Failed(f"unknown server {name}")
        server = SERVERS.find(name)
        facts = dict(server.facts)
        own = {"postgres": "database", "s3": "bucket"}.get(name)
        if own:
            facts.update(server.ask(own))
        for fact, value in facts.items():
            self.env[f"{name}_{fact}".upper()] = str(value)

    def exists(self, rest, negated):
        for name in rest.split():
            if os.path.exists(os.path.join(self.dir, name)) == negated:
                raise Failed(f"{name} " + ("exists" if negated else "does not exist"))

    def rewrite(self):
        out = "".join(self.script)
        for name, content in self.files.items():
            out += f"-- {name} --\n" + self.updated.get(name, content)
        with open(self.path, "w", encoding="utf-8") as f:
            f.write(out)


def run_one(path, andon, verbose):
    started = time.time()
    try:
        Test(path, andon, verbose).run()
        return path, "passed", "", time.time() - started
    except Skipped as e:
        return path, "skipped", str(e), time.time() - started
    except Failed as e:
        return path, "failed", str(e), time.time() - started


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-j", type=int, default=os.cpu_count())
    parser.add_argument("-v", action="store_true")
    parser.add_argument("--andon", default=os.path.join(ROOT, "build/release/andon"))
    parser.add_argument("what", nargs="*")
    args = parser.parse_args()
    paths = []
    for what in args.what or sorted(os.listdir(HERE)):
        folder = os.path.join(HERE, what)
        if os.path.isdir(folder):
            paths += sorted(os.path.join(folder, f) for f in os.listdir(folder) if f.endswith(".txt") and f not in ("requirements.txt", "CMakeLists.txt"))
        elif args.what and what.endswith(".txt") and os.path.exists(what):
            paths.append(what)
        elif args.what:
            sys.exit(f"no test {what}")
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    with concurrent.futures.ThreadPoolExecutor(args.j) as pool:
        for path, outcome, why, seconds in pool.map(lambda p: run_one(p, args.andon, args.v), paths):
            counts[outcome] += 1
            print(f"{outcome:8}{seconds:6.2f} s  {os.path.relpath(path, HERE)}" + (f"\n{why}" if why else ""), flush=True)
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
