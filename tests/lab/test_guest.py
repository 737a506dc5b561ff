"""A guest with two real (emulated) PCI NICs under vfio-pci moves a file from one to the other, also while the link goes down and up."""

import hashlib
import json
import os
import random
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "pipeline"))
from harness import ROOT, PipelineTest, program, wait_until  # noqa: E402

UNAVAILABLE = 75  # boot.sh: something it needs is not to be had
FLAPS, EVERY_S = 15, 1  # down, and up again, each a second after the other


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

    def flap(self, monitor, guest):
        """Once the run goes on: takes one NIC's link down and up, a change a second. Returns how often, as far as the guest ran."""
        guest.wait_line("packetfs: running", timeout=120)
        over, flaps = threading.Event(), 0
        with socket.socket(socket.AF_UNIX) as commands:
            commands.connect(str(monitor))
            for _ in range(FLAPS):
                for state in ("off", "on"):
                    commands.sendall(f"set_link n0 {state}\n".encode())
                    over.wait(EVERY_S)
                if any("LAB exit" in line for line in guest.lines):
                    break
                flaps += 1
        return flaps

    def under_flaps(self, nic, driver):
        packetfs = program()
        self.dir.chmod(0o755)
        content = random.Random(2027).randbytes(2_500_000)  # 20 s of the link's rate, and half of the time it is down
        file, monitor = self.dir / "moved.bin", self.dir / "monitor"
        file.write_bytes(content)
        guest = self.run_process([ROOT / "tests/lab/boot.sh", ROOT / "tests/lab/flap.sh", packetfs, ROOT, file],
                                 {"NIC": nic, "T": "240", "MONITOR": str(monitor)})
        wait_until(lambda: monitor.exists() or not guest.running, timeout=60, what="QEMU's monitor is there")
        if not guest.running and guest.wait() == UNAVAILABLE:
            self.skipTest(guest.lines[-1])
        flaps = self.flap(monitor, guest)
        guest.wait(timeout=240)
        self.assertEqual(2, len(re.findall(rf"bound \S+ {driver} to vfio-pci", guest.output)), guest)
        said = dict(re.findall(r"^LAB (\w+) (.*?)\r?$", guest.output, re.MULTILINE))
        self.assertEqual("0", said.get("exit"), guest)
        self.assertEqual(hashlib.sha256(content).hexdigest(), said.get("sha256"), guest)
        report = json.loads(said["report"])
        self.assertIs(True, report["result"]["verified"], report)
        self.assert_ledger_closes(report)
        self.assertGreaterEqual(flaps, FLAPS * 2 // 3, "the file arrived before the link had gone down often")

    def test_e1000e_under_flaps(self):
        self.under_flaps("e1000e", "0x8086:0x10d3")

    def test_virtio_under_flaps(self):
        self.under_flaps("virtio-net-pci,disable-legacy=on,iommu_platform=on", "0x1af4:0x1041")

    def test_e1000e_under_vfio_moves_a_file_between_its_two_nics(self):
        self.move("e1000e", "0x8086:0x10d3")

    def test_vmxnet3_under_vfio_moves_a_file_between_its_two_nics(self):
        self.move("vmxnet3", "0x15ad:0x07b0")
