"""One transfer over an emulated link, and one series of questions: ours beside the kernel's TCP and UDP.

Each transfer moves grams of one size for some seconds, all of them new data; each gram is answered, and the sender times it
from its first byte to the answer's arrival. Rows are dicts of plain numbers, as they stand in the JSON.
"""

import json
import os
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import machine
from dataplane import eal, end, packetfs, start
from emulated import cpu_seconds, emulated, sent, started
from programs import BenchError

OURS = "ours"
TCP_PORT, UDP_PORT = "5001", "5002"
CRC32C = 5           # the op that touches every byte of a gram
REQUEST_BYTES = 156  # a frame whose 16 references denote 1 KiB
_PROBE_S, _PROBE_US = 1.0, 10000
_PROBE_BYTES = 64 + 42  # with the headers
_START_S, _END_S = 1.0, 0.3  # of a transfer, which its steady rate leaves out
_GIB = 1 << 30
_SHARES = ("p50", "p99", "p999", "max")
_ENDED = (0, 20)     # a transfer that --duration ends is whole as far as it went, and its file is not


@dataclass(frozen=True)
class Setting:
    build: Path
    seconds: float
    gram_bytes: int
    folder: Path  # for reports and the file that is sent
    cpus: tuple   # of the receiver, of the sender, of the link


def sockets(setting, *words):
    path = Path(setting.build).resolve() / "bench/sockets"
    if not path.exists():
        raise BenchError(f"{path} is not built; ninja -C {setting.build} bench/sockets")
    return [str(path), *(str(word) for word in words)]


def _in(namespace, command):
    return ["ip", "netns", "exec", namespace, *command]


def _answering(command):
    process = start(command, subprocess.PIPE)
    if process.stdout.readline().strip() != "ready":
        raise BenchError(f"{' '.join(command)}: {process.communicate()[0]}")
    return process


def _asked(process):
    """What a sockets program printed in the end."""
    said = process.communicate()[0]
    try:
        return json.loads(said)
    except ValueError:
        raise BenchError(f"{' '.join(process.args)}: {said}") from None


# ----------------------------------------------------------------------------------------------------------- transfers

def transfer(who, link, setting):
    """The row of one transfer by `who` (ours, or a congestion control of TCP) over such a link."""
    report = setting.folder / "link.json"
    with emulated(setting.build, link.sets(), setting.cpus[2], report) as line, _probed(setting, line) as probe:
        idle = _asked(probe(_PROBE_S))
        before = sent(line.hosts[0])
        row, beside = _ours(line, setting, probe) if who == OURS else _tcp(who, line, setting, probe)
        after = sent(line.hosts[0])
        probed = _asked(beside)
    dropped = json.loads(report.read_text())["ledger"]["dropped"]
    probes = setting.seconds * 1e6 / _PROBE_US  # at most, which are not the transfer's
    frames, octets = after[0] - before[0] - probes, after[1] - before[1] - probes * _PROBE_BYTES
    useful, seconds = row["bytes"], row["seconds"]
    middle = row.pop("middle")
    steady = None if middle is None else middle - (_PROBE_BYTES + 24) * 8 / _PROBE_US
    return {"who": who, "loss": link.loss, "rtt_ms": link.rtt_ms, "mbps": link.rate / 1e6, **row,
            "goodput_mbps": useful * 8 / seconds / 1e6 if seconds else 0.0,
            "link_mbps": (octets + 24 * frames) * 8 / seconds / 1e6 if seconds else 0.0,
            "steady_mbps": steady, "sent_useful": octets / useful if useful else None,
            "cpu_s_gib": row["cpu_s"] / (useful / _GIB) if useful else None,
            "queue_ms": max(0.0, (probed["p50_us"] - idle["p50_us"]) / 1000), "probe_ms": idle["p50_us"] / 1000,
            "link_dropped": dropped, "load": os.getloadavg()[0]}


def _middle(line, seconds):
    """Mb/s at L1 that the sender puts on the link between its first second and its end; to be called when it begins."""
    if seconds < _START_S + _END_S + 0.5:
        return None
    time.sleep(_START_S)
    begin, before = time.monotonic(), sent(line.hosts[0])
    time.sleep(seconds - _START_S - _END_S)
    after, end_ = sent(line.hosts[0]), time.monotonic()
    return (after[1] - before[1] + 24 * (after[0] - before[0])) * 8 / (end_ - begin) / 1e6


@contextmanager
def _probed(setting, line):
    """Gives a function that starts to ask by small datagrams for some seconds; _asked() of it has their round trips."""
    echo = _answering(_in(line.hosts[1], sockets(setting, "udp-echo", UDP_PORT)))

    def probe(seconds):
        return start(_in(line.hosts[0], sockets(setting, "udp-ask", line.addresses[1], UDP_PORT, 64, 64, seconds, _PROBE_US)), subprocess.PIPE)
    try:
        yield probe
    finally:
        echo.terminate()
        echo.communicate()


def _tcp(control, line, setting, probe):
    receiver = _answering(_in(line.hosts[1], sockets(setting, "tcp-receive", TCP_PORT, setting.gram_bytes)))
    sender = start(_in(line.hosts[0], sockets(setting, "tcp-send", line.addresses[1], TCP_PORT, setting.gram_bytes, control,
                                              setting.seconds)), subprocess.PIPE)
    beside = probe(setting.seconds)
    before = os.times()
    middle = _middle(line, setting.seconds)
    told = _asked(sender)
    end(receiver)
    after = os.times()  # of children that have ended: these two
    return {"bytes": told["bytes"], "seconds": told["seconds"], "grams": told["answered"], "unanswered": told["lost"], "middle": middle,
            "cpu_s": after[2] + after[3] - before[2] - before[3], **_milliseconds(told)}, beside


def _milliseconds(told):
    return {f"{share}_ms": told[f"{share}_us"] / 1000 for share in _SHARES}


def _sets(keys):
    return [word for key, value in keys.items() for word in ("--set", f"{key}={value}")]


def new_data(folder, octets):
    """A file of so many bytes that no blob holds."""
    path = folder / "new"
    piece = os.urandom(1 << 20)
    with open(path, "wb") as file:
        for _ in range(-(-octets // len(piece))):
            file.write(piece)
        file.truncate(octets)
    return path


def _ours(line, setting, probe):
    """packetfs with the pipelines as shipped: file_source on one side, the kernel that takes a CRC-32C on the other."""
    reports = [setting.folder / name for name in ("answers.json", "sends.json")]
    for report in reports:
        report.unlink(missing_ok=True)
    both = {"runtime.idle": "pause", "blob.size": "2MiB", "ports.p0.link_wait_ms": 20000}
    send = {"stages.source.file": setting.folder / "new", "stages.source.op": CRC32C, "stages.source.gram_bytes": setting.gram_bytes}

    def side(index, pipeline, keys, words, log):
        return start(_in(line.hosts[1 - index], [packetfs(setting.build), *eal(f"0@{setting.cpus[index]}", f"o{index}", "net_af_packet0,iface=eth0"),
                         "--", "--pipeline", f"pipelines/{pipeline}.yaml", "--report", str(reports[index]), *_sets({**both, **keys}), *words]), log)

    with tempfile.NamedTemporaryFile("w+") as log, tempfile.NamedTemporaryFile("w+") as answers:
        receiver = side(0, "serve", {}, (), answers)
        try:
            started(receiver, answers.name, "serve.yaml")
            spent = cpu_seconds(receiver.pid)
            before = os.times()
            sender = side(1, "send", send, ("--duration", f"{setting.seconds:g}"), log)
            started(sender, log.name, "send.yaml")
            beside = probe(setting.seconds)
            middle = _middle(line, setting.seconds)
            code = sender.wait(setting.seconds + 60)
            after = os.times()
            spent = cpu_seconds(receiver.pid) - spent + after[2] + after[3] - before[2] - before[3]
        finally:
            end(receiver)
        if code not in _ENDED or not reports[1].exists():
            log.seek(0)
            raise BenchError(f"send.yaml: exit {code}: {log.read()[-1500:]}")
    told = json.loads(reports[1].read_text())
    figures = {stage["name"]: stage["figures"] for stage in told["stages"]}
    source = figures["source"]
    busy = [sum(stage["cycles"] for stage in json.loads(report.read_text())["stages"]) / machine.describe()["tsc_hz"]
            for report in reports]
    size = (setting.folder / "new").stat().st_size
    return {"bytes": min(size, source["results_done"] * setting.gram_bytes), "seconds": told["run_seconds"], "grams": source["results_done"],
            "unanswered": None, "middle": middle, "cpu_s": sum(busy), "process_cpu_s": spent, "figures": figures,
            **{f"{share}_ms": source[f"completion_{share}"] / 1e6 for share in _SHARES}}, beside


# ------------------------------------------------------------------------------------------------------------ requests

def requests(kind, window, setting):
    """Questions of 1 KiB and short answers, `window` of them unanswered at most; kind: udp, memif, af_packet or af_xdp."""
    if kind == "memif":
        socket = setting.folder / "memif.sock"
        devices = [f"net_memif0,role={role},id=0,socket={socket},socket-abstract=no" for role in ("server", "client")]
        return {"who": kind, "window": window, **_questions(devices, (None, None), window, setting)}
    from netns import NetnsPair
    with NetnsPair() as pair:
        if kind == "udp":
            row = _datagrams(pair, window, setting)
        else:
            row = _questions([f"net_{kind}0,iface={pair.interface}"] * 2, (pair.left, pair.right), window, setting)
    return {"who": kind, "window": window, **row}


def _datagrams(pair, window, setting):
    addresses = ("10.9.1.1", "10.9.1.2")
    for name, address in zip((pair.left, pair.right), addresses):
        subprocess.run(["ip", "-n", name, "address", "add", f"{address}/24", "dev", pair.interface], check=True)
    pinned = [["taskset", "-c", str(cpu)] for cpu in setting.cpus[:2]]
    echo = _answering(_in(pair.left, [*pinned[0], *sockets(setting, "udp-echo", UDP_PORT)]))
    try:
        told = _asked(start(_in(pair.right, [*pinned[1], *sockets(setting, "udp-ask", addresses[0], UDP_PORT, 1024, window, setting.seconds, 0)]),
                            subprocess.PIPE))
    finally:
        echo.terminate()
        echo.communicate()
    return {"a_second": told["answered"] / told["seconds"], "lost": told["lost"],
            **{f"{share}_us": told[f"{share}_us"] for share in _SHARES}}


def _questions(devices, namespaces, window, setting):
    report = setting.folder / "requests.json"
    report.unlink(missing_ok=True)
    both = {"blob.size": "2MiB", "ports.p0.link_wait_ms": 20000}
    ask = {"stages.generator.frame_bytes": REQUEST_BYTES, "stages.generator.frames_per_gram": 1, "stages.generator.window": window,
           "stages.generator.op": CRC32C}

    def side(index, pipeline, keys, words, log):
        command = [packetfs(setting.build), *eal(f"0@{setting.cpus[index]}", f"q{index}", devices[index]), "--", "--pipeline",
                   f"pipelines/{pipeline}.yaml", *_sets({**both, **keys}), *words]
        return start(_in(namespaces[index], command) if namespaces[index] else command, log)

    with tempfile.TemporaryFile("w+") as log, tempfile.NamedTemporaryFile("w+") as answers:
        receiver = side(0, "serve", {}, (), answers)
        try:
            if namespaces[0]:
                started(receiver, answers.name, "serve.yaml")
            sender = side(1, "ask", ask, ("--duration", f"{setting.seconds:g}", "--report", str(report)), log)
            code = sender.wait(setting.seconds + 60)
        finally:
            end(receiver)
        if code != 0 or not report.exists():
            log.seek(0)
            raise BenchError(f"ask.yaml: exit {code}: {log.read()[-1500:]}")
    told = json.loads(report.read_text())
    figures = next(stage["figures"] for stage in told["stages"] if stage["kind"] == "generator")
    denoted = figures["bytes_denoted"] // max(1, figures["grams"])
    if denoted != 1024:
        raise BenchError(f"a frame of {REQUEST_BYTES} bytes denotes {denoted} bytes, not 1024")
    unanswered = figures["grams"] - figures["results_done"] - window  # those in the window were open at the end
    return {"a_second": figures["results_done"] / told["run_seconds"], "lost": max(0, unanswered),
            **{f"{share}_us": figures[f"completion_{share}"] / 1000 for share in _SHARES}}
