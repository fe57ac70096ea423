"""Check an answer from its numbers alone, in NumPy: the solver's status word is not evidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barbell.plan.lp.template import Floats, Ints, Template

TOLERANCE = 1e-6
"""Largest residual accepted, relative to the size of the numbers in the row, column or objective."""


@dataclass(frozen=True)
class Accuracy:
    """Largest relative violations: `primal` of rows and bounds, `dual` of reduced costs, `gap` between the two objectives.

    `dual` and `gap` are zero where there are no duals (integer problems, whose bound is reported instead).
    """

    primal: float
    dual: float
    gap: float

    @property
    def good(self) -> bool:
        """Whether all three hold within the tolerance; not a number never does."""
        return all(part <= TOLERANCE for part in (self.primal, self.dual, self.gap))

    def __str__(self) -> str:
        return f"primal {self.primal:.1e}, dual {self.dual:.1e}, gap {self.gap:.1e}"


def product(problem: Template, x: Floats) -> tuple[Floats, Floats]:
    """(A x, |A| |x|), each (rows,): the row activities and the size of the numbers they are made of."""
    row = _row_of_entry(problem)
    return _sums(row, problem.value * x[problem.index], len(problem.row_lower))


def transposed(problem: Template, y: Floats) -> tuple[Floats, Floats]:
    """(A' y, |A'| |y|), each (columns,): what the row weights make each column worth, and the size of the numbers."""
    row = _row_of_entry(problem)
    return _sums(problem.index, problem.value * y[row], len(problem.cost))


def verify(problem: Template, x: Floats, row_dual: Floats | None) -> Accuracy:
    """Violations of feasibility and, given row duals (cost per unit of right-hand side), of optimality."""
    activity, size = product(problem, x)
    rows = _outside(activity, problem.row_lower, problem.row_upper) / np.maximum(1.0, size)
    bounds = _outside(x, problem.lower, problem.upper) / np.maximum(1.0, np.abs(x))
    whole = np.abs(x - np.round(x))[problem.integer]
    primal = float(np.concatenate([rows, bounds, whole]).max(initial=0.0))  # unlike max(), does not lose what is not a number
    if row_dual is None:
        return Accuracy(primal, 0.0, 0.0)
    return Accuracy(primal, *_optimal(problem, x, row_dual))


def _row_of_entry(problem: Template) -> Ints:
    return np.repeat(np.arange(len(problem.row_lower), dtype=np.int32), np.diff(problem.start))


def _sums(group: Ints, term: Floats, count: int) -> tuple[Floats, Floats]:
    """Sums of terms, and of their sizes, by group (numpy counts in integers where there is nothing to add)."""
    total, size = np.bincount(group, term, count), np.bincount(group, np.abs(term), count)
    return total.astype(np.float64, copy=False), size.astype(np.float64, copy=False)


def _outside(value: Floats, lower: Floats, upper: Floats) -> Floats:
    outside: Floats = np.maximum(np.maximum(lower - value, value - upper), 0.0)
    return outside


def _optimal(problem: Template, x: Floats, y: Floats) -> tuple[float, float]:
    """(Worst dual violation, relative gap between primal and dual objective)."""
    priced, size = transposed(problem, y)
    reduced = problem.cost - priced
    scale = np.maximum(1.0, np.abs(problem.cost) + size)
    wrong = np.concatenate([_missing(reduced, problem.lower, problem.upper) / scale, _missing(y, problem.row_lower, problem.row_upper)])
    dual = _worth(reduced, problem.lower, problem.upper) + _worth(y, problem.row_lower, problem.row_upper)
    primal = float(problem.cost @ x)
    return float(wrong.max(initial=0.0)), abs(primal - dual) / max(1.0, float(np.abs(problem.cost) @ np.abs(x)))


def _missing(dual: Floats, lower: Floats, upper: Floats) -> Floats:
    """How far a dual leans on a bound that does not exist."""
    missing: Floats = np.where(np.isinf(lower), np.maximum(dual, 0.0), 0.0) + np.where(np.isinf(upper), np.maximum(-dual, 0.0), 0.0)
    return missing


def _worth(dual: Floats, lower: Floats, upper: Floats) -> float:
    bound = np.where(dual > 0, lower, upper)
    held = np.isfinite(bound) & (dual != 0)
    return float(dual[held] @ bound[held])
