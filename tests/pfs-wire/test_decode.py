"""pfs-wire decode: vectors and captures to JSON lines and to text, and what it says of bad input.

The program: $PFS_WIRE, or pfs-wire of the build folder $PFS_BUILD (default: build)."""

import json
import struct
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import wire
import pcap
import pfswire


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="pfs-wire.")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def capture(self, frames):
        pcap.write(self.folder / "x.pcap", frames)
        return self.folder / "x.pcap"

    def refused(self, place, *arguments, stdin=b""):
        """One line on stderr that names `place`, exit code 2."""
        code, out, err = wire.run(*arguments, stdin=stdin)
        self.assertEqual(code, 2, err)
        self.assertEqual(err.count("\n"), 1, err)
        self.assertTrue(err.startswith("pfs-wire: "), err)
        self.assertIn(str(place), err)
        self.assertIn(";", err, "no remedy")
        return out


class Vectors(Files):
    def test_every_row_comes_back_as_the_vectors_have_it(self):
        code, out, err = wire.run("decode", wire.VECTORS)
        self.assertEqual((code, err), (0, ""))
        _, rows = wire.rows()
        got = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(len(got), len(rows))
        for line, row in zip(got, rows):
            self.assertEqual(list(line), ["name", "header", "descriptors", "error"])
            self.assertEqual(line, {key: row[key] for key in line}, row["name"])

    def test_stdin_and_blank_lines_and_missing_layout_keys_are_fine(self):
        text = '{"layout":{"size":2097152}}\n\n{"name":"\\u00fc\\"","payload":"80000000 01"}\n'.replace(" ", "")
        code, out, _ = wire.run("decode", "-", stdin=text.encode())
        self.assertEqual(code, 0)
        self.assertEqual(json.loads(out), {"name": "ü\"", "header": None, "descriptors": [[0, 1048576 + 64, 64]],
                                           "error": None})

    def test_bare_frames_are_read_with_crc_unless_told_otherwise(self):
        text = b'{"layout":{"size":2097152}}\n{"name":"x","payload":"f000000041"}\n'
        self.assertIn('"descriptors":[]', wire.run("decode", "-", stdin=text)[1])
        self.assertIn('"descriptors":[]', wire.run("decode", "--bare-crc", "-", stdin=text)[1])
        self.assertIn('"descriptors":[[0,4161,1]]', wire.run("decode", "--no-bare-crc", "-", stdin=text)[1])

    def test_an_empty_payload_is_truncated(self):
        text = b'{"layout":{"size":2097152}}\n{"name":"x","payload":""}\n'
        self.assertIn("truncated", wire.run("decode", "-", stdin=text)[1])

    def test_rows_without_name_or_payload_or_with_bad_hex_name_their_line(self):
        first = '{"layout":{"size":2097152}}\n{"name":"good","payload":"c0"}\n'
        for bad in ('{"payload":"c0"}', '{"name":"x"}', '{"name":"x","payload":"c"}', '{"name":"x","payload":"zz"}',
                    '{"name":1,"payload":"c0"}', '{"name":"x","payload":7}', "[1]", "{", "null", '{"name":"x"'):
            path = self.write("x.jsonl", first + bad + "\n")
            out = self.refused(f"{path}:3", "decode", path)
            self.assertEqual(out.count("\n"), 1, "the good row before it is printed")

    def test_a_first_row_without_a_sound_layout_is_refused(self):
        for bad in ("{}", '{"layout":7}', '{"layout":{}}', '{"layout":{"size":-1}}', '{"layout":{"size":1.5}}',
                    '{"layout":{"size":4096,"block":0}}', '{"layout":{"size":4096,"word":0}}',
                    '{"layout":{"size":4096,"key":4294967296}}', '{"layout":{"size":18446744073709551615}}',
                    '{"layout":{"size":"4MiB"}}', '{"name":"x","payload":"c0"}'):
            path = self.write("x.jsonl", bad + "\n")
            self.refused(f"{path}:1", "decode", path)


class Captures(Files):
    def decode(self, frames, *more):
        first, _ = wire.rows()
        layout = first["layout"]
        code, out, err = wire.run("decode", "--layout", wire.layout_option(layout), "--key", hex(layout["key"]), *more,
                                  self.capture(frames))
        self.assertEqual(code, 0, err)
        return [json.loads(line) for line in out.splitlines()], err

    def test_every_vector_decodes_in_every_encapsulation_among_foreign_frames(self):
        _, rows = wire.rows()
        foreign = [wire.ethernet(bytes(46), 0x0806), wire.ipv4(b"dns", 53), wire.ipv6(b"dns", 53),
                   wire.ipv4(b"x", fragment=0x2000), wire.ipv4(b"x", protocol=6), b"short", wire.ethernet(b"", 0x0800)]
        wraps = [wire.ethernet, lambda p: wire.ethernet(p, vlan=True), wire.ipv4, wire.ipv6,
                 lambda p: wire.ipv4(p, options=bytes(8)), lambda p: wire.ipv4(p, vlan=True),
                 lambda p: wire.ipv6(p, vlan=True)]
        frames, expected = [], []
        for index, row in enumerate(rows):
            frames.append(foreign[index % len(foreign)])
            frames.append(wraps[index % len(wraps)](bytes.fromhex(row["payload"])))
            expected.append({key: row[key] for key in ("header", "descriptors", "error")})
        got, err = self.decode(frames)
        self.assertEqual([line.pop("name") for line in got], [f"#{n + 1}" for n in range(len(rows))])
        for line, want, row in zip(got, expected, rows):
            self.assertEqual(line, want, row["name"])
        self.assertIn(f"{len(rows)} PacketFS frames, {len(rows)} of other traffic", err)

    def test_padding_behind_a_datagram_is_not_decoded(self):
        payload = pfswire.run(2, [1, 2])[0]
        got, _ = self.decode([wire.ipv4(payload) + bytes(30), wire.ipv6(payload) + b"\xff" * 30])
        self.assertEqual([line["descriptors"] for line in got], [[[0, 1048576 + 64, 128]]] * 2)

    def test_the_key_permutes_as_the_reference_does(self):
        layout = pfswire.Layout(1 << 21, key=0xC0FFEE)
        refs = [pfswire.prp32_inverse(n, layout.key) for n in (3, 4, 9)]
        payload = pfswire.frame([pfswire.run(2, refs)[0]], flags=pfswire.CRC | pfswire.PRP)
        want = [list(d) for d in pfswire.parse(payload, layout)[2]]
        for key in ("0xC0FFEE", "0xc0ffee", "12648430"):
            code, out, err = wire.run("decode", "--layout", "size=2MiB", "--key", key,
                                      self.capture([wire.ethernet(payload)]))
            self.assertEqual(code, 0, err)
            self.assertEqual(json.loads(out)["descriptors"], want)

    def test_layout_takes_units_and_defaults(self):
        frames = [wire.ethernet(b"\x80\0\0\0\1\xc0"), wire.ethernet(b"\x40\0\1\xc0"), wire.ethernet(b"\0\1\xc0")]
        code, out, _ = wire.run("decode", "--layout", "size=4MiB,l1=1KiB,l2=2KiB,l3=2MiB,word=16,block=4KiB",
                                self.capture(frames))
        self.assertEqual(code, 0)
        self.assertEqual([json.loads(line)["descriptors"] for line in out.splitlines()],
                         [[[0, (2 << 20) + 4096, 4096]], [[0, 2048 + 16, 16]], [[0, 1025, 1]]])

    def test_a_capture_from_stdin_is_read(self):
        path = self.capture([wire.ethernet(b"\x80\0\0\0\1\xc0")])
        code, out, err = wire.run("decode", "--layout", "size=2MiB", "-", stdin=path.read_bytes())
        self.assertEqual(code, 0, err)
        self.assertEqual(json.loads(out)["name"], "#1")

    def test_pcapng_is_read_whatever_its_name(self):
        frames = [(n % 2, wire.ethernet(b"\x80\0\0\0" + bytes([n]) + b"\xc0")) for n in range(5)]
        for name in ("x.pcapng", "x.jsonl"):
            pcap.write_pcapng(self.folder / name, frames, [(pcap.ETHERNET, 262144)] * 2)
            code, out, err = wire.run("decode", "--layout", "size=2MiB", self.folder / name)
            self.assertEqual(code, 0, err)
            self.assertEqual([json.loads(line)["descriptors"][0][1] for line in out.splitlines()],
                             [(1 << 20) + 64 * n for n in range(5)])

    def test_random_payloads_decode_as_the_reference_says(self):
        import random
        first, rows = wire.rows()
        keys = {key: first["layout"][key] for key in ("size", "l1", "l2", "l3", "word", "block", "key")}
        layout = pfswire.Layout(**keys)
        rng = random.Random(20)
        payloads = []
        for _ in range(3000):
            payload = bytearray.fromhex(rng.choice(rows)["payload"])[:rng.randrange(16, 400)]
            for _ in range(rng.randrange(4)):
                payload[rng.randrange(len(payload))] ^= 1 << rng.randrange(8)
            if payload[0] == pfswire.FRAME and len(payload) >= 16 and rng.random() < 0.7:
                struct.pack_into(">H", payload, 14, len(payload) - 16)
            payloads.append(bytes(payload))
        got, _ = self.decode([wire.ethernet(payload) for payload in payloads])
        for line, payload in zip(got, payloads):
            try:
                header, _, descriptors = pfswire.parse(payload, layout)
                want = {"header": header, "descriptors": [list(d) for d in descriptors], "error": None}
            except pfswire.WireError as error:
                want = {"header": None, "descriptors": None, "error": error.args[0]}
            del line["name"]
            self.assertEqual(line, want, payload.hex())


class Text(Files):
    def test_every_unit_is_named_with_its_offset(self):
        units = [pfswire.gram(op=4, arg=7), pfswire.run(0, [65]), pfswire.run(2, list(range(70))),
                 pfswire.extents([(4096, 10), (8192, 20)]), pfswire.literal(b"hello"), pfswire.sync(0, 1),
                 (bytes.fromhex("f10009"), b""), (b"\xf2\0" + struct.pack(">IH", 5, 1), b""),
                 (b"\xf3" + struct.pack(">II", 8, 9), b""), (b"\xe7\0\2hi", b""),
                 (struct.pack(">BBHIQH", 0xD2, 4, 0, 3, 99, 0), b""), pfswire.gram_end(0, 1, 2, 3, 4), (b"\xc0\0", b"")]
        payload = pfswire.frame([unit for unit, _ in units])
        code, out, err = wire.run("decode", "--text", "--layout", "size=2MiB", self.capture([wire.ethernet(payload)]))
        self.assertEqual(code, 0, err)
        at = 16
        names = ["GRAM", "RUN L1", "RUN L3", "EXTENTS", "LITERAL", "SYNC_MARK", "SYNC_ACK", "NACK", "ACK",
                 "extension E7", "RESULT", "GRAM_END", "END"]
        for (unit, _), name in zip(units, names):
            self.assertRegex(out, rf"(?m)^  @{at} +{name}\b")
            at += len(unit)
        self.assertIn("[0..69] 0..69", out)

    def test_a_fault_is_named_where_it_stands(self):
        payload = pfswire.frame([pfswire.run(0, [65])[0], b"\xf9"])
        _, out, _ = wire.run("decode", "--text", "--layout", "size=2MiB", self.capture([wire.ethernet(payload)]))
        self.assertRegex(out, r"@18 +FAULT bad_unit")

    def test_a_window_is_followed_across_frames(self):
        body1, refs1 = pfswire.run(0, [1, 2, 3])
        body2, refs2 = pfswire.run(0, [9])
        good = pfswire.crc16(refs1 + refs2)
        frames = [pfswire.frame([body1], seq=0), pfswire.frame([body2, pfswire.sync(0, good)[0]], seq=1),
                  pfswire.frame([pfswire.sync(1, 5)[0]], seq=2), pfswire.frame([pfswire.sync(2, 5)[0]], seq=4)]
        _, out, _ = wire.run("decode", "--text", "--layout", "size=2MiB", self.capture(map(wire.ethernet, frames)))
        marks = [line for line in out.splitlines() if "SYNC_MARK" in line]
        self.assertIn("holds", marks[0])
        self.assertIn("DIFFERS", marks[1])
        self.assertIn("cannot be checked", marks[2])

    def test_text_of_strangers_reaches_no_terminal_raw(self):
        name = "x\x1b[2J\u009b2J\u202e\n\\".encode() + b"\xff'"
        unit = b"\xe1" + struct.pack(">HQ", 40 + len(name), 5) + bytes(32) + name
        frame = pfswire.frame([pfswire.gram(op=0, arg=0)[0], unit])
        code, out, err = wire.run("decode", "--text", "--layout", "size=2MiB", self.capture([wire.ethernet(frame)]))
        self.assertEqual(code, 0, err)
        self.assertIn(r"FILE 'x\x1b[2J\u{9b}2J\u{202e}\x0a\\\xff\'', 5 bytes", out)
        rows = self.write("x.jsonl", '{"layout":{"size":2097152}}\n' + json.dumps({"name": name[:-2].decode(), "payload": "c0"}))
        _, out, _ = wire.run("decode", "--text", rows)
        self.assertIn(r"x\x1b[2J\u{9b}2J\u{202e}\x0a\: 1 bytes", out)
        self.refused(r"\x1b[2J", "decode", "no\x1b[2J\nfile")

    def test_every_vector_prints(self):
        code, out, err = wire.run("decode", "--text", wire.VECTORS)
        self.assertEqual((code, err), (0, ""))
        _, rows = wire.rows()
        for row in rows:
            self.assertIn(f"{row['name']}: ", out)
        self.assertEqual(out.count("FAULT"), sum(row["error"] is not None for row in rows))


class Refusals(Files):
    def test_files_that_are_not_there_or_empty_or_nothing_known(self):
        self.refused(self.folder / "none", "decode", self.folder / "none")
        self.refused(self.folder, "decode", self.folder)
        empty = self.write("empty", b"")
        self.refused(empty, "decode", empty)
        junk = self.write("junk", b"\x7fELF this is no capture at all")
        self.refused(junk, "decode", "--layout", "size=2MiB", junk)

    def test_a_capture_that_ends_in_a_frame_names_the_frame_after_printing_those_before(self):
        path = self.capture([wire.ethernet(b"\xc0"), wire.ethernet(b"\xc0")])
        path.write_bytes(path.read_bytes()[:-3])
        out = self.refused(f"{path}:2", "decode", "--layout", "size=2MiB", path)
        self.assertEqual(out.count("\n"), 1)

    def test_a_record_longer_than_the_snap_length_is_refused(self):
        path = self.capture([])
        long = wire.ethernet(bytes(1000))
        path.write_bytes(struct.pack("<IHHiIII", pcap.MAGIC, 2, 4, 0, 0, 96, pcap.ETHERNET)
                         + struct.pack("<IIII", 0, 0, len(long), len(long)) + long)
        self.refused(f"{path}:1: a record of 1014 bytes", "decode", "--layout", "size=2MiB", path)

    def test_a_second_interface_that_differs_is_refused_behind_the_frames_before_it(self):
        for other in ((pcap.ETHERNET, 96), (113, 262144)):
            pcap.write_pcapng(self.folder / "x.pcapng", [(0, wire.ethernet(b"\xc0")), (1, wire.ethernet(b"\xc0"))],
                              [(pcap.ETHERNET, 262144), other])
            out = self.refused("x.pcapng:2: frame cannot be read: an interface has a", "decode", "--layout", "size=2MiB",
                               self.folder / "x.pcapng")
            self.assertEqual(out.count("\n"), 1)

    def test_compressed_captures_are_told_how_to_be_unpacked(self):
        import gzip
        path = self.write("x.pcap", gzip.compress(self.capture([wire.ethernet(b"\xc0")]).read_bytes()))
        self.refused("compressed by gzip; unpack it first: gunzip", "decode", "--layout", "size=2MiB", path)

    def test_frames_that_the_capture_cut_are_counted_and_fail(self):
        path = self.capture([wire.ethernet(b"\xc0")])
        path.write_bytes(path.read_bytes() + struct.pack("<IIII", 0, 0, 20, 1514) + wire.ethernet(b"\xc0" * 6))
        code, out, err = wire.run("decode", "--layout", "size=2MiB", path)
        self.assertEqual((code, out.count("\n")), (1, 2), err)
        self.assertIn("1 of 2 PacketFS frames were cut by the capture", err)

    def test_a_capture_is_no_rows_to_encode(self):
        self.refused("the file is a pcap file, not rows", "encode", self.capture([]))

    def test_a_capture_of_another_link_type_is_refused(self):
        path = self.write("x.pcap", struct.pack("<IHHiIII", pcap.MAGIC, 2, 4, 0, 0, 65535, 113))
        self.refused("LINUX_SLL", "decode", "--layout", "size=2MiB", path)

    def test_bad_options_are_refused(self):
        path = self.capture([wire.ethernet(b"\xc0")])
        for option in ("size", "size=", "size=x", "sise=1", "block=64", "size=0", "size=2MiB,block=0",
                       "size=2MiB,,block=64", "size=2MiB,word=99GiB"):
            self.refused("--layout", "decode", "--layout", option, path)
        for key in ("x", "0x", "-1", "4294967296", "0x1ffffffff", "12 "):
            self.refused("--key", "decode", "--layout", "size=2MiB", "--key", key, path)
        self.refused("--layout", "decode", path)
        self.refused("--layout", "decode", "--layout", "size=2MiB", wire.VECTORS)
        for arguments in ((), ("decode",), ("unknown",), ("decode", "--unknown", path), ("decode", path, path)):
            self.refused("--help", *arguments)

    def test_a_full_disk_is_an_error(self):
        import subprocess
        with open("/dev/full", "wb") as full:
            done = subprocess.run([wire.PROGRAM, "decode", str(wire.VECTORS)], stdout=full, stderr=subprocess.PIPE,
                                  timeout=60, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"stdout", done.stderr)


if __name__ == "__main__":
    unittest.main()
