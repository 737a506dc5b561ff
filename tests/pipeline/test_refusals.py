"""What cannot work ends at once: one clear line, a non-zero exit, nothing started and nothing written."""

import os
import unittest

import harness


class Refusals(harness.PipelineTest):
    def refuse(self, pattern, pipeline="answer", sets=None, vdevs=("net_null0",), code=harness.EXIT_CONFIGURATION, eal=(), lcores=None, arguments=(), huge=None):
        before = sorted(self.dir.rglob("*"))
        process = self.packetfs(pipeline, sets={"blob.size": "2MiB", **(sets or {})}, vdevs=vdevs, eal=eal, lcores_value=lcores, arguments=arguments)
        process.wait(20)
        self.assertEqual(process._child.returncode, code, process)
        lines = [line for line in process.lines if line.startswith("packetfs: ")]
        self.assertEqual(len(lines), 1, process)
        self.assertRegex(lines[0], pattern)
        self.assertNotIn("packetfs: running", process.output)
        self.assertEqual(sorted(self.dir.rglob("*")), before)
        return lines[0]

    def test_unknown_key(self):
        line = self.refuse(r"unknown key 'seeed'", sets={"blob.seeed": 1})
        self.assertRegex(line, r"--set blob\.seeed.*seed")

    def test_a_number_that_some_read_as_octal(self):
        octal = "written with a zero before it, as octal numbers are"
        self.refuse(rf"--set blob\.seed: .*'010', {octal}; write 10 or 0x8", sets={"blob.seed": "010"})
        self.refuse(rf"--set blob\.size: .*'010MiB', {octal}; write 10 or 0x8", sets={"blob.size": "010MiB"})
        self.refuse(rf"--set programs\.64: 'xor_imm8 010'.* {octal}; write 10 or 0x8", sets={"programs.64": "[xor_imm8 010]"})
        self.refuse(rf"--duration: '010' seconds: {octal}", arguments=["--duration", "010"])

    def test_a_window_of_unanswered_grams_where_nothing_is_answered(self):
        self.refuse(r"a window of 4 unanswered grams, and nothing brings RESULTs; .*leave `window` out", pipeline="generate",
                    sets={"stages.generator.window": 4, "stages.generator.op": 0})

    def test_missing_port(self):
        self.refuse(r"port 'p0' asks for device 'net_memif7', which EAL does not have; devices here: 0 net_null0", sets={"ports.p0.device": "net_memif7"})
        self.refuse(r"no port.*p9|port 'p9'", sets={"stages.rx.port": "p9"})

    def test_two_pollers_on_one_cpu(self):
        cpu = harness.cpus()[0]
        sets = {"stages.rx.lcore": 0, "stages.assemble.lcore": 1, "stages.kernel.lcore": 1, "stages.tx.lcore": 1}
        self.refuse(r"lcores 0 \('rx'\) and 1 \('\w+'\) share a CPU and both would poll.*runtime.share_cpu=true", sets=sets, lcores=f"0@{cpu},1@{cpu}")

    def test_ring_not_a_power_of_two(self):
        self.refuse(r"ring 'rx -> assemble' has 1000 slots, not a power of two; try 1024", sets={"edges.0.slots": 1000})

    def test_kernels_that_write_beside_another_stage_that_looks_at_grams(self):
        pipeline = harness.PIPELINES / "two_kernels.yaml"
        line = self.refuse(r"two_kernels\.yaml:10: 'kernel0' and 'kernel1' would look at what grams denote at the same time", pipeline=pipeline,
                           sets={"blob.writable": "[{stream: 0, offset: 1MiB, length: 64}]"})
        self.assertIn("give all grams to one kernel stage", line)
        process = self.packetfs(pipeline, vdevs=("net_null0",), arguments=["--dry-run"])  # where none may write, two may execute
        process.finish()

    def test_programs_that_cannot_be_compiled(self):
        self.refuse(r"--set runtime\.jit.*compiled for avx2 and avx512, and this runs with sse", sets={"runtime.jit": "on"}, eal=["--force-max-simd-bitwidth=128"])
        self.refuse(r"--set runtime\.jit.*compiled for avx2 and avx512", sets={"runtime.jit": "on"}, eal=["--force-max-simd-bitwidth=128"], arguments=["--dry-run"])
        self.refuse(r"'jit' .*'maybe'.*auto, on", sets={"runtime.jit": "maybe"})

    def test_stage_cycle(self):
        self.refuse(r"cycle: a -> b -> a", pipeline=harness.PIPELINES / "cycle.yaml")

    def test_blob_file_absent_or_too_big(self):
        self.refuse(r"/nowhere/file", sets={"blob.files": "[/nowhere/file]"})
        big = self.dir / "big"
        big.write_bytes(bytes(3 << 20))
        line = self.refuse(r"big", sets={"blob.files": f"[{big}]"})
        self.assertRegex(line, r"blob\.size.*4 ?MiB|4MiB")

    def test_wrong_eal_argument(self):
        self.refuse(r"EAL: .*--not-an-option.*before `--`", eal=["--not-an-option"])

    def test_no_hugepages_and_no_no_huge(self):
        free = int(harness.HUGEPAGES.read_text()) * 2 if harness.HUGEPAGES.exists() else 0
        command = [harness.program(), "--in-memory", "--no-pci", "--vdev", "net_null0", "--", "--pipeline", harness.ROOT / "pipelines/answer.yaml",
                   "--set", f"blob.size={free + 4096}MiB"]
        process = self.run_process(command)
        self.assertEqual(process.wait(20), harness.EXIT_CONFIGURATION)
        self.assertRegex(process.output, r"^packetfs: hugepages: .* pages of 2.00 MiB are missing; run `echo \d+ > /sys/kernel/mm/hugepages/\S+`, or add --no-huge$")

    def test_output_folder_not_writable(self):
        sets = {"stages.source.file": "/etc/hostname", "stages.sink.folder": "/proc/sys"}
        self.refuse(r"/proc/sys.*", pipeline="loopback", sets=sets, vdevs=("net_ring0",))
        self.refuse(r"/nowhere", pipeline="loopback", sets={**sets, "stages.sink.folder": "/nowhere"}, vdevs=("net_ring0",))

    def test_port_without_link(self):
        vdev = f"net_memif0,role=server,id=0,socket=@pfs-none-{os.getpid()}"
        self.refuse(r"port 'p0' \(net_memif0\): no link after 500 ms; start the peer.*link_wait_ms", vdevs=(vdev,), code=harness.EXIT_FAILED)

    def test_unknown_kind_and_unfitting_edges(self):
        self.refuse(r"stage 'rx' is of kind 'rxx', which there is not; kinds are .*assemble", sets={"stages.rx.kind": "rxx"})
        self.refuse(r"'rx' \(rx\) gives nothing that 'kernel' \(kernel\) takes", sets={"edges.0.to": "kernel"})

    def test_lcore_that_eal_does_not_have(self):
        self.refuse(r"stage 'rx' asks for lcore 7, which EAL does not have; lcores here: 0", sets={"stages.rx.lcore": 7})

    def test_report_folder_not_writable(self):
        process = self.packetfs("answer", vdevs=["net_null0"], arguments=["--report", "/proc/nowhere/r.json"])
        self.assertEqual(process.wait(20), harness.EXIT_CONFIGURATION)

    def test_nothing_behind_the_dashes(self):
        process = self.run_process([harness.program(), "--no-huge"])
        self.assertEqual(process.wait(20), harness.EXIT_CONFIGURATION)
        self.assertIn("usage: packetfs [EAL options] -- --pipeline FILE", process.output)

    def test_what_a_stage_needs_is_known_before_a_port_starts(self):
        dry = ["--dry-run"]
        self.refuse(r"stage 'rx' polls queue 1 of port 'p0', and nobody polls queue 0", sets={"stages.rx.queue": 1}, arguments=dry)
        self.refuse(r"port 'p0' has 512 mbufs and needs \d+: twice the \d+ that its stages keep for grams, 0 in the caches of lcores, 64 for bursts", pipeline="generate", arguments=dry,
                    sets={"ports.p0.driver.mbufs": 512, "ports.p0.driver.mbcache": 0, "stages.generator.frames_per_gram": 1024})
        self.refuse(r"frames of 9014 bytes do not fit the MTU of 1500", pipeline="generate", arguments=dry,
                    sets={"ports.p0.driver.mtu": 1500, "stages.generator.frame_bytes": 9014})
        self.refuse(r"ports 'p0' and 'p1' both are device net_null0", sets={"ports.p1.device": "net_null0"}, arguments=dry)
        process = self.packetfs(harness.PIPELINES / "no_blob.yaml", vdevs=["net_null0"], arguments=dry)
        self.assertEqual(process.wait(20), harness.EXIT_CONFIGURATION)
        self.assertIn("stage 'a' needs a blob, and there is none; add `blob: {size: 64MiB}`", process.output)

    def test_frames_of_a_stream_for_several_assemblers(self):
        self.refuse(r"shared_stream.yaml:11: `spread: turn` would share the frames of one stream among '\w+' \(assemble\) and others", pipeline=harness.PIPELINES / "shared_stream.yaml")

    def test_answers_that_could_not_leave_by_their_port(self):
        two_ports = harness.PIPELINES / "two_ports.yaml"
        self.refuse(r"two_ports.yaml:10: stage 'kernel' \(kernel\) answers what comes by port 'a', and none of its edges leads to a tx stage of that port",
                    pipeline=two_ports, sets={"edges": "[{from: rx_a, to: assemble}, {from: rx_b, to: [assemble, tx_a]}, {from: assemble, to: kernel},"
                                                       " {from: kernel, to: tx_b}]"})
        edges = ("[{from: rx_a, to: assemble}, {from: rx_b, to: assemble}, {from: assemble, to: kernel}, {from: kernel, to: impair},"
                 " {from: impair, to: [tx_a, tx_b]}]")
        self.refuse(r"frames from 'kernel' to 'impair' may leave by ports 'a' and 'b', .*; give each port an edge of its own", pipeline=two_ports,
                    sets={"stages.impair": "{kind: impair}", "edges": edges})

    def test_reports_that_cannot_be_written(self):
        process = self.run_process([harness.program(), *harness.eal_arguments(harness.lcores(1), vdevs=["net_null0"]), "--", "--pipeline",
                                    harness.ROOT / "pipelines/answer.yaml", "--report", self.dir])
        self.assertEqual(process.wait(20), harness.EXIT_CONFIGURATION)
        self.assertIn("it cannot be written: it is a folder", process.output)
        self.refuse(r"/dev/full: it cannot be written: No space left", arguments=["--dry-run", "--dot", "/dev/full"], code=harness.EXIT_FAILED)
        self.refuse(r"--duration: 'nan' seconds: not a finite number", arguments=["--duration", "nan"])

    def test_bounds_that_are_too_much_together(self):
        self.refuse(r"65536 streams of each of 1024 peers are more than 262144 together; lower `max_streams` or `max_peers`", pipeline="discard",
                    sets={"stages.assemble.max_streams": 65536, "stages.assemble.max_peers": 1024})

    def test_dry_run_prints_the_graph_and_starts_nothing(self):
        dot = self.dir / "graph.dot"
        process = self.packetfs("answer", vdevs=["net_null0"], sets={"blob.size": "2MiB"}, arguments=["--dry-run", "--dot", dot])
        process.finish()
        self.assertRegex(process.output, r"stage kernel +kernel +lcore 0 .* auto")
        self.assertRegex(process.output, r"edge  assemble -> kernel  grams by call")
        self.assertNotIn("running", process.output)
        self.assertIn('"assemble" -> "kernel"', dot.read_text())

    def test_help_names_every_option(self):
        process = self.run_process([harness.program(), "--", "--help"])
        process.finish()
        for option in ("--pipeline", "--set", "--driver-config", "--stats-period", "--duration", "--report", "--display-xstats", "--dry-run", "--dot"):
            self.assertIn(option, process.output)


if __name__ == "__main__":
    unittest.main()
