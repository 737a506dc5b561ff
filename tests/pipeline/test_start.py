"""Start-up: whatever EAL, a driver or the kernel refuses, one line names the cause and what to do; nothing is left behind."""

import os
import shlex
import signal
import socket
import subprocess
import unittest
from pathlib import Path

import harness
from netns import NetnsPair

RUN_FOLDER = Path("/var/run/dpdk") if os.geteuid() == 0 else Path(os.environ.get("XDG_RUNTIME_DIR", "/tmp")) / "dpdk"
CPUSET = Path("/sys/fs/cgroup/cpuset")
ORDINARY = ["--no-huge", "-m", "64"]


class MountNamespace:
    """A mount namespace that lasts as long as the `with`: mounts made there are nobody else's. Needs root."""

    def __init__(self, *mounts):
        self.mounts = mounts

    def __enter__(self):
        harness.requires(root=True, commands=["unshare", "nsenter"])
        script = " && ".join([*self.mounts, "echo ready", "read end"])
        self.holder = subprocess.Popen(["unshare", "-m", "sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, text=True)
        said = self.holder.stdout.readline()
        if said != "ready\n":
            self.__exit__()
            raise unittest.SkipTest(f"needs a mount namespace: {said.strip()}")
        return self

    def __exit__(self, *_):
        self.holder.communicate("\n")

    def command(self, words):
        return ["nsenter", "-t", str(self.holder.pid), "-m", *words]


class StartTest(harness.PipelineTest):
    serial = 0

    def setUp(self):
        super().setUp()
        StartTest.serial += 1
        self.prefix = f"pfs-start-{os.getpid()}-{StartTest.serial}"

    def words(self, eal=(), memory=ORDINARY, vdevs=("net_null0",), pipeline="echo", arguments=("--dry-run",), lcores=None, mbufs=1024):
        words = [harness.program(), "--lcores", lcores or harness.lcores(1), "--no-pci", "--no-telemetry", "--file-prefix", self.prefix, *memory]
        for vdev in vdevs:
            words += ["--vdev", vdev]
        pipeline = harness.ROOT / "pipelines" / f"{pipeline}.yaml"
        return [str(word) for word in (*words, *eal, "--", "--pipeline", pipeline, "--set", f"ports.p0.driver.mbufs={mbufs}", *arguments)]

    def start(self, words=None, environment=None, **kind):
        return self.run_process(words or self.words(**kind), environment)

    def refuse(self, pattern, code=harness.EXIT_CONFIGURATION, environment=None, words=None, **kind):
        """The process ends with the code, and the only line it prints matches. Nothing stays in the run directory."""
        process = self.start(words, environment, **kind)
        self.assertEqual(process.wait(20), code, process)
        self.assertEqual(len(process.lines), 1, process)
        self.assertRegex(process.lines[0], "^packetfs: " + pattern)
        self.assertFalse((RUN_FOLDER / self.prefix).exists(), "a folder was left in the run directory")
        return process.lines[0]


class Devices(StartTest):
    def test_an_interface_that_is_not_there(self):
        self.refuse(r"--vdev net_af_packet0,iface=nosuch0\S*: .*SIOCGIFINDEX.*No such device; `ip link` lists", vdevs=["net_af_packet0,iface=nosuch0"])
        self.refuse(r"--vdev net_af_xdp0,iface=nosuch0: Failed to get channel info of interface: nosuch0; `ip link`", vdevs=["net_af_xdp0,iface=nosuch0"])

    def test_a_capture_that_is_none(self):
        none = self.dir / "none.pcap"
        none.write_text("hello, this is no capture")
        self.refuse(r".*none\.pcap: the file is not a pcap", vdevs=[f"net_pcap0,rx_pcap={none}"])
        self.refuse(r"/nowhere/x\.pcap: .*No such file", vdevs=["net_pcap0,rx_pcap=/nowhere/x.pcap"])
        self.refuse(r"--vdev .*: Couldn't open .*nowhere/out\.pcap.*name a file or an interface that is there",
                    vdevs=[f"net_pcap0,tx_pcap={self.dir}/nowhere/out.pcap"])

    def test_a_socket_that_cannot_be(self):
        self.refuse(r"--vdev .*: Unix socket address too long.*; name a socket= path of 107 bytes at most",
                    vdevs=[f"net_memif0,role=server,socket=/tmp/{'x' * 150},socket-abstract=no"])
        self.refuse(r"--vdev .*: Invalid socket directory; make the folder", vdevs=["net_memif0,role=server,socket=/nowhere/x.sock,socket-abstract=no"])
        plain = self.dir / "plain"
        plain.write_text("")
        self.refuse(r"--vdev .*: .*/plain: it is there and is no socket; name another path", vdevs=[f"net_memif0,role=server,socket={plain},socket-abstract=no"])

    def test_a_driver_that_dpdk_does_not_have(self):
        self.refuse(r"EAL: failed to parse device \"net_nosuch0\".*; name a device of a driver that this DPDK has", vdevs=["net_nosuch0"])

    def test_zero_copy_of_memif(self):
        self.refuse(r"--vdev net_memif0,role=client,zero-copy=yes: 'zero-copy=yes' is not safe with this driver .*memif\.yaml.*write zero-copy=no",
                    vdevs=["net_memif0,role=client,zero-copy=yes"])

    def test_an_interface_whose_queue_another_process_holds(self):
        with NetnsPair() as pair:
            inside = ["ip", "netns", "exec", pair.left]
            run = {"memory": ["--in-memory"], "vdevs": [f"net_af_xdp0,iface={pair.interface}"], "arguments": ()}
            self.refuse(r"port .*: setting an RX queue up failed: Failed to get enough buffers for fq .*; raise `mbufs`",
                        code=harness.EXIT_FAILED, words=inside + self.words(mbufs=1024, **run))
            holder = self.start(inside + self.words(mbufs=8192, **run))
            try:
                holder.wait_line("packetfs: running")
            except AssertionError as error:
                raise unittest.SkipTest(f"needs AF_XDP: {holder.lines[-1:]}") from error
            self.prefix += "-second"
            self.refuse(r"port 'p0' \(net_af_xdp0, net_af_xdp\): setting an RX queue up failed: Failed to create xsk socket "
                        r"\(Device or resource busy\); another process may hold this queue",
                        code=harness.EXIT_FAILED, words=inside + self.words(mbufs=8192, **run))
            holder.stop()

    def test_a_burst_below_what_vector_drivers_take(self):
        folder = self.dir / "drivers"
        folder.mkdir()
        (folder / "null.yaml").write_text("pmds: [net_null]\nburst_min: 8\nlink_status: false\n")
        self.refuse(r"--set ports\.p0\.driver\.burst: 'burst' 4 is less than this driver's vector functions take at once.*8 to 256",
                    arguments=["--dry-run", "--driver-config", folder, "--set", "ports.p0.driver.burst=4"])


class MemifPeers(StartTest):
    def setUp(self):
        super().setUp()
        self.path = self.dir / "memif.sock"
        self.ends = 0

    def end(self, argument, link_wait_ms):
        self.ends += 1
        words = self.words(vdevs=[f"net_memif0,{argument},socket={self.path},socket-abstract=no"], memory=["--in-memory"],
                           eal=["--file-prefix", f"{self.prefix}-{self.ends}"], arguments=("--set", f"ports.p0.link_wait_ms={link_wait_ms}"))
        return self.start(words)

    def line_of(self, impatient, patient):
        """The line that one end ends with while the other waits on."""
        waiting = self.end(patient, 20000)
        if "server" in patient:
            harness.wait_until(self.path.exists, what="the socket is there")
        process = self.end(impatient, 900)
        self.assertEqual(process.wait(20), harness.EXIT_FAILED, process)
        self.assertEqual(len(process.lines), 1, process)
        waiting.signal(signal.SIGTERM)
        waiting.wait(20)  # a kill would leave its run directory behind
        self.path.unlink(missing_ok=True)
        return process.lines[0]

    def test_ids_that_differ(self):
        self.assertRegex(self.line_of("role=server,id=0", "role=client,id=1"), r"no link after 900 ms: ID 1 not found; the peer asked for another id=")
        self.assertRegex(self.line_of("role=client,id=1", "role=server,id=0"), r"no link after 900 ms: Disconnect received: ID not found; the peer has another id=")

    def test_secrets_that_differ(self):
        server = self.line_of("role=server,secret=abc", "role=client,secret=abd")
        self.assertRegex(server, r"no link after 900 ms; start the peer; both ends need the same socket, id and secret")
        client = self.line_of("role=client,secret=abd", "role=server,secret=abc")
        self.assertRegex(client, r"no link after 900 ms: Disconnect received: Incorrect secret; give both ends the same secret=")

    def test_two_clients(self):
        self.assertRegex(self.line_of("role=client", "role=client"), r"Failed to connect socket: .*memif\.sock; nobody listens there: start a peer with role=server")

    def test_two_servers(self):
        first = self.end("role=server", 20000)
        harness.wait_until(self.path.exists, what="the socket is there")
        self.refuse(r"--vdev .*: .*memif\.sock: another process listens on this socket; stop that process, or name another path",
                    vdevs=[f"net_memif0,role=server,socket={self.path},socket-abstract=no"])
        first.signal(signal.SIGTERM)
        first.wait(20)

    def test_a_server_that_was_killed_starts_again(self):
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.bind(str(self.path))
        listener.listen()
        listener.close()  # as a kill leaves the path: there, and nobody listens
        process = self.start(vdevs=[f"net_memif0,role=server,socket={self.path},socket-abstract=no"]).finish()
        self.assertRegex(process.output, r"packetfs: note: .*memif\.sock: a socket on which nobody listens any more was taken away")


class Machine(StartTest):
    def test_a_cpuset_that_forbids_the_lcore(self):
        harness.requires(root=True, files=[CPUSET / "cpuset.mems"])
        if len(harness.cpus()) < 2:
            raise unittest.SkipTest("needs two CPUs")
        group = CPUSET / self.prefix
        group.mkdir()
        self.addCleanup(group.rmdir)
        (group / "cpuset.mems").write_text((CPUSET / "cpuset.mems").read_text())
        (group / "cpuset.cpus").write_text(str(harness.cpus()[0]))
        allowed, forbidden = harness.cpus()[:2]
        for lcores in (f"0@{forbidden}", f"0@{allowed},1@{forbidden}"):  # EAL panics over the second
            inside = ["sh", "-c", f"echo $$ > {group}/tasks && exec {shlex.join(self.words(lcores=lcores))}"]
            self.refuse(r"EAL: Cannot set affinity; a CPU of -l or --lcores is not in this process's cpuset", words=inside)

    def test_a_run_directory_that_cannot_be_made(self):
        self.refuse(r"EAL: Error creating '/proc/dpdk': No such file or directory; make the folder writable, or name another run directory",
                    environment={"RUNTIME_DIRECTORY": "/proc"})

    def test_a_hugetlbfs_mount_with_a_size_limit(self):
        if harness.memory_arguments(256) != ["--in-memory"]:
            raise unittest.SkipTest("needs 128 free hugepages of 2 MiB")
        mount = f"mount -t hugetlbfs -o pagesize=2M,size=8M none {self.dir}"
        with MountNamespace(mount) as inside:
            self.refuse(rf"hugepages: .* are needed, and {self.dir} is mounted with size=8\.00 MiB; run `mount -o remount,size=\d+ {self.dir}`, or add --in-memory",
                        words=inside.command(self.words(memory=[])))

    def test_hugepages_that_a_killed_run_left_are_taken_back(self):
        if harness.memory_arguments(512) != ["--in-memory"]:
            raise unittest.SkipTest("needs 256 free hugepages of 2 MiB")
        with MountNamespace(f"mount -t hugetlbfs -o pagesize=2M none {self.dir}") as inside:
            words = self.words(memory=[], arguments=(), vdevs=["net_null0,no-rx=1"])
            killed = self.start(inside.command(words))
            killed.wait_line("packetfs: running")
            free = int(harness.HUGEPAGES.read_text())
            killed.signal(signal.SIGKILL)
            killed.wait()
            again = self.start(inside.command(words + ["--dry-run"])).finish()
            self.assertRegex(again.output, rf"note: {self.dir}: \S+ .iB of hugepages that a killed run left there were taken back")
            harness.wait_until(lambda: int(harness.HUGEPAGES.read_text()) > free, what="the pages are free again")
        self.assertFalse((RUN_FOLDER / self.prefix).exists())

    def test_proc_and_sys_that_are_not_there(self):
        for folder in ("proc", "sys"):
            with self.subTest(folder=folder), MountNamespace(f"mount -t tmpfs none /{folder}") as inside:
                self.refuse(rf"/{folder}: it is not mounted, and EAL reads .* there; mount -t", words=inside.command(self.words()))


class Arguments(StartTest):
    def test_no_huge_goes_with_in_memory(self):
        self.start(memory=["--no-huge", "--in-memory", "-m", "64"]).finish()

    def test_abbreviations_are_what_getopt_takes_them_for(self):
        self.start(memory=["--no-hug"]).finish()
        self.refuse(r"EAL: '--no-h' may be --no-hpet or --no-huge; write the option out", memory=["--no-h"])

    def test_a_secondary_process(self):
        for kind in ("secondary", "auto"):
            self.refuse(rf"EAL: --proc-type={kind} shares the memory of another process, and packetfs never does; leave it out", eal=[f"--proc-type={kind}"])

    def test_a_second_process_of_one_prefix(self):
        first = self.start(vdevs=["net_null0,no-rx=1"], arguments=())
        first.wait_line("packetfs: running")
        second = self.start()
        self.assertEqual(second.wait(20), harness.EXIT_CONFIGURATION)
        self.assertRegex(second.output, r"^packetfs: EAL: Cannot create lock on .*; add --file-prefix NAME, another for each process$")
        self.assertTrue((RUN_FOLDER / self.prefix / "config").exists(), "the first process's files are its own")
        first.stop()
        self.assertFalse((RUN_FOLDER / self.prefix).exists())

    def test_a_run_leaves_nothing_in_the_run_directory(self):
        for memory in (ORDINARY, ["--no-huge", "--in-memory", "-m", "64"]):
            process = self.start(memory=memory, vdevs=["net_null0,no-rx=1"], arguments=())
            process.wait_line("packetfs: running")
            process.stop()
            self.assertFalse((RUN_FOLDER / self.prefix).exists())
        with_telemetry = [word for word in self.words() if word != "--no-telemetry"]
        self.start(with_telemetry).finish()
        self.assertFalse((RUN_FOLDER / self.prefix).exists())

    def test_eal_says_nothing_of_its_own(self):
        process = self.start().finish()
        self.assertEqual([line for line in process.lines if not line.startswith(("packetfs: pipeline", "  "))], [])

    def test_log_level_shows_what_eal_logs(self):
        process = self.start(eal=["--log-level=lib.eal:debug"]).finish()
        self.assertIn("EAL: Detected CPU lcores", process.output)


class Check(StartTest):
    def test_check_alone_looks_at_the_machine(self):
        process = self.run_process([harness.program(), "--check"])
        code = process.wait(20)
        self.assertIn(code, (harness.EXIT_DONE, harness.EXIT_FAILED))
        self.assertRegex(process.lines[-1], r"^\d+ to change, \d+ to consider$")
        self.assertEqual(code == harness.EXIT_FAILED, not process.lines[-1].startswith("0 to change"), process)
        for line in process.lines[:-1]:
            self.assertRegex(line, r"^(good  |advice|change)  \S+ +\S")

    def test_check_tells_a_wrong_eal_option_without_a_pipeline(self):
        process = self.run_process([harness.program(), "--bogus", "--", "--check"])
        self.assertEqual(process.wait(20), harness.EXIT_FAILED, process)
        self.assertRegex(process.output, r"(?m)^change  EAL +it does not know '--bogus'")

    def test_check_with_a_pipeline_says_whether_it_fits(self):
        fits = self.start(pipeline="answer", arguments=["--check", "--set", "blob.size=2MiB"])
        self.assertEqual(fits.wait(20), harness.EXIT_DONE, fits)
        self.assertRegex(fits.output, r"good +memory +the pipeline needs \S+ MiB at most")
        zero_copy = self.start(arguments=["--check"], vdevs=["net_memif0,role=client,zero-copy=yes"])
        self.assertEqual(zero_copy.wait(20), harness.EXIT_FAILED, zero_copy)
        self.assertRegex(zero_copy.output, r"change .*'zero-copy=yes' is not safe")
        for setting, finding in (("blob.size=16000GiB", r"change +memory +\S+ TiB are needed, .* are available: lower blob\.size"),
                                 ("ports.p0.device=0000:ff:1f.7", r"change +0000:ff:1f\.7 +there is no network controller at this address"),
                                 ("blob.seeed=1", r"change +--set blob\.seeed: .*unknown key 'seeed'|change .*unknown key 'seeed'")):
            process = self.start(pipeline="answer", arguments=["--check", "--set", "blob.size=2MiB", "--set", setting])
            self.assertEqual(process.wait(20), harness.EXIT_FAILED, process)
            self.assertRegex(process.output, finding)

    def test_a_port_at_a_pci_address_without_a_controller(self):
        self.refuse(r".*port 'p0' asks for device '0000:ff:1f\.7': there is no network controller at this address; dpdk-devbind",
                    arguments=["--dry-run", "--set", "ports.p0.device=0000:ff:1f.7"])

    def test_options_that_are_nearly_right(self):
        process = self.start(arguments=["--dryrun"])
        self.assertEqual(process.wait(20), harness.EXIT_CONFIGURATION)
        self.assertRegex(process.output, r"^packetfs: The following argument was not expected: --dryrun; did you mean '--dry-run'\?$")
        self.refuse(r"EAL: it does not know '--in-memroy'; did you mean 'in-memory'\?", eal=["--in-memroy"])

    def test_help_shows_the_usage(self):
        process = self.run_process([harness.program(), "--help"]).finish()
        self.assertRegex(process.output, r"(?m)^Usage: packetfs \[EAL options\] -- \[OPTIONS\]$")


if __name__ == "__main__":
    unittest.main()
