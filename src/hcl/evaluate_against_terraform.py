#!/usr/bin/env python3
"""Evaluates generated expressions with hcl_tool and with terraform, and compares values.

    evaluate_against_terraform.py HCL_TOOL [COUNT [SEED]]

Prints passed/total, and the first differences. Each expression stands in try(), so
that mistakes are compared too: both must refuse. Exit 77 (skipped) where there is no
terraform. The seed is printed; equal seeds give equal expressions.
"""
import base64
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

HANDWRITTEN = [
    "1 + 2 * 3", "(1 + 2) * 3", "7 % 3", "-7 % 3", "7 % -3", "5.5 % 2", "1 / 3", "10 / 4", "0 / 0",
    "1 % 0", "2 - 3 - 4", "1 < 2 == true", "!true || true", "true && false || true", "1 == 1.0",
    '"1" == 1', "null == null", "[1] == [1]", "[1] == [2]", "{a = 1} == {a = 1}", '"a" != "b"', "!null",
    "1 + null", '"1" + 1', 'true && "true"', '"a" + 1', "-\"5\"", '!"false"', "1 < \"2\"",
    "0.1 + 0.2", "1e3", "1.50", "100000000000000000000 + 1", "9007199254740993", "1 / 7 * 7",
    "0.1 * 3", "123456789 * 987654321 * 123456789", "1e-10 + 1", "2.5e2",
    'true ? 1 : "a"', "true ? [1] : [1, 2]", "true ? {a = 1} : {b = 1}", "true ? null : 1",
    "false ? 1 : null", "null ? 1 : 2", '"x" ? 1 : 2', '"true" ? 1 : 2', "true ? [] : [1]",
    "true ? {} : {a = 1}", 'true ? ["a"] : [1]', "true ? 1 : [1]", "false ? 1 : {a = 1}.b",
    "true ? {a = 1, b = \"x\"} : {a = 2, b = 3}",
    '"a${1}b"', '"${1}"', '"${true}x"', '"${null}"', '"${[1]}"', '"x${[1]}"', '"${"${1}"}"',
    '"%{ if true }a%{ else }b%{ endif }"', '"%{ for x in [1, 2] }${x},%{ endfor }"',
    '"%{ for i, x in ["a", "b"] }${i}${x}%{ endfor }"', '" ${~ 1 ~} "', '"a %{~ if true ~} b %{~ endif ~} c"',
    '"\\u00e9\\n\\t\\"\\\\$${x}%%{y}"', '"e\\u0301"',
    "[for x in [1, 2, 3] : x * 2 if x > 1]", "{for k, v in {a = 1, b = 2} : v => k}",
    "{for x in [1, 2, 1] : x => x...}", "{for x in [1, 1] : x => x}", "[for k, v in {b = 1, a = 2} : k]",
    "[for x in null : x]", "[for x in 1 : x]", '[for x in "abc" : x]', "{for x in [1] : null => x}",
    "[for x in [1, 2] : x if null]", '[for x in [1, 2] : x if "no"]', "[for i, x in [5, 6] : i]",
    "[{a = 1}, {a = 2}][*].a", "[{a = 1}, {a = 2}].*.a", "null[*]", "5[*]", "{a = 1}[*].a", "[[1], [2]][*][0]",
    "[{a = [{b = 1}]}][*].a[*].b", "[][*].a", "[{a = 1}, {}][*].a",
    "[1, 2][0]", "[1, 2][2]", "[1, 2][-1]", "[1, 2][0.5]", '[1, 2]["1"]', '[1, 2]["a"]', "[1][null]", "null[0]",
    "[][0]", "{a = 1}.a", "{a = 1}[\"a\"]", "{a = 1}.b", "{a = 1}[1]", '{"1" = 2}[1]', "1[0]", '"abc"[0]', "null.a",
    "1.a", "[{a = 1}].a", "[5, 6].0",
    "{(1) = 2}", "{(null) = 2}", "{([1]) = 2}", "{true = 1}", "{null = 1}", '{"a b" = 1}', '{"${"a"}b" = 1}',
    "{a = 1, a = 2}", "{(\"x\") : 1}",
    "[1, \"a\", true, null, [], {}]", "[1,]", "[\n1\n,\n2\n]", "{a = 1\nb = 2}",
    "(1\n+\n2)", "1 > 2 ? 3 : 4 > 5 ? 6 : 7",
]


class Generator:
    """Expressions that mostly have the type that is asked for."""

    def __init__(self, rng):
        self.rng = rng
        self.names = []

    def make(self, kind, depth):
        if self.rng.random() < 0.04:
            kind = self.rng.choice(["number", "bool", "string", "list", "object", "null"])
        if self.names and self.rng.random() < 0.2:
            return self.rng.choice(self.names)
        if depth <= 0:
            return self.leaf(kind)
        choices = {
            "number": [self.arithmetic, self.leaf, self.conditional, self.index, self.negation],
            "bool": [self.comparison, self.logic, self.leaf, self.conditional],
            "string": [self.template, self.leaf, self.conditional, self.index],
            "list": [self.tuple, self.for_tuple, self.splat, self.conditional],
            "object": [self.object, self.for_object, self.conditional],
            "null": [self.leaf],
        }[kind]
        return self.rng.choice(choices)(kind, depth - 1)

    def leaf(self, kind, depth=0):
        r = self.rng
        return {
            "number": lambda: r.choice(["0", "1", "2", "10", "0.5", "1.25", "3", "100", "1e2", "0.1", "7"]),
            "bool": lambda: r.choice(["true", "false"]),
            "string": lambda: r.choice(['"a"', '"b"', '""', '"1"', '"true"', '"é x"', '"a.b"', '"$${"']),
            "list": lambda: r.choice(["[]", "[1, 2]", '["a", "b"]', "[true]", "[1, \"a\"]", "[[1], [2]]"]),
            "object": lambda: r.choice(["{}", "{a = 1}", '{a = 1, b = "x"}', '{"c d" = true}', "{a = {b = 2}}"]),
            "null": lambda: "null",
        }[kind]()

    def arithmetic(self, kind, depth):
        op = self.rng.choice(["+", "-", "*", "/", "%"])
        return f"({self.make('number', depth)} {op} {self.make('number', depth)})"

    def negation(self, kind, depth):
        return "-" + self.leaf("number") if self.rng.random() < 0.5 else f"-({self.make('number', depth)})"

    def comparison(self, kind, depth):
        if self.rng.random() < 0.4:
            k = self.rng.choice(["number", "string", "bool", "list", "object"])
            return f"({self.make(k, depth)} {self.rng.choice(['==', '!='])} {self.make(k, depth)})"
        op = self.rng.choice(["<", "<=", ">", ">="])
        return f"({self.make('number', depth)} {op} {self.make('number', depth)})"

    def logic(self, kind, depth):
        if self.rng.random() < 0.2:
            return f"!{self.make('bool', depth)}"
        return f"({self.make('bool', depth)} {self.rng.choice(['&&', '||'])} {self.make('bool', depth)})"

    def conditional(self, kind, depth):
        other = "null" if self.rng.random() < 0.1 else kind
        return f"({self.make('bool', depth)} ? {self.make(kind, depth)} : {self.make(other, depth)})"

    def index(self, kind, depth):
        if self.rng.random() < 0.5:
            items = ", ".join(self.make(kind, depth) for _ in range(self.rng.randint(1, 3)))
            return f"[{items}][{self.rng.choice(['0', '1', self.make('number', 0)])}]"
        key = self.rng.choice(["a", "b"])
        return "{" + f"a = {self.make(kind, depth)}, b = {self.make(kind, depth)}" + "}" + self.rng.choice(
            [f".{key}", f'["{key}"]', f"[{self.make('string', 0)}]"])

    def template(self, kind, depth):
        parts = []
        for _ in range(self.rng.randint(1, 3)):
            k = self.rng.choice(["string", "number", "bool"])
            parts.append(self.rng.choice([
                " x ", "é", "\\n", "$ ", "% ",
                "${" + self.make(k, depth) + "}",
                "${~ " + self.make(k, depth) + " ~}",
                "%{ if " + self.make("bool", depth) + " }y%{ else }z%{ endif }",
                "%{ for q in " + self.make("list", depth) + " }<${q}>%{ endfor }"]))
        return '"' + "".join(parts) + '"'

    def tuple(self, kind, depth):
        kinds = ["number", "string", "bool", "list", "object", "null"]
        k = self.rng.choice(kinds)
        return "[" + ", ".join(self.make(k if self.rng.random() < 0.8 else self.rng.choice(kinds), depth)
                               for _ in range(self.rng.randint(0, 3))) + "]"

    def object(self, kind, depth):
        items = []
        for _ in range(self.rng.randint(0, 3)):
            key = self.rng.choice(["a", "b", "c", '"d e"', "(" + self.make("string", 0) + ")"])
            items.append(f"{key} = " + self.make(self.rng.choice(["number", "string", "bool", "list"]), depth))
        return "{" + ", ".join(items) + "}"

    def with_names(self, names, make):
        self.names += names
        text = make()
        del self.names[-len(names):]
        return text

    def for_tuple(self, kind, depth):
        source = self.make(self.rng.choice(["list", "list", "object"]), depth)
        k = self.rng.choice(["number", "string", "bool", "list"])
        body = self.with_names(["k", "v"], lambda: self.make(k, depth) + (
            " if " + self.make("bool", depth) if self.rng.random() < 0.3 else ""))
        return f"[for k, v in {source} : {body}]"

    def for_object(self, kind, depth):
        source = self.make(self.rng.choice(["list", "object"]), depth)
        body = self.with_names(["k", "v"], lambda: self.rng.choice(["k", "v", '"${k}x"', self.make("string", 0)]) +
                               " => " + self.make("number", depth) + self.rng.choice(["", "", "..."]))
        return "{" + f"for k, v in {source} : {body}" + "}"

    def splat(self, kind, depth):
        if self.rng.random() < 0.5:
            items = ", ".join("{a = " + self.make("number", depth) + "}" for _ in range(self.rng.randint(0, 3)))
            return f"[{items}]" + self.rng.choice(["[*].a", ".*.a"])
        return self.make(self.rng.choice(["list", "object", "null", "number"]), depth) + "[*]"


def near(a, b):
    """Equal, but for the last digits of a fraction: JSON readers keep 53 bits."""
    if isinstance(a, float) or isinstance(b, float):
        return isinstance(a, (int, float)) and isinstance(b, (int, float)) and abs(a - b) <= 1e-12 * max(1, abs(a))
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(near(x, y) for x, y in zip(a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(near(a[k], b[k]) for k in a)
    return a == b and type(a) == type(b)


def main():
    tool = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1500
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 20260101
    terraform = shutil.which("terraform")
    if terraform is None:
        print("skipped: there is no terraform on this machine")
        return 77
    print(f"seed {seed}")
    rng = random.Random(seed)
    expressions = [text.replace("\n", " \n ") for text in HANDWRITTEN]
    while len(expressions) < count:
        kind = rng.choice(["number", "bool", "string", "list", "object"])
        expressions.append(Generator(rng).make(kind, rng.randint(1, 4)))
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "main.tf"), "w", encoding="utf-8") as out:
            out.write("locals {\n  results = [\n")
            for text in expressions:
                out.write(f"    try(jsonencode({text}), \"refused\"),\n")
            out.write("  ]\n}\n")
        empty = os.path.join(folder, "empty.rc")
        open(empty, "w").close()
        env = dict(os.environ, TF_CLI_CONFIG_FILE=empty, CHECKPOINT_DISABLE="1")
        run = subprocess.run([terraform, "console", "-no-color"], cwd=folder, env=env, capture_output=True,
                             text=True, input="base64encode(jsonencode(local.results))\n")
        if run.returncode != 0 or not run.stdout.startswith('"'):
            print(run.stdout, run.stderr)
            return 1
        theirs = json.loads(base64.b64decode(run.stdout.strip().strip('"')))
    # A line cannot hold a newline: expressions in parentheses do not mind.
    lines = "".join(text.replace("\n", "\\\n") + "\n" for text in expressions)
    run = subprocess.run([tool, "eval"], capture_output=True, text=True, input=lines)
    ours = run.stdout.split("\n")
    passed, shown, refused, newer = 0, 0, 0, 0
    for text, want, got in zip(expressions, theirs, ours):
        if want == "refused":
            refused += 1
            same = got.startswith("error ") or "Inf" in got  # JSON has no infinity.
            # Since HCL 2.24, which OpenTofu has and terraform 1.11 has not, one side may
            # decide && and || alone, whatever is wrong with the other.
            if not same and ("&&" in text or "||" in text):
                newer += 1
                same = True
        else:
            try:
                same = near(json.loads(want), json.loads(got))
            except ValueError:
                same = False
        if same:
            passed += 1
            continue
        shown += 1
        if shown <= 10:
            print(f"--- {text}\n    terraform: {want}\n    ours:      {got}")
    print(f"{passed}/{len(expressions)} evaluated as terraform does ({refused} refused by it, "
          f"{newer} of them decided by one side of && or || here)")
    return 0 if passed == len(expressions) else 1


if __name__ == "__main__":
    sys.exit(main())
