"""tests/check sees what it says it sees: a fault of each kind is planted in a tree of a few files, and told once."""

import subprocess
import tempfile
import unittest
from pathlib import Path

import house

CLEAN = {
    "lib/meson.build": "layers = ['base', 'wire',\n  'dpdk', 'stages']\n",
    "lib/base/meson.build": "base_dep = declare_dependency()\n",
    "lib/wire/meson.build": "wire_lib = static_library('pfs_wire', dependencies: [base_dep])\n",
    "lib/base/units.hpp": "#include <cstdint>\n",
    "lib/wire/frame.hpp": '#include "base/units.hpp"\n#include "wire/unit.hpp"\n#include "local.hpp"\n',
    "lib/stages/rx.cpp": '#include <rte_mbuf.h>\n#include "wire/frame.hpp"\n',
    "app/packetfs/main.cpp": '#include "stages/rx.hpp"\nint main() { std::exit(0); }\n',
    "tests/wire/test_frame.py": "import time\n"}


class House(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="pfs-house.")
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        subprocess.run(["git", "init", "-q", self.root], check=True)
        for path, text in CLEAN.items():
            self.write(path, text)

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def faults(self):
        return [fault for check in house.CHECKS for fault in check(self.root)]

    def told(self, path, text, fault):
        self.write(path, text)
        self.assertEqual(self.faults(), [fault])

    def test_a_clean_tree_has_no_fault(self):
        self.assertEqual(self.faults(), [])

    def test_a_layer_sees_nothing_above_it(self):
        self.told("lib/base/up.hpp", '#pragma once\n#include "wire/frame.hpp"\n',
                  "lib/base/up.hpp:2: wire/frame.hpp stands above lib/base")

    def test_nor_in_any_way_of_writing_it(self):
        for written in ("#include <wire/frame.hpp>", '  #  include   "wire/frame.hpp"  // why'):
            with self.subTest(written=written):
                self.told("lib/base/up.cpp", written + "\n", "lib/base/up.cpp:1: wire/frame.hpp stands above lib/base")

    def test_a_path_that_climbs_hides_nothing(self):
        self.told("lib/base/up.inl", '#include "../wire/frame.hpp"\n',
                  "lib/base/up.inl:1: ../wire/frame.hpp climbs out of its folder; write the path below lib")

    def test_dpdk_is_seen_from_its_layer_on(self):
        self.write("lib/dpdk/port.cpp", "#include <rte_ethdev.h>\n")
        self.told("lib/wire/down.cpp", "#include <rte_ether.h>\n",
                  "lib/wire/down.cpp:1: rte_ether.h is DPDK's, which is seen from lib/dpdk on")

    def test_a_folder_outside_the_list_is_no_layer(self):
        self.told("lib/misc/all.hpp", "", "lib/misc/all.hpp: lib/misc is not in the list of layers in lib/meson.build")

    def test_meson_links_nothing_from_above(self):
        self.told("lib/base/meson.build", "base_dep = declare_dependency(dependencies: [wire_dep])\n",
                  "lib/base/meson.build:1: wire_dep stands above lib/base")

    def test_only_main_exits(self):
        self.told("lib/wire/end.cpp", "void end() { std::abort(); }\n",
                  "lib/wire/end.cpp:1: std::abort ends the process, which only main does")

    def test_a_file_has_a_length(self):
        self.write("lib/wire/long.cpp", "\n" * house.MOST_LINES)
        self.told("app/packetfs/long.cpp", "\n" * (house.MOST_LINES + 1),
                  "app/packetfs/long.cpp: 401 lines, more than 400; part it by what its pieces do")

    def test_a_test_does_not_wait_for_a_time(self):
        self.told("tests/wire/test_frame.py", "import time\ntime.sleep(1)\n",
                  "tests/wire/test_frame.py:2: time.sleep waits for a time; wait for a line, an exit or a state")

    def test_the_list_of_this_repository_is_found(self):
        order = house.layers(Path(__file__).resolve().parents[2])
        self.assertEqual((order[0], order[-1]), ("base", "runtime"))
        self.assertIn(house.FIRST_WITH_DPDK, order)


if __name__ == "__main__":
    unittest.main()
