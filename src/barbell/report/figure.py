"""The parts of a page: sections hold figures; a figure is a message, a chart where there is one, and always its numbers as a table."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from barbell.report.number import column
from barbell.study.chain import Node

Spec = dict[str, Any]
Chain = str | Node
Opens = Callable[[tuple[str, ...], str], Chain]
"""What a cell opens to, by the words of its row and the head of its column."""


def _closed(_words: tuple[str, ...], _head: str) -> Chain:
    return ""


@dataclass(frozen=True)
class Cell:
    """One cell: what is read, and the number behind it for machines (None for words)."""

    text: str
    value: float | None = None
    chain: Chain = ""
    """What it opens to: the address of a number of the run, or a number that the page works out itself."""

    @property
    def exact(self) -> str:
        """The number as a file has it."""
        return "" if self.value is None or not math.isfinite(self.value) else f"{self.value:.9g}"


@dataclass(frozen=True)
class Grid:
    """A table: `heads` over columns, of which the first `words` are words (the first names the row) and the rest numbers."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    words: int = 1


@dataclass(frozen=True)
class Choice:
    """A selection above a chart that sets one of its signals."""

    label: str
    signal: str
    options: tuple[str, ...]
    chosen: str


@dataclass(frozen=True)
class Key:
    """What a colour or a mark of a chart means: the colour by its name in the theme, and the shape of the mark."""

    name: str
    colour: str
    shape: str = "square"


@dataclass(frozen=True)
class Figure:
    """A chart with its message, a description for those who do not see it, its numbers, and what to know when reading it."""

    name: str
    message: str
    grid: Grid
    spec: Spec | None = None
    description: str = ""
    notes: tuple[str, ...] = ()
    choice: Choice | None = None
    keys: tuple[Key, ...] = ()
    open: bool = False
    """A table without a chart that is shown at once rather than behind a summary."""


@dataclass(frozen=True)
class Section:
    """A part of the page under one heading."""

    name: str
    title: str
    sentences: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tiles: tuple[tuple[str, str, str, Chain], ...] = ()
    """Key figures: (label, figure, what it means, what it opens to)."""


def grid(caption: str, heads: Sequence[str], rows: Sequence[Sequence[Any]], *, words: int = 1, by: str = "row", opens: Opens = _closed) -> Grid:
    """A table from words and numbers; numbers are aligned by `row` (things down, time across) or by `column` (things of several units)."""
    texts = [list(row[:words]) for row in rows]
    numbers = [[float(cell) for cell in row[words:]] for row in rows]
    if by == "row":
        shown = [column(values) for values in numbers]
    else:
        columns = [column(values) for values in zip(*numbers, strict=True)]
        shown = [list(cells) for cells in zip(*columns, strict=True)] if columns else [[] for _ in rows]
    cells = [
        (
            *(Cell(str(word)) for word in left),
            *(Cell(text, value, opens(tuple(map(str, left)), head)) for text, value, head in zip(right, values, heads[words:], strict=True)),
        )
        for left, right, values in zip(texts, shown, numbers, strict=True)
    ]
    return Grid(caption, tuple(heads), tuple(cells), words)


def wide(caption: str, heads: Sequence[str], across: Sequence[str], values: Mapping[Any, Mapping[str, float]], opens: Opens = _closed) -> Grid:
    """Things down, time across, from values by thing and time; what is not there is blank."""
    rows = [(*key, *(found.get(label, math.nan) for label in across)) for key, found in values.items()]
    return grid(caption, (*heads, *across), rows, words=len(heads), opens=opens)
