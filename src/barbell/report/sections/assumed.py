"""What was assumed, with its range, grade and source."""

from __future__ import annotations

from barbell.report.figure import Cell, Figure, Grid, Section
from barbell.report.number import told
from barbell.report.source import Source

GRADES = "Grades: A primary, B cross-checked, C single secondary or estimate, D unverified, M own computation, S own assumption with its range."
OWN = "S"
_HEADS = ("fact", "value", "low", "high", "unit", "grade", "source", "cells that use it")
_MOST = 3
"""Cells named for each fact; the rest are counted."""


def section(source: Source) -> Section:
    """A table of every fact that the case uses, own assumptions first."""
    frame = source.assumptions
    if not frame.height:
        return Section("assumed", "What was assumed", ("No cell of the case refers to a fact.",))
    rows = sorted(frame.to_dicts(), key=lambda row: (row["grade"] != OWN, row["fact"]))
    own = sum(row["grade"] == OWN for row in rows)
    cells = [tuple(Cell(text, chain=f"@{row['fact']}" if n == 1 else "") for n, text in enumerate(_texts(row))) for row in rows]
    message = f"{len(rows):,} facts stand behind the cells of the case; {own:,} are or rest on own assumptions, each with its range"
    return Section("assumed", "What was assumed", (GRADES,), (Figure("facts", message, Grid("Facts used", _HEADS, tuple(cells), len(_HEADS))),))


def _texts(row: dict[str, str]) -> tuple[str, ...]:
    numbers = (_shown(row[name]) for name in ("value", "low", "high"))
    return (row["fact"], *numbers, row["unit"], row["grade"], row["source"], _used(row["cells"]))


def _used(cells: str) -> str:
    names = cells.split(", ")
    return ", ".join(names[:_MOST]) + (f" and {len(names) - _MOST} more" if len(names) > _MOST else "")


def _shown(text: str | None) -> str:
    """A cell as it is written, plain numbers rounded to read."""
    try:
        return told(float(text or ""), 4)
    except ValueError:
        return text or ""
