"""The lines of the statements that a page reads, and how each moves cash."""

from __future__ import annotations

from collections.abc import Mapping

from barbell.report import query
from barbell.report.source import Source

OPERATING = "operating cash flow"
FREE = "free cash flow"
CAPEX = "capex"
INCOME = "operating income"
REVENUE = "revenue"
STEPS: Mapping[str, int] = {
    "base business cash": 1, "revenue": 1, "variable cost": -1, "fixed opex": -1, "penalties": -1, "expensed spend": -1,
    "prepayments received": 1, "prepayments recognised": -1, "return on cash": 1, "interest": -1, "tax": -1,
}  # fmt: skip
"""Lines between nothing and operating cash flow, each a positive amount of its name, with the sign with which it moves cash."""
REST = "other"


def steps(source: Source, year: int) -> list[tuple[str, float]]:
    """(Line, amount) from nothing to free cash flow of the group in a year; what the named lines leave open is `other`.

    Operating cash flow and free cash flow are sums on the way, not steps.
    """
    entity = query.root(source.case)
    found = {line: sign * query.yearly(source.years, entity, line).get(year, 0.0) for line, sign in STEPS.items()}
    whole = query.yearly(source.years, entity, OPERATING).get(year, 0.0)
    rest = whole - sum(found.values())
    there = [(line, value) for line, value in found.items() if abs(value) > 1e-9]
    if abs(rest) > 1e-6 * max(1.0, abs(whole)):
        there.append((REST, rest))
    return there


def spent(source: Source, year: int) -> list[tuple[str, float]]:
    """(Class, amount) of the group's capex in a year, largest first, as negative amounts."""
    parts = query.split(source.years, query.root(source.case), CAPEX)
    found = [(f"{CAPEX}: {name}", -abs(values.get(year, 0.0))) for name, values in parts.items()]
    return sorted((part for part in found if part[1] < -1e-9), key=lambda part: part[1])
