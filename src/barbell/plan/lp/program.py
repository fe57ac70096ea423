"""Write a linear program of one path in blocks over named axes, then freeze it into arrays.

A block of variables or rows is an integer array with one axis per dimension; -1 marks what does not exist, and
terms that touch it drop out. So an equation is a few lines of NumPy indexing that read like its formula::

    balance = program.rows("balance", (account, period), equal=0.0)
    balance.add(rate[:, None], activity[process_of], at=account_of)     # + sum of rate x activity
    balance.add(-1.0, served)                                           # - served
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from barbell.plan.lp.template import Block, Template

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Axis:
    """A named dimension with a label for each position; `stages` gives the stage of each position of a time axis."""

    name: str
    labels: Sequence[str]
    stages: tuple[int, ...] | None = None

    def __len__(self) -> int:
        return len(self.labels)


class Variable:
    """A block of columns: ``variable[i, t]`` are column numbers, -1 where absent."""

    def __init__(self, block: Block, axes: Sequence[Axis]) -> None:
        self.block = block
        self.index = block.index
        self.axes = tuple(axes)

    def __getitem__(self, key: Any) -> Ints:
        columns: Ints = self.index[key]
        return columns


class Rows:
    """A block of rows, filled term by term."""

    def __init__(self, block: Block, program: Program) -> None:
        self.block = block
        self.index = block.index
        self._program = program

    def add(self, coefficient: ArrayLike, columns: Variable | ArrayLike, at: Any = None) -> Rows:
        """Add ``coefficient x columns`` to the rows ``at`` (an index into the block; default: all of them).

        The three broadcast together; repeated pairs of row and column add up. Returns the block itself.
        Raises ValueError when the shapes do not broadcast or a coefficient is not finite.
        """
        coefficient = np.asarray(coefficient, np.float64)
        if not np.isfinite(coefficient).all():
            raise ValueError(f"a coefficient of '{self.block.name}' is not finite")
        rows = self.index if at is None else self.index[at]
        columns = columns.index if isinstance(columns, Variable) else np.asarray(columns, np.int32)
        self._program.take(rows, columns, coefficient)
        return self


class Program:
    """A linear program in the making: minimise cost x subject to row and column bounds.

    `stages` is the number of stages (periods); each column and row belongs to one, and a row may only speak of
    columns of its own or earlier stages: what happens cannot depend on what is not known yet.
    """

    def __init__(self, stages: int) -> None:
        self.stages = stages
        self._columns = _Family(stages)
        self._rows = _Family(stages)
        self._terms: list[tuple[Ints, Ints, Floats]] = []

    def variable(
        self,
        name: str,
        axes: Sequence[Axis],
        *,
        lower: ArrayLike = 0.0,
        upper: ArrayLike = np.inf,
        cost: ArrayLike = 0.0,
        stage: ArrayLike | None = None,
        where: ArrayLike = True,
        integer: ArrayLike = False,
    ) -> Variable:
        """A block of columns; all arguments broadcast to the shape of the axes. `where` is False for what does not exist."""
        values = {"lower": lower, "upper": upper, "cost": cost, "integer": integer}
        return Variable(self._columns.block(name, axes, stage, where, values), axes)

    def rows(
        self,
        name: str,
        axes: Sequence[Axis],
        *,
        lower: ArrayLike = -np.inf,
        upper: ArrayLike = np.inf,
        equal: ArrayLike | None = None,
        stage: ArrayLike | None = None,
        where: ArrayLike = True,
    ) -> Rows:
        """A block of rows between `lower` and `upper`, or `equal` to a value; arguments as for `variable`."""
        values = {"lower": lower, "upper": upper} if equal is None else {"lower": equal, "upper": equal}
        return Rows(self._rows.block(name, axes, stage, where, values), self)

    def take(self, rows: Ints, columns: Ints, coefficients: Floats) -> None:
        """Keep one broadcast group of terms; the door behind `Rows.add`."""
        shape = np.broadcast(rows, columns, coefficients).shape
        row: Ints = _spread(rows, shape)
        column: Ints = _spread(columns, shape)
        value: Floats = _spread(coefficients, shape)
        if not len(row):
            return
        if row.min() < 0 or column.min() < 0:
            there = (row >= 0) & (column >= 0)
            row, column, value = row[there], column[there], value[there]
        self._terms.append((row, column, value))

    def freeze(self) -> Template:
        """Sort columns and rows by stage and the terms by row; raises ValueError if a row looks ahead."""
        column_stage, column_place, columns = self._columns.sorted()
        row_stage, row_place, rows = self._rows.sorted()
        empty: tuple[Ints, Ints, Floats] = (np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0))
        row, column, value = (np.concatenate(part) for part in zip(*(self._terms or [empty]), strict=True))
        row, column, value = _compress(row_place[row], column_place[column], value, len(column_stage))
        if (column_stage[column] > row_stage[row]).any():
            first = np.argmax(column_stage[column] > row_stage[row])
            names = self._rows.name(row_place, row[first]), self._columns.name(column_place, column[first])
            raise ValueError("row {} speaks of {}, which belongs to a later stage".format(*names))
        pointers = np.zeros(len(row_stage) + 1, np.int32)
        np.cumsum(np.bincount(row, minlength=len(row_stage)), out=pointers[1:])
        return Template(
            cost=columns["cost"],
            lower=columns["lower"],
            upper=columns["upper"],
            integer=columns["integer"].astype(bool),
            row_lower=rows["lower"],
            row_upper=rows["upper"],
            start=pointers,
            index=column,
            value=value,
            column_start=np.searchsorted(column_stage, np.arange(self.stages + 1)),
            row_start=np.searchsorted(row_stage, np.arange(self.stages + 1)),
            columns={b.name: b.moved(column_place) for b in self._columns},
            rows={b.name: b.moved(row_place) for b in self._rows},
            written=column_place,
        )


class _Family:
    """Blocks of one sort (columns or rows), numbered one after the other."""

    def __init__(self, stages: int) -> None:
        self._stages = stages
        self._blocks: dict[str, Block] = {}
        self._stage: list[Ints] = []
        self._values: list[dict[str, Floats]] = []
        self._count = 0

    def __iter__(self) -> Iterator[Block]:
        return iter(self._blocks.values())

    def block(self, name: str, axes: Sequence[Axis], stage: ArrayLike | None, where: ArrayLike, values: dict[str, ArrayLike]) -> Block:
        if name in self._blocks:
            raise ValueError(f"block '{name}' exists already")
        shape = tuple(len(axis) for axis in axes)
        mask = _spread(np.asarray(where, bool), shape)
        count = int(np.count_nonzero(mask))
        index = np.full(len(mask), -1, np.int32)
        index[mask] = np.arange(self._count, self._count + count, dtype=np.int32)
        stages = _spread(_stages(axes) if stage is None else np.asarray(stage, np.int32), shape)[mask]
        if count and (stages.min() < 0 or stages.max() >= self._stages):
            raise ValueError(f"block '{name}' has stages outside 0..{self._stages - 1}")
        numbers = {key: _spread(np.asarray(value, np.float64), shape)[mask] for key, value in values.items()}
        for key, number in numbers.items():
            if np.isnan(number).any() or (key == "cost" and np.isinf(number).any()):
                raise ValueError(f"the {key} of '{name}' is not a number that a program can hold")
        self._count += count
        self._stage.append(stages)
        self._values.append(numbers)
        labels = tuple(axis.labels for axis in axes)
        self._blocks[name] = Block(name, tuple(axis.name for axis in axes), labels, index.reshape(shape))
        return self._blocks[name]

    def name(self, place: Ints, number: int) -> str:
        """The readable name of what was moved to a number."""
        old = int(np.flatnonzero(place == number)[0])
        return next(name for block in self for found, name in block.names() if found == old)

    def sorted(self) -> tuple[Ints, Ints, dict[str, Floats]]:
        """Stages in ascending order, the new place of each old number, and the values in the new order."""
        stage = np.concatenate([np.zeros(0, np.int32), *self._stage])
        order = np.argsort(stage, kind="stable")
        place = np.empty(len(order), np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        keys = self._values[0] if self._values else ("lower", "upper", "cost", "integer")
        return stage[order], place, {k: np.concatenate([np.zeros(0), *(v[k] for v in self._values)])[order] for k in keys}


def _spread(values: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """The values in every position of a shape, flat, as an array of their own (several times faster than `broadcast_to`)."""
    if values.shape == shape:
        return values.flatten()
    flat = np.empty(shape, values.dtype)
    flat[...] = values
    return flat.reshape(-1)


def _stages(axes: Sequence[Axis]) -> Ints:
    """Stage of each position of a block, from its time axis; blocks without one belong to stage 0."""
    for position, axis in enumerate(axes):
        if axis.stages is not None:
            shape = [1] * len(axes)
            shape[position] = len(axis)
            return np.asarray(axis.stages, np.int32).reshape(shape)
    return np.zeros([1] * len(axes), np.int32)


def _compress(row: Ints, column: Ints, value: Floats, width: int) -> tuple[Ints, Ints, Floats]:
    """Sort terms by row and column and add up repeated pairs; explicit zeros stay, so that structure never depends on data."""
    if len(row) == 0:
        return row, column, value
    key = row.astype(np.int64) * width + column
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.concatenate([[True], key[1:] != key[:-1]])
    if first.all():
        return row[order], column[order], value[order]
    heads = np.flatnonzero(first)
    return row[order][heads], column[order][heads], np.add.reduceat(value[order], heads)
