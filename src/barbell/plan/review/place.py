"""Where the number that bounds a scarce thing stands in the user's files."""

from __future__ import annotations

from barbell.core.case import Case
from barbell.core.errors import Where

_FIELDS = {
    "limit": ("limits", "bound"), "envelope": ("programmes", "envelope"), "conversion limit": ("conversions", "limit"),
    "contract on offer": ("contracts", "volume"), "cash floor": ("entities", "cash_floor"), "debt limit": ("debts", "limit"),
    "draw limit": ("entities", "draws"), "payment limit": ("entities", "pays"), "gate": ("gates", "amount"),
    "demand": ("demands", "volume"), "capacity": ("assets", "availability"),
}  # fmt: skip
"""Table and field of each kind of scarce thing whose item is the name of the row."""

Cell = tuple[str, str, str]
"""Table, row and field."""


def cell(case: Case, kind: str, item: str, place: str) -> Cell:
    """The cell that bounds a scarce thing."""
    if kind == "order limit":
        row = next(row for row in case.tables.options if row.asset == item and place in case.spread(row.place))
        return "options", row.id, "order_limit"
    if kind in ("allowance", "ceiling"):
        return "accounts", f"{item}/{place}", "budget" if kind == "allowance" else "ceiling"
    table, field = _FIELDS[kind]
    return table, item, field


def spot(case: Case, kind: str, item: str, place: str) -> Where:
    """Its file, line and field."""
    return case.where(*cell(case, kind, item, place))
