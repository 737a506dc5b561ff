#!/usr/bin/env -S python3 -IS
"""Speaks Google Benchmark's JSON without measuring anything (benchmark_list_tests is what bench/ knows a program by).

The folder beside it holds plan.json: {"seed": N, "benches": {NAME: {"ns": T, "noise": F, "label": L, "error": E,
"jumps": F, "touch": B}}}. A sample is T times a normal factor of deviation `noise`; with `jumps`, every sample is by
equal chance that much slower; with `touch`, the program changes as if built anew. `calls` counts the runs, so that each
draws other numbers and the lot is the same each time.
"""

import json
import random
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def option(name, otherwise):
    found = [word.split("=", 1)[1] for word in sys.argv[1:] if word.startswith(f"--benchmark_{name}=")]
    return found[-1] if found else otherwise


def main():
    plan = json.loads((HERE / "plan.json").read_text())
    names = [name for name in plan["benches"] if re.search(option("filter", ""), name)]
    if option("list_tests", "") == "true":
        print("\n".join(names))
        return
    with open(HERE / "calls", "a+") as calls:
        calls.write(".")
        calls.flush()
        draw = random.Random(f"{plan['seed']} {calls.tell()}")
    rows = []
    for name in names:
        bench = plan["benches"][name]
        for index in range(int(option("repetitions", "1"))):
            if bench.get("touch"):
                Path(__file__).touch()
            row = {"name": name, "run_name": name, "run_type": "iteration", "repetition_index": index, "time_unit": "ns",
                   "label": bench.get("label", "")}
            if "error" in bench:
                row |= {"error_occurred": True, "error_message": bench["error"]}
            factor = draw.gauss(1, bench.get("noise", 0.01)) * (1 + bench.get("jumps", 0) * draw.randrange(2))
            rows.append(row | {"real_time": bench["ns"] * factor, "cpu_time": bench["ns"] * factor, "bytes_per_second": 1e12 / bench["ns"] / factor})
    print(json.dumps({"context": {}, "benchmarks": rows}))


main()
