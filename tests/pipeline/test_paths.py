"""Sessions over addresses: files in UDP over IPv4 and IPv6 through a Linux router, behind VLAN tags, over a link that is
narrower further on, to a router that changes its MAC address, and with the kernel's table of neighbours."""

import random
import unittest

import harness
from netns import NetnsPair, NetnsRouter, inside
from test_addresses import UDP_PORT, VERSIONS, udp_socket

VDEV = "net_af_packet0,iface={},framecnt=4096"


def udp(net, side, version, remote=None, **more):
    """The path of the machine on a side of the router, as a pipeline file has it."""
    path = {"port": "p0", "encap": "udp", "local": f"{net.addresses[side][version]}/{net.prefix[version]}", **more}
    if remote:
        path |= {"remote": net.addresses[remote][version], "gateway": net.gateways[side][version]}
    return "[{" + ", ".join(f"{key}: {value}" for key, value in path.items()) + "}]"


def figures(process, stage="in"):
    return next(each["figures"] for each in process.report()["stages"] if each["name"] == stage)


class Paths(harness.PipelineTest):
    def setUp(self):
        super().setUp()
        self.arrived = self.dir / "arrived"
        self.arrived.mkdir()
        self.write(2_000_000)

    def write(self, count, seed=1):
        """The file that is sent: nothing of it is in the blob."""
        self.file = self.dir / f"file-{seed}"
        self.file.write_bytes(random.Random(seed).randbytes(count))

    def start(self, pipeline, namespace, paths, interface="eth0", sets=None):
        cpu = harness.cpus()[-1 if pipeline == "receive" else 0]
        process = self.packetfs(pipeline, vdevs=[VDEV.format(interface)], netns=namespace, lcores_value=f"0@{cpu}", sets={
            "blob.size": "8MiB", "runtime.idle": "pause", "stages.in.paths": paths,
            **({"stages.source.file": self.file} if pipeline == "send" else {"stages.sink.folder": self.arrived}),
            **(sets or {})})
        return process

    def receive(self, *arguments, **more):
        receiver = self.start("receive", *arguments, **more)
        receiver.wait_line("packetfs: running", timeout=60)
        return receiver

    def assert_sent(self, sender, receiver):
        sender.finish()
        receiver.finish()
        self.assertEqual((self.arrived / self.file.name).read_bytes(), self.file.read_bytes())
        for process in (sender, receiver):
            self.assert_ledger_closes(process.report())
        (self.arrived / self.file.name).unlink()

    def test_a_file_crosses_a_router_and_each_end_finds_its_next_hop(self):
        for version in VERSIONS:
            with self.subTest(version=version), NetnsRouter(kernel=()) as net:
                receiver = self.receive(net.right, udp(net, "right", version))
                sender = self.start("send", net.left, udp(net, "left", version, remote="right"))
                self.assert_sent(sender, receiver)
                self.assertGreaterEqual(figures(sender)["neighbours_learned"], 1)
                self.assertGreaterEqual(figures(receiver)["neighbours_answered"], 1, "the router asks for the receiver")

    def test_a_file_goes_behind_a_tag_with_and_without_udp(self):
        ends = {"encap: udp, local: 10.7.0.1/24, remote: 10.7.0.2": "{port: p0, encap: udp, local: 10.7.0.2/24, vlan: 12}",
                "encap: udp, local: fd07::1/64, remote: fd07::2": "{port: p0, encap: udp, local: fd07::2/64, vlan: 12}",
                "encap: vlan": ""}
        for here, there in ends.items():
            with self.subTest(path=here), NetnsPair() as pair:
                receiver = self.receive(pair.right, f"[{there}]", interface=pair.interface)
                sender = self.start("send", pair.left, f"[{{port: p0, {here}, vlan: 12}}]", interface=pair.interface)
                self.assert_sent(sender, receiver)

    def test_a_router_with_a_narrower_link_shortens_the_path_and_the_session_says_by_how_much(self):
        for version in VERSIONS:
            with self.subTest(version=version), NetnsRouter(kernel=(), mtu=1400) as net:
                receiver = self.receive(net.right, udp(net, "right", version), sets={"ports.p0.driver.mtu": 1400})
                sender = self.start("send", net.left, udp(net, "left", version, remote="right"))
                self.assert_sent(sender, receiver)
                self.assertGreaterEqual(figures(sender)["packets_too_big"], 1)
                self.assertIn("a router passes packets of 1400 bytes at most, and the port sends 1500", sender.output)

    def test_a_link_that_swallows_long_packets_and_says_nothing_is_found_by_probes(self):
        for version in VERSIONS:
            with self.subTest(version=version), NetnsRouter(kernel=(), mtu=1400) as net:
                net.silence()
                receiver = self.receive(net.right, udp(net, "right", version), sets={"ports.p0.driver.mtu": 1400})
                sender = self.start("send", net.left, udp(net, "left", version, remote="right"))
                self.assert_sent(sender, receiver)
                self.assertEqual(figures(sender)["packets_too_big"], 0)

    def test_a_next_hop_that_changes_its_mac_address_is_followed_announced_or_not(self):
        for version, announced in ((4, 1), (4, 0), (6, 0)):
            self.write(40_000_000, seed=2)
            with self.subTest(version=version, announced=announced), NetnsRouter(kernel=()) as net:
                net._exec(net.router, "sysctl", "-qw", f"net.ipv4.conf.left.arp_notify={announced}")
                receiver = self.receive(net.right, udp(net, "right", version))
                sender = self.start("send", net.left, udp(net, "left", version, remote="right"))
                sender.wait_line("session .*: opened")
                NetnsPair._ip("-n", net.router, "link", "set", "left", "address", "02:00:00:00:00:77")
                self.assert_sent(sender, receiver)
                self.assertGreaterEqual(figures(sender)["neighbours_moved"], 1)

    def test_the_router_finds_an_address_that_packetfs_answers_for(self):
        with NetnsRouter() as net:
            receiver = self.receive(net.right, "[{port: p0, encap: udp, local: 10.8.0.2/24}, "
                                               "{port: p0, encap: udp, local: fd08::2/64}]")
            for version in VERSIONS:
                with udp_socket(net.left, version) as end:
                    end.sendto(b"", (net.addresses["right"][version], UDP_PORT))
                harness.wait_until(lambda version=version: net.mac(net.right) in net.neighbour("right", version),
                                   what=f"the router knows the receiver by IPv{version}")
            receiver.stop()
            self.assertEqual(figures(receiver)["neighbours_not_answered"], 0)

    def test_the_kernels_table_knows_the_next_hop_of_an_address_that_is_the_kernels(self):
        for version in VERSIONS:
            with self.subTest(version=version), NetnsRouter(kernel=("left",)) as net:
                receiver = self.receive(net.right, udp(net, "right", version))
                sender = self.start("send", net.left, udp(net, "left", version, remote="right", neighbours="kernel"))
                self.assert_sent(sender, receiver)
                self.assertEqual(figures(sender)["neighbours_asked"], 0)
                self.assertEqual(figures(sender)["neighbours_answered"], 0)

    def test_a_next_hop_that_is_not_there_ends_the_run_and_is_named(self):
        with NetnsRouter(kernel=()) as net:
            sender = self.start("send", net.left, "[{port: p0, encap: udp, local: 10.9.0.1/24, remote: 10.9.0.77}]",
                                sets={"stages.in.forget_ms": 1000, "stages.in.silence_ms": 900})
            sender.finish(harness.EXIT_FAILED)
            self.assertIn("10.9.0.77 on port 'p0' does not answer", sender.output)

    def test_paths_that_cannot_work_are_refused_before_anything_starts(self):
        refused = {
            ("send", "[{port: p1}]"): "names port 'p1', which is not there",
            ("send", "[{port: p0, encap: udp, local: 10.9.0.1/24}]"): "which dials, has no remote",
            ("receive", "[{port: p0}]"): "answers go back the way the question came",
            ("send", "[{port: p0, encap: udp, local: 10.9.0.1/24, remote: 10.8.0.2}]"): "add gateway",
        }
        for (pipeline, paths), why in refused.items():
            with self.subTest(paths=paths):
                process = self.packetfs(pipeline, vdevs=["net_ring0"], sets={"stages.in.paths": paths, "blob.size": "8MiB",
                    **({"stages.source.file": self.file} if pipeline == "send" else {})})
                process.finish(harness.EXIT_CONFIGURATION)
                self.assertIn(why, process.output)


if __name__ == "__main__":
    unittest.main()
