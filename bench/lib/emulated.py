"""pipelines/link.yaml between two namespaces: a cable with faults, on which TCP, UDP and packetfs are measured alike."""

import json
import math
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dataplane import ROOT, eal, end, packetfs, start
from programs import BenchError

sys.path.insert(0, str(ROOT / "tests/pipeline"))
from netns import NetnsLine  # noqa: E402

MEMORY_MIB = 512  # the link's hugepages at most: two pools of mbufs
_STARTED_S = 30
_FRAME = 1538  # bytes of a full frame at L1
_WIRE_MEMORY = "4096 1048576 268435456"  # bytes, so that no socket's buffer is the limit on a long fat link


@dataclass(frozen=True)
class Link:
    """loss: of frames, each way alike, 0 to 1. rtt_ms: both ways together. rate: bits a second at L1, or 0 for none.
    queue: bytes that wait for the rate at most. seed: of the losses."""

    loss: float = 0
    rtt_ms: float = 0
    rate: float = 1e9
    queue: int = 1 << 20
    seed: int = 1

    def sets(self):
        """The keys of link.yaml. Frames on the line: those of one way's delay and queue, with room for short ones."""
        frames = 1 << max(12, math.ceil(math.log2(2 * (self.rate / 8 * self.rtt_ms / 2000 + self.queue) / _FRAME)))
        keys = {"loss": self.loss, "delay_us": round(self.rtt_ms * 500), "queue": self.queue, "seed": self.seed, "frames": frames}
        if self.rate:
            keys["rate"] = f"{self.rate / 1e6:g}Mbps"
        both = {f"stages.{way}.{key}": value for way in ("to_left", "to_right") for key, value in keys.items()}
        return {**both, **{f"ports.{side}.driver.mbufs": 4 * frames for side in ("left", "right")}}


@contextmanager
def emulated(build, sets, cpu=1, report=None):
    """Two hosts with a link of these keys between them, as a NetnsLine; sockets there may keep what a long link holds."""
    with NetnsLine() as line, tempfile.NamedTemporaryFile("w+") as log:
        for host in line.hosts:
            limits = [f"net.ipv4.{key}={_WIRE_MEMORY}" for key in ("tcp_rmem", "tcp_wmem")]
            done = subprocess.run(["ip", "netns", "exec", host, "sysctl", "-qw", *limits], capture_output=True, text=True)
            if done.returncode != 0:
                raise BenchError(f"sysctl in a namespace: {done.stderr.strip()}")
        devices = [f"net_af_packet{i},iface={side},framecnt=4096" for i, side in enumerate(("left", "right"))]
        keys = [word for key, value in sets.items() for word in ("--set", f"{key}={value}")]
        process = start(["ip", "netns", "exec", line.middle, packetfs(build), *eal(f"0@{cpu}", "link", *devices), "--", "--pipeline",
                         "pipelines/link.yaml", *keys, *(["--report", str(report)] if report else [])], log)
        try:
            started(process, log.name, "the link")
            line.link_pid = process.pid
            yield line
        finally:
            end(process)


def started(process, log, what):
    """Waits until a packetfs that writes to the file `log` runs."""
    deadline = time.monotonic() + _STARTED_S
    while "packetfs: running" not in Path(log).read_text(errors="replace"):
        if process.poll() is not None or time.monotonic() > deadline:
            raise BenchError(f"{what} did not start: {Path(log).read_text(errors='replace')[-500:]}")
        time.sleep(0.02)


def cpu_seconds(pid):
    """User and system time of a process so far; 0 where it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / 100  # USER_HZ is 100 on all of Linux's ABIs


def sent(host):
    """(frames, bytes from the Ethernet header on) that a host has sent by its eth0 so far, whoever sent them."""
    said = subprocess.run(["ip", "-j", "-n", host, "-s", "link", "show", "eth0"], capture_output=True, text=True, check=True).stdout
    sent_by = json.loads(said)[0]["stats64"]["tx"]
    return sent_by["packets"], sent_by["bytes"]
