"""What Excel is told of a column, so that slips are seen while typing: choices, names of other tables, bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from barbell.core.branch import TRUNK
from barbell.core.column import Column
from barbell.io.workbook.grid import letter

_VAST = 1e12
_LONGEST = 250  # signs of a list that stands in the rule itself


def rule(column: Column, *, unit: str, cell: str, names: Mapping[str, tuple[int, int]]) -> dict[str, Any] | None:
    """The rule of a column as XlsxWriter takes it; None where there is nothing to hold.

    `cell` is its first cell, `names` the column and last row of the names of each table, to choose references from. What the rule doubts
    may be typed all the same, except words where only some are known: the import has the last word.
    """
    if column.kind == "flag":
        return _listed(["true", "false"], "Write true or false.")
    if column.kind == "choice":
        words = [word for word in column.choices if word]
        return _listed(words, f"One of: {', '.join(words)}.") if len(",".join(words)) <= _LONGEST else None
    if column.ref in names:
        at, last = names[column.ref]
        source = f"='{column.ref}'!${letter(at)}$2:${letter(at)}${last}"
        told = f"No row of '{column.ref}' has this name" + (f" (and it is not {TRUNK})." if column.name == "parent" else ".")
        return {"validate": "list", "source": source, "error_type": "warning", "error_title": "Unknown name", "error_message": told}
    if column.kind in ("whole", "number", "path"):
        return _bounded(column, unit, cell)
    return None


def _listed(words: list[str], told: str) -> dict[str, Any]:
    return {"validate": "list", "source": words, "error_title": "Unknown word", "error_message": told}


def _bounded(column: Column, unit: str, cell: str) -> dict[str, Any] | None:
    """Bounds hold for numbers in the unit of the field; facts, paths and numbers with a unit are text, which is left alone."""
    low, high = column.range.low, column.range.high
    pure = not column.labelled and unit in ("", "1", "month")
    parts = []
    if low > -_VAST and (pure or low == 0):
        parts.append((f"{cell}>={low:g}", f"at least {low:g}"))
    if high < _VAST and pure:
        parts.append((f"{cell}<={high:g}", f"at most {high:g}"))
    if column.kind == "whole" and pure:
        parts.append((f"{cell}=INT({cell})", "whole"))
    if not parts:
        return None
    formula = f"=OR(ISTEXT({cell}),AND({','.join(test for test, _ in parts)}))"
    told = f"{column.name} is {', '.join(words for _, words in parts)}."
    return {"validate": "custom", "value": formula, "error_type": "warning", "error_title": "Out of bounds", "error_message": told}
