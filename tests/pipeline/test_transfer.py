"""Files through real pipelines: one process over net_ring, two over memif, two namespaces over AF_PACKET and AF_XDP."""

import hashlib
import os
import random
import tempfile
import unittest
import unittest.mock

import harness
from netns import NetnsPair
from sessions import figure

FOUR = {"runtime.share_cpu": "true", "runtime.idle": "pause"}


class Transfers(harness.PipelineTest):
    def setUp(self):
        super().setUp()
        rng = random.Random(5)
        self.base = rng.randbytes(3_000_000)
        edited = bytearray(self.base)
        for _ in range(40):
            at = rng.randrange(len(edited) - 200)
            edited[at:at + 100] = rng.randbytes(100)
        (self.dir / "base").write_bytes(self.base)
        self.file = self.dir / "edited"
        self.file.write_bytes(bytes(edited) + b"a tail of its own")
        self.arrived = self.dir / "arrived"
        self.arrived.mkdir()

    def blob(self, **more):
        return {"blob.size": "8MiB", "blob.files": f"[{self.dir}/base]", **more}

    def assert_arrived(self, report, name=None):
        self.assertEqual((self.arrived / (name or self.file.name)).read_bytes(), self.file.read_bytes())
        self.assertEqual([path.name for path in self.arrived.iterdir()], [name or self.file.name])
        result = report["result"]
        self.assertTrue(result["verified"])
        self.assertEqual(result["bytes"], self.file.stat().st_size)
        self.assertGreater(result["wire_bytes"], 0)
        self.assert_ledger_closes(report)
        self.assertEqual(report["ledger"]["in_flight"], 0)

    def loopback(self, lcores, **sets):
        process = self.packetfs("loopback", vdevs=["net_ring0"], lcores_value=harness.lcores(lcores), sets=self.blob(**{
            "stages.source.file": self.file, "stages.sink.folder": self.arrived, **sets}))
        process.finish()
        return process.report()

    def test_loopback_on_one_lcore_and_on_four_gives_the_same_file(self):
        one = self.loopback(1)
        self.assert_arrived(one)
        self.assertEqual({stage["lcore"] for stage in one["stages"]}, {0})
        digest = hashlib.sha256((self.arrived / self.file.name).read_bytes()).digest()
        (self.arrived / self.file.name).unlink()
        places = {"source": 0, "tx": 0, "rx": 1, "assemble": 2, "sink": 3}
        four = self.loopback(4, **{f"stages.{name}.lcore": lcore for name, lcore in places.items()}, **FOUR)
        self.assert_arrived(four)
        self.assertEqual({stage["name"]: stage["lcore"] for stage in four["stages"]}, places)
        self.assertEqual(hashlib.sha256((self.arrived / self.file.name).read_bytes()).digest(), digest)

    def test_an_empty_file_and_one_of_a_byte_arrive(self):
        for content in (b"", b"x"):
            self.file.write_bytes(content)
            self.loopback(1)
            self.assertEqual((self.arrived / self.file.name).read_bytes(), content)
            (self.arrived / self.file.name).unlink()

    def between(self, vdevs, mib=256, netns=(None, None), sender_sets=None):
        """A receiver and a sender over one link; returns both reports once both have ended well."""
        share = {"runtime.idle": "pause"} if len(harness.cpus()) < 2 else {}
        cpus = (harness.cpus() * 2)[:2]
        wait = {"ports.p0.link_wait_ms": 30000}
        receiver = self.packetfs("receive", vdevs=[vdevs[0]], mib=mib, netns=netns[0], lcores_value=f"0@{cpus[0]}",
                                 sets=self.blob(**{"stages.sink.folder": self.arrived, **wait, **share}))
        if netns[0]:
            receiver.wait_line("packetfs: running", timeout=60)  # a link without flow control: nobody sends before
        sender = self.packetfs("send", vdevs=[vdevs[1]], mib=mib, netns=netns[1], lcores_value=f"0@{cpus[1]}",
                               sets=self.blob(**{"stages.source.file": self.file, **wait, **share, **(sender_sets or {})}))
        sender.finish()
        receiver.finish()
        return receiver.report(), sender.report()

    def memif(self):
        socket = self.dir / "memif.sock"
        return [f"net_memif0,role={role},id=0,socket={socket},socket-abstract=no" for role in ("server", "client")]

    def test_two_processes_over_memif(self):
        received, sent = self.between(self.memif())
        self.assert_arrived(received)
        self.assertTrue(sent["result"]["verified"])
        self.assertGreater(received["result"]["referenced_bytes"], received["result"]["bytes"] * 0.99)
        self.assertLess(received["result"]["wire_bytes"], 100_000)

    def test_prp_and_small_windows_over_memif(self):
        received, _ = self.between(self.memif(), sender_sets={"stages.source.prp": "true", "stages.source.window_pow2": 4, "stages.source.digest": "crc64"})
        self.assert_arrived(received)
        assemble = next(stage for stage in received["stages"] if stage["kind"] == "assemble")
        self.assertGreater(assemble["figures"]["windows_verified"], 0)
        self.assertEqual(assemble["figures"]["windows_broken"], 0)

    def test_two_namespaces_over_af_packet(self):
        with NetnsPair() as pair:
            received, _ = self.between([f"net_af_packet0,iface={pair.interface}"] * 2, netns=(pair.left, pair.right))
            self.assert_arrived(received)

    def test_two_namespaces_over_af_xdp(self):
        harness.requires(root=True)
        with NetnsPair() as pair:
            received, _ = self.between([f"net_af_xdp0,iface={pair.interface}"] * 2, netns=(pair.left, pair.right))
            self.assert_arrived(received)

    def test_new_data_over_af_xdp_on_ordinary_memory_loses_no_mbuf_behind_a_gap(self):
        """The pool of 4 KiB pages has a gap a page; each mbuf goes round several times in 40 MB."""
        harness.requires(root=True)
        self.file.write_bytes(random.Random(7).randbytes(40_000_000))
        with NetnsPair() as pair:
            with unittest.mock.patch.dict(os.environ, PFS_NO_HUGE="1"):
                received, _ = self.between([f"net_af_xdp0,iface={pair.interface}"] * 2, netns=(pair.left, pair.right))
        self.assert_arrived(received)

    def test_an_existing_file_is_not_overwritten(self):
        (self.arrived / self.file.name).write_bytes(b"mine")
        process = self.packetfs("loopback", vdevs=["net_ring0"], sets=self.blob(**{
            "stages.source.file": self.file, "stages.sink.folder": self.arrived}))
        process.finish(harness.EXIT_FAILED)
        self.assertEqual((self.arrived / self.file.name).read_bytes(), b"mine")
        self.assert_ledger_closes(process.report())

    def test_another_blob_at_the_receiver_leaves_no_file(self):
        cpus = (harness.cpus() * 2)[:2]
        vdevs = self.memif()
        receiver = self.packetfs("receive", vdevs=[vdevs[0]], lcores_value=f"0@{cpus[0]}", sets=self.blob(**{
            "stages.sink.folder": self.arrived, "ports.p0.link_wait_ms": 30000, "blob.seed": 43, "stages.sink.timeout_s": 2}))
        sender = self.packetfs("send", vdevs=[vdevs[1]], lcores_value=f"0@{cpus[1]}", sets=self.blob(**{
            "stages.source.file": self.file, "ports.p0.link_wait_ms": 30000, "stages.source.timeout_s": 2}))
        sender.finish(harness.EXIT_VERIFICATION)
        self.assertRegex(sender.output, r"the blobs differ: roots [0-9a-f]{16}… here and [0-9a-f]{16}… there; give both ends the same `blob`")
        receiver.stop()
        report = receiver.report()
        self.assertGreater(figure(report, "sessions_refused"), 0)  # once for each HELLO
        self.assert_ledger_closes(report)
        self.assertEqual(list(self.arrived.iterdir()), [])

    def test_an_interrupted_receiver_leaves_nothing_behind(self):
        vdevs = self.memif()
        receiver = self.packetfs("receive", vdevs=[vdevs[0]], sets=self.blob(**{
            "stages.sink.folder": self.arrived, "ports.p0.link_wait_ms": 30000}))
        harness.wait_until((self.dir / "memif.sock").exists, timeout=30, what="the socket that waits for a peer")
        receiver.signal()
        receiver.finish(harness.EXIT_INTERRUPTED)
        self.assertEqual(list(self.arrived.iterdir()), [])


class Impaired(harness.PipelineTest):
    """loss, duplicates, reorder and corruption between source and receiver, by seed: counted, never executed wrongly."""

    def test_reordered_and_doubled_frames_still_make_the_file_under_twenty_seeds(self):
        for seed in range(1, 21):
            with self.subTest(seed=seed):
                report = self.run_impaired({"seed": seed, "duplicate": 0.2, "reorder": 0.3, "depth": 16})
                self.assertTrue(report["result"]["verified"])
                self.assertEqual(set(report["ledger"]["dropped"]), {"duplicate"})

    def test_lost_and_corrupted_frames_leave_no_file(self):
        report = self.run_impaired({"seed": 3, "loss": 0.1, "corrupt": 0.1}, expect=harness.EXIT_FAILED, timeout_s=1)
        self.assertFalse(report["result"]["verified"])
        self.assertGreater(report["ledger"]["dropped"]["impaired"], 0)

    def run_impaired(self, impair, expect=harness.EXIT_DONE, timeout_s=10):
        (self.dir / "file").write_bytes(random.Random(9).randbytes(200_000))
        with tempfile.TemporaryDirectory(dir=self.dir) as arrived:
            process = self.packetfs(harness.PIPELINES / "impaired_transfer.yaml", vdevs=["net_ring0"], mib=128, sets={
                "stages.source.file": self.dir / "file", "stages.sink.folder": arrived, "stages.sink.timeout_s": timeout_s,
                **{f"stages.impair.{key}": value for key, value in impair.items()}})
            process.finish(expect)
            self.assertEqual(os.listdir(arrived), ["file"] if expect == 0 else [])
        self.assert_ledger_closes(process.report())
        return process.report()


class Captures(harness.PipelineTest):
    def test_a_file_through_a_capture(self):
        """source -> tx_pcap of one run, rx_pcap -> sink of the next."""
        (self.dir / "file").write_bytes(random.Random(2).randbytes(100_000))
        arrived = self.dir / "arrived"
        arrived.mkdir()
        out = self.dir / "out.pcap"
        self.packetfs(harness.PIPELINES / "file_out.yaml", vdevs=[f"net_pcap0,tx_pcap={out}"],
                      sets={"stages.source.file": self.dir / "file"}).finish()
        self.assertGreater(out.stat().st_size, 100_000)
        process = self.packetfs(harness.PIPELINES / "file_in.yaml", vdevs=[f"net_pcap0,rx_pcap={out},tx_pcap={self.dir}/none.pcap"],
                                sets={"stages.sink.folder": arrived})
        process.finish()
        self.assertEqual((arrived / "file").read_bytes(), (self.dir / "file").read_bytes())
        self.assert_ledger_closes(process.report())


if __name__ == "__main__":
    unittest.main()
