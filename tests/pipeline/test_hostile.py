"""A peer whose frames denote as much as a gram may: the other peers' grams and the end of the run do not wait for them."""

import os
import signal
import socket
import statistics
import struct
import time

import harness
import netns
import pcap
from reference import MIB, wire

SEED = 42
BLOB_MIB = 64
SERVER, HOSTILE, PEER = b"\x52\x54\x00\x00\x00\x02", b"\x52\x54\x00\x00\x00\x66", b"\x52\x54\x00\x00\x00\x01"
HOSTILE_FRAMES = 1000
SMALL_GRAMS = 300
BOUND_S = 0.010  # the 99th percentile; on a machine that others load, five times what it is without the hostile peer
COUNT_EQ, HIST8 = 4, 6


class Peer:
    """A sender of whole grams of one frame each."""

    def __init__(self, link, mac, stream, blob):
        self.link, self.mac, self.stream, self.blob, self.gram = link, mac, stream, blob, 0

    def send(self, units, op, descriptors, total, digest="none"):
        """A gram of these units, which denote `total` bytes in `descriptors` ranges. Returns its number."""
        gram, self.gram = self.gram, self.gram + 1
        whole = [wire.gram(op=op, arg=7, total=total, blob=self.blob), *units, wire.gram_end(wire.DIGEST[digest], 1, descriptors, total, 0)]
        payload = wire.frame([unit for unit, _ in whole], stream=self.stream, seq=gram, gram_no=gram, flags=wire.FIRST | wire.LAST)
        self.link.send(pcap.ethernet(payload, SERVER, self.mac))
        return gram

    def wait_result(self, gram, timeout=20.0):
        """Seconds until the RESULT of this gram has come."""
        start = time.monotonic()
        self.link.settimeout(timeout)
        while True:
            frame = self.link.recv(2048)
            if frame[:6] != self.mac or frame[12:14] != b"\x13\x37":
                continue
            for unit in wire.parse(frame[14:], wire.Layout(BLOB_MIB * MIB))[1]:
                if unit[0] == "result" and unit[1]["gram"] == gram:
                    return time.monotonic() - start

    def small(self):
        return self.wait_result(self.send([wire.run(2, range(10))], COUNT_EQ, 1, 640))


class HostilePeer(harness.PipelineTest):
    def start(self, sets=None):
        pair = netns.NetnsPair().__enter__()
        self.addCleanup(pair.__exit__)
        self.server = self.packetfs("answer", netns=pair.left, vdevs=[f"net_af_packet0,iface={pair.interface},framecnt=4096"], mib=1024,
                                    sets={"blob.size": f"{BLOB_MIB}MiB", "blob.seed": SEED, **(sets or {})})
        root = self.server.wait_line("root ([0-9a-f]{64})", timeout=60)[1]
        self.server.wait_line("running", timeout=60)
        links = [netns.packet_socket(pair.right, pair.interface, 0x1337) for _ in range(2)]
        for link in links:
            self.addCleanup(link.close)
        self.hostile, self.peer = (
            Peer(link, mac, stream, int(root[-8:], 16)) for link, mac, stream in zip(links, (HOSTILE, PEER), (66, 1)))

    def percentile(self, hostile_frames, send_hostile):
        """The 99th percentile of a small gram's way there and back, with so many frames sent between the grams."""
        times, sent = [], 0
        for number in range(SMALL_GRAMS):
            for _ in range(hostile_frames * (number + 1) // SMALL_GRAMS - sent):
                send_hostile()
                sent += 1
            times.append(self.peer.small())
        return statistics.quantiles(times, n=100)[98]

    def check(self, send_hostile):
        alone = self.percentile(0, None)
        beset = self.percentile(HOSTILE_FRAMES, send_hostile)
        start = time.monotonic()
        self.server.signal(signal.SIGTERM)
        self.server.finish()
        took = time.monotonic() - start
        figures = f"p99 {alone * 1e3:.2f} ms alone, {beset * 1e3:.2f} ms beside the hostile peer; stopped in {took:.2f} s"
        self.assertLess(beset, max(BOUND_S, 5 * alone), figures)
        self.assertLess(took, 1.0 if os.getloadavg()[0] < os.cpu_count() else 3.0, figures)
        report = self.server.report()
        self.assert_ledger_closes(report)
        return report["ledger"]["dropped"]

    def test_the_largest_grams_that_are_admitted_delay_nobody(self):
        self.start()
        lengths = [(0, BLOB_MIB * MIB)] * (1024 // BLOB_MIB)  # a gibibyte, max_gram_bytes
        unit = wire.extents(lengths)
        dropped = self.check(lambda: self.hostile.send([unit], HIST8, len(lengths), sum(length for _, length in lengths)))
        # Of those within the peer's share few are done; the end of the run meets the rest.
        self.assertGreater(dropped.get("over_share", 0) + dropped.get("stopped", 0), HOSTILE_FRAMES // 2)

    def test_a_pool_that_holds_all_of_them_delays_nobody_either(self):
        self.start({"stages.assemble.grams": 2 * HOSTILE_FRAMES, "stages.assemble.descriptors": 1024, "stages.assemble.slab": 4096,
                    "stages.assemble.peer_bytes": "1024GiB"})
        lengths = [(0, BLOB_MIB * MIB)] * (1024 // BLOB_MIB)
        unit = wire.extents(lengths)
        self.check(lambda: self.hostile.send([unit], HIST8, len(lengths), sum(length for _, length in lengths)))

    def test_grams_beyond_the_bound_delay_nobody(self):
        self.start()
        unit = wire.extents([(0, BLOB_MIB * MIB)] * 256)
        dropped = self.check(lambda: self.hostile.send([unit] * 59, HIST8, 59 * 256, 59 * 256 * BLOB_MIB * MIB))
        self.assertEqual(dropped, {"over_limit": HOSTILE_FRAMES})


if __name__ == "__main__":
    harness.unittest.main()
