#!/usr/bin/env python3
"""Executable reference for the units of sessions (WIRE.md, section 8), independent of the product.

`python3 tests/vectors/pfssession.py > tests/vectors/session.jsonl` writes the worked cases; tests/pfs-wire compares the
file with cases() and the product with the file. A row has "payload" and what a receiver makes of it: "header",
"descriptors" and "error" by sections 1 to 5 (pfswire.py), and "session" by section 8."""
import json
import random
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import pfswire

LAYOUT = dict(size=1 << 28, l1=4096, l2=8192, l3=1 << 20, word=8, block=64)
CARRY, SACK, HELLO, WELCOME, BYE, RETRY, PROBE = range(0xE4, 0xEB)
REASONS = ["done", "version", "root", "layout", "busy", "denied", "unknown", "restarted", "silent", "size"]
HEAD = 16 + 25  # bytes of header and CARRY


def unit(tag, body):
    return struct.pack(">BH", tag, len(body)) + body


def carry(session=0, sequenced=False, ping=False, path=0, stamp=0, denoted=0, crc=0):
    return unit(CARRY, struct.pack(">IIBBIQ", crc, session, sequenced | ping << 1, path, stamp, denoted))


def sack(stream=0, path=0, pressure=0, next=0, frames=0, bytes=0, stamp=0, held=0, first=0, map=()):
    fixed = struct.pack(">HBBIIQIIIHH", stream, path, pressure, next, frames, bytes, stamp, held, first, 0, len(map))
    return unit(SACK, fixed + b"".join(struct.pack(">Q", word) for word in map))


def terms(version=1, digest=2, window_pow2=16, path=0, boot=0, root="00" * 32, size=LAYOUT["size"], l1=4096, l2=8192,
          l3=1 << 20, word=8, block=64, streams=64, payload=1500, frames=1024, bytes=1 << 26, capabilities=0, session=1,
          cookie=0, nonce=0):
    return (struct.pack(">BBBBQ", version, digest, window_pow2, path, boot) + bytes_of(root)
            + struct.pack(">QQQQIIHHIIQIIQQ", size, l1, l2, l3, word, block, streams, 0, payload, frames, bytes,
                          capabilities, session, cookie, nonce))


def bytes_of(text):
    return bytes.fromhex(text)


def hello(**fields):
    return unit(HELLO, terms(**fields))


def welcome(opener=0, **fields):
    return unit(WELCOME, terms(**fields) + struct.pack(">I", opener))


def bye(reason="done", answer=False, opener=0, ours=0, theirs=0):
    return unit(BYE, struct.pack(">BBIQQ", REASONS.index(reason), answer, opener, ours, theirs))


def retry(opener=0, cookie=0):
    return unit(RETRY, struct.pack(">IQ", opener, cookie))


def probe(answer=False, path=0, bytes=0):
    return unit(PROBE, struct.pack(">BBI", answer, path, bytes))


def nack(gaps):
    return bytes([pfswire.NACK, len(gaps) - 1]) + b"".join(struct.pack(">IH", first, count - 1) for first, count in gaps)


def raw(bytes):
    return bytes_of(bytes)


WRITE = dict(SACK=sack, HELLO=hello, WELCOME=welcome, BYE=bye, RETRY=retry, PROBE=probe, NACK=nack, raw=raw)


def defaults(write):
    """A unit's fields in the order of the wire, with the values that the functions above give them."""
    if write is welcome:
        return {**defaults(terms), "opener": 0}
    if write is hello:
        return defaults(terms)
    names = write.__code__.co_varnames[:write.__code__.co_argcount]
    fields = dict(zip(names, write.__defaults__ or ()))
    fields.pop("crc", None)
    if "map" in fields:
        fields["map"] = list(fields["map"])
    return fields


def described(name, fields):
    return {"unit": name, **defaults(WRITE[name]), **fields}


def seal(payload):
    """Sets CARRY's CRC: over the header and the announced units, with the four bytes themselves as zeros."""
    announced = 16 + struct.unpack(">H", payload[14:16])[0]
    payload = payload[:19] + bytes(4) + payload[23:]
    return payload[:19] + struct.pack(">I", pfswire.crc32c(payload[:announced])) + payload[23:]


def judge(payload):
    """What a receiver says of a frame that begins with a header and CARRY's tag: (error, crc), as rows have them."""
    if payload[1] >> 4 != pfswire.VERSION:
        return "bad_version", None
    announced = 16 + struct.unpack(">H", payload[14:16])[0]
    if len(payload) < HEAD or payload[17:19] != b"\0\x16" or announced < HEAD or payload[27] > 3:
        return "bad_unit", None
    if announced > len(payload):
        return "truncated", None
    return (None, "holds") if seal(payload) == payload else ("crc_mismatch", "differs")


class Case:
    """A frame with its units by name, sealed, and the row that says what it is."""

    def __init__(self, name, head, units, pad=None, stream=0, seq=0, gram=0, frag=0, flags=0):
        self.name, self.error, self.crc = name, None, "holds"
        self.carry = {**defaults(carry), **head}
        self.units = [described(kind, fields) for kind, fields in units]
        self.bytes = pad
        body = b"".join(WRITE[kind](**fields) for kind, fields in units)
        if pad is not None and pad > HEAD + len(body):
            body += bytes([pfswire.END]) + bytes(pad - HEAD - len(body) - 1)
        self.payload = seal(pfswire.frame([carry(**head), body], stream, seq, gram, frag, flags))

    def becomes(self, payload, error, crc=None, keep_units=True):
        """The same frame, damaged: what a receiver then says."""
        self.payload, self.error, self.crc = payload, error, crc
        if not keep_units:
            self.units, self.bytes = [], None
        return self

    def unread(self):
        """Nothing behind the header can be read."""
        self.carry, self.units, self.bytes = None, [], None
        return self

    def row(self):
        row = {"name": self.name, "payload": self.payload.hex()}
        try:
            header, _, descriptors = pfswire.parse(self.payload, pfswire.Layout(**LAYOUT))
            row |= {"header": header, "descriptors": [list(d) for d in descriptors], "error": None}
        except pfswire.WireError as error:
            header = None
            if error.args[0] != "bad_version":
                _, flags, stream, seq, gram, frag, length = struct.unpack(">BBHIIHH", self.payload[:16])
                header = dict(flags=flags & 15, stream=stream, seq=seq, gram=gram, frag=frag, length=length)
            row |= {"header": header, "descriptors": None, "error": error.args[0]}
        return row | {"session": {"error": self.error, "crc": self.crc, "carry": self.carry, "units": self.units,
                                  "bytes": self.bytes}}


def sound():
    """Frames as an end sends them."""
    head = dict(session=0x01020304, path=1, stamp=0xA1A2A3A4)
    control = lambda name, units, **more: Case(name, head, units, **more)
    yield control("CARRY alone", [])
    yield Case("ping", {**head, "ping": True}, [], pad=66)
    yield Case("sequenced frame without units", {**head, "sequenced": True}, [], stream=3, seq=7)
    run = pfswire.run(2, [1, 2, 9])[0]
    yield Case("sequenced run", {**head, "sequenced": True, "denoted": 192}, [("raw", dict(bytes=run.hex()))], stream=3,
               seq=0xFFFFFFFF, flags=pfswire.CRC)
    gram = b"".join(part for part, _ in (pfswire.gram(op=4, total=192), pfswire.run(2, [5, 6, 7]), pfswire.literal(b"hi"),
                                         pfswire.gram_end(0, 1, 2, 194, 0)))
    yield Case("sequenced gram", {**head, "sequenced": True, "denoted": 194}, [("raw", dict(bytes=gram.hex()))],
               stream=63, seq=12, gram=5, flags=pfswire.FIRST | pfswire.LAST | pfswire.CRC)
    yield control("SACK of all in order", [("SACK", dict(stream=1, next=9, frames=4096, bytes=1 << 40, stamp=5, held=6,
                                                         first=10))])
    yield control("SACK whose map is full", [("SACK", dict(next=9, first=11, map=[2**64 - 1] * 64))])
    yield control("SACK with gaps, around the wrap", [("SACK", dict(stream=65535, path=255, pressure=255,
                                                                    next=0xFFFFFFFE, first=0xFFFFFFFF, map=[0x16, 1 << 63]))])
    yield control("SACKs of two streams", [("SACK", dict(stream=n, next=n, first=n + 1)) for n in (4, 5)])
    yield control("SACK and NACK of a trimmed frame", [("SACK", dict(stream=7, next=20, first=21, map=[6])),
                                                       ("NACK", dict(gaps=[[20, 1]]))], stream=7)
    yield control("NACK of two gaps", [("NACK", dict(gaps=[[0xFFFFFFFF, 1], [5, 65536]]))], stream=2)
    mine = dict(boot=0x1122334455667788, root=bytes(range(32)).hex(), nonce=0xCAFE, session=0x00010001)
    yield Case("HELLO as long as the MTU", dict(stamp=1), [("HELLO", {**mine, "payload": 1500})], pad=1500)
    yield Case("HELLO of the least length", dict(stamp=2), [("HELLO", {**mine, "payload": 1500})], pad=176)
    yield Case("HELLO with a cookie, by path 3", dict(path=3), [("HELLO", {**mine, "path": 3, "cookie": 2**64 - 1})], pad=1500)
    yield Case("HELLO of a version to come", {}, [("HELLO", {**mine, "version": 2})], pad=176)
    yield Case("WELCOME", dict(session=0x00010001), [("WELCOME", {**mine, "session": 0x00020007, "boot": 9, "opener": 0x00010001})])
    for reason in REASONS:
        yield control(f"BYE, {reason}", [("BYE", dict(reason=reason, answer=reason == "done", opener=5, ours=2**64 - 1, theirs=1))])
    yield control("RETRY", [("RETRY", dict(opener=0x00010001, cookie=0x0102030405060708))])
    yield control("PROBE", [("PROBE", dict(path=1, bytes=1472))], pad=1472)
    yield control("PROBE, answered", [("PROBE", dict(answer=True, path=1, bytes=1472))])


def misshapen():
    """Units that are not exactly of their form: an end refuses the rest of such a frame, whose CRC holds."""
    good = dict(session=7)

    def bad(name, bytes):
        return Case(name, good, [("raw", dict(bytes=bytes.hex())), ("RETRY", {})])

    yield bad("SACK of 65 words", sack(map=[0] * 65))
    yield bad("SACK with a word more than it says", unit(SACK, sack(map=[0])[3:-10] + bytes(10)))
    yield bad("SACK whose zeros are not", unit(SACK, sack()[3:35] + b"\0\1" + bytes(2)))
    yield bad("HELLO that is too short", unit(HELLO, terms()[:-1]))
    yield bad("HELLO whose zeros are not", unit(HELLO, terms()[:86] + b"\1\0" + terms()[88:]))
    yield bad("WELCOME that is too long", unit(WELCOME, terms() + bytes(5)))
    yield bad("BYE for no reason", unit(BYE, bytes([10]) + bytes(21)))
    yield bad("BYE whose answer is 2", unit(BYE, bytes([0, 2]) + bytes(20)))
    yield bad("RETRY of no bytes", unit(RETRY, b""))
    yield bad("PROBE whose answer is 2", unit(PROBE, bytes([2]) + bytes(5)))
    yield bad("unknown extension", unit(0xEE, b"what is this"))


def damaged():
    """Frames that a receiver drops."""
    head = dict(session=0x01020304, sequenced=True, path=1, stamp=0xA1A2A3A4, denoted=128)
    run = pfswire.run(2, [1, 2])[0]
    make = lambda name: Case(name, head, [("raw", dict(bytes=run.hex()))], stream=3, seq=256, flags=pfswire.CRC)

    def flipped(payload, at, bit=0):
        return payload[:at] + bytes([payload[at] ^ 1 << bit]) + payload[at + 1:]

    for at, what in ((6, "the sequence number"), (3, "the stream"), (1, "the header's flags"), (19, "the CRC itself")):
        case = make(f"a bit of {what} flipped")
        yield case.becomes(flipped(case.payload, at), "crc_mismatch", "differs")
    case = make("a bit of CARRY's session flipped")
    case.carry["session"] ^= 1
    yield case.becomes(flipped(case.payload, 26), "crc_mismatch", "differs")
    case = make("the last bit flipped")
    case.units = [described("raw", dict(bytes=flipped(run, len(run) - 1).hex()))]
    yield case.becomes(flipped(case.payload, len(case.payload) - 1), "crc_mismatch", "differs")
    case = make("trimmed behind CARRY")
    yield case.becomes(case.payload[:HEAD], "truncated", keep_units=False)
    case = make("trimmed within the units")
    case.units = [described("raw", dict(bytes=run[:5].hex()))]
    yield case.becomes(case.payload[:HEAD + 5], "truncated")
    case = Case("trimmed PROBE", dict(session=1), [("PROBE", dict(bytes=1472))], pad=1472)
    case.bytes = 200
    yield case.becomes(case.payload[:200], "truncated")
    case = make("trimmed within CARRY")
    yield case.becomes(case.payload[:HEAD - 1], "bad_unit").unread()
    case = make("CARRY of 21 bytes")
    yield case.becomes(seal(flipped(case.payload, 18, 1)), "bad_unit").unread()
    case = make("CARRY with a flag that is not known")
    yield case.becomes(seal(flipped(case.payload, 27, 2)), "bad_unit").unread()
    case = make("CARRY that the announced units do not hold")
    yield case.becomes(case.payload[:14] + struct.pack(">H", 24) + case.payload[16:], "bad_unit").unread()
    case = make("another version")
    yield case.becomes(seal(flipped(case.payload, 1, 5)), "bad_version").unread()
    case = make("padding behind the announced units is not looked at")
    yield case.becomes(case.payload + b"\xde\xad", None, "holds")


def drawn(rng):
    """Frames with one to four units whose fields have any values."""
    names = [name for name in WRITE if name != "raw"]

    def value(of, name):
        if isinstance(of, bool):
            return rng.random() < 0.5
        if name == "root":
            return rng.randbytes(32).hex()
        if name == "reason":
            return rng.choice(REASONS)
        if name == "map":
            return [rng.getrandbits(64) for _ in range(rng.randrange(5))]
        if name in ("boot", "size", "l1", "l2", "l3", "cookie", "nonce", "ours", "theirs", "denoted"):
            return rng.getrandbits(64)
        if name in ("version", "digest", "window_pow2", "path", "pressure"):
            return rng.getrandbits(8)
        return rng.getrandbits(16 if name in ("stream", "streams") else 32)

    def fields(name):
        if name == "NACK":
            return dict(gaps=[[rng.getrandbits(32), 1 + rng.getrandbits(16)] for _ in range(rng.randrange(1, 5))])
        return {key: value(of, key) for key, of in defaults(WRITE[name]).items()}

    for number in range(60):
        head = {key: value(of, key) for key, of in defaults(carry).items()}
        units = [(name, fields(name)) for name in rng.choices(names, k=rng.randrange(1, 5))]
        yield Case(f"drawn {number}", head, units, stream=rng.getrandbits(16), seq=rng.getrandbits(32),
                   gram=rng.getrandbits(32), frag=rng.getrandbits(16), flags=rng.getrandbits(4))


def cases():
    for case in [*sound(), *misshapen(), *damaged(), *drawn(random.Random(8))]:
        yield case.row()


if __name__ == "__main__":
    for line in ({"layout": LAYOUT}, *cases()):
        print(json.dumps(line, separators=(",", ":")))
