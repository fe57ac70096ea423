"""From one path to a tree of them: a template is laid onto every node, and each node sees its own ancestors.

A tree has one node per thing that can be known at a stage. The rows and columns of stage `s` exist once at every
node of stage `s`; where a template's row speaks of a column of an earlier stage, the node's row speaks of that
column at the node's ancestor. Hence nothing anticipates, and a tree with one path is the template itself.
"""

from __future__ import annotations

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

    At every node of `stage` (in tree order) the entries `at` of `part` take `values` (nodes, entries). `at` counts
    columns, rows or coefficients of the template.
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

    def columns(self, template: Template) -> Ints:
        """(nodes, template columns): number in the problem of each template column as seen from each node; -1 if later."""
        return _seen(self.tree, template.column_start, self.column_offset)

    def rows(self, template: Template) -> Ints:
        """(nodes, template rows): the same for rows."""
        return _seen(self.tree, template.row_start, self.row_offset)


def tile(tree: Tree, template: Template | Sequence[Template], changes: Sequence[Change] = ()) -> Problem:
    """Lay a template onto every node of a tree, or the n-th of several templates onto the n-th node.

    Costs are weighed by the probability of the node. All templates have the same columns and rows at each stage;
    coefficients may differ even in their places. Raises ValueError if they do not match.
    """
    each = [template] * len(tree.stage) if isinstance(template, Template) else list(template)
    first = each[0]
    if any(not np.array_equal(t.column_start, first.column_start) or not np.array_equal(t.row_start, first.row_start) for t in each):
        raise ValueError("the templates of a tree must have the same columns and rows at every stage")
    widths, heights = np.diff(first.column_start)[tree.stage], np.diff(first.row_start)[tree.stage]
    columns, rows = _offsets(widths), _offsets(heights)
    counts = [int(t.start[t.row_start[s + 1]] - t.start[t.row_start[s]]) for t, s in zip(each, tree.stage, strict=True)]
    entries = _offsets(np.asarray(counts))
    out = _allocate(int(columns[-1]), int(rows[-1]), int(entries[-1]))
    for group in _groups(tree, each):
        _lay(out, tree, each[group[0]], group, columns, rows, entries, changes)
    return Problem(tree, out, columns[:-1], rows[:-1])


def _offsets(sizes: NDArray[np.intp]) -> NDArray[np.intp]:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp)


def _allocate(columns: int, rows: int, entries: int) -> Template:
    start = np.zeros(rows + 1, np.int32)
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


def _groups(tree: Tree, each: Sequence[Template]) -> list[NDArray[np.intp]]:
    """Runs of neighbouring nodes with one stage and one template: each is laid in one stroke."""
    key = [(int(s), id(t)) for s, t in zip(tree.stage, each, strict=True)]
    cuts = [n for n in range(1, len(key)) if key[n] != key[n - 1]]
    return np.split(np.arange(len(key)), cuts)


def _lay(
    out: Template,
    tree: Tree,
    template: Template,
    nodes: NDArray[np.intp],
    columns: NDArray[np.intp],
    rows: NDArray[np.intp],
    entries: NDArray[np.intp],
    changes: Sequence[Change],
) -> None:
    stage = int(tree.stage[nodes[0]])
    source: dict[str, Any] = {"column": template.column_start, "row": template.row_start, "entry": template.start[template.row_start]}
    target: dict[str, Any] = {"column": columns, "row": rows, "entry": entries}
    views = {}
    for part, family in _PARTS.items():
        head, tail = (int(source[family][stage + k]) for k in (0, 1))
        begin, end = int(target[family][nodes[0]]), int(target[family][nodes[-1] + 1])
        view = getattr(out, part)[begin:end].reshape(len(nodes), tail - head)
        view[:] = getattr(template, part)[head:tail]
        views[part] = view, head
    for change in (c for c in changes if c.stage == stage):
        view, head = views[change.part]
        view[:, change.at - head] = change.values
    views["cost"][0][:] *= tree.probability[nodes, None]
    index, head = views["index"]
    shift = columns[tree.ancestor[nodes][:, : stage + 1]] - template.column_start[: stage + 1]
    index += _shifts(shift.astype(np.int32), template, index.shape[1], head)
    at, stop = (int(template.row_start[stage + k]) for k in (0, 1))
    pointers = out.start[int(rows[nodes[0]]) : int(rows[nodes[-1] + 1])].reshape(len(nodes), stop - at)
    pointers[:] = template.start[at:stop] - head + entries[nodes, None]


_PARTS = {
    "cost": "column", "lower": "column", "upper": "column", "integer": "column",
    "row_lower": "row", "row_upper": "row", "index": "entry", "value": "entry",
}  # fmt: skip


def _shifts(shift: Ints, template: Template, count: int, head: int) -> Ints:
    """(nodes, entries): how far the column of each entry moves, given how far each stage's columns move."""
    if (shift == shift[:, :1]).all():
        return shift[:, :1]
    stage = np.searchsorted(template.column_start, template.index[head : head + count], side="right") - 1
    taken: Ints = np.take(shift, stage, axis=1)
    return taken


def _seen(tree: Tree, start: NDArray[np.intp], offset: NDArray[np.intp]) -> Ints:
    stage = np.repeat(np.arange(len(start) - 1), np.diff(start))
    ancestor = tree.ancestor[:, stage]
    return np.where(ancestor >= 0, offset[ancestor] - start[stage] + np.arange(start[-1]), -1).astype(np.int32)
