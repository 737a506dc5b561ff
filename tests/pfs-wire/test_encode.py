"""pfs-wire encode: what it writes is one gram that the reference reads back, in no more bytes than the obvious ways.

The program: $PFS_WIRE, or pfs-wire of the build folder $PFS_BUILD (default: build)."""

import json
import random
import unittest

import wire
import pfswire

LAYOUT = {"size": 1 << 28, "l1": 4096, "l2": 8192, "l3": 1 << 20, "word": 8, "block": 64}
REFERENCE = pfswire.Layout(LAYOUT["size"])
FRAME, GRAM = 16, 24  # bytes of a frame header, and of a GRAM or GRAM_END unit


def encode(rows, layout=None):
    text = "\n".join(json.dumps(row) for row in [{"layout": layout or LAYOUT}, *rows])
    code, out, err = wire.run("encode", "-", stdin=text.encode())
    return code, [json.loads(line) for line in out.splitlines()], err


def merged(descriptors):
    table = []
    for space, offset, length in descriptors:
        if table and table[-1][0] == space and table[-1][1] + table[-1][2] == offset:
            table[-1] = (space, table[-1][1], table[-1][2] + length)
        else:
            table.append((space, offset, length))
    return table


def table(rng):
    """A descriptor table of one of the shapes that are met: blocks in order, strewn, words, records, a mixture."""
    kind, count = rng.randrange(6), rng.choice((1, 2, 7, 63, 64, 65, 127, 300))
    l3 = LAYOUT["l3"]
    if kind == 0:
        start = rng.randrange(1 << 20)
        return [[0, l3 + 64 * (start + i), 64] for i in range(count)]
    if kind == 1:
        return [[0, l3 + 64 * rng.randrange(1 << 21), 64] for _ in range(count)]
    if kind == 2:
        return [[0, 8192 + 8 * rng.randrange(65536), 8] for _ in range(count)]
    if kind == 3:
        base, step = rng.randrange(1 << 27), rng.randrange(20, 5000)
        return [[0, base + step * i, 20] for i in range(count)]
    if kind == 4:
        return [[0, 4096 + rng.randrange(256), 1] for _ in range(count)]
    return [row for _ in range(3) for row in table(rng)[:40]] + [[0, rng.randrange(1 << 27), rng.randrange(1, 1 << 20)]]


class Encode(unittest.TestCase):
    def read_back(self, payloads, mtu):
        """The descriptors of a row's payloads; checks that they are one gram, GRAM to GRAM_END."""
        descriptors, total, end = [], None, None
        for index, payload in enumerate(map(bytes.fromhex, payloads)):
            self.assertLessEqual(len(payload), mtu)
            head, units, of_frame = pfswire.parse(payload, REFERENCE)
            self.assertEqual((head["seq"], head["gram"], head["frag"], head["length"]), (index, 0, index, len(payload) - FRAME))
            self.assertIsNone(end, "a frame behind GRAM_END")
            for unit in units:
                if unit[0] == "gram":
                    self.assertEqual((index, total), (0, None))
                    total = unit[1]["total"]
                elif unit[0] == "gram_end":
                    end = unit[1]
            descriptors += of_frame
        self.assertIsNotNone(end)
        self.assertEqual((end["kind"], end["frames"], end["descs"], end["total"]),
                         (0, len(payloads), len(descriptors), sum(length for _, _, length in descriptors)))
        self.assertEqual(total, end["total"])
        return merged(descriptors)

    def test_random_tables_come_back_through_the_reference(self):
        for seed in range(60):
            rng = random.Random(seed)
            rows = [{"name": str(mtu), "mtu": mtu, "descriptors": table(rng)} for mtu in (64, 90, 128, 576, 1500, 9000)]
            code, out, err = encode(rows)
            self.assertEqual((code, err), (0, ""), f"seed {seed}")
            for row, got in zip(rows, out, strict=True):
                with self.subTest(seed=seed, mtu=row["mtu"]):
                    self.assertEqual(got["name"], row["name"])
                    self.assertEqual(self.read_back(got["payloads"], row["mtu"]), merged(row["descriptors"]))

    def test_no_larger_than_one_unit_of_the_plain_ways(self):
        """Each table whole as one EXTENTS, and as runs where all its pieces are blocks, words or bytes of one tier."""
        for seed in range(200):
            descriptors = table(random.Random(1000 + seed))[:256]
            _, out, _ = encode([{"name": "x", "mtu": 9000, "descriptors": descriptors}])
            used = sum(len(payload) // 2 for payload in out[0]["payloads"])
            ways = [len(pfswire.extents([(offset, length) for _, offset, length in merged(descriptors)])[0])]
            for base, item, width in ((4096, 1, 1), (8192, 8, 2), (LAYOUT["l3"], 64, 4)):
                if all(length == item and 0 <= offset - base < item << (8 * width) and (offset - base) % item == 0
                       for _, offset, length in descriptors):
                    ways.append(len(descriptors) * width + (1 if len(descriptors) <= 63 else 3))
            with self.subTest(seed=seed):
                self.assertLessEqual(used, FRAME + GRAM + min(ways) + GRAM)

    def test_every_vector_that_denotes_only_the_blob_goes_round(self):
        first, rows = wire.rows()
        rows = [{"name": row["name"], "descriptors": row["descriptors"]} for row in rows
                if row["error"] is None and row["descriptors"] and all(d[0] == 0 for d in row["descriptors"])]
        self.assertGreater(len(rows), 50)
        code, out, err = encode(rows, first["layout"])
        self.assertEqual((code, err), (0, ""))
        for row, got in zip(rows, out, strict=True):
            with self.subTest(row["name"]):
                self.assertEqual(self.read_back(got["payloads"], 1500), merged(map(tuple, row["descriptors"])))

    def test_a_row_that_cannot_be_encoded_names_its_line_and_those_before_are_printed(self):
        good = {"name": "good", "descriptors": [[0, 0, 1]]}
        size = LAYOUT["size"]
        for bad in ([[1, 0, 1]], [[2, 0, 1]], [[0, size, 1]], [[0, 0, 0]], [[0, 1]], [[0, -1, 4]], 7, None):
            code, out, err = encode([good, {"name": "bad", "descriptors": bad}])
            self.assertEqual((code, len(out)), (2, 1), f"{bad}: {err}")
            self.assertRegex(err, r"^pfs-wire: .*:3: .*; .*\n$")
        for row in ({"descriptors": []}, {"name": "x"}, {"name": "x", "mtu": 30, "descriptors": []}):
            self.assertEqual(encode([row])[0], 2, row)


if __name__ == "__main__":
    unittest.main()
