#!/usr/bin/env python3
"""The rules of the house, as a test: layering, banned calls, map, words, format.

Each rule teaches its cure. Sizes are printed, not judged: a reader decides.
"""

import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SRC = os.path.join(ROOT, "src")

# pattern, cure, files that may
BANNED = [
    (r"\bstd::(cout|cerr|endl)\b", "print through cli/context.h", r"^(fuzz|bench)/|/main\.cc$"),
    (r"\b(printf|fprintf|fputs|puts)\(", "print through cli/context.h", r"^(src/cli/|src/base/assert|fuzz/|bench/)|_test\.cc$"),
    (r"\bthrow\b(?! *\))", "return Result or Diagnostics; failure is data", r"_test\.cc$"),
    (r"\bsystem_clock::now\(", "take a Clock", r"^src/base/clock\.cc$|_test\.cc$|^(bench|fuzz)/"),
    (r"\bsleep_for\(", "wait for a fact or a descriptor", r"_test\.cc$|^(bench|fuzz)/"),
    (r"\b(strcpy|strcat|sprintf|gets|strtok)\(", "use std::string and fmt", r"^$"),
    (r"\bnew [A-Z]\w*[({]", "use std::make_unique", r"private constructor"),
    (r"\bstd::system\(|\bpopen\(", "use io/process.h", r"_test\.cc$"),
    (r"\bsyncfs\(", "fsync the named files: syncfs waits for everybody's pages", r"^$"),
    (r"\busing namespace (?!std::chrono_literals|std::string_view_literals)", "name what you use", r"^(fuzz|bench)/|_test\.cc$"),
    (r"\bTODO\b(?! *\(#\d+\))|\bFIXME\b|\bXXX\b", "finish it, or name an issue: TODO(#12)", r"^$"),
    (r"(?:return|[=(,+]|&&|\|\|)\s*\(?[\w:.]+\(TRY\(", "TRY stands only as a whole initialiser or statement", r"^$"),
]
FORBIDDEN_NAMES = re.compile(r"(utils?|helpers?|misc|common|manager|impl)\.(h|cc)$")
# The project speaks of itself alone: no machine path and no host of a package registry.
FORBIDDEN_WORDS = re.compile(r"/work/|/root/|proxy\.golang|registry\.npmjs|pypi\.org|crates\.io|repo\.maven|deb\.debian")
LINES_MAX = 900  # Longer than a reader can hold in the head.

problems = []


def problem(path, line, text):
    problems.append(f"{path}:{line}: {text}")


def tracked():
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [p for p in out.stdout.splitlines() if os.path.exists(os.path.join(ROOT, p))]


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as f:
        return f.read()


def folders_in_order():
    text = read("cmake/andon.cmake")
    block = re.search(r"set\(ANDON_FOLDERS_ALL(.*?)\)", text, re.S).group(1)
    return block.split()


def declared_deps(folder):
    text = read(f"src/{folder}/CMakeLists.txt")
    found = re.search(r"andon_library\(\s*%s\b(.*?)\n?\)" % folder, text, re.S)
    if not found:
        return None
    words = re.split(r"\s+", found.group(1).strip())
    deps, taking = [], False
    for word in words:
        if word in ("DEPS", "EXTERNAL", "TEST_DEPS"):
            taking = word == "DEPS"
        elif taking:
            deps.append(word)
    return deps


def check_layering():
    order = [f for f in folders_in_order() if os.path.exists(os.path.join(SRC, f, "CMakeLists.txt"))]
    for folder in sorted(os.listdir(SRC)):
        if os.path.isdir(os.path.join(SRC, folder)) and folder not in folders_in_order():
            problem(f"src/{folder}", 1, "the folder is not in cmake/andon.cmake")
    deps = {f: declared_deps(f) for f in order}
    reach = {}
    for folder in order:
        direct = deps[folder]
        if direct is None:
            reach[folder] = None  # The program itself: sees all that stand before it.
            continue
        for dep in direct:
            if dep not in order or order.index(dep) >= order.index(folder):
                problem(f"src/{folder}/CMakeLists.txt", 1, f"depends on {dep}, which does not stand below it")
        reach[folder] = {folder, *direct}
    for path in tracked():
        found = re.match(r"src/(\w+)/.*\.(cc|h)$", path)
        if not found:
            continue
        folder = found.group(1)
        if path.endswith("_test.cc") or reach.get(folder) is None:
            continue
        for number, line in enumerate(read(path).splitlines(), 1):
            include = re.match(r'#include "(\w+)/', line)
            if include and include.group(1) in order and include.group(1) not in reach[folder]:
                problem(path, number, f"includes {include.group(1)}/, which src/{folder}/CMakeLists.txt does not declare under DEPS")


def strip_comments_and_strings(text):
    """Same line count; comments and literals blanked, so that words in them do not count."""
    pattern = re.compile(r'R"(\w*)\((?:.|\n)*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*(?:.|\n)*?\*/')
    def blank(m):
        text = m.group(0)
        if text.startswith("//") and "TODO" in text:
            return text
        return '""' + "\n" * text.count("\n")
    return pattern.sub(blank, text)


def check_sources():
    for path in tracked():
        if not re.match(r"(src|fuzz|bench)/.*\.(cc|h)$", path):
            continue
        name = os.path.basename(path)
        if FORBIDDEN_NAMES.search(name) or name in ("utils.h", "helpers.h"):
            problem(path, 1, "name the file by what is in it, not utils, helpers, misc, common, manager, impl")
        text = read(path)
        if path.endswith(".h"):
            if "#pragma once" not in text:
                problem(path, 1, "a header begins with a comment and #pragma once")
            if not text.lstrip().startswith("//") and not re.match(r"#pragma once\s+(#include[^\n]*\s+)*//", text.lstrip()) and "//" not in text[:1500]:
                problem(path, 1, "a header says first what it is and what it promises")
        if text.count("\n") > LINES_MAX:
            problem(path, 1, f"{text.count(chr(10))} lines: split it by its ideas (at most {LINES_MAX})")
        for number, line in enumerate(strip_comments_and_strings(text).splitlines(), 1):
            for pattern, cure, allowed in BANNED:
                if re.search(pattern, line) and not re.search(allowed, path):
                    problem(path, number, f"{re.search(pattern, line).group(0).strip()}: {cure}")


def check_words():
    for path in tracked():
        if path.startswith("tools/tidy.py") or re.search(r"\.(csv|png|avro|parquet)$", path):
            continue
        for number, line in enumerate(read(path).splitlines(), 1):
            found = FORBIDDEN_WORDS.search(line)
            if found:
                problem(path, number, f'"{found.group(0)}": the project names no machine path and no registry host')


def check_map():
    architecture = read("ARCHITECTURE.md") if os.path.exists(os.path.join(ROOT, "ARCHITECTURE.md")) else ""
    if architecture.count("\n") > 300:
        problem("ARCHITECTURE.md", 1, "longer than 300 lines")
    for folder in sorted(os.listdir(SRC)):
        if not os.path.isdir(os.path.join(SRC, folder)):
            continue
        if f"`{folder}`" not in architecture:
            problem("ARCHITECTURE.md", 1, f"src/{folder} is not on the map")
        if not os.path.exists(os.path.join(SRC, folder, "README.md")):
            problem(f"src/{folder}", 1, "has no README.md: one sentence that says its one idea")


def check_links():
    """Relative links of Markdown pages lead somewhere."""
    for path in tracked():
        if not path.endswith(".md"):
            continue
        for number, line in enumerate(read(path).splitlines(), 1):
            for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", line):
                if re.match(r"[a-z]+:", target):
                    continue
                if not os.path.exists(os.path.join(ROOT, os.path.dirname(path), target)):
                    problem(path, number, f"the link {target} leads nowhere")


def check_format():
    files = [p for p in tracked() if re.match(r"(src|fuzz|bench)/.*\.(cc|h)$", p)]
    if subprocess.run(["which", "clang-format-19"], capture_output=True).returncode != 0:
        print("tidy: clang-format-19 is not here, the format is not checked")
        return
    out = subprocess.run(["clang-format-19", "--dry-run", "--ferror-limit=1", *files], cwd=ROOT, capture_output=True, text=True)
    for line in out.stderr.splitlines():
        found = re.match(r"(\S+?):(\d+):\d+: (?:warning|error)", line)
        if found:
            problem(found.group(1), found.group(2), "is not formatted: make format")


def print_outliers():
    longest = sorted(((read(p).count("\n"), p) for p in tracked() if re.match(r"src/.*\.(cc|h)$", p)), reverse=True)[:5]
    print("longest files: " + ", ".join(f"{p} {n}" for n, p in longest))


def main():
    for check in (check_layering, check_sources, check_words, check_map, check_links, check_format):
        check()
    print_outliers()
    for text in problems:
        print(text)
    print(f"tidy: {len(problems)} problem" + ("" if len(problems) == 1 else "s"))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
