"""The JSON of bench/run and bench/history: when, what, where, and every sample."""

import datetime
import json
import subprocess
from pathlib import Path

import machine
from programs import BenchError

SCHEMA = 1


def git(build):
    """{commit, dirty} of the tree that the build folder was configured for; empty where it is unknown."""
    try:
        source = json.loads((Path(build) / "meson-info/meson-info.json").read_text())["directories"]["source"]
    except (OSError, ValueError, KeyError):
        return {}

    def ask(*words):
        done = subprocess.run(["git", "-C", source, *words], capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else None
    commit = ask("rev-parse", "HEAD")
    return {"commit": commit, "dirty": bool(ask("status", "--porcelain", "--untracked-files=no"))} if commit else {}


def make(build, settings, benchmarks):
    """`benchmarks`: {program: {benchmark: samples}} as programs.run gives them."""
    return {"schema": SCHEMA, "date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"), "build": str(build),
            "git": git(build), "machine": machine.describe(), "settings": settings, "programs": benchmarks}


def write(result, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n")


def read(path):
    try:
        result = json.loads(Path(path).read_text())
    except FileNotFoundError:
        raise BenchError(f"{path} is not there; name a build folder, or what bench/run --out or bench/compare --record wrote") from None
    except (OSError, ValueError) as error:
        raise BenchError(f"{path}: {error}") from None
    if not isinstance(result, dict) or result.get("schema") != SCHEMA or not {"machine", "programs"} <= result.keys():
        raise BenchError(f"{path} is not a result of bench/run or bench/compare --record (schema {SCHEMA})")
    return result


def history_path(folder, result):
    """folder/YYYY-MM-DD-COMMIT.json, numbered where the day already has one: history is added to, never written over."""
    stem = f"{result['date'][:10]}-{result['git'].get('commit', 'unknown')[:8]}"
    number, path = 1, folder / f"{stem}.json"
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.json"
    return path
