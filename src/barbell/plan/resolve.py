"""What a little more and a little less of a scarce thing is worth, by solving again.

A continuous plan is moved by a hair. A plan in whole blocks is moved by a block, or by a hundredth of what does not come in blocks, and known only
to within its gap: the worth that it shows is that of the best plan found again, and the worth that is certain lies between the plan found
again less the bound of the first and the bound of the second less the plan found first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from barbell.core.clock import Floats
from barbell.plan.lp import Template
from barbell.plan.scarce import Scarce

if TYPE_CHECKING:
    from barbell.plan.solve import Plan

NUDGE, PART = 1e-4, 1e-2
"""Steps relative to the amount: of continuous plans, and of what does not come in blocks in plans that do."""


@dataclass(frozen=True)
class Side:
    """Worth per unit of one step more or less: of the plans found, and what it is at least and at most whatever the gaps hide."""

    found: float
    least: float
    most: float

    @property
    def told(self) -> bool:
        """Whether the step is worth more or less than nothing for certain."""
        return self.least > 0 or self.most < 0


def step(plan: Plan, thing: Scarce, there: float) -> float:
    """Units by which a scarce thing is moved."""
    if not plan.forest.problem.arrays.integer.any():
        return NUDGE * max(1.0, abs(there))
    return thing.block or PART * abs(there) or 1.0


def sides(plan: Plan, thing: Scarce, there: float) -> tuple[Side, Side]:
    """The last units that there are, and the next ones; infinite where no plan exists. `there` is the amount of the thing."""
    units = step(plan, thing, there)
    less, more = (_side(plan, thing, way * units) for way in (-1.0, 1.0))
    return less, more


def _side(plan: Plan, thing: Scarce, units: float) -> Side:
    """Worth per unit of `units` more of a thing; a negative number of them is less."""
    value, bound = _again(plan, thing, units)
    gains = value - plan.value, value - plan.most, bound - plan.value
    found, *ends = (gain / (units * thing.probability) for gain in gains)
    return Side(found, min(ends), max(ends))


def _again(plan: Plan, thing: Scarce, units: float) -> tuple[float, float]:
    """Value of the problem with more of a thing, and what it cannot exceed; minus infinity where there is no plan."""
    problem = shifted(plan.forest.problem.arrays, thing, units)
    if plan.search is None:
        plan.solver.update(problem)
        found = plan.solver.solve()
        return (-found.objective, -found.bound) if found.x.size else (-np.inf, -np.inf)
    best = plan.search.again(problem)
    relaxed = plan.search.relaxed
    # the relaxation is concave in what there is: its prices bound it on both sides
    most = plan.most + units * gain(thing, relaxed.row_dual, relaxed.column_dual)
    return (-np.inf, most) if best is None else (-best, max(most, -best))


def gain(thing: Scarce, row: Floats, column: Floats) -> float:
    """Value gained by one more unit, to first order, from the duals of rows and columns."""
    held = column[thing.columns]
    held = np.minimum(held, 0.0) if thing.held == "upper" else np.maximum(held, 0.0)
    return -float(row[thing.rows] @ thing.row_step) - float(held @ thing.column_step)


def shifted(arrays: Template, thing: Scarce, units: float) -> Template:
    """The problem with `units` more of a scarce thing."""
    lower, upper = arrays.row_lower.copy(), arrays.row_upper.copy()
    lower[thing.rows] += units * thing.row_step
    upper[thing.rows] += units * thing.row_step
    bound = getattr(arrays, thing.held).copy()
    bound[thing.columns] += units * thing.column_step
    if thing.held == "upper":
        bound = np.maximum(bound, arrays.lower)
        return replace(arrays, row_lower=lower, row_upper=upper, upper=bound)
    return replace(arrays, row_lower=lower, row_upper=upper, lower=np.minimum(bound, arrays.upper))
