"""What was published, beside what is planned: found by metric and period, with the basis on which it was counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from barbell.core.case import Case
from barbell.core.horizon import Month
from barbell.report.query import root
from barbell.report.source import Source

METRICS: Mapping[str, str] = {
    "capex": "capex",
    "revenue": "revenue",
    "operating income": "operating_income",
    "free cash flow": "free_cash_flow",
    "operating cash flow": "operating_cash_flow",
}
"""Metric under which a line of the statements is published."""
BASES = ("net_of_proceeds", "ocf_less_net_capex", "segment", "gaap", "as_reported", "gross_purchases")
"""Bases in the order of preference: that of the plan first (capex net of proceeds, as free cash flow counts it)."""
SHOWN = 3
"""Years before the plan that are shown."""
_PERIOD = "^[0-9]{4}(Q[1-4]|H[12])?$"
"""Calendar years, halves and quarters; not the last twelve months, which overlap."""


@dataclass(frozen=True)
class Actual:
    """One published figure, in millions of its own year's money as far as the case's money allows: what, when, how counted, by whom."""

    period: str
    value: float
    basis: str
    source: str
    as_of: str
    series: str = field(default="", compare=False)
    """Address of its series among the numbers of the run; the period follows it."""

    @property
    def address(self) -> str:
        """Where it opens."""
        return f"{self.series}/{self.period}"


def published(source: Source, line: str, entity: str) -> dict[str, Actual]:
    """Figures of a line by period, of the best basis that has any; the latest version of each."""
    wanted = ("total", entity) if entity == root(source.case) else (entity,)
    asked = (pl.col("metric") == METRICS[line]) & pl.col("segment").str.to_lowercase().is_in(wanted) & pl.col("period").str.contains(_PERIOD)
    frame = source.reported.filter(asked)
    bases = [basis for basis in BASES if basis in frame["basis"].to_list()] or sorted(set(frame["basis"].to_list()))
    found = frame.filter(pl.col("basis") == bases[0]).sort("as_of") if bases else frame
    return {row["period"]: _actual(source.case, row) for row in found.iter_rows(named=True)}


def by_year(found: Mapping[str, Actual]) -> dict[int, Actual]:
    """Full years: as published, else the sum of four quarters."""
    whole = {int(period): actual for period, actual in found.items() if len(period) == 4}
    for year in sorted({int(period[:4]) for period in found} - set(whole)):
        joined = added(found, [f"{year}Q{n}" for n in range(1, 5)], str(year))
        if joined:
            whole[year] = joined
    return dict(sorted(whole.items()))


def first_half(found: Mapping[str, Actual], year: int) -> Actual | None:
    """The first half of a year: as published, else the sum of two quarters."""
    return found.get(f"{year}H1") or added(found, [f"{year}Q1", f"{year}Q2"], f"{year}H1")


def added(found: Mapping[str, Actual], periods: list[str], name: str) -> Actual | None:
    """The sum over periods, if all of them were published."""
    if not all(period in found for period in periods):
        return None
    parts = [found[period] for period in periods]
    return Actual(name, sum(p.value for p in parts), parts[0].basis, parts[-1].source, max(p.as_of for p in parts), parts[0].series)


def _actual(case: Case, row: Mapping[str, object]) -> Actual:
    value = float(str(row["value"])) * _scale(str(row["unit"]), case.money)
    series = f"reported/{row['segment']}/{row['metric']}/{row['basis']}"
    return Actual(str(row["period"]), value, str(row["basis"]), str(row["source"]), str(row["as_of"]), series)


def _scale(unit: str, money: str) -> float:
    """Factor between the sizes of two units of money of the same currency; years stay as they are: figures are not restated."""
    sizes = {"k": 1e3, "M": 1e6, "G": 1e9, "B": 1e9, "T": 1e12}
    return sizes.get(unit[0], 1.0) / sizes.get(money[0], 1.0)


def words(basis: str) -> str:
    """A basis in words."""
    return basis.replace("_", " ")


def before(case: Case, found: Mapping[int, Actual]) -> dict[int, Actual]:
    """The last full years before the plan starts."""
    start = Month.parse(case.horizon.labels[0].partition("+")[0]).year
    return {year: actual for year, actual in found.items() if start - SHOWN <= year < start}
