"""UDP over IPv4 and IPv6 between sockets of the kernel and a pipeline: through a Linux router, and on a tap."""

import socket
import struct
import unittest

import harness
from netns import NetnsPair, NetnsRouter, inside, packet_socket
from reference import wire

UDP_PORT = 4919
PAYLOADS = [wire.frame([wire.run(1, list(range(1, 1 + count)))[0]]) for count in (1, 2, 3, 40, 63)]
VERSIONS = (4, 6)


def udp_socket(namespace, version):
    with inside(namespace):
        end = socket.socket(socket.AF_INET6 if version == 6 else socket.AF_INET, socket.SOCK_DGRAM)
    end.settimeout(10)
    return end


def ask(namespace, address, payloads):
    """What comes back for each payload that a socket in the namespace sends there: (address, port, payload)."""
    answers = []
    with udp_socket(namespace, 6 if ":" in address else 4) as end:
        for payload in payloads:
            end.sendto(payload, (address, UDP_PORT))
            answer, sender = end.recvfrom(65536)
            answers.append((*sender[:2], answer))
    return answers


def in_udp(payload, checksum, source="10.7.0.1", destination="10.7.0.2"):
    """The payload from port 4919 to port 4919 in IPv4, with a UDP checksum of the test's choice."""
    udp = struct.pack(">HHHH", UDP_PORT, UDP_PORT, 8 + len(payload), checksum) + payload
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0x4000, 64, 17, 0, socket.inet_aton(source),
                     socket.inet_aton(destination))
    total = sum(struct.unpack(">10H", ip))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    ip = ip[:10] + struct.pack(">H", total ^ 0xFFFF) + ip[12:]
    return bytes.fromhex("020000000099" "020000000001" "0800") + ip + udp


class Addresses(harness.PipelineTest):
    def run_in(self, namespace, pipeline, vdev="net_af_packet0,iface=eth0,framecnt=4096", sets=None):
        process = self.packetfs(pipeline, vdevs=[vdev], netns=namespace, sets={"runtime.idle": "pause", **(sets or {})},
                                arguments=["--stats-period", "0.1"])
        process.wait_line("packetfs: running", timeout=60)
        return process

    def assert_echoes(self, namespace, address):
        self.assertEqual(ask(namespace, address, PAYLOADS), [(address, UDP_PORT, payload) for payload in PAYLOADS])

    def test_datagrams_come_back_through_a_router_and_the_kernel_takes_their_checksums(self):
        with NetnsRouter() as net:
            echo = self.run_in(net.right, "echo")
            for version in VERSIONS:
                here = net.addresses["right"][version]
                NetnsPair._ip("-n", net.router, "neigh", "replace", here, "lladdr", net.mac(net.right), "dev", "right")
                self.assert_echoes(net.left, here)
            echo.stop()
        self.assert_ledger_closes(echo.report())
        self.assertEqual(echo.report()["ledger"]["processed"], len(VERSIONS) * len(PAYLOADS))

    def test_a_port_that_sums_udp_itself_sends_and_judges_checksums(self):
        wrong = 3
        with NetnsPair() as pair:  # only the namespace on the left: a tap has the kernel at its other end
            echo = self.run_in(pair.left, "echo", "net_tap0,iface=pfs0", {
                f"ports.p0.driver.{way}_offloads": "[IPV4_CKSUM, UDP_CKSUM]" for way in ("rx", "tx")})
            self.assertNotIn("not there", echo.output)
            NetnsPair._ip("-n", pair.left, "link", "set", "pfs0", "up")
            for version, ours, theirs in ((4, "10.7.0.1/24", "10.7.0.2"), (6, "fd07::1/64", "fd07::2")):
                NetnsPair._ip("-n", pair.left, "address", "add", ours, "dev", "pfs0", *(["nodad"] if version == 6 else []))
                NetnsPair._ip("-n", pair.left, "neigh", "replace", theirs, "lladdr", "02:00:00:00:00:99", "dev", "pfs0")
                self.assert_echoes(pair.left, theirs)
            with packet_socket(pair.left, "pfs0", 0) as raw:
                for _ in range(wrong):
                    raw.send(in_udp(PAYLOADS[0], checksum=0x1234))
            echo.wait_line(rf"bad_checksum:? +{wrong}\b|bad_checksum.*\b{wrong}\b")
            echo.stop()
        self.assert_ledger_closes(echo.report())
        self.assertEqual(echo.report()["ledger"]["dropped"]["bad_checksum"], wrong)


if __name__ == "__main__":
    unittest.main()
