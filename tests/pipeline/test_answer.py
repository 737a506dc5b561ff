"""The compute server from capture to capture: real EAL, real net_pcap, every op, every fault of WIRE.md section 5."""

import random
import struct
import unittest
from pathlib import Path

import harness
import pcap
from reference import MIB, Sender, kernel, pfsblob, results, wire

SIZE, SEED = 2 * MIB, 42
US, PEER = b"\x52\x54\x00\x00\x00\x02", b"\x52\x54\x00\x00\x00\x01"


class Answers(harness.PipelineTest):
    @classmethod
    def setUpClass(cls):
        content = random.Random(7).randbytes(300000)
        cls.content = content
        cls.pristine = pfsblob.build(SIZE, SEED, [content])
        cls.layout = wire.Layout(SIZE)

    def setUp(self):
        super().setUp()
        self.blob = bytearray(self.pristine)
        (self.dir / "content").write_bytes(self.content)
        self.sender = Sender(self.blob, self.layout)

    def answer(self, payloads, sets=None, pipeline="answer", frames=None):
        frames = frames or [pcap.ethernet(p, US, PEER) for p in payloads]
        pcap.write(self.dir / "in.pcap", frames)
        process = self.packetfs(
            pipeline, vdevs=[f"net_pcap0,rx_pcap={self.dir}/in.pcap,tx_pcap={self.dir}/out.pcap"],
            sets={"blob.size": "2MiB", "blob.seed": SEED, "blob.files": f"[{self.dir}/content]", **(sets or {})}, arguments=["--stats-period", "0.1"])
        # The capture is finite: every frame has come once the ledger has received them all and nothing is in flight.
        process.wait_line(rf"received {len(frames)} \+ .* in flight 0; residual 0", timeout=60)
        process.stop()
        report = process.report()
        self.assert_ledger_closes(report)
        self.assertEqual(report["ledger"]["received"], len(frames))
        return pcap.read(self.dir / "out.pcap"), report

    def runs(self, rng, count):
        """Random units over the blob: runs of every tier, extents, literals."""
        units = []
        for _ in range(count):
            choice = rng.randrange(5)
            if choice == 0:
                units.append(wire.run(0, [rng.randrange(256) for _ in range(rng.randrange(1, 70))]))
            elif choice == 1:
                units.append(wire.run(1, [rng.randrange(65536) for _ in range(rng.randrange(1, 70))]))
            elif choice == 2:
                first = rng.randrange((SIZE - MIB) // 64 - 100)
                units.append(wire.run(2, [first + i for i in range(rng.randrange(1, 70))]))
            elif choice == 3:
                units.append(wire.extents([(rng.randrange(SIZE - 400), rng.randrange(1, 400)) for _ in range(rng.randrange(1, 9))]))
            else:
                units.append(wire.literal(rng.randbytes(rng.randrange(1, 100))))
        return units

    def test_every_op_is_answered_in_order_as_the_reference_says(self):
        rng = random.Random(1)
        grant = (MIB, 65536)
        payloads, expected = [], []
        for round_ in range(6):
            for op in [*range(1, 12), 63, 255]:  # the last two are nobody's
                number = self.sender.gram
                arg = rng.choice([0, 1, 0x5A, rng.getrandbits(64)])
                if op in (2, 3) and round_ % 2 == 0:
                    units = [wire.run(2, [rng.randrange(1000) for _ in range(9)])]
                elif op == 10 and round_ % 2 == 0:
                    units = [wire.run(2, [rng.randrange(1000) for _ in range(9)]), wire.run(1, [5, 9])]
                else:
                    units = self.runs(rng, rng.randrange(1, 6))
                made, slab, descriptors = self.sender.grams(units, op, arg, rng.choice(list(wire.DIGEST)), rng.randrange(1, 4))
                payloads += made
                expected.append((0, number, op, *kernel(self.blob, slab, descriptors, op, arg, [grant])))
            made, _, _ = self.sender.grams(self.runs(rng, 2), 0)  # op 0: no RESULT
            payloads += made
        out, report = self.answer(payloads, {"blob.writable": f"[{{stream: 0, offset: {grant[0]}, length: {grant[1]}}}]"})
        self.assertEqual(len(results(out)), len(expected))
        for got, want in zip(results(out), expected):
            self.assertEqual(got, want, f"gram {want[1]}, op {want[2]}")
        self.assertEqual(report["ledger"]["dropped"], {})
        for frame in out:
            self.assertEqual(frame[:6], PEER)

    def test_a_program_is_answered_as_its_operations_in_turn(self):
        self.check_program([("xor_imm8", 2, 0x5A), ("count_eq_imm8", 4, 7), ("add_imm8", 3, 3), ("crc32c", 5, 0), ("sha256", 11, 0)])

    def test_a_compiled_program_is_answered_as_its_operations_in_turn(self):
        if "avx2" not in Path("/proc/cpuinfo").read_text():
            self.skipTest("this CPU has no AVX2, so programs are not compiled")
        program = [("count_eq_imm8", 4, 7), ("sum_u8", 8, 0), ("min_max_u8", 9, 0), ("crc32c", 5, 0)]
        report = self.check_program(program, {"runtime.jit": "on"})
        kernel = next(stage for stage in report["stages"] if stage["kind"] == "kernel")
        self.assertEqual(kernel["figures"]["grams_by_compiled_loops"], 12)

    def check_program(self, program, sets=None):
        rng = random.Random(5)
        grant = (MIB, 65536)
        payloads, expected = [], []
        for _ in range(12):
            number = self.sender.gram
            units = [wire.run(2, [rng.randrange(1000) for _ in range(rng.randrange(1, 60))]) for _ in range(3)]
            made, slab, descriptors = self.sender.grams(units, 64, frames=2)
            payloads += made
            answers = b""
            for _, op, arg in program:
                status, value, more = kernel(self.blob, slab, descriptors, op, arg, [grant])
                self.assertEqual(status, 0)
                answers += struct.pack(">BQH", op, value, len(more)) + more
            expected.append((0, number, 64, 0, value, answers))
        made = []
        if any(op in (2, 3) for _, op, _ in program):  # what writes: the slab is granted to nobody
            made, _, _ = self.sender.grams([wire.literal(b"x")], 64, 0)
            expected.append((0, self.sender.gram - 1, 64, 2, 0, b""))
        out, report = self.answer(payloads + made, {
            "programs": "{64: [" + ", ".join(f"{name} {arg}" for name, _, arg in program) + "]}",
            "blob.writable": f"[{{stream: 0, offset: {grant[0]}, length: {grant[1]}}}]", **(sets or {})})
        self.assertEqual(results(out), expected)
        self.assertEqual(report["ledger"]["dropped"], {})
        return report

    def test_a_digest_that_does_not_hold_is_answered_with_status_4_and_changes_nothing(self):
        unit = [wire.run(2, [0, 1, 2])]
        bad, _, _ = self.sender.grams(unit, 2, 0xFF, digest=1)
        good, slab, descriptors = self.sender.grams(unit, 5)
        out, report = self.answer(bad + good, {"blob.writable": f"[{{stream: 0, offset: {MIB}, length: 4096}}]"})
        self.assertEqual(results(out), [(0, 0, 2, 4, 0, b""), (0, 1, 5, *kernel(self.blob, slab, descriptors, 5, 0))])
        self.assertEqual(report["ledger"]["dropped"], {"digest_mismatch": 1})

    @staticmethod
    def broken(sender):
        """Payloads that break WIRE.md section 5, each with the name of its fault; none uses up a sequence number."""
        head, block, end = wire.gram(op=4, total=64), wire.run(2, [3]), wire.gram_end(0, 1, 1, 64, 0)

        def framed(*units):
            return sender.frame([(unit, b"") if isinstance(unit, bytes) else unit for unit in units], 7, seq=sender.seq)

        good = framed(head, block, end)
        return [
            ("truncated", good[:10]),
            ("truncated", good[:-1]),
            ("truncated", framed(head, b"\x85\x00\x00")),
            ("truncated", framed(head, b"\xc2\x00\x05ab")),
            ("bad_version", bytes([0xE0, 0x27]) + good[2:]),
            ("bad_unit", framed(head, b"\xc3", end)),
            ("bad_unit", framed(head, b"\xe0", end)),
            ("bad_run", framed(head, b"\xbf\x00\x05" + b"\0" * 24, end)),
            ("bad_extents", framed(head, b"\xc1\x00\x41\x00" + b"\0" * 20, end)),
            ("bad_extents", framed(head, b"\xc1\x00\x00\x00" + b"\0" * 20, end)),  # length 0
            ("out_of_bounds", framed(head, wire.run(2, [(SIZE - MIB) // 64]), end)),
            ("out_of_bounds", framed(head, wire.run(2, [0xFFFFFFFF]), end)),
            ("crc_mismatch", framed(head, block, wire.sync(0, wire.crc16(block[1]) ^ 1), end)),
        ]

    def test_each_fault_is_counted_under_its_name_and_changes_nothing(self):
        payloads, expected, faults = [], [], {}
        for index in range(len(self.broken(self.sender))):
            name, payload = self.broken(self.sender)[index]
            made, slab, descriptors = self.sender.grams([wire.run(2, [index, 7 * index])], 5)
            payloads += [payload] + made
            expected.append((0, self.sender.gram - 1, 5, *kernel(self.blob, slab, descriptors, 5, 0)))
            faults[name] = faults.get(name, 0) + 1
        # The window of the faulty SYNC_MARK holds all references so far, so its CRC is wrong whatever it says.
        # Unpadded: padding would give a truncated payload its bytes back.
        out, report = self.answer(None, frames=[US + PEER + b"\x13\x37" + p for p in payloads])
        self.assertEqual(results(out), expected)
        self.assertEqual(report["ledger"]["dropped"], faults)

    def test_duplicates_and_reordered_frames_change_nothing(self):
        rng = random.Random(3)
        payloads, expected = [], []
        for _ in range(40):
            number = self.sender.gram
            made, slab, descriptors = self.sender.grams(self.runs(rng, 4), 5, frames=4)
            payloads += made
            expected.append((0, number, 5, *kernel(self.blob, slab, descriptors, 5, 0)))
        shuffled = []
        for start in range(0, len(payloads), 16):  # within the bound
            part = payloads[start:start + 16] + rng.sample(payloads[:start + 16], 4)
            rng.shuffle(part)
            shuffled += part
        out, report = self.answer(shuffled)
        self.assertEqual(report["ledger"]["dropped"], {"duplicate": 40})
        self.assertEqual(results(out), expected)

    def test_a_full_pool_gets_back_the_gram_that_ended_in_the_same_burst(self):
        senders = [Sender(self.blob, self.layout, stream) for stream in range(8)]
        made = [sender.grams([wire.run(2, [i]), wire.run(2, [9])], 5, frames=2)[0] for i, sender in enumerate(senders)]
        another = senders[0].grams([wire.run(2, [77])], 5)[0]
        payloads = [first for first, _ in made] + [made[0][1]] + another + [second for _, second in made[1:]]
        out, report = self.answer(payloads, {"stages.assemble.grams": 8})
        self.assertEqual([r[:2] for r in results(out)], [(0, 0), (0, 1)] + [(stream, 0) for stream in range(1, 8)])
        self.assertEqual(report["ledger"]["dropped"], {})

    def test_bare_frames_are_executed_on_the_ports_stream_without_a_result(self):
        units = wire.run(2, [0, 1])[0] + wire.run(2, [1])[0] + bytes([wire.END])  # what follows is padding
        change = {"ports.p0.bare": "{stream: 9, op: 2}", "blob.writable": f"[{{stream: 9, offset: {MIB}, length: 128}}]"}
        out, report = self.answer([units], change)
        self.assertEqual(out, [])
        self.assertEqual(report["ledger"]["processed"], 1)
        kernel_stage = next(s for s in report["stages"] if s["kind"] == "kernel")
        self.assertEqual(kernel_stage["figures"]["grams_executed"], 1)
        _, report = self.answer([units])
        self.assertEqual(report["ledger"]["dropped"], {"bare_unconfigured": 1})

    def test_vlan_and_udp_frames_are_answered_in_kind(self):
        made, slab, descriptors = self.sender.grams([wire.run(2, [1])], 4, 0)
        udp = struct.pack(">HHHH", 5555, 4919, 8 + len(made[0]), 0) + made[0]
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, b"\x0a\0\0\1", b"\x0a\0\0\2")
        second, slab2, descriptors2 = self.sender.grams([wire.run(2, [2])], 4, 0)
        frames = [US + PEER + b"\x08\x00" + ip + udp, US + PEER + b"\x81\x00\x00\x05\x13\x37" + second[0]]
        out, _ = self.answer(None, frames=frames)
        self.assertEqual(len(out), 2)
        self.assertEqual(out[0][12:14], b"\x08\x00")
        self.assertEqual(out[0][26:34], b"\x0a\0\0\2\x0a\0\0\1")
        self.assertEqual(struct.unpack(">HH", out[0][34:38]), (4919, 5555))
        value = struct.unpack(">Q", out[0][42 + 16 + 8:42 + 16 + 16])[0]
        self.assertEqual(value, kernel(self.blob, slab, descriptors, 4, 0)[1])
        self.assertEqual(out[1][12:18], b"\x81\x00\x00\x05\x13\x37")

    def test_another_blobs_gram_is_refused(self):
        bad, _, _ = self.sender.grams([wire.run(2, [1])], 4, blob_id=0xDEADBEEF)
        unstated, _, _ = self.sender.grams([wire.run(2, [1])], 4, blob_id=0)
        good, _, _ = self.sender.grams([wire.run(2, [1])], 4)
        out, report = self.answer(bad + unstated + good)
        self.assertEqual([r[1] for r in results(out)], [2])
        self.assertEqual(report["ledger"]["dropped"], {"wrong_blob": 2})

    def hostile(self, seed, count):
        """`count` random byte strings and `count` mutated good frames."""
        rng = random.Random(seed)
        for _ in range(count):
            yield rng.randbytes(rng.randrange(1, 200))
        good = []
        for _ in range(200):
            good += self.sender.grams(self.runs(rng, 3), rng.randrange(13), rng.getrandbits(64), frames=rng.randrange(1, 4))[0]
        for _ in range(count):
            frame = bytearray(rng.choice(good))
            for _ in range(rng.randrange(1, 4)):
                how, at = rng.randrange(3), rng.randrange(len(frame))
                if how == 0:
                    frame[at] ^= 1 << rng.randrange(8)
                elif how == 1:
                    frame[at] = rng.randrange(256)
                elif len(frame) > 17:
                    del frame[at:]
                    break
            yield bytes(frame) or b"\0"

    def test_hostile_frames_leave_a_closed_ledger(self):
        payloads = list(self.hostile(11, 10000))
        sets = {"blob.writable": f"[{{stream: 0, offset: {MIB}, length: {MIB}}}]", "ports.p0.bare": "{stream: 3, op: 4}"}
        _, report = self.answer(None, sets, frames=[US + PEER + b"\x13\x37" + p for p in payloads])
        self.assertEqual(report["ledger"]["received"], len(payloads))
        self.assertEqual(report["ledger"]["in_flight"], 0)


if __name__ == "__main__":
    unittest.main()
