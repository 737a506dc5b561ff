"""Runs packetfs for integration tests: starts it, follows its output, stops it, reads its report. Standard library only.

A test derives from PipelineTest and calls self.packetfs(...); every process, folder and namespace goes away with the
test. Waiting is always for a line, an exit or a state, never for a time. tests/run sets PFS_BUILD.
"""

import ctypes
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PIPELINES = Path(__file__).resolve().with_name("pipelines")  # those that only tests run
BUILD = Path(os.environ.get("PFS_BUILD", ROOT / "build"))
HUGEPAGES = Path("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages")

EXIT_DONE, EXIT_FAILED, EXIT_CONFIGURATION, EXIT_VERIFICATION = 0, 1, 2, 20
EXIT_INTERRUPTED, EXIT_DEVICE_GONE, EXIT_SOURCE_CHANGED = 3, 4, 21
EXIT_SECOND_SIGNAL = 130


def program(name="packetfs"):
    """The built executable's path. Not built is a failure, not a skip: tests/run builds it."""
    path = BUILD / "app" / name / name
    if not path.exists():
        raise AssertionError(f"{path} is not built; tests/run builds it")
    return path


def requires(*, root=False, commands=(), files=()):
    """Skips the calling test with the reason when the machine lacks something."""
    if root and os.geteuid() != 0:
        raise unittest.SkipTest("needs root")
    for command in commands:
        if shutil.which(command, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") is None:
            raise unittest.SkipTest(f"needs the command {command}")
    for file in files:
        if not Path(file).exists():
            raise unittest.SkipTest(f"needs {file}")


def cpus():
    """The CPUs this process may use, ascending."""
    return sorted(os.sched_getaffinity(0))


def lcores(count):
    """An --lcores value for `count` lcores, dealt over the CPUs there are: `0@0,1@1,2@0` on two CPUs."""
    there = cpus()
    return ",".join(f"{lcore}@{there[lcore % len(there)]}" for lcore in range(count))


def memory_arguments(mib):
    """EAL's memory arguments for `mib` MiB: hugepages when so many are free, ordinary memory otherwise."""
    if os.environ.get("PFS_NO_HUGE") != "1" and HUGEPAGES.exists() and int(HUGEPAGES.read_text()) * 2 >= mib:
        return ["--in-memory"]
    return ["--no-huge", "-m", str(mib)]


_serial = 0


def eal_arguments(lcores_value, mib=256, vdevs=(), extra=()):
    """EAL arguments of one process that shares nothing with another: no PCI, its own prefix, no telemetry socket."""
    global _serial
    _serial += 1
    arguments = ["--lcores", lcores_value, "--no-pci", "--no-telemetry", "--file-prefix", f"pfs-{os.getpid()}-{_serial}"]
    return arguments + memory_arguments(mib) + [word for vdev in vdevs for word in ("--vdev", vdev)] + list(extra)


def wait_until(condition, timeout=10.0, what="the condition"):
    """Polls real state until it holds and returns its value; AssertionError after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"after {timeout} s still not: {what}")
        time.sleep(0.005)
    return value


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: no orphan poller when a test is killed
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests under nohup ignores the signal, and a child would, too


class Process:
    """A child whose output (stdout and stderr in one) is followed line by line."""

    def __init__(self, command, environment=None):
        self.command = [str(word) for word in command]
        self.lines = []
        self._news = threading.Condition()
        self._closed = False
        self._child = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                       errors="replace", stdin=subprocess.DEVNULL, preexec_fn=_die_with_parent,
                                       env={**os.environ, **(environment or {})}, cwd=ROOT)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._child.stdout:
            with self._news:
                self.lines.append(line.rstrip("\n"))
                self._news.notify_all()
        with self._news:
            self._closed = True
            self._news.notify_all()

    @property
    def pid(self):
        return self._child.pid

    @property
    def output(self):
        return "\n".join(self.lines)

    @property
    def running(self):
        return self._child.poll() is None

    def __str__(self):
        return f"$ {shlex.join(self.command)}\n" + "\n".join(self.lines[-60:]) + f"\n[exit {self._child.poll()}]"

    def wait_line(self, pattern, timeout=20.0):
        """Waits for a line that matches and returns the match; AssertionError when the process ends or time is over."""
        deadline = time.monotonic() + timeout
        seen = 0
        with self._news:
            while True:
                for line in self.lines[seen:]:
                    if match := re.search(pattern, line):
                        return match
                seen = len(self.lines)
                if self._closed or not self._news.wait(max(0.0, deadline - time.monotonic())):
                    raise AssertionError(f"no line matches {pattern!r}:\n{self}")

    def signal(self, number=signal.SIGINT):
        if self.running:
            self._child.send_signal(number)

    def wait(self, timeout=60.0):
        """Waits for the exit and returns the code (negative: a signal's number); AssertionError after `timeout`."""
        try:
            code = self._child.wait(timeout)
        except subprocess.TimeoutExpired:
            text = str(self)
            self.kill()
            raise AssertionError(f"still running after {timeout} s:\n{text}") from None
        self._reader.join(5)
        return code

    def finish(self, expect=EXIT_DONE, timeout=60.0):
        """wait(), and an AssertionError with the output when the code is not the expected one."""
        code = self.wait(timeout)
        if code != expect:
            raise AssertionError(f"exit {code}, not {expect}:\n{self}")
        return self

    def stop(self, expect=EXIT_DONE, timeout=20.0):
        """SIGINT, then finish(): the process drains and reports."""
        self.signal(signal.SIGINT)
        return self.finish(expect, timeout)

    def kill(self):
        if self.running:
            self._child.kill()
            self._child.wait()
        self._reader.join(5)
        self._child.stdout.close()


class Packetfs(Process):
    """packetfs with a report file beside its output."""

    def __init__(self, command, report, environment=None):
        self.report_path = Path(report)
        super().__init__(command, environment)

    def report(self):
        """The report that the ended process wrote, as a dict."""
        if not self.report_path.exists():
            raise AssertionError(f"no report was written:\n{self}")
        return json.loads(self.report_path.read_text())


class PipelineTest(unittest.TestCase):
    """A test with a folder (self.dir) and processes that end with it."""

    def setUp(self):
        self.dir = Path(tempfile.mkdtemp(prefix="pfs-test."))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def run_process(self, command, environment=None):
        process = Process(command, environment)
        self.addCleanup(process.kill)
        return process

    def packetfs(self, pipeline, *, sets=None, vdevs=(), lcores_value=None, mib=256, netns=None, eal=(),
                 arguments=()):
        """Starts packetfs on pipelines/<pipeline>.yaml (or a path). `sets` is a dict of --set keys; `netns` a
        namespace's name; `mib` the memory the process needs; `eal` and `arguments` are appended as they are."""
        path = pipeline if "/" in str(pipeline) else ROOT / "pipelines" / f"{pipeline}.yaml"
        report = self.dir / f"report-{_serial}.json"
        command = ["ip", "netns", "exec", netns] if netns else []
        command += [program(), *eal_arguments(lcores_value or lcores(1), mib, vdevs, eal)]
        command += ["--", "--pipeline", path, "--report", report]
        for key, value in (sets or {}).items():
            command += ["--set", f"{key}={value}"]
        process = Packetfs([*command, *arguments], report)
        self.addCleanup(process.kill)
        return process

    def assert_ledger_closes(self, report):
        """Every frame that came or was built left through a counter, as the report says and as we add it up."""
        ledger = report["ledger"]
        came = ledger["received"] + ledger["built"]
        left = ledger["processed"] + ledger["transmitted"] + sum(ledger["dropped"].values()) + ledger["in_flight"]
        self.assertEqual(came, left, f"the ledger does not add up: {ledger}")
        self.assertEqual(ledger["residual"], 0, f"the ledger's residual: {ledger}")
