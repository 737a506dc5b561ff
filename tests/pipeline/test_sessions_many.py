"""Eight senders and one receiver at a switch, 64 streams each; one sender means harm. The other seven lose nothing."""

import json
import subprocess
import sys
import unittest
from pathlib import Path

import harness
from netns import NetnsStar
from sessions import SessionTest, figure, stage

HONEST, STREAMS, GRAMS = 7, 64, 12
FLOOD = 150_000  # frames: some seconds of all that a socket takes
HOSTILE = Path(__file__).with_name("hostile.py")


class Many(SessionTest):
    def generators(self):
        """A pipeline with a generator a stream, all of one session."""
        names = [f"g{number}" for number in range(STREAMS)]
        lines = ["blob: {size: 2MiB, seed: 42}", "ports:", "  p0: {device: 0, link_wait_ms: 30000}", "stages:", "  rx: {kind: rx, port: p0}",
                 "  in: {kind: session_in, port: p0, dial: true, streams: 64}", "  out: {kind: session_out, port: p0, session: in}", "  tx: {kind: tx, port: p0}"]
        lines += [f"  {name}: {{kind: generator, port: p0, stream: {number}, count: {GRAMS}, frames_per_gram: 4, frame_bytes: 512, window: 4}}"
                  for number, name in enumerate(names)]
        lines += ["edges:", "  - {from: rx, to: in}", f"  - {{from: in, to: [{', '.join(names)}]}}", "  - {from: out, to: tx}"]
        lines += [f"  - {{from: {name}, to: out}}" for name in names]
        path = self.dir / "generators.yaml"
        path.write_text("\n".join(lines) + "\n")
        return path

    def test_seven_of_eight_senders_lose_nothing_beside_one_that_means_harm(self):
        pipeline, rest = self.generators(), {"runtime.idle": "pause"}
        with NetnsStar(HONEST + 2) as star:
            server = self.packetfs("serve", netns=star.hosts[0], vdevs=["net_af_packet0,iface=eth0"], mib=256, lcores_value=f"0@{harness.cpus()[0]}",
                                   sets={"blob.size": "2MiB", "stages.in.streams": STREAMS, **rest})
            server.wait_line("packetfs: running", timeout=60)
            hostile = self.run_process(["ip", "netns", "exec", star.hosts[-1], sys.executable, HOSTILE, "eth0", star.macs[0].hex(":"), 5, FLOOD,
                                        *(mac.hex(":") for mac in star.macs[1:-1])])
            hostile.wait_line("ready", timeout=60)
            senders = [self.packetfs(pipeline, netns=host, vdevs=["net_af_packet0,iface=eth0"], mib=128, lcores_value=f"0@{harness.cpus()[-1]}",
                                     sets={"ports.p0.peer": star.macs[0].hex(":"), **rest}) for host in star.hosts[1:-1]]
            for sender in senders:
                sender.finish(timeout=60)
            hostile.finish(timeout=60)
            server.stop()
        sent = json.loads(hostile.lines[-1])
        self.assertEqual(sum(sent.values()) > FLOOD // 2, True, sent)
        for sender in senders:
            report = sender.report()
            self.assertEqual(figure(report, "results_done"), STREAMS * GRAMS)
            self.assert_ledger_closes(report)
        report = server.report()
        self.assertEqual(stage(report, "kernel")["items"], HONEST * STREAMS * GRAMS)
        self.assert_ledger_closes(report)
        self.assertEqual(report["ledger"]["in_flight"], 0)
        self.assertGreater(figure(report, "lines_withheld"), 0)


if __name__ == "__main__":
    unittest.main()
