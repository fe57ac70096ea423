"""As far as a plan can go in a direction without losing more than a share of its value.

One row is added to the problem, which holds the value, and the direction takes the place of the objective. In whole blocks the relaxation
goes first, with some of the slack kept for rounding; its counts are rounded, held, and the direction is followed as far as they allow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from barbell.core.clock import Floats
from barbell.core.errors import SolverLimitError
from barbell.plan.lp import Solution, Solver, Template, verify
from barbell.plan.near.direction import Direction
from barbell.plan.solve import Plan
from barbell.plan.whole import Chain, chain
from barbell.plan.whole.rounding import SHARES, rounded

KEPT = (1.5, 3.0, 0.0)
"""Slack kept for rounding, as multiples of what rounding cost the best plan, in the order in which they are tried."""

Say = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Near:
    """A plan that goes as far as it found in a direction, least (1) or most (-1) of it, and what it has of every direction."""

    direction: Direction
    way: int
    plan: Plan

    @property
    def name(self) -> str:
        """What it is the least or the most of."""
        return f"{'least' if self.way > 0 else 'most'} {self.direction.name}"


def nearby(plan: Plan, within: float, asked: Sequence[Direction], say: Say = lambda _: None) -> Iterator[Near]:
    """Least and most of each direction among plans worth at least (1 - within) of the plan's value (of its size, where that is negative).

    What cannot be found, because rounding loses too much, or time or accuracy ran out, is left out.
    """
    desk = _Desk(plan, plan.value - within * abs(plan.value))
    for direction in asked:
        for way in (1, -1):
            say(f"{'least' if way > 0 else 'most'} {direction.name}")
            found = desk.furthest(direction, way)
            if found is not None:
                yield Near(direction, way, found)


@dataclass
class _Desk:
    """Handles on the problem with its value as a row, and the least value allowed."""

    plan: Plan
    floor: float
    whole: Chain = field(init=False)
    free: Solver = field(init=False)
    base: Template = field(init=False)

    def __post_init__(self) -> None:
        arrays = self.plan.forest.problem.arrays
        self.whole = chain(self.plan.forest)
        self.base = replace(valued(arrays), integer=np.zeros_like(arrays.integer))
        self.free = Solver(self.base, self.plan.solver.options)

    def furthest(self, direction: Direction, way: int) -> Plan | None:
        """The plan found; None where there is none."""
        cost = np.zeros(len(self.base.cost))
        np.add.at(cost, direction.columns, way * direction.weights)
        problem = replace(self.base, cost=cost)
        if not len(self.whole.count):
            return self._plan(self._solved(problem, self.floor))
        return self._rounded(problem)

    def _rounded(self, problem: Template) -> Plan | None:
        """The relaxation's counts rounded; less of the slack is used where they lose too much value."""
        lost = self.plan.most - self.plan.value
        tried: list[bytes] = []
        for kept in KEPT:
            relaxed = self._solved(problem, min(self.floor + kept * lost, self.plan.value))
            if relaxed is None:
                continue
            for share in SHARES[:2]:
                counts = rounded(self.whole, relaxed.x[self.whole.count], share)
                if counts.tobytes() in tried:
                    continue
                tried.append(counts.tobytes())
                lower, upper = self.whole.held(counts, problem)
                found = self._plan(self._solved(replace(problem, lower=lower, upper=upper), self.floor))
                if found is not None:
                    return found
        return None

    def _solved(self, problem: Template, floor: float) -> Solution | None:
        """A cold start each time: with another objective the last basis is far away."""
        upper = problem.row_upper.copy()
        upper[-1] = -floor
        self.free.update(replace(problem, row_upper=upper), warm=False)
        try:
            found = self.free.solve()
        except SolverLimitError:  # one direction less is no reason to tell nothing
            return None
        return found if found.status == "optimal" else None

    def _plan(self, found: Solution | None) -> Plan | None:
        """The answer as a plan of the case; None where there is none or it holds only roughly."""
        if found is None:
            return None
        arrays, x = self.plan.forest.problem.arrays, found.x.copy()
        x[arrays.integer] = np.round(x[arrays.integer])
        accuracy = verify(arrays, x, None)
        if not accuracy.good:
            return None
        rows, columns = np.zeros(len(arrays.row_lower)), np.zeros(len(x))
        objective = float(arrays.cost @ x)
        solution = replace(found, objective=objective, x=x, row_dual=rows, column_dual=columns, accuracy=accuracy, bound=self.plan.solution.bound)
        return replace(self.plan, solution=solution, priced=solution, search=None)


def valued(arrays: Template) -> Template:
    """The problem with one more row, the objective, which is free until it is given a bound."""
    columns = np.flatnonzero(arrays.cost)
    cost: Floats = arrays.cost[columns]
    return replace(
        arrays,
        start=np.append(arrays.start, arrays.start[-1] + len(columns)).astype(np.int32),
        index=np.append(arrays.index, columns).astype(np.int32),
        value=np.append(arrays.value, cost),
        row_lower=np.append(arrays.row_lower, -np.inf),
        row_upper=np.append(arrays.row_upper, np.inf),
    )
