"""A solved plan as one branch of the future sees it, in arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from barbell.core.clock import Floats, Ints
from barbell.plan.model import Model

if TYPE_CHECKING:
    from barbell.plan.solve import Plan


@dataclass(frozen=True)
class Cells:
    """What exists of a block in a branch's own periods: position along each axis, and value; all (cells,), in the order of the block."""

    position: Sequence[Ints]
    t: Ints
    value: Floats


@dataclass(frozen=True)
class View:
    """One branch of a plan: what it sees (columns of the template; NaN for what lies beyond it), and the periods that are its own."""

    scenario: str
    probability: float
    model: Model
    x: Floats
    first: int
    stop: int

    def values(self, block: str) -> Floats:
        """A block of the template at the solution; NaN where absent."""
        index = self.model.template.columns[block].index
        return np.where(index >= 0, self.x[index], np.nan)

    def cells(self, block: str) -> Cells:
        """What exists of a block with axes (.., period, ..)."""
        b = self.model.template.columns[block]
        axis = b.axes.index("period")
        own = tuple(slice(self.first, self.stop) if k == axis else slice(None) for k in range(len(b.axes)))
        position = list(np.nonzero(b.index[own] >= 0))
        position[axis] += self.first
        return Cells(position, position[axis], self.x[b.index[tuple(position)]])

    def grid(self, count: int) -> tuple[Ints, Ints]:
        """Number and period of `count` things in each of the branch's own periods, period by period within each thing."""
        every = np.arange(self.first, self.stop)
        return np.repeat(np.arange(count), len(every)), np.tile(every, count)


def views(plan: Plan) -> list[View]:
    """Every branch of a plan."""
    forest = plan.forest
    return [View(b.name, b.probability, forest.models[n], plan.seen(n), b.first, b.stop) for n, b in enumerate(forest.branches)]
