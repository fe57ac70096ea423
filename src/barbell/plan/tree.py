"""The scenario tree of a case: which branch lives in which period, and the problem of every node laid out as one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from barbell.core.branch import TRUNK, seen_by
from barbell.core.case import Case
from barbell.core.horizon import Month
from barbell.plan.lp import Problem, Tree, tile
from barbell.plan.model import Model, write


@dataclass(frozen=True)
class Branch:
    """A stretch of the future without forks: its nodes are the periods from `first` to before `stop`."""

    name: str
    parent: str
    probability: float
    first: int
    stop: int


@dataclass(frozen=True)
class Forest:
    """Every branch with its model, and all of them as one problem; `nodes[b][t]` is the node at which branch b sees period t."""

    case: Case
    branches: tuple[Branch, ...]
    models: tuple[Model, ...]
    problem: Problem
    node: NDArray[np.intp]

    @cached_property
    def columns(self) -> NDArray[np.int32]:
        """(branches, template columns) numbers in the problem; -1 for what a branch does not live to see."""
        return self.problem.columns(self.models[0].template, self._ends)

    @cached_property
    def rows(self) -> NDArray[np.int32]:
        """(branches, template rows), as `columns`."""
        return self.problem.rows(self.models[0].template, self._ends)

    @cached_property
    def _ends(self) -> NDArray[np.intp]:
        """(branches,) the last node of each branch."""
        return np.array([self.node[number, branch.stop - 1] for number, branch in enumerate(self.branches)], np.intp)


def plant(case: Case) -> Forest:
    """Write the problem of a case over its scenario tree."""
    branches = _branches(case)
    models = _models(case, branches)
    count = len(case.horizon.periods)
    alive = [(t, b) for t in range(count) for b, branch in enumerate(branches) if branch.first <= t < branch.stop]
    number = {spot: n for n, spot in enumerate(alive)}
    node = np.full((len(branches), count), -1, np.intp)
    names = {branch.name: b for b, branch in enumerate(branches)}
    for b, branch in enumerate(branches):
        ancestor = b
        for t in range(branch.stop - 1, -1, -1):
            while t < branches[ancestor].first:
                ancestor = names[branches[ancestor].parent]
            node[b, t] = number[t, ancestor]
    parent = np.array([node[b, t - 1] if t else -1 for t, b in alive], np.intp)
    tree = Tree(np.array([t for t, _ in alive]), parent, np.array([branches[b].probability for _, b in alive]))
    return Forest(case, branches, models, tile(tree, [models[b].template for _, b in alive]), node)


def _branches(case: Case) -> tuple[Branch, ...]:
    """Trunk first, parents before children; a branch ends where its own branches open."""
    count = len(case.horizon.periods)
    children: dict[str, list[str]] = {}
    for row in case.tables.scenarios:
        children.setdefault(row.parent, []).append(row.name)
    rows = {row.name: row for row in case.tables.scenarios}

    def first(name: str) -> int:
        return case.horizon.arrival(Month.parse(rows[name].opens))

    found = []
    pending = [Branch(TRUNK, "", 1.0, 0, count)]
    while pending:
        branch = pending.pop(0)
        below = children.get(branch.name, [])
        stop = first(below[0]) if below else count
        found.append(Branch(branch.name, branch.parent, branch.probability, branch.first, stop))
        pending.extend(Branch(name, branch.name, branch.probability * rows[name].probability, stop, count) for name in below)
    return tuple(found)


def _models(case: Case, branches: tuple[Branch, ...]) -> tuple[Model, ...]:
    return tuple(write(seen_by(case, branch.name)) for branch in branches)
