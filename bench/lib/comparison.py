"""What bench/compare compares: samples of two builds taken in turn, or those that results hold."""

import sys
from dataclasses import dataclass

import gate
import machine
import programs
import results
import table

LEAST = 6  # samples: of fewer, the bootstrap's interval is hardly wider than its ends
BROKEN = "runs no longer"


@dataclass
class Line:
    program: str
    name: str
    verdict: str
    why: str
    change: gate.Interval = None
    itself: gate.Interval = None
    labels: tuple = ("", "")


@dataclass
class Compared:
    base: dict
    new: dict
    lines: list
    alone: list  # benchmarks that only one side has, in words
    in_turn: bool


def of(options):
    """Takes both sides' samples, in turn where both are builds, and judges them. BenchError where that has no sense."""
    builds = [side.is_dir() for side in (options.base, options.new)]
    if all(builds):
        return _builds(options)
    base, new = (_measured(side, options) if build else results.read(side)
                 for build, side in zip(builds, (options.base, options.new)))
    if unlike := machine.difference(base["machine"], new["machine"]):
        raise programs.BenchError(f"refused, these are figures of unlike machines: {unlike}")
    return _results(base, new, options)


def _settings(options):
    return {"repetitions": options.repetitions, "min_time_s": options.min_time, "cpu": options.cpu}


def _measured(build, options):
    """A build's own samples, where the other side is a result."""
    samples = {}
    for name, path in programs.find(build).items():
        wanted = _chosen(programs.names(path, ""), options)
        samples[name] = programs.run(path, wanted, options.cpu, options.repetitions, options.min_time)
    return results.make(build, _settings(options), samples)


def _chosen(names, options):
    """What the filter leaves of a program's benchmarks; what is ours is told by all of its names."""
    ours = names if options.all else table.ours_among(names)
    return [name for name in ours if options.filter.search(name)]


def _both(base, new, what):
    """(names on both sides, words for the rest)"""
    words = [f"only in BASE: {what}{name}" for name in base if name not in new]
    words += [f"only in NEW: {what}{name}" for name in new if name not in base]
    return [name for name in base if name in new], words


def _builds(options):
    found = [programs.find(side) for side in (options.base, options.new)]
    shared, alone = _both(*found, "")
    lines, samples = [], {}
    for program in shared:
        paths = [side[program] for side in found]
        wanted, words = _both(*(_chosen(programs.names(path), options) for path in paths), f"{program} ")
        alone += words
        if not wanted:
            continue
        made = _made(paths)
        judged, samples[program] = _program(program, paths, wanted, options)
        lines += judged.values()
        if _made(paths) != made:
            raise programs.BenchError(f"{program} was built anew while it was measured")
    _refuse_nothing(lines, options)
    base, new = ({"build": str(side), "git": results.git(side)} for side in (options.base, options.new))
    return Compared(base, {**results.make(options.new, _settings(options), samples), **new}, lines, alone, True)


def _made(paths):
    return [(path.stat().st_ino, path.stat().st_mtime_ns) for path in paths]


def _program(program, paths, wanted, options):
    """({benchmark: Line}, NEW's samples). What stays inconclusive is taken anew, twice as often: a neighbour's burst passes."""
    lines, samples, repetitions = {}, {}, options.repetitions
    for _ in range(1 + options.again):
        print(f"compare: {program}: {len(wanted)} benchmarks, {4 * repetitions} runs", file=sys.stderr)
        itself = _in_turn([paths[0], paths[0]], wanted, repetitions, options)
        change = _in_turn(paths, wanted, repetitions, options)
        for name in wanted:
            lines[name] = _line(program, name, [side[name] for side in itself], [side[name] for side in change], options)
            samples[name] = change[1][name]
        wanted = [name for name in wanted if lines[name].verdict == gate.INCONCLUSIVE]
        if not wanted:
            break
        repetitions *= 2
    return lines, samples


def _in_turn(paths, wanted, repetitions, options):
    """Samples of two programs, one process each, in the order A B B A A B ...: a drift meets both alike."""
    sides = [{}, {}]
    for turn in range(repetitions):
        for side in (0, 1) if turn % 2 == 0 else (1, 0):
            taken = programs.run(paths[side], wanted, options.cpu, 1, options.min_time)
            for name in wanted:
                if name not in taken:
                    raise programs.BenchError(f"{paths[side]} lists {name} but does not run it")
                _append(sides[side], name, taken[name])
    return sides


def _append(samples, name, more):
    one = samples.setdefault(name, more)
    if one is more:
        return
    for key, value in more.items():
        one[key] = one[key] + value if isinstance(value, list) else value or one[key]


def _line(program, name, itself, change, options):
    """The verdict on one benchmark whose samples were taken in turn."""
    labels = tuple(side["label"] for side in change)
    if broken := _broken(change):
        return Line(program, name, *broken, labels=labels)
    if itself[0]["error"] or itself[1]["error"]:
        return Line(program, name, gate.INCONCLUSIVE, "BASE fails at times", labels=labels)
    ratios = gate.paired(itself[0]["time_ns"], itself[1]["time_ns"]), gate.paired(change[0]["time_ns"], change[1]["time_ns"])
    return Line(program, name, *gate.judge(*ratios, options.threshold), ratios[1], ratios[0], labels)


def _broken(change):
    """(verdict, why) where a side told an error instead of a time."""
    base, new = change
    if new["error"] and not base["error"]:
        return gate.SLOWER, f"{BROKEN}: {new['error']}"
    if base["error"]:
        return gate.INCONCLUSIVE, f"BASE: {base['error']}"
    return None


def _results(base, new, options):
    shared, alone = _both(base["programs"], new["programs"], "")
    lines = []
    for program in shared:
        sides = [side["programs"][program] for side in (base, new)]
        names, words = _both(*(_chosen(list(side), options) for side in sides), f"{program} ")
        alone += words
        for name in names:
            one, other = (side[name] for side in sides)
            labels = (one["label"], other["label"])
            if broken := _broken((one, other)):
                lines.append(Line(program, name, *broken, labels=labels))
                continue
            before, after = one["time_ns"], other["time_ns"]
            if min(len(before) // 2, len(after)) < LEAST // 2:
                raise programs.BenchError(f"{name} has {len(before)} and {len(after)} samples; at least {LEAST} are needed")
            ratios = gate.unpaired(before[::2], before[1::2]), gate.unpaired(before, after)
            lines.append(Line(program, name, *gate.judge(*ratios, options.threshold), ratios[1], ratios[0], labels))
    _refuse_nothing(lines, options)
    return Compared(base, new, lines, alone, False)


def _refuse_nothing(lines, options):
    if not lines:
        raise programs.BenchError(f"no benchmark that matches {options.filter.pattern!r} is on both sides")
