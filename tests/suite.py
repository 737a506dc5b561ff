"""Runs every test and adds up: GoogleTest programs of both builds, unittest files, tests/check. tests/run calls it.

suite.py BUILD... [--only WORD...]    each WORD selects the programs and files whose path contains it
suite.py --one FILE                   runs one unittest file and prints a JSON line of outcomes (a process of its own, so
                                      that a hang or a crash costs one file, not the run)
"""

import argparse
import collections
import concurrent.futures
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import xml.etree.ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAM_TIMEOUT = 240  # seconds: a GoogleTest program, or a shard of one
SHARDS = 4             # of each program whose build has sanitizers, which takes several times as long
SPINNING = ("pipeline", "bench", "lab")  # folders whose unittest files poll whole CPUs or measure: each runs alone
SLOWEST = 10           # tests that are named at the end with their times
FILE_TIMEOUT = 420     # seconds: a unittest file; the guest lab boots two guests


class Outcome:
    """What one program or file said: claims by how they ended, and its output where something failed."""

    def __init__(self, title):
        self.title, self.passed, self.failed, self.skipped, self.output, self.seconds = title, [], [], [], "", 0.0
        self.times = []  # (seconds, name) of each test

    def line(self):
        counts = f"{len(self.passed)} passed"
        if self.failed:
            counts += f", {len(self.failed)} failed"
        if self.skipped:
            counts += f", {len(self.skipped)} skipped"
        return f"{'FAILED' if self.failed else 'ok':6}  {self.title}: {counts} ({self.seconds:.1f} s)"

    def add(self, other):
        """Takes in what another shard of the same program said."""
        for mine, more in ((self.passed, other.passed), (self.failed, other.failed), (self.skipped, other.skipped),
                           (self.times, other.times)):
            mine.extend(more)
        self.output += other.output
        self.seconds = max(self.seconds, other.seconds)


def run(command, timeout, environment=None):
    """(exit code or None after `timeout` seconds, output); the whole process group ends with it."""
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        try:
            child = subprocess.Popen([str(word) for word in command], stdout=output, stderr=subprocess.STDOUT, cwd=ROOT,
                                     stdin=subprocess.DEVNULL, env={**os.environ, **(environment or {})},
                                     start_new_session=True)
        except OSError as error:
            return 127, str(error)
        running.add(child)
        try:
            code = child.wait(timeout)
        except subprocess.TimeoutExpired:
            code = None
            signal_group(child, signal.SIGINT)  # lets a test take its namespaces and files away
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                pass
        signal_group(child, signal.SIGKILL)
        child.wait()
        running.discard(child)
        output.seek(0)
        return code, output.read()


running = set()  # children, each the leader of its group


def signal_group(child, number):
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        pass


def interrupted(number, _frame):
    """Ctrl-C: what runs is told, waited for a moment, ended."""
    children = list(running)
    for child in children:
        signal_group(child, signal.SIGINT)
    deadline = time.monotonic() + 5
    while any(child.poll() is None for child in children) and time.monotonic() < deadline:
        time.sleep(0.02)  # their own threads wait for them
    for child in children:
        signal_group(child, signal.SIGKILL)
    os._exit(128 + number)


def ended(code, timeout):
    return f"no end after {timeout} s" if code is None else f"signal {-code}" if code < 0 else f"exit {code}"


def gtest(title, command, environment, shard=0, shards=1):
    outcome = Outcome(title)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="pfs-suite.") as folder:
        report = Path(folder) / "report.xml"
        environment = {**environment, "GTEST_OUTPUT": f"xml:{report}", "GTEST_COLOR": "no",
                       "GTEST_TOTAL_SHARDS": str(shards), "GTEST_SHARD_INDEX": str(shard)}
        code, output = run(command, PROGRAM_TIMEOUT, environment)
        cases = xml.etree.ElementTree.parse(report).iter("testcase") if report.exists() else []
        for case in cases:
            name = f"{case.get('classname')}.{case.get('name')}"
            outcome.times.append((float(case.get("time", 0)), f"{title} {name}"))
            if case.find("failure") is not None:
                outcome.failed.append(name)
            elif (skip := case.find("skipped")) is not None:
                outcome.skipped.append((name, (skip.get("message") or "").strip().splitlines()[-1:] or ["no reason"]))
            elif case.get("status") == "run":
                outcome.passed.append(name)
    # A crash or a sanitizer's report ends the program without a report: that is one failure, and its output says where.
    if code != 0 and not outcome.failed:
        outcome.failed.append(f"{title}: {ended(code, PROGRAM_TIMEOUT)}")
    if code == 0 and shards == 1 and not (outcome.passed or outcome.skipped):
        outcome.passed.append(title)  # a program without GoogleTest: its exit code is its one claim
    if outcome.failed:
        outcome.output = output
    outcome.skipped = [(name, reason[0]) for name, reason in outcome.skipped]
    outcome.seconds = time.monotonic() - started
    return outcome


def unittest_file(path):
    outcome = Outcome(str(path.relative_to(ROOT)))
    started = time.monotonic()
    with tempfile.NamedTemporaryFile("r", prefix="pfs-suite.") as results:
        code, output = run([sys.executable, __file__, "--one", path, "--results", results.name], FILE_TIMEOUT)
        for row in map(json.loads, results):
            outcome.times.append((row["seconds"], row["name"]))
            if row["how"] == "skipped":
                outcome.skipped.append((row["name"], row["why"]))
            else:
                getattr(outcome, row["how"]).append(row["name"])
    if code != 0 and not outcome.failed:
        outcome.failed.append(f"{outcome.title}: {ended(code, FILE_TIMEOUT)}")
    if outcome.failed:
        outcome.output = output
    outcome.seconds = time.monotonic() - started
    return outcome


def check():
    outcome = Outcome("tests/check")
    started = time.monotonic()
    code, outcome.output = run([ROOT / "tests/check"], FILE_TIMEOUT)
    (outcome.failed if code else outcome.passed).append("tests/check")
    outcome.seconds = time.monotonic() - started
    return outcome


class _Recorder(unittest.TextTestResult):
    """Writes one JSON line a test as it ends, so that a killed file still counts what it finished."""

    results = None
    started = 0.0

    def startTest(self, test):
        self.started = time.monotonic()
        super().startTest(test)

    def stopTest(self, test):
        super().stopTest(test)
        # A subtest carries its test as test_case.
        bad = {getattr(entry, "test_case", entry).id() for entry, _ in self.failures + self.errors}
        skips = {getattr(entry, "test_case", entry).id(): why for entry, why in self.skipped}
        if test.id() in bad:
            self.write(test, "failed")
        elif test.id() in skips:
            self.write(test, "skipped", skips[test.id()])
        else:
            self.write(test, "passed")

    def write(self, test, how, why=""):
        _Recorder.results.write(json.dumps({
            "name": test.id(), "how": how, "why": why.replace("\n", " "), "seconds": time.monotonic() - self.started}) + "\n")
        _Recorder.results.flush()


def one(path, results):
    sys.path.insert(0, str(path.parent))
    suite = unittest.defaultTestLoader.discover(str(path.parent), pattern=path.name, top_level_dir=str(path.parent))
    with open(results, "w") as _Recorder.results:
        done = unittest.TextTestRunner(resultclass=_Recorder, verbosity=2).run(suite)
        for holder, why in done.skipped:  # a skipped class or module ends no single test
            if not isinstance(holder, unittest.TestCase):
                done.write(holder, "skipped", why)
    return 0 if done.wasSuccessful() else 1


def introspect(build, what):
    said = subprocess.run(["meson", "introspect", what, str(ROOT / build)], capture_output=True, text=True, check=True)
    return json.loads(said.stdout)


def programs(builds):
    """(title, command, environment, shards) of every test that meson knows, in each build."""
    for build in builds:
        sanitized = any(option["name"] == "b_sanitize" and option["value"] != "none" for option in introspect(build, "--buildoptions"))
        for test in introspect(build, "--tests"):
            yield f"{build}/{test['name']}", test["cmd"], test.get("env", {}), SHARDS if sanitized else 1


def side_by_side(jobs):
    """Runs (title, function, arguments) on all CPUs; a title's outcome, once the last of its jobs has ended."""
    left = collections.Counter(title for title, _, _ in jobs)
    merged = {}
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        titles = {pool.submit(job, *words): title for title, job, words in jobs}
        for done in concurrent.futures.as_completed(titles):
            title = titles[done]
            if title in merged:
                merged[title].add(done.result())
            else:
                merged[title] = done.result()
            left[title] -= 1
            if left[title] == 0:
                yield merged[title]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("builds", nargs="*")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--one", type=Path)
    parser.add_argument("--results")
    options = parser.parse_args()
    if options.one:
        return one(options.one.resolve(), options.results)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupted)

    def chosen(title):
        return not options.only or any(word in title for word in options.only)

    together = [(title, gtest, (title, command, environment, shard, shards))
                for title, command, environment, shards in programs(options.builds) if chosen(title) for shard in range(shards)]
    alone = []
    for path in sorted(ROOT.glob("tests/*/test_*.py")):
        if chosen(title := str(path.relative_to(ROOT))):
            (alone if path.parent.name in SPINNING else together).append((title, unittest_file, (path,)))
    if chosen("tests/check"):
        together.append(("tests/check", check, ()))

    outcomes = []

    def record(outcome):
        outcomes.append(outcome)
        print(outcome.line(), flush=True)

    for outcome in side_by_side(together):
        record(outcome)
    for _, job, words in alone:
        record(job(*words))

    for outcome in outcomes:
        if outcome.failed:
            print(f"\n--- {outcome.title} ---\n" + "\n".join(outcome.output.splitlines()[-200:]))
            print("".join(f"\nfailed: {name}" for name in outcome.failed))
    skipped = [skip for outcome in outcomes for skip in outcome.skipped]
    for name, why in skipped:
        print(f"skipped: {name}: {why}")
    slowest = sorted((one for outcome in outcomes for one in outcome.times), reverse=True)[:SLOWEST]
    print("slowest: " + ", ".join(f"{name} {seconds:.1f} s" for seconds, name in slowest))
    passed, failed = (sum(len(getattr(outcome, how)) for outcome in outcomes) for how in ("passed", "failed"))
    if not passed + failed + len(skipped):
        print(f"nothing is named {' or '.join(options.only)}; programs are named BUILD/LAYER (build/kernels), files by their paths (tests/pipeline/test_answer.py)")
        return 1
    print(f"{passed} passed, {failed} failed" + (f", {len(skipped)} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
