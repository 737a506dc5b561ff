"""pipelines/link.yaml: TCP of the kernel between two namespaces, through a link that has every fault."""

import random
import subprocess
import sys
import unittest
from pathlib import Path

import harness
from netns import NetnsLine

TCP = Path(__file__).parent / "tcp.py"


class Link(harness.PipelineTest):
    def through(self, sets, megabytes=2, seed=1):
        """Sends random bytes by TCP from one host to the other; returns the link's report."""
        sent, arrived = self.dir / "sent", self.dir / "arrived"
        sent.write_bytes(random.Random(seed).randbytes(megabytes * 1_000_000))
        with NetnsLine() as line:
            link = self.packetfs("link", vdevs=[f"net_af_packet{i},iface={end},framecnt=4096" for i, end in
                                                enumerate(("left", "right"))],
                                 netns=line.middle, sets={"runtime.idle": "pause", **sets})
            link.wait_line("packetfs: running", timeout=60)
            receiver = self.run_process(["ip", "netns", "exec", line.hosts[1], sys.executable, TCP, "receive", arrived])
            receiver.wait_line("listening", timeout=20)
            subprocess.run(["ip", "netns", "exec", line.hosts[0], sys.executable, TCP, "send", line.addresses[1], sent],
                           check=True, timeout=120)
            receiver.finish()
            link.stop()
        self.assertEqual(arrived.read_bytes(), sent.read_bytes())
        report = link.report()
        self.assert_ledger_closes(report)
        self.assertEqual(report["ledger"]["in_flight"], 0)
        return report

    def test_a_faultless_link_passes_every_frame(self):
        report = self.through({})
        self.assertEqual(report["ledger"]["dropped"], {})
        self.assertEqual(report["ledger"]["processed"], report["ledger"]["received"])

    def test_tcp_survives_every_fault_for_each_of_several_seeds(self):
        for seed in (1, 2, 3):
            faults = {f"stages.{way}.{key}": value for way in ("to_left", "to_right") for key, value in {
                "loss": 0.01, "burst_enter": 0.001, "burst_leave": 0.3, "duplicate": 0.02, "reorder": 0.02,
                "corrupt": 0.01, "trim": 0.005, "delay_us": 500, "jitter_us": 300, "rate": "500Mbps",
                "queue": "64KiB", "seed": seed}.items()}
            report = self.through(faults, megabytes=1, seed=seed)
            figures = {stage["name"]: stage["figures"] for stage in report["stages"]}
            self.assertGreater(report["ledger"]["dropped"]["impaired"], 0, f"seed {seed}")
            for figure in ("frames_doubled", "frames_delayed", "frames_corrupted"):
                self.assertGreater(sum(figures[way][figure] for way in ("to_left", "to_right")), 0, f"seed {seed}: {figure}")

    def test_a_link_that_is_black_at_times_loses_what_comes_then_and_names_it(self):
        report = self.through({"stages.to_right.black_every_ms": 300, "stages.to_right.black_for_ms": 100,
                               "stages.to_right.rate": "50Mbps", "stages.to_right.queue": "1MiB"}, megabytes=4)
        self.assertGreater(report["ledger"]["dropped"]["black_hole"], 0)

    def test_a_slow_link_with_a_short_queue_loses_what_the_queue_does_not_hold(self):
        report = self.through({"stages.to_right.rate": "50Mbps", "stages.to_right.queue": "16KiB"})
        self.assertGreater(report["ledger"]["dropped"]["link_full"], 0)

    def test_frames_of_any_kind_are_refused_where_packetfs_is_looked_for(self):
        process = self.packetfs("discard", vdevs=["net_ring0"], sets={"stages.rx.any": "true"})
        process.finish(harness.EXIT_CONFIGURATION)
        self.assertRegex(process.output, r"'rx' \(rx\) hands on frames of any kind, and '\w+' \(assemble\) takes those of "
                                           r"PacketFS only")

    def test_a_line_may_not_keep_more_mbufs_than_the_ports_can_spare(self):
        process = self.packetfs("link", vdevs=["net_ring0", "net_ring1"], sets={
            "stages.to_right.delay_us": 10, "stages.to_right.frames": 65536})
        process.finish(harness.EXIT_CONFIGURATION)
        self.assertIn("may keep 65536 frames on its line", process.output)


if __name__ == "__main__":
    unittest.main()
