"""Transfers that share one emulated link: two of ours, or ours beside a TCP, from one host to another at the same time.

Each of ours sends by an interface of its own above the host's, since two of one MAC would answer each other's frames.
"""

import json
import subprocess
import tempfile
import time
from contextlib import ExitStack

from dataplane import eal, end, packetfs, start
from delivery import CRC32C, OURS, TCP_PORT, _answering, _asked, _in, _sets, sockets
from emulated import emulated, started
from programs import BenchError

HEADER = ("Mb/s", "RTT ms", "side by side", "goodput", "goodput", "of an equal share", "larger / smaller", "bar")
_ENDED = (0, 20)  # a transfer that --duration ends is whole as far as it went, and its file is not
_MOST = {True: 1.2, False: 3.0}  # larger by smaller: two of ours within 20 %, otherwise ours has 0.5 to 1.5 of an equal share of two


def share(pair, link, setting):
    """The row of two transfers at the same time; each of `pair` is ours or a congestion control of TCP."""
    with emulated(setting.build, link.sets(), setting.cpus[2]) as line, ExitStack() as cleanup:
        if OURS in pair:
            log = cleanup.enter_context(tempfile.NamedTemporaryFile("w+"))
            receiver = start(_packetfs(line.hosts[1], "eth0", setting.cpus[0], "b0", "serve", {}, (), setting), log)
            cleanup.callback(end, receiver)
            started(receiver, log.name, "serve.yaml")
        flows = [(_Ours if who == OURS else _Tcp)(who, number, line, setting, cleanup) for number, who in enumerate(pair)]
        time.sleep(setting.seconds)
        goodputs = [flow.goodput() for flow in flows]
    whole = sum(goodputs)
    return {"pair": list(pair), "mbps": link.rate / 1e6, "rtt_ms": link.rtt_ms, "queue": link.queue, "goodput_mbps": goodputs,
            "shares": [2 * goodput / whole if whole else 0.0 for goodput in goodputs],
            "ratio": max(goodputs) / min(goodputs) if min(goodputs) else None}


def cells(row):
    ratio = row["ratio"]
    verdict = "-" if OURS not in row["pair"] else "met" if ratio and ratio <= _MOST[row["pair"] == [OURS, OURS]] else "MISSED"
    return (f"{row['mbps']:g}", f"{row['rtt_ms']:g}", " + ".join(row["pair"]), *(f"{goodput:.1f}" for goodput in row["goodput_mbps"]),
            " ".join(f"{part:.2f}" for part in row["shares"]), "-" if ratio is None else f"{ratio:.2f}", verdict)


def _packetfs(host, interface, cpu, tag, pipeline, keys, words, setting):
    both = {"runtime.idle": "pause", "blob.size": "2MiB", "ports.p0.link_wait_ms": 20000}
    return _in(host, [packetfs(setting.build), *eal(f"0@{cpu}", tag, f"net_af_packet0,iface={interface}"), "--", "--pipeline",
                      f"pipelines/{pipeline}.yaml", *_sets({**both, **keys}), *words])


class _Ours:
    def __init__(self, _, number, line, setting, cleanup):
        interface, host = f"own{number}", line.hosts[0]
        for words in (("add", "link", "eth0", "name", interface, "type", "macvlan", "mode", "private"), ("set", interface, "up")):
            done = subprocess.run(["ip", "-n", host, "link", *words], capture_output=True, text=True)
            if done.returncode != 0:
                raise BenchError(f"an interface above eth0: {done.stderr.strip()}")
        self._log = cleanup.enter_context(tempfile.NamedTemporaryFile("w+"))
        self._report = setting.folder / f"beside{number}.json"
        self._report.unlink(missing_ok=True)
        self._setting = setting
        keys = {"stages.source.file": setting.folder / "new", "stages.source.op": CRC32C, "stages.source.gram_bytes": setting.gram_bytes}
        words = ("--duration", f"{setting.seconds:g}", "--report", str(self._report))
        self._process = start(_packetfs(host, interface, setting.cpus[0], f"b{number + 1}", "send", keys, words, setting), self._log)
        cleanup.callback(end, self._process)
        started(self._process, self._log.name, "send.yaml")

    def goodput(self):
        code = self._process.wait(self._setting.seconds + 60)
        if code not in _ENDED or not self._report.exists():
            self._log.seek(0)
            raise BenchError(f"send.yaml: exit {code}: {self._log.read()[-1500:]}")
        told = json.loads(self._report.read_text())
        source = next(stage["figures"] for stage in told["stages"] if stage["name"] == "source")
        return source["results_done"] * self._setting.gram_bytes * 8 / told["run_seconds"] / 1e6


class _Tcp:
    def __init__(self, control, number, line, setting, cleanup):
        port = str(int(TCP_PORT) + number)
        cleanup.callback(end, _answering(_in(line.hosts[1], sockets(setting, "tcp-receive", port, setting.gram_bytes))))
        self._sender = start(_in(line.hosts[0], sockets(setting, "tcp-send", line.addresses[1], port, setting.gram_bytes, control,
                                                        setting.seconds)), subprocess.PIPE)
        cleanup.callback(end, self._sender)

    def goodput(self):
        told = _asked(self._sender)
        return told["bytes"] * 8 / told["seconds"] / 1e6
