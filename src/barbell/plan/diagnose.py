"""Why there is no plan: a set of limits that collide, none of which can be left out, or the process that makes a free lunch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from barbell.core.clock import Floats
from barbell.core.errors import InfeasibleError, UnboundedError
from barbell.plan.conflict import conflicts
from barbell.plan.lp import Solver
from barbell.plan.tree import Forest


@dataclass(frozen=True)
class Lunch:
    """One part of a free lunch: what grows without end, at which relative pace."""

    kind: str
    item: str
    period: str
    pace: float

    def __str__(self) -> str:
        return f"{self.kind} {self.item} in {self.period}: {self.pace:.6g}"


def diagnose(forest: Forest, solver: Solver, status: str) -> InfeasibleError | UnboundedError:
    """The error that explains a problem without an optimum, from the handle that said so."""
    return unbounded(forest, solver) if status == "unbounded" else _infeasible(forest)


def _infeasible(forest: Forest) -> InfeasibleError:
    found = next(conflicts(forest), ())
    lines = "\n".join(f"  - {c}" for c in found)
    if not found:
        return InfeasibleError("no plan meets the equations themselves, whatever the limits: please report this as a bug")
    count = f"these {len(found)} cannot all hold" if len(found) > 1 else "this cannot hold"
    return InfeasibleError(f"no plan meets all limits; {count}, and each without the others could:\n{lines}", found)


_DECISIONS = ("order", "convert", "retire", "activity", "served", "sign", "delivered", "draw", "repay", "drawn", "paid")


def unbounded(forest: Forest, solver: Solver) -> UnboundedError:
    """The free lunch that a handle found."""
    ray = solver.primal_ray()
    ray = ray / np.abs(ray).max()
    lunch = tuple(part for number in range(len(forest.branches)) for part in _parts(forest, number, ray))
    lines = "\n".join(f"  - {part}" for part in lunch)
    advice = "Something is missing a cost, a limit or an input. What grows together, and how fast"
    return UnboundedError(f"value grows without end: a free lunch. {advice}:\n{lines}", lunch)


def _parts(forest: Forest, number: int, ray: Floats) -> list[Lunch]:
    branch, model = forest.branches[number], forest.models[number]
    pace: NDArray[np.float64] = np.append(ray[forest.columns[number]], 0.0)
    found = []
    for name in _DECISIONS:
        block = model.template.columns[name]
        for position in np.argwhere((block.index >= 0) & (np.abs(pace[block.index]) > 1e-9)):
            t = int(position[block.axes.index("period")])
            if branch.first <= t < branch.stop:
                label = block.labels[0][position[0]]
                found.append(Lunch(name, label, model.sets.period.labels[t], float(pace[block.index[tuple(position)]])))
    return found
