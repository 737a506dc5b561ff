"""What tests/check asks of the sources beside their format: the order of layers, who may exit, lengths, sleeps.

house.py [ROOT]    prints a line a fault and exits with 1 when there is one

The order of layers stands in lib/meson.build and nowhere else: a layer sees what stands before it, and app sees all.
"""

import re
import subprocess
import sys
from pathlib import Path

FIRST_WITH_DPDK = "dpdk"
MOST_LINES = 400
SOURCES = (".cpp", ".hpp", ".inl", ".h")
# Waiting is for a line, an exit or a state. The first two look at a state again and again and rest between; the third
# plants a sleep.
MAY_SLEEP = {"tests/pipeline/harness.py", "tests/suite.py", "tests/checking/test_house.py"}

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^">]+)[">]')
EXITS = re.compile(r"\b(rte_exit|std::exit|_exit|std::abort)\(")
SLEEPS = re.compile(r"\b(time\.sleep|sleep_for|sleep_until|sleep|usleep|nanosleep)\(")
DEPENDENCY = re.compile(r"\b(\w+)_dep\b")


def layers(root):
    """The names of lib's layers in their order."""
    text = (root / "lib/meson.build").read_text()
    listed = re.search(r"^layers = \[(.*?)\]", text, re.MULTILINE | re.DOTALL)
    return re.findall(r"'(\w+)'", listed.group(1))


def files(root, *folders):
    """The tracked files below the folders, and those about to be, relative to the root."""
    said = subprocess.run(["git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard", "--", *folders],
                          capture_output=True, text=True, check=True).stdout
    return [path for path in sorted(set(said.splitlines())) if (root / path).is_file()]


def lines(root, path):
    return enumerate((root / path).read_text(errors="replace").splitlines(), 1)


def layer_of(path):
    """lib/wire/frame.hpp -> wire; None for what lies in lib itself or elsewhere."""
    parts = Path(path).parts
    return parts[1] if parts[0] == "lib" and len(parts) > 2 else None


def wrong_include(name, layer, order):
    """Why a file of `layer` may not include `name`; None where it may."""
    if name.startswith("../") or "/../" in name:
        return f"{name} climbs out of its folder; write the path below lib"
    if name.startswith("rte_") and order.index(layer) < order.index(FIRST_WITH_DPDK):
        return f"{name} is DPDK's, which is seen from lib/{FIRST_WITH_DPDK} on"
    seen = name.split("/")[0] if "/" in name else None
    if seen == "app" or (seen in order and order.index(seen) > order.index(layer)):
        return f"{name} stands above lib/{layer}"
    return None


def include_faults(root):
    order = layers(root)
    for path in files(root, "lib"):
        layer = layer_of(path)
        if layer is None:
            continue
        if layer not in order:
            yield f"{path}: lib/{layer} is not in the list of layers in lib/meson.build"
            continue
        if not path.endswith(SOURCES):
            continue
        for number, line in lines(root, path):
            if (found := INCLUDE.match(line)) and (why := wrong_include(found.group(1), layer, order)):
                yield f"{path}:{number}: {why}"


def dependency_faults(root):
    """A layer's meson.build asks for what stands before it. dpdk_dep is DPDK itself, and pfs_dpdk_dep our layer."""
    order = layers(root)
    for path in files(root, "lib"):
        layer = layer_of(path)
        if layer not in order or not path.endswith("meson.build"):
            continue
        for number, line in lines(root, path):
            for name in DEPENDENCY.findall(line):
                seen = name.removeprefix("pfs_")
                if seen in order and order.index(seen) > order.index(layer):
                    yield f"{path}:{number}: {name}_dep stands above lib/{layer}"


def exit_faults(root):
    for path in files(root, "lib"):
        if not path.endswith(SOURCES):
            continue
        for number, line in lines(root, path):
            if found := EXITS.search(line):
                yield f"{path}:{number}: {found.group(1)} ends the process, which only main does"


def length_faults(root):
    for path in files(root, "lib", "app"):
        if not path.endswith(SOURCES):
            continue
        count = sum(1 for _ in lines(root, path))
        if count > MOST_LINES:
            yield f"{path}: {count} lines, more than {MOST_LINES}; part it by what its pieces do"


def sleep_faults(root):
    for path in files(root, "tests"):
        if path in MAY_SLEEP or not path.endswith((*SOURCES, ".py")):
            continue
        for number, line in lines(root, path):
            if found := SLEEPS.search(line):
                yield f"{path}:{number}: {found.group(1)} waits for a time; wait for a line, an exit or a state"


CHECKS = (include_faults, dependency_faults, exit_faults, length_faults, sleep_faults)


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[2])
    faults = [fault for check in CHECKS for fault in check(root)]
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
