"""What the generator sends is WIRE.md, word for word; what it is answered is counted; rates and counts are kept."""

import struct
import unittest

import harness
import pcap
from reference import MIB, wire

ONE_WAY = harness.PIPELINES / "one_way.yaml"


class Generates(harness.PipelineTest):
    def capture(self, **keys):
        process = self.packetfs(ONE_WAY, vdevs=[f"net_pcap0,tx_pcap={self.dir}/out.pcap"],
                                sets={f"stages.generator.{key}": value for key, value in keys.items()})
        process.finish()
        self.assert_ledger_closes(process.report())
        return [frame[14:] for frame in pcap.read(self.dir / "out.pcap")], process.report()

    def check_stream(self, payloads, window_pow2):
        """Numbers, counts and windows of a stream; returns the references of each gram."""
        grams, crc, count, window = [], 0xFFFF, 0, 0
        for seq, payload in enumerate(payloads):
            head, units, descriptors = wire.parse(payload, wire.Layout(4 * MIB))
            self.assertEqual(head["seq"], seq)
            if units[0][0] == "gram":
                grams.append({"head": units[0][1], "references": [], "descriptors": 0, "frames": 0})
            gram = grams[-1]
            self.assertEqual((head["gram"], head["frag"]), (len(grams) - 1, gram["frames"]))
            gram["frames"] += 1
            gram["descriptors"] += len(descriptors)
            for unit in units:
                if unit[0] == "run":
                    gram["references"] += unit[2]
                    crc = wire.crc16(b"".join(struct.pack(">I", r) for r in unit[2]), crc)
                    count += len(unit[2])
                    self.assertLessEqual(count, 1 << window_pow2)
                if unit[0] == "sync":
                    self.assertEqual((unit[1], unit[2], count), (window, crc, 1 << window_pow2))
                    crc, count, window = 0xFFFF, 0, window + 1
                if unit[0] == "gram_end":
                    end = unit[1]
                    self.assertEqual((end["frames"], end["descs"], end["total"]),
                                     (gram["frames"], gram["descriptors"], 64 * len(gram["references"])))
        self.assertGreater(window, 0)
        return [gram["references"] for gram in grams]

    def test_a_window_of_unanswered_grams_is_kept(self):
        pcap.write(self.dir / "nothing.pcap", [])
        for window in (1, 3):
            process = self.packetfs("generate", vdevs=[f"net_pcap0,rx_pcap={self.dir}/nothing.pcap,tx_pcap={self.dir}/out.pcap"],
                                    sets={"blob.size": "2MiB", "stages.generator.window": window, "stages.generator.frames_per_gram": 1,
                                          "stages.generator.frame_bytes": 128}, arguments=["--duration", "0.3"])
            process.finish()
            self.assertEqual(len(pcap.read(self.dir / "out.pcap")), window)

    def test_contiguous_grams_of_64_byte_frames(self):
        payloads, report = self.capture(count=40, window_pow2=8)
        references = sum(self.check_stream(payloads, 8), [])
        self.assertEqual(references, [i % (3 * MIB // 64) for i in range(len(references))])
        # 8 references behind a frame's header and a run's: one more would not fit behind the Ethernet header's 14.
        self.assertEqual(max(map(len, payloads)), 16 + 1 + 8 * 4)
        self.assertEqual(report["ledger"]["transmitted"], len(payloads))

    def test_stride_and_random_stay_in_their_range_and_repeat_by_seed(self):
        for pattern in ("stride", "random"):
            keys = {"pattern": pattern, "stride": 7, "range": "64KiB", "count": 6, "frame_bytes": 1500, "frames_per_gram": 4, "window_pow2": 9}
            first = self.check_stream(self.capture(**keys)[0], 9)
            self.assertEqual(first, self.check_stream(self.capture(**keys)[0], 9))
            self.assertLess(max(sum(first, [])), 1024)
            self.assertGreater(len(set(sum(first, []))), 500)

    def test_every_gram_is_answered_over_memif(self):
        socket = self.dir / "m.sock"
        cpus = (harness.cpus() * 2)[:2]
        ends = [f"net_memif0,role={role},id=0,socket={socket},socket-abstract=no" for role in ("server", "client")]
        answer = self.packetfs("answer", vdevs=ends[:1], lcores_value=f"0@{cpus[0]}", sets={"blob.size": "4MiB", "ports.p0.link_wait_ms": 30000})
        generate = self.packetfs("generate", vdevs=ends[1:], lcores_value=f"0@{cpus[1]}", sets={
            "blob.size": "4MiB", "ports.p0.link_wait_ms": 30000, "stages.generator.count": 500, "stages.generator.frame_bytes": 256,
            "stages.generator.digest": "crc32c"})
        generate.finish()
        answer.stop()
        figures = next(s for s in generate.report()["stages"] if s["kind"] == "generator")["figures"]
        self.assertEqual((figures["grams"], figures["results_done"], figures["results_refused"]), (500, 500, 0))
        for report in (answer.report(), generate.report()):
            self.assert_ledger_closes(report)
            self.assertEqual(report["ledger"]["dropped"], {})

    def test_a_rate_that_is_no_rate_is_refused(self):
        for rate, why in (("fast", "rate 'fast' has no unit; write 2Mpps"), ("infGbps", "not a finite number"), ("-1Mpps", "lets no frame go"),
                          ("010Mpps", "as octal numbers are"), ("110%", "above the line; write 100% or less"),
                          ("0.000001pps", "a frame every 11.6 days; a frame a day is the least")):
            with self.subTest(rate=rate):
                process = self.packetfs(ONE_WAY, vdevs=["net_null0"], sets={"stages.generator.rate": rate})
                process.finish(harness.EXIT_CONFIGURATION)
                self.assertIn(why, process.output)

    def test_the_achieved_rate_stands_beside_the_requested_one(self):
        sets = {"stages.generator.rate": "2kpps", "stages.generator.count": 10}
        process = self.packetfs(ONE_WAY, vdevs=["net_null0,no-rx=1"], sets=sets)
        process.finish()
        figures = next(stage["figures"] for stage in process.report()["stages"] if stage["kind"] == "generator")
        self.assertEqual(figures["requested_frames_per_second"], 2000)
        self.assertGreater(figures["achieved_frames_per_second"], 0)
        self.assertLess(figures["achieved_frames_per_second"], 2100)
        self.assertRegex(process.output, r"achieved_frames_per_second +\d+ frames/s")

    def test_a_rate_above_the_line_is_said(self):
        process = self.packetfs(ONE_WAY, vdevs=["net_null0,no-rx=1"], sets={"stages.generator.rate": "1000Gbps", "stages.generator.count": 1})
        process.finish()
        self.assertRegex(process.output, r"packetfs: stage 'generator': asks for .* frames/s, and 10000 Mbps carry .* of 64 bytes")


if __name__ == "__main__":
    unittest.main()
