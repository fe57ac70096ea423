"""A linear program of one path as bare arrays (rows in compressed sparse form), with names for people."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Block:
    """Names of a block of columns or rows: its axes, their labels, and the numbers (-1 where absent)."""

    name: str
    axes: tuple[str, ...]
    labels: tuple[Sequence[str], ...]
    index: Ints

    def moved(self, place: Ints) -> Block:
        """The block after renumbering."""
        return replace(self, index=np.where(self.index >= 0, place[self.index], -1) if place.size else self.index)

    def names(self) -> Iterator[tuple[int, str]]:
        """(number, readable name) of everything in the block."""
        for number, labels in zip(self.index.reshape(-1), itertools.product(*self.labels), strict=True):
            if number >= 0:
                yield int(number), f"{self.name}[{', '.join(labels)}]" if labels else self.name


@dataclass(frozen=True)
class Template:
    """Minimise ``cost x`` with ``lower <= x <= upper`` and ``row_lower <= A x <= row_upper``.

    Columns and rows are sorted by stage: those of stage `s` are ``column_start[s]:column_start[s + 1]``.
    ``A`` is (`start`, `index`, `value`): row `i` holds entries ``start[i]:start[i + 1]``.
    """

    cost: Floats
    lower: Floats
    upper: Floats
    integer: NDArray[np.bool_]
    row_lower: Floats
    row_upper: Floats
    start: Ints
    index: Ints
    value: Floats
    column_start: NDArray[np.intp]
    row_start: NDArray[np.intp]
    columns: Mapping[str, Block] = field(default_factory=dict)
    rows: Mapping[str, Block] = field(default_factory=dict)
    written: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    """Number here of each column in the order in which the columns were written."""

    @property
    def stages(self) -> int:
        """Number of stages."""
        return len(self.column_start) - 1

    def same_shape(self, other: Template) -> bool:
        """Whether the two differ in numbers only: same columns, rows and places of coefficients."""
        pairs = ((self.start, other.start), (self.index, other.index), (self.integer, other.integer))
        return len(self.cost) == len(other.cost) and all(np.array_equal(a, b) for a, b in pairs)

    def entries(self, rows: Ints, columns: Ints) -> NDArray[np.intp]:
        """Where in `value` the coefficients of pairs of row and column stand; the two broadcast together.

        Raises KeyError if a pair has no coefficient: write a zero there to keep its place.
        """
        width = len(self.cost)
        keys = np.repeat(np.arange(len(self.row_lower)), np.diff(self.start)) * width + self.index
        wanted = np.asarray(rows, np.int64) * width + columns
        found = np.searchsorted(keys, wanted)
        missing = keys[np.minimum(found, len(keys) - 1)] != wanted if len(keys) else np.ones(wanted.shape, bool)
        if missing.any():
            raise KeyError(f"{int(missing.sum())} pairs of row and column have no coefficient")
        return found

    def text(self, block: str) -> str:
        """A block of rows as algebra, a line each: what a reviewer reads and golden files keep."""
        column = dict(itertools.chain.from_iterable(b.names() for b in self.columns.values()))
        lines = []
        for row, name in self.rows[block].names():
            entries = range(self.start[row], self.start[row + 1])
            terms = " ".join(f"{self.value[k]:+.10g} {column[int(self.index[k])]}" for k in entries if self.value[k])
            lines.append(f"{name}: {_relation(terms or '0', self.row_lower[row], self.row_upper[row])}")
        return "\n".join(lines) + "\n"


def _relation(terms: str, lower: float, upper: float) -> str:
    if lower == upper:
        return f"{terms} = {lower:.10g}"
    left = f"{lower:.10g} <= " if np.isfinite(lower) else ""
    right = f" <= {upper:.10g}" if np.isfinite(upper) else ""
    return f"{left}{terms}{right}" if left or right else f"{terms} free"
