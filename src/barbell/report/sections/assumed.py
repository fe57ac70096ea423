"""What was assumed, with its range, grade and source."""

from __future__ import annotations

from barbell.report.figure import Cell, Figure, Grid, Section
from barbell.report.number import told
from barbell.report.source import Source

GRADES = (
    "Grades: A primary, B cross-checked, C single secondary source or estimate, D unverified, M own computation, S own assumption with its range."
)


def section(source: Source) -> Section:
    """A table of assumptions."""
    frame = source.assumptions
    if not frame.height:
        return Section("assumed", "What was assumed", ("No cell of the case refers to an assumption.",))
    heads = ("assumption", "value", "low", "high", "unit", "grade", "source", "cells that use it")
    rows = [tuple(Cell(_shown(row[k])) for k in ("fact", "value", "low", "high", "unit", "grade", "source", "cells")) for row in frame.to_dicts()]
    table = Grid("Assumptions with their ranges", heads, tuple(rows), len(heads))
    message = f"{len(rows)} assumptions carry a range; at their ends they give the low and the high free cash flow"
    return Section("assumed", "What was assumed", (GRADES,), (Figure("assumptions", message, table),))


def _shown(value: object) -> str:
    """A cell as it is written, plain numbers rounded to read."""
    text = "" if value is None else str(value)
    try:
        return told(float(text), 4)
    except ValueError:
        return text
