"""bench/tune runs the real dataplane with each value, and says no to what it cannot do; what a run's report comes to."""

import json
import os
import unittest

from fakes import BUILD, BenchTest
import machine
import memif
from programs import BenchError


def report(**ledger):
    return {"ledger": {"received": 1000, "processed": 1000, "dropped": {"stopped": 2}, "residual": 0} | ledger, "isa": "scalar",
            "stages": [{"name": "rx", "cycles": 100_000, "figures": {"wire_bytes": 1}},
                       {"name": "kernel", "cycles": 300_000, "figures": {"bytes_denoted": 1 << 29}}]}


class Figures(unittest.TestCase):
    def test_cycles_are_a_frame_s_and_cpu_seconds_a_gib_s(self):
        found = memif.figures(report(), pps=2_000_000, tsc_hz=4_000_000)
        self.assertEqual(found["cycles"], {"rx": 100, "kernel": 300})
        self.assertAlmostEqual(found["cpu_seconds_a_gib"], 0.1 / 0.5)
        self.assertAlmostEqual(found["gbps_denoted"], 2_000_000 * (1 << 29) / 1000 / 1e9)
        self.assertEqual(found["dropped"], 2)

    def test_a_ledger_that_does_not_close_is_no_figure(self):
        with self.assertRaises(BenchError):
            memif.figures(report(residual=1), 1, 1)

    def test_the_middle_run_speaks_for_all(self):
        self.assertEqual(memif.middle([{"pps": rate} for rate in (5, 1, 9)]), {"pps": 5, "all_pps": [5, 1, 9]})


class Tunes(BenchTest):
    def test_what_is_no_setting_is_refused(self):
        for words in ((), ("burst",), ("burst=8", "--builds", "x")):
            done = self.run_tool("tune", *words)
            self.assertEqual(done.returncode, 2)
            self.assertIn("tune: error: ", done.stderr)

    def test_each_value_is_run_and_held_against_the_first(self):
        if os.geteuid() != 0 or not machine.PAGES.exists() or len(os.sched_getaffinity(0)) < 2:
            self.skipTest("needs root, 2 MiB pages and two CPUs")
        done = self.run_tool("tune", "ports.p0.driver.burst=16,32", "--build", BUILD, "--repetitions", 1, "--seconds", 3, "--out", self.dir / "t.json")
        if "pages too few" in done.stderr:
            self.skipTest(done.stderr.splitlines()[-1])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(list(json.loads((self.dir / "t.json").read_text())["rows"]), ["16", "32"])
        self.assertIn("16", done.stdout)
