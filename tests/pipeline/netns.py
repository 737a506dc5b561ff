"""Network namespaces joined by veth pairs, for tests with real kernel devices."""

import contextlib
import ctypes
import os
import socket
import subprocess

from harness import requires, wait_until


@contextlib.contextmanager
def inside(namespace):
    """`with inside(name):` the calling thread is in that network namespace; sockets made there stay in it."""
    libc = ctypes.CDLL(None, use_errno=True)

    def enter(file):
        if libc.setns(file.fileno(), 0x40000000) != 0:  # CLONE_NEWNET
            raise OSError(ctypes.get_errno(), f"cannot enter {file.name}")

    with open("/proc/self/ns/net") as here, open(f"/run/netns/{namespace}") as there:
        enter(there)
        try:
            yield
        finally:
            enter(here)


def packet_socket(namespace, interface, ether_type):
    """A raw socket on an interface of another namespace; ether_type 3: whatever comes."""
    with inside(namespace):
        made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ether_type))
        made.bind((interface, 0))
    return made


class NetnsPair:
    """`with NetnsPair() as pair:` gives pair.left and pair.right, namespaces with an up interface each for every cable,
    named in pair.interfaces in both; the first is pair.interface. All go away at the end. Needs root."""

    _serial = 0

    def __init__(self, mtu=1500, cables=1):
        NetnsPair._serial += 1
        stem = f"pfs{os.getpid()}-{NetnsPair._serial}"
        self.left, self.right, self.mtu = stem + "l", stem + "r", mtu
        self.interfaces = [f"veth{number}" for number in range(cables)]
        self.interface = self.interfaces[0]

    def __enter__(self):
        requires(root=True, commands=["ip"])
        try:
            for name in (self.left, self.right):
                self._ip("netns", "add", name)
            for interface in self.interfaces:
                self.join(interface)
        except BaseException:
            self.__exit__()
            raise
        return self

    def join(self, interface="veth0"):
        """Lays a cable, again where delete() took it away."""
        self._ip("-n", self.left, "link", "add", interface, "type", "veth", "peer", "name", interface, "netns", self.right)
        for name in (self.left, self.right):
            # IPv6 would send router solicitations of its own into the test.
            self._exec(name, "sh", "-c", f"echo 1 > /proc/sys/net/ipv6/conf/{interface}/disable_ipv6 || true")
            self._ip("-n", name, "link", "set", interface, "mtu", str(self.mtu), "up")
        for name in (self.left, self.right):
            wait_until(lambda name=name: "LOWER_UP" in self._ip("-n", name, "link", "show", interface),
                       what=f"{interface} in {name} has carrier")

    def delete(self, interface="veth0"):
        """Takes one end of a cable away, and with it the other."""
        self._ip("-n", self.left, "link", "del", interface)

    def sent(self, interface, side=None):
        """Frames that have left by an interface, of the left side if no other is named."""
        folder = "/sys/class/net"
        return int(self._run(side or self.left, "cat", f"{folder}/{interface}/statistics/tx_packets"))

    def __exit__(self, *_):
        for name in (self.left, self.right):
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)

    @staticmethod
    def _ip(*words):
        done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"ip {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    @staticmethod
    def _exec(name, *words):
        subprocess.run(["ip", "netns", "exec", name, *words], capture_output=True, check=False)

    @staticmethod
    def _run(name, *words):
        return subprocess.run(["ip", "netns", "exec", name, *words], capture_output=True, text=True, check=True).stdout


class NetnsLine:
    """`with NetnsLine() as line:` gives two hosts with a machine between them: line.hosts, namespaces with an interface
    eth0 and the address of the same place in line.addresses; and line.middle, which has the cables' other ends, the
    interfaces left and right. Segments are no longer than frames and carry their checksums. Needs root."""

    addresses = ("10.9.0.1", "10.9.0.2")

    def __init__(self):
        NetnsPair._serial += 1
        stem = f"pfs{os.getpid()}-{NetnsPair._serial}"
        self.hosts, self.middle = (stem + "a", stem + "b"), stem + "m"

    def __enter__(self):
        requires(root=True, commands=["ip", "ethtool"])
        try:
            for name in (*self.hosts, self.middle):
                NetnsPair._ip("netns", "add", name)
            for host, address, end in zip(self.hosts, self.addresses, ("left", "right")):
                NetnsPair._ip("-n", host, "link", "add", "eth0", "type", "veth", "peer", "name", end, "netns", self.middle)
                NetnsPair._ip("-n", host, "address", "add", f"{address}/24", "dev", "eth0")
                for name, interface in ((host, "eth0"), (self.middle, end)):
                    NetnsPair._exec(name, "ethtool", "-K", interface, "tso", "off", "gso", "off", "gro", "off", "tx", "off")
                    NetnsPair._exec(name, "sh", "-c", f"echo 1 > /proc/sys/net/ipv6/conf/{interface}/disable_ipv6")
                    NetnsPair._ip("-n", name, "link", "set", interface, "up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for name in (*self.hosts, self.middle):
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


class NetnsRouter:
    """`with NetnsRouter() as net:` gives two machines with a Linux router between them: net.left and net.right, namespaces
    with an interface net.interface each; net.router, which forwards IPv4 and IPv6 between its interfaces `left` and
    `right`, and whose addresses are net.gateways[side][version]. The machines' addresses, net.addresses[side][version],
    are the kernel's only on the sides in `kernel`; elsewhere they are for PacketFS to answer for. `mtu` is that of the
    right cable. Needs root."""

    interface = "eth0"
    addresses = {"left": {4: "10.9.0.1", 6: "fd09::1"}, "right": {4: "10.8.0.2", 6: "fd08::2"}}
    gateways = {"left": {4: "10.9.0.254", 6: "fd09::fe"}, "right": {4: "10.8.0.254", 6: "fd08::fe"}}
    prefix = {4: 24, 6: 64}

    def __init__(self, kernel=("left",), mtu=1500):
        NetnsPair._serial += 1
        stem = f"pfs{os.getpid()}-{NetnsPair._serial}"
        self.left, self.right, self.router = stem + "l", stem + "r", stem + "m"
        self.kernel, self.mtu = kernel, mtu

    def __enter__(self):
        requires(root=True, commands=["ip", "ethtool"])
        try:
            for name in (self.left, self.right, self.router):
                NetnsPair._ip("netns", "add", name)
            self._exec(self.router, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
            for side, name in (("left", self.left), ("right", self.right)):
                self._cable(side, name)
        except BaseException:
            self.__exit__()
            raise
        return self

    def _cable(self, side, name):
        NetnsPair._ip("-n", name, "link", "add", self.interface, "type", "veth", "peer", "name", side, "netns", self.router)
        mtu = self.mtu if side == "right" else 1500
        self._addresses(self.router, side, self.gateways[side])
        self._up(self.router, side, mtu)
        if side not in self.kernel:
            # IPv6 would send solicitations of its own into the test.
            self._exec(name, "sh", "-c", f"echo 1 > /proc/sys/net/ipv6/conf/{self.interface}/disable_ipv6")
            return self._up(name, self.interface, mtu)
        self._addresses(name, self.interface, self.addresses[side])
        self._up(name, self.interface, mtu)
        for version in (4, 6):
            NetnsPair._ip("-n", name, f"-{version}", "route", "add", "default", "via", self.gateways[side][version])

    def _up(self, name, interface, mtu):
        # Segments are no longer than frames and carry their checksums.
        self._exec(name, "ethtool", "-K", interface, "tso", "off", "gso", "off", "gro", "off", "tx", "off")
        NetnsPair._ip("-n", name, "link", "set", interface, "mtu", str(mtu), "up")

    def _addresses(self, name, interface, addresses):
        for version, address in addresses.items():
            extra = ["nodad"] if version == 6 else []
            NetnsPair._ip("-n", name, "address", "add", f"{address}/{self.prefix[version]}", "dev", interface, *extra)

    def silence(self):
        """The router says nothing any more of packets that it cannot pass on."""
        for version, protocol in ((4, "icmp"), (6, "ipv6-icmp")):
            NetnsPair._ip("-n", self.router, f"-{version}", "rule", "add", "priority", "100", "ipproto", protocol, "table", "100")
            NetnsPair._ip("-n", self.router, f"-{version}", "route", "add", "blackhole", "default", "table", "100")

    def neighbour(self, side, version):
        """What the router's kernel knows of the machine on that side: the words of `ip neigh show`, or none."""
        return NetnsPair._ip("-n", self.router, "neigh", "show", self.addresses[side][version], "dev", side).split()

    def mac(self, name, interface=None):
        return NetnsPair._ip("-n", name, "-br", "link", "show", interface or self.interface).split()[2]

    def __exit__(self, *_):
        for name in (self.left, self.right, self.router):
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)

    @staticmethod
    def _exec(name, *words):
        NetnsPair._exec(name, *words)


class NetnsStar:
    """`with NetnsStar(9) as star:` gives so many hosts at one switch: star.hosts, namespaces with an up interface eth0 each and
    the MAC address of the same place in star.macs. The switch is a bridge in a namespace of its own. Needs root."""

    def __init__(self, count):
        NetnsPair._serial += 1
        stem = f"pfs{os.getpid()}-{NetnsPair._serial}"
        self.hosts, self.hub = [f"{stem}h{i}" for i in range(count)], stem + "s"
        self.macs = [bytes([0x52, 0x54, 0, 0, 1, i]) for i in range(count)]

    def __enter__(self):
        requires(root=True, commands=["ip"])
        try:
            for name in (self.hub, *self.hosts):
                NetnsPair._ip("netns", "add", name)
                NetnsPair._exec(name, "sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6")
            NetnsPair._ip("-n", self.hub, "link", "add", "name", "br0", "type", "bridge", "mcast_snooping", "0")
            NetnsPair._ip("-n", self.hub, "link", "set", "br0", "up")
            for place, (host, mac) in enumerate(zip(self.hosts, self.macs)):
                NetnsPair._ip("-n", host, "link", "add", "eth0", "address", mac.hex(":"), "type", "veth", "peer", "name", f"port{place}", "netns", self.hub)
                NetnsPair._ip("-n", self.hub, "link", "set", f"port{place}", "master", "br0", "up")
                NetnsPair._ip("-n", host, "link", "set", "eth0", "up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for name in (self.hub, *self.hosts):
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
