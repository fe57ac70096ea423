"""What a workbook remembers of the case it was exported from: a hidden sheet with the text of its files and a hash of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from barbell.io.workbook.grid import Grid

SHEET = "_barbell"
FORMAT = "1"
_MARK = "|"  # stands before each line, so that no spreadsheet takes one for a number, or blanks at its ends for nothing


@dataclass(frozen=True)
class Origin:
    """The files of a case by path as they were exported, and the tables that had a sheet."""

    files: Mapping[str, str]
    tables: tuple[str, ...]
    format: str = FORMAT
    whole: bool = field(default=True)
    """False when the hidden sheet has been changed: then its files are not to be trusted."""


def digest(files: Mapping[str, str]) -> str:
    """Hash of files by their paths and texts."""
    content = "\x00".join(f"{path}\x00{text}" for path, text in sorted(files.items()))
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def remembered(origin: Origin, version: str) -> Iterator[tuple[str, str, str]]:
    """Rows of the hidden sheet."""
    yield ("format", FORMAT, "")
    yield ("barbell", version, "")
    yield ("hash", digest(origin.files), "")
    yield from (("table", table, "") for table in origin.tables)
    for path, text in origin.files.items():
        yield from (("line", path, _MARK + line) for line in text.split("\n"))


def recalled(grids: list[Grid]) -> Origin | None:
    """What a workbook remembers; None where it has no such sheet."""
    sheet = next((grid for grid in grids if grid.name == SHEET), None)
    if sheet is None:
        return None
    said: dict[str, str] = {}
    tables: list[str] = []
    lines: dict[str, list[str]] = {}
    for cells in sheet.rows().values():
        kind, name, text = (cells[column].text if column in cells else "" for column in (1, 2, 3))
        if kind == "line":
            lines.setdefault(name, []).append(text.removeprefix(_MARK))
        elif kind == "table":
            tables.append(name)
        else:
            said[kind] = name
    files = {path: "\n".join(parts) for path, parts in lines.items()}
    return Origin(files, tuple(tables), said.get("format", ""), digest(files) == said.get("hash"))
