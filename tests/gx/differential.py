#!/usr/bin/env python3
"""Andon against Great Expectations on random data and random suites: on pandas (Parquet), SQLite and
PostgreSQL. Runs in the reference's own environment, build/deps/gx, which tools/setup test makes.

usage: differential.py --andon BINARY [--seed N] [--rounds N] [--engine NAME]... [--keep DIR]

Whatever the reference answers, Andon must answer the same; where the reference raises an exception
there is nothing to compare. Prints the seed; the same seed gives the same data and suites.
"""

import argparse
import collections
import datetime
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, "tests", "servers")]
import compare  # noqa: E402
import server  # noqa: E402

SKIPPED = 77
ENGINES = ["parquet", "sqlite", "postgresql"]


os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")


def in_its_environment():
    try:
        import great_expectations  # noqa: F401
    except ImportError:
        python = os.path.join(ROOT, "build", "deps", "gx", "bin", "python")
        if os.path.exists(python) and not os.environ.get("ANDON_REEXEC"):
            os.environ["ANDON_REEXEC"] = "1"
            os.execv(python, [python, *sys.argv])
        print("skipped: Great Expectations is not installed; tools/setup test installs it")
        sys.exit(SKIPPED)


# --- Random data.

WORDS = ["ann", "Bob", "zoë", "x", "", "a b", "AB-12", "ab-7", "été", "N/A", "x" * 30, "it's", "100%", "a_b"]
TEXTS = ["1", "2.5", "2026-01-31", "2026-02-30", "31/01/2026", "{}", '{"a": 1}', "[1, 2", "null", "12:30", "noon", "2026-01-31 10:00:00"]


def maybe(rng, share, make):
    return None if rng.random() < share else make()


def random_frame(rng, pd):
    rows = rng.choice([0, 1, 2, 7, 30, 30, 120, 120, 400])
    nulls = rng.choice([0, 0, 0.1, 0.5])
    start = datetime.datetime(rng.choice([1965, 1999, 2026]), 1, 1)
    ids = list(range(rows))
    if rng.random() < 0.5:
        rng.shuffle(ids)
    data = {
        "id": pd.array(ids, dtype="int64"),
        "i": pd.array([rng.randint(-3, 6) for _ in range(rows)], dtype="int64"),
        "j": pd.array([rng.randint(-3, 6) for _ in range(rows)], dtype="int64"),
        "k": pd.array([rng.randint(-10**12, 10**12) for _ in range(rows)], dtype="int64"),
        "n": pd.array([maybe(rng, nulls, lambda: float(rng.randint(0, 9))) for _ in range(rows)], dtype="float64"),
        "f": pd.array([maybe(rng, nulls, lambda: round(rng.gauss(5, 3), 2)) for _ in range(rows)], dtype="float64"),
        "s": pd.Series([maybe(rng, nulls, lambda: rng.choice(WORDS)) for _ in range(rows)], dtype="object"),
        "t": pd.Series([maybe(rng, nulls, lambda: rng.choice(TEXTS)) for _ in range(rows)], dtype="object"),
        "d": pd.to_datetime(pd.Series([maybe(rng, nulls, lambda: start + datetime.timedelta(hours=rng.randint(0, 5000))) for _ in range(rows)], dtype="object")).astype("datetime64[ns]"),
        "b": pd.array([rng.random() < 0.7 for _ in range(rows)], dtype="bool"),
        "z": pd.array([None] * rows, dtype="float64"),
        "two words": pd.array([rng.randint(0, 3) for _ in range(rows)], dtype="int64"),
    }
    return pd.DataFrame(data)


# --- Random suites.


class Maker:
    def __init__(self, rng, frame):
        self.rng, self.frame = rng, frame

    def number(self):
        return self.rng.choice([-3, -1, 0, 1, 2, 2.5, 3, 5, 6.25, 9])

    def bounds(self, low=None, high=None):
        a, b = sorted([self.number() if low is None else self.rng.randint(low, high), self.number() if low is None else self.rng.randint(low, high)])
        out = {}
        if self.rng.random() < 0.8:
            out["min_value"] = a
        if self.rng.random() < 0.8 or not out:
            out["max_value"] = b
        for name, of in (("strict_min", "min_value"), ("strict_max", "max_value")):
            if of in out and self.rng.random() < 0.2:
                out[name] = True
        return out

    def numeric(self):
        return self.rng.choice(["i", "j", "n", "f", "two words", "id"])

    def any(self):
        return self.rng.choice(["i", "n", "f", "s", "t", "two words", "id"])

    def mostly(self):
        return {"mostly": self.rng.choice([0, 0.1, 0.5, 0.9, 0.95, 1])} if self.rng.random() < 0.4 else {}

    def condition(self):
        if self.rng.random() > 0.25:
            return {}
        comparison = lambda: {"type": "comparison", "column": {"name": self.rng.choice(["i", "j", "two words"])},  # noqa: E731
                              "operator": self.rng.choice(["==", "!=", "<", "<=", ">", ">="]), "parameter": self.rng.randint(-2, 4)}
        choices = [
            comparison(),
            {"type": "nullity", "column": {"name": self.rng.choice(["n", "s", "f"])}, "is_null": self.rng.random() < 0.5},
            {"type": "and", "conditions": [comparison(), comparison()]},
            {"type": "or", "conditions": [comparison(), {"type": "nullity", "column": {"name": "s"}, "is_null": False}]},
            {"type": "comparison", "column": {"name": "s"}, "operator": "IN", "parameter": self.rng.sample(WORDS[:5], 2)},
            {"type": "comparison", "column": {"name": "n"}, "operator": "NOT_IN", "parameter": [1, 2, 3]},
        ]
        return {"row_condition": self.rng.choice(choices)}

    def column(self, name):
        return {"column": name}

    def values(self, column):
        if column in ("s", "t"):
            return self.rng.sample(WORDS if column == "s" else TEXTS, self.rng.randint(1, 6))
        return self.rng.sample(range(-3, 10), self.rng.randint(1, 8))

    def regex(self):
        return self.rng.choice(["^a", "[a-z]+$", "\\d", "^$", "x{3,}", "b|n", "^[A-Z]{2}-\\d+$", "é", "^\\w+$"])

    def like(self):
        return self.rng.choice(["a%", "%b%", "_", "%", "x%x", "A%", "1__%"])

    def make(self):  # noqa: C901
        rng, c = self.rng, self.column
        makers = [
            lambda: ("expect_column_values_to_be_between", {**c(self.numeric()), **self.bounds(), **self.mostly()}),
            lambda: ("expect_column_values_to_be_in_set", (lambda n: {**c(n), "value_set": self.values(n), **self.mostly()})(self.any())),
            lambda: ("expect_column_values_to_not_be_in_set", (lambda n: {**c(n), "value_set": self.values(n), **self.mostly()})(self.any())),
            lambda: ("expect_column_values_to_be_null", {**c(rng.choice(["n", "z", "s", "d"])), **self.mostly()}),
            lambda: ("expect_column_values_to_not_be_null", {**c(rng.choice(["n", "s", "d", "i"])), **self.mostly()}),
            lambda: ("expect_column_values_to_be_unique", {**c(rng.choice(["id", "i", "n", "s", "k", "d"])), **self.mostly()}),
            lambda: ("expect_column_values_to_be_increasing", {**c(self.numeric()), **({"strictly": True} if rng.random() < 0.5 else {}), **self.mostly()}),
            lambda: ("expect_column_values_to_be_decreasing", {**c(self.numeric()), **({"strictly": True} if rng.random() < 0.5 else {}), **self.mostly()}),
            lambda: ("expect_column_values_to_be_dateutil_parseable", {**c("t"), **self.mostly()}),
            lambda: ("expect_column_values_to_be_json_parseable", {**c("t"), **self.mostly()}),
            lambda: ("expect_column_values_to_match_regex", {**c(rng.choice(["s", "t"])), "regex": self.regex(), **self.mostly()}),
            lambda: ("expect_column_values_to_not_match_regex", {**c(rng.choice(["s", "t"])), "regex": self.regex(), **self.mostly()}),
            lambda: ("expect_column_values_to_match_regex_list", {**c("s"), "regex_list": [self.regex(), self.regex()], "match_on": rng.choice(["any", "all"]), **self.mostly()}),
            lambda: ("expect_column_values_to_not_match_regex_list", {**c("s"), "regex_list": [self.regex(), self.regex()], **self.mostly()}),
            lambda: ("expect_column_values_to_match_like_pattern", {**c("s"), "like_pattern": self.like(), **self.mostly()}),
            lambda: ("expect_column_values_to_not_match_like_pattern", {**c("s"), "like_pattern": self.like(), **self.mostly()}),
            lambda: ("expect_column_values_to_match_like_pattern_list", {**c("s"), "like_pattern_list": [self.like(), self.like()], "match_on": rng.choice(["any", "all"]), **self.mostly()}),
            lambda: ("expect_column_values_to_not_match_like_pattern_list", {**c("s"), "like_pattern_list": [self.like(), self.like()], **self.mostly()}),
            lambda: ("expect_column_values_to_match_strftime_format", {**c("t"), "strftime_format": rng.choice(["%Y-%m-%d", "%d/%m/%Y", "%H:%M"]), **self.mostly()}),
            lambda: ("expect_column_values_to_not_be_outliers", {**c(rng.choice(["f", "n", "i"])), "method": rng.choice(["iqr", "std"]), "multiplier": rng.choice([1, 1.5, 2]), **self.mostly()}),
            lambda: ("expect_column_value_lengths_to_be_between", {**c("s"), **self.bounds(0, 12), **self.mostly()}),
            lambda: ("expect_column_value_lengths_to_equal", {**c("s"), "value": rng.randint(0, 5), **self.mostly()}),
            lambda: ("expect_column_value_z_scores_to_be_less_than", {**c(rng.choice(["f", "i"])), "threshold": rng.choice([0.5, 1, 2]), "double_sided": rng.random() < 0.5, **self.mostly()}),
            lambda: ("expect_column_distinct_values_to_be_in_set", (lambda n: {**c(n), "value_set": self.values(n)})(rng.choice(["i", "s", "n"]))),
            lambda: ("expect_column_distinct_values_to_contain_set", (lambda n: {**c(n), "value_set": self.values(n)})(rng.choice(["i", "s", "n"]))),
            lambda: ("expect_column_distinct_values_to_equal_set", (lambda n: {**c(n), "value_set": self.values(n)})(rng.choice(["i", "s", "n"]))),
            lambda: ("expect_column_max_to_be_between", {**c(self.numeric()), **self.bounds()}),
            lambda: ("expect_column_min_to_be_between", {**c(self.numeric()), **self.bounds()}),
            lambda: ("expect_column_mean_to_be_between", {**c(self.numeric()), **self.bounds()}),
            lambda: ("expect_column_median_to_be_between", {**c(self.numeric()), **self.bounds()}),
            lambda: ("expect_column_stdev_to_be_between", {**c(self.numeric()), **self.bounds()}),
            lambda: ("expect_column_sum_to_be_between", {**c(self.numeric()), **self.bounds()}),
            lambda: ("expect_column_most_common_value_to_be_in_set", (lambda n: {**c(n), "value_set": self.values(n), **({"ties_okay": True} if rng.random() < 0.5 else {})})(rng.choice(["i", "s"]))),
            lambda: ("expect_column_quantile_values_to_be_between", {**c(rng.choice(["i", "f", "id"])), "quantile_ranges": {"quantiles": [0.0, 0.1, 0.5, 0.9, 1.0][: rng.randint(1, 5)], "value_ranges": []}}),
            lambda: ("expect_column_proportion_of_unique_values_to_be_between", {**c(self.any()), "min_value": rng.choice([0, 0.3, 0.9]), "max_value": rng.choice([0.95, 1])}),
            lambda: ("expect_column_proportion_of_non_null_values_to_be_between", {**c(rng.choice(["n", "s", "z"])), "min_value": rng.choice([0, 0.3, 0.9]), "max_value": 1}),
            lambda: ("expect_column_unique_value_count_to_be_between", {**c(self.any()), **self.bounds(0, 12)}),
            lambda: ("expect_column_kl_divergence_to_be_less_than", {**c("s"), "partition_object": {"values": ["ann", "Bob", "x"], "weights": [0.5, 0.3, 0.2]}, "threshold": rng.choice([0.1, 1, 3]), "tail_weight_holdout": rng.choice([0.01, 0.1])}),
            lambda: ("expect_column_kl_divergence_to_be_less_than", {**c("f"), "partition_object": {"bins": [-5, 0, 3, 5, 8, 20], "weights": [0.1, 0.2, 0.3, 0.3, 0.1]}, "threshold": rng.choice([0.1, 1]), "tail_weight_holdout": 0.01, "internal_weight_holdout": rng.choice([0, 0.01])}),
            lambda: ("expect_column_to_exist", {**c(rng.choice(["i", "nope"])), **({"column_index": rng.randint(1, 3)} if rng.random() < 0.5 else {})}),
            lambda: ("expect_column_pair_values_a_to_be_greater_than_b", {"column_A": rng.choice(["i", "n"]), "column_B": "j", **({"or_equal": True} if rng.random() < 0.5 else {}), **self.pair(), **self.mostly()}),
            lambda: ("expect_column_pair_values_to_be_equal", {"column_A": rng.choice(["i", "n"]), "column_B": rng.choice(["j", "f"]), **self.pair(), **self.mostly()}),
            lambda: ("expect_column_pair_values_to_be_in_set", {"column_A": "i", "column_B": "j", "value_pairs_set": [[rng.randint(-3, 6), rng.randint(-3, 6)] for _ in range(20)], **self.pair(), **self.mostly()}),
            lambda: ("expect_compound_columns_to_be_unique", {"column_list": rng.sample(["i", "j", "n", "s"], rng.randint(2, 3)), **self.several(), **self.mostly()}),
            lambda: ("expect_select_column_values_to_be_unique_within_record", {"column_list": rng.sample(["i", "j", "two words", "n"], rng.randint(2, 3)), **self.several(), **self.mostly()}),
            lambda: ("expect_multicolumn_sum_to_equal", {"column_list": rng.sample(["i", "j", "two words"], 2), "sum_total": rng.randint(-2, 6), **self.several(), **self.mostly()}),
            lambda: ("expect_multicolumn_values_to_be_equal", {"column_list": rng.sample(["i", "j", "n", "two words"], 2), **self.several(), **self.mostly()}),
            lambda: ("expect_table_column_count_to_equal", {"value": rng.choice([12, 3])}),
            lambda: ("expect_table_column_count_to_be_between", {"min_value": rng.choice([1, 20])}),
            lambda: ("expect_table_columns_to_match_ordered_list", {"column_list": rng.choice([list(self.frame.columns), ["id", "i"], ["i", "id", "zz"]])}),
            lambda: ("expect_table_columns_to_match_set", {"column_set": rng.choice([list(self.frame.columns), ["id", "i"], ["i", "zz"]]), "exact_match": rng.random() < 0.5}),
            lambda: ("expect_table_row_count_to_equal", {"value": rng.choice([len(self.frame), 5])}),
            lambda: ("expect_table_row_count_to_be_between", {"min_value": rng.choice([0, 50])}),
            lambda: ("expect_table_row_count_to_equal_other_table", {"other_table_name": "other"}),
            lambda: ("unexpected_rows_expectation", {"unexpected_rows_query": f"SELECT i, s FROM {{batch}} WHERE i > {rng.randint(0, 6)}"}),
        ]
        kind, kwargs = rng.choice(makers)()
        ranges = kwargs.get("quantile_ranges")
        if ranges:
            ranges["value_ranges"] = [sorted([self.number(), self.number()]) if rng.random() < 0.8 else [None, self.number()] for _ in ranges["quantiles"]]
        if kind.startswith("expect_column") and kind != "expect_column_to_exist" or kind.startswith(("expect_compound", "expect_multi", "expect_select")):
            kwargs.update(self.condition())
        return kind, kwargs

    def pair(self):
        return {"ignore_row_if": self.rng.choice(["both_values_are_missing", "either_value_is_missing", "neither"])} if self.rng.random() < 0.6 else {}

    def several(self):
        return {"ignore_row_if": self.rng.choice(["all_values_are_missing", "any_value_is_missing", "never"])} if self.rng.random() < 0.6 else {}


# --- The reference.


class Reference:
    def __init__(self):
        import great_expectations as gx
        from great_expectations.data_context.types.base import ProgressBarsConfig
        self.context = gx.get_context(mode="ephemeral")
        self.context.variables.progress_bars = ProgressBarsConfig(globally=False)
        self.count = 0

    def batch(self, engine, frame, url):
        self.count += 1
        name = f"source{self.count}"
        if engine == "parquet":
            asset = self.context.data_sources.add_pandas(name).add_dataframe_asset("t")
            return asset.add_batch_definition_whole_dataframe("w").get_batch({"dataframe": frame})
        add = self.context.data_sources.add_sqlite if engine == "sqlite" else self.context.data_sources.add_postgres
        asset = add(name, connection_string=url).add_table_asset("t", table_name="t")
        return asset.add_batch_definition_whole_table("w").get_batch()

    def expectation(self, kind, kwargs):
        from great_expectations.expectations.registry import get_expectation_impl
        return get_expectation_impl(kind)(**kwargs)

    def result(self, batch, expectation):
        """(success, result), or None where it raises."""
        try:
            result = batch.validate(expectation, result_format="COMPLETE")
        except Exception:  # noqa: BLE001
            return None
        if result.exception_info.get("raised_exception") is not False:
            return None
        # Not to_json_dict: it refuses numpy's own numbers and booleans in some results.
        return bool(result.success), json.loads(json.dumps(result.result, default=as_json))


def as_json(value):
    if hasattr(value, "isoformat"):
        return None if value != value else value.isoformat()  # NaT
    return value.item() if hasattr(value, "item") else float(value) if type(value).__name__ == "Decimal" else str(value)


# --- Comparing.

# Keys that hold what cannot be equal: the query is each engine's own.
NEVER = {"unexpected_index_query"}
# The reference reads no more bad values of a database than this.
READ_MAX = 200
# The order of rows of a table, and of distinct values, is nobody's promise.
UNORDERED = {"partial_unexpected_counts", "observed_value"}


def has_null(value):
    if isinstance(value, (list, tuple)):
        return any(has_null(item) for item in value)
    if isinstance(value, dict):
        return any(has_null(item) for item in value.values())
    return value is None or value != value


def difference(engine, kind, reference, andon):
    success, result = reference
    if andon["exception_info"]["raised_exception"]:
        return "raised: " + str(andon["exception_info"]["exception_message"])
    if andon["success"] != success:
        return f"success is {andon['success']}, not {success}: {json.dumps(andon['result'])[:300]} against {json.dumps(result)[:300]}"
    for name, want in result.items():
        if name in NEVER:
            continue
        have = andon["result"].get(name)
        if name == "unexpected_count" and want is None and have == 0:
            continue  # A sum over no rows, which is none on a database.
        if name == "partial_unexpected_counts" and any(has_null(item.get("value")) for item in want):
            continue  # A NaN is not equal to itself, so the reference counts each for itself.
        if name in ("partial_unexpected_counts", "unexpected_list") and engine != "parquet" and (result.get("unexpected_count") or 0) > READ_MAX:
            continue  # It has those that it read, in no order.
        if name == "details":
            want = {k: v for k, v in want.items() if k != "unexpected_rows"}
            have = {k: v for k, v in (have or {}).items() if k in want}
        any_order = engine != "parquet" or name in UNORDERED or "distinct" in kind
        if isinstance(want, list) and name.startswith("partial") and any_order and len(want) >= 20:
            continue  # Which twenty is nobody's promise either.
        if not compare.same(have, want, 1e-9, any_order):
            return f"{name} is {json.dumps(have)[:300]}, not {json.dumps(want)[:300]}"
    extra = set(andon["result"]) - set(result) - NEVER
    if has_null(andon["result"].get("partial_unexpected_list")):
        extra.discard("partial_unexpected_counts")  # It cannot order nulls, and leaves them out.
    return f"has keys that the reference does not have: {sorted(extra)}" if extra else None


class Round:
    def __init__(self, seed, work, andon, reference, engines, urls):
        import pandas as pd
        self.rng = random.Random(seed)
        self.frame = random_frame(self.rng, pd)
        maker = Maker(self.rng, self.frame)
        self.checks = [maker.make() for _ in range(60)]
        self.work, self.andon, self.reference, self.engines, self.urls = work, andon, reference, engines, urls

    def put(self, engine):
        if engine == "parquet":
            path = os.path.join(self.work, "t.parquet")
            self.frame.to_parquet(path, index=False)
            return ["-data", path]
        import sqlalchemy
        source = sqlalchemy.create_engine(self.urls[engine])
        self.frame.to_sql("t", source, index=False, if_exists="replace")
        self.frame.head(5).to_sql("other", source, index=False, if_exists="replace")
        source.dispose()
        if engine == "sqlite":
            return ["-data", "sqlite:" + os.path.join(self.work, "t.db"), "-table", "t"]
        return ["-data", self.urls[engine].replace("postgresql+psycopg2", "postgresql"), "-table", "t"]

    def run(self, engine, report):
        data = self.put(engine)
        batch = self.reference.batch(engine, self.frame, self.urls.get(engine))
        wanted = []
        for kind, kwargs in self.checks:
            try:
                expectation = self.reference.expectation(kind, kwargs)
            except Exception as e:  # noqa: BLE001
                raise AssertionError(f"the suite is not valid: {kind} {kwargs}: {e}") from e
            answer = self.reference.result(batch, expectation)
            if answer is None:
                report.raised[(kind, engine)] += 1
            else:
                wanted.append((kind, kwargs, answer))
        suite = {"name": "random", "expectations": [{"type": kind, "kwargs": kwargs} for kind, kwargs, _ in wanted]}
        path = os.path.join(self.work, "suite.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump(suite, f)
        done = subprocess.run([self.andon, "check", "-suite", path, *data, "-o", "gx", "-result-format", "COMPLETE"], capture_output=True, text=True, timeout=120)
        if not done.stdout.strip():
            report.failures.append((engine, "-", {}, f"exit {done.returncode}: {done.stderr[:2000]}"))
            return
        for (kind, kwargs, answer), result in zip(wanted, json.loads(done.stdout)["results"]):
            report.compared[(kind, engine)] += 1
            found = difference(engine, kind, answer, result)
            if found:
                report.failures.append((engine, kind, kwargs, found))


class Report:
    def __init__(self):
        self.compared, self.raised, self.failures = collections.Counter(), collections.Counter(), []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--andon", required=True)
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--engine", action="append", choices=ENGINES)
    parser.add_argument("--keep", help="leave data and suite of a failed round there")
    arguments = parser.parse_args()
    in_its_environment()
    warnings.simplefilter("ignore")
    print(f"seed {arguments.seed}", flush=True)
    engines = arguments.engine or list(ENGINES)
    urls = {}
    if "postgresql" in engines:
        try:
            urls["postgresql"] = re.sub("^postgres(ql)?:", "postgresql+psycopg2:", server.Server("postgres").facts["url"])
        except server.Missing as missing:
            print(f"no PostgreSQL server can be started here ({missing}): left out")
            engines.remove("postgresql")
    report = Report()
    with tempfile.TemporaryDirectory(prefix="andon-gx-") as work:
        urls["sqlite"] = "sqlite:///" + os.path.join(work, "t.db")
        reference = Reference()
        for rounds in range(arguments.rounds):
            this = Round(arguments.seed * 1000 + rounds, work, os.path.abspath(arguments.andon), reference, engines, urls)
            before = len(report.failures)
            for engine in engines:
                this.run(engine, report)
            for engine, kind, kwargs, found in report.failures[before:]:
                print(f"FAILED   round {rounds} {engine} {kind} {json.dumps(kwargs)}: {found[:600]}", flush=True)
            if len(report.failures) > before and arguments.keep:
                shutil.copytree(work, os.path.join(arguments.keep, f"round{rounds}"), dirs_exist_ok=True)
    for kind in sorted({k for k, _ in report.compared} | {k for k, _ in report.raised}):
        cells = "".join(f"{report.compared[(kind, e)]:>8d} ({report.raised[(kind, e)]:d})" for e in engines)
        print(f"{kind:60s}{cells}")
    print(f"{arguments.rounds} rounds, {sum(report.compared.values())} results compared on {', '.join(engines)} "
          f"({sum(report.raised.values())} where the reference raises), {len(report.failures)} differ; seed {arguments.seed}.")
    sys.exit(1 if report.failures else 0)


if __name__ == "__main__":
    main()
