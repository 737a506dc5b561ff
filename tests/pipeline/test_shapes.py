"""Every shipped pipeline in every split over one to four lcores, with the smallest bounds that its file admits: each run
ends by itself or at a signal, its ledger closes, and what it moved is whole."""

import re
import signal
import unittest

import harness
import pcap

SHIPPED = harness.ROOT / "pipelines"
LCORES = 4
AT_ONCE = 3    # runs side by side; lcores that rest still wake 40,000 times a second, and more of them starve each other
PATIENCE = 20  # seconds; a run takes less than one
GRAMS = 2000    # of a generator
RUNTIME = {"runtime.idle": "pause", "runtime.share_cpu": "true"}
BLOB = {"blob.size": "2MiB"}
DRIVER = {"mbufs": 512, "mbcache": 32, "rxd": 32, "txd": 32, "burst": 1}


def splits(count, most=LCORES):
    """The ways of putting `count` stages on at most `most` like lcores: one lcore for each, the first stage on lcore 0."""
    ways = [(0,)]
    for _ in range(count - 1):
        ways = [(*way, lcore) for way in ways for lcore in range(min(max(way) + 2, most))]
    return ways


class Shape:
    """One shipped pipeline with its smallest bounds, and a choice of lcores."""

    SMALLEST = {"assemble": {"grams": 2, "descriptors": 64, "slab": 64, "hold_frames": 2, "open_grams": 1, "max_streams": 1},
                "file_source": {"gram_bytes": 64}, "file_sink": {"files": 1},
                "generator": {"frame_bytes": 128, "frames_per_gram": 1},
                "session_in": {"sessions": 1, "streams": 1, "stream_frames": 64, "in_flight": 64, "held": 1, "bytes": "1MiB", "ack_every": 1}}

    def __init__(self, pipeline, turn):
        text = (SHIPPED / f"{pipeline}.yaml").read_text()
        self.pipeline = pipeline
        self.kinds = dict(re.findall(r"^  (\w+): {kind: (\w+)", text, re.MULTILINE))
        self.ports = re.findall(r"^  (\w+): {device:", text, re.MULTILINE)
        self.blob = "\nblob:" in text
        self.edges = len(re.findall(r"^  - {from:", text, re.MULTILINE))
        ways = self.ways(self.kinds)
        self.lcores = ways[turn % len(ways)]

    @staticmethod
    def ways(kinds):
        """Lcores by stage. The two stages of a session are on one lcore, and count as one. Of very many ways every third
        one is taken, which still puts each pair of stages on one lcore and on two."""
        free = [name for name, kind in kinds.items() if kind != "session_out"]
        session = next((name for name, kind in kinds.items() if kind == "session_in"), None)
        return [{name: dict(zip(free, way)).get(name, way[free.index(session)] if session else None) for name in kinds}
                for way in splits(len(free))[::3 if len(free) > 4 and session else 1]]

    @staticmethod
    def count(pipeline):
        return len(Shape.ways(Shape(pipeline, 0).kinds))

    def __str__(self):
        return f"{self.pipeline} {self.lcores}"

    def sets(self, **more):
        """Every key of the shape, as --set has it. `more`: keys of stages by kind, as kind__key."""
        sets = dict(RUNTIME)
        port = {"link_wait_ms": 20000} | {f"driver.{key}": value for key, value in DRIVER.items()}
        sets |= {f"ports.{name}.{key}": value for name in self.ports for key, value in port.items()}
        sets |= {f"edges.{edge}.slots": 64 for edge in range(self.edges)}
        if self.blob:
            sets |= BLOB
        for name, kind in self.kinds.items():
            keys = {"lcore": self.lcores[name], **self.SMALLEST.get(kind, {})}
            keys |= {key.split("__")[1]: value for key, value in more.items() if key.startswith(f"{kind}__")}
            sets |= {f"stages.{name}.{key}": value for key, value in keys.items()}
        return sets


class Shapes(harness.PipelineTest):
    def start(self, shape, *vdevs, arguments=(), **more):
        return self.packetfs(shape.pipeline, vdevs=vdevs, arguments=arguments, lcores_value=harness.lcores(max(shape.lcores.values()) + 1), sets=shape.sets(**more), mib=64)

    def memif(self, number, role):
        return f"net_memif0,role={role},id=0,rsize=6,socket={self.dir}/{number}.sock,socket-abstract=no"

    def pair(self, number, server, client, server_keys, client_keys):
        """A server and a client of two pipelines, over memif."""
        processes = [self.start(server, self.memif(number, "server"), **server_keys), self.start(client, self.memif(number, "client"), **client_keys)]
        return f"{server} with {client}", processes

    def alone(self, number, shape, keys):
        return f"{shape}", [self.start(shape, "net_ring0", **keys)]

    def in_turn(self, makers, after, before=lambda process: None):
        """Starts AT_ONCE runs at a time. The last process of each ends by itself, or when `before` has ended it; the
        others then get a signal."""
        wrong = []
        for first in range(0, len(makers), AT_ONCE):
            for name, processes in [make() for make in makers[first:first + AT_ONCE]]:
                try:
                    before(processes[-1])
                    processes[-1].wait(PATIENCE)
                    for process in processes[:-1]:
                        process.signal(signal.SIGINT)
                        process.wait(PATIENCE)
                    for process in processes:
                        self.assert_ledger_closes(process.report())
                    after(processes)
                except AssertionError as error:
                    wrong.append(f"{name}: {error}")
                for process in processes:
                    process.kill()
        if wrong:
            self.fail(f"{len(wrong)} of {len(makers)} shapes:\n" + "\n".join(wrong))

    def test_loopback(self):
        content = bytes(range(256)) * 32
        (self.dir / "sent").write_bytes(content)

        def make(turn):
            folder = self.dir / f"{turn}"
            folder.mkdir()
            return self.alone(turn, Shape("loopback", turn), {"file_source__file": self.dir / "sent", "file_sink__folder": folder})

        def after(processes):
            processes[0].finish(harness.EXIT_DONE)

        self.in_turn([lambda turn=turn: make(turn) for turn in range(Shape.count("loopback"))], after)
        for turn in range(Shape.count("loopback")):
            self.assertEqual((self.dir / f"{turn}" / "sent").read_bytes(), content)

    def test_send_to_receive(self):
        (self.dir / "sent").write_bytes(bytes(range(256)) * 32)

        def make(turn):
            folder = self.dir / f"{turn}"
            folder.mkdir()
            return self.pair(turn, Shape("receive", turn), Shape("send", turn),
                             {"file_sink__folder": folder}, {"file_source__file": self.dir / "sent"})

        def after(processes):
            for process in processes:
                process.finish(harness.EXIT_DONE)

        self.in_turn([lambda turn=turn: make(turn) for turn in range(Shape.count("receive"))], after)

    def generate_to(self, server, op, client="generate"):
        def make(turn):
            return self.pair(turn, Shape(server, turn), Shape(client, turn), {}, {"generator__op": op, "generator__count": GRAMS})

        def after(processes):
            for process in processes:
                process.finish(harness.EXIT_DONE)
            if op != 0:
                kernel = next(stage for stage in processes[0].report()["stages"] if stage["kind"] == "kernel")
                self.assertEqual(kernel["figures"]["grams_executed"], GRAMS)

        turns = max(Shape.count(server), Shape.count(client))
        self.in_turn([lambda turn=turn: make(turn) for turn in range(turns)], after)

    def test_generate_to_answer(self):
        self.generate_to("answer", op=4)

    def test_ask_to_serve(self):
        self.generate_to("serve", op=4, client="ask")

    def test_generate_to_discard(self):
        self.generate_to("discard", op=0)

    def test_generate_to_echo(self):
        self.generate_to("echo", op=0)

    def test_link(self):
        """The left port is a capture, the right one a ring that hands everything back."""
        frames = [pcap.ethernet(bytes([number]) * 100, b"\x02" * 6, b"\x04" * 6) for number in range(200)]
        pcap.write(self.dir / "in.pcap", frames)

        def mirrored(way):
            """The same split with left for right, its lcores numbered in order again."""
            numbers = {}
            return tuple(numbers.setdefault(lcore, len(numbers)) for lcore in way[3:] + way[:3])

        turns = [turn for turn, way in enumerate(splits(6)) if way <= mirrored(way)]

        def make(turn):
            shape = Shape("link", turn)
            vdevs = f"net_pcap0,rx_pcap={self.dir}/in.pcap,tx_pcap={self.dir}/{turn}.pcap", "net_ring0"
            return f"{shape}", [self.start(shape, *vdevs, arguments=["--stats-period", "0.1"])]

        def until_all_are_back(process):
            process.wait_line(rf"received {2 * len(frames)} .* in flight 0; residual 0")
            process.signal(signal.SIGINT)

        def after(processes):
            processes[0].finish(harness.EXIT_DONE)

        self.in_turn([lambda turn=turn: make(turn) for turn in turns], after, until_all_are_back)
        for turn in turns:
            self.assertEqual(pcap.read(self.dir / f"{turn}.pcap"), frames)

    def test_every_shipped_pipeline_is_tried(self):
        shipped = {path.stem for path in SHIPPED.glob("*.yaml")}
        self.assertEqual(shipped, {"answer", "ask", "discard", "echo", "generate", "link", "loopback", "receive", "send", "serve"})


if __name__ == "__main__":
    unittest.main()
