"""Captures of Ethernet, written (pcap and pcapng) and read (pcap) without a library."""

import struct

MAGIC, NANO = 0xA1B2C3D4, 0xA1B23C4D
ETHERNET = 1


def write(path, frames):
    """Writes frames (bytes from the destination MAC on, no FCS), one microsecond apart."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", MAGIC, 2, 4, 0, 0, 262144, ETHERNET))
        for index, frame in enumerate(frames):
            file.write(struct.pack("<IIII", index // 1000000, index % 1000000, len(frame), len(frame)) + frame)


def write_pcapng(path, frames, interfaces=((ETHERNET, 262144),)):
    """Writes (interface, frame) pairs; `interfaces` are (link type, snap length) pairs. An interface is described just
    before its first frame, so that a reader meets a second interface only when the file is half read."""
    def block(kind, body):
        return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))

    with open(path, "wb") as file:
        file.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        described = 0
        for interface, frame in frames:
            while described <= interface:
                link, snap = interfaces[described]
                file.write(block(1, struct.pack("<HHI", link, 0, snap)))
                described += 1
            padded = frame + bytes(-len(frame) % 4)
            file.write(block(6, struct.pack("<IIIII", interface, 0, 1, len(frame), len(frame)) + padded))


def read(path):
    """The frames of a capture as a list of bytes. ValueError for anything that is not a whole Ethernet pcap."""
    with open(path, "rb") as file:
        data = file.read()
    if len(data) < 24:
        raise ValueError(f"{path}: {len(data)} bytes, no pcap header")
    for order in "<>":
        if struct.unpack_from(order + "I", data)[0] in (MAGIC, NANO):
            break
    else:
        raise ValueError(f"{path}: not a pcap file")
    if struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF != ETHERNET:
        raise ValueError(f"{path}: not Ethernet")
    frames, at = [], 24
    while at < len(data):
        if at + 16 > len(data):
            raise ValueError(f"{path}: cut in a record header at {at}")
        captured = struct.unpack_from(order + "I", data, at + 8)[0]
        if at + 16 + captured > len(data):
            raise ValueError(f"{path}: cut in a frame at {at}")
        frames.append(data[at + 16:at + 16 + captured])
        at += 16 + captured
    return frames


def ethernet(payload, destination=b"\xff" * 6, source=b"\x02\x00\x00\x00\x00\x01", ethertype=0x1337):
    """One frame around a payload, padded to Ethernet's 60 bytes."""
    frame = destination + source + struct.pack(">H", ethertype) + payload
    return frame.ljust(60, b"\0")
