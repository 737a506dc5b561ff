"""bench/scale runs the real dataplane in both shapes, refuses what it cannot measure, and believes no run that lost frames."""

import json
import os
import unittest

from fakes import BUILD, BenchTest
import machine
import scaling
from programs import BenchError

CPUS = len(os.sched_getaffinity(0))


def report(**ledger):
    return {"ledger": {"received": 1000, "built": 1000, "processed": 1000, "transmitted": 1000, "dropped": {}, "in_flight": 0, "residual": 0} | ledger,
            "run_seconds": 2.0, "isa": "scalar", "lcores": [{"lcore": 0, "busy_cycles": 3, "idle_cycles": 1}],
            "stages": [{"kind": "kernel", "cycles": 5000, "figures": {"bytes_denoted": 4e9}}, {"kind": "rx", "cycles": 1000, "figures": {}},
                       {"kind": "rx", "cycles": 1000, "figures": {}}]}


class Figures(unittest.TestCase):
    CASE = scaling.Case(scaling.TOGETHER, 1, 64, 2)

    def test_a_run_is_counted_by_frame(self):
        found = scaling.figures(self.CASE, report())
        self.assertEqual((found["items_per_second"], found["gb_per_second"], found["busy"]), (500, 2, [0.75]))
        self.assertEqual(found["cycles_per_item"], {"kernel": 5, "rx": 2})

    def test_what_was_under_way_at_the_end_is_no_loss(self):
        scaling.figures(self.CASE, report(dropped={"tx_full": 2000, "incomplete_gram": 30}))

    def test_a_run_that_lost_frames_is_not_believed(self):
        for ledger in ({"residual": 1}, {"dropped": {"crc_mismatch": 1}}, {"dropped": {"tx_full": 100000}}):
            with self.assertRaises(BenchError):
                scaling.figures(self.CASE, report(**ledger))


class Scales(BenchTest):
    def scale(self, *words):
        return self.run_tool("scale", "--build", BUILD, "--out", self.dir / "s.json", *words)

    def test_more_lcores_than_cpus_are_refused(self):
        done = self.scale("--lcores", CPUS + 1)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stderr, f"scale: {CPUS + 1} lcores need as many CPUs, {CPUS} are there; --share lets them share\n")

    def test_more_queues_than_the_device_has_are_refused(self):
        self.assertIn("net_ring has 16 queues", self.scale("--lcores", 17, "--share").stderr)

    def test_both_shapes_run_and_are_held_against_one_lcore(self):
        if os.geteuid() != 0 or not machine.PAGES.exists():
            self.skipTest("needs root and 2 MiB pages")
        done = self.scale("--lcores", "2", "--share", "--frame-bytes", "64", "--seconds", 0.5, "--repetitions", 1, "--blob-mib", 2)
        if "pages too few" in done.stderr:
            self.skipTest(done.stderr.splitlines()[-1])
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = json.loads((self.dir / "s.json").read_text())["rows"]
        self.assertEqual([(row["shape"], row["lcores"], row["queues"]) for row in rows], [("together", 1, 1), ("together", 2, 2), ("split", 2, 1)])
        self.assertEqual([len(row["busy"]) for row in rows], [1, 2, 2])
        self.assertEqual(rows[0]["efficiency"], 1)
        for row in rows:
            self.assertAlmostEqual(row["efficiency"], row["items_per_second"] / row["lcores"] / rows[0]["items_per_second"])
            self.assertEqual(set(row["cycles_per_item"]), {"generator", "tx", "rx", "assemble", "kernel"})


if __name__ == "__main__":
    unittest.main()
