#!/usr/bin/env python3
"""Validates the projects of corpus.projects with andon and with `terraform validate`, and compares.

    against_terraform.py --andon BINARY [-v] [NAME...]

Both must accept, or both refuse. Projects whose name begins with "tofu:" have what only
OpenTofu's language has: terraform refuses them and andon must not. Also compares the bytes
that both formatters make of each project. Exit 77 (skipped) where there is no terraform.
"""

import argparse
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))

# Where the two differ on purpose, and why.
DIFFERENT = {
    "replace by an undeclared one": "OpenTofu refuses it at validate, terraform at plan",
}


def read_corpus(corpus="corpus.projects"):
    projects, name, file = {}, None, None
    for line in open(os.path.join(HERE, corpus), encoding="utf-8"):
        if line.startswith("=== "):
            name, file = line[4:].strip(), "main.tf"
            if name in projects:
                sys.exit(f"{corpus}: {name!r} stands twice")
            projects[name] = {}
        elif line.startswith("--- "):
            file = line[4:].strip()
            projects[name][file] = ""
        elif name is not None:
            projects[name][file] = projects[name].get(file, "") + line
    return projects


def write(folder, files):
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)


def run(command, folder, environment):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, env=environment)
    return done.returncode, done.stdout, done.stderr


def summaries(output):
    try:
        document = json.loads(output)
    except json.JSONDecodeError:
        return None, [output[:200]]
    return document["valid"], [d["summary"] for d in document["diagnostics"] if d["severity"] == "error"]


def compare(name, files, andon, environment):
    """Nothing, or what differs."""
    with tempfile.TemporaryDirectory() as folder:
        write(folder, files)
        # init finds the modules and refuses what cannot be loaded, in its own words.
        code, _, init_error = run(["terraform", "init", "-backend=false", "-input=false", "-no-color"], folder, environment)
        theirs, their_words = False, [init_error.strip()[:200]]
        if code == 0:
            _, output, _ = run(["terraform", "validate", "-json"], folder, environment)
            theirs, their_words = summaries(output)
        shutil.rmtree(os.path.join(folder, ".terraform"), ignore_errors=True)
        _, output, error = run([andon, "validate", "-json"], folder, environment)
        ours, our_words = summaries(output)
        if ours is None:
            return f"{name}: no JSON: {error[:300]}"
        if name.startswith("tofu:"):
            if theirs:
                return f"{name}: terraform accepts it too"
            return None if ours else f"{name}: refused: {our_words}"
        if theirs != ours:
            return f"{name}: terraform {'accepts' if theirs else 'refuses'}, andon {'accepts' if ours else 'refuses'}\n" \
                   f"    terraform {their_words}\n    andon     {our_words}"
        return compare_format(name, folder, files, andon, environment)


def compare_format(name, folder, files, andon, environment):
    for file, text in files.items():
        # terraform adds a missing last newline; OpenTofu and andon do not.
        if not file.endswith(".tf") or not text:
            continue
        code, theirs, _ = run_input(["terraform", "fmt", "-"], text, folder, environment)
        our_code, ours, _ = run_input([andon, "fmt", "-"], text, folder, environment)
        if (code == 0) != (our_code == 0):
            return f"{name}: fmt of {file} exits {code} and {our_code}"
        if code == 0 and theirs != ours:
            return f"{name}: fmt of {file} differs\n{theirs}\n---\n{ours}"
    return None


def run_input(command, text, folder, environment):
    done = subprocess.run(command, cwd=folder, input=text, capture_output=True, text=True, timeout=120, env=environment)
    return done.returncode, done.stdout, done.stderr


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
    projects = read_corpus()
    chosen = {n: f for n, f in projects.items() if not arguments.names or any(re.search(p, n) for p in arguments.names)}
    andon = os.path.abspath(arguments.andon)
    failed = 0
    with tempfile.TemporaryDirectory() as home:
        settings = os.path.join(home, "empty.tfrc")
        open(settings, "w").close()
        environment = dict(os.environ, TF_CLI_CONFIG_FILE=settings, CHECKPOINT_DISABLE="1", HOME=home)
        with concurrent.futures.ThreadPoolExecutor(arguments.j) as pool:
            tasks = {name: pool.submit(compare, name, files, andon, environment) for name, files in chosen.items()}
            for name, task in tasks.items():
                wrong = task.result()
                if wrong is not None and name in DIFFERENT:
                    print(f"different {name}: {DIFFERENT[name]}")
                elif wrong is not None:
                    failed += 1
                    print(wrong)
                elif arguments.v:
                    print(f"same {name}")
    print(f"{len(chosen) - failed}/{len(chosen)} projects judged alike")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
