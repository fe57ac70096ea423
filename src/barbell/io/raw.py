"""Rows as they stand in the files: text with its place, before any meaning."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from barbell.core.case import TABLES
from barbell.core.column import Column, columns
from barbell.core.errors import Where


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's text, the unit in its column's header, and what overrides multiply it by."""

    text: str
    where: Where
    unit: str = ""
    factor: float = 1.0


@dataclass
class RawRow:
    """The cells of a row by field; `missing` are columns that its file lacks, which have a fault already."""

    where: Where
    cells: dict[str, Cell]
    missing: frozenset[str] = frozenset()

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """Text of each cell."""
        return {name: cell.text for name, cell in self.cells.items()}

    def put(self, cell: str, value: Cell) -> None:
        """Replace a cell."""
        self.cells[cell] = value
        self.__dict__.pop("texts", None)


@dataclass
class Raw:
    """The rows of every table by key, in the order of the files; `broken` are tables of which something could not be read."""

    tables: dict[str, dict[str, RawRow]] = field(default_factory=lambda: {table: {} for table in TABLES})
    broken: set[str] = field(default_factory=set)

    def names(self, table: str) -> set[str]:
        """What a reference to a table may say."""
        first = TABLES[table].key[0]
        return {row.cells[first].text for row in self.tables[table].values() if first in row.cells}

    def look(self, table: str, name: str) -> Mapping[str, str] | None:
        """Text of the cells of the row of that name; None when there is none."""
        row = self.tables[table].get(name)
        return row.texts if row else None

    def put(self, table: str, key: str, cell: str, value: Cell) -> None:
        """Replace a cell by an override."""
        self.tables[table][key].put(cell, value)

    def over(self, base: Raw) -> Raw:
        """These rows on top of a base's: rows with a known key replace, the others follow."""
        tables = {table: {**base.tables[table], **rows} for table, rows in self.tables.items()}
        return Raw(tables, base.broken | self.broken)


def key_of(table: str, cells: Mapping[str, Cell], where: Where) -> str:
    """The key of a row as override paths write it; unique by its line where a cell of the key is empty."""
    parts = []
    for column in _keys(table):
        if column.name in cells:
            text = cells[column.name].text
            parts.append(_plain(text) if column.kind == "whole" else text)
        elif column.required:
            return f"{where.file}:{where.line}"
        else:
            parts.append(str(column.default))
    return "/".join(parts).rstrip("/")


@lru_cache(maxsize=64)
def _keys(table: str) -> tuple[Column, ...]:
    return tuple(columns(TABLES[table])[name] for name in TABLES[table].key)


def _plain(text: str) -> str:
    """`+01` and `1` are one key."""
    return str(int(text)) if re.fullmatch(r"[-+]?[0-9]{1,9}", text) else text
