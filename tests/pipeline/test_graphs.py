"""Graphs of other shapes than those that ship: shared and split lcores, several ports and queues, and how they end."""

import signal
import unittest

import harness
import pcap
from reference import Sender, pfsblob, wire

PIPELINES = harness.PIPELINES
RING = ["net_ring0"]


def two_lcores():
    cpus = (harness.cpus() * 2)[:2]
    return f"0@{cpus[0]},1@{cpus[1]}"


class Graphs(harness.PipelineTest):
    def ended(self, process, code=harness.EXIT_DONE):
        process.finish(code)
        report = process.report()
        self.assert_ledger_closes(report)
        return report

    def stage(self, report, name):
        return next(stage for stage in report["stages"] if stage["name"] == name)

    def test_lcores_that_feed_each_other_through_full_rings_do_not_stop(self):
        """A late frame lets more grams go than there was room for, while the ring they go to waits for this lcore."""
        report = self.ended(self.packetfs(PIPELINES / "full_rings.yaml", vdevs=RING, lcores_value=two_lcores(), arguments=["--duration", "2"]))
        self.assertGreater(report["ledger"]["processed"], 0)

    def test_an_assembler_whose_pool_is_dry_waits_and_goes_on(self):
        """The grams that come back are in a full ring, at whose other end an lcore waits for this one."""
        for grams in (2, 64):
            report = self.ended(self.packetfs(PIPELINES / "full_rings.yaml", vdevs=RING, lcores_value=two_lcores(), arguments=["--duration", "1"],
                                              sets={"stages.assemble.grams": grams}))
            self.assertGreater(self.stage(report, "kernel")["figures"]["grams_executed"], grams)
            self.assertLessEqual(set(report["ledger"]["dropped"]), {"duplicate"}, f"{grams} grams")

    def test_frames_that_a_device_hands_on_as_built_are_received_ones(self):
        report = self.ended(self.packetfs(PIPELINES / "relayed.yaml", vdevs=RING))
        built = report["ledger"]["built"]
        self.assertEqual((report["ledger"]["transmitted"], report["ledger"]["processed"], report["ledger"]["received"]), (built, 2 * built, 2 * built))
        self.assertEqual(self.stage(report, "assemble")["figures"]["grams"], 20)
        self.assertTrue(report["result"]["verified"])

    def test_several_takers_share_by_stream_or_in_turn(self):
        for spread, shares in (("turn", (1600, 1600)), ("stream", (0, 3200))):
            report = self.ended(self.packetfs(PIPELINES / "spread.yaml", vdevs=["net_null0,no-rx=1"], sets={"edges.1.spread": spread}))
            self.assertEqual(tuple(self.stage(report, tx)["items"] for tx in ("tx0", "tx1")), shares)

    def test_bare_frames_are_executed_where_their_own_port_says_so(self):
        pcap.write(self.dir / "bare.pcap", [pcap.ethernet(wire.run(2, [i])[0] + bytes([wire.END]), b"\x02" * 6, b"\x04" * 6) for i in range(9)])
        pcap.write(self.dir / "none.pcap", [])
        for from_port, executed in ((0, 0), (1, 9)):
            files = ["none.pcap", "none.pcap"]
            files[from_port] = "bare.pcap"
            process = self.packetfs(PIPELINES / "bare_port.yaml", vdevs=[f"net_pcap{i},rx_pcap={self.dir}/{name}" for i, name in enumerate(files)],
                                    arguments=["--stats-period", "0.05"])
            process.wait_line(r"received 9 .* in flight 0; residual 0")
            process.stop()
            report = process.report()
            self.assertEqual(self.stage(report, "kernel")["figures"]["grams_executed"], executed)
            self.assertEqual(report["ledger"]["dropped"], {} if executed else {"bare_unconfigured": 9})

    def test_windows_of_every_size_make_whole_grams(self):
        for window in (0, 1, 5, 9):
            report = self.ended(self.packetfs(PIPELINES / "ring.yaml", vdevs=RING,
                                              sets={"stages.generator.frame_bytes": 600, "stages.generator.window_pow2": window}))
            self.assertEqual(report["ledger"]["dropped"], {}, f"window_pow2 {window}")
            self.assertEqual(self.stage(report, "discard")["figures"]["bytes_denoted"], self.stage(report, "generator")["figures"]["bytes_denoted"])

    def test_broken_frames_of_many_streams_leave_the_good_ones_their_place(self):
        blob = pfsblob.build(4 << 20, 42, [])
        good, _, _ = Sender(blob, wire.Layout(4 << 20)).grams([wire.run(2, [1])], 0)
        broken = [bytes([0xE0, 0x20]) + stream.to_bytes(2, "big") + bytes(12) for stream in range(1, 80)]
        pcap.write(self.dir / "in.pcap", [pcap.ethernet(p, b"\x02" * 6, b"\x04" * 6) for p in broken + good])
        process = self.packetfs("discard", vdevs=[f"net_pcap0,rx_pcap={self.dir}/in.pcap,tx_pcap={self.dir}/out.pcap"], sets={"blob.size": "4MiB"},
                                arguments=["--stats-period", "0.05"])
        process.wait_line(r"received 80 \+ .* in flight 0; residual 0")
        report = self.ended(process.stop())
        self.assertEqual(self.stage(report, "discard")["items"], 1)

    def test_answers_leave_by_the_port_that_their_questions_came_from(self):
        blob = pfsblob.build(2 << 20, 42, [])
        for port, stream in (("a", 3), ("b", 4)):  # the kernel's first edge leads to b
            made, _, _ = Sender(blob, wire.Layout(2 << 20), stream).grams([wire.run(2, [stream])], 4)
            pcap.write(self.dir / f"{port}.in.pcap", [pcap.ethernet(p, b"\x02" * 6, b"\x04" * 6) for p in made])
        vdevs = [f"net_pcap{i},rx_pcap={self.dir}/{port}.in.pcap,tx_pcap={self.dir}/{port}.out.pcap" for i, port in enumerate("ab")]
        process = self.packetfs(PIPELINES / "two_ports.yaml", vdevs=vdevs, arguments=["--stats-period", "0.05"])
        process.wait_line(r"received 2 \+ built 2 .* in flight 0; residual 0")
        self.ended(process.stop())
        for port, stream in (("a", 3), ("b", 4)):
            answers = [wire.parse(frame[14:], wire.Layout(2 << 20)) for frame in pcap.read(self.dir / f"{port}.out.pcap")]
            self.assertEqual({head["stream"] for head, _, _ in answers}, {stream})
            self.assertEqual({units[0][0] for _, units, _ in answers}, {"result"})

    def test_what_nobody_verified_is_not_called_verified(self):
        report = self.ended(self.packetfs("generate", vdevs=["net_null0,no-rx=1"], sets={"blob.size": "4MiB"}, arguments=["--duration", "0.1"]))
        self.assertEqual((report["result"]["verified"], report["result"]["bytes"]), (False, 0))
        report = self.ended(self.packetfs(PIPELINES / "ring.yaml", vdevs=RING, sets={"stages.discard.verify": "false"}))
        self.assertFalse(report["result"]["verified"])
        self.assertGreater(report["result"]["bytes"], 0)

    def test_ports_keep_their_counts_when_the_peer_has_left(self):
        socket = self.dir / "m.sock"
        ends = [f"net_memif0,role={role},id=0,socket={socket},socket-abstract=no" for role in ("server", "client")]
        wait = {"blob.size": "4MiB", "ports.p0.link_wait_ms": 30000}
        lcores = two_lcores().split(",")
        discard = self.packetfs("discard", vdevs=ends[:1], lcores_value=lcores[0], sets=wait, arguments=["--stats-period", "0.05"])
        generate = self.packetfs("generate", vdevs=ends[1:], lcores_value="0" + lcores[1][1:], sets={**wait, "stages.generator.count": 100, "stages.generator.op": 0})
        sent = self.ended(generate)["ledger"]["transmitted"]
        discard.wait_line(rf"received {sent} ")
        report = self.ended(discard.stop())
        self.assertGreater(sent, 0)
        self.assertEqual((report["ports"][0]["rx_packets"], report["ledger"]["received"]), (sent, sent))
        self.assertGreater(report["result"]["wire_bytes"], 64 * sent // 2)

    def test_a_signal_before_the_run_ends_it_and_leaves_nothing(self):
        socket = self.dir / "m.sock"
        process = self.packetfs("discard", vdevs=[f"net_memif0,role=server,id=0,socket={socket},socket-abstract=no"],
                                sets={"blob.size": "4MiB", "ports.p0.link_wait_ms": 60000})
        harness.wait_until(socket.exists, what="the socket that waits for a peer")
        process.signal(signal.SIGINT)
        process.finish(harness.EXIT_INTERRUPTED)
        self.assertEqual([line for line in process.lines if line.startswith("packetfs: ")], ["packetfs: interrupted before it ran"])
        self.assertFalse(socket.exists())


if __name__ == "__main__":
    unittest.main()
