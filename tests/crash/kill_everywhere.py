#!/usr/bin/env python3
"""Kills andon at its changes of files, and at random moments; then everything must be as if it had not been.

For each command (scenario) the calls that change files are counted (kill_shim.c): writes, fsyncs,
renames, links, removals, creations, of the command and of its workers, in the order of time. Then the
command runs again and again from the same beginning and is killed at one of them: just before the
call, or in the middle of a write. After each kill:

1. the control database is whole; every version has its `published` fact and is what main points to;
   datasets that refer to one another stand at the same side of the publish;
2. every table has the rows from before the command or from after it, as a reader sees them;
3. the command, typed again, ends as it should, and so does a plain run; then all tables equal row by
   row those of an undisturbed project, with the same version numbers, the same incidents; everybody
   was told; no run is open, no run's branch and no staged file is left;
4. the checks by what was kept of each data file say what a reading of all files says.

usage: kill_everywhere.py --andon BINARY [--bound N | --all] [--random N] [--seed N] [SCENARIO ...]

--bound: at most so many kills at calls, spread evenly (the default: 60). --all: at each call, and in
the middle of each write.
"""

import argparse
import concurrent.futures
import glob
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
EXAMPLE = os.path.join(ROOT, "examples", "dvd-rental")
SECONDS_MAX = 600  # For one command, on a machine that others use too.
CALLS_MAX = 100_000
MOVED_TOGETHER = [("dataset.store", "dataset.staff")]


class Broken(Exception):
    pass


def deliver(name):
    return lambda project: shutil.copy(os.path.join(project, "later", name),
                                       os.path.join(project, "deliveries/payment-2005-08.csv"))


def edit_model(project):
    shutil.copy(os.path.join(project, "later/daily_revenue.sql"), os.path.join(project, "models/daily_revenue.sql"))


def quarantines(project):
    """Bad amounts, unknown customers and payments that come twice go aside, instead of stopping the line."""
    path = os.path.join(project, "payment.andon.hcl")
    with open(path) as f:
        text = f.read()
    for before, after in [("max_value = 11.99 }", 'max_value = 11.99, severity = "quarantine" }'),
                          ("unique = true", 'unique = true, severity = "quarantine"'),
                          (".column.customer_id }", '.column.customer_id, severity = "quarantine" }')]:
        if before not in text:
            raise Broken(f"{path} has no {before}")
        text = text.replace(before, after)
    with open(path, "w") as f:
        f.write(text)


def days_go_by(project):
    """What earlier runs left is old enough to be removed; and one table is to be swept."""
    with open(os.path.join(project, "lake/dvd-rental/payment/data/left.parquet"), "w") as f:
        f.write("of a killed run")
    for folder, _, names in os.walk(os.path.join(project, "lake")):
        for name in names:
            os.utime(os.path.join(folder, name), (time.time() - 3 * 86400,) * 2)
    store = sqlite3.connect(os.path.join(project, ".andon/andon.db"))
    store.execute("update documents set updated_at = updated_at - 3 * 86400 * 1000000 where kind = 'lake.dropped'")
    store.execute("insert into documents (kind, key, updated_at, body) values ('lake.sweep', 'dvd-rental/payment', 1, '{\"table\":\"payment\"}')")
    store.commit()
    store.close()


def forget_states(project):
    """Nothing is kept for checks: the next one makes it all."""
    store = sqlite3.connect(os.path.join(project, ".andon/andon.db"))
    store.execute("delete from check_states")
    store.commit()
    store.close()
    shutil.rmtree(os.path.join(project, ".andon/keys"))


# What stands before (commands, with their exit code where it is not 0, and edits), the command,
# the exit code that it ends with, and that of the plain run behind it.
SCENARIOS = {
    "apply": ([], "apply -auto-approve", 0, 0),
    "apply_again": (["apply -auto-approve", "run", edit_model], "apply -auto-approve", 0, 3),
    "first_run": (["apply -auto-approve"], "run", 0, 0),
    "run": (["apply -auto-approve", "run", deliver("payment-2005-08.csv")], "run", 0, 0),
    "red_run": (["apply -auto-approve", "run", deliver("payment-2005-08-values.csv")], "run", 3, 3),
    "tidy_run": (["apply -auto-approve", "run", deliver("payment-2005-08-values.csv"), ("run", 3),
                  deliver("payment-2005-08.csv"), "run", days_go_by], "run", 0, 0),
    "rollback": (["apply -auto-approve", "run", deliver("payment-2005-08.csv"), "run"],
                 "data rollback payment @1", 0, 0),
    "quarantine_run": ([quarantines, "apply -auto-approve", "run", deliver("payment-2005-08-values.csv")], "run", 0, 0),
    "quarantine_rollback": ([quarantines, "apply -auto-approve", "run", deliver("payment-2005-08-values.csv"), "run"],
                            "data rollback payment @1", 0, 0),
    "accept": (["apply -auto-approve", "run", deliver("payment-2005-08-values.csv"), ("run", 3)],
               "incident accept 1 -reason needed -until 2099-01-01", 0, 3),
    "check": (["apply -auto-approve", "run", deliver("payment-2005-08.csv"), "run", forget_states], "check", 0, 0),
}


def rows_of(table):
    """Without what differs from run to run."""
    return f"(select * exclude (quarantine_run, quarantine_time) from {table})" if table.endswith("_quarantine") else table


class Project:
    """A folder that is put back to its beginning before each kill. The path stays: the lake holds it."""

    def __init__(self, folder, andon, shim, scenario):
        self.prepare, self.command, self.code, self.run_code = SCENARIOS[scenario]
        self.folder, self.andon, self.shim = folder, andon, shim
        self.path, self.saved = os.path.join(folder, "project"), os.path.join(folder, "saved")
        self.counter = os.path.join(folder, "counter")
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("ANDON_", "TF_", "LD_"))}
        self.env.update(CI="true", NO_COLOR="1", LC_ALL="C.UTF-8", TZ="UTC", HOME=folder, ANDON_ACTOR="ana@example.com")
        shutil.copytree(EXAMPLE, self.path)
        revenue = os.path.join(self.path, "revenue.andon.hcl")
        with open(revenue) as f:
            text = f.read()
        with open(revenue, "w") as f:  # A killed worker is tried again at once.
            f.write(text.replace('retry_delay = "10s"', 'retry_delay = "100ms"'))
        for step in self.prepare:
            if callable(step):
                step(self.path)
            else:
                self.do(*step) if isinstance(step, tuple) else self.do(step)
        shutil.copytree(self.path, self.saved)
        self.before = self.look()
        started = time.time()
        self.calls = self.run_killed(0)[1]
        self.seconds = time.time() - started
        self.after = self.look()
        self.do("run", self.run_code)
        self.final = self.look()
        self.check_settled()

    def restore(self):
        shutil.rmtree(self.path)
        shutil.copytree(self.saved, self.path)

    def start(self, command, **env):
        return subprocess.Popen([self.andon] + command.split(), cwd=self.path, env={**self.env, **env},
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def finish(self, process, command):
        try:
            out = process.communicate(timeout=SECONDS_MAX)[0].decode(errors="replace")
        except subprocess.TimeoutExpired:
            process.kill()
            out = process.communicate()[0].decode(errors="replace")
            raise Broken(f"andon {command}: still running after {SECONDS_MAX} s\n{out}")
        return process.returncode, out

    def do(self, command, *codes):
        code, out = self.finish(self.start(command), command)
        if code not in (codes or (0,)):
            wanted = " or ".join(map(str, codes or (0,)))
            raise Broken(f"andon {command}: exit code {code}, not {wanted}\n{out}")
        return out

    def run_killed(self, at, torn=False):
        """The command, killed at call `at` (0: not at all). Its exit code and how many calls there were."""
        with open(self.counter, "wb") as f:
            f.write(struct.pack("q", 0) + b" " * CALLS_MAX)
        env = {"LD_PRELOAD": self.shim, "ANDON_KILL_AT": str(at), "ANDON_KILL_COUNTER": self.counter,
               "ANDON_KILL_FOLDER": self.path}
        if torn:
            env["ANDON_KILL_TORN"] = "1"
        code, out = self.finish(self.start(self.command, **env), self.command)
        if at == 0 and code != self.code:
            raise Broken(f"andon {self.command}: exit code {code}, not {self.code}\n{out}")
        with open(self.counter, "rb") as f:
            seen = f.read()
        calls = struct.unpack("q", seen[:8])[0]
        if at == 0:
            self.writes = [n for n in range(1, min(calls, CALLS_MAX) + 1) if seen[7 + n] == ord("w")]
        return code, calls

    def run_killed_after(self, seconds):
        process = self.start(self.command)
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        self.finish(process, self.command)

    def store(self):
        """A copy of the control database, so that looking at it changes nothing."""
        copy = os.path.join(self.folder, "copy")
        shutil.rmtree(copy, ignore_errors=True)
        os.mkdir(copy)
        if not os.path.exists(os.path.join(self.path, ".andon/andon.db")):
            return None
        for name in ("andon.db", "andon.db-wal"):
            if os.path.exists(os.path.join(self.path, ".andon", name)):
                shutil.copy(os.path.join(self.path, ".andon", name), copy)
        return sqlite3.connect(os.path.join(copy, "andon.db"))

    def look(self):
        """What a reader sees: per table its version, number of rows and the digest of all rows."""
        store = self.store()
        if store is None or not store.execute("select 1 from sqlite_master where name = 'iceberg_tables'").fetchone():
            return {}
        whole = store.execute("pragma integrity_check").fetchone()[0]
        if whole != "ok":
            raise Broken(f"the control database is damaged: {whole}")
        versions = {}
        for dataset, version, state in store.execute("select dataset, version, state from dataset_versions order by version"):
            versions[dataset] = versions.get(dataset, "") + f"@{version} {state} "
        self.check_versions(store)
        store.close()
        tables = sorted(name.rsplit(".", 1)[1] for name in versions)
        if not tables:
            return {}
        # All rows as text, in order: equal digests are equal rows.
        sql = " union all ".join(
            f"select '{t}=' || count(*) || ':' || md5(coalesce(string_agg(x::varchar, chr(10) order by x::varchar), '')) as rows from {rows_of(t)} as x"
            for t in tables)
        process = subprocess.run([self.andon, "data", "query", sql], cwd=self.path, env=self.env, stdin=subprocess.DEVNULL,
                                 capture_output=True, timeout=SECONDS_MAX)
        seen = dict(re.findall(r"(\w+)=(\d+:[0-9a-f]{32})", process.stdout.decode()))
        if process.returncode != 0 or sorted(seen) != tables:
            raise Broken(f"the tables cannot be read: exit code {process.returncode}\n{process.stdout.decode()}{process.stderr.decode()}")
        return {t: (versions["dataset." + t], seen[t]) for t in tables}

    def check_versions(self, store):
        """Each version has its fact, and main of each table is its last version."""
        facts = {(address, json.loads(body).get("version")) for address, body in
                 store.execute("select address, body from journal where kind in ('published', 'rolled_back')")}
        last = {}
        for dataset, version, snapshot, state in store.execute(
                "select dataset, version, snapshot_id, state from dataset_versions order by version"):
            # What is beside a dataset is told in its dataset's facts.
            if (dataset, version) not in facts and not dataset.endswith("_quarantine"):
                raise Broken(f"{dataset} @{version} has no fact; there are {sorted(map(str, facts))}")
            if state != "rolled_back":
                last[dataset] = snapshot
        for a, b in MOVED_TOGETHER:
            if (a in last) != (b in last):
                raise Broken(f"of {a} and {b} only one is published")
        for table, location in store.execute("select table_name, metadata_location from iceberg_tables"):
            with open(re.sub(r"^file:(//)?", "", location)) as f:
                refs = json.load(f).get("refs", {})
            main = refs.get("main", {}).get("snapshot-id")
            if main != last.get("dataset." + table):
                raise Broken(f"main of {table} is snapshot {main}, its last version {last.get('dataset.' + table)}")

    def check_killed(self):
        now = self.look()
        for table in sorted(set(now) | set(self.before) | set(self.after)):
            if now.get(table) not in (self.before.get(table), self.after.get(table)):
                raise Broken(f"{table} is {now.get(table)}: neither {self.before.get(table)} as before nor {self.after.get(table)} as after")

    def check_settled(self):
        store = self.store()
        is_open = store.execute("select run_id, state from runs where state in ('running', 'queued')").fetchall()
        is_open += store.execute(
            "select run_id, task, attempt, state from run_tasks where state in ('running', 'queued')").fetchall()
        if is_open:
            raise Broken(f"runs or attempts of tasks are still open: {is_open}")
        kept = len(store.execute("select 1 from incidents where state <> 'resolved'").fetchall()) > 0
        for table, location in store.execute("select table_name, metadata_location from iceberg_tables"):
            with open(re.sub(r"^file:(//)?", "", location)) as f:
                branches = [name for name in json.load(f).get("refs", {}) if name.startswith("run-")]
            if len(branches) > (1 if kept else 0):
                raise Broken(f"{table} has branches left over: {branches}")
        left = glob.glob(os.path.join(self.path, "lake/*/*/data/left.parquet"))
        left += glob.glob(os.path.join(self.path, ".andon/tmp/*"))
        if left:
            raise Broken(f"files of killed runs are left: {left}")
        unsent = store.execute("select key, state, last_error from outbox where state <> 'delivered'").fetchall()
        if unsent:
            raise Broken(f"notifications were not sent: {unsent}")
        told = ""
        if os.path.exists(os.path.join(self.path, "notifications.log")):
            with open(os.path.join(self.path, "notifications.log")) as f:
                told = f.read()
        for (body,) in store.execute("select body from outbox"):
            if json.loads(body)["title"] not in told:
                raise Broken(f"nobody was told: {body}")
        self.incidents = store.execute("select count(*) from incidents").fetchone()[0]
        store.close()

    def check_states(self):
        """What is kept of the data files is whole: checks by it say what checks of all rows say."""
        def said(command):
            code, out = self.finish(self.start(command), command)
            if code not in (0, 3):
                raise Broken(f"andon {command}: exit code {code}\n{out}")
            said = [json.loads(line) for line in out.splitlines() if line.startswith('{"type":"check"')]
            for check in said:
                del check["duration_us"]
            return said
        kept, full = said("check -json"), said("check -full -json")
        if kept != full or not kept:
            different = [(a, b) for a, b in zip(kept, full) if a != b]
            raise Broken(f"checks by what was kept and in full differ: {different}")

    def check_redone(self):
        """The same command and a plain run, as a person would type them; then nothing differs."""
        wanted, incidents = self.final, getattr(self, "incidents", 0)
        # A rollback or an acceptance that is done already says so, with exit code 1.
        once = self.command.startswith(("data rollback", "incident accept"))
        if self.command == "check":
            self.check_states()  # Before the command makes good what the kill left.
        self.do(self.command, self.code, 1 if once else self.code)
        self.do("run", self.run_code)
        now = self.look()
        if now != wanted:
            different = {t: (now.get(t), wanted.get(t)) for t in set(now) | set(wanted) if now.get(t) != wanted.get(t)}
            raise Broken(f"tables differ from those of an undisturbed project (is, should be): {different}")
        self.check_settled()
        self.check_states()
        if self.incidents != incidents:
            raise Broken(f"{self.incidents} incidents, an undisturbed project has {incidents}")


def try_kill(project, kill):
    """Nothing, or what is wrong."""
    project.restore()
    try:
        if kill[0] == "call":
            project.run_killed(kill[1], torn=kill[2])
        else:
            project.run_killed_after(kill[1])
        project.check_killed()
        project.check_redone()
    except Broken as e:
        return str(e)
    finally:
        project.incidents = project.incidents_wanted
    return None


def kills_of(project, args, share, rng):
    calls = project.calls
    if args.all:
        kills = [("call", n, False) for n in range(1, calls + 1)] + [("call", n, True) for n in project.writes]
    else:
        count = min(share, calls)
        kills = [("call", 1 + i * calls // count, i % 2 == 1) for i in range(count)]
    return kills + [("after", rng.uniform(0, project.seconds)) for _ in range(args.random)]


def test_scenario(scenario, args, share, shim, rng):
    folder = tempfile.mkdtemp(prefix=f"andon-kill-{scenario}-")
    failures = 0
    try:
        project = Project(folder, args.andon, shim, scenario)
        project.incidents_wanted = project.incidents
        kills = kills_of(project, args, share, rng)
        started = time.time()
        for number, kill in enumerate(kills):
            if number % 100 == 99:
                print(f"{scenario}: {number + 1} of {len(kills)} kills, {failures} failed, {time.time() - started:.0f} s", flush=True)
            wrong = try_kill(project, kill)
            if wrong:
                failures += 1
                where = f"at call {kill[1]}{' torn' if kill[2] else ''}" if kill[0] == "call" else f"after {kill[1]:.3f} s"
                print(f"{scenario}: killed {where}: {wrong}", flush=True)
                if args.keep:
                    kept = f"{folder}-failed-{failures}"
                    shutil.copytree(project.path, kept, dirs_exist_ok=True)
                    print(f"  (kept in {kept})", flush=True)
        print(f"{scenario}: {project.calls} calls, {len(kills)} kills, {failures} failed, {time.time() - started:.0f} s", flush=True)
    except Broken as e:
        failures += 1
        print(f"{scenario}: undisturbed: {e}", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--andon", default=os.path.join(ROOT, "build/release/andon"))
    parser.add_argument("--bound", type=int, default=60)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--random", type=int, default=1, help="kills at random moments, for each scenario")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--keep", action="store_true", help="keep the folders of failures")
    parser.add_argument("-j", type=int, default=os.cpu_count())
    parser.add_argument("scenarios", nargs="*")
    args = parser.parse_args()
    args.andon = os.path.abspath(args.andon)
    scenarios = args.scenarios or list(SCENARIOS)
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        print("skipped: needs a C compiler")
        return 0
    print(f"seed {args.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="andon-kill-shim-") as folder:
        shim = os.path.join(folder, "kill_shim.so")
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", shim, os.path.join(HERE, "kill_shim.c"), "-ldl"], check=True)
        share = max(1, args.bound // len(scenarios))
        with concurrent.futures.ThreadPoolExecutor(args.j) as pool:
            tests = [pool.submit(test_scenario, s, args, share, shim, random.Random(f"{args.seed} {s}")) for s in scenarios]
            failures = sum(t.result() for t in tests)
    print(f"{failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
