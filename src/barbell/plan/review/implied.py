"""How large each column can become whatever is decided: bounds that follow from rows and other bounds, without the solver.

Each row that holds ``sum(a x) <= b`` bounds each of its columns by what the least of the others leaves; repeated until nothing moves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from barbell.core.clock import Floats
from barbell.plan.lp import Template

SWEEPS = 120
STEP = 1e-3
"""Bounds that shrink by less than this share of themselves do not count: some would creep for ever."""
ROOM = 1e-9
"""Room left around each implied bound, relative to the numbers it is made of."""


@dataclass(frozen=True)
class Implied:
    """Bounds of the columns, `lower` and `upper`, and of the sums over rows, `least` and `most`."""

    lower: Floats
    upper: Floats
    least: Floats
    most: Floats


def implied(problem: Template) -> Implied:
    """Bounds that every plan keeps; infinite where none follows."""
    there = problem.value != 0
    row = np.repeat(np.arange(len(problem.row_lower)), np.diff(problem.start))[there]
    entries = _Entries(row, problem.index[there], problem.value[there], len(problem.row_lower))
    lower, upper = problem.lower.copy(), problem.upper.copy()
    for _ in range(SWEEPS):
        if not _sweep(problem, entries, lower, upper):
            break
    low, high = entries.ends(lower, upper)
    return Implied(lower, upper, entries.total(low)[0], entries.total(high)[0])


@dataclass(frozen=True)
class _Entries:
    """Coefficients that are not nil: row, column, value; and the number of rows."""

    row: NDArray[np.intp]
    column: NDArray[np.int32]
    value: Floats
    count: int

    def ends(self, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
        """Least and most of each term."""
        at_lower, at_upper = self.value * lower[self.column], self.value * upper[self.column]
        up = self.value > 0
        return np.where(up, at_lower, at_upper), np.where(up, at_upper, at_lower)

    def total(self, term: Floats) -> tuple[Floats, Floats]:
        """(rows,) sums of terms, infinite where one of them is; (entries,) the sum of the others in the row of each."""
        endless = np.isinf(term)
        plain = np.where(endless, 0.0, term)
        finite = np.bincount(self.row, plain, self.count)
        number = np.bincount(self.row, endless, self.count)
        sign = np.zeros(self.count)
        sign[self.row[endless]] = np.sign(term[endless])
        infinite = np.select([sign > 0, sign < 0], [np.inf, -np.inf], 0.0)
        whole = np.where(number > 0, infinite, finite)
        left = number[self.row] - endless
        others = np.where(left > 0, infinite[self.row], finite[self.row] - plain)
        return whole, others


def _sweep(problem: Template, entries: _Entries, lower: Floats, upper: Floats) -> bool:
    """Tighten the bounds in place; whether anything moved."""
    low, high = entries.ends(lower, upper)
    least, most = entries.total(low)[1], entries.total(high)[1]
    column, value = entries.column, entries.value
    with np.errstate(invalid="ignore"):
        above = (problem.row_upper[entries.row] - least) / value
        below = (problem.row_lower[entries.row] - most) / value
    up = value > 0
    top, bottom = np.where(up, above, below), np.where(up, below, above)
    top, bottom = np.where(np.isnan(top), np.inf, top), np.where(np.isnan(bottom), -np.inf, bottom)
    new_upper, new_lower = upper.copy(), lower.copy()
    np.minimum.at(new_upper, column, top + ROOM * np.abs(np.where(np.isinf(top), 0.0, top)))
    np.maximum.at(new_lower, column, bottom - ROOM * np.abs(np.where(np.isinf(bottom), 0.0, bottom)))
    return _take(upper, new_upper, new_upper < upper) | _take(lower, new_lower, new_lower > lower)


def _take(bound: Floats, new: Floats, better: NDArray[np.bool_]) -> bool:
    """Take what is better by enough, in place; whether there was any."""
    with np.errstate(invalid="ignore"):
        enough = better & (np.isinf(bound) | (np.abs(new - bound) > STEP * np.maximum(np.abs(bound), 1e-6)))
    bound[enough] = new[enough]
    return bool(enough.any())
