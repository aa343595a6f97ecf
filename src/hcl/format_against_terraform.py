#!/usr/bin/env python3
"""Formats generated files with hcl_tool and with `terraform fmt`, and compares bytes.

    format_against_terraform.py HCL_TOOL [COUNT [SEED]]

Prints passed/total, and the first differences. Files that terraform refuses must
be refused by hcl_tool too, and the other way round. Exit 77 (skipped) where there
is no terraform. The seed is printed; equal seeds give equal files.
"""
import difflib
import os
import random
import shutil
import subprocess
import sys
import tempfile

HANDWRITTEN = [
    "",
    "\n\n\n",
    "a=1",
    "a=1\nbb  =   2\nccc=3 # c\ndddd = 4 # d\n",
    "a = 1 # one\n# between\nb = 2 # two\n\nc = 3 # three\n",
    "a = [\n1,\n2,\n3\n]\n",
    "a = [1,\n2,\n   3]\n",
    "a = { b=1\n c = 2 }\n",
    "a = {\n b = 1, c = 2\n  ddd = 3\n}\n",
    "a = foo(bar({\n x = 1\n}))\n",
    "a = foo(bar({\n x = 1\n}),\n{\ny = 2\n}\n)\n",
    "a \"b\"   \"c\"{\nd=1\n}\n",
    "a b c {\n}\n",
    "a {\nb {\nc {\nd = 1\n}\n}\n}\n",
    "a {}\nb { }\nc {x=1}\n",
    "a=-1\nb = 1-1\nc = 1 - -1\nd = !true\ne=!  true\nf = (-1)\ng=[-1,- 2]\n",
    "a = x?y:z\nb = x  ?  -y : -z\n",
    "a=[for x in[1,2]:x]\nb={for k,v in{}:k=>v...if v}\n",
    "a = foo [0]\nb = foo . bar\nc = foo[ 0 ] [1]\nd = foo.*.bar\ne = foo[*] . bar\n",
    "a = \"${ b }\"\nc = \"x${b}y\"\nd = \"${b}${c}\"\ne = \"%{ if a }b%{ endif }\"\n",
    "a = \"${b}\"\na2 = \"${ {x=1} }\"\na3=\"${[1]}\"\n",
    "a = \"${foo(\"${b}\")}\"\n",
    "a = \"${\n  b\n}\"\n",
    "a = \"${\n  b ?\n c : d\n}\"\n",
    "a = <<EOT\n  x\n ${ y }\n  EOT\nb=1\n",
    "a = <<-EOT\n  x\n ${ y }\n  EOT\nb=1\n",
    "a = [<<EOT\nx\nEOT\n,<<EOT\ny\nEOT\n]\n",
    "a = foo(<<EOT\nx\nEOT\n, 1)\n",
    "a = {\n b = <<EOT\n x\nEOT\n c = 1 # x\n}\n",
    "aaaaaa = <<EOT\n x\nEOT\nc = 1 # x\nd = 2\n",
    "/* x */ a = 1\nb = /* y */ 2\nc = 3 /* z */\n",
    "// c\na = 1 // d\n\n\n# e\n",
    "a = 1 # no newline",
    "a = 1 /* no newline */",
    "a = \"é\" # x\nbbb = \"日本\" # y\nñ = 1\n",
    "variable \"x\" {\n type = \"string\"\n default=\"\"\n}\n",
    "variable \"x\" {\n type = \"list\"\n}\nvariable y {\n type = list\n}\nvariable z {\n type = \"map\"\n}\n",
    "variable \"x\" {\n type = set\n validation {\n type = \"list\"\n }\n}\n",
    "variable \"x\" {\n type = \"any\"\n}\nvariable \"y\" {\n type = \"${list}\"\n}\n",
    "resource aws_x y {\n a = 1\n}\n",
    "resource \"a\\tb\" \"c\" {\n}\n",
    "resource /* x */ \"a\" /* y */ \"b\" /* z */ {\n}\n",
    "resource \"a\" \"b\" { # comment\n}\n",
    "a = provider::x::y(1)\nb = provider :: x :: y ( 1 )\n",
    "a = foo(a...)\nb = foo(a ...)\n",
    "a = b == c\nd = b!=c\ne = b&&c||d\nf = a<=b\ng=a>b\n",
    "a = b ? {\n c = 1\n} : {\n d = 2\n}\n",
    "a = (b\n+ c\n)\n",
    "a {\n  b = 1\n\n\n\n  c = 2\n}\n\n\n\n",
    "a {\n\n  b = 1\n\n}\n",
    "a = 1\r\nbb = 2\r\n",
    "a = <<EOT\r\nx\r\nEOT\r\nb = 1\r\n",
    "\ta = 1\n\tb {\n\t\tc = 2\n\t}\n",
    "a = [\n  # c\n  1, # one\n  22, # two\n\n  3, # three\n]\n",
    "a = {\n  # c\n  b = 1, # one\n  ccc = 22, # two\n}\n",
    "a = {\n  \"b\" = 1\n  (c) = 2\n  d.e = 3\n  f : 4\n  g: 5\n}\n",
    "a = [[\n1,\n],[\n2\n]]\n",
    "a = [{\nb = 1\n},{\nc = 2\n}]\n",
    "a = foo(\n1,\n2\n).bar[\n0\n]\n",
    "locals {\n a = {\n  b = { c = 1, d = 2 }\n  eee = { f = 1 }\n }\n}\n",
    "a = 1 b = 2\n",
    "a = \n",
    "a {\n",
    "a = \"x\n",
    "a = [1 2]\n",
    "a = 'x'\n",
    "}\n",
    "a = \"$${b}\" \nc = \"%%{d}\"\n",
    "a = \"$\" \nb = \"%\"\nc = \"$$\"\nd = \"$ {\"\n",
    "a = \"~${~ b ~}~\"\n",
    "a = \"%{ for x in y ~}\n${x}%{ endfor }\"\n",
    "a = <<EOT\n%{ for x in y ~}\n${x}\n%{ endfor ~}\nEOT\n",
    "a = in[0]\nb = [for in in in : in]\n",
    "a = b[c[d]]\ne = b[\"x\"]\nf = (b)[0]\ng = {}[0]\nh = 1[0]\ni = \"x\" [0]\nj = [] [0]\n",
    "a = 1.5e10\nb = 0.0\nc = 1e-5\n",
]

NAMES = ["a", "bb", "ccc", "name", "some_name", "x-y", "é", "for_each", "type", "in", "if"]
BLOCKS = ["resource", "variable", "locals", "dataset", "dynamic", "x"]


class Generator:
    def __init__(self, rng):
        self.rng = rng
        self.depth = 0

    def pick(self, *choices):
        return self.rng.choice(choices)

    def chance(self, p):
        return self.rng.random() < p

    def space(self):
        """White space where any is allowed."""
        return self.pick("", "", " ", " ", "  ", "\t") if self.chance(0.9) else "/* c */"

    def lines(self):
        """White space between brackets, where newlines are allowed too."""
        return self.pick("", "", " ", "\n", "\n  ", " # note\n", "\n\n") if self.chance(0.5) else ""

    def name(self):
        return self.rng.choice(NAMES[:-2] if self.chance(0.95) else NAMES)

    def string(self):
        parts = []
        for _ in range(self.rng.randint(0, 3)):
            parts.append(self.pick("text", " ", "é", "\\n", "$${", "%", "$", "a b  c", "日本", "\\\"",
                                   "${" + self.space() + self.nested() + self.space() + "}",
                                   "${~" + self.nested() + " ~}",
                                   "%{ if " + self.nested() + " }x%{ else }y%{endif}"))
        return '"' + "".join(parts) + '"'

    def heredoc(self):
        flush = self.pick("", "-")
        body = "".join(self.pick("  text\n", "text $x\n", "\n", "    ${" + self.nested() + "} z\n",
                                 "\ttab\n", "%{ if a }\nb\n%{ endif }\n")
                       for _ in range(self.rng.randint(0, 3)))
        return "<<" + flush + "EOT\n" + body + self.pick("", "  ") + "EOT\n"

    def nested(self):
        self.depth += 1
        text = self.expression() if self.depth < 5 else self.pick("1", "x", "true")
        self.depth -= 1
        return text

    def items(self, make, open_, close):
        n = self.rng.randint(0, 4)
        out = [open_, self.lines()]
        for i in range(n):
            out += [make(), self.lines()]
            if i + 1 < n or self.chance(0.3):
                out += [",", self.lines()]
        return "".join(out) + close

    def pair(self):
        key = self.pick(self.name(), self.string(), "(" + self.nested() + ")")
        return key + self.space() + self.pick("=", "=", "=", ":") + self.space() + self.nested()

    def object(self):
        n = self.rng.randint(0, 4)
        out = ["{", self.pick("", " ", "\n", "\n  ", " # c\n")]
        for _ in range(n):
            out += [self.space(), self.pair(), self.space(),
                    self.pick("\n", "\n", ",", ",\n", " # c\n", ", # d\n", "\n\n")]
        return "".join(out) + self.space() + "}"

    def expression(self):
        s = self.space
        kind = self.rng.randint(0, 22)
        if kind < 3:
            return self.pick("1", "0.5", "1e5", "true", "null", "42")
        if kind < 6:
            return self.pick("var.x", "local.name", "x", "a.b[0].c", "a [0]", "a.b . c", "each.value",
                             "a[*].b", "a.*.b", "data.x.y[count.index]", "a[(" + self.nested() + ")]")
        if kind < 9:
            return self.string()
        if kind < 11:
            return self.items(self.nested, "[", "]")
        if kind < 13:
            return self.object()
        if kind < 15:
            return self.pick("f", "join", "provider::a::b") + self.items(self.nested, "(", ")")
        if kind == 15:
            op = self.pick("+", "-", "*", "/", "%", "==", "!=", "<", ">=", "&&", "||")
            return self.nested() + s() + op + s() + self.nested()
        if kind == 16:
            return self.nested() + s() + "?" + s() + self.nested() + s() + ":" + s() + self.nested()
        if kind == 17:
            return self.pick("-", "!", "- ", "! ") + self.nested()
        if kind == 18:
            return "(" + self.lines() + self.nested() + self.lines() + ")"
        if kind == 19:
            return ("[" + self.lines() + "for x in " + self.nested() + s() + ":" + s() + self.nested() +
                    self.pick("", " if " + self.nested()) + self.lines() + "]")
        if kind == 20:
            return ("{" + self.lines() + "for k, v in " + self.nested() + s() + ":" + s() +
                    self.nested() + s() + "=>" + s() + self.nested() + self.pick("", "...") +
                    self.lines() + "}")
        if kind == 21:
            return '"${' + s() + self.nested() + s() + '}"'
        return self.nested()

    def attribute(self):
        value = self.heredoc() if self.chance(0.06) else None
        head = self.space() + self.name() + str(self.rng.randint(0, 99)) + self.space() + "=" + self.space()
        if value is not None:
            return head + value
        return head + self.expression() + self.pick("", "", "", " ", " # c", "// d", "  # ee") + "\n"

    def label(self):
        return self.pick('"x"', '"some name"', "bare", '"a\\"b"', '""')  # terraform loses labels with $${

    def block(self):
        head = self.rng.choice(BLOCKS) + " " + self.space().replace("/* c */", "")
        head += "".join(self.label() + self.pick(" ", "  ", "\t") for _ in range(self.rng.randint(0, 2)))
        if self.chance(0.1):
            return self.space() + head + "{" + self.space() + "}\n"
        if self.chance(0.1):
            return self.space() + head + "{" + self.space() + "q = " + self.pick("1", "x.y", '"s"') + " }\n"
        self.depth += 1
        body = self.body(3 if self.depth < 4 else 0)
        self.depth -= 1
        return (self.space() + head + "{" + self.pick("", " ", " # c") + "\n" + body + self.space() + "}" +
                self.pick("", "  ", " # e") + "\n")

    def body(self, blocks):
        out = []
        if self.chance(0.1):
            out.append('  type = ' + self.pick('"string"', '"list"', "list", '"map"', "set(string)", "map") + "\n")
        for _ in range(self.rng.randint(0, 6)):
            r = self.rng.random()
            if r < 0.6:
                out.append(self.attribute())
            elif r < 0.75:
                out.append(self.pick("\n", "\n\n", "# comment\n", "   // c\n", "/* m\n  n */\n"))
            elif blocks:
                out.append(self.block())
        return "".join(out)

    def file(self):
        text = self.body(3)
        if self.chance(0.05):
            text = text.replace("\n", "\r\n")
        if self.chance(0.05):
            text = text.rstrip("\n")
        return text


def mutate(rng, text):
    """Doubles, drops or swaps white space; sometimes breaks the file."""
    text = list(text)
    for _ in range(rng.randint(1, 6)):
        if not text:
            break
        i = rng.randrange(len(text))
        if text[i] in " \t":
            text[i] = rng.choice(["", "  ", "\t", " "])
        elif rng.random() < 0.15:
            text[i] = rng.choice(["", " ", "\n", text[i] * 2, rng.choice('{}[]()"=,#$')])
    return "".join(text)


def main():
    tool = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 20260101
    terraform = shutil.which("terraform")
    if terraform is None:
        print("skipped: there is no terraform on this machine")
        return 77
    print(f"seed {seed}")
    rng = random.Random(seed)
    files = list(HANDWRITTEN)
    while len(files) < count:
        text = Generator(rng).file()
        files.append(text if rng.random() < 0.8 else mutate(rng, text))
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for who in ("ours", "theirs"):
            os.mkdir(os.path.join(folder, who))
            paths[who] = [os.path.join(folder, who, f"{i:05}.tf") for i in range(len(files))]
            for path, text in zip(paths[who], files):
                with open(path, "w", encoding="utf-8", newline="") as out:
                    out.write(text)
        empty = os.path.join(folder, "empty.rc")
        open(empty, "w").close()
        env = dict(os.environ, TF_CLI_CONFIG_FILE=empty, CHECKPOINT_DISABLE="1")
        theirs = subprocess.run([terraform, "fmt", "-no-color", "-list=false", os.path.join(folder, "theirs")],
                                env=env, capture_output=True, text=True)
        refused_theirs = {i for i in range(len(files)) if f"{i:05}.tf line" in theirs.stderr}
        ours = subprocess.run([tool, "format", "-terraform"] + paths["ours"], capture_output=True, text=True)
        refused_ours = {i for i in range(len(files)) if f"{i:05}.tf: refused" in ours.stdout}
        passed, shown = 0, 0
        for i, text in enumerate(files):
            want = open(paths["theirs"][i], encoding="utf-8", newline="").read()
            got = open(paths["ours"][i], encoding="utf-8", newline="").read()
            if (i in refused_theirs) == (i in refused_ours) and want == got:
                passed += 1
                continue
            shown += 1
            if shown <= 5:
                print(f"--- case {i}: refused by terraform: {i in refused_theirs}, by us: {i in refused_ours}")
                print("".join(difflib.unified_diff(want.splitlines(True), got.splitlines(True),
                                                   "terraform", "ours", n=1)))
        print(f"{passed}/{len(files)} formatted as terraform does ({len(refused_theirs)} refused by both)")
        return 0 if passed == len(files) else 1


if __name__ == "__main__":
    sys.exit(main())
