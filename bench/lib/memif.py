"""A receiver on CPU 0 and a sender on CPU 1 with memif between them: ours, and testpmd as its peer.

The sender is a process of its own, so what the receiving lcore spends is the receiver's alone. Sizes are Ethernet frames
without FCS.
"""

import json
import re
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import machine
from dataplane import eal, end, packetfs, start
from programs import BenchError

LISTENING = 20           # seconds until the server listens at most: its pages are cleared first
BLOB_MIB_A_SECOND = 200  # how fast a blob is made at least, at both ends at once
_GIB = 1 << 30


@dataclass(frozen=True)
class Load:
    """What is sent, and what the receiver does with it. `sets`: keys of one end's pipeline."""

    name: str
    frame_bytes: int
    blob_mib: int
    receive: tuple = ()
    send: tuple = ()


def _vdev(role, socket, frame_bytes):
    """1,024 slots that hold a whole frame each: the PMD misreads chains of slots (drivers-config/memif.yaml)."""
    slot = 2048 if frame_bytes <= 2030 else 9216
    return f"net_memif0,role={role},id=0,socket={socket},socket-abstract=no,rsize=10,bsize={slot}"


def _pair(receive, send, socket, seconds):
    """Runs a receiver, which is memif's server on `socket`, and a sender; the receiver's output after `seconds` of both."""
    receiver = start(receive, subprocess.PIPE)
    # testpmd's client does not try again: the server must be there first.
    deadline = time.monotonic() + LISTENING
    while not Path(socket).exists() and receiver.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    sender = start(send, subprocess.DEVNULL)
    time.sleep(seconds + 2)  # what is measured
    text = end(receiver)
    end(sender)
    return text


def _received_pps(text, seconds):
    """The median of the receiver's per-second rates, the first and the last that moved left out."""
    rates = [int(rate) for rate in re.findall(r"Rx-pps:\s+(\d+)", text)]
    moving = [rate for rate in rates if rate > 0][1:-1]
    if len(moving) < max(1, seconds - 3):
        raise BenchError(f"nothing was received:\n{text[-3000:]}")
    return statistics.median(moving)


def testpmd(size, seconds, folder):
    """Frames a second of testpmd's rxonly behind its txonly."""
    socket = f"{folder}/t.sock"
    mbufs = ["--total-num-mbufs=16384", f"--mbuf-size={max(2176, size + 256)}"]
    common = ["--stats-period", "1", "--auto-start", *mbufs]
    receive = ["dpdk-testpmd", *eal("0@0,1@0", "tr", _vdev("server", socket, size)), "--", "--forward-mode=rxonly", *common]
    send = ["dpdk-testpmd", *eal("0@1,1@1", "ts", _vdev("client", socket, size)), "--", *common,
            "--forward-mode=txonly", f"--txpkts={size}"]  # behind --mbuf-size, by which it is judged
    text = _pair(receive, send, socket, seconds)
    rates = [(int(bits), int(frames)) for frames, bits in re.findall(r"Rx-pps:\s+(\d+)\s+Rx-bps:\s+(\d+)", text)]
    bits, frames = max(rates, default=(0, 0))
    if frames and abs(bits / 8 / frames - size) > size / 100:
        raise BenchError(f"testpmd sent frames of {bits / 8 / frames:.0f} bytes, not of {size}")
    return _received_pps(text, seconds)


def ours(build, load, seconds, folder):
    """{pps, cycles a frame by stage, isa, GB/s denoted, CPU seconds a GiB denoted} of packetfs under `load`."""
    socket, report = f"{folder}/p.sock", Path(folder) / "r.json"
    report.unlink(missing_ok=True)
    both = (f"blob.size={load.blob_mib}MiB", f"ports.p0.driver.mtu={max(1500, load.frame_bytes)}")
    program = packetfs(build)
    receive = [program, *eal("0@0", "pr", _vdev("server", socket, load.frame_bytes)), "--", "--pipeline", "bench/receive.yaml",
               "--stats-period", "1", "--report", str(report), *_sets(both + load.receive)]
    send = [program, *eal("0@1", "ps", _vdev("client", socket, load.frame_bytes)), "--", "--pipeline", "pipelines/generate.yaml",
            *_sets((f"stages.generator.frame_bytes={load.frame_bytes}", "ports.p0.link_wait_ms=20000") + both + load.send)]
    text = _pair(receive, send, socket, seconds + load.blob_mib / BLOB_MIB_A_SECOND)
    pps = _received_pps(text, seconds)
    if not report.exists():
        raise BenchError(f"{load.name}: no report:\n{text[-3000:]}")
    return {"pps": pps, **figures(json.loads(report.read_text()), pps, machine.describe()["tsc_hz"])}


def _sets(keys):
    return [word for key in keys for word in ("--set", key)]


def figures(report, pps, tsc_hz):
    """What a receiver's report says; BenchError where its ledger does not close."""
    ledger = report["ledger"]
    if ledger["residual"] != 0:
        raise BenchError(f"the ledger does not close: {ledger}")
    last = next(stage for stage in report["stages"] if "bytes_denoted" in stage["figures"])
    denoted = last["figures"]["bytes_denoted"]
    spent = sum(stage["cycles"] for stage in report["stages"])
    return {"cycles": {stage["name"]: stage["cycles"] / ledger["received"] for stage in report["stages"]}, "isa": report["isa"],
            "gbps_denoted": pps * denoted / ledger["processed"] / 1e9, "dropped": sum(ledger["dropped"].values()),
            "cpu_seconds_a_gib": spent / tsc_hz / (denoted / _GIB) if denoted else None}


def middle(runs):
    """The run whose rate is the median one, with every run's rate."""
    ranked = sorted(runs, key=lambda one: one["pps"])
    return {**ranked[(len(ranked) - 1) // 2], "all_pps": [one["pps"] for one in runs]}
