"""Build folders for tests of bench/: with a program that tells what it is told to (fake_bench.py)."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("PFS_BUILD", ROOT / "build"))
sys.path.insert(0, str(ROOT / "bench/lib"))


class BenchTest(unittest.TestCase):
    def setUp(self):
        self.dir = Path(tempfile.mkdtemp(prefix="pfs-test."))
        self.addCleanup(shutil.rmtree, self.dir)

    def fake(self, name, seed, plans):
        """A build folder with one program that tells these benches: {name: ns, or a dict of plan.json}."""
        folder = self.dir / name / "bench"
        folder.mkdir(parents=True)
        shutil.copy(Path(__file__).with_name("fake_bench.py"), folder / "fake")
        benches = {bench: plan if isinstance(plan, dict) else {"ns": plan} for bench, plan in plans.items()}
        (folder / "plan.json").write_text(json.dumps({"seed": seed, "benches": benches}))
        return folder.parent

    def run_tool(self, tool, *words):
        done = subprocess.run([sys.executable, ROOT / "bench" / tool, *map(str, words)], capture_output=True, text=True)
        self.assertNotIn("Traceback", done.stderr)
        return done
