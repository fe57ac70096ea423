"""Proofs that there is no plan, or no best one: rays checked in NumPy, and small programs that find a ray if HiGHS has none.

A *dual ray* weighs the rows so that together they ask for more than the column bounds can give (Farkas). A *primal ray* is
a direction in which every plan may be followed for ever while its cost falls.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from barbell.plan.lp.template import Floats, Template
from barbell.plan.lp.verify import product, transposed

NOISE = 1e-9
"""What counts as zero, relative to the size of the numbers that were added up."""


def crossed(lower: Floats, upper: Floats) -> NDArray[np.bool_]:
    """Where a lower bound lies above its upper bound: a contradiction that needs no ray."""
    crossing: NDArray[np.bool_] = lower > upper
    return crossing


def contradicts(problem: Template, y: Floats) -> bool:
    """Whether row weights `y` (rows,) prove that no plan exists; positive weights lean on lower bounds, negative on upper.

    For every x within its bounds ``y A x`` is at most ``reach``; every plan needs at least ``need``: so need > reach is a proof.
    """
    if y.shape != problem.row_lower.shape or not np.isfinite(y).all() or not y.any():
        return False
    y = y / np.abs(y).max()
    held = np.where(y > 0, problem.row_lower, problem.row_upper)
    y = np.where(np.isinf(held) & (np.abs(y) <= NOISE), 0.0, y)
    reduced, size = transposed(problem, y)
    bound = np.where(reduced > 0, problem.upper, problem.lower)
    reduced = np.where(np.isinf(bound) & (np.abs(reduced) <= NOISE * size), 0.0, reduced)
    if np.isinf(held[y != 0]).any() or np.isinf(bound[reduced != 0]).any():
        return False
    need, reach = y[y != 0] * held[y != 0], reduced[reduced != 0] * bound[reduced != 0]
    return bool(need.sum() - reach.sum() > NOISE * (np.abs(need).sum() + np.abs(reach).sum()))


def escapes(problem: Template, direction: Floats) -> bool:
    """Whether `direction` (columns,) stays within every row and bound for ever while the cost falls."""
    if direction.shape != problem.cost.shape or not np.isfinite(direction).all() or not direction.any():
        return False
    direction = direction / np.abs(direction).max()
    activity, size = product(problem, direction)
    inside = _recedes(direction, problem.lower, problem.upper, np.ones_like(direction))
    gain = problem.cost * direction
    return inside and _recedes(activity, problem.row_lower, problem.row_upper, size) and bool(gain.sum() < -NOISE * np.abs(gain).sum())


def _recedes(move: Floats, lower: Floats, upper: Floats, size: Floats) -> bool:
    below, above = np.isfinite(lower) & (move < -NOISE * size), np.isfinite(upper) & (move > NOISE * size)
    return not (below | above).any()


def elastic(problem: Template) -> Template:
    """The least total by which rows must be missed: always feasible; its row duals are a dual ray where the least is not zero."""
    n, m, nnz = len(problem.cost), len(problem.row_lower), len(problem.value)
    start = problem.start + 2 * np.arange(m + 1, dtype=np.int32)
    slack = (start[1:, None] + np.array([-2, -1])).reshape(-1)
    entry = np.ones(nnz + 2 * m, bool)
    entry[slack] = False
    index, value = np.empty(nnz + 2 * m, np.int32), np.empty(nnz + 2 * m)
    index[entry], index[slack] = problem.index, np.arange(n, n + 2 * m)
    value[entry], value[slack] = problem.value, np.tile([1.0, -1.0], m)
    return Template(
        cost=np.repeat([0.0, 1.0], [n, 2 * m]),
        lower=np.append(problem.lower, np.zeros(2 * m)),
        upper=np.append(problem.upper, np.full(2 * m, np.inf)),
        integer=np.zeros(n + 2 * m, bool),
        row_lower=problem.row_lower,
        row_upper=problem.row_upper,
        start=start,
        index=index,
        value=value,
        column_start=np.array([0, n + 2 * m]),
        row_start=np.array([0, m]),
    )


def boxed(problem: Template) -> Template:
    """The steepest direction of at most one unit per column: feasible and bounded; a primal ray where its cost is negative."""
    return replace(
        problem,
        lower=np.where(np.isfinite(problem.lower), 0.0, -1.0),
        upper=np.where(np.isfinite(problem.upper), 0.0, 1.0),
        row_lower=np.where(np.isfinite(problem.row_lower), 0.0, -np.inf),
        row_upper=np.where(np.isfinite(problem.row_upper), 0.0, np.inf),
        integer=np.zeros(len(problem.cost), bool),
    )
