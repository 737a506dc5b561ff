"""What the benches of the whole dataplane share: hugepages for the while, EAL's arguments, processes that end with us."""

import contextlib
import ctypes
import os
import signal
import subprocess
from pathlib import Path

from machine import PAGES
from programs import BenchError

ROOT = Path(__file__).resolve().parents[2]
_PAGE_MIB = 2


@contextlib.contextmanager
def hugepages(mib):
    """So many MiB of free 2 MiB pages. Gives back what it added, by difference: others may change the number meanwhile."""
    free = PAGES.with_name("free_hugepages")
    added = 0
    try:
        missing = -(-mib // _PAGE_MIB) - int(free.read_text())
        if missing > 0:
            before = int(PAGES.read_text())
            PAGES.write_text(str(before + missing))
            added = int(PAGES.read_text()) - before
            if added < missing:
                raise BenchError(f"{mib} MiB of 2 MiB pages are needed, the kernel finds {missing - added} pages too few")
        yield
    except FileNotFoundError:
        raise BenchError("this kernel offers no 2 MiB pages") from None
    except PermissionError:
        raise BenchError(f"needs root, or {mib} MiB of free 2 MiB pages") from None
    finally:
        if added:
            PAGES.write_text(str(max(0, int(PAGES.read_text()) - added)))


def eal(lcores, tag, *vdevs):
    """EAL arguments of a process that shares nothing with another but what its devices say."""
    words = ["--lcores", lcores, "--in-memory", "--no-pci", "--no-telemetry", "--file-prefix", f"bench{os.getpid()}{tag}"]
    return words + [word for vdev in vdevs for word in ("--vdev", vdev)]


def packetfs(build):
    path = Path(build).resolve() / "app/packetfs/packetfs"
    if not path.exists():
        raise BenchError(f"{path} is not built; ninja -C {build} app/packetfs/packetfs")
    return str(path)


def _with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: nothing goes on polling when a bench is killed


def start(command, output):
    try:
        return _start(command, output)
    except OSError as error:
        raise BenchError(f"{command[0]} does not start: {error.strerror}") from None


def _start(command, output):
    return subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT if output == subprocess.PIPE else output, text=True, cwd=ROOT,
                            preexec_fn=_with_parent)


def end(process, number=signal.SIGINT):
    """What the process said; it is asked to end first, and made to after 20 s."""
    if process.poll() is None:
        process.send_signal(number)
    try:
        return process.communicate(timeout=20)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        return process.communicate()[0]
