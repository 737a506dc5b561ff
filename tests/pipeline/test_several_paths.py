"""A session by two paths at once: both carry frames, and one may go and come back."""

import random
import unittest

import harness
from netns import NetnsPair

SEND, RECEIVE = (harness.PIPELINES / f"two_paths_{way}.yaml" for way in ("send", "receive"))
RATE = "100Mbps"  # of each line: slow enough that a path can go and come back within a file


class SeveralPaths(harness.PipelineTest):
    def setUp(self):
        super().setUp()
        self.arrived = self.dir / "arrived"
        self.arrived.mkdir()

    def write(self, count):
        """The file that is sent: nothing of it is in the blob."""
        self.file = self.dir / "file"
        self.file.write_bytes(random.Random(7).randbytes(count))

    def start(self, vdevs, namespaces=(None, None), sets=None, both=None):
        cpus = (harness.cpus() * 2)[:2]
        common = {"runtime.idle": "pause", "runtime.share_cpu": "true", **(both or {})}
        receiver = self.packetfs(RECEIVE, vdevs=vdevs[1], netns=namespaces[1], lcores_value=f"0@{cpus[1]}", sets={
            "stages.sink.folder": self.arrived, **common})
        if namespaces[1]:
            receiver.wait_line("packetfs: running", timeout=60)
        sender = self.packetfs(SEND, vdevs=vdevs[0], netns=namespaces[0], lcores_value=f"0@{cpus[0]}", sets={
            "stages.source.file": self.file, **common, **(sets or {})})
        return sender, receiver

    def assert_sent(self, sender, receiver):
        """Returns the figures of the sender's session_out."""
        sender.finish()
        receiver.finish()
        self.assertEqual((self.arrived / "file").read_bytes(), self.file.read_bytes())
        for process in (sender, receiver):
            self.assert_ledger_closes(process.report())
        return next(stage["figures"] for stage in sender.report()["stages"] if stage["name"] == "out")

    def veths(self, pair):
        return [[f"net_af_packet{number},iface={interface},framecnt=4096" for number, interface in enumerate(pair.interfaces)]
                for _ in range(2)]

    def wait_sent(self, pair, interface, more):
        """Until as many more frames have left by the interface."""
        seen = pair.sent(interface)
        harness.wait_until(lambda: pair.sent(interface) >= seen + more, timeout=30, what=f"{more} frames more by {interface}")

    def test_frames_go_by_both_paths_over_memif(self):
        self.write(4_000_000)
        vdevs = [[f"net_memif{number},role={role},socket={self.dir}/memif{number}.sock,socket-abstract=no"
                  for number in range(2)] for role in ("client", "server")]
        figures = self.assert_sent(*self.start(vdevs))
        for path in (0, 1):
            self.assertGreater(figures[f"path{path}_frames_sent"], 300, figures)
            self.assertGreater(figures[f"path{path}_round_trip"], 0, figures)

    def test_a_path_whose_link_goes_down_is_done_without_and_used_again_when_it_is_back(self):
        self.write(30_000_000)
        with NetnsPair(cables=2) as pair:
            for lost in pair.interfaces:
                other = next(each for each in pair.interfaces if each != lost)
                with self.subTest(lost=lost):
                    sender, receiver = self.start(self.veths(pair), (pair.left, pair.right), {
                        "stages.line0.rate": RATE, "stages.line1.rate": RATE})
                    self.wait_sent(pair, lost, 500)
                    pair._ip("-n", pair.left, "link", "set", lost, "down")
                    self.wait_sent(pair, other, 2000)
                    pair._ip("-n", pair.left, "link", "set", lost, "up")
                    self.wait_sent(pair, lost, 500)
                    figures = self.assert_sent(sender, receiver)
                    self.assertGreater(figures[f"path{pair.interfaces.index(lost)}_rate"], 0, figures)
                    self.assertGreater(figures[f"path{pair.interfaces.index(lost)}_lost"], 0, figures)
                (self.arrived / "file").unlink()

    def test_a_path_whose_interface_is_taken_away_is_done_without_and_used_again_when_there_is_a_new_one(self):
        self.write(30_000_000)
        with NetnsPair(cables=2) as pair:
            # The receiver's interface goes as well, since it is the same cable's other end.
            sender, receiver = self.start(self.veths(pair), (pair.left, pair.right), {
                "stages.line0.rate": RATE, "stages.line1.rate": RATE}, both={"ports.p1.link": "wait"})
            self.wait_sent(pair, "veth1", 500)
            pair.delete("veth1")
            self.wait_sent(pair, "veth0", 2000)
            pair.join("veth1")
            self.wait_sent(pair, "veth1", 500)
            self.assert_sent(sender, receiver)


if __name__ == "__main__":
    unittest.main()
