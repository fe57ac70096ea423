"""Cases from Python rows: `build(assets=[{...}], ...)` fills in what a test does not care about.

Rows are dicts of canonical units. Numbers and texts such as ``"2026:30 2027:45"`` become paths where the field is one.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any

from barbell.core.case import TABLES, Case, Risk, Tables
from barbell.core.horizon import Horizon, Month, Period, Slice
from barbell.core.path import Path

DEFAULTS: dict[str, list[dict[str, Any]]] = {
    "places": [{"name": "world", "kind": "world"}],
    "entities": [{"name": "firm", "discount_rate": 0.1}],
    "programmes": [{"name": "build", "entity": "firm"}],
}
"""Tables that every case needs, when a test does not give them."""

FILL: dict[str, dict[str, Any]] = {
    "assets": {"unit": "unit", "capex": 1.0, "programme": "build", "life_months": 60},
    "processes": {"unit": "unit", "entity": "firm", "variable_cost": 0.0},
    "resources": {"unit": "unit", "kind": "flow", "level": "world"},
    "demands": {"market": "inference", "place": "world", "entity": "firm"},
    "contracts": {"market": "inference", "place": "world", "entity": "firm", "penalty": 0.0},
    "limits": {"unit": "unit", "sense": "<="},
    "terms": {"coefficient": 1.0},
    "payments": {"anchor": "order", "months": 0},
    "facts": {"as_of": "2026-01-01", "source": "test", "grade": "B"},
}
"""Values of required fields, when a row does not give them."""


def build(
    *,
    start: str = "2026",
    months: Sequence[int] = (12, 12),
    risk: Risk | None = None,
    report_end: str = "",
    **tables: Sequence[Mapping[str, Any]],
) -> Case:
    """A case of these rows; raises what the models raise when a row is wrong."""
    rows = {table: tuple(row(table, cells) for cells in found) for table, found in {**DEFAULTS, **tables}.items()}
    return Case(
        name="test",
        question="",
        money="MUSD2026",
        as_of="2026-01-01",
        horizon=horizon(start, months, rows.get("slices", ()), report_end),
        risk=risk or Risk(),
        tables=Tables(**rows),
    )


def row(table: str, cells: Mapping[str, Any]) -> Any:
    """One row of a table."""
    model = TABLES[table]
    full = {**FILL.get(table, {}), **cells}
    hints = typing.get_type_hints(model)
    return model(**{field: _path(value) if _is_path(hints.get(field)) else value for field, value in full.items()})


def horizon(start: str, months: Sequence[int], slices: Sequence[Any] = (), report_end: str = "") -> Horizon:
    """Periods of these lengths, one slice unless rows of slices are given."""
    first, periods = Month.parse(start), []
    for length in months:
        periods.append(Period(first, length))
        first += length
    found = tuple(Slice(s.name, s.day, s.hours, s.weight) for s in slices) or (Slice("all", "all", 24.0, 1.0),)
    return Horizon(tuple(periods), found, Month.parse(report_end) if report_end else first)


def _is_path(hint: Any) -> bool:
    return hint is Path or (isinstance(hint, types.UnionType) and Path in typing.get_args(hint))


def _path(value: Any) -> Path | None:
    if value is None or isinstance(value, Path):
        return value
    return Path.parse(value) if isinstance(value, str) else Path.constant(value)
