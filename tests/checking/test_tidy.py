"""A file is looked at again exactly when something that its findings depend on has changed. A script stands in for clang-tidy."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TIDY = Path(__file__).resolve().parent / "tidy.py"
# Finds `bad` in a file; notes every file that it was asked about.
STAND_IN = """#!/bin/sh
if [ "$1" = --version ]; then echo "$FAKE_VERSION"; exit; fi
for file; do :; done
echo "$file" >> "$FAKE_LOG"
if grep -q bad "$file"; then echo "$file:1:1: warning: bad [planted]"; exit 1; fi
"""


class Tidy(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="pfs-tidy.")
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name).resolve()
        self.write("bin/clang-tidy", STAND_IN).chmod(0o755)
        self.write(".clang-tidy", "Checks: all\n")
        self.write("lib/wire/unit.hpp", "one\n")
        self.write("lib/wire/frame.hpp", '#include "wire/unit.hpp"\n')
        self.write("lib/wire/frame.cpp", '#include "wire/frame.hpp"\n')
        self.write("app/main.cpp", "int main() {}\n")
        self.write("tests/frame_test.cpp", "bad\n")
        self.arguments = "-Ilib -O3"
        self.version = "14"

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)
        return self.root / path

    def tidy(self, *options, build="build"):
        """(exit code, what was printed, the files that clang-tidy was asked about)"""
        files = ["lib/wire/frame.cpp", "app/main.cpp", "tests/frame_test.cpp"]
        self.write(f"{build}/compile_commands.json", json.dumps(
            [{"directory": str(self.root / build), "file": f"../{file}", "command": f"ccache c++ {self.arguments} -c ../{file}"} for file in files]))
        log = self.write("log", "")
        environment = {**os.environ, "PATH": f"{self.root}/bin:{os.environ['PATH']}", "FAKE_LOG": str(log), "FAKE_VERSION": self.version}
        done = subprocess.run([sys.executable, TIDY, self.root / build, *options, "--root", self.root], capture_output=True, text=True,
                              env=environment)
        return done.returncode, done.stdout, sorted(str(Path(file).relative_to(self.root)) for file in log.read_text().split())

    def test_what_was_clean_is_not_looked_at_again(self):
        self.assertEqual(self.tidy(), (0, "", ["app/main.cpp", "lib/wire/frame.cpp"]))
        self.assertEqual(self.tidy(), (0, "", []))
        self.assertEqual(self.tidy("--all")[2], ["app/main.cpp", "lib/wire/frame.cpp"])

    def test_a_header_below_a_header_counts(self):
        self.tidy()
        self.write("lib/wire/unit.hpp", "two\n")
        self.assertEqual(self.tidy(), (0, "", ["lib/wire/frame.cpp"]))

    def test_arguments_rules_and_version_count(self):
        self.tidy()
        for change in (lambda: setattr(self, "arguments", "-O1"), lambda: self.write(".clang-tidy", "Checks: some\n"),
                       lambda: setattr(self, "version", "15")):
            change()
            self.assertEqual(self.tidy()[2], ["app/main.cpp", "lib/wire/frame.cpp"])
            self.assertEqual(self.tidy()[2], [])

    def test_what_is_faulty_is_told_each_time(self):
        self.write("app/main.cpp", "bad\n")
        self.tidy()
        self.assertEqual(self.tidy(), (1, "app/main.cpp:1:1: warning: bad [planted]\n", ["app/main.cpp"]))

    def test_a_fresh_clone_begins_from_the_committed_record(self):
        self.tidy("--all")
        self.write("app/main.cpp", "int main() { return 0; }\n")
        self.assertEqual(self.tidy(build="build-of-a-clone"), (0, "", ["app/main.cpp"]))

    def test_a_file_that_is_named_is_looked_at(self):
        self.tidy()
        self.assertEqual(self.tidy("app/main.cpp")[2], ["app/main.cpp"])
        self.assertEqual(self.tidy("lib/none.cpp")[0], 1)


if __name__ == "__main__":
    unittest.main()
