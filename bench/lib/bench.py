"""How every bench begins and ends: what it needs is installed and built, and whatever goes wrong is one line.

    def main(): ...                              # gives an exit code or None; raises BenchError for people to read
    bench.prepare(options.build, "build", targets=["app/packetfs/packetfs"])       # before anything is measured
    bench.run("tune", main)                      # at the end of the program
"""

import signal
import subprocess
import sys
from pathlib import Path

from programs import BenchError

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
_INTERRUPTED = 130


def run(name, main):
    """Ends the process with main's exit code. A BenchError is one line, and so is Ctrl-C; what main holds is given back."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main())
    except BenchError as error:
        sys.exit(f"{name}: {error}")
    except OSError as error:  # a file that cannot be written, for instance
        sys.exit(f"{name}: {error}")
    except KeyboardInterrupt:
        print(f"{name}: interrupted", file=sys.stderr)
        sys.exit(_INTERRUPTED)


def positive(text):
    """The type of an option that counts: repetitions, seconds."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def prepare(build, *groups, targets=()):
    """Installs the groups of tests/setup, and builds `targets` (all when none is named) in the repository's own build
    folder. Any other folder is taken as whoever names it has built it."""
    script = f"set -euo pipefail; root=$1; . tests/setup; need_packages {' '.join(groups)}"
    if Path(build).resolve() == BUILD:
        script += "; build_targets=$2; build build --buildtype=release"
    done = subprocess.run(["bash", "-c", script, "bench", str(ROOT), " ".join(targets)], cwd=ROOT, stdout=sys.stderr,
                          stderr=subprocess.PIPE, text=True)
    said = done.stderr.strip().splitlines()
    if done.returncode != 0:
        raise BenchError(" ".join(dict.fromkeys([*said[:1], *said[-1:]])) or "tests/setup failed")
