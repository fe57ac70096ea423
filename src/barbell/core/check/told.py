"""How a rule tells a fault: at the cell, with the text that stands there."""

from __future__ import annotations

from barbell.core.case import Case
from barbell.core.errors import Fault
from barbell.core.row import Row


def told(case: Case, row: Row, cell: str, problem: str, fix: str) -> Fault:
    """The fault of a row's cell; the value is what the user wrote, or what the field holds."""
    origin = case.origins.get((row.table, row.id, cell))
    held = getattr(row, cell)
    value = origin.text if origin else "" if held is None else str(held)
    return Fault(case.where(row.table, row.id, cell), value, problem, fix)
