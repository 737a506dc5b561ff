"""Many files and many senders: one receiver that goes on, lists of files, sixty-four streams, the same name twice, a sender that is
killed and comes back."""

import contextlib
import hashlib
import random
import re
import signal
import unittest

import harness
import pcap
from netns import NetnsPair
from sessions import SessionTest, dropped, faults, figure, stage

SERVER = {"stages.sink.once": "false"}


class ManyFiles(SessionTest):
    def receive(self, vdev, **sets):
        """A receiver that goes on after its first file."""
        return self.end("impaired_receive", vdev, 0, {"stages.sink.folder": self.arrived, **SERVER, **sets})

    def send(self, vdev, files, **sets):
        return self.end("impaired_send", vdev, 1, {
            "stages.source.files": f"[{', '.join(str(file) for file in files)}]", **sets})

    def make(self, name, content):
        (self.dir / name).write_bytes(content)
        return self.dir / name

    def some_files(self):
        rng = random.Random(8)
        twin = rng.randbytes(100_000)
        return [self.make("first", rng.randbytes(700_000)), self.make("twin", twin), self.make("empty", b""), self.make("other_twin", twin),
                self.file, self.make("byte", b"x")]

    def assert_all_arrived(self, files, received, sent):
        self.assertEqual({path.name for path in self.arrived.iterdir()}, {file.name for file in files})
        for file in files:
            self.assertEqual((self.arrived / file.name).read_bytes(), file.read_bytes(), file)
        for report, place in ((received, self.arrived), (sent, self.dir)):
            listed = {one["file"]: one for one in report["result"]["files"]}
            self.assertEqual(set(listed), {str(place / file.name) for file in files})
            for file in files:
                one = listed[str(place / file.name)]
                self.assertTrue(one["verified"])
                self.assertEqual((one["bytes"], one["sha256"]), (file.stat().st_size, hashlib.sha256(file.read_bytes()).hexdigest()))
            self.assertTrue(report["result"]["verified"])
            self.assertEqual(report["result"]["bytes"], sum(file.stat().st_size for file in files))
            self.assertEqual((report["result"]["files_ended"], report["result"]["files_verified"]), (len(files), len(files)))
            self.assert_ledger_closes(report)

    def test_a_list_of_files_arrives_each_with_its_receipt(self):
        """Two of them have the same bytes, so that one RECEIPT could be taken for the other's."""
        files = self.some_files()
        for loss in (0, 0.05):
            with self.subTest(loss=loss):
                ends = self.memif()
                receiver = self.receive(ends[0], **faults({"loss": loss}))
                sender = self.send(ends[1], files, **faults({"loss": loss, "seed": 2})).finish()
                receiver.stop()
                self.assert_all_arrived(files, receiver.report(), sender.report())
                self.assertEqual(figure(receiver.report(), "receipts_sent"), len(files))
                for path in self.arrived.iterdir():
                    path.unlink()

    def test_a_file_that_is_refused_does_not_keep_the_next_ones_back(self):
        files = self.some_files()
        (self.arrived / "first").write_bytes(b"mine")
        ends = self.memif()
        receiver = self.receive(ends[0])
        sender = self.send(ends[1], files).finish(harness.EXIT_VERIFICATION)
        receiver.stop()
        self.assertEqual((self.arrived / "first").read_bytes(), b"mine")
        for file in files[1:]:
            self.assertEqual((self.arrived / file.name).read_bytes(), file.read_bytes(), file)
        self.assertEqual([one["verified"] for one in sender.report()["result"]["files"]], [False] + [True] * 5)
        self.assertRegex(receiver.output, r"arrived/first': exists already and stays as it is")

    def test_a_verified_file_that_comes_again_is_answered_and_not_written_again(self):
        """The file behind it has the same bytes and is refused: the second answer to the first is not taken for its own."""
        twin = self.make("twin", self.file.read_bytes())
        (self.arrived / "twin").write_bytes(b"mine")
        with self.pair() as (left, right, vdev):
            receiver = self.end("impaired_receive", vdev, 0, {"stages.sink.folder": self.arrived, **SERVER}, netns=left)
            receiver.wait_line("packetfs: running", timeout=60)
            for _ in range(2):
                sender = self.end("impaired_send", vdev, 1, {"stages.source.files": f"[{self.file}, {twin}]"}, netns=right)
                sender.finish(harness.EXIT_VERIFICATION)
                self.assertEqual([one["verified"] for one in sender.report()["result"]["files"]], [True, False])
            receiver.stop()
        self.assertEqual((self.arrived / "file").read_bytes(), self.file.read_bytes())
        self.assertEqual((self.arrived / "twin").read_bytes(), b"mine")
        received = receiver.report()
        self.assertEqual(received["result"]["files_verified"], 1)
        self.assertGreater(stage(received, "sink")["drops"]["duplicate"], 0)
        self.assert_ledger_closes(received)

    @staticmethod
    @contextlib.contextmanager
    def pair():
        """Two namespaces, in which a process may end and another take its place; and the device of either."""
        with NetnsPair() as pair:
            yield pair.left, pair.right, f"net_af_packet0,iface={pair.interface}"

    def test_a_sender_that_is_killed_and_comes_back_goes_on_with_what_is_there(self):
        with self.pair() as (left, right, vdev):
            receiver = self.end("impaired_receive", vdev, 0, {"stages.sink.folder": self.arrived, **SERVER, **faults({"rate": "20Mbps"})},
                                netns=left, arguments=["--stats-period", "0.1"])
            receiver.wait_line("packetfs: running", timeout=60)
            keys = {"stages.source.file": self.file}
            killed = self.end("impaired_send", vdev, 1, keys, netns=right)
            receiver.wait_line(r"sink +file_sink +\d+ +\d+ +\d\d ", timeout=60)  # ten grams and more
            killed.signal(signal.SIGKILL)
            killed.wait()
            receiver.wait_line("away: silent for", timeout=20)
            self.end("impaired_send", vdev, 1, keys, netns=right).finish()
            receiver.stop()
        self.assertEqual((self.arrived / "file").read_bytes(), self.file.read_bytes())
        self.assertEqual([path.name for path in self.arrived.iterdir()], ["file"])
        received = receiver.report()
        self.assertEqual(received["result"]["files_ended"], 1)
        self.assertEqual(figure(received, "files_taken_over"), 1)
        self.assertGreater(stage(received, "sink")["drops"]["duplicate"], 0)
        self.assert_ledger_closes(received)

    def test_a_receiver_that_is_killed_and_comes_back_is_sent_the_files_that_it_had_not_told_of(self):
        """The first file is told of before, the second one is under way. The killed receiver leaves the first one only."""
        first = self.make("first", b"soon there")
        with self.pair() as (left, right, vdev):
            keys = {"stages.sink.folder": self.arrived, **SERVER}
            killed = self.end("impaired_receive", vdev, 0, {**keys, **faults({"rate": "20Mbps"})}, netns=left, arguments=["--stats-period", "0.1"])
            killed.wait_line("packetfs: running", timeout=60)
            sender = self.end("impaired_send", vdev, 1, {"stages.source.files": f"[{first}, {self.file}]"}, netns=right)
            killed.wait_line(r"sink +file_sink +\d+ +\d+ +\d\d ", timeout=60)  # ten grams and more
            killed.signal(signal.SIGKILL)
            killed.wait()
            self.assertEqual([path.name for path in self.arrived.iterdir()], ["first"])
            receiver = self.end("impaired_receive", vdev, 0, keys, netns=left)
            sender.finish()
            receiver.stop()
        self.assertEqual((self.arrived / "file").read_bytes(), self.file.read_bytes())
        self.assertEqual([one["verified"] for one in sender.report()["result"]["files"]], [True, True])
        self.assertIn("file': the session is a new one; the file is sent again from its beginning", sender.output)
        self.assertEqual([one["file"] for one in receiver.report()["result"]["files"]], [str(self.arrived / "file")])
        for report in (sender.report(), receiver.report()):
            self.assert_ledger_closes(report)

    def test_sixty_four_streams_of_one_session_carry_a_file_each(self):
        rng = random.Random(4)
        files = [self.make(f"part{stream}", rng.randbytes(rng.randrange(60_000))) for stream in range(64)]
        lines = ["blob: {size: 8MiB, seed: 42}", "ports:", "  p0: {device: 0, link_wait_ms: 30000}", "stages:", "  rx: {kind: rx, port: p0}",
                 "  in: {kind: session_in, port: p0, dial: true, streams: 64}"]
        lines += [f"  s{stream}: {{kind: file_source, port: p0, file: {file}, stream: {stream}, gram_bytes: 16KiB}}"
                  for stream, file in enumerate(files)]
        lines += ["  out: {kind: session_out, port: p0, session: in}", "  tx: {kind: tx, port: p0}", "edges:", "  - {from: rx, to: in}",
                  f"  - {{from: in, to: [{', '.join(f's{stream}' for stream in range(64))}]}}"]
        lines += [f"  - {{from: s{stream}, to: out}}" for stream in range(64)] + ["  - {from: out, to: tx}"]
        pipeline = self.make("streams.yaml", "\n".join(lines).encode())
        ends = self.memif()
        receiver = self.receive(ends[0], **{"stages.in.streams": 64, **faults({"loss": 0.02})})
        sender = self.end(str(pipeline), ends[1], 1, {}).finish()
        receiver.stop()
        self.assert_all_arrived(files, receiver.report(), sender.report())


class TwoSenders(harness.PipelineTest):
    """Without sessions: the frames of two senders in one capture, by turns."""

    def setUp(self):
        super().setUp()
        self.arrived = self.dir / "arrived"
        self.arrived.mkdir()

    def captured(self, name, content, sender, stream=0):
        """The frames that send `content` under that name on that stream, from the MAC that ends with `sender`."""
        (self.dir / name).write_bytes(content)
        capture = self.dir / "sent.pcap"
        self.packetfs(harness.PIPELINES / "file_out.yaml", vdevs=[f"net_pcap0,tx_pcap={capture}"], sets={
            "stages.source.file": self.dir / name, "stages.source.gram_bytes": "4KiB", "stages.source.stream": stream}).finish()
        return [frame[:6] + bytes([2, 0, 0, 0, 0, sender]) + frame[12:] for frame in pcap.read(capture)]

    def replay(self, frames, until, times=1, **sets):
        """A receiver that goes on after its first file, stopped when it has said `until` so many times."""
        mixed = self.dir / "mixed.pcap"
        pcap.write(mixed, frames)
        process = self.packetfs(harness.PIPELINES / "file_in.yaml", vdevs=[f"net_pcap0,rx_pcap={mixed},tx_pcap={self.dir}/none.pcap"],
                                sets={"stages.sink.folder": self.arrived, "stages.sink.once": "false", **sets})
        harness.wait_until(lambda: len(re.findall(until, process.output)) >= times, timeout=30, what=until)
        process.stop()
        self.assert_ledger_closes(process.report())
        return process

    def test_files_of_two_senders_grow_side_by_side(self):
        rng = random.Random(6)
        contents = {"a": rng.randbytes(200_000), "b": rng.randbytes(200_000)}
        frames = [self.captured(name, content, sender) for sender, (name, content) in enumerate(contents.items())]
        process = self.replay([frame for pair in zip(*frames) for frame in pair], r"arrived/b': 200000 bytes, verified")
        for name, content in contents.items():
            self.assertEqual((self.arrived / name).read_bytes(), content)
        self.assertEqual(process.report()["result"]["files_verified"], 2)

    def test_of_two_files_of_one_name_the_first_to_be_whole_has_it(self):
        rng = random.Random(7)
        first, second = rng.randbytes(100_000), rng.randbytes(200_000)
        short, long = self.captured("same", first, 1), self.captured("same", second, 2)
        frames = [frame for pair in zip(short, long) for frame in pair] + long[len(short):]
        for overwrite in (False, True):
            with self.subTest(overwrite=overwrite):
                until = r"same': 200000 bytes, verified" if overwrite else r"same': exists already and stays as it is"
                process = self.replay(frames, until, **{"stages.sink.overwrite": str(overwrite).lower()})
                self.assertIn("same': 100000 bytes, verified", process.output)
                self.assertEqual((self.arrived / "same").read_bytes(), second if overwrite else first)
                self.assertEqual([path.name for path in self.arrived.iterdir()], ["same"])
                (self.arrived / "same").unlink()

    def test_one_file_too_many_is_refused_and_counted(self):
        rng = random.Random(9)
        contents = {name: rng.randbytes(100_000) for name in "abc"}
        frames = [self.captured(name, content, sender) for sender, (name, content) in enumerate(contents.items())]
        process = self.replay([frame for some in zip(*frames) for frame in some], r"100000 bytes, verified", 2, **{"stages.sink.files": 2})
        report = process.report()
        self.assertEqual(len(list(self.arrived.iterdir())), 2)
        for path in self.arrived.iterdir():
            self.assertEqual(path.read_bytes(), contents[path.name])
        self.assertEqual(figure(report, "files_refused"), 1)
        self.assertGreater(dropped(report, "over_limit"), 0)

    def test_a_peer_that_has_its_share_of_places_leaves_the_others_theirs(self):
        rng = random.Random(10)
        contents = {name: rng.randbytes(100_000) for name in "abc"}
        senders = ((1, 0), (1, 1), (2, 0))  # and their streams
        frames = [self.captured(name, content, *sender) for (name, content), sender in zip(contents.items(), senders)]
        process = self.replay([frame for some in zip(*frames) for frame in some], r"100000 bytes, verified", 2, **{"stages.sink.peer_files": 1})
        report = process.report()
        self.assertEqual({path.name for path in self.arrived.iterdir()}, {"a", "c"})
        self.assertEqual(figure(report, "files_refused"), 1)
        self.assertGreater(dropped(report, "over_share"), 0)


if __name__ == "__main__":
    unittest.main()
