"""How fast the store of facts loads and answers, and how many planted errors its guards see.

    python benchmarks/facts.py [--cells 10000] [--repeats 5] [--seeds 3] [--json]

Loading is measured in a fresh process each time, after the interpreter and the libraries are there. See README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time

LOAD = """
import time, barbell.core.relations, barbell.core.units
import barbell.facts.store as store
started = time.process_time(); store.figures(); rows = time.process_time() - started
started = time.process_time(); store.known("2026-02-10"); first = time.process_time() - started
print(rows, first)
"""


def main() -> None:
    """Measure, and print a table or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=3, help="times that an error is planted in every figure; ten seconds each")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    result = {
        "machine": {"cores": os.cpu_count(), "system": platform.system(), "python": platform.python_version()},
        "milliseconds": {**load(args.repeats), **query(args.cells, args.repeats)},
        "planted": planted(args.seeds),
    }
    print(json.dumps(result, indent=1) if args.json else table(result))


def load(repeats: int) -> dict[str, float]:
    """Median CPU time of reading all rows, and of the first answer after it."""
    runs = [[float(text) for text in subprocess.check_output([sys.executable, "-c", LOAD], text=True).split()] for _ in range(repeats)]
    rows, first = (1e3 * statistics.median(column) for column in zip(*runs, strict=True))
    return {"rows": rows, "first_answer": first, "load": rows + first}


def query(cells: int, repeats: int) -> dict[str, float]:
    """Median time of all that is known on a day, of many cells through it, and of as many asked one by one."""
    from barbell import facts

    names = list(facts.known("2026-02-10"))
    asked = (names * (cells // len(names) + 1))[:cells]

    def together() -> None:
        known = facts.known("2026-02-10")
        for name in asked:
            known[name]

    def apart() -> None:
        for name in asked:
            facts.fact(name, "2026-02-10")

    times = {"known": timed(lambda: facts.known("2026-02-10"), repeats), "cells": timed(together, repeats), "cells_one_by_one": timed(apart, repeats)}
    return {**times, "cells_asked": float(cells)}


def timed(work, repeats: int) -> float:
    runs = []
    for _ in range(repeats):
        started = time.process_time()
        work()
        runs.append(1e3 * (time.process_time() - started))
    return statistics.median(runs)


def planted(seeds: int) -> dict:
    """Share of single errors seen, by seed, and the series that nothing guards."""
    from barbell import facts

    runs = [facts.mutations(seed=seed) for seed in range(1, seeds + 1)]
    if not runs:
        return {}
    return {
        "figures": runs[0].planted,
        "share_seen": [run.share for run in runs],
        "unguarded_figures": sum(runs[0].unguarded.values()),
        "unguarded": {" ".join(filter(None, about)): count for about, count in sorted(runs[0].unguarded.items(), key=lambda item: -item[1])},
    }


def table(result: dict) -> str:
    times, seen = result["milliseconds"], result["planted"]
    cells = f"{times['cells_asked']:,.0f} cells"
    lines = [
        f"{'all rows read':<32} {times['rows']:8.1f} ms",
        f"{'first answer of a day':<32} {times['first_answer']:8.1f} ms   both together {times['load']:.1f} ms, goal 150",
        f"{'all known on a day, again':<32} {times['known']:8.1f} ms   goal 20",
        f"{cells + ' as of a day':<32} {times['cells']:8.1f} ms   goal 100",
        f"{cells + ' asked one by one':<32} {times['cells_one_by_one']:8.1f} ms",
    ]
    if seen:
        shares = ", ".join(f"{share:.1%}" for share in seen["share_seen"])
        lines += ["", f"Errors planted in {seen['figures']:,} figures of companies (grade A or B), one at a time: seen {shares}"]
        lines += [f"Series that nothing guards: {len(seen['unguarded'])}, with {seen['unguarded_figures']} figures"]
        lines += [f"  {count:3d}  {about}" for about, count in seen["unguarded"].items()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
