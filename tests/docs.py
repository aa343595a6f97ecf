#!/usr/bin/env python3
"""Runs what the documentation shows: every ```console block of docs/guide/*.md, and of the README.md
of an example that says what it is given.

A page runs from top to bottom in one folder, which starts as a copy of the example, empty where the
page says <!-- given: nothing -->, or as examples/NAME where it says <!-- given: NAME -->, with the
providers of the tests. Lines that begin with `$ ` are typed; a last line
`(exit code N)` says how the command ends (0 where there is none); the lines between are its
output, in which `…` stands for any text, or, alone on a line, for any lines. A command without
output lines may print what it likes. A block whose fence names a file behind the language
(```hcl payment.andon.hcl) is written to that file.

usage: docs.py --andon BINARY [PAGE ...]
"""

import argparse
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

from run import ROOT, make_mirror, matches_text

SECONDS_MAX = 120


def steps(text):
    """Yields [line number, command, expected output lines, exit code], or [line number, None, file
    name, its lines] for a block that is a file."""
    inside, current, file = False, None, None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            if inside and current:
                yield current
                current = None
            if file:
                yield file
            named = re.fullmatch(r"```\w+ (\S+)", line.strip())
            file = [number, None, named.group(1), []] if named else None
            inside = line.strip() == "```console"
        elif file:
            file[3].append(line)
        elif inside and line.startswith("$ "):
            if current:
                yield current
            current = [number, line[2:], [], 0]
        elif inside and current:
            code = re.fullmatch(r"\(exit code (\d+)\)", line.strip())
            if code:
                current[3] = int(code.group(1))
            elif current[1].endswith("\\"):
                current[1] = current[1][:-1] + line.strip()
            else:
                current[2].append(line)


def run_page(page, andon):
    with open(page, encoding="utf-8") as f:
        text = f.read()
    with tempfile.TemporaryDirectory(prefix="andon-docs-") as folder:
        given = re.search(r"<!-- given: (\S+) -->", text)
        given = given.group(1) if given else "dvd-rental"
        if given != "nothing":
            shutil.copytree(os.path.join(ROOT, "examples", given), folder, dirs_exist_ok=True)
        env = dict(os.environ, PATH=os.path.dirname(os.path.abspath(andon)) + ":" + os.environ["PATH"],
                   CI="true", NO_COLOR="1", TZ="UTC", HOME=folder, ANDON_ACTOR="ana@example.com", EXAMPLE=os.path.join(ROOT, "examples/dvd-rental"))
        standin = os.path.join(os.path.dirname(os.path.abspath(andon)), "tests/standin/standin")
        if os.path.exists(standin):
            env["TF_CLI_CONFIG_FILE"] = make_mirror(standin, os.path.join(folder, ".providers"))
        count = 0
        for number, command, wanted, code in steps(text):
            if command is None:
                path = os.path.join(folder, wanted)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w", encoding="utf-8") as f:
                    f.write("\n".join(code) + "\n")
                continue
            done = subprocess.run(["/bin/bash", "-c", command], cwd=folder, env=env, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS_MAX)
            seen = done.stdout.decode(errors="replace").replace(folder, "…")
            count += 1
            if done.returncode != code:
                return f"{page}:{number}: {command}: exit code {done.returncode}, the page says {code}\n{seen}"
            while wanted and not wanted[-1].strip():
                wanted.pop()
            if wanted and not matches_text("\n".join(wanted), seen.rstrip("\n")):
                return f"{page}:{number}: {command}: the page shows\n" + "\n".join(wanted) + f"\nbut it printed\n{seen}"
        print(f"{os.path.relpath(page, ROOT)}: {count} commands")
    return None


def all_pages():
    pages = sorted(glob.glob(os.path.join(ROOT, "docs/guide/*.md")))
    for page in sorted(glob.glob(os.path.join(ROOT, "examples/*/README.md"))):
        with open(page, encoding="utf-8") as f:
            if "<!-- given: " in f.read():
                pages.append(page)
    return pages


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--andon", default=os.path.join(ROOT, "build/release/andon"))
    parser.add_argument("pages", nargs="*")
    args = parser.parse_args()
    failures = [f for page in args.pages or all_pages() if (f := run_page(page, args.andon))]
    for failure in failures:
        print(failure)
    print(f"docs: {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
