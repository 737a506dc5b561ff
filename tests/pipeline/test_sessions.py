"""What a session survives besides a link that loses: killed ends, a replayed capture, another MTU, a link that goes down."""

import os
import random
import socket
import unittest
from pathlib import Path

import harness
from netns import NetnsPair
from sessions import SessionTest, dropped, figure, stage
from netns import packet_socket

MOMENTS = 25     # of each end, drawn over the whole transfer and a little beyond
SO_RCVBUFFORCE = 33
NOTICED_S = 3    # a peer that is gone is noticed within
SLOW = {"stages.impair.rate": "150Mbps"}  # the file takes a quarter of a second


def written(process, folder):
    """Bytes of the largest file that the process has open in the folder, which need not have a name."""
    most = 0
    for entry in Path(f"/proc/{process.pid}/fd").iterdir():
        try:
            if os.readlink(entry).startswith(f"{folder}/"):
                most = max(most, os.stat(entry).st_size)
        except OSError:  # closed meanwhile
            continue
    return most


class Killed(SessionTest):
    """SIGKILL of either end at seeded moments of a transfer; a new process then moves the same file, once. Over AF_PACKET, because
    DPDK's memif driver unmaps the rings of a peer that is gone while rx may still read them."""

    def setUp(self):
        super().setUp()
        self.pair = NetnsPair().__enter__()
        self.addCleanup(self.pair.__exit__)
        self.vdev = f"net_af_packet0,iface={self.pair.interface}"

    def receiver(self):
        receiver = self.end("impaired_receive", self.vdev, 0, {"stages.sink.folder": self.arrived, "stages.sink.once": "false",
                                                               "stages.sink.overwrite": "true", **SLOW}, netns=self.pair.left)
        receiver.wait_line("packetfs: running", timeout=60)
        return receiver

    def sender(self):
        return self.end("impaired_send", self.vdev, 1, {"stages.source.file": self.file}, netns=self.pair.right)

    def at_the_moment(self, receiver, sender, share):
        """Returns once so much of the file is written, or all of it has been sent."""
        size = self.file.stat().st_size
        harness.wait_until(lambda: written(receiver, self.arrived) >= share * size or not sender.running or
                           (self.arrived / self.file.name).exists(), timeout=30, what=f"{100 * share:.0f} % of the file are written")

    def take(self):
        """The file that arrived is the one that was sent; then it is gone."""
        self.assertEqual((self.arrived / self.file.name).read_bytes(), self.file.read_bytes())
        (self.arrived / self.file.name).unlink()

    def test_a_killed_sender_is_told_from_the_next_one_which_moves_the_file_once(self):
        rng = random.Random(7)
        receiver = self.receiver()
        killed_early = 0
        for moment in range(MOMENTS):
            share = rng.uniform(0, 1.05)
            with self.subTest(moment=moment, share=round(share, 3)):
                sender = self.sender()
                sender.wait_line("packetfs: running", timeout=60)
                self.at_the_moment(receiver, sender, share)
                sender.kill()
                killed_early += not (self.arrived / self.file.name).exists()
                self.sender().finish()
                self.take()
        self.assertGreater(killed_early, MOMENTS // 2)
        receiver.stop()
        report = receiver.report()
        self.assert_ledger_closes(report)
        self.assertEqual(report["ledger"]["in_flight"], 0)
        self.assertEqual(report["result"]["files_verified"], MOMENTS)

    def test_a_killed_receiver_is_noticed_and_the_next_one_gets_the_file(self):
        rng = random.Random(8)
        receiver = self.receiver()
        for moment in range(MOMENTS):
            share = rng.uniform(0, 1.05)
            with self.subTest(moment=moment, share=round(share, 3)):
                sender = self.sender()
                sender.wait_line("packetfs: running", timeout=60)
                self.at_the_moment(receiver, sender, share)
                receiver.kill()
                receiver = self.receiver()
                sender.finish()
                self.take()
        receiver.stop()
        self.assert_ledger_closes(receiver.report())

    def test_a_peer_that_vanishes_is_noticed_and_forgotten(self):
        receiver, sender = self.receiver(), self.sender()
        sender.wait_line("packetfs: running", timeout=60)
        self.at_the_moment(receiver, sender, 0.3)
        sender.kill()
        receiver.wait_line(r"packetfs: session .* with .*: away", timeout=NOTICED_S + 2)  # two for a machine that does other things
        receiver.wait_line(r"packetfs: session .* with .*: closed: silent for", timeout=15)
        receiver.stop()
        report = receiver.report()
        self.assert_ledger_closes(report)
        self.assertEqual(report["ledger"]["in_flight"], 0)


class Interfaces(SessionTest):
    """Sessions between two namespaces, over the devices as their profiles ship them."""

    def sides(self, pair, receive=None, send=None, device="af_packet", receives="receive", more=""):
        """A receiver and a sender. receives: the receiver's pipeline; more: arguments of the sender's device."""
        vdev, common = f"net_{device}0,iface={pair.interface}", {"ports.p0.link_wait_ms": 30000, "blob.size": "64MiB"}
        receiver = self.end(receives, vdev, 0, {**common, "stages.sink.folder": self.arrived, **(receive or {})}, netns=pair.left)
        receiver.wait_line("packetfs: running", timeout=60)
        return receiver, self.end("send", vdev + more, 1, {**common, "stages.source.file": self.file, **(send or {})}, netns=pair.right)

    def test_known_and_new_data_over_af_packet_and_af_xdp_as_shipped(self):
        known, new = random.Random(3).randbytes(40_000_000), random.Random(4).randbytes(32 << 20)
        (self.dir / "base").write_bytes(known)
        for device in ("af_packet", "af_xdp"):
            for name, content in (("known", known), ("new", new)):
                with self.subTest(device=device, data=name), NetnsPair() as pair:
                    self.file.write_bytes(content)
                    receiver, sender = self.sides(pair, device=device)
                    sender.finish()
                    receiver.finish()
                    self.assert_whole(receiver.report())
                    (self.arrived / self.file.name).unlink()

    def test_a_replayed_capture_changes_nothing(self):
        """Everything that came to the receiver in one session is sent again while the next session goes on."""
        with NetnsPair() as pair:
            tap, thrower = (packet_socket(name, pair.interface, 0x1337) for name in (pair.left, pair.right))
            self.addCleanup(tap.close)
            self.addCleanup(thrower.close)
            tap.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
            receiver, sender = self.sides(pair, {"stages.sink.once": "false", "stages.sink.overwrite": "true"})
            sender.finish()
            tap.setblocking(False)
            captured = []
            while True:
                try:
                    frame, of = tap.recvfrom(2048)
                except BlockingIOError:
                    break
                if of[2] != socket.PACKET_OUTGOING:
                    captured.append(frame)
            self.assertGreater(len(captured), 1000)
            self.file.write_bytes(random.Random(5).randbytes(2_000_000))  # or the receiver would have it already
            sender = self.end("send", f"net_af_packet0,iface={pair.interface}", 1,
                              {"ports.p0.link_wait_ms": 30000, "blob.size": "64MiB", "stages.source.file": self.file}, netns=pair.right)
            sender.wait_line("packetfs: running", timeout=60)
            for frame in captured:
                thrower.send(frame)
            sender.finish()
            receiver.stop()
        report = receiver.report()
        self.assertEqual((self.arrived / self.file.name).read_bytes(), self.file.read_bytes())
        self.assert_ledger_closes(report)
        self.assertEqual(report["result"]["files_verified"], 2)
        self.assertGreater(dropped(report, "no_session", "duplicate"), len(captured) // 2)

    def test_a_path_that_carries_less_than_its_port_is_named_and_used_as_it_is(self):
        """The sender's interface takes frames of 9,000 bytes and the receiver's 1,500: the kernel between them drops longer ones."""
        with NetnsPair() as pair:
            pair._ip("-n", pair.right, "link", "set", pair.interface, "mtu", "9000")
            receiver, sender = self.sides(pair, send={"ports.p0.driver.mtu": 9000}, more=",framesz=9216,blocksz=36864")
            sender.finish()
            receiver.finish()
            self.assert_whole(receiver.report())
            self.assertRegex(sender.output, r"packetfs: .*\b9000\b.*\b1500\b")

    def test_a_link_that_goes_down_and_comes_back_resumes(self):
        with NetnsPair() as pair:
            receiver, sender = self.sides(pair, SLOW, receives="impaired_receive")
            size = self.file.stat().st_size
            for share in (0.2, 0.5, 0.8):
                harness.wait_until(lambda share=share: written(receiver, self.arrived) >= share * size, timeout=30, what=f"{share} of the file")
                pair._ip("-n", pair.right, "link", "set", pair.interface, "down")
                harness.wait_until(lambda: "NO-CARRIER" in pair._ip("-n", pair.left, "link", "show", pair.interface), what="the link is down")
                pair._ip("-n", pair.right, "link", "set", pair.interface, "up")
            sender.finish()
            receiver.finish()
            self.assert_whole(receiver.report())


if __name__ == "__main__":
    unittest.main()
