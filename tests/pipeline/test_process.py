"""The process around a run: its standard streams, its signals, its exit codes, and devices that disappear."""

import os
import re
import shlex
import signal
import subprocess
import unittest

import harness
from netns import NetnsPair

# Of a memif peer. Without the guard a receiver outlived between 2 and 80 of them, so that this test may miss a missing guard; the claim is
# held by tests/dpdk/unmap_guard_test.cpp, and this is the real driver.
KILLS = 25


class Process(harness.PipelineTest):
    def command(self, *arguments, extra=()):
        """packetfs that discards what a null device gives, until something ends it."""
        return [harness.program(), *harness.eal_arguments(harness.lcores(1), vdevs=["net_null0"]), "--",
                "--pipeline", harness.ROOT / "pipelines/discard.yaml", "--set", "blob.size=4MiB", *arguments, *extra]

    def ended(self, process, patience=30):
        """The exit code; a process that does not end is killed, and the test fails."""
        try:
            return process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError("still running") from None

    def test_closed_standard_streams_are_no_matter(self):
        report = self.dir / "report.json"
        words = shlex.join(str(word) for word in self.command("--duration", "0.2", "--report", report))
        for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
            with self.subTest(closed=closed):
                report.unlink(missing_ok=True)
                done = subprocess.run(["bash", "-c", f"exec {words} {closed}"], capture_output=True, timeout=60, check=False)
                self.assertEqual(done.returncode, harness.EXIT_DONE, done.stderr)
                self.assertTrue(report.read_text().startswith("{"))

    def full_pipe(self):
        """The writing end of a pipe that is full and that nobody reads; the reading end stays open."""
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        os.set_blocking(writer, False)
        try:
            while os.write(writer, b"x" * 4096):
                pass
        except BlockingIOError:
            os.set_blocking(writer, True)
        return writer

    def test_a_full_pipe_on_stdout_stops_neither_duration_nor_sigterm(self):
        for way in ("duration", "SIGTERM"):
            with self.subTest(way=way), open(self.dir / "errors", "w+") as errors:
                writer = self.full_pipe()
                duration = ["--duration", "1"] if way == "duration" else []
                process = subprocess.Popen([str(word) for word in self.command("--stats-period", "0.05", "--display-xstats", *duration)],
                                           stdin=subprocess.DEVNULL, stdout=writer, stderr=errors)
                os.close(writer)
                if way == "SIGTERM":
                    harness.wait_until(lambda: "packetfs: running" in (self.dir / "errors").read_text(), timeout=30, what="the run")
                    process.send_signal(signal.SIGTERM)
                self.assertEqual(self.ended(process), harness.EXIT_DONE)
                errors.seek(0)
                self.assertRegex(errors.read(), r"packetfs: \d+ lines are missing on standard output, because nobody read them")

    def test_a_full_pipe_on_stderr_stops_nothing(self):
        writer = self.full_pipe()
        process = subprocess.Popen([str(word) for word in self.command("--duration", "0.2")], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=writer, text=True)
        os.close(writer)
        output, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, harness.EXIT_DONE)
        self.assertIn("residual 0", output)

    def test_each_signal_that_ends_a_run_leaves_final_statistics(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(signal=number.name):
                process = self.run_process(self.command())
                process.wait_line("packetfs: running")
                process.signal(number)
                process.finish(harness.EXIT_DONE)
                self.assertIn("Accumulated statistics", process.output)
                self.assertIn("packetfs: interrupted; draining", process.output)

    def test_nohup_keeps_a_run_through_sighup(self):
        process = self.run_process(["nohup", *self.command()])
        process.wait_line("packetfs: running")
        process.signal(signal.SIGHUP)
        process.signal(signal.SIGTERM)
        process.finish(harness.EXIT_DONE)  # the second signal of two would end with EXIT_SECOND_SIGNAL

    def test_an_interface_that_disappears_is_said_and_ends_the_run(self):
        harness.requires(root=True)
        for driver in ("af_packet", "af_xdp"):
            for pipeline in ("discard", "generate"):  # the one receives, the other sends without pause
                with self.subTest(driver=driver, pipeline=pipeline), NetnsPair() as pair:
                    process = self.packetfs(pipeline, vdevs=[f"net_{driver}0,iface={pair.interface}"], netns=pair.left,
                                            sets={"blob.size": "4MiB"})
                    process.wait_line("packetfs: running", timeout=60)
                    pair.delete()
                    process.finish(harness.EXIT_DEVICE_GONE)
                    self.assertIn(f"the interface '{pair.interface}' below it disappeared", process.output)
                    self.assertIn("Accumulated statistics", process.output)
                    self.assert_ledger_closes(process.report())

    def test_a_memif_peer_that_is_killed_under_traffic_takes_nobody_with_it(self):
        """The driver unmaps the dead peer's rings on a thread of its own, while the receiver's lcore polls them."""
        socket = self.dir / "memif.sock"
        receiver = self.packetfs("discard", vdevs=[f"net_memif0,role=server,socket={socket},socket-abstract=no"],
                                 sets={"blob.size": "4MiB", "ports.p0.link_wait_ms": 60000}, arguments=["--stats-period", "0.05"])
        for _ in range(KILLS):
            sender = self.packetfs("generate", vdevs=[f"net_memif0,role=client,socket={socket},socket-abstract=no"],
                                   sets={"blob.size": "4MiB", "ports.p0.link_wait_ms": 60000})
            sender.wait_line("packetfs: running", timeout=60)
            self.wait_for_frames({"RX": receiver})
            sender.signal(signal.SIGKILL)
            sender.wait()
        receiver.stop()
        self.assert_ledger_closes(receiver.report())

    def waiting(self, pipeline, namespace):
        """packetfs on a kernel interface that it waits for, running."""
        process = self.packetfs(pipeline, vdevs=["net_af_packet0,iface=veth0"], netns=namespace, arguments=["--stats-period", "0.1"],
                                sets={"blob.size": "4MiB", "ports.p0.link": "wait"})
        process.wait_line("packetfs: running", timeout=60)
        return process

    def frames(self, process, direction):
        """How many frames the device has received (RX) or sent (TX), as the last statistics say."""
        return int(([0] + re.findall(rf"{direction}-packets: (\d+)", process.output))[-1])

    def wait_for_frames(self, ends):
        """Waits until each end's frames grow beyond those that its last statistics have."""
        for direction, process in ends.items():
            before = self.frames(process, direction)
            harness.wait_until(lambda d=direction, p=process, n=before: self.frames(p, d) > n, timeout=30,
                               what=f"{direction}-packets beyond {before}")

    def wait_for_lines(self, ends, pattern, count):
        for process in ends.values():
            harness.wait_until(lambda p=process: len(re.findall(pattern, p.output)) == count, timeout=30, what=f"{count} times {pattern!r}")

    def test_a_run_waits_for_an_interface_that_disappears_and_goes_on(self):
        harness.requires(root=True)
        gone = r"port 'p0' \(net_af_packet0\): the interface 'veth0' below it disappeared; waiting for it"
        back = r"port 'p0' \(net_af_packet0\): the interface 'veth0' below it is there again after \d+\.\d s"
        with NetnsPair() as pair:
            ends = {"RX": self.waiting("discard", pair.right), "TX": self.waiting("generate", pair.left)}
            self.wait_for_frames(ends)
            for times in (1, 2):
                pair.delete()
                self.wait_for_lines(ends, gone, times)
                pair.join()
                self.wait_for_lines(ends, back, times)  # statistics before this line have all that came before the loss
                self.wait_for_frames(ends)
            for process in ends.values():
                process.signal(signal.SIGTERM)
                process.finish(harness.EXIT_DONE)
                self.assertIn("Accumulated statistics", process.output)
                self.assert_ledger_closes(process.report())

    def test_a_run_that_waits_for_its_interface_ends_when_it_is_told_to(self):
        harness.requires(root=True)
        for pipeline in ("discard", "generate"):
            with self.subTest(pipeline=pipeline), NetnsPair() as pair:
                process = self.waiting(pipeline, pair.left)
                pair.delete()
                process.wait_line("disappeared; waiting for it")
                process.signal(signal.SIGTERM)
                process.finish(harness.EXIT_DONE)
                self.assertIn("Accumulated statistics", process.output)
                self.assert_ledger_closes(process.report())

    def test_only_devices_that_can_be_attached_again_are_waited_for(self):
        process = self.packetfs("discard", vdevs=["net_null0"], sets={"blob.size": "4MiB", "ports.p0.link": "wait"})
        process.finish(harness.EXIT_CONFIGURATION)
        self.assertRegex(process.output, r"'link' of port 'p0' is wait, and a device of net_null does not come back .*; write link: end")


if __name__ == "__main__":
    unittest.main()
