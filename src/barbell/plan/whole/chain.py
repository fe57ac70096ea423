"""The whole numbers of a plan: how many blocks of each option have been ordered up to each node of the tree.

They never fall, and each step of them is an order, which has a limit and counts against ceilings that it shares with others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from barbell.core.clock import Floats, Ints
from barbell.plan.lp import Template
from barbell.plan.reach import matrix
from barbell.plan.tree import Forest

if TYPE_CHECKING:
    import scipy.sparse as sp

TINY = 1e-6
"""Share of a block, or of a ceiling, that counts as nothing."""

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Chain:
    """Counts of blocks (K,), parents before children: `count` and `order` are columns of the problem, `size` is that of a block.

    `before` is the place of the count that this one goes on from, -1 for the first; `stage` the period.
    """

    problem: Template
    count: Ints
    order: Ints
    before: Ints
    size: Floats
    stage: Ints

    def steps(self, counts: Whole) -> Whole:
        """(K,) blocks that each node orders."""
        steps: Whole = counts - np.where(self.before >= 0, counts[self.before], 0)
        return steps

    @cached_property
    def most(self) -> Whole:
        """(K,) blocks that each node may order at most, by its own limit."""
        most = np.minimum(self.problem.upper[self.order] / self.size, 1e12)
        return np.floor(most * (1 + TINY)).astype(np.int64)

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """Places of the counts that go on from each."""
        found: list[list[int]] = [[] for _ in self.before]
        for place, parent in enumerate(self.before):
            if parent >= 0:
                found[parent].append(place)
        return tuple(tuple(row) for row in found)

    @cached_property
    def ceilings(self) -> tuple[sp.csc_array, Floats]:
        """What a block of each count draws (ceilings, K) on every ceiling over orders, and what there is of it.

        A ceiling is a row with an upper bound on columns that only add to it: whatever else does, the blocks alone must fit.
        """
        p = self.problem
        every = matrix(p)
        falls = np.add.reduceat(np.append(p.value < 0, False), p.start[:-1]) * (np.diff(p.start) > 0)
        spans = np.add.reduceat(np.append(p.lower[p.index] < 0, False), p.start[:-1]) * (np.diff(p.start) > 0)
        rows = np.flatnonzero((falls == 0) & (spans == 0) & np.isfinite(p.row_upper))
        draws = every[rows][:, self.order].tocsc()
        touched = np.flatnonzero(np.diff(draws.tocsr().indptr))
        draws = draws.tocsr()[touched].multiply(self.size).tocsc()
        return draws, p.row_upper[rows[touched]]

    def fits(self, counts: Whole) -> bool:
        """Whether counts are orders that their limits and ceilings allow."""
        steps = self.steps(counts)
        draws, there = self.ceilings
        return bool((steps >= 0).all() and (steps <= self.most).all() and (draws @ steps <= there + TINY * np.maximum(np.abs(there), 1.0)).all())

    def held(self, counts: Whole, problem: Template) -> tuple[Floats, Floats]:
        """Lower and upper bounds of a problem's columns with the counts held."""
        lower, upper = problem.lower.copy(), problem.upper.copy()
        lower[self.count] = upper[self.count] = counts
        return lower, upper


def chain(forest: Forest) -> Chain:
    """The counts of a written problem; there are none where nothing comes in whole blocks."""
    rows = [np.zeros((5, 0))]
    for number, branch in enumerate(forest.branches):
        sets, template = forest.models[number].sets, forest.models[number].template
        if "blocks" not in template.columns:
            continue
        index, seen = template.columns["blocks"].index, np.append(forest.columns[number], -1)
        option, t = np.nonzero(index >= 0)
        own = (t >= branch.first) & (t < branch.stop)
        option, t = option[own], t[own]
        before = np.where(t > 0, index[option, t - 1], -1)
        order = template.columns["order"].index[option, t]
        rows.append(np.array([seen[index[option, t]], seen[order], seen[before], sets.block[option, t], t], float))
    table = np.concatenate(rows, axis=1)
    table = table[:, np.argsort(table[4], kind="stable")]
    count, order, before, stage = (table[row].astype(int) for row in (0, 1, 2, 4))
    place = np.full(len(forest.problem.arrays.cost) + 1, -1)
    place[count] = np.arange(len(count))
    return Chain(forest.problem.arrays, count, order, place[before], table[3], stage)
