"""Check an answer from its numbers alone, in NumPy: the solver's status word is not evidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barbell.plan.lp.template import Floats, Template

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
        """Whether all three hold within the tolerance."""
        return max(self.primal, self.dual, self.gap) <= TOLERANCE

    def __str__(self) -> str:
        return f"primal {self.primal:.1e}, dual {self.dual:.1e}, gap {self.gap:.1e}"


def product(problem: Template, x: Floats) -> tuple[Floats, Floats]:
    """(A x, |A| |x|), each (rows,): the row activities and the size of the numbers they are made of."""
    row = np.repeat(np.arange(len(problem.row_lower)), np.diff(problem.start))
    term = problem.value * x[problem.index]
    count = len(problem.row_lower)
    activity = np.bincount(row, term, count).astype(np.float64, copy=False)
    size = np.bincount(row, np.abs(term), count).astype(np.float64, copy=False)
    return activity, size


def verify(problem: Template, x: Floats, row_dual: Floats | None) -> Accuracy:
    """Violations of feasibility and, given row duals (cost per unit of right-hand side), of optimality."""
    activity, size = product(problem, x)
    rows = _outside(activity, problem.row_lower, problem.row_upper) / np.maximum(1.0, size)
    bounds = _outside(x, problem.lower, problem.upper) / np.maximum(1.0, np.abs(x))
    whole = np.abs(x - np.round(x))[problem.integer]
    primal = max((float(part.max()) for part in (rows, bounds, whole) if part.size), default=0.0)
    if row_dual is None:
        return Accuracy(primal, 0.0, 0.0)
    return Accuracy(primal, *_optimal(problem, x, row_dual))


def _outside(value: Floats, lower: Floats, upper: Floats) -> Floats:
    outside: Floats = np.maximum(np.maximum(lower - value, value - upper), 0.0)
    return outside


def _optimal(problem: Template, x: Floats, y: Floats) -> tuple[float, float]:
    """(Worst dual violation, relative gap between primal and dual objective)."""
    columns = len(problem.cost)
    row = np.repeat(np.arange(len(y)), np.diff(problem.start))
    term = problem.value * y[row]
    reduced = problem.cost - np.bincount(problem.index, term, columns)
    scale = np.maximum(1.0, np.abs(problem.cost) + np.bincount(problem.index, np.abs(term), columns))
    wrong = np.concatenate([_missing(reduced, problem.lower, problem.upper) / scale, _missing(y, problem.row_lower, problem.row_upper)])
    dual = _worth(reduced, problem.lower, problem.upper) + _worth(y, problem.row_lower, problem.row_upper)
    primal = float(problem.cost @ x)
    size = max(1.0, float(np.abs(problem.cost) @ np.abs(x)))
    return float(wrong.max(initial=0.0)), abs(primal - dual) / size


def _missing(dual: Floats, lower: Floats, upper: Floats) -> Floats:
    """How far a dual leans on a bound that does not exist."""
    missing: Floats = np.where(np.isinf(lower), np.maximum(dual, 0.0), 0.0) + np.where(np.isinf(upper), np.maximum(-dual, 0.0), 0.0)
    return missing


def _worth(dual: Floats, lower: Floats, upper: Floats) -> float:
    bound = np.where(dual > 0, lower, upper)
    held = np.isfinite(bound) & (dual != 0)
    return float(dual[held] @ bound[held])
