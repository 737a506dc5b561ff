"""Captures that packetfs replays: one that cannot be read whole and right is refused before EAL starts.

The driver, net_pcap, takes what libpcap reads and ends its port without a word at the first frame that cannot be read."""

import gzip
import os
import struct
import sys
import unittest

import harness
import pcap

sys.path.insert(0, str(harness.ROOT / "tests" / "vectors"))
import pfswire as wire

FRAMES = [pcap.ethernet(wire.frame([b"\xc0"], seq=n)) for n in range(5)]


class Captures(harness.PipelineTest):
    def replay(self, name, device="net_pcap0"):
        """packetfs over the capture of that name in the test's folder; it discards what arrives."""
        return self.packetfs("discard", vdevs=[f"{device},rx_pcap={self.dir / name}"], sets={"blob.size": "2MiB"},
                             arguments=["--stats-period", "0.1"])

    def refuse(self, name, pattern, device="net_pcap0"):
        process = self.replay(name, device)
        self.assertEqual(process.wait(20), harness.EXIT_CONFIGURATION, process)
        self.assertEqual(len(process.lines), 1, process)
        self.assertRegex(process.lines[0], rf"^packetfs: {self.dir / name}{pattern}")

    def test_a_capture_that_is_cut_short(self):
        pcap.write(self.dir / "cut.pcap", FRAMES)
        whole = (self.dir / "cut.pcap").read_bytes()
        for missing in (1, 59, 60 + 15):  # in the last frame, and in the head of its record
            (self.dir / "cut.pcap").write_bytes(whole[:-missing])
            self.refuse("cut.pcap", r":5: frame cannot be read: truncated dump file.*; the file is damaged or cut short")
        self.refuse("cut.pcap", r":5: frame cannot be read", device="eth_pcap0")  # the driver's other name

    def test_a_record_longer_than_any_frame(self):
        pcap.write(self.dir / "long.pcap", FRAMES)
        with open(self.dir / "long.pcap", "ab") as file:
            file.write(struct.pack("<IIII", 0, 0, 1 << 30, 1 << 30) + bytes(100))
        self.refuse("long.pcap", r":6: frame cannot be read: invalid packet capture length 1073741824")

    def test_a_second_interface_that_differs(self):
        pcap.write_pcapng(self.dir / "two.pcapng", [(0, FRAMES[0]), (1, FRAMES[1])], [(pcap.ETHERNET, 65535), (113, 65535)])
        self.refuse("two.pcapng", r":2: frame cannot be read: an interface has a type 113 different")

    def test_links_other_than_ethernet(self):
        pcap.write_pcapng(self.dir / "sll.pcapng", [(0, FRAMES[0])], [(113, 65535)])
        self.refuse("sll.pcapng", ": a capture of LINUX_SLL, not of Ethernet; capture on one Ethernet interface")

    def test_what_is_no_capture(self):
        pcap.write(self.dir / "x.pcap", FRAMES)
        (self.dir / "x.pcap.gz").write_bytes(gzip.compress((self.dir / "x.pcap").read_bytes()))
        self.refuse("x.pcap.gz", ": the file is compressed by gzip; unpack it first: gunzip")
        (self.dir / "text").write_text("no capture")
        self.refuse("text", ": the file is not a pcap or pcapng file of Ethernet: it begins with the bytes 6e 6f 20 63")
        self.refuse("none", ": cannot be opened: No such file or directory")
        os.mkfifo(self.dir / "pipe")
        self.refuse("pipe", ": it is no file that can be checked before the run; save the capture as a file first")

    def test_pcapng_is_replayed_whole(self):
        pcap.write_pcapng(self.dir / "x.pcapng", [(n % 2, frame) for n, frame in enumerate(FRAMES)], [(pcap.ETHERNET, 65535)] * 2)
        process = self.replay("x.pcapng")
        process.wait_line(rf"received {len(FRAMES)} \+ .* in flight 0; residual 0")
        self.assertEqual(process.stop().report()["ledger"]["dropped"], {})

    def test_frames_that_the_capture_cut_are_said_and_counted(self):
        pcap.write(self.dir / "x.pcap", FRAMES)
        with open(self.dir / "x.pcap", "ab") as file:
            file.write(struct.pack("<IIII", 0, 0, 30, 1514) + pcap.ethernet(wire.frame([b"\xc0"], seq=5))[:30])
        process = self.replay("x.pcap")
        process.wait_line(r"note: .*x.pcap: 1 of 6 frames were cut by the capture; those with missing units are dropped as truncated")
        process.wait_line(r"received 6 \+ .* in flight 0; residual 0")
        self.assertEqual(process.stop().report()["ledger"]["dropped"], {"truncated": 1})


if __name__ == "__main__":
    unittest.main()
