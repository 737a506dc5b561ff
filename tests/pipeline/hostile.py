"""A host that means harm, on a switch with others: what it sends looks like frames of sessions, and none of it is in order.

hostile.py INTERFACE SERVER_MAC SEED FRAMES [PEER_MAC]...    sends FRAMES frames as fast as the socket takes them, then prints
                                                           how many of each kind as JSON

The kinds: noise (random bytes, some behind a header), strangers (well-formed frames of sessions that do not exist: SACKs, NACKs,
BYEs, WELCOMEs, RETRYs, PROBEs and sequenced frames), hellos (floods, each from another address and with another nonce, short and as
long as the MTU), guises (HELLO, SACK and BYE under the address of a peer that has a session), stumps (frames cut behind CARRY).
The host answers nothing and so owns no session.
"""

import json
import random
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "vectors"))
import pfssession as session  # noqa: E402
import pfswire as wire  # noqa: E402

ETHERTYPE = b"\x13\x37"
POOL = 1500  # frames that are made beforehand: a CRC costs far more than a send
OWN = bytes.fromhex("525400000166")


def payload(name, head, units, pad=None, **header):
    return session.Case(name, head, units, pad=pad, **header).payload


def noise(rng, _):
    body = rng.randbytes(rng.randrange(1, 1486))
    if rng.random() < 0.5:
        return OWN, body
    return OWN, wire.frame([body[:rng.randrange(len(body) + 1)]], stream=rng.getrandbits(16), seq=rng.getrandbits(32), flags=rng.getrandbits(4))


def stranger(rng, _, mac=OWN):
    # Numbers near 0 are those that a careless end would give its sessions.
    number = rng.choice((rng.getrandbits(32), rng.randrange(1, 64), rng.randrange(1, 16) << 16 | rng.randrange(16)))
    head = dict(session=number, path=rng.randrange(4), stamp=rng.getrandbits(32), ping=rng.random() < 0.2)
    kind = rng.choice(("SACK", "NACK", "BYE", "WELCOME", "RETRY", "PROBE", None))
    if kind is None:
        units = [("raw", dict(bytes=wire.literal(rng.randbytes(100))[0].hex()))]
        return mac, payload("", {**head, "sequenced": True, "denoted": rng.getrandbits(64)}, units, stream=rng.getrandbits(6), seq=rng.getrandbits(12))
    fields = {"SACK": lambda: dict(stream=rng.getrandbits(6), next=rng.getrandbits(rng.choice((4, 12, 32))), frames=rng.getrandbits(32),
                                   bytes=rng.getrandbits(64), first=rng.getrandbits(12), map=[rng.getrandbits(64) for _ in range(rng.randrange(65))]),
              "NACK": lambda: dict(gaps=[[rng.getrandbits(12), 1 + rng.getrandbits(16)] for _ in range(rng.randrange(1, 100))]),
              "BYE": lambda: dict(reason=rng.choice(session.REASONS), answer=rng.random() < 0.5, opener=rng.randrange(64)),
              "WELCOME": lambda: dict(boot=rng.getrandbits(64), session=rng.getrandbits(32), opener=rng.randrange(64)),
              "RETRY": lambda: dict(opener=rng.randrange(64), cookie=rng.getrandbits(64)),
              "PROBE": lambda: dict(answer=rng.random() < 0.5, path=rng.randrange(4), bytes=rng.getrandbits(16))}[kind]()
    return mac, payload("", head, [(kind, fields)], pad=rng.choice((None, 200, 1480)))


def hello(rng, _, mac=None):
    fields = dict(boot=rng.getrandbits(64), nonce=rng.getrandbits(64), session=rng.randrange(1, 1 << 32), root=rng.randbytes(32).hex(),
                  payload=rng.choice((1500, 9000, 60)), cookie=rng.choice((0, rng.getrandbits(64))), version=rng.choice((1, 1, 1, 2)),
                  frames=rng.getrandbits(32), bytes=rng.getrandbits(64))
    return mac or b"\x02" + rng.randbytes(5), payload("", {}, [("HELLO", fields)], pad=rng.choice((176, 176, 1500)))


def guise(rng, peers):
    """Under the name of another; whoever has no peer to copy is a stranger."""
    if not peers:
        return stranger(rng, peers)
    make = rng.choice((stranger, hello))
    return make(rng, peers, mac=rng.choice(peers))


def stump(rng, peers):
    mac, whole = stranger(rng, peers)
    return mac, whole[:rng.randrange(14, len(whole))]


KINDS = (noise, stranger, hello, guise, stump)


def main(interface, server, seed, count, *peers):
    rng = random.Random(int(seed))
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    link.bind((interface, 0))
    to, peers = bytes.fromhex(server.replace(":", "")), [bytes.fromhex(peer.replace(":", "")) for peer in peers]
    pool = []
    for index in range(POOL):
        kind = KINDS[index % len(KINDS)]
        mac, body = kind(rng, peers)
        pool.append((kind.__name__, (to + mac + ETHERTYPE + body[:1500]).ljust(60, b"\0")))
    print("ready", flush=True)
    sent = dict.fromkeys((kind.__name__ for kind in KINDS), 0)
    for _ in range(int(count)):
        name, frame = rng.choice(pool)
        try:
            link.send(frame)
        except BlockingIOError:
            continue
        except OSError as error:
            if error.errno != 105:  # ENOBUFS: the interface's queue is full
                raise
            continue
        sent[name] += 1
    print(json.dumps(sent), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
