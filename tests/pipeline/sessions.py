"""Two ends that keep a session, for tests: over memif with a bad link in front of each, or between namespaces.

A test derives from SessionTest. The file that is sent has bytes of the blob and more that are new, so that references and
literals are repaired alike.
"""

import itertools
import random

import harness

SHARED, NEW = 1_000_000, 3_000_000  # bytes of the file, of the blob and of its own


class SessionTest(harness.PipelineTest):
    def setUp(self):
        super().setUp()
        rng = random.Random(12)
        base = rng.randbytes(SHARED)
        (self.dir / "base").write_bytes(base)
        self.file = self.dir / "file"
        half = rng.randbytes(NEW // 2 // 64 * 64)  # the blob's bytes are found at multiples of 64
        self.file.write_bytes(half + base + rng.randbytes(NEW - len(half)) + b"end")
        self.arrived = self.dir / "arrived"
        self.arrived.mkdir()
        self.serial = itertools.count()

    def both(self, **more):
        """Keys of either end. Two ends have a CPU each; where there is one, they rest."""
        share = {"runtime.idle": "pause"} if len(harness.cpus()) < 2 else {}
        return {"blob.files": f"[{self.dir}/base]", **share, **more}

    def memif(self):
        """The devices of a server and a client on a socket of their own, with addresses that a new process has again."""
        socket = self.dir / f"memif{next(self.serial)}.sock"
        return [f"net_memif0,role={role},id=0,socket={socket},socket-abstract=no,mac=52:54:00:00:02:0{place}"
                for place, role in enumerate(("server", "client"))]

    def end(self, pipeline, vdev, cpu, sets, netns=None, arguments=(), mib=256):
        """Starts one end: its pipeline is one that is shipped or one of the tests', its lcore is on the CPU of this place."""
        cpus = (harness.cpus() * 2)[:2]
        return self.packetfs(harness.PIPELINES / f"{pipeline}.yaml" if pipeline.startswith("impaired") else pipeline, vdevs=[vdev], netns=netns, mib=mib,
                             lcores_value=f"0@{cpus[cpu]}", sets=self.both(**sets), arguments=arguments)

    def through(self, forth=None, back=None, receiver=None, sender=None, timeout=60, vdevs=None):
        """Moves the file over memif. forth, back: faults of the two directions; receiver, sender: keys of the two ends. Returns
        both reports; the file that arrived is the file that was sent, both ends say so, and both ledgers close."""
        ends = vdevs or self.memif()
        taking = self.end("impaired_receive", ends[0], 0, {"stages.sink.folder": self.arrived, **faults(forth), **(receiver or {})})
        giving = self.end("impaired_send", ends[1], 1, {"stages.source.file": self.file, **faults(back), **(sender or {})})
        giving.finish(timeout=timeout)
        taking.finish(timeout=timeout)
        received, sent = taking.report(), giving.report()
        self.assert_whole(received)
        self.assertTrue(sent["result"]["verified"], giving)
        self.assert_ledger_closes(sent)
        self.assertEqual(sent["ledger"]["in_flight"], 0)
        (self.arrived / self.file.name).unlink()
        return received, sent

    def assert_whole(self, received):
        self.assertEqual([path.name for path in self.arrived.iterdir()], [self.file.name])
        self.assertEqual((self.arrived / self.file.name).read_bytes(), self.file.read_bytes())
        self.assertTrue(received["result"]["verified"])
        self.assertEqual(received["result"]["bytes"], self.file.stat().st_size)
        self.assert_ledger_closes(received)
        self.assertEqual(received["ledger"]["in_flight"], 0)


def faults(keys):
    return {f"stages.impair.{key}": value for key, value in (keys or {}).items()}


def stage(report, name):
    return next(one for one in report["stages"] if one["name"] == name)


def figure(report, name):
    """The sum of the figures of this name over all stages."""
    return sum(one["figures"].get(name, 0) for one in report["stages"])


def dropped(report, *reasons):
    return sum(report["ledger"]["dropped"].get(reason, 0) for reason in reasons)
