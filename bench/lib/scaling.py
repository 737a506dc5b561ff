"""One case of bench/scale: its pipeline file, its run, its figures.

Software is measured, not a link: each queue has a generator of its own on the lcore that receives, and the frames go
from one to the other through a queue of net_ring, by pointer. So no lcore touches another's frames but where the shape
says so, no lcore is spent on a peer, and every window, gram and count is checked as on a NIC.
"""

import json
import subprocess
from dataclasses import dataclass

from dataplane import eal, end, packetfs, start
from programs import BenchError

QUEUES = 16        # net_ring's
MBUFS = 8192       # a queue: its ring of 1,024, what waits, the lcores' caches
QUEUE_MIB = 112    # beside its mbufs: 64 grams with table and slab, rings
MBUF_BYTES = 256   # beside its frame
GRAM_FRAMES = 64   # the generator's default
DESCRIPTORS = 16384  # a gram's table, assemble's default; where no two references merge, a frame brings one every 4 bytes
GRAMS, DESCRIPTOR_BYTES = 64, 16
BASE_MIB = 64      # EAL, and what is left of started pages
STARTING = 60      # seconds: pages, the blob
# The ends do not stop at one instant: what is under way then is counted so, and nothing else may be.
ENDING = {"tx_full", "stopped", "incomplete_gram"}
ENDING_FRAMES = 4096  # a queue, at most: tx holds 2,048, the ring 1,024, the open gram 64

TOGETHER, SPLIT = "together", "split"
LCORES_A_QUEUE = {TOGETHER: 1, SPLIT: 2}


@dataclass(frozen=True)
class Case:
    shape: str
    lcores: int
    frame_bytes: int
    blob_mib: int

    @property
    def queues(self):
        return self.lcores // LCORES_A_QUEUE[self.shape]

    @property
    def memory_mib(self):
        mbufs = MBUFS * (max(2304, self.frame_bytes) + MBUF_BYTES)
        tables = (self.descriptors - DESCRIPTORS) * DESCRIPTOR_BYTES * GRAMS
        return self.blob_mib + BASE_MIB + (QUEUE_MIB + (mbufs + tables >> 20)) * self.queues

    @property
    def descriptors(self):
        return max(DESCRIPTORS, GRAM_FRAMES * self.frame_bytes // 4)


def pipeline(case, options):
    """The pipeline file's text: a generator, rx, assemble and kernel a queue."""
    wide = LCORES_A_QUEUE[case.shape]
    stages, edges = [], []
    for q in range(case.queues):
        first, last = q * wide, q * wide + wide - 1
        stages += [
            f"  generator{q}: {{kind: generator, port: p0, lcore: {first}, stream: {q}, seed: {q + 1}, pattern: {options.pattern}, "
            f"frame_bytes: {case.frame_bytes}, op: {options.op}, digest: {options.digest}}}",
            f"  tx{q}: {{kind: tx, port: p0, lcore: {first}, wait_us: 1000}}",
            f"  rx{q}: {{kind: rx, port: p0, queue: {q}, lcore: {first}}}",
            f"  assemble{q}: {{kind: assemble, port: p0, lcore: {first}, descriptors: {case.descriptors}}}",
            f"  kernel{q}: {{kind: kernel, lcore: {last}}}"]
        edges += [f"  - {{from: generator{q}, to: tx{q}}}", f"  - {{from: rx{q}, to: assemble{q}}}", f"  - {{from: assemble{q}, to: kernel{q}}}"]
    return "\n".join([
        f"description: {case.queues} queues on {case.lcores} lcores, {case.shape}", f"blob: {{size: {case.blob_mib}MiB, seed: 42}}",
        f"ports: {{p0: {{device: 0, driver: {{mtu: {max(1500, case.frame_bytes)}, mbufs: {MBUFS * case.queues}}}}}}}",
        *(["runtime: {share_cpu: true}"] if options.share else []), "stages:", *stages, "edges:", *edges, ""])


def measure(case, cpus, options, folder):
    """Runs the case once; its figures, from the report."""
    file, report = folder / "scale.yaml", folder / "report.json"
    file.write_text(pipeline(case, options))
    report.unlink(missing_ok=True)
    lcores = ",".join(f"{lcore}@{cpus[lcore % len(cpus)]}" for lcore in range(case.lcores))
    process = start([packetfs(options.build), *eal(lcores, "scale", "net_ring0"), "--", "--pipeline", str(file), "--duration", str(options.seconds),
                     "--report", str(report), *(word for key in options.set for word in ("--set", key))], subprocess.PIPE)
    try:
        said = process.communicate(timeout=options.seconds + STARTING)[0]
    except subprocess.TimeoutExpired:
        raise BenchError(f"{case} does not end:\n{end(process)[-2000:]}") from None
    finally:
        end(process)
    if process.returncode != 0 or not report.exists():
        raise BenchError(f"{case}: exit {process.returncode}:\n{said[-2000:]}")
    return figures(case, json.loads(report.read_text()))


def figures(case, report):
    """What a run's report says of the case; BenchError where the run was not what it should be."""
    ledger, seconds = report["ledger"], report["run_seconds"]
    dropped = sum(ledger["dropped"].values())
    if ledger["residual"] or not ledger["dropped"].keys() <= ENDING or dropped > ENDING_FRAMES * case.queues:
        raise BenchError(f"{case}: frames were lost, or the ledger does not close: {ledger}")
    cycles = {}
    for stage in report["stages"]:
        cycles[stage["kind"]] = cycles.get(stage["kind"], 0) + stage["cycles"]
    frames = ledger["processed"]
    denoted = sum(stage["figures"]["bytes_denoted"] for stage in report["stages"] if stage["kind"] == "kernel")
    return {"items_per_second": frames / seconds, "gb_per_second": denoted / seconds / 1e9, "isa": report["isa"],
            "cycles_per_item": {kind: spent / frames for kind, spent in cycles.items()},
            "busy": [lcore["busy_cycles"] / (lcore["busy_cycles"] + lcore["idle_cycles"]) for lcore in report["lcores"]]}
