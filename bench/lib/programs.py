"""Google Benchmark programs of a build folder: finds them, runs them on one CPU, reads what they say."""

import json
import os
import re
import subprocess
from pathlib import Path

_UNITS = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}
_MARKS = (b"libbenchmark.so", b"benchmark_list_tests")  # linked dynamically; linked statically, or a script


class BenchError(Exception):
    """One line for people."""


def _executables(build):
    """What meson says stands below bench/; without meson's word, what lies there."""
    if not (build / "meson-info").is_dir():
        return sorted(path for path in (build / "bench").rglob("*") if path.is_file() and os.access(path, os.X_OK))
    try:
        listed = subprocess.run(["meson", "introspect", "--targets", str(build)], capture_output=True, text=True)
    except OSError as error:
        raise BenchError(f"meson, which knows the programs of {build}, does not start: {error.strerror}") from None
    if listed.returncode != 0:
        raise BenchError(f"meson introspect {build}: {(listed.stderr or listed.stdout).strip()}")
    # The folder may have been moved since it was configured: only the end of a name counts.
    names = [target["filename"][0] for target in json.loads(listed.stdout) if target["type"] == "executable"]
    there = [build / name[name.rindex("/bench/") + 1:] for name in names if "/bench/" in name and "/tests/" not in name]
    return sorted(path for path in there if path.exists())


def find(build):
    """{name below the folder: path} of the Google Benchmark programs; BenchError when there is none."""
    build = Path(build).resolve()
    found = {str(path.relative_to(build)): path for path in _executables(build)
             if any(mark in path.read_bytes() for mark in _MARKS)}
    if not found:
        raise BenchError(f"{build} has no Google Benchmark program under bench/; ninja -C {build}")
    return found


def _output(path, arguments, cpu=None):
    pin = None if cpu is None else lambda: os.sched_setaffinity(0, {cpu})
    try:
        done = subprocess.run([str(path), *arguments], capture_output=True, text=True, preexec_fn=pin)
    except FileNotFoundError:
        raise BenchError(f"{path} is not built; ninja -C the build folder") from None
    except OSError as error:  # it is being linked anew, for instance
        raise BenchError(f"{path} does not start: {error.strerror}") from None
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
        raise BenchError(f"{path}: {last}")
    return done.stdout


def ceilings(build):
    """What DRAM and L2 give on this machine, as bench/ceilings of the build measures them."""
    return json.loads(_output(Path(build).resolve() / "bench/ceilings", []))


def names(path, only=""):
    """The benchmarks of a program that match the regular expression."""
    said = _output(path, ["--benchmark_list_tests=true"]).splitlines()
    return [name for name in said if name and re.search(only, name)]


def run(path, wanted, cpu, repetitions, min_time, warm_up=0.0):
    """Runs the benchmarks named in `wanted`, all mingled. {name: {label, error, time_ns, bytes_per_second, ...}} with
    one value a repetition. Those that use several threads are not pinned."""
    wanted = list(wanted)
    if not wanted:
        return {}
    single = not any(re.search(r"/threads:(?!1(/|$))", name) for name in wanted)
    exact = "|".join("^" + re.sub(r"([][\\.^$*+?(){}|])", r"\\\1", name) + "$" for name in wanted)
    text = _output(path, [f"--benchmark_filter={exact}", f"--benchmark_repetitions={repetitions}",
                          f"--benchmark_min_time={min_time}", f"--benchmark_min_warmup_time={warm_up}",
                          "--benchmark_enable_random_interleaving=true", "--benchmark_format=json"],
                   cpu if single else None)
    try:
        found = _samples(json.loads(text)["benchmarks"])
    except (ValueError, KeyError) as error:
        raise BenchError(f"{path}: its output is not Google Benchmark's JSON: {error}") from None
    return {name: found[name] for name in wanted if name in found}  # the program's order, not that of the draw


def _samples(rows):
    found = {}
    for row in rows:
        if row.get("run_type", "iteration") != "iteration":
            continue
        name = row.get("run_name", row["name"])
        one = found.setdefault(name, {"label": "", "error": "", "time_ns": [], "bytes_per_second": [], "items_per_second": []})
        if row.get("error_occurred"):
            one["error"] = row.get("error_message", "") or "error"
            continue
        # Time on the CPU leaves out what other processes took; manual and real time are what their author chose.
        clock = "real_time" if re.search(r"/(manual|real)_time(/|$)", name) else "cpu_time"
        one["time_ns"].append(row[clock] * _UNITS[row.get("time_unit", "ns")])
        one["label"] = row.get("label", one["label"])
        for rate in ("bytes_per_second", "items_per_second"):
            if rate in row:
                one[rate].append(row[rate])
    return found
