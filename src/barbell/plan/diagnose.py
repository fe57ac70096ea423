"""Why there is no plan: a set of limits that collide, none of which can be left out, or the process that makes a free lunch."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from barbell.core.errors import InfeasibleError, UnboundedError
from barbell.plan.clock import Floats
from barbell.plan.lp import Solver, Template
from barbell.plan.lp.verify import transposed
from barbell.plan.scarce import Scarce, scarce
from barbell.plan.tree import Forest


@dataclass(frozen=True)
class Conflict:
    """One member of a set of limits that cannot all hold: `relax` is how far its `bound` must move if it alone gives way.

    `relax` counts in `unit`; positive: the bound must rise; NaN: no shift of this one alone is enough.
    """

    kind: str
    item: str
    place: str
    scenario: str
    period: str
    bound: float
    relax: float
    unit: str
    words: str

    def __str__(self) -> str:
        way = "raise" if self.relax > 0 else "lower"
        how = f"{way} it by {abs(self.relax):.6g} {self.unit}" if np.isfinite(self.relax) else "not enough to relax alone"
        there = "" if self.kind == "capacity" else f" ({self.bound:.6g} {self.unit})"
        return f"{self.words}{there}: {how}"


@dataclass(frozen=True)
class Lunch:
    """One part of a free lunch: what grows without end, at which relative pace."""

    kind: str
    item: str
    period: str
    pace: float

    def __str__(self) -> str:
        return f"{self.kind} {self.item} in {self.period}: {self.pace:.6g}"


def diagnose(forest: Forest, status: str) -> InfeasibleError | UnboundedError:
    """The error that explains a problem without an optimum."""
    return _unbounded(forest) if status == "unbounded" else _infeasible(forest)


def _infeasible(forest: Forest) -> InfeasibleError:
    arrays = replace(forest.problem.arrays, cost=np.zeros(len(forest.problem.arrays.cost)))
    things = _suspects(forest, arrays)
    kept, arrays = _filter(_only(forest, arrays, things), things)
    conflicts = tuple(_relax(arrays, thing) for thing in kept)
    lines = "\n".join(f"  - {c}" for c in conflicts)
    if not conflicts:
        return InfeasibleError("no plan meets the equations themselves, whatever the limits: please report this as a bug")
    count = f"these {len(conflicts)} cannot all hold" if len(conflicts) > 1 else "this cannot hold"
    return InfeasibleError(f"no plan meets all limits; {count}, and each without the others could:\n{lines}", conflicts)


def _suspects(forest: Forest, arrays: Template) -> list[Scarce]:
    """Scarce things that carry the proof that no plan exists; all of them where whole blocks are the reason."""
    solver = Solver(replace(arrays, integer=np.zeros(len(arrays.integer), bool)))
    rows, columns = np.ones(len(arrays.row_lower), bool), np.ones(len(arrays.cost), bool)
    if solver.solve().status == "infeasible":
        ray = solver.dual_ray()
        reduced, _ = transposed(arrays, ray)
        small = 1e-9 * max(1.0, float(np.abs(ray).max(initial=0.0)))
        rows, columns = np.abs(ray) > small, np.abs(reduced) > small
    return [thing for thing in scarce(forest, rows, columns) if thing.kind != "account"]


_ORDER = (
    "demand", "ceiling", "capacity", "conversion limit", "order limit", "draw limit", "payment limit", "debt limit",
    "contract on offer", "allowance", "gate", "envelope", "cash floor", "limit",
)  # fmt: skip


def _rank(thing: Scarce) -> int:
    """What is tried first for dropping, so that what stays is what a planner can change: limits before nature."""
    return _ORDER.index(thing.kind)


def _free(arrays: Template, *things: Scarce) -> Template:
    """The problem without the bounds of scarce things."""
    lower, upper = arrays.row_lower.copy(), arrays.row_upper.copy()
    bounds = {"lower": arrays.lower.copy(), "upper": arrays.upper.copy()}
    for thing in things:
        lower[thing.rows], upper[thing.rows] = -np.inf, np.inf
        bounds[thing.held][thing.columns] = np.inf if thing.held == "upper" else -np.inf
    return replace(arrays, row_lower=lower, row_upper=upper, lower=bounds["lower"], upper=bounds["upper"])


def _only(forest: Forest, arrays: Template, suspects: list[Scarce]) -> Template:
    """The problem with every scarce thing freed that the proof does not need: other contradictions must not hide this one."""
    rows, columns = np.ones(len(arrays.row_lower), bool), np.ones(len(arrays.cost), bool)
    needed = {(thing.kind, *thing.rows, *thing.columns) for thing in suspects}
    others = (thing for thing in scarce(forest, rows, columns) if thing.kind != "account")
    return _free(arrays, *(thing for thing in others if (thing.kind, *thing.rows, *thing.columns) not in needed))


def _filter(arrays: Template, things: list[Scarce]) -> tuple[list[Scarce], Template]:
    """Drop what is not needed for the contradiction, one after the other: what stays is irreducible."""
    solver = Solver(arrays)
    kept = []
    for thing in sorted(things, key=_rank):
        without = _free(arrays, thing)
        solver.update(without)
        if solver.solve().status == "infeasible":
            arrays = without
        else:
            kept.append(thing)
    return kept, arrays


def _relax(arrays: Template, thing: Scarce) -> Conflict:
    """How far one member must move if the others hold: the least reach of its own sum once it is free."""
    bound, cost = _side(arrays, thing)
    ends = [Solver(replace(_free(arrays, thing), cost=sign * cost)).solve() for sign in (1.0, -1.0)]
    gaps = [float(cost @ end.x) - bound for end in ends if end.x.size]
    relax = min(gaps, key=abs, default=np.nan)
    return Conflict(thing.kind, thing.item, thing.place, thing.scenario, thing.period, bound, relax, thing.unit, str(thing))


def _side(arrays: Template, thing: Scarce) -> tuple[float, Floats]:
    """The bound of a scarce thing, and the sum that it holds, as costs."""
    cost = np.zeros(len(arrays.cost))
    if thing.rows.size:
        row = int(thing.rows[0])
        entries = slice(arrays.start[row], arrays.start[row + 1])
        cost[arrays.index[entries]] = arrays.value[entries]
        upper = arrays.row_upper[row]
        return float(upper if np.isfinite(upper) else arrays.row_lower[row]), cost
    column = int(thing.columns[0])
    cost[column] = 1.0
    return float(getattr(arrays, thing.held)[column]), cost


_DECISIONS = ("order", "convert", "retire", "activity", "served", "sign", "delivered", "draw", "repay", "drawn", "paid")


def _unbounded(forest: Forest) -> UnboundedError:
    solver = Solver(replace(forest.problem.arrays, integer=np.zeros(len(forest.problem.arrays.integer), bool)))
    solver.solve()
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
