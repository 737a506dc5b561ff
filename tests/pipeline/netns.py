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
            self._ip("-n", self.left, "link", "add", self.interface, "type", "veth",
                     "peer", "name", self.interface, "netns", self.right)
            for name in (self.left, self.right):
                # IPv6 would send router solicitations of its own into the test.
                self._exec(name, "sh", "-c", f"echo 1 > /proc/sys/net/ipv6/conf/{self.interface}/disable_ipv6 || true")
                self._ip("-n", name, "link", "set", self.interface, "mtu", str(self.mtu), "up")
            for name in (self.left, self.right):
                wait_until(lambda name=name: "LOWER_UP" in self._ip("-n", name, "link", "show", self.interface),
                           what=f"{self.interface} in {name} has carrier")
        except BaseException:
            self.__exit__()
            raise
        return self

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
