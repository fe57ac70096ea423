"""From one path to a tree of them: a template is laid onto every node, and each node sees its own ancestors.

A tree has one node per thing that can be known at a stage. The rows and columns of stage `s` exist once at every
node of stage `s`; where a template's row speaks of a column of an earlier stage, the node's row speaks of that
column at the node's ancestor. Hence nothing anticipates, and a tree with one path is the template itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from barbell.plan.lp.template import Floats, Ints, Template


@dataclass(frozen=True)
class Tree:
    """Nodes in an order in which parents come first: stage (n,), parent (n,) with -1 for the root, probability (n,)."""

    stage: NDArray[np.intp]
    parent: NDArray[np.intp]
    probability: Floats

    @classmethod
    def path(cls, stages: int) -> Tree:
        """The tree with one path."""
        return cls(np.arange(stages), np.arange(stages) - 1, np.ones(stages))

    @classmethod
    def fan(cls, leaves: int) -> Tree:
        """One root and equally likely leaves: the two-stage program."""
        stage, parent = np.repeat([0, 1], [1, leaves]), np.repeat([-1, 0], [1, leaves])
        return cls(stage, parent, np.where(stage == 0, 1.0, 1.0 / leaves))

    @cached_property
    def ancestor(self) -> NDArray[np.intp]:
        """(nodes, stages): the node of each stage on the way to a node, itself included; -1 beyond it."""
        table = np.full((len(self.stage), int(self.stage.max()) + 1), -1, np.intp)
        for node, (stage, parent) in enumerate(zip(self.stage, self.parent, strict=True)):
            if parent >= 0:
                table[node] = table[parent]
            table[node, stage] = node
        return table

    @cached_property
    def leaves(self) -> NDArray[np.intp]:
        """Nodes without children."""
        return np.setdiff1d(np.arange(len(self.stage)), self.parent)


@dataclass(frozen=True)
class Change:
    """Numbers of a template that differ from node to node.

    At the nodes of `stage`, in tree order, the entries `at` of `part` take `values` (nodes or 1, entries). `at` counts
    columns, rows or coefficients of the template (`Template.entries` finds the latter).
    """

    stage: int
    part: Literal["cost", "lower", "upper", "row_lower", "row_upper", "value"]
    at: NDArray[np.intp]
    values: Floats


@dataclass(frozen=True)
class Problem:
    """A template laid onto a tree: the arrays the solver gets, and where each node's columns and rows begin."""

    tree: Tree
    arrays: Template
    column_offset: NDArray[np.intp]
    row_offset: NDArray[np.intp]

    def columns(self, template: Template, nodes: NDArray[np.intp] | None = None) -> Ints:
        """(nodes, template columns): number in the problem of each template column as seen from each node; -1 if later.

        Of all nodes, or of some: the table is large.
        """
        return _seen(self.tree, template.column_start, self.column_offset, nodes)

    def rows(self, template: Template, nodes: NDArray[np.intp] | None = None) -> Ints:
        """(nodes, template rows): the same for rows."""
        return _seen(self.tree, template.row_start, self.row_offset, nodes)


def tile(tree: Tree, template: Template | Sequence[Template], changes: Sequence[Change] = ()) -> Problem:
    """Lay a template onto every node of a tree, or the n-th of several templates onto the n-th node.

    Costs are weighed by the probability of the node. All templates have the same columns and rows at each stage;
    coefficients may differ even in their places. Raises ValueError if they do not match, if a change touches what is
    not at its stage, or if the problem outgrows the solver's 32-bit numbers.
    """
    each = [template] * len(tree.stage) if isinstance(template, Template) else list(template)
    first = each[0]
    others = {id(t): t for t in each if t is not first}.values()
    if any(not np.array_equal(t.column_start, first.column_start) or not np.array_equal(t.row_start, first.row_start) for t in others):
        raise ValueError("the templates of a tree must have the same columns and rows at every stage")
    layout = _Layout.of(tree, each)
    for nodes in layout.groups(each):
        layout.copy(each[nodes.start], nodes)
        layout.alter(each[nodes.start], nodes, changes)
        layout.weigh(each[nodes.start], nodes)
    return Problem(tree, layout.out, layout.column[:-1], layout.row[:-1])


_FAMILY = {
    "cost": "column", "lower": "column", "upper": "column", "integer": "column",
    "row_lower": "row", "row_upper": "row", "start": "row", "index": "entry", "value": "entry",
}  # fmt: skip
"""What each array of a template counts."""


def _offsets(sizes: NDArray[np.intp]) -> NDArray[np.intp]:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp)


def _allocate(columns: int, rows: int, entries: int) -> Template:
    if max(columns, rows, entries) > np.iinfo(np.int32).max:
        raise ValueError(f"{columns} columns, {rows} rows and {entries} coefficients are more than the solver can number")
    start = np.empty(rows + 1, np.int32)
    start[rows] = entries
    return Template(
        cost=np.empty(columns),
        lower=np.empty(columns),
        upper=np.empty(columns),
        integer=np.empty(columns, bool),
        row_lower=np.empty(rows),
        row_upper=np.empty(rows),
        start=start,
        index=np.empty(entries, np.int32),
        value=np.empty(entries),
        column_start=np.asarray([0, columns]),
        row_start=np.asarray([0, rows]),
    )


@dataclass(frozen=True)
class _Layout:
    """The problem being filled, and where the columns, rows and entries of each node begin in it: (nodes + 1,)."""

    tree: Tree
    out: Template
    column: NDArray[np.intp]
    row: NDArray[np.intp]
    entry: NDArray[np.intp]

    @classmethod
    def of(cls, tree: Tree, each: Sequence[Template]) -> _Layout:
        """Room for every node's part of its template."""
        entries = [int(t.start[t.row_start[s + 1]] - t.start[t.row_start[s]]) for t, s in zip(each, tree.stage, strict=True)]
        column, row = (_offsets(np.diff(start)[tree.stage]) for start in (each[0].column_start, each[0].row_start))
        entry = _offsets(np.asarray(entries))
        return cls(tree, _allocate(int(column[-1]), int(row[-1]), int(entry[-1])), column, row, entry)

    def groups(self, each: Sequence[Template]) -> list[slice]:
        """Runs of neighbouring nodes with one stage and one template: each is laid in one stroke."""
        key = [(int(s), id(t)) for s, t in zip(self.tree.stage, each, strict=True)]
        cuts = [0, *(n for n in range(1, len(key)) if key[n] != key[n - 1]), len(key)]
        return [slice(*pair) for pair in itertools.pairwise(cuts)]

    def copy(self, template: Template, nodes: slice) -> None:
        """Give the nodes the template's numbers, columns and rows renumbered; nothing large is made on the way."""
        stage = int(self.tree.stage[nodes.start])
        for part in _FAMILY:
            view, source, _ = self._parts(part, template, nodes)
            if part == "index":
                # the column of an entry moves as far as the columns of its stage have moved at the node's ancestor
                ancestor = self.tree.ancestor[nodes, : stage + 1]
                shift = (self.column[ancestor] - template.column_start[: stage + 1]).astype(np.int32)
                of = np.searchsorted(template.column_start, source, side="right") - 1
                np.take(shift, of, axis=1, out=view, mode="clip")
                view += source
            elif part == "start":
                view[:] = source - template.start[template.row_start[stage]] + self.entry[nodes, None]
            else:
                view[:] = source

    def alter(self, template: Template, nodes: slice, changes: Sequence[Change]) -> None:
        """Overwrite what differs from node to node."""
        stage = self.tree.stage[nodes.start]
        peers = np.flatnonzero(self.tree.stage == stage)
        before = int(np.searchsorted(peers, nodes.start))
        for change in (c for c in changes if c.stage == stage):
            view, source, head = self._parts(change.part, template, nodes)
            at = change.at - head
            if at.size and (at.min() < 0 or at.max() >= len(source)):
                raise ValueError(f"a change of '{change.part}' touches numbers that are not at stage {stage}")
            values = np.broadcast_to(change.values, (len(peers), len(at)))
            view[:, at] = values[before : before + len(view)]

    def weigh(self, template: Template, nodes: slice) -> None:
        """Costs count by the probability of their node."""
        view, *_ = self._parts("cost", template, nodes)
        view *= self.tree.probability[nodes, None]

    def _parts(self, part: str, template: Template, nodes: slice) -> tuple[NDArray[Any], NDArray[Any], int]:
        """(The nodes' numbers in the problem (nodes, entries), the template's (entries,), where the latter begin)."""
        stage, family = int(self.tree.stage[nodes.start]), _FAMILY[part]
        begin = template.start[template.row_start] if family == "entry" else getattr(template, f"{family}_start")
        target: NDArray[np.intp] = getattr(self, family)
        head, tail = int(begin[stage]), int(begin[stage + 1])
        view = getattr(self.out, part)[target[nodes.start] : target[nodes.stop]].reshape(nodes.stop - nodes.start, tail - head)
        return view, getattr(template, part)[head:tail], head


def _seen(tree: Tree, start: NDArray[np.intp], offset: NDArray[np.intp], nodes: NDArray[np.intp] | None) -> Ints:
    ancestor = tree.ancestor if nodes is None else tree.ancestor[nodes]
    moved = np.where(ancestor >= 0, offset[ancestor] - start[:-1], -1)
    table = np.repeat(moved.astype(np.int32), np.diff(start), axis=1)
    table += np.arange(start[-1], dtype=np.int32)
    table[np.repeat(ancestor < 0, np.diff(start), axis=1)] = -1
    return table
