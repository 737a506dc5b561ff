"""A bench on a machine that lacks something ends with one line, and a bench that is told to stop gives back what it took."""

import os
import signal
import subprocess
import sys
import unittest
import unittest.mock

from fakes import ROOT, BenchTest
import bench
import dataplane
from programs import BenchError

TOOLS = {"run": (), "scale": ("--lcores", "1"), "tune": ("ports.p0.driver.burst=8",), "pipeline_bench": (), "delivery": (), "interfaces": ()}


class Begins(BenchTest):
    def one_line(self, done):
        self.assertNotEqual(done.returncode, 0)
        self.assertNotIn("Traceback", done.stderr)
        said = [line for line in done.stderr.splitlines() if not line.startswith(("scale: 1 of", "tune: 1 of"))]
        self.assertEqual(len(said), 1, done.stderr)

    def test_a_build_that_is_not_there_is_one_line(self):
        if os.geteuid() != 0:
            self.skipTest("needs root")
        for tool, words in TOOLS.items():
            with self.subTest(tool=tool):
                done = self.run_tool(tool, *words, "--build", self.dir / "none")
                self.one_line(done)
                self.assertIn(str(self.dir / "none"), done.stderr)

    def test_no_repetitions_are_refused(self):
        for tool, words in TOOLS.items():
            with self.subTest(tool=tool):
                done = self.run_tool(tool, *words, "--repetitions", 0)
                self.assertEqual(done.returncode, 2)
                self.assertIn(f"{tool}: error: ", done.stderr)

    def test_a_program_that_does_not_start_is_one_line(self):
        with self.assertRaisesRegex(BenchError, "no-such-program does not start: No such file"):
            dataplane.start(["no-such-program"], subprocess.PIPE)

    def test_packages_that_cannot_come_are_one_line(self):
        """Without apt-get, as on another distribution: the shell library is the real one, in a tree of its own."""
        bare = self.dir / "bin"
        bare.mkdir()
        (bare / "dpkg-query").symlink_to("/usr/bin/dpkg-query")
        (self.dir / "tests").mkdir()
        setup = (ROOT / "tests/setup").read_text()
        (self.dir / "tests/setup").write_text(f"{setup}\nPATH={bare}\npackages_planted=no-such-package\n")
        with unittest.mock.patch.object(bench, "ROOT", self.dir):
            with self.assertRaisesRegex(BenchError, "^setup: no apt-get here, .*: no-such-package *$"):
                bench.prepare("/nowhere", "planted")

    def test_being_told_to_stop_is_one_line(self):
        script = """
import signal, sys
sys.path.insert(0, "bench/lib")
import bench
def main():
    print("there", flush=True)
    signal.pause()
bench.run("planted", main)"""
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number=number):
                child = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                self.assertEqual(child.stdout.readline(), "there\n")
                child.send_signal(number)
                self.assertEqual(child.communicate(timeout=20)[1], "planted: interrupted\n")
                self.assertEqual(child.returncode, 130)


if __name__ == "__main__":
    unittest.main()
