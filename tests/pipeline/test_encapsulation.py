"""What stands in front of a payload, from capture to capture: frames that `echo` sends back arrive whole."""

import struct
import unittest

import harness
import pcap
from reference import wire

US, PEER = b"\x52\x54\x00\x00\x00\x02", b"\x52\x54\x00\x00\x00\x01"
HERE, THERE = b"\x0a\0\0\1", b"\x0a\0\0\2"
UDP_PORT, THEIR_PORT = 4919, 5555


def ipv4_checksum(header):
    total = sum(struct.unpack(f">{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def in_ipv4(payload, options=b""):
    """The payload in UDP in IPv4 in Ethernet; `options` stand in the IP header (a multiple of 4 bytes, 40 at most)."""
    udp = struct.pack(">HHHH", THEIR_PORT, UDP_PORT, 8 + len(payload), 0) + payload
    words = 5 + len(options) // 4
    ip = struct.pack(">BBHHHBBH4s4s", 0x40 | words, 0, words * 4 + len(udp), 1, 0, 64, 17, 0, THERE, HERE) + options
    return US + PEER + b"\x08\x00" + ip + udp


class Echo(harness.PipelineTest):
    def echo(self, frames):
        pcap.write(self.dir / "in.pcap", frames)
        process = self.packetfs("echo", vdevs=[f"net_pcap0,rx_pcap={self.dir}/in.pcap,tx_pcap={self.dir}/out.pcap"],
                                arguments=["--stats-period", "0.1"])
        process.wait_line(rf"received {len(frames)} \+ .* in flight 0; residual 0", timeout=30)
        process.stop()
        return pcap.read(self.dir / "out.pcap")

    def test_a_datagram_behind_ip_options_comes_back_whole_and_without_them(self):
        payload = wire.frame([wire.run(2, [1, 2, 3])[0]])
        options = [b"", b"\x01" * 4, b"\x94\x04\0\0", b"\x01" * 40]
        out = self.echo([in_ipv4(payload, each) for each in options])
        self.assertEqual(len(out), len(options))
        for frame, each in zip(out, options):
            with self.subTest(options=each.hex()):
                self.assertEqual(frame[:6], PEER)
                self.assertEqual(frame[12:14], b"\x08\x00")
                ip = frame[14:34]
                self.assertEqual(ip[0], 0x45)
                self.assertEqual(struct.unpack(">H", ip[2:4])[0], 28 + len(payload))
                self.assertEqual(ipv4_checksum(ip), 0)
                self.assertEqual(ip[12:20], HERE + THERE)
                self.assertEqual(struct.unpack(">HHH", frame[34:40]), (UDP_PORT, THEIR_PORT, 8 + len(payload)))
                self.assertEqual(frame[42:], payload)


if __name__ == "__main__":
    unittest.main()
