"""clang-tidy over what has changed since it last found nothing. tests/check --tidy calls it.

tidy.py BUILD            the files of lib and app that BUILD compiles and no record holds as clean
tidy.py BUILD --all      all of them; the clean ones become the record that is committed
tidy.py BUILD FILE...    these, recorded or not

A file is known by a digest of all that its findings depend on: its text, the texts of the repository's headers that it
includes, its compiler's arguments, .clang-tidy and the version of clang-tidy. Two records hold digests that were clean:
tests/tidy-record, which is committed so that a fresh clone begins from it, and BUILD/tidy-record, which each run adds to.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

COMMITTED = "tests/tidy-record"
LOCAL = "tidy-record"  # in the build folder
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^">]+)[">]', re.MULTILINE)
FINDING = re.compile(r"^.*(?:error|warning): .*$", re.MULTILINE)
NOT_CHANGED_BY = ("-MD", "-MQ", "-MF", "-o", "-c")  # names of outputs


def compiled(root, build):
    """{path of a source below lib or app: its compiler's arguments}, as the build's database has them."""
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = Path(os.path.normpath(Path(entry["directory"]) / entry["file"]))
        if path.is_relative_to(root) and path.relative_to(root).parts[0] in ("lib", "app"):
            words = shlex.split(entry["command"])
            first = next(place for place, word in enumerate(words) if word.startswith("-"))  # behind ccache, c++
            found[str(path.relative_to(root))] = [word for word in words[first:] if word not in NOT_CHANGED_BY]
    return found


def with_headers(root, path):
    """The repository's files that a compiler reads for `path`, itself included."""
    found, waiting = set(), [path]
    while waiting:
        here = waiting.pop()
        if here in found:
            continue
        found.add(here)
        for name in INCLUDE.findall((root / here).read_text(errors="replace")):
            for folder in (Path(here).parent, Path("lib")):
                if (root / folder / name).is_file():
                    waiting.append(os.path.normpath(folder / name))
                    break
    return sorted(found)


def digest(root, path, arguments, rules):
    hashed = hashlib.sha256(rules + "\0".join(arguments).encode())
    for name in with_headers(root, path):
        hashed.update(name.encode() + b"\0" + (root / name).read_bytes() + b"\0")
    return hashed.hexdigest()[:16]


def read_record(path):
    """{path of a source: digest that was clean}"""
    return {name: clean for clean, name in (line.split() for line in path.read_text().splitlines())} if path.exists() else {}


def write_record(path, record):
    path.write_text("".join(f"{clean} {name}\n" for name, clean in sorted(record.items())))


def findings(build, path):
    """The lines that clang-tidy has to say of the file."""
    done = subprocess.run(["clang-tidy", "--quiet", "--extra-arg=-Wno-unknown-warning-option", "-p", build, path],
                          capture_output=True, text=True)
    found = FINDING.findall(done.stdout)
    if done.returncode != 0 and not found:
        found = [f"{path}: clang-tidy ended with {done.returncode}: {done.stderr.strip()[-300:]}"]
    return found


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2])
    return parser.parse_args()


def main():
    options = parsed()
    root, build = options.root.resolve(), options.build.resolve()
    rules = (root / ".clang-tidy").read_bytes() + subprocess.run(["clang-tidy", "--version"], capture_output=True).stdout
    digests = {path: digest(root, path, arguments, rules) for path, arguments in compiled(root, build).items()}
    if unknown := [file for file in options.files if file not in digests]:
        print(f"{build} does not compile {', '.join(unknown)}")
        return 1
    committed, local = read_record(root / COMMITTED), read_record(build / LOCAL)
    wanted = options.files or [path for path, now in digests.items() if options.all or now not in (committed.get(path), local.get(path))]
    print(f"check: clang-tidy over {len(wanted)} of {len(digests)} files, the others are recorded as clean", file=sys.stderr)
    faults = set()
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for path, found in zip(wanted, pool.map(lambda path: findings(build, root / path), wanted)):
            faults.update(line.removeprefix(f"{root}/") for line in found)
            if not found:  # written at once: an interrupted run has not looked in vain
                local[path] = digests[path]
                write_record(build / LOCAL, {name: clean for name, clean in local.items() if name in digests})
    if options.all:
        write_record(root / COMMITTED, {path: now for path, now in digests.items() if local.get(path) == now})
    print("\n".join(sorted(faults)), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
