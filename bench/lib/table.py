"""bench/run's table: what is ours beside what a user would take instead and beside what the machine gives.

A benchmark's name is LOOP/WHO/SIZE, where WHO is `ours`, `ceiling-...`, one of our variants below the one in force (an
ISA's name; `scalar` is a peer as well: what a compiler makes of the plain loop), or a peer's name. LOOP is a loop only
where it has an `ours`; any other name stands alone, as ours. Google Benchmark's own words (/real_time ...) do not count.
"""

import re
import statistics
from dataclasses import dataclass, field

OURS = "ours"
_VARIANTS = ("sse", "avx2", "avx512", "neon")
_OWN_WORDS = re.compile(r"/(?:(?:real|manual|process)_time|(?:iterations|min_time|min_warmup_time|repeats|threads):[^/]+)")
_SCALES = ((1e9, "G"), (1e6, "M"), (1e3, "k"))
# Of work a second, the first that both sides tell; else turns of the loop.
_MEASURES = (("bytes_per_second", "B/s"), ("items_per_second", "/s"), ("turns_per_second", "turns/s"))


@dataclass
class Row:
    loop: str
    size: str
    ours: dict
    peers: dict = field(default_factory=dict)
    below: dict = field(default_factory=dict)
    ceilings: dict = field(default_factory=dict)

    def place(self, who):
        return self.ceilings if who.startswith("ceiling") else self.below if who in _VARIANTS else self.peers


def medians(samples):
    """{label, error, rates by measure, time and its quartiles' distance in percent of one benchmark's samples}"""
    one = {"label": samples["label"], "error": samples["error"], "noise": None}
    if samples["time_ns"]:
        one["turns_per_second"] = 1e9 / statistics.median(samples["time_ns"])
    if len(samples["time_ns"]) > 3:
        low, middle, high = statistics.quantiles(samples["time_ns"], n=4)
        one["noise"] = 100 * (high - low) / middle
    for measure, _ in _MEASURES:
        if samples.get(measure):
            one[measure] = statistics.median(samples[measure])
    return one


def _parts(name):
    parts = _OWN_WORDS.sub("", name).split("/", 2)
    return (parts + ["", ""])[:3]


def _loops(names):
    return {_parts(name)[0] for name in names if _parts(name)[1] == OURS}


def ours_among(names):
    """Those that run what the dataplane runs: a peer's loss is not ours."""
    loops = _loops(names)
    return [name for name in names if _parts(name)[1] == OURS or _parts(name)[0] not in loops]


def rows(benchmarks):
    """Rows of one program's {name: samples}, in the order in which its loops and sizes appear."""
    loops = _loops(benchmarks)
    found, first = {}, {}
    for place, (name, samples) in enumerate(benchmarks.items()):
        first.setdefault(_parts(name)[0], place)
        loop, who, size = _parts(name)
        if loop not in loops:
            found[name] = Row(loop, "/".join(part for part in (who, size) if part), medians(samples))
            continue
        row = found.setdefault((loop, size), Row(loop, size, {}))
        if who == OURS:
            row.ours = medians(samples)
        else:
            row.place(who)[who] = medians(samples)
    return sorted(found.values(), key=lambda row: first[row.loop])  # one loop's sizes side by side; sorted() is stable


def ratio(one, other):
    """How many times `other`'s rate `one` has, by the first measure that both tell; None where neither ran."""
    for measure, _ in _MEASURES:
        if measure in one and measure in other:
            return one[measure] / other[measure]
    return None


def best(others):
    """(name, figures) of the fastest by a measure that all of them tell; None of none."""
    ran = {name: figures for name, figures in others.items() if "turns_per_second" in figures}
    for measure, _ in _MEASURES:
        if ran and all(measure in figures for figures in ran.values()):
            return max(ran.items(), key=lambda item: item[1][measure])
    return None


def _rate(figures):
    for measure, unit in _MEASURES:
        if measure in figures:
            scale, letter = next(((s, l) for s, l in _SCALES if figures[measure] >= s), (1, ""))
            return f"{figures[measure] / scale:.2f} {letter}{unit}"
    return "error" if figures.get("error") else "-"


def _items(figures):
    both = {key: value for key, value in figures.items() if key == "items_per_second"}
    return _rate(both) if "bytes_per_second" in figures and both else ""


def _beside(ours, others):
    found = best(others)
    if found is None:
        return "-", ""
    name, figures = found
    times = ratio(ours, figures)
    return f"{_rate(figures)} {name}", "" if times is None else f"{times:.2f}"


HEADER = ("loop", "size", "ours", "items", "noise", "best peer", "of it", "ceiling", "of it", "variant", "next below", "of it")


def cells(row):
    peer, of_peer = _beside(row.ours, row.peers)
    ceiling, of_ceiling = _beside(row.ours, row.ceilings)
    below, of_below = _beside(row.ours, row.below)
    noise = "" if row.ours.get("noise") is None else f"{row.ours['noise']:.1f} %"
    return (row.loop, row.size, _rate(row.ours), _items(row.ours), noise, peer, of_peer, ceiling, of_ceiling,
            row.ours.get("error") or row.ours.get("label", ""), below, of_below)


def text(header, lines):
    """Columns as wide as their widest cell."""
    widths = [max(len(str(cell)) for cell in column) for column in zip(header, *lines)]
    return "\n".join("  ".join(str(cell).ljust(width) for cell, width in zip(line, widths)).rstrip() for line in (header, *lines))
