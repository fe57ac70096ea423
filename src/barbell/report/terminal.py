"""The short summary of a run for a terminal: the same numbers as the page, by year."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.text import Text

from barbell.report import query
from barbell.report.layout import aligned, matrix, number, table, within
from barbell.report.sections import capex, cash, chips, demand, ladder, scarcity

if TYPE_CHECKING:
    from rich.console import Console

    from barbell.report.source import Source

TOP = 5
"""Bottlenecks shown."""
Rows = dict[tuple[str, ...], list[float]]


def summary(console: Console, source: Source) -> None:
    """Print the question, the value and, by year, capex, megawatts, chips, demand, free cash flow; then what binds."""
    case, money = source.case, query.worth(source)
    console.print(Text(case.title, style="bold"))
    console.print(f"Value {number(source.value * money.factor)} {money.told_year}{within(source.status.gap)}\n")
    years = [str(year) for year in query.years(case)]
    for title, heads, rows in (
        (f"Capex by class, {money.told_year}", ("class",), _capex(source)),
        ("In service at the end of the year, MW", ("rung",), _ends(source, ladder.standing(source))),
        ("In service at the end of the year, chips", ("chip",), _ends(source, chips.standing(source))),
        ("Demand, average rate of the year", ("market", "what", "unit"), _demand(source)),
        (f"Free cash flow, {money.told_year}", ("case",), _cash(source)),
    ):
        if rows:
            matrix(console, title, heads, years, rows)
    _scarce(console, source)


def _capex(source: Source) -> Rows:
    factor, entity, whole = query.worth(source).factor, query.root(source.case), capex.planned(source)
    parts: Mapping[str, Mapping[int, float]] = query.split(source.years, entity, "capex")
    rows = {name: values for name, values in parts.items() if any(values.get(year) for year in whole)}
    if not whole:
        return {}
    all_rows = {**rows, "all": whole, "of it committed": capex.committed(source), "envelope": query.envelope(source.case)}
    return {
        (name,): [values.get(year, math.nan) * factor for year in query.years(source.case)]
        for name, values in all_rows.items()
        if any(values.values())
    }


def _ends(source: Source, found: Mapping[str, Mapping[str, float]]) -> Rows:
    """What stands in the last period of each year."""
    return {(name,): [values.get(label, 0.0) for label in query.last_of(source.case).values()] for name, values in found.items()}


def _demand(source: Source) -> Rows:
    """Served, waiting and lost, weighted by the lengths of the periods of a year."""
    length = dict(zip(source.case.horizon.labels, source.case.horizon.years, strict=True))
    span: dict[int, float] = defaultdict(float)
    for label in query.shown(source.case):
        span[query.year_of(label)] += length[label]
    rows: Rows = {}
    for (market, unit), parts in demand.balance(source).items():
        for part, values in parts.items():
            years = dict.fromkeys(span, 0.0)
            for label, value in values.items():
                years[query.year_of(label)] += value * length[label]
            if any(value > 1e-9 for value in years.values()):
                rows[market, part, unit] = [value / span[year] for year, value in years.items()]
    return rows


def _cash(source: Source) -> Rows:
    factor, entity, base = query.worth(source).factor, query.root(source.case), cash.free(source)
    rows = {"base": base}
    for name, frame in (("low", source.low_years), ("high", source.high_years)):
        found = query.yearly(frame, entity, "free cash flow")
        rows |= {name: found} if found else {}
    return {(name,): [values.get(year, math.nan) * factor for year in query.years(source.case)] for name, values in rows.items()} if base else {}


def _scarce(console: Console, source: Source) -> None:
    """The things that are worth most, with the highest price that they reach."""
    money, top = query.worth(source), list(scarcity.scarce(source).items())[:TOP]
    if not top:
        console.print("Nothing is scarce.")
        return
    worth = aligned([sum(value for _, value in values.values()) * money.factor for _, values in top])
    rows = []
    for ((thing, unit), values), text in zip(top, worth, strict=True):
        dearest = max(values, key=lambda period: values[period][0])
        rows.append((thing, dearest, unit, number(values[dearest][0]), text))
    heads = ("what binds", "dearest in", "unit", "price then", f"worth, {money.unit}")
    table(console, "", heads, rows, words=3)
    console.print("\nworth: price times amount, summed over the periods shown")
