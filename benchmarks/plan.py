"""How fast a plan is written, handed over and solved, against the bare arrays and against peers in the same run.

    python benchmarks/plan.py [--size S M L] [--layers ...] [--solve S] [--repeats N] [--pyomo-large] [--json]

Each measurement has a process of its own; layers take turns, so that a busy machine troubles all alike. See README.md.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
LAYERS = ("arrays", "barbell", "linopy", "pyomo")
COLUMNS = ("build_s", "handover_s", "solve_s", "peak_mb", "ratio_to_arrays", "memory_to_arrays")
CALM = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def main() -> None:
    """Measure, and print a table or one JSON object."""
    args = _arguments()
    result = {
        "machine": machine(),
        "layers": [row for size in args.size for row in layers(size, args)],
        "what_if": [] if args.no_what_if else [{"size": size, **measure("what-if", size)} for size in args.size],
        "import": medians([imports() for _ in range(5)]),
    }
    print(json.dumps(result, indent=1) if args.json else table(result))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", nargs="+", choices="SML", default=["S", "M", "L"])
    parser.add_argument("--layers", nargs="+", choices=LAYERS, default=LAYERS)
    parser.add_argument("--solve", nargs="*", choices="SML", default=["S"], help="sizes to solve: M takes minutes, L more")
    parser.add_argument("--repeats", type=int, help="runs per row; by default 5, at L 3")
    parser.add_argument("--pyomo-large", action="store_true", help="measure Pyomo at L too: minutes and over a gigabyte")
    parser.add_argument("--no-what-if", action="store_true")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def layers(size: str, args: argparse.Namespace) -> list[dict]:
    """A row per layer: medians, and build + hand-over and memory as multiples of the bare arrays."""
    names = [name for name in args.layers if name != "pyomo" or size != "L" or args.pyomo_large]
    runs: dict[str, list[dict]] = {name: [] for name in names}
    repeats = args.repeats or (3 if size == "L" else 5)
    for turn in range(repeats):
        for name in names:
            solved = size in args.solve and turn == 0
            runs[name].append(measure(name, size, "solve" if solved else "build"))
    rows = [{"size": size, "layer": name, **medians(runs[name])} for name in names]
    yard = next((row for row in rows if row["layer"] == "arrays"), None)
    for row in rows:
        row["ratio_to_arrays"] = _whole(row) / _whole(yard) if yard else None
        row["memory_to_arrays"] = row["peak_mb"] / yard["peak_mb"] if yard else None
    return rows


def _whole(row: dict) -> float:
    return row["build_s"] + row["handover_s"]


def measure(*what: str) -> dict:
    """Run one measurement in a process of its own."""
    command = [sys.executable, "-m", "plan_v0.measure", *what]
    paths = os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(command, env={**os.environ, **CALM, "PYTHONPATH": paths}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(what)} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def imports() -> dict[str, float]:
    """CPU ms of `import barbell`, and of the door to the solver on top, NumPy included; in an interpreter that holds nothing yet."""
    clock = "import time; t = [time.process_time()]; import barbell; t.append(time.process_time()); import barbell.plan.lp; "
    code = clock + "t.append(time.process_time()); print(t[1] - t[0], t[2] - t[0])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seconds = [float(part) for part in done.stdout.split()]
    return {"import_ms": seconds[0] * 1e3, "with_lp_ms": seconds[1] * 1e3}


def medians(runs: list[dict]) -> dict:
    """The median of each number over the runs that have it."""
    known = {key: [run[key] for run in runs if run[key] is not None] for key in runs[0]}
    return {key: statistics.median(values) if values else None for key, values in known.items()}


def machine(libraries: tuple[str, ...] = ("numpy", "highspy", "linopy", "pyomo")) -> dict:
    """What the figures depend on."""
    model = platform.processor() or platform.machine()
    if (info := Path("/proc/cpuinfo")).exists():
        model = next((line.split(": ")[1] for line in info.read_text().splitlines() if line.startswith("model name")), model)
    versions = {name: importlib.metadata.version(name) for name in libraries}
    return {"cpu": model, "cores": os.cpu_count(), "system": platform.system(), "python": platform.python_version(), **versions}


def table(result: dict) -> str:
    """The figures as aligned text."""
    lines = ["  ".join(f"{key} {value}" for key, value in result["machine"].items()), ""]
    lines.append(f"{'size':<5}{'layer':<9}" + "".join(f"{name:>18}" for name in COLUMNS))
    lines += [f"{row['size']:<5}{row['layer']:<9}" + "".join(f"{_text(row[name]):>18}" for name in COLUMNS) for row in result["layers"]]
    lines.append("")
    for row in result["what_if"]:
        lines.append(
            f"what-if {row['size']}, one scenario, {row['nnz']:.0f} non-zeros: "
            f"warm {row['warm_ms']:.1f} ms (worst {row['worst_warm_ms']:.1f}), cold {row['cold_ms']:.1f} ms"
        )
    lines += ["", f"import barbell {result['import']['import_ms']:.0f} ms, with barbell.plan.lp {result['import']['with_lp_ms']:.0f} ms"]
    return "\n".join(lines)


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}" if value >= 100 else f"{value:.4f}" if value < 1 else f"{value:.2f}"


if __name__ == "__main__":
    main()
