"""What of the capex is decided already, and what is still free."""

from __future__ import annotations

import polars as pl

from barbell.core.case import Case
from barbell.core.horizon import Month
from barbell.finance import Statements


def committed(case: Case, found: Statements) -> pl.DataFrame:
    """Capex by calendar year that was decided before the start: year, value, unit.

    That is what is still due on orders under way, and the spending of programmes that a limit obliges to spend.
    """
    bound = obliged(case)
    decided = found.projects.filter((pl.col("ordered") == "") | pl.col("programme").is_in(sorted(bound)))["project"]
    paid = found.payments.filter(pl.col("project").is_in(decided.to_list()) & ~pl.col("period").is_in(["before", "after"]))
    year = {label: period.start.year for label, period in zip(case.horizon.labels, case.horizon.periods, strict=True)}
    total = paid.with_columns(pl.col("period").replace_strict(year, return_dtype=pl.Int64).alias("year")).group_by("year").agg(pl.col("value").sum())
    return total.sort("year").with_columns(pl.lit(case.money).alias("unit"))


def obliged(case: Case) -> frozenset[str]:
    """Programmes whose spending has a lower limit."""
    floors = {limit.name for limit in case.tables.limits if limit.sense != "<="}
    programmes = {programme.name for programme in case.tables.programmes}
    return frozenset(t.item for t in case.tables.terms if t.limit in floors and t.measure == "spend" and t.item in programmes)


def free_share(case: Case, found: Statements, year: int) -> float:
    """Share of a calendar year's capex that is still free to decide; 0 without capex."""
    rows = found.years.filter((pl.col("year") == year) & (pl.col("line") == "capex") & (pl.col("scope") == "own"))
    whole = float(rows["value"].sum())
    decided = committed(case, found).filter(pl.col("year") == year)["value"].sum()
    return 1 - float(decided) / whole if whole else 0.0


def first_year(case: Case) -> int:
    """The calendar year in which the horizon starts."""
    start: Month = case.horizon.start
    return start.year
