"""One measurement per process: CPU seconds and peak memory of one layer at one size, printed as JSON on the last line."""

from __future__ import annotations

import gc
import importlib
import json
import resource
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from plan_v0.instance import COUNTS, OPTIMA, draw, warm_up

LAYERS = {
    "barbell": "plan_v0.with_barbell",
    "arrays": "plan_v0.with_arrays",
    "linopy": "plan_v0.with_linopy",
    "pyomo": "plan_v0.with_pyomo",
}


def layer(name: str, size: str, *, solved: bool) -> dict[str, float | None]:
    """Build, hand over and perhaps solve; memory is the peak of build and hand-over above what stood before.

    A tiny build comes first, so that what a layer loads at its first use counts neither as time nor as memory.
    """
    module = importlib.import_module(LAYERS[name])
    module.hand_over(module.build(warm_up()))
    instance = draw(size)
    gc.collect()
    before = _peak(reset=True)
    begun = time.process_time()
    model = module.build(instance)
    built = time.process_time()
    handle = module.hand_over(model)
    handed = time.process_time()
    peak = _peak() - before
    _count(handle, size)
    result = {"build_s": built - begun, "handover_s": handed - built, "peak_mb": peak, "solve_s": None, "objective": None}
    if solved:
        begun = time.process_time()
        result["objective"] = module.solve(handle)
        result["solve_s"] = time.process_time() - begun
        if size in OPTIMA:
            np.testing.assert_allclose(result["objective"], OPTIMA[size], rtol=1e-8)
    return result


def what_if(size: str, repeats: int = 10) -> dict[str, float]:
    """One scenario, its budget moved by up to 10 % either way: CPU ms of a warm and of a cold answer, medians; and the worst warm."""
    from barbell.plan.lp import Solver
    from plan_v0 import with_barbell

    instance = draw(size, 1)
    base, options = with_barbell.build(instance)
    handle = Solver(base, options)
    handle.solve()
    warm, cold = [], []
    for factor in np.linspace(0.9, 1.1, repeats):
        changed = with_barbell.build(replace(instance, budget=instance.budget * factor))[0]
        begun = time.process_time()
        handle.update(changed)
        answer = handle.solve().objective
        between = time.process_time()
        again = Solver(changed, options).solve().objective
        warm.append(between - begun)
        cold.append(time.process_time() - between)
        np.testing.assert_allclose(answer, again, rtol=1e-8)
    medians = {"warm_ms": statistics.median(warm) * 1e3, "cold_ms": statistics.median(cold) * 1e3}
    return {"nnz": len(base.value), **medians, "worst_warm_ms": max(warm) * 1e3}


def _count(handle, size: str) -> None:
    for attribute in ("_highs", "_solver_model"):
        handle = getattr(handle, attribute, handle)
    found = handle.getNumRow(), handle.getNumCol(), handle.getNumNz()
    if found != COUNTS[size]:
        raise AssertionError(f"{size} has {found} rows, columns and non-zeros, not {COUNTS[size]}")


def _peak(*, reset: bool = False) -> float:
    """Peak resident MB of this process; where Linux allows, since the last reset, else since the start."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    kind, *rest = sys.argv[1:]
    if kind == "what-if":
        print(json.dumps(what_if(rest[0])))
    else:
        print(json.dumps(layer(kind, rest[0], solved=rest[1] == "solve")))
