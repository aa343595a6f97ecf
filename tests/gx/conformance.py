#!/usr/bin/env python3
"""Great Expectations' own test cases through `andon check -suite`, on Parquet, SQLite and PostgreSQL.

usage: conformance.py --andon BINARY [--cases DIR] [--engine NAME]... [-v] [FILTER]

The cases stand in $ANDON_SHARED_DIR/conformance/gx (or ../shared beside the repository); without
them the test is skipped. `success` is compared always, and whatever else a case names. Where the
case and what today's release returns on pandas disagree, the release is right.

Prints passed of total for each expectation, each skip with its reason, and fails on a case that
fails and does not stand in known_gaps.list, or that stands there and passes.
"""

import argparse
import collections
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, "tests", "servers")]
import compare  # noqa: E402
import server  # noqa: E402

SKIPPED = 77
OURS = {"parquet": "pandas", "sqlite": "sqlite", "postgresql": "postgresql"}
# Words of `only_for` and `suppress_test_for` that mean an engine of ours.
WORDS = {
    "parquet": {"pandas", "sqlite", "postgresql", "sqlalchemy"},
    "sqlite": {"sqlite", "sqlalchemy"},
    "postgresql": {"postgresql", "sqlalchemy"},
}
NO_ORDER = ("expect_column_values_to_be_increasing", "expect_column_values_to_be_decreasing")
EXPECTATION_PARAMETERS = ("column", "column_A", "column_B")


def with_pyarrow():
    """Goes on in an interpreter that can write Parquet."""
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        for name in ("venv", "gx"):
            python = os.path.join(ROOT, "build", "deps", name, "bin", "python")
            if os.path.exists(python) and sys.executable != python and not os.environ.get("ANDON_REEXEC"):
                os.environ["ANDON_REEXEC"] = "1"
                os.execv(python, [python, *sys.argv])
        print("skipped: no Python with pyarrow; tools/setup test installs one")
        sys.exit(SKIPPED)


# --- Data.


def parse_time(text):
    from dateutil import parser
    return parser.parse(text)


def kinds(values):
    return {type(v) for v in values if v is not None}


def is_mixed(values):
    found = kinds(values)
    return len(found) > 1 and found != {int, float}


def schemas_of(data):
    """{engine: {column: type}}; a case or two has one flat list, for Spark."""
    return {engine: types for engine, types in (data.get("schemas") or {}).items() if isinstance(types, dict)}


def is_time(data, column):
    """Some engine's schema says that the column holds times."""
    for types in schemas_of(data).values():
        if re.search(r"date|timestamp", str(types.get(column, "")), re.I):
            return True
    return False


def typed(data):
    """Columns as Python values of one kind; the names of those that pandas holds as mixed objects."""
    columns, mixed = {}, set()
    for name, values in data["data"].items():
        if is_mixed(values):
            mixed.add(name)
            values = [None if v is None else str(v) for v in values]
        elif is_time(data, name) and kinds(values) == {str}:
            values = [None if v is None else parse_time(v) for v in values]
        columns[name] = values
    # The type that the case wants, where it is another than the values'.
    wanted = schemas_of(data).get("pandas") or {}
    for name, values in columns.items():
        if str(wanted.get(name, "")).startswith(("str", "object")) and kinds(values) == set():
            columns[name] = ("text", values)
    return columns, mixed


def values_of(column):
    return column[1] if isinstance(column, tuple) else column


def write_parquet(path, columns):
    import pyarrow as pa
    import pyarrow.parquet as pq
    arrays = {}
    for name, column in columns.items():
        values = values_of(column)
        if kinds(values) == {int, float}:
            values = [None if v is None else float(v) for v in values]
        arrays[name] = pa.array(values, type=pa.string() if isinstance(column, tuple) else None)
    pq.write_table(pa.table(arrays), path)


def sql_type(engine, schemas, name, values):
    said = (schemas or {}).get(name)
    if said:
        return said.replace("DOUBLE_PRECISION", "DOUBLE PRECISION")
    found = kinds(values)
    if found == {bool}:
        return "BOOLEAN"
    if found == {int}:
        wide = any(v is not None and abs(v) > 2**31 - 1 for v in values)
        return "BIGINT" if engine == "postgresql" and wide else "INTEGER"
    if found and found <= {int, float}:
        return "FLOAT" if engine == "sqlite" else "DOUBLE PRECISION"
    if found and str not in found:
        return "DATETIME" if engine == "sqlite" else "TIMESTAMP"
    return "VARCHAR" if engine == "sqlite" else "TEXT"


def literal(engine, value):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(int(value)) if engine == "sqlite" else str(value).upper()
    if isinstance(value, (int, float)):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def sql_of(engine, table, columns, schemas):
    yield f"DROP TABLE IF EXISTS {quoted(table)}"
    types = ", ".join(f"{quoted(n)} {sql_type(engine, schemas, n, values_of(c))}" for n, c in columns.items())
    yield f"CREATE TABLE {quoted(table)} ({types})"
    lists = [values_of(c) for c in columns.values()]
    for row in zip(*lists):
        yield f"INSERT INTO {quoted(table)} VALUES ({', '.join(literal(engine, v) for v in row)})"


# --- Cases.


class Case:
    def __init__(self, kind, dataset, index, test, data):
        self.kind, self.test, self.data = kind, test, data
        self.id = f"{dataset}/{test['title']}"
        self.index = index
        self.gx = test.get("gx_1_24_pandas")

    def columns(self):
        kwargs = self.test["in"]
        names = [kwargs[p] for p in EXPECTATION_PARAMETERS if isinstance(kwargs.get(p), str)]
        names += [c for c in kwargs.get("column_list") or [] if isinstance(c, str)]
        condition = str(kwargs.get("row_condition") or "")
        names += [c for c in self.data["data"] if re.search(rf"\b{re.escape(c)}\b", condition)]
        return set(names)

    def skip(self, engine, mixed):
        """Why it is none of this engine's cases, or None."""
        for source in (self.test, self.data):
            only = source.get("only_for")
            # The names of types are each engine's own.
            words = {"pandas"} if engine == "parquet" and "type" in self.kind else WORDS[engine]
            if only and not words & set(only):
                return "only for " + ", ".join(only)
        if self.kind in NO_ORDER and engine != "parquet":
            return "rows of a table have no order; the reference has it on pandas alone"
        if self.kind == "expect_table_row_count_to_equal_other_table" and engine == "parquet":
            return "a file has no tables beside it"
        touched = self.columns() & mixed
        if touched:
            return f"rests on an object column of mixed type: {', '.join(sorted(touched))}"
        return None


def load(directory, pattern):
    cases = []
    for name in sorted(os.listdir(directory)):
        with open(os.path.join(directory, name), encoding="utf-8") as f:
            content = json.load(f)
        for index, dataset in enumerate(content["datasets"]):
            several = isinstance(dataset["data"], list)
            parts = dataset["data"] if several else [dataset]
            for at, test in enumerate(dataset["tests"]):
                case = Case(content["expectation_type"], name.removesuffix(".json") + f"#{index + 1}", at, test,
                            {**dataset, **parts[0]} if several else dataset)
                case.others = parts[1:]
                if pattern in case.id:
                    cases.append(case)
    return cases


# --- What is expected.


def wants_exception(case, gx):
    if gx and "refused" in gx:
        return True
    if gx:
        return gx["raised_exception"]
    return bool(case.test.get("error")) or "traceback_substring" in case.test["out"]


def positions(items):
    """Row positions of an index list, in either form."""
    out = []
    for item in items or []:
        position = item.get("pk_index") if isinstance(item, dict) else item
        if position is None:
            return None
        out.append(position)
    return out


def expected(case, engine):
    """(success, {key: value}) that the result must have; success None: an exception is wanted."""
    out, gx = case.test["out"], case.gx
    only = set(case.test.get("only_for") or [])
    if only and "pandas" not in only:
        gx = None  # Of databases: what pandas says to it is another question.
    # What pandas cannot do at all, SQL engines and Andon can: then the case says what is right.
    from_gx = engine == "parquet" and gx and "refused" not in gx and not gx["raised_exception"]
    if wants_exception(case, gx) and not (gx and gx.get("raised_exception") and "traceback_substring" not in out):
        return None, {}
    success = gx["success"] if from_gx or (gx and "success" in gx and not gx["raised_exception"]) else out.get("success")
    keys = {}
    source = gx["result"] if gx and gx.get("result") else None
    for name in ("observed_value", "unexpected_list", "unexpected_index_list"):
        if name not in out and name not in (out.get("result") or {}):
            continue
        said = out.get(name, (out.get("result") or {}).get(name))
        if isinstance(said, str) and re.fullmatch(r"\d+ unexpected rows?", said):
            said = int(said.split()[0])  # Since 1.24 it is the number.
        keys[name] = source.get(name) if source is not None and name in source else said
    for name, said in (out.get("result") or {}).items():
        if name in keys:
            continue
        if source is None:
            keys[name] = said
        elif name in source:
            keys[name] = source[name]
    if out.get("observed_partition") and source and source.get("details"):
        keys["details"] = source["details"]
    return success, keys


def problem(case, engine, result):
    """What is wrong with a result, or None."""
    success, keys = expected(case, engine)
    raised = result["exception_info"]["raised_exception"]
    if success is None:
        return None if raised or not result["success"] else "an exception was expected, it passed"
    if raised and (success or keys):
        return "raised: " + str(result["exception_info"]["exception_message"])
    if result["success"] != success:
        return f"success is {result['success']}: {json.dumps(result['result'])[:200]}"
    got = result["result"]
    tolerance = case.test.get("tolerance") or 1e-9
    for name, want in keys.items():
        any_order = engine != "parquet" or name == "observed_value"
        if name in ("unexpected_index_list", "partial_unexpected_index_list"):
            if engine != "parquet":
                continue  # Rows of a table have no positions.
            want = positions(want)
            if want is None:
                continue
        if name == "details":
            want = {k: v for k, v in want.items() if k in ("mismatched", "observed_partition", "expected_partition", "success_details")}
            have = {k: (got.get("details") or {}).get(k) for k in want}
            if not any(want.values()) and not any(have.values()):
                continue
        else:
            have = got.get(name)
        if not compare.same(have, want, tolerance, any_order):
            return f"{name} is {json.dumps(have)[:200]}, not {json.dumps(want)[:200]}"
    return None


# --- Running.


class Engine:
    def __init__(self, name, andon, work, url=None):
        self.name, self.andon, self.work, self.url = name, andon, work, url

    def put(self, table, columns, schemas):
        if self.name == "parquet":
            write_parquet(os.path.join(self.work, table + ".parquet"), columns)
            return
        statements = list(sql_of(self.name, table, columns, (schemas or {}).get(OURS[self.name])))
        if self.name == "sqlite":
            with sqlite3.connect(os.path.join(self.work, "cases.db")) as db:
                for statement in statements:
                    db.execute(statement)
            return
        script = "BEGIN;\n" + ";\n".join(statements) + ";\nCOMMIT;\n"
        subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.url], input=script, text=True, check=True,
                       stderr=subprocess.DEVNULL, env={**os.environ, "PGOPTIONS": "-c client_min_messages=error"})

    def data(self, table):
        if self.name == "parquet":
            return ["-data", os.path.join(self.work, table + ".parquet")]
        if self.name == "sqlite":
            return ["-data", "sqlite:" + os.path.join(self.work, "cases.db"), "-table", table]
        return ["-data", self.url, "-table", table]

    def check(self, table, cases):
        suite = {"name": table, "expectations": [{"type": c.kind, "kwargs": c.test["in"], "id": c.id} for c in cases]}
        path = os.path.join(self.work, "suite.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump(suite, f)
        done = subprocess.run([self.andon, "check", "-suite", path, *self.data(table), "-o", "gx", "-result-format", "COMPLETE"],
                              capture_output=True, text=True, timeout=300)
        if done.stdout.strip():
            return json.loads(done.stdout)["results"], done.stderr
        return None, done.stderr

    def results(self, table, cases):
        """One result for each case; a suite that is refused is tried case by case."""
        results, said = self.check(table, cases)
        if results is not None:
            return results
        if len(cases) > 1:
            return [self.results(table, [case])[0] for case in cases]
        return [{"success": False, "result": {}, "exception_info": {"raised_exception": True, "exception_message": "refused: " + said.strip()[:300]}}]


def run_engine(engine, groups, report):
    for table, cases in groups.items():
        try:
            columns, mixed = typed(cases[0].data)
            engine.put(table, columns, schemas_of(cases[0].data))
            for other in cases[0].others:
                engine.put(other["dataset_name"], typed(other)[0], schemas_of(other))
        except Exception as e:  # noqa: BLE001
            for case in cases:
                reason = case.skip(engine.name, set())
                report.add(engine.name, case, reason, None if reason else f"its data cannot be written: {str(e)[:100]}")
            continue
        wanted = []
        for case in cases:
            reason = case.skip(engine.name, mixed)
            if reason:
                report.add(engine.name, case, reason, None)
            else:
                wanted.append(case)
        if wanted:
            for case, result in zip(wanted, engine.results(table, wanted)):
                report.add(engine.name, case, None, problem(case, engine.name, result))


class Report:
    def __init__(self, known):
        self.passed, self.total = collections.Counter(), collections.Counter()
        self.skips, self.failures, self.known, self.seen = [], [], known, set()
        self.fixed = []

    def add(self, engine, case, skip, failure):
        name = f"{engine} {case.id}"
        self.seen.add(name)
        if skip:
            self.skips.append((name, skip))
            return
        self.total[(case.kind, engine)] += 1
        if failure is None:
            self.passed[(case.kind, engine)] += 1
            if name in self.known:
                self.fixed.append(name)
        else:
            self.failures.append((name, failure))

    def print(self, engines):
        print(f"{'':60s}" + "".join(f"{e:>14s}" for e in engines))
        for kind in sorted({k for k, _ in self.total}):
            cells = "".join(f"{self.passed[(kind, e)]:>8d} of {self.total[(kind, e)]:<3d}" for e in engines)
            print(f"{kind:60s}{cells}")
        for name, reason in self.skips:
            print(f"skipped  {name}: {reason}")
        for name, failure in self.failures:
            print(f"{'known' if name in self.known else 'FAILED'}   {name}: {failure}" + (f"  ({self.known[name]})" if name in self.known else ""))
        for name in self.fixed:
            print(f"FAILED   {name}: passes now; take it out of known_gaps.list")
        total, passed = sum(self.total.values()), sum(self.passed.values())
        print(f"{passed} of {total} cases pass on {', '.join(engines)}; {len(self.skips)} skipped.")

    def is_green(self):
        return not self.fixed and all(name in self.known for name, _ in self.failures)


def read_known():
    known = {}
    path = os.path.join(HERE, "known_gaps.list")
    with open(path, encoding="utf-8") as f:
        for line in f:
            line = line.rstrip("\n")
            if line and not line.startswith("#"):
                name, _, reason = line.partition("  # ")
                known[name] = reason
    return known


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--andon", required=True)
    parser.add_argument("--cases", default=os.path.join(os.environ.get("ANDON_SHARED_DIR") or os.path.join(os.path.dirname(ROOT), "shared"), "conformance", "gx", "cases"))
    parser.add_argument("--engine", action="append", choices=list(OURS))
    parser.add_argument("filter", nargs="?", default="")
    arguments = parser.parse_args()
    if not os.path.isdir(arguments.cases):
        print("skipped: the cases are not there: conformance/gx")
        sys.exit(SKIPPED)
    with_pyarrow()
    cases = load(arguments.cases, arguments.filter)
    groups = collections.OrderedDict()
    for case in cases:
        table = re.sub(r"\W", "_", case.id.split("/")[0])
        groups.setdefault(table, []).append(case)
    report = Report(read_known())
    engines = arguments.engine or ["parquet", "sqlite", "postgresql"]
    url = None
    if "postgresql" in engines:
        try:
            url = server.Server("postgres").facts["url"]
        except server.Missing as missing:
            print(f"no PostgreSQL server can be started here ({missing}): its cases are left out")
            engines = [e for e in engines if e != "postgresql"]
    with tempfile.TemporaryDirectory(prefix="andon-gx-") as work:
        andon = os.path.abspath(arguments.andon)
        for name in engines:
            run_engine(Engine(name, andon, work, url), groups, report)
    report.print(engines)
    sys.exit(0 if report.is_green() else 1)


if __name__ == "__main__":
    main()
