"""KERNELS.md in plain Python over pfsblob's blob and pfswire's frames: what the answering pipeline is held against."""

import hashlib
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "vectors"))
import pfsblob  # noqa: E402
import pfswire as wire  # noqa: E402

MIB = 1 << 20
M64 = 2**64 - 1
DONE, UNKNOWN_OP, NOT_PERMITTED, BAD_ARGUMENT, DIGEST_MISMATCH = range(5)


def gather(blob, slab, descriptors):
    return b"".join((slab if space else blob)[offset:offset + length] for space, offset, length in descriptors)


def kernel(blob, slab, descriptors, op, arg, writable=()):
    """(status, value, bytes) of one gram; in-place kernels change `blob` (a bytearray). writable: (offset, length)s."""
    data, low = gather(blob, slab, descriptors), arg & 255
    if op in (2, 3):
        inside = all(space == 0 and any(at <= offset and offset + length <= at + size for at, size in writable)
                     for space, offset, length in descriptors)
        if not inside:
            return NOT_PERMITTED, 0, b""
        changed = 0
        for _, offset, length in descriptors:
            for i in range(offset, offset + length):
                new = blob[i] ^ low if op == 2 else (blob[i] + low) & 255
                changed += new != blob[i]
                blob[i] = new
        return DONE, changed, b""
    if op == 9 and not data or op == 10 and any(length % 8 for _, _, length in descriptors):
        return BAD_ARGUMENT, 0, b""
    simple = {
        1: lambda: wire.fnv1a64(data, arg or 0xCBF29CE484222325),
        4: lambda: data.count(low),
        5: lambda: wire.crc32c(data),
        7: lambda: wire.crc64(data),
        8: lambda: sum(data),
        9: lambda: min(data) * 256 + max(data),
        10: lambda: sum(struct.unpack(f"<{len(data) // 8}Q", data)) & M64,
    }
    if op in simple:
        return DONE, simple[op](), b""
    if op == 6:
        return DONE, len(data), b"".join(struct.pack(">Q", data.count(i)) for i in range(256))
    if op == 11:
        digest = hashlib.sha256(data).digest()
        return DONE, int.from_bytes(digest[:8], "big"), digest
    return UNKNOWN_OP, 0, b""


class Sender:
    """Makes the frames of one stream: numbers them, and closes each gram with its counts and digest."""

    def __init__(self, blob, layout, stream=0):
        self.blob, self.layout, self.stream, self.seq, self.gram = blob, layout, stream, 0, 0
        self.blob_id = int.from_bytes(pfsblob.root(bytes(blob))[-4:], "big")

    def frame(self, units, flags, frag=0, seq=None):
        number = self.seq if seq is None else seq
        payload = wire.frame([unit for unit, _ in units], stream=self.stream, seq=number, gram_no=self.gram, frag=frag, flags=flags)
        if seq is None:
            self.seq += 1
        return payload

    def parse(self, units):
        return wire.parse(wire.frame([unit for unit, _ in units]), self.layout)[2]

    def grams(self, units, op=0, arg=0, kind="crc32c", frames=1, digest=None, blob_id=None):
        """The payloads of one gram, its units dealt over `frames` frames, and what it denotes: (payloads, slab, descriptors)."""
        pieces = [units[i * len(units) // frames:(i + 1) * len(units) // frames] for i in range(frames)]
        slab, descriptors = b"", []
        for piece in pieces:
            for space, offset, length in self.parse(piece):
                descriptors.append((space, offset + (len(slab) if space else 0), length))
            slab += b"".join(unit[3:] for unit, _ in piece if unit[0] == wire.LITERAL)
        data = gather(self.blob, slab, descriptors)
        value = {"none": lambda: 0, "fnv1a64": lambda: wire.fnv1a64(data), "crc32c": lambda: wire.crc32c(data), "crc64": lambda: wire.crc64(data)}[kind]()
        end = wire.gram_end(wire.DIGEST[kind], frames, len(descriptors), len(data), value if digest is None else digest)
        pieces[0] = [wire.gram(op=op, arg=arg, total=len(data), blob=self.blob_id if blob_id is None else blob_id)] + pieces[0]
        pieces[-1] = pieces[-1] + [end]
        payloads = []
        for frag, piece in enumerate(pieces):
            flags = wire.CRC | (wire.FIRST if frag == 0 else 0) | (wire.LAST if frag == frames - 1 else 0)
            payloads.append(self.frame(piece, flags, frag))
        self.gram += 1
        return payloads, slab, descriptors


def results(frames):
    """The RESULT units of captured frames in order: (stream, gram, op, status, value, bytes)."""
    found = []
    for frame in frames:
        assert frame[12:14] == b"\x13\x37", frame.hex()
        head, units, _ = wire.parse(frame[14:], wire.Layout(2 * MIB))
        for unit in units:
            if unit[0] == "result":
                r = unit[1]
                found.append((head["stream"], r["gram"], r["op"], r["status"], r["value"], r["data"]))
    return found
