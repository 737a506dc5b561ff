"""What is said of a file that is sent: its size, its name, and whether it was still the same at the end."""

import hashlib
import os
import random
import signal
import unittest

import harness
import pcap
from netns import NetnsPair


class Files(harness.PipelineTest):
    def setUp(self):
        super().setUp()
        self.arrived = self.dir / "arrived"
        self.arrived.mkdir()
        self.file = self.dir / "file"
        self.file.write_bytes(random.Random(11).randbytes(300_000))

    def loopback(self, file, code=harness.EXIT_DONE):
        """One process sends `file` (as YAML has it) to itself."""
        return self.packetfs("loopback", vdevs=["net_ring0"], sets={
            "blob.size": "2MiB", "stages.source.file": file, "stages.sink.folder": self.arrived}).finish(code)

    def change_before_it_is_sent(self, change):
        """The sender waits for its link when the file changes; then a receiver comes. Both ended, their reports."""
        socket = self.dir / "memif.sock"
        cpus = (harness.cpus() * 2)[:2]
        sets = {"blob.size": "2MiB", "ports.p0.link_wait_ms": 30000}
        if len(harness.cpus()) < 2:
            sets["runtime.idle"] = "pause"
        vdev = f"id=0,socket={socket},socket-abstract=no"
        sender = self.packetfs("send", vdevs=[f"net_memif0,role=server,{vdev}"], lcores_value=f"0@{cpus[0]}",
                               sets={**sets, "stages.source.file": self.file})
        harness.wait_until(socket.exists, timeout=30, what="the sender's socket")
        change()
        receiver = self.packetfs("receive", vdevs=[f"net_memif0,role=client,{vdev}"], lcores_value=f"0@{cpus[1]}",
                                 sets={**sets, "stages.sink.folder": self.arrived})
        receiver.finish()
        sender.finish(harness.EXIT_SOURCE_CHANGED)
        return sender

    def test_a_file_that_grows_is_verified_as_it_was_and_the_change_is_said(self):
        before = self.file.read_bytes()
        sender = self.change_before_it_is_sent(lambda: self.file.write_bytes(before + b"more"))
        self.assertEqual((self.arrived / "file").read_bytes(), before)
        result = sender.report()["result"]
        self.assertTrue(result["verified"])
        self.assertEqual(result["bytes"], len(before))
        self.assertEqual(result["sha256"], hashlib.sha256(before).hexdigest())
        self.assertEqual(result["source"], {"same": False, "change": "its size went from 300000 to 300004 bytes"})
        self.assertEqual(result["exit"], harness.EXIT_SOURCE_CHANGED)
        self.assertIn("it changed while it was sent: its size went from 300000 to 300004 bytes", sender.output)

    def test_a_file_that_is_replaced_is_said(self):
        def replace():
            (self.dir / "new").write_bytes(b"another")
            (self.dir / "new").rename(self.file)
        sender = self.change_before_it_is_sent(replace)
        self.assertEqual(sender.report()["result"]["source"]["change"], "its path names another file")

    def test_bytes_that_change_after_they_were_hashed_are_not_verified_and_the_sender_says_why(self):
        """The receiver is stopped when the sender begins, so the file's end is read only after it was changed."""
        with NetnsPair() as pair:
            vdevs = [f"net_af_packet0,iface={pair.interface}"]
            receiver = self.packetfs("receive", vdevs=vdevs, netns=pair.left, sets={"blob.size": "2MiB", "stages.sink.folder": self.arrived})
            receiver.wait_line("packetfs: running", timeout=60)
            receiver.signal(signal.SIGSTOP)
            sender = self.packetfs("send", vdevs=vdevs, netns=pair.right, lcores_value=f"0@{harness.cpus()[-1]}", sets={
                "blob.size": "2MiB", "stages.source.file": self.file, "stages.source.gram_bytes": "4KiB"})
            sender.wait_line("packetfs: running", timeout=60)
            with self.file.open("r+b") as file:
                file.seek(-1, os.SEEK_END)
                last = file.read(1)[0]
                file.seek(-1, os.SEEK_END)
                file.write(bytes([last ^ 1]))
            receiver.signal(signal.SIGCONT)
            receiver.finish(harness.EXIT_VERIFICATION)
            sender.finish(harness.EXIT_VERIFICATION)
        self.assertEqual(list(self.arrived.iterdir()), [])
        result = sender.report()["result"]
        self.assertFalse(result["verified"])
        self.assertFalse(result["source"]["same"])
        self.assertIn("what was sent is not what its SHA-256 was taken of", result["source"]["change"])

    def test_a_file_that_stays_as_it_is_is_said_to_be_the_same(self):
        process = self.loopback(self.file)
        result = process.report()["result"]
        self.assertEqual(result["source"], {"same": True, "change": ""})
        self.assertEqual(result["sha256"], hashlib.sha256(self.file.read_bytes()).hexdigest())
        self.assertIn("Source: the same at the end as at the beginning", process.output)

    def test_a_file_whose_size_cannot_be_known_is_refused(self):
        process = self.loopback("/proc/cpuinfo", harness.EXIT_CONFIGURATION)
        self.assertIn("'/proc/cpuinfo' says that it has 0 bytes, and more can be read", process.output)
        self.assertEqual(list(self.arrived.iterdir()), [])

    def captured(self, content):
        """The frames that send `content` under the name `file`."""
        self.file.write_bytes(content)
        capture = self.dir / "sent.pcap"
        self.packetfs(harness.PIPELINES / "file_out.yaml", vdevs=[f"net_pcap0,tx_pcap={capture}"], sets={
            "stages.source.file": self.file, "stages.source.gram_bytes": "4KiB"}).finish()
        return pcap.read(capture)

    def test_a_file_in_progress_belongs_to_the_peer_that_began_it(self):
        """Another sender says other bytes of the same file, with digests that hold, in between all of the first's."""
        rng = random.Random(3)
        right, wrong = rng.randbytes(40_000), rng.randbytes(40_000)
        frames = self.captured(right)
        forged = [frame[:6] + b"\x02\x00\x00\x00\x00\x66" + frame[12:].replace(hashlib.sha256(wrong).digest(), hashlib.sha256(right).digest())
                  for frame in self.captured(wrong)]
        half = len(frames) // 2
        mixed = self.dir / "mixed.pcap"
        pcap.write(mixed, frames[:half] + forged + frames[half:])
        process = self.packetfs(harness.PIPELINES / "file_in.yaml", sets={"stages.sink.folder": self.arrived},
                                vdevs=[f"net_pcap0,rx_pcap={mixed},tx_pcap={self.dir}/none.pcap"]).finish()
        self.assertEqual((self.arrived / "file").read_bytes(), right)
        report = process.report()
        self.assertTrue(report["result"]["verified"])
        self.assertIn("its bytes do not have the SHA-256 that the sender named", process.output)
        self.assert_ledger_closes(report)

    def test_a_name_with_terminal_controls_arrives_as_it_is_and_is_printed_escaped(self):
        name = "a\x1b[31mred\nb\u009bc"
        (self.dir / name).write_bytes(b"content")
        process = self.loopback('"' + str(self.dir / name).replace("\x1b", "\\e").replace("\n", "\\n").replace("\u009b", "\\x9b") + '"')
        self.assertEqual((self.arrived / name).read_bytes(), b"content")
        self.assertIn(r"a\x1b[31mred\x0ab\u{9b}c", process.output)
        self.assertEqual([letter for letter in process.output if letter in "\x1b\u009b"], [])
        self.assertTrue(process.report()["result"]["file"].endswith(r"a\x1b[31mred\x0ab\u{9b}c"))

    def test_a_name_that_is_not_utf8_arrives_as_it_is(self):
        name = os.fsencode(self.dir) + b"/caf\xe9"
        with open(name, "wb") as file:
            file.write(b"content")
        process = self.loopback(os.fsdecode(name))
        self.assertEqual(os.listdir(os.fsencode(self.arrived)), [b"caf\xe9"])
        self.assertTrue(process.report()["result"]["file"].endswith(r"caf\xe9"))


if __name__ == "__main__":
    unittest.main()
