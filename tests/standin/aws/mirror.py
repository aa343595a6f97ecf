#!/usr/bin/env python3
"""Makes a filesystem mirror with a stand-in for the provider hashicorp/aws, and a CLI configuration
that names it and the providers that the tests have for real.

usage: mirror.py STANDIN FOLDER    (writes FOLDER/mirror and FOLDER/cli.tfrc)

Its types are those of schemas.txt. It keeps nothing: what it made is in the state, and there it is
found when it is read.
"""

import json
import os
import platform
import re
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
PLATFORM = "linux_arm64" if platform.machine() == "aarch64" else "linux_amd64"
AWS_VERSION = "5.100.0"
REAL = {"random": "3.7.2", "local": "2.5.3", "time": "0.13.1"}


def type_of(text):
    inner = re.fullmatch(r"(\w+)\((.*)\)", text)
    return [inner.group(1), type_of(inner.group(2))] if inner else text


def attribute(words):
    kind, flags = words[1], words[2]
    out = {"type": type_of(kind)}
    for letter, member in (("r", "required"), ("o", "optional"), ("c", "computed"), ("s", "sensitive")):
        if letter in flags:
            out[member] = True
    return out


def object_type(block):
    """Of what is written as blocks or as a value: the SDK calls it an attribute."""
    return ["object", {name: a["type"] for name, a in block["attributes"].items()}]


def read_facts(line, name, facts):
    for word in ("default", "read", "made", "copies"):
        found = re.search(rf"\s{word}=(.*)$", line)
        if not found:
            continue
        text = found.group(1).strip()
        if word == "copies":
            facts["copies"][name] = text
        elif word == "made":
            facts["computed"][name] = json.loads(text) if text.startswith("[") else text
        else:
            facts["defaults" if word == "default" else "read"][name] = json.loads(text)


def read_block(lines, facts=None):
    block = {"attributes": {}, "block_types": {}}
    while lines:
        line = lines.pop(0)
        words = line.split()
        if words == ["}"]:
            break
        if words[-1] == "{":
            as_attribute = words[0] == "attr"
            name, kind = words[as_attribute], words[as_attribute + 1]
            mode = re.fullmatch(r"(list|set)(\d*)", kind)
            inner = read_block(lines)
            if as_attribute:
                block["attributes"][name] = {"type": [mode.group(1), object_type(inner)], "optional": True, "computed": True}
            else:
                block["block_types"][name] = {"nesting_mode": mode.group(1), "block": inner}
                if mode.group(2):
                    block["block_types"][name]["max_items"] = int(mode.group(2))
            continue
        block["attributes"][words[0]] = attribute(words)
        if facts is not None:
            if "n" in words[2]:
                facts["requires_replace"].append(words[0])
            read_facts(line, words[0], facts)
    return block


def script():
    with open(os.path.join(HERE, "schemas.txt"), encoding="utf-8") as f:
        text = re.sub(r"^#.*\n", "", f.read(), flags=re.MULTILINE)
    schema = {"provider": {}, "resource_schemas": {}, "data_source_schemas": {}}
    all_facts = {}
    for part in filter(None, (p.strip() for p in re.split(r"\n\n+", text))):
        head, *lines = part.split("\n")
        kind, _, name = head.partition(" ")
        facts = {"requires_replace": [], "computed": {}, "defaults": {}, "read": {}, "copies": {}}
        block = read_block(lines, facts)
        if kind == "provider":
            schema["provider"] = {"version": 0, "block": block}
        else:
            schema["resource_schemas" if kind == "resource" else "data_source_schemas"][name] = {"version": 0, "block": block}
            all_facts[name] = facts
    return {"protocol": 5, "schema": schema, "facts": all_facts, "legacy_type_system": True, "region": "us-east-1"}


def package(folder, name, version):
    to = os.path.join(folder, "mirror", "registry.opentofu.org", "hashicorp", name, version, PLATFORM)
    os.makedirs(to, exist_ok=True)
    return os.path.join(to, f"terraform-provider-{name}_v{version}")


def main():
    standin, folder = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    os.makedirs(folder, exist_ok=True)
    data = os.path.join(folder, "aws.json")
    with open(data, "w", encoding="utf-8") as f:
        json.dump(script(), f)
    program = package(folder, "aws", AWS_VERSION)
    with open(program, "w", encoding="utf-8") as f:
        f.write(f'#!/bin/sh\nexec "{standin}" "{data}"\n')
    os.chmod(program, 0o755)
    for name, version in REAL.items():
        real = os.path.join(ROOT, "build/deps/providers", "terraform-provider-" + name)
        if os.path.exists(real):
            shutil.copy(real, package(folder, name, version))
    with open(os.path.join(folder, "cli.tfrc"), "w", encoding="utf-8") as f:
        f.write('provider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n' % os.path.join(folder, "mirror"))


if __name__ == "__main__":
    main()
