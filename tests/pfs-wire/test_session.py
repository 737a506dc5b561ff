"""pfs-wire and the frames of sessions (WIRE.md, section 8): decoded, printed and encoded as an independent reference says.

The program: $PFS_WIRE, or pfs-wire of the build folder $PFS_BUILD (default: build)."""

import json
import random
import re
import tempfile
import unittest
from pathlib import Path

import wire
import pcap
import pfssession
import pfswire

VECTORS = wire.TESTS / "vectors" / "session.jsonl"
FIRST = json.dumps({"layout": pfssession.LAYOUT})


def rows():
    return [json.loads(line) for line in VECTORS.read_text().splitlines()][1:]


def decode(payloads, *options):
    text = "\n".join([FIRST, *(json.dumps({"name": str(n), "payload": p.hex()}) for n, p in enumerate(payloads))])
    code, out, err = wire.run("decode", *options, "-", stdin=text.encode())
    assert (code, err) == (0, ""), err
    return out


def encode(of):
    code, out, err = wire.run("encode", "-", stdin="\n".join([FIRST, *map(json.dumps, of)]).encode())
    return code, [json.loads(line) for line in out.splitlines()], err


class Vectors(unittest.TestCase):
    def test_the_file_is_what_the_reference_writes(self):
        self.assertEqual(rows(), json.loads(json.dumps(list(pfssession.cases()))), "run pfssession.py, see its head")

    def test_the_reference_judges_each_row_as_the_row_says(self):
        for row in rows():
            session = row["session"]
            self.assertEqual(pfssession.judge(bytes.fromhex(row["payload"])), (session["error"], session["crc"]), row["name"])

    def test_every_row_decodes_to_its_units_and_verdict(self):
        code, out, err = wire.run("decode", VECTORS)
        self.assertEqual((code, err), (0, ""))
        got = [json.loads(line) for line in out.splitlines()]
        for line, row in zip(got, rows(), strict=True):
            self.assertEqual(list(line), ["name", "header", "descriptors", "error", "session"])
            self.assertEqual(line, {key: row[key] for key in line}, row["name"])

    def test_every_sound_row_encodes_to_its_payload(self):
        sound = [row for row in rows() if row["session"]["error"] is None and "padding behind" not in row["name"]]
        self.assertGreater(len(sound), 90)
        code, out, err = encode([{key: row[key] for key in ("name", "header", "session")} for row in sound])
        self.assertEqual((code, err), (0, ""))
        for line, row in zip(out, sound, strict=True):
            self.assertEqual(line, {"name": row["name"], "payloads": [row["payload"]]})

    def test_frames_of_no_session_have_no_session(self):
        _, plain = wire.rows()
        for line in decode([bytes.fromhex(row["payload"]) for row in plain[:50]]).splitlines():
            self.assertNotIn("session", json.loads(line))


class Damaged(unittest.TestCase):
    def test_whatever_happens_to_a_frame_is_judged_as_the_reference_judges_it(self):
        frames = [bytes.fromhex(row["payload"]) for row in rows()]
        for seed in range(3):
            rng = random.Random(seed)
            payloads = []
            while len(payloads) < 1500:
                payload = bytearray(rng.choice(frames))
                for _ in range(rng.randrange(3)):
                    payload[rng.randrange(len(payload))] ^= 1 << rng.randrange(8)
                if rng.random() < 0.3:
                    payload = payload[:rng.randrange(17, len(payload) + 1)]
                if rng.random() < 0.2 and len(payload) >= pfssession.HEAD:
                    payload = bytearray(pfssession.seal(bytes(payload)))
                if payload[0] == 0xE0 and payload[16] == 0xE4:
                    payloads.append(bytes(payload))
            for line, payload in zip(decode(payloads).splitlines(), payloads, strict=True):
                session = json.loads(line)["session"]
                self.assertEqual((session["error"], session["crc"]), pfssession.judge(payload),
                                 f"seed {seed}: {payload.hex()}")


class Text(unittest.TestCase):
    def test_every_row_says_whether_its_crc_holds(self):
        _, out, _ = wire.run("decode", "--text", VECTORS)
        blocks = [block for block in out.split("\n\n") if block.strip()]
        said = {"holds": "of a session: CRC holds", "differs": "of a session: CRC DIFFERS"}
        for block, row in zip(blocks, rows(), strict=True):
            session = row["session"]
            with self.subTest(row["name"]):
                if session["crc"] is not None:
                    self.assertIn(said[session["crc"]], block)
                elif session["error"] == "truncated":
                    self.assertRegex(block, r"trimmed, \d+ of \d+ bytes of units are here")
                    self.assertIn(f"seq {row['header']['seq']},", block, "the number of the frame that is lost")
                    self.assertIn("FAULT truncated", block)
                else:
                    self.assertIn(session["error"], block)

    def test_every_unit_is_named_where_it_stands_with_its_fields(self):
        units = [pfssession.sack(stream=3, next=8, first=9, map=[0b10011, 1]), pfssession.hello(boot=77),
                 pfssession.welcome(opener=6), pfssession.bye("root", ours=1, theirs=2), pfssession.retry(cookie=5),
                 pfssession.probe(bytes=1500), pfssession.nack([[4, 2]])]
        head = pfssession.carry(session=5, ping=True, stamp=9)
        out = decode([pfssession.seal(pfswire.frame([head, *units], flags=0))], "--text")
        says = ["CARRY, session 5, sequenced no, ping yes, path 0, stamp 9, denoted 0",
                "SACK, stream 3, path 0, pressure 0, next 8, .*, 2 words, here 9..10 13 73",
                "HELLO, version 1, digest 2, window_pow2 16, path 0, boot 77, root 0{64}, size 268435456",
                "WELCOME, version 1, .* opener 6", "BYE, reason root, answer no, opener 0, ours 1, theirs 2",
                "RETRY, opener 0, cookie 5", "PROBE, answer no, path 0, bytes 1500", "NACK, 1 ranges"]
        at = 16
        for unit, text in zip([head, *units], says, strict=True):
            self.assertRegex(out, rf"(?m)^  @{at} +{text}")
            at += len(unit)

    def test_control_and_damaged_frames_break_no_window_of_a_stream(self):
        def frame(units, seq, sequenced=True):
            return pfssession.seal(pfswire.frame([pfssession.carry(sequenced=sequenced), *units], seq=seq))

        first, references = pfswire.run(0, [1, 2, 3])
        second, more = pfswire.run(0, [9])
        sync = pfswire.sync(0, pfswire.crc16(references + more))[0]
        damaged = bytearray(frame([first], 1))
        damaged[-1] ^= 1
        frames = [frame([first], 0), frame([pfssession.sack()], 0, sequenced=False), bytes(damaged),
                  frame([pfssession.nack([[9, 1]])], 5, sequenced=False), frame([second, sync], 1)]
        with tempfile.TemporaryDirectory(prefix="pfs-wire.") as folder:
            pcap.write(Path(folder) / "x.pcap", [wire.ethernet(frame) for frame in frames])
            _, out, _ = wire.run("decode", "--text", "--layout", "size=2MiB", Path(folder) / "x.pcap")
        self.assertRegex(out, r"SYNC_MARK, window 0, CRC 0x[0-9a-f]{4} holds")


class Refusals(unittest.TestCase):
    def test_rows_that_make_no_frame_name_their_line_and_what_to_do(self):
        good = {"name": "good", "session": {"carry": {}}}

        def units(unit):
            return {"carry": {}, "units": [unit]}

        sessions = [7, {}, {"carry": 1}, {"carry": {"sesion": 1}}, {"carry": {"session": 2**32}}, {"carry": {"ping": 1}},
                    {"carry": {}, "units": 5}, units(7), units({}), units({"unit": "SNACK"}),
                    units({"unit": "SACK", "path": 256}), units({"unit": "SACK", "next": -1}),
                    units({"unit": "SACK", "map": [0] * 65}), units({"unit": "SACK", "map": [2**64]}),
                    units({"unit": "HELLO", "root": "00"}), units({"unit": "HELLO", "root": "zz" * 32}),
                    units({"unit": "BYE", "reason": "tired"}), units({"unit": "PROBE", "extra": 1}),
                    units({"unit": "NACK"}), units({"unit": "NACK", "gaps": []}), units({"unit": "NACK", "gaps": [[1, 0]]}),
                    units({"unit": "NACK", "gaps": [[1, 65537]]}), units({"unit": "raw", "bytes": "0"}),
                    units({"unit": "raw", "bytes": "00" * 65536}), {"carry": {}, "bytes": 40}, {"carry": {}, "bytes": 65536}]
        bad_rows = [{"name": "bad", "session": session} for session in sessions]
        bad_rows += [{"name": "bad", "header": header, "session": {"carry": {}}}
                     for header in (7, {"flags": 16}, {"seq": 2**32}, {"sequence": 1})]
        for bad in bad_rows:
            code, out, err = encode([good, bad])
            self.assertEqual((code, len(out)), (2, 1), f"{bad}: {err}")
            self.assertTrue(re.fullmatch(r"pfs-wire: .*:3: .*; .*\n", err), err)


if __name__ == "__main__":
    unittest.main()
