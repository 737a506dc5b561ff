"""bench/run's table puts beside each loop of ours what belongs there, and its JSON keeps what it was taken on."""

import json
import unittest

from fakes import BenchTest
import table

# One loop with everything, one without peers, one program of other names.
PLANS = {
    "crc/ours/1KiB": {"ns": 100, "label": "avx512"}, "crc/avx2/1KiB": 150, "crc/scalar/1KiB": 800, "crc/isal/1KiB": 200, "crc/zlib/1KiB": 400,
    "crc/ceiling-read/1KiB": 50, "crc/ours/1GiB": {"ns": 300, "label": "avx512"}, "crc/ceiling-memcpy/1GiB": 240,
    "fill/ours/4KiB/real_time": 10, "take_frames/payload:64/crc:1": 70}


def samples(**measures):
    return {"label": "", "error": "", "time_ns": [10.0], "bytes_per_second": [], "items_per_second": []} | measures


class Run(BenchTest):
    def run_bench(self, *words, expect=0):
        done = self.run_tool("run", "--build", self.dir / "b", "--repetitions", 5, *words)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_each_loop_and_size_is_a_row_beside_its_best_peer_and_ceiling(self):
        self.fake("b", 1, {name: (plan if isinstance(plan, dict) else {"ns": plan}) | {"noise": 0} for name, plan in PLANS.items()})
        said = self.run_bench()
        self.assertRegex(said, r"\ncrc +1KiB +10\.00 GB/s +0\.0 % +5\.00 GB/s isal +2\.00 +20\.00 GB/s ceiling-read +0\.50 +avx512 +6\.67 GB/s avx2 +1\.50")
        self.assertRegex(said, r"\ncrc +1GiB +3\.33 GB/s +0\.0 % +- +4\.17 GB/s ceiling-memcpy +0\.80 +avx512")
        self.assertRegex(said, r"\nfill +4KiB +100\.00 GB/s")
        self.assertRegex(said, r"\ntake_frames +payload:64/crc:1 +14\.29 GB/s")
        self.assertEqual(said.count("\ncrc "), 2)

    def test_the_json_has_machine_date_commit_and_every_sample(self):
        self.fake("b", 1, PLANS)
        self.run_bench("--out", self.dir / "r.json", "--filter", "crc/ours")
        result = json.loads((self.dir / "r.json").read_text())
        self.assertEqual(set(result["programs"]["bench/fake"]), {"crc/ours/1KiB", "crc/ours/1GiB"})
        self.assertEqual(len(result["programs"]["bench/fake"]["crc/ours/1KiB"]["time_ns"]), 5)
        self.assertLessEqual({"cpu", "cpus", "kernel", "governor", "hugepages_2m", "tsc_hz"}, result["machine"].keys())
        self.assertRegex(result["date"], r"^\d{4}-\d\d-\d\dT")
        self.assertIn("git", result)

    def test_a_bench_that_fails_fails_the_run_and_says_why(self):
        self.fake("b", 1, PLANS | {"sha/ours/1KiB": {"ns": 1, "error": "no such instruction"}})
        self.assertRegex(self.run_bench(expect=1), r"\nsha +1KiB +error .*no such instruction")

    def test_nothing_to_run_is_one_line(self):
        (self.dir / "b").mkdir()
        self.assertIn("has no Google Benchmark program", self.run_bench(expect=1))
        self.fake("b/c", 1, PLANS)
        done = self.run_tool("run", "--build", self.dir / "b/c", "--filter", "nothing")
        self.assertIn("no benchmark matches 'nothing'", done.stderr)


class Table(unittest.TestCase):
    def test_rates_are_compared_by_what_both_sides_tell(self):
        items = table.medians(samples(items_per_second=[300.0]))
        both = table.medians(samples(items_per_second=[100.0], bytes_per_second=[1.0]))
        self.assertEqual(table.ratio(items, both), 3)
        self.assertEqual(table.ratio(items, table.medians(samples())), 1)  # the same time a turn
        self.assertIsNone(table.ratio(items, table.medians(samples(time_ns=[], error="no"))))

    def test_a_peer_that_failed_is_not_the_best(self):
        ran = table.medians(samples())
        self.assertEqual(table.best({"a": table.medians(samples(time_ns=[], error="no")), "b": ran}), ("b", ran))
        self.assertIsNone(table.best({}))

    def test_what_is_ours_is_told_from_peers(self):
        self.assertEqual(table.ours_among(list(PLANS)), ["crc/ours/1KiB", "crc/ours/1GiB", "fill/ours/4KiB/real_time", "take_frames/payload:64/crc:1"])


if __name__ == "__main__":
    unittest.main()
