"""The text of a table's file, with as much of the original as still holds: comments, order, writing of what did not change.

So the difference between two versions of a case shows what was changed, and nothing else.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from barbell.core.case import TABLES
from barbell.core.column import columns
from barbell.core.errors import Where
from barbell.io.csv import sheet
from barbell.io.raw import Cell, key_of
from barbell.io.tables import named

Header = Sequence[tuple[str, str]]
"""Field and unit of each column."""


@dataclass(frozen=True)
class Record:
    """A row of the workbook: the row of its sheet and its texts by field."""

    row: int
    texts: Mapping[str, str]


@dataclass
class Original:
    """A file as it was exported: its lines, its columns, and its records by key with the lines that each takes."""

    lines: list[str]
    head: int
    columns: tuple[tuple[str, str], ...]
    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)


def original(table: str, text: str) -> Original | None:
    """An exported file taken apart; None when it is none of ours."""
    found = sheet(text, label="", faults=[])
    if found is None or not found.whole:
        return None
    made = Original(text.split("\n"), found.line, tuple(named(cell) for cell in found.header))
    for line, cells in found.records:
        texts = {name: cell for (name, _), cell in zip(made.columns, cells, strict=True) if cell}
        key = keyed(table, texts, line)
        made.texts[key] = texts
        made.spans[key] = (line, _last(made.lines, line))
    return made


def keyed(table: str, texts: Mapping[str, str], line: int) -> str:
    """Key of a row by its texts; unique by its line where a part of the key is empty."""
    return key_of(table, {name: Cell(text, Where("", line)) for name, text in texts.items() if text}, Where("", line))


def _last(lines: Sequence[str], first: int) -> int:
    """Line on which the record ends that begins on line `first`."""
    quotes, line = lines[first - 1].count('"'), first
    while quotes % 2 and line < len(lines):
        line += 1
        quotes += lines[line - 1].count('"')
    return line


def rewritten(table: str, old: Original | None, header: Header, records: Iterable[Record]) -> tuple[str, dict[int, int]]:
    """Text of a file that holds the records, and the row of the workbook by the line on which each record begins.

    `header` are the columns of the sheet. Known rows stay in the order of the file, new ones follow the row that they follow in the sheet.
    """
    rows = list(records)
    filled = {name for record in rows for name, text in record.texts.items() if text}
    if old is None:
        needed = [pair for pair in header if pair[0] in filled or _required(table, pair[0])]
        return _joined([_line([_shown(pair) for pair in needed]), *_told(rows, needed)], 1, rows)
    kept = _columns(old.columns, header, filled)
    placed: dict[str, list[Record]] = {}
    anchor, seen = "", set()
    for record in rows:
        key = keyed(table, record.texts, record.row)
        if key in old.texts and key not in seen:
            anchor = key
            seen.add(key)
        placed.setdefault(anchor, []).append(record)
    return _woven(old, kept, placed)


def _woven(old: Original, kept: Header, placed: Mapping[str, list[Record]]) -> tuple[str, dict[int, int]]:
    """The lines of the original with changed, new and without lost records."""
    same = tuple(kept) == old.columns
    begins = {first: key for key, (first, _) in old.spans.items()}
    out: list[str] = []
    rows: dict[int, int] = {}
    number = 1

    def put(record: Record, text: str) -> None:
        rows[len(out) + 1] = record.row
        out.extend(text.split("\n"))

    while number <= len(old.lines):
        key = begins.get(number, "")
        if number == old.head:
            last = _last(old.lines, number)
            out.extend(old.lines[number - 1 : last] if same else [_line([_shown(pair) for pair in kept])])
            for record in placed.get("", []):
                put(record, _told([record], kept)[0])
            number = last + 1
        elif key:
            first, last = old.spans[key]
            for index, record in enumerate(placed.get(key, [])):
                raw = "\n".join(old.lines[first - 1 : last])
                unchanged = index == 0 and same and {name: text for name, text in record.texts.items() if text} == old.texts[key]
                put(record, raw if unchanged else _told([record], kept)[0])
            number = last + 1
        else:
            out.append(old.lines[number - 1])
            number += 1
    return "\n".join(out if not out or out[-1] == "" else [*out, ""]), rows


def _columns(old: Header, header: Header, filled: set[str]) -> list[tuple[str, str]]:
    """Columns of the file as they are now: those that it had and the sheet still has, with the sheet's unit, then new ones that are filled."""
    units = dict(header)
    kept = [(name, unit if (name, unit) in header else units[name]) for name, unit in old if name in units]
    known = {name for name, _ in kept}
    return [*kept, *((name, unit) for name, unit in header if name in filled and name not in known)]


def _required(table: str, name: str) -> bool:
    column = columns(TABLES[table]).get(name)
    return column is not None and column.required


def _shown(pair: tuple[str, str]) -> str:
    return f"{pair[0]} [{pair[1]}]" if pair[1] else pair[0]


def _told(records: Iterable[Record], header: Header) -> list[str]:
    return [_line([record.texts.get(name, "") for name, _ in header]) for record in records]


def _joined(lines: list[str], first: int, records: Sequence[Record]) -> tuple[str, dict[int, int]]:
    """Lines as text, and the row of each record by the line on which it begins."""
    rows: dict[int, int] = {}
    number = first + lines[0].count("\n") + 1
    for record, line in zip(records, lines[1:], strict=True):
        rows[number] = record.row
        number += line.count("\n") + 1
    return "\n".join([*lines, ""]), rows


def _line(cells: Sequence[str]) -> str:
    """A record as CSV; one that would look like a comment is quoted."""
    text = _csv(cells, csv.QUOTE_MINIMAL)
    return _csv(cells, csv.QUOTE_ALL) if text.lstrip().startswith("#") else text


def _csv(cells: Sequence[str], quoting: Literal[0, 1]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n", quoting=quoting).writerow(cells)  # cells with a sign of the terminator are quoted
    return out.getvalue().removesuffix("\r\n")
