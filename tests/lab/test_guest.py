"""A guest with two real (emulated) PCI NICs under vfio-pci moves a file from one to the other."""

import hashlib
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "pipeline"))
from harness import ROOT, PipelineTest, program  # noqa: E402

UNAVAILABLE = 75  # boot.sh: something it needs is not to be had


class Guest(PipelineTest):
    """Each test boots one guest, about 20 s."""

    def move(self, nic, driver):
        packetfs = program()
        self.dir.chmod(0o755)
        shared = random.Random(2026).randbytes(2_000_000)
        literal = random.Random(7).randbytes(200_000)  # of whole 64-byte blocks, so that references follow it again
        base, file = self.dir / "base.bin", self.dir / "moved.bin"
        base.write_bytes(shared)
        # References, then bytes that the blob does not hold, then references again from another place.
        content = shared[:1_000_000] + literal + shared[640_000:] + b"end"
        file.write_bytes(content)
        command = [ROOT / "tests/lab/boot.sh", ROOT / "tests/lab/move.sh", packetfs, ROOT, base, file]
        done = subprocess.run([str(word) for word in command], env={**os.environ, "NIC": nic, "T": "150"}, text=True,
                              errors="replace", capture_output=True, check=False, stdin=subprocess.DEVNULL)
        if done.returncode == UNAVAILABLE:
            self.skipTest(done.stderr.strip().splitlines()[-1])
        output = done.stdout + done.stderr
        self.assertEqual(2, len(re.findall(rf"bound \S+ {driver} to vfio-pci", output)), output)
        said = dict(re.findall(r"^LAB (\w+) (.*?)\r?$", output, re.MULTILINE))
        self.assertEqual("0", said.get("exit"), output)
        self.assertEqual(hashlib.sha256(content).hexdigest(), said.get("sha256"), output)
        report = json.loads(said["report"])
        self.assertIs(True, report["result"]["verified"], report)
        self.assertEqual(len(content), report["result"]["bytes"], report)
        self.assertGreater(report["result"]["wire_bytes"], len(literal), "literals go over the wire")
        self.assertLess(report["result"]["wire_bytes"], len(content), "references should save wire bytes")
        self.assert_ledger_closes(report)

    def test_e1000e_under_vfio_moves_a_file_between_its_two_nics(self):
        self.move("e1000e", "0x8086:0x10d3")

    def test_vmxnet3_under_vfio_moves_a_file_between_its_two_nics(self):
        self.move("vmxnet3", "0x15ad:0x07b0")
