"""Rows as they stand in the files: text with its place, before any meaning."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from barbell.core.case import TABLES
from barbell.core.column import columns
from barbell.core.errors import Where


@dataclass(frozen=True)
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

    @property
    def texts(self) -> dict[str, str]:
        """Text of each cell."""
        return {name: cell.text for name, cell in self.cells.items()}


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
        self.tables[table][key].cells[cell] = value

    def over(self, base: Raw) -> Raw:
        """These rows on top of a base's: rows with a known key replace, the others follow."""
        tables = {table: {**base.tables[table], **rows} for table, rows in self.tables.items()}
        return Raw(tables, base.broken | self.broken)


def key_of(table: str, cells: Mapping[str, Cell], where: Where) -> str:
    """The key of a row as override paths write it; unique by its line where a cell of the key is empty."""
    parts = [cells[name].text if name in cells else _default(table, name) for name in TABLES[table].key]
    required = [name for name in TABLES[table].key if TABLES[table].model_fields[name].is_required()]
    if any(name not in cells for name in required):
        return f"{where.file}:{where.line}"
    marks = columns(TABLES[table])
    return "/".join(_plain(part) if marks[name].kind == "whole" else part for name, part in zip(TABLES[table].key, parts, strict=True)).rstrip("/")


def _default(table: str, name: str) -> str:
    field_ = TABLES[table].model_fields[name]
    return "" if field_.is_required() else str(field_.default)


def _plain(text: str) -> str:
    """`+01` and `1` are one key."""
    return str(int(text)) if re.fullmatch(r"[-+]?[0-9]{1,9}", text) else text
