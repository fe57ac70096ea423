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
    return np.bincount(row, term, count).astype(float), np.bincount(row, np.abs(term), count).astype(float)


def proves_infeasible(problem: Template, y: Floats) -> bool:
    """Whether row multipliers prove that no x exists: over all bounds, ``y A x`` cannot reach what the rows ask of it.

    For y > 0 a row asks at least its lower bound, for y < 0 at most its upper one.
    """
    if y.shape != problem.row_lower.shape or not np.abs(y).max(initial=0.0):
        return False
    y = y / np.abs(y).max()
    row = np.repeat(np.arange(len(y)), np.diff(problem.start))
    reach = np.bincount(problem.index, problem.value * y[row], len(problem.cost))
    noise = TOLERANCE * np.maximum(1.0, np.bincount(problem.index, np.abs(problem.value * y[row]), len(problem.cost)))
    y, reach = np.where(np.abs(y) > 1e-9, y, 0.0), np.where(np.abs(reach) > 1e-3 * noise, reach, 0.0)
    bound = np.where(reach > 0, problem.upper, problem.lower)
    asked = np.where(y > 0, problem.row_lower, problem.row_upper)
    if np.isinf(bound[reach != 0]).any() or np.isinf(asked[y != 0]).any():
        return False
    need, most = y[y != 0] * asked[y != 0], reach[reach != 0] * bound[reach != 0]
    return float(need.sum() - most.sum()) > 1e-9 * max(1.0, float(np.abs(need).sum() + np.abs(most).sum()))


def proves_unbounded(problem: Template, d: Floats) -> bool:
    """Whether a direction of the columns lowers the cost for ever: no bound and no row stops it."""
    if d.shape != problem.cost.shape or not np.abs(d).max(initial=0.0):
        return False
    d = d / np.abs(d).max()
    d = np.where(np.abs(d) > 1e-9, d, 0.0)
    slope, size = product(problem, d)
    slope = np.where(np.abs(slope) > TOLERANCE * np.maximum(1.0, size), slope, 0.0)
    stopped = _stops(d, problem.lower, problem.upper) or _stops(slope, problem.row_lower, problem.row_upper)
    return not stopped and float(problem.cost @ d) < -1e-9 * max(1.0, float(np.abs(problem.cost) @ np.abs(d)))


def _stops(way: Floats, lower: Floats, upper: Floats) -> bool:
    return bool(((way > 0) & np.isfinite(upper)).any() or ((way < 0) & np.isfinite(lower)).any())


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
