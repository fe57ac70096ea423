"""What a review looks at: a plan, what follows from its problem without a solver, and where its things stand in the user's files."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from barbell.core.clock import Floats
from barbell.core.errors import Where
from barbell.plan.lp import Template
from barbell.plan.lp.verify import product
from barbell.plan.model import Model
from barbell.plan.review.implied import Implied, implied
from barbell.plan.review.place import spot
from barbell.plan.scarce import Scarce, scarce
from barbell.plan.sets import Sets
from barbell.plan.solve import Plan

NONE = 1e-7
"""Amounts below this are rounding."""


class Subject:
    """A plan under review. Columns and rows are numbers of the whole problem, over all branches."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.case = plan.case
        self.model: Model = plan.forest.models[0]
        self.sets: Sets = self.model.sets
        self.arrays: Template = plan.forest.problem.arrays
        self.money = plan.case.money

    @cached_property
    def implied(self) -> Implied:
        """How large everything can become whatever is decided."""
        return implied(self.arrays)

    @cached_property
    def sums(self) -> tuple[Floats, Floats]:
        """(rows,) what every row sums to in the plan, and the size of its terms."""
        return product(self.arrays, self.plan.solution.x)

    @cached_property
    def things(self) -> list[Scarce]:
        """Everything that can be scarce, accounts aside, with capacities."""
        every = np.ones(len(self.arrays.row_lower), bool), np.ones(len(self.arrays.cost), bool)
        return [thing for thing in scarce(self.plan.forest, *every) if thing.kind != "account"]

    def columns(self, block: str, number: int) -> NDArray[np.int64]:
        """(branches, T or T x Z) columns of one member of a block as each branch sees them; -1 where there is none."""
        index = self.model.template.columns[block].index[number].reshape(-1)
        table = np.append(self.plan.forest.columns, np.full((len(self.plan.forest.branches), 1), -1), axis=1)
        found: NDArray[np.int64] = table[:, index].astype(np.int64)
        return found

    def rows(self, block: str, number: int) -> NDArray[np.int64]:
        """(branches, T or T x Z) rows of one member of a block, as `columns`."""
        index = self.model.template.rows[block].index[number].reshape(-1)
        table = np.append(self.plan.forest.rows, np.full((len(self.plan.forest.branches), 1), -1), axis=1)
        found: NDArray[np.int64] = table[:, index].astype(np.int64)
        return found

    def most(self, columns: NDArray[np.int64]) -> Floats:
        """The most that columns can be, over the branches; nil where there are none."""
        upper = np.where(columns >= 0, np.append(self.implied.upper, 0.0)[columns], 0.0)
        found: Floats = upper.max(axis=0, initial=0.0)
        return found

    def total(self, columns: NDArray[np.int64]) -> float:
        """Sum of the plan over columns."""
        there = np.unique(columns[columns >= 0])
        return float(np.abs(self.plan.solution.x[there]).sum())

    def where(self, table: str, row: str, field: str = "") -> Where:
        """Spot of a cell in the user's files."""
        return self.case.where(table, row, field)

    def spot(self, kind: str, item: str, place: str) -> Where:
        """Where the number that bounds a scarce thing stands."""
        return spot(self.case, kind, item, place)


def name(item: str, place: str) -> str:
    """A thing at a place as it reads in tables."""
    return f"{item}@{place}" if place else item
