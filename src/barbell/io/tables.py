"""The tables of a case folder: which files there are, and what their headers and records say."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from barbell.core.case import TABLES
from barbell.core.column import columns
from barbell.core.errors import Fault, Where
from barbell.core.spelling import suggestion
from barbell.io.csv import Sheet, sheet
from barbell.io.raw import Cell, Raw, RawRow, key_of
from barbell.io.text import read_text

_HEADER = re.compile(r"([^\[\]]*?)\s*(?:\[([^\[\]]*)\])?")
CASE_FILE = "case.yaml"


def tables(folder: Path, *, top: Path, faults: list[Fault]) -> Raw:
    """Rows of every CSV file below a folder; files are named relative to `top` in messages."""
    raw = Raw()
    for file in files(folder, top, faults):
        label, table = _label(file, top), file.stem
        if table not in TABLES:
            problem = f"'{table}' is no table"
            faults.append(Fault(Where(label), "", problem, f"{suggestion(table, TABLES)}; or move the file out of the case's folder"))
            continue
        before = len(faults)
        text = read_text(file, label=label, faults=faults)
        found = sheet(text, label=label, faults=faults) if text is not None else None
        if found:
            add(raw, table, found, faults)
        if len(faults) > before:
            raw.broken.add(table)
    return raw


def _label(file: Path, top: Path) -> str:
    return Path(os.path.relpath(file, top)).as_posix()


def files(folder: Path, top: Path, faults: list[Fault]) -> Iterator[Path]:
    """CSV files in the order of their paths; links are followed, but never in a circle, and other cases inside are left alone."""
    trail = {folder.resolve()}
    yield from _walk(folder, top, trail, faults)


def _walk(folder: Path, top: Path, trail: set[Path], faults: list[Fault]) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        faults.append(Fault(Where(_label(folder, top)), "", f"the folder cannot be read: {error.strerror}", "Check its permissions"))
        return
    for entry in entries:
        if entry.name.startswith((".", "~")):
            continue
        if entry.suffix.lower() == ".csv":
            yield entry
        elif entry.is_symlink() and not entry.exists():
            problem = "a link that leads nowhere or in a circle"
            faults.append(Fault(Where(_label(entry, top)), str(entry.readlink()), problem, "Remove the link or mend it"))
        elif entry.is_dir():
            real = entry.resolve()
            if real in trail:
                problem = "the link leads back to a folder around it"
                faults.append(Fault(Where(_label(entry, top)), str(entry.readlink()), problem, "Remove the link"))
            elif not (entry / CASE_FILE).exists():
                yield from _walk(entry, top, trail | {real}, faults)


def add(raw: Raw, table: str, found: Sheet, faults: list[Fault]) -> None:
    """Add the records of a file to the rows of a table."""
    header = _header(table, found, faults)
    if header is None:
        return
    named = {name for name, _ in header if name}
    missing = frozenset(name for name, column in columns(TABLES[table]).items() if column.required and name not in named)
    for name in sorted(missing):
        fix = f"Add the column '{_shown(table, name)}'"
        faults.append(Fault(Where(found.file, found.line, name), "", f"the table '{table}' needs this column", fix))
    for line, texts in found.records:
        cells = {name: Cell(text, Where(found.file, line, name), unit) for (name, unit), text in zip(header, texts, strict=True) if name and text}
        where = Where(found.file, line)
        key = key_of(table, cells, where)
        if twin := raw.tables[table].get(key):
            fix = "Remove one of the two, or give it another key"
            faults.append(Fault(where, key, f"this row of '{table}' stands in {twin.where} already", fix))
        else:
            raw.tables[table][key] = RawRow(where, cells, missing)


def _shown(table: str, name: str) -> str:
    column = columns(TABLES[table])[name]
    return f"{name} [{column.unit}]" if column.labelled else name


def _header(table: str, found: Sheet, faults: list[Fault]) -> list[tuple[str, str]] | None:
    """Field and unit of each column, the field empty where it is not known; None when the line is no header at all."""
    known = columns(TABLES[table])
    pairs = [named(cell) for cell in found.header]
    where = Where(found.file, found.line)
    if not any(name in known for name, _ in pairs):
        fix = f"Begin with a header, such as '{','.join(_shown(table, name) for name in known if known[name].required)}'"
        faults.append(Fault(where, ",".join(found.header)[:60], f"the first line is no header of '{table}'", fix))
        return None
    header: list[tuple[str, str]] = []
    for number, (name, unit) in enumerate(pairs, start=1):
        fault = column_fault((name, unit), number=number, table=table, seen=[seen for seen, _ in header], where=where)
        if fault:
            faults.append(fault)
        header.append((name if name in known and not fault else "", unit))
    return header


def named(cell: str) -> tuple[str, str]:
    """Field and unit of a cell of a header, such as ``capex [MUSD2026/MW]``."""
    part = _HEADER.fullmatch(cell)
    return (part[1].strip(), (part[2] or "").strip()) if part else (cell, "")


def column_fault(column: tuple[str, str], *, number: int, table: str, seen: list[str], where: Where) -> Fault | None:
    """What is wrong with the header of a column; None when nothing is. `seen` are the fields of the columns before it."""
    known, (name, unit) = columns(TABLES[table]), column
    if not name:
        return Fault(where, "", f"column {number} has no name", "Name the field, or remove the column")
    if name not in known:
        return Fault(where, name, f"'{table}' has no such column", suggestion(name, known))
    if name in seen:
        return Fault(where, name, f"the column stands twice, second in column {number}", "Keep one of the two")
    if unit and not known[name].unit:
        return Fault(where, f"{name} [{unit}]", "this column has no unit", f"Write '{name}' alone")
    return None
