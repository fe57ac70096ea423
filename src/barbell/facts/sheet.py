"""Figures of a user's own CSV, in the store's columns: every fault at once, each with its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from barbell.core.errors import FactError, Fault, Where
from barbell.core.spelling import suggestion
from barbell.facts.check import faults as check
from barbell.facts.disclosure import told
from barbell.facts.figure import COLUMNS, Figure
from barbell.facts.intake import Intake, Refusal, ordered
from barbell.facts.store import figures as store

MOST_BYTES = 64 * 1024**2
"""Larger files are refused: the whole store is a fiftieth of it."""


def sheet(path: Path) -> Intake:
    """Figures of a CSV with the columns of the store, checked as those of the store are, together with them.

    Rows that the store has already are left out and counted. Raises FactError with every fault when one row has any, and for a file that
    cannot be read.
    """
    label = path.as_posix() if path.parent.name else f"./{path.name}"  # never the name of a file of the store
    text, faults = _text(path, label)
    rows = [] if faults else list(_rows(text, label, faults))
    known = {_content(figure) for figure in store()}
    fresh = ordered(figure for figure in rows if _content(figure) not in known)
    faults.extend(fault for figure in fresh for fault in _blanks(figure))
    faults.extend(fault for fault in check((*store(), *fresh)) if fault.where.file == label and fault.where.line)
    if faults:
        faults.sort()
        raise FactError(told(faults, path.name), faults)
    repeated = len(rows) - len(fresh)
    refusals = (Refusal(path.name, "stand in the store already, cell by cell", repeated),) if repeated else ()
    return Intake(f"{path.stem}-checked", fresh, refusals)


def _content(figure: Figure) -> Figure:
    return replace(figure, file="", line=0)


def _text(path: Path, label: str) -> tuple[str, list[Fault]]:
    if not path.is_file():
        raise FactError(f"{path.name}: there is no such file. Give the path of a CSV with the columns {', '.join(COLUMNS)}")
    if path.stat().st_size > MOST_BYTES:
        raise FactError(f"{path.name} has more than {MOST_BYTES // 1024**2} MiB. Give it in parts")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise FactError(f"{path.name} cannot be read: {error.strerror}. Give a file that you may read") from None
    try:
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return "", [Fault(Where(label, line), "", "not UTF-8", "Save it as UTF-8")]


def _rows(text: str, label: str, faults: list[Fault]) -> Iterator[Figure]:
    """Rows as figures; what is no row of the store's columns goes to `faults`."""
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(rows, [])
        if tuple(header) != COLUMNS:
            faults.append(Fault(Where(label, 1), "", *_header(header)))
            return
        for row in rows:
            if len(row) == len(COLUMNS):
                yield Figure(**dict(zip(COLUMNS, row, strict=True)), file=label, line=rows.line_num)
            elif row:
                problem = f"{len(row)} cells under {len(COLUMNS)} columns"
                faults.append(Fault(Where(label, rows.line_num), "", problem, "Put text with a comma in double quotes"))
    except csv.Error as error:
        faults.append(Fault(Where(label, rows.line_num), "", f"no CSV: {error}", "Close every quote, and double those inside a quoted cell"))


def _header(header: list[str]) -> tuple[str, str]:
    """(problem, fix) of a header that is not the store's."""
    unknown = [name for name in header if name not in COLUMNS]
    missing = [name for name in COLUMNS if name not in header]
    problems = [
        f"unknown columns {', '.join(unknown[:5])}" if unknown else "",
        f"missing columns {', '.join(missing)}" if missing else "",
        "columns in another order, or twice" if not unknown and not missing else "",
    ]
    hint = f"{suggestion(unknown[0], missing)} " if unknown and missing else ""
    return "; ".join(problem for problem in problems if problem), f"{hint}Write the header {','.join(COLUMNS)}"


def _blanks(figure: Figure) -> Iterator[Fault]:
    for column in COLUMNS:
        text = getattr(figure, column)
        if text != text.strip():
            yield Fault(Where(figure.file, figure.line, column), text, "has blanks around it", "Take them away")
