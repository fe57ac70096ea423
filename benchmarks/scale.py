"""How long planning takes from files to result tables at size, stage by stage, against the solver alone and against peers in the same run.

    python benchmarks/scale.py [--size S M L] [--repeats N] [--method ipm] [--peers S M] [--json]
    python benchmarks/scale.py --sites 40 --chips 5 --quarters 32 --slices 2 --forks 2

Every measurement has a process of its own. See README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from plan import CALM, machine  # noqa: E402
from scale.draft import Size  # noqa: E402
from scale.generate import write  # noqa: E402

SIZES = {
    "S": Size(sites=20, chips=4, quarters=24),
    "T": Size(sites=20, chips=4, quarters=16, slices=2, forks=1),
    "M": Size(sites=60, chips=6, quarters=40),
    "L": Size(sites=200, chips=6, quarters=60),
}
"""S is about as large as the case of Amazon; T has a tree and slices; L has 200 sites, 60 quarters and more than two million non-zeros."""
PEERS = ("linopy", "pypsa")
"""Peers, where they are installed."""
OUTSIDE = ("read", "check", "sets and equations", "template", "tile over the tree", "hand-over", "verify", "tables", "prices", "statements")
"""Stages beside the solver's own run and the import of libraries."""


def main() -> None:
    """Measure, and print tables or one JSON object."""
    args = _arguments()
    own = {name: getattr(args, name) for name in Size.__dataclass_fields__ if getattr(args, name) is not None}
    wanted = {"own": Size(**{"sites": 20, "chips": 4, "quarters": 24} | own)} if own else {name: SIZES[name] for name in args.size}
    result = {
        "machine": machine(("numpy", "highspy", *(peer for peer in PEERS if find_spec(peer)))),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "path": [path(name, size, args.repeats, args.method) for name, size in wanted.items()],
        "peers": [row for name in args.peers for row in peers(name, SIZES[name], args.repeats)],
    }
    print(json.dumps(result, indent=1) if args.json else table(result))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", nargs="*", choices=SIZES, default=["S"])
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--method", default="", help="simplex, ipm or hipo; by default by size")
    parser.add_argument("--peers", nargs="*", choices=["S", "M", "L"], default=["S"], help="sizes at which PyPSA and linopy plan what they can state")
    parser.add_argument("--json", action="store_true")
    for name in Size.__dataclass_fields__:
        parser.add_argument(f"--{name}", type=int)
    return parser.parse_args()


def path(name: str, size: Size, repeats: int, method: str) -> dict:
    """Stages of one size (medians), the solver alone on the same arrays, and what the rest takes as a multiple of it."""
    with tempfile.TemporaryDirectory() as spare:
        folder, arrays = write(Path(spare) / "case", size), str(Path(spare) / "arrays.npz")
        runs, alone = [], []
        for _ in range(repeats):
            runs.append(measure("path", str(folder), arrays, method))
            alone.append(measure("bare", arrays, runs[-1]["status"]["method"]))
            if abs(alone[-1]["value"] - runs[-1]["value"]) > 1e-6 * abs(runs[-1]["value"]):
                raise SystemExit(f"{name}: the plan is worth {runs[-1]['value']}, the bare program {alone[-1]['value']}")
    stages = {stage: {key: median(run["stages"][stage][key] for run in runs) for key in at} for stage, at in runs[0]["stages"].items()}
    own = {key: median(run[key] for run in alone) for key in ("wall_s", "cpu_s", "own_mb")}
    outside = sum(stages[stage]["cpu_s"] for stage in OUTSIDE)
    most = max(stage["peak_mb"] for stage in stages.values())
    return {
        "size": name, **{key: runs[0]["status"][key] for key in ("columns", "rows", "nonzeros", "method", "accuracy")}, "value": runs[0]["value"],
        "stages": stages, "tables": sum(runs[0]["rows"].values()), "solver": {**alone[0], **own},
        "time_outside": outside / own["cpu_s"], "peak_mb": most,
        "memory_outside": (most - stages["import"]["peak_mb"] - own["own_mb"]) / own["own_mb"],
    }  # fmt: skip


def peers(name: str, size: Size, repeats: int) -> list[dict]:
    """The same plain case in Barbell, linopy and PyPSA, in turns: medians, and multiples of Barbell."""
    runs: dict[str, list[dict]] = {"barbell": [], **{peer: [] for peer in PEERS if find_spec(peer)}}
    for _ in range(repeats):
        for peer, found in runs.items():
            found.append(measure("peer", peer, json.dumps(size.__dict__)))
    rows = [{"size": name, "peer": peer, **{key: median(run[key] for run in found) for key in found[0]}} for peer, found in runs.items()]
    for row in rows:
        row["build_ratio"], row["memory_ratio"] = row["build_s"] / rows[0]["build_s"], row["peak_mb"] / rows[0]["peak_mb"]
        if abs(row["value"] - rows[0]["value"]) > 1e-6 * abs(rows[0]["value"]):
            raise SystemExit(f"{name}: {row['peer']} finds {row['value']}, Barbell {rows[0]['value']}")
    return rows


def measure(*what: str) -> dict:
    """Run one measurement in a process of its own."""
    paths = os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-m", "scale.measure", *what]
    done = subprocess.run(command, env={**os.environ, **CALM, "PYTHONPATH": paths}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(what)} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def table(result: dict) -> str:
    """The figures as aligned text."""
    load = "" if result["load"] is None else f"  load {result['load']:.1f}"
    lines = ["  ".join(f"{key} {value}" for key, value in result["machine"].items()) + load]
    for row in result["path"]:
        lines += ["", *_path_lines(row)]
    if result["peers"]:
        heads = ("build_s", "build_ratio", "solve_s", "peak_mb", "memory_ratio", "value")
        lines += ["", f"{'plain':<7}{'peer':<10}" + "".join(f"{head:>14}" for head in heads)]
        lines += [f"{row['size']:<7}{row['peer']:<10}" + "".join(f"{row[head]:>14,.2f}" for head in heads) for row in result["peers"]]
    return "\n".join(lines)


def _path_lines(row: dict) -> list[str]:
    solver = row["solver"]
    shape = ", ".join(f"{row[key]:,} {key}" for key in ("columns", "rows", "nonzeros"))
    lines = [f"{row['size']}: {shape}; {row['method']}; {row['accuracy']}", f"{'stage':<22}{'wall s':>10}{'cpu s':>10}{'peak MB':>10}"]
    for name, stage in row["stages"].items():
        lines.append(f"{name:<22}{stage['wall_s']:>10.2f}{stage['cpu_s']:>10.2f}{stage['peak_mb']:>10.0f}")
    lines.append(f"{'solver alone':<22}{solver['wall_s']:>10.2f}{solver['cpu_s']:>10.2f}{solver['own_mb']:>10.0f}  above its libraries")
    lines.append(
        f"all but the solver and the import takes {row['time_outside']:.2f} x the CPU time of the solver alone, "
        f"and {row['memory_outside']:.2f} x its memory; {row['tables']:,} rows in result tables"
    )
    return lines


if __name__ == "__main__":
    main()
