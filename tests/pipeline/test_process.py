"""The process around a run: its standard streams, its signals, its exit codes, and devices that disappear."""

import os
import shlex
import signal
import subprocess
import unittest

import harness
from netns import NetnsPair


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
                    subprocess.run(["ip", "-n", pair.left, "link", "del", pair.interface], check=True)
                    process.finish(harness.EXIT_DEVICE_GONE)
                    self.assertIn(f"the interface '{pair.interface}' below it disappeared", process.output)
                    self.assertIn("Accumulated statistics", process.output)
                    self.assert_ledger_closes(process.report())


if __name__ == "__main__":
    unittest.main()
