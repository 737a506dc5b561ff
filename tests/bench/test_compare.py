"""bench/compare catches what was planted, passes what is the same, and says so where it cannot tell.

Most of it runs on a program that reports numbers of its own (fake_bench.py), so nothing there depends on the machine. The
last class runs a real Google Benchmark program with a tenth more work planted: it must not pass; where the gate itself says
that the machine is too noisy to tell, it skips.
"""

import json
import shutil
import unittest

from fakes import BUILD, BenchTest
import gate

OK, SLOWER, REFUSED, INCONCLUSIVE = 0, 1, 2, 3


class Gate(BenchTest):
    def build(self, name, seed, **loops):
        return self.fake(name, seed, {f"{loop}/ours/1KiB": plan for loop, plan in loops.items()})

    def compare(self, *words, expect, repetitions=8):
        """8 rather than 15 for the suite's time: the numbers are as quiet as the plan says."""
        done = self.run_tool("compare", *words, "--history", self.dir / "history", "--repetitions", repetitions)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def result(self, build, *words):
        """bench/run's JSON of a build."""
        path = self.dir / f"{build.name}.json"
        done = self.run_tool("run", "--build", build, "--out", path, *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return path

    def edit(self, path, **fields):
        content = json.loads(path.read_text())
        content["machine"] |= fields
        path.write_text(json.dumps(content))


class TakesTwoBuildsInTurn(Gate):
    def test_a_tenth_slower_is_caught_and_named(self):
        said = self.compare(self.build("base", 1, crc=1000, gather=500), self.build("new", 2, crc=1100, gather=500), expect=SLOWER)
        self.assertRegex(said, r"crc/ours/1KiB +1\.\d+ .* SLOWER")
        self.assertRegex(said, r"gather/ours/1KiB +\d\.\d+ .* ok")
        self.assertIn("1 ok, 1 SLOWER", said)

    def test_a_tenth_slower_is_caught_whatever_the_draw(self):
        for seed in range(5):
            base, new = self.build(f"base{seed}", 2 * seed, crc=1000), self.build(f"new{seed}", 2 * seed + 1, crc=1100)
            self.compare(base, new, expect=SLOWER)

    def test_the_same_build_passes(self):
        base = self.build("base", 1, crc=1000, gather=500)
        self.assertIn("2 ok", self.compare(base, base, expect=OK))

    def test_a_tenth_faster_passes_and_says_so(self):
        self.assertIn("1 faster", self.compare(self.build("base", 1, crc=1000), self.build("new", 2, crc=900), expect=OK))

    def test_two_percent_slower_passes(self):
        self.assertIn("1 ok", self.compare(self.build("base", 1, crc=1000), self.build("new", 2, crc=1020), expect=OK))

    def test_the_threshold_is_a_choice(self):
        base, new = self.build("base", 1, crc=1000), self.build("new", 2, crc=1100)
        self.compare(base, new, "--threshold", 20, expect=OK)
        self.compare(base, new, "--threshold", 3, expect=SLOWER)

    def test_base_that_spreads_against_itself_is_inconclusive(self):
        noisy = {"ns": 1000, "noise": 0.25}
        said = self.compare(self.build("base", 1, crc=noisy), self.build("new", 2, crc=noisy | {"ns": 1100}), expect=INCONCLUSIVE)
        self.assertRegex(said, r"inconclusive +A/A spreads \d+")

    def test_a_large_loss_in_noise_is_inconclusive_and_no_pass(self):
        self.compare(self.build("base", 1, crc={"ns": 1000, "noise": 0.25}), self.build("new", 2, crc={"ns": 3000, "noise": 0.25}), "--again", 0, expect=INCONCLUSIVE)

    def test_times_of_two_kinds_neither_hide_a_loss_nor_make_one(self):
        jumping = {"ns": 1000, "jumps": 0.6}
        base, new = self.build("base", 1, crc=jumping), self.build("new", 2, crc=jumping | {"ns": 1100})
        words = ("--history", self.dir, "--repetitions", 8, "--again", 0)
        self.assertNotEqual(self.run_tool("compare", base, new, *words).returncode, OK)
        self.assertNotEqual(self.run_tool("compare", base, base, *words).returncode, SLOWER)

    def test_what_is_inconclusive_is_taken_anew_with_more_samples(self):
        base, new = (self.build(name, seed, crc=1000, gather={"ns": 1000, "noise": 0.055}) for seed, name in enumerate(("base", "new")))
        self.assertIn("1 ok, 1 inconclusive", self.compare(base, new, "--again", 0, expect=INCONCLUSIVE))
        said = self.compare(base, new, "--again", 3, expect=OK)
        self.assertRegex(said, r"bench/fake: 2 benchmarks, 32 runs\ncompare: bench/fake: 1 benchmarks, 64 runs")

    def test_a_loss_near_the_threshold_is_inconclusive(self):
        said = self.compare(self.build("base", 1, crc={"ns": 1000, "noise": 0.02}), self.build("new", 2, crc={"ns": 1050, "noise": 0.02}), expect=INCONCLUSIVE)
        self.assertIn("the interval holds 5 %", said)

    def test_what_is_slower_outweighs_what_is_inconclusive(self):
        noisy = {"ns": 1000, "noise": 0.25}
        self.compare(self.build("base", 1, crc=1000, gather=noisy), self.build("new", 2, crc=1100, gather=noisy), expect=SLOWER)

    def test_a_bench_that_no_longer_runs_fails(self):
        said = self.compare(self.build("base", 1, crc=1000), self.build("new", 2, crc={"ns": 1, "error": "no such ISA"}), expect=SLOWER)
        self.assertIn("runs no longer: no such ISA", said)

    def test_a_changed_variant_and_a_missing_bench_are_named(self):
        base = self.build("base", 1, crc={"ns": 1000, "label": "avx512"}, gone=10)
        said = self.compare(base, self.build("new", 2, crc={"ns": 1000, "label": "scalar"}), expect=OK)
        self.assertIn("avx512 -> scalar", said)
        self.assertIn("only in BASE: bench/fake gone/ours/1KiB", said)

    def test_nothing_in_common_is_refused(self):
        self.compare(self.build("base", 1, crc=1000), self.build("new", 2, gather=1000), expect=REFUSED)
        self.compare(self.dir / "base", self.dir / "base", "--filter", "nothing", expect=REFUSED)
        self.compare(self.dir / "base", self.dir / "nowhere", expect=REFUSED)

    def test_a_program_that_is_built_anew_meanwhile_is_refused(self):
        said = self.compare(self.build("base", 1, crc=1000), self.build("new", 2, crc={"ns": 1000, "touch": True}), expect=REFUSED)
        self.assertIn("bench/fake was built anew while it was measured", said)

    def test_too_few_samples_are_refused(self):
        base = self.build("base", 1, crc=1000)
        self.compare(base, base, repetitions=3, expect=REFUSED)


class KeepsHistory(Gate):
    def test_a_record_is_dated_and_can_be_compared_with(self):
        base, new = self.build("base", 1, crc=1000), self.build("new", 2, crc=1100)
        self.compare(base, base, "--record", expect=OK)
        self.compare(base, new, "--record", expect=SLOWER)
        first, second = sorted((self.dir / "history").iterdir(), key=lambda path: len(path.name))
        self.assertRegex(first.name, r"^\d{4}-\d\d-\d\d-unknown\.json$")
        self.assertEqual(json.loads(second.read_text())["comparison"]["benchmarks"][0]["verdict"], "SLOWER")
        self.compare(first, second, expect=SLOWER)
        self.compare(second, new, expect=OK)

    def test_results_are_judged_like_builds(self):
        base = self.result(self.build("base", 1, crc=1000))
        self.compare(base, self.result(self.build("new", 2, crc=1100)), expect=SLOWER)
        self.compare(base, self.result(self.build("same", 3, crc=1000)), expect=OK)
        noisy = self.result(self.build("noisy", 4, crc={"ns": 1000, "jumps": 0.9}), "--repetitions", 8)
        self.compare(noisy, base, expect=INCONCLUSIVE)

    def test_unlike_machines_are_refused_by_what_differs(self):
        build = self.build("base", 1, crc=1000)
        here, there = self.result(build), self.dir / "there.json"
        for field, value, said in (("cpu", "Another CPU", "cpu 'Another CPU'"), ("cpus", 9999, "cpus 9999"), ("tsc_hz", 123, "tsc_hz 123"),
                                   ("governor", "lazy", "governor 'lazy'"), ("kernel_series", "2.4", "kernel_series '2.4'")):
            shutil.copy(here, there)
            self.edit(there, **{field: value})
            for new in (here, build):  # a result, and a build that would be measured here
                lines = self.compare(there, new, expect=REFUSED).splitlines()
                self.assertEqual(len(lines), 1)
                self.assertIn(f"unlike machines: {said}", lines[0])

    def test_a_patch_of_the_kernel_and_other_hugepages_are_like(self):
        here, there = self.result(self.build("base", 1, crc=1000)), self.dir / "there.json"
        shutil.copy(here, there)
        self.edit(there, kernel="6.1.0-99", hugepages_2m=77, load=3.0)
        self.compare(there, here, expect=OK)

    def test_a_file_of_another_kind_is_refused(self):
        (self.dir / "other.json").write_text("{}")
        self.compare(self.dir / "other.json", self.dir / "other.json", expect=REFUSED)


class Judges(unittest.TestCase):
    def test_the_same_samples_give_the_same_interval(self):
        samples = [100 + i % 7 for i in range(15)]
        self.assertEqual(gate.paired(samples, samples[::-1]), gate.paired(samples, samples[::-1]))

    def test_a_drift_that_meets_both_sides_cancels(self):
        base = [100 * 1.05 ** i for i in range(15)]  # the machine gets twice as slow
        drifting = gate.paired(base, [1.02 * time for time in base])
        self.assertAlmostEqual(drifting.low, 1.02)
        self.assertAlmostEqual(drifting.high, 1.02)
        self.assertGreater(gate.unpaired(base, [1.02 * time for time in base]).spread, 20)

    def test_the_spread_is_that_of_the_farther_end(self):
        self.assertAlmostEqual(gate.Interval(1, 0.8, 1.1).spread, 25)
        self.assertAlmostEqual(gate.Interval(1, 0.95, 1.1).spread, 10)


class RunsARealProgram(Gate):
    def planted(self, name, work):
        program = BUILD / "tests/bench/planted_bench"
        self.assertTrue(program.exists(), f"{program} is not built; tests/run builds it")
        script = self.dir / name / "bench" / "planted"
        script.parent.mkdir(parents=True)
        script.write_text(f'#!/bin/sh\nexec {program} --work={work} "$@"  # benchmark_list_tests\n')
        script.chmod(0o755)
        return script.parents[1]

    def verdict(self, base, new):
        done = self.run_tool("compare", self.planted("base", base), self.planted("new", new), "--min-time", 0.01)
        if done.returncode == INCONCLUSIVE:
            self.skipTest("the gate says that this machine is too noisy to tell: " + done.stdout.splitlines()[-2])
        return done

    def test_a_tenth_more_work_does_not_pass(self):
        done = self.verdict(100, 110)
        self.assertEqual(done.returncode, SLOWER, done.stdout + done.stderr)

    def test_the_same_work_does_not_fail(self):
        done = self.verdict(100, 100)
        self.assertEqual(done.returncode, OK, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
