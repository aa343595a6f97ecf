#!/usr/bin/env python3
"""Runs the commands about a configuration on the projects of commands.projects, and compares them
with terraform's.

    commands_against_terraform.py --andon BINARY [-v] [NAME...]

    test                what became of each file and run, the summary, the exit code
    graph               the bytes, of the resources and of each operation
    console             the bytes and the exit code, over the configuration and over its state
    metadata functions  parameters and types of each function

Exit 77 (skipped) where there is no terraform.
"""

import argparse
import concurrent.futures
import json
import os
import re
import shutil
import sys
import tempfile

from against_terraform import read_corpus, run, run_input, write

# Where the two differ on purpose, and why.
DIFFERENT = {
    "expected failures console": "terraform refuses an attribute of a resource with count from its form alone",
    "expected failures graph": "with -plan, what names one instance of a resource is drawn as needing all of them",
}
FUNCTIONS_OF_ONE = {}

EXPRESSIONS = """
var.name
terraform_data.a.input
output
module.m
path.module
terraform.workspace
type(1)
type({a = 1, b = ["x", true]})
upper("é")
[for i in range(3) : i * 2]
{a = 1, "b-c" = null}
toset(["b", "a"])
sensitive("x")
{a = sensitive("x")}
tomap({a = "b"})
1 / 3
"a\\nb"
"${1 + 1}x"
null
nothing.at.all
1 +
""".strip().splitlines()


def told(output):
    """The lines of a test that say what became of something."""
    lines = [line for line in output.splitlines() if re.search(r"\.\.\. \w+|passed,", line)]
    return "\n".join(lines)


def compare_test(folder, andon, environment):
    code, theirs, _ = run(["terraform", "test", "-no-color"], folder, environment)
    our_code, ours, our_error = run([andon, "test", "-no-color"], folder, environment)
    if (code, told(theirs)) != (our_code, told(ours)):
        return f"exit {code} and {our_code}\n{told(theirs)}\n---\n{told(ours)}\n{our_error}"
    return None


def compare_graph(folder, andon, environment):
    for flags in [], ["-type=plan"], ["-type=apply"], ["-type=plan-destroy"]:
        _, theirs, _ = run(["terraform", "graph"] + flags, folder, environment)
        _, ours, error = run([andon, "graph"] + flags, folder, environment)
        if theirs != ours:
            return f"graph {flags}\n{theirs}\n---\n{ours}{error}"
    # What plans do: of everything, of one replaced, of the end.
    for step in "create", "replace", "destroy":
        flags = {"create": [], "destroy": ["-destroy"]}.get(step)
        if flags is None:
            _, listed, _ = run(["terraform", "state", "list"], folder, environment)
            managed = [line for line in listed.splitlines() if ".data." not in line and not line.startswith("data.")]
            if not managed:
                break
            flags = [f"-replace={managed[0]}"]
        code, _, _ = run(["terraform", "plan", "-no-color", "-input=false", "-out=t.plan"] + flags, folder, environment)
        if code != 0:
            break
        run([andon, "plan", "-no-color", "-input=false", "-out=a.plan"] + flags, folder, environment)
        _, theirs, _ = run(["terraform", "graph", "-plan=t.plan"], folder, environment)
        _, ours, error = run([andon, "graph", "-plan=a.plan"], folder, environment)
        if theirs != ours:
            return f"graph -plan {flags}\n{theirs}\n---\n{ours}{error}"
        if step == "create" and run(["terraform", "apply", "-no-color", "t.plan"], folder, environment)[0] != 0:
            break
    return None


def compare_console(folder, andon, environment):
    for expression in EXPRESSIONS:
        code, theirs, _ = run_input(["terraform", "console", "-no-color"], expression + "\n", folder, environment)
        our_code, ours, error = run_input([andon, "console", "-no-color"], expression + "\n", folder, environment)
        if (code, theirs) != (our_code, ours):
            return f"{expression}: exit {code} and {our_code}\n{theirs}\n---\n{ours}{error}"
    return None


def compare_console_after_apply(folder, andon, environment):
    run(["terraform", "apply", "-auto-approve", "-no-color"], folder, environment)
    return compare_console(folder, andon, environment)


def parameter(p):
    return (p["name"], json.dumps(p["type"]))


def shape(function):
    """What calls depend on; descriptions are each program's own."""
    variadic = function.get("variadic_parameter")
    return [parameter(p) for p in function.get("parameters", [])], parameter(variadic) if variadic else None


def compare_functions(andon, environment, folder):
    _, theirs, _ = run(["terraform", "metadata", "functions", "-json"], folder, environment)
    _, ours, _ = run([andon, "metadata", "functions", "-json"], folder, environment)
    theirs, ours = json.loads(theirs), json.loads(ours)
    wrong = []
    if theirs["format_version"] != ours["format_version"]:
        wrong.append(f"format {ours['format_version']}")
    for name, function in theirs["function_signatures"].items():
        if name.removeprefix("core::") in FUNCTIONS_OF_ONE:
            continue
        mine = ours["function_signatures"].get(name)
        if mine is None:
            wrong.append(f"no function {name}")
        elif shape(function) != shape(mine):
            wrong.append(f"{name}: {shape(function)}, andon {shape(mine)}")
        # A type that says more than "dynamic" is no other type.
        elif function["return_type"] not in (mine["return_type"], "dynamic") and mine["return_type"] != "dynamic":
            wrong.append(f"{name} returns {function['return_type']}, andon {mine['return_type']}")
        elif not mine.get("description"):
            wrong.append(f"{name} has no description")
    return "\n".join(wrong) or None


COMPARISONS = {
    "test": compare_test,
    "graph": compare_graph,
    "console": compare_console,
    "console after apply": compare_console_after_apply,
}


def compare(files, andon, environment):
    with tempfile.TemporaryDirectory() as folder:
        write(folder, files)
        code, _, error = run(["terraform", "init", "-input=false", "-no-color"], folder, environment)
        if code != 0:
            return {"init": error}
        return {what: comparison(folder, andon, environment) for what, comparison in COMPARISONS.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--andon", required=True)
    parser.add_argument("-v", action="store_true")
    parser.add_argument("-j", type=int, default=2)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    if shutil.which("terraform") is None:
        print("skipped: there is no terraform")
        return 77
    projects = read_corpus("commands.projects")
    chosen = {n: f for n, f in projects.items() if not arguments.names or any(re.search(p, n) for p in arguments.names)}
    andon = os.path.abspath(arguments.andon)
    failed = total = 0

    def tell(name, wrong):
        nonlocal failed, total
        total += 1
        if wrong is not None and name in DIFFERENT:
            print(f"different {name}: {DIFFERENT[name]}")
        elif wrong is not None:
            failed += 1
            print(f"{name}: {wrong}")
        elif arguments.v:
            print(f"same {name}")

    with tempfile.TemporaryDirectory() as home:
        settings = os.path.join(home, "empty.tfrc")
        open(settings, "w").close()
        environment = dict(os.environ, TF_CLI_CONFIG_FILE=settings, CHECKPOINT_DISABLE="1", HOME=home)
        with concurrent.futures.ThreadPoolExecutor(arguments.j) as pool:
            tasks = {name: pool.submit(compare, files, andon, environment) for name, files in chosen.items()}
            for name, task in tasks.items():
                for what, wrong in task.result().items():
                    tell(f"{name} {what}", wrong)
        tell("functions", compare_functions(andon, environment, home))
    print(f"{total - failed}/{total} alike")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
