"""A plan in whole blocks: value, gap and seconds by step, against HiGHS alone on the same problem for the same time, in the same run.

    python benchmarks/blocks.py [CASE] [--seconds 300] [--threads 2] [--set path=value ...] [--json]

Seconds are those of the wall: run it on a quiet machine, or compare only what one run prints. The gap of the search is against the relaxation,
that of HiGHS against the bound that it proves itself; `against_best_bound` sets both against the better of the two bounds.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from barbell import study
from barbell.core.errors import SolverLimitError
from barbell.plan.lp import Options, Solver
from barbell.plan.tree import plant
from barbell.plan.whole import Search, chain

HERE = Path(__file__).parents[1] / "cases" / "amazon-2026"
HEADS = ("step", "seconds", "value", "bound", "gap", "against_best_bound")


def main() -> None:
    """Measure, and print a table or one JSON object."""
    args = _arguments()
    changes = {"blocks": "whole", **dict(entry.split("=", 1) for entry in args.set)}
    case = study.check(args.case, changes)
    forest = plant(case)
    arrays = forest.problem.arrays
    rows = searched(Search.of(chain(forest), Options(seconds=args.seconds, gap=0.0)))
    rows.append(alone(arrays, Options(seconds=args.seconds, gap=0.0, threads=args.threads), f"HiGHS alone, {args.threads} threads"))
    best = min(row["bound"] for row in rows)
    for row in rows:
        row["against_best_bound"] = None if row["value"] is None else (best - row["value"]) / abs(row["value"])
    size = {"columns": len(arrays.cost), "rows": len(arrays.row_lower), "non_zeros": len(arrays.value), "integers": int(arrays.integer.sum())}
    print(json.dumps({"case": case.name, **size, "rows": rows}, indent=1) if args.json else table(case.name, size, rows))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", nargs="?", default=str(HERE))
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--set", action="append", default=[], metavar="path=value")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def searched(search: Search) -> list[dict]:
    """A row when the relaxation is solved, when the first plan is there, when rounding ends, and when the time is over."""
    begun = time.perf_counter()
    seen: dict[str, dict] = {}

    def row(step: str) -> dict:
        value = None if search.best is None else -search.best.objective
        gap = None if value is None else search.gap
        return {"step": step, "seconds": time.perf_counter() - begun, "value": value, "bound": -search.bound, "gap": gap}

    def listen(text: str) -> None:
        if text.startswith("rounding") and search.best is None:
            seen.setdefault("relaxation", row("relaxation"))
        elif text.startswith("rounding"):
            seen.setdefault("first plan", row("first rounding"))
        else:
            seen.setdefault("rounded", row("all roundings"))

    found = search.run(listen)
    if found is None:
        raise SystemExit("rounding found no plan")
    return [*seen.values(), row("moves of blocks")]


def alone(arrays, options: Options, step: str) -> dict:
    """Branch and bound by HiGHS, from nothing, for the same time."""
    begun = time.perf_counter()
    try:
        found = Solver(arrays, options).solve()
    except SolverLimitError:
        return {"step": step, "seconds": time.perf_counter() - begun, "value": None, "bound": float("inf"), "gap": None}
    return {"step": step, "seconds": time.perf_counter() - begun, "value": -found.objective, "bound": -found.bound, "gap": found.gap}


def table(name: str, size: dict, rows: list[dict]) -> str:
    """The same for people."""
    lines = [f"{name}: " + ", ".join(f"{count:,} {what.replace('_', '-')}" for what, count in size.items())]
    lines.append("".join(f"{head:>20}" for head in HEADS))
    for row in rows:
        cells = (row["step"], f"{row['seconds']:.1f}", *(_said(row[head]) for head in HEADS[2:]))
        lines.append("".join(f"{cell:>20}" for cell in cells))
    return "\n".join(lines)


def _said(value: float | None) -> str:
    return "-" if value is None else f"{value:.4%}" if abs(value) < 1 else f"{value:,.0f}"


if __name__ == "__main__":
    main()
