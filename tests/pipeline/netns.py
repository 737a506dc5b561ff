"""Two network namespaces joined by a veth pair, for tests with real kernel devices."""

import os
import subprocess

from harness import requires, wait_until


class NetnsPair:
    """`with NetnsPair() as pair:` gives pair.left and pair.right, namespaces with one up interface each, named
    pair.interface in both. Both go away at the end, and the veth with them. Needs root."""

    _serial = 0

    def __init__(self, mtu=1500):
        NetnsPair._serial += 1
        stem = f"pfs{os.getpid()}-{NetnsPair._serial}"
        self.left, self.right, self.interface, self.mtu = stem + "l", stem + "r", "veth0", mtu

    def __enter__(self):
        requires(root=True, commands=["ip"])
        try:
            for name in (self.left, self.right):
                self._ip("netns", "add", name)
            self.join()
        except BaseException:
            self.__exit__()
            raise
        return self

    def join(self):
        """Lays the cable, again where delete() took it away."""
        self._ip("-n", self.left, "link", "add", self.interface, "type", "veth",
                 "peer", "name", self.interface, "netns", self.right)
        for name in (self.left, self.right):
            # IPv6 would send router solicitations of its own into the test.
            self._exec(name, "sh", "-c", f"echo 1 > /proc/sys/net/ipv6/conf/{self.interface}/disable_ipv6 || true")
            self._ip("-n", name, "link", "set", self.interface, "mtu", str(self.mtu), "up")
        for name in (self.left, self.right):
            wait_until(lambda name=name: "LOWER_UP" in self._ip("-n", name, "link", "show", self.interface),
                       what=f"{self.interface} in {name} has carrier")

    def delete(self):
        """Takes one end away, and with it the other."""
        self._ip("-n", self.left, "link", "del", self.interface)

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
