"""Capex that was decided before the plan: what is on order at the start, and spending that a limit prescribes."""

from __future__ import annotations

from collections import defaultdict

import polars as pl

from barbell.core.case import Case
from barbell.report import query
from barbell.report.source import Source


def committed(source: Source) -> dict[int, float]:
    """Committed capex by reported year, in the case's money: of each programme, the larger of what is under way and what is prescribed."""
    way, least = under_way(source), prescribed(source.case)
    names = {name for name, _ in (*way, *least)}
    return {year: sum(max(way.get((name, year), 0.0), least.get((name, year), 0.0)) for name in sorted(names)) for year in query.years(source.case)}


def under_way(source: Source) -> dict[tuple[str, int], float]:
    """Payments within the horizon for what was on order at the start, by programme and year."""
    start = source.projects.filter(pl.col("ordered") == "").select("project", "programme")
    paid = source.payments.filter(pl.col("period").is_in(list(source.case.horizon.labels))).join(start, on="project")
    found: dict[tuple[str, int], float] = defaultdict(float)
    for row in paid.iter_rows(named=True):
        found[row["programme"], query.year_of(row["period"])] += row["value"]
    return dict(found)


def prescribed(case: Case) -> dict[tuple[str, int], float]:
    """Least spending of a programme by year, where a yearly limit on its spending alone (``>=`` or ``=``) asks for it."""
    found: dict[tuple[str, int], float] = defaultdict(float)
    for limit in case.tables.limits:
        terms = [t for t in case.tables.terms if t.limit == limit.name]
        alone = len(terms) == 1 and terms[0].measure == "spend" and terms[0].coefficient == 1 and not terms[0].place
        if limit.sense == "<=" or limit.window != "year" or not alone or limit.unit != case.money:
            continue
        for year in query.years(case):
            span = [p for p in case.horizon.periods if p.start.year == year]
            if query.holds(limit, span[0].start):
                key = terms[0].item, year
                found[key] = max(found[key], limit.bound.mean(span[0].start, sum(p.months for p in span)))
    return dict(found)
