"""Runs pfs-wire and makes what it reads: frames in every encapsulation, captures, rows."""

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "vectors"), str(TESTS / "pipeline")]
VECTORS = TESTS / "vectors" / "wire.jsonl"
BUILD = Path(os.environ.get("PFS_BUILD", TESTS.parent / "build"))
PROGRAM = os.environ.get("PFS_WIRE", str(BUILD / "app" / "pfs-wire" / "pfs-wire"))


def run(*arguments, stdin=b""):
    """(exit code, stdout, stderr) of pfs-wire."""
    done = subprocess.run([PROGRAM, *map(str, arguments)], input=stdin, capture_output=True, timeout=120, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def rows():
    """(layout row, the other rows) of the shipped vectors."""
    first, *rest = (json.loads(line) for line in VECTORS.read_text().splitlines())
    return first, rest


def layout_option(layout):
    return ",".join(f"{key}={layout[key]}" for key in ("size", "l1", "l2", "l3", "word", "block"))


MACS = bytes.fromhex("020000000002020000000001")


def ethernet(payload, kind=0x1337, vlan=False):
    return MACS + (struct.pack(">HH", 0x8100, 100) if vlan else b"") + struct.pack(">H", kind) + payload


def udp(payload, port=4919):
    return struct.pack(">HHHH", 40000, port, 8 + len(payload), 0) + payload


def ipv4(payload, port=4919, options=b"", fragment=0, protocol=17, vlan=False):
    body = udp(payload, port)
    head = struct.pack(">BBHHHBBH4s4s", 0x45 + len(options) // 4, 0, 20 + len(options) + len(body), 7, fragment, 64,
                       protocol, 0, bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2]))
    return ethernet(head + options + body, 0x0800, vlan)


def ipv6(payload, port=4919, vlan=False):
    body = udp(payload, port)
    return ethernet(struct.pack(">IHBB", 0x60000000, len(body), 17, 64) + bytes(32) + body, 0x86DD, vlan)
