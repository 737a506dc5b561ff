"""Answers that are lost and doubled on their way: each gram counts once, and only with its own RESULT."""

import unittest

import harness

PIPELINE = harness.PIPELINES / "lossy_answers.yaml"
SEEDS = range(1, 7)


class Matching(harness.PipelineTest):
    def run_it(self, seed, sets):
        """The run's exit code, its report, and the figures and drops by stage."""
        process = self.packetfs(PIPELINE, vdevs=["net_ring0"], mib=128, sets={"stages.impair.seed": seed, **sets})
        code = process.wait()
        report = process.report()
        self.assert_ledger_closes(report)
        stages = {stage["name"]: stage["figures"] | stage["drops"] for stage in report["stages"]}
        source, impair = stages["source"], stages["impair"]
        self.assertEqual(source["results_done"] + impair.get("impaired", 0), stages["kernel"]["grams_executed"], f"seed {seed}: {stages}")
        self.assertEqual(source.get("duplicate", 0), impair["frames_doubled"], f"seed {seed}: {stages}")
        self.assertNotIn("unasked", source)
        return code, report, impair.get("impaired", 0)

    def test_a_generator_takes_no_second_answer_for_a_missing_one(self):
        for seed in SEEDS:
            code, report, lost = self.run_it(seed, {})
            self.assertEqual(code, harness.EXIT_FAILED if lost else harness.EXIT_DONE, f"seed {seed}: {lost} lost")

    def test_a_file_is_verified_when_each_of_its_grams_is_answered(self):
        file = self.dir / "file"
        file.write_bytes(bytes(range(250)) * 64)
        source = {"stages.source": f"{{kind: file_source, port: p0, op: 4, file: {file}, gram_bytes: 256, timeout_s: 1, lcore: 0}}"}
        for seed in SEEDS:
            code, report, lost = self.run_it(seed, source)
            self.assertEqual(code, harness.EXIT_VERIFICATION if lost else harness.EXIT_DONE, f"seed {seed}: {lost} lost")
            self.assertEqual(report["result"]["verified"], lost == 0, f"seed {seed}")


if __name__ == "__main__":
    unittest.main()
