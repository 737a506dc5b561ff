"""The machine that a figure was taken on, and what makes two machines too unlike to compare. Standard library only."""

import os
import platform
import re
from pathlib import Path

CPU = Path("/sys/devices/system/cpu")
PAGES = Path("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages")
_LOAD = os.getloadavg()[0]  # before we add to it
TSC_TOLERANCE = 0.01  # of the rate: the kernel calibrates it anew at each boot

# What must be the same before two sets of figures may be compared. Free memory, hugepages and the kernel's patch level
# change from day to day on one machine; they are written down, not judged.
JUDGED = ("architecture", "cpu", "stepping", "cpus", "virtual", "l2_kib", "l3_kib", "governor", "kernel_series")


def _read(path, otherwise=""):
    try:
        return Path(path).read_text().strip()
    except OSError:
        return otherwise


def _cpuinfo(key, otherwise=""):
    found = re.search(rf"^{re.escape(key)}\s*: (.*)$", _read("/proc/cpuinfo"), re.MULTILINE)
    return found.group(1).strip() if found else otherwise


def _cache_kib(level):
    for index in sorted(CPU.glob("cpu0/cache/index*")):
        if _read(index / "level") == str(level) and _read(index / "type") != "Instruction":
            return int(re.match(r"\d+", _read(index / "size", "0")).group())
    return 0


def _tsc_hz():
    """On x86 the kernel takes BogoMIPS from the TSC's rate, twice it; 0 elsewhere."""
    return round(float(_cpuinfo("bogomips", "0")) / 2 * 1e6) if platform.machine() == "x86_64" else 0


def describe():
    flags = _cpuinfo("flags").split()
    chosen = re.search(r"\[(\w+)\]", _read("/sys/kernel/mm/transparent_hugepage/enabled"))
    release = os.uname().release
    return {
        "architecture": platform.machine(),
        "cpu": _cpuinfo("model name", platform.processor() or "unknown"),
        "stepping": "/".join(_cpuinfo(key, "?") for key in ("cpu family", "model", "stepping")),
        "cpus": os.cpu_count(),
        "virtual": "hypervisor" in flags,
        "l2_kib": _cache_kib(2),
        "l3_kib": _cache_kib(3),
        "tsc_hz": _tsc_hz(),
        "governor": _read(CPU / "cpu0/cpufreq/scaling_governor", "none"),
        "kernel": release,
        "kernel_series": ".".join(release.split(".")[:2]),
        "memory_mib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20,
        "hugepages_2m": int(_read(PAGES, "0")),
        "transparent_hugepages": chosen.group(1) if chosen else "none",
        "load": round(_LOAD, 2),
    }


def line(machine):
    kind = ", virtual" if machine["virtual"] else ""
    return (f"{machine['cpu']} ({machine['stepping']}{kind}), {machine['cpus']} CPUs, L2 {machine['l2_kib']} KiB, "
            f"L3 {machine['l3_kib']} KiB, TSC {machine['tsc_hz'] / 1e9:.2f} GHz, governor {machine['governor']}, "
            f"kernel {machine['kernel']}, {machine['memory_mib']} MiB, load before {machine['load']}")


def difference(base, new):
    """What makes the two unlike, in words; empty when they may be compared."""
    found = [f"{key} {base.get(key)!r} against {new.get(key)!r}" for key in JUDGED if base.get(key) != new.get(key)]
    rates = base.get("tsc_hz", 0), new.get("tsc_hz", 0)
    if abs(rates[0] - rates[1]) > TSC_TOLERANCE * max(rates):
        found.append(f"tsc_hz {rates[0]} against {rates[1]}")
    return ", ".join(found)


def cpus_apart():
    """The CPUs this process may use, one of each core before the cores' second threads."""
    def rank(cpu):
        siblings = re.split(r"[,-]", _read(CPU / f"cpu{cpu}/topology/thread_siblings_list", str(cpu)))
        return siblings.index(str(cpu)) if str(cpu) in siblings else 1
    return sorted(os.sched_getaffinity(0), key=lambda cpu: (rank(cpu), cpu))
