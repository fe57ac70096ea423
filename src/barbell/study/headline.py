"""A run in a few figures: one object for machines, and what a regression test of a case holds on to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from barbell.core.branch import TRUNK, foreseen
from barbell.core.case import Case
from barbell.core.units import UnitError, factor
from barbell.study.committed import first_year, free_share
from barbell.study.run import Run

ByPeriod = dict[str, dict[str, float]]


def headline(run: Run) -> dict[str, Any]:
    """The figures of a run: money in US dollars of the case's year (or the case's currency), megawatts, chips, volumes in their units.

    Stands are those of each period that is reported, volumes served and not served the mean of each calendar year. Where the future
    forks, figures end at the fork, as the report does; the objective is the mean over all futures.
    """
    case, tables = run.case, run.plan.tables
    money = _money(case)
    worth = factor(case.money, money)
    years = {line: _by_year(run, line, worth) for line in ("capex", "revenue", "operating income", "free cash flow")}
    return {
        "case": case.name,
        "question": case.question,
        "as_of": case.as_of,
        "status": "optimal" if run.plan.status.gap < 1e-9 else f"within {run.plan.status.gap:.2%}",
        "gap": run.plan.status.gap,
        "money": money,
        "objective_usd": run.plan.value * worth,
        "greedy_usd": run.greedy.value * worth if run.greedy else None,
        "seconds": round(run.seconds, 2),
        "peak_mb": run.peak_mb,
        "capex_by_year": years["capex"],
        "capex_free_share_first_year": free_share(case, run.statements, first_year(case)),
        "mw_in_service_by_quarter": standing(case, tables, "MW"),
        "chips_in_service_by_quarter": standing(case, tables, "chip"),
        "energy_twh_by_year": energy(case, tables),
        "served_by_market": by_market(case, tables, "served"),
        "unserved_by_market": by_market(case, tables, "lost"),
        "revenue_by_year": years["revenue"],
        "operating_income_by_year": years["operating income"],
        "free_cash_flow_by_year": years["free cash flow"],
        "bottlenecks": [_bottleneck(row, worth) for row in run.bottlenecks],
    }


def _money(case: Case) -> str:
    """The case's currency and year, without its prefix: ``USD2026``."""
    return case.money[-7:]


def _bottleneck(row: Any, worth: float) -> dict[str, Any]:
    """What binds, the price of one more unit of it in money of its period, and the range found by solving again (in money of today)."""
    thing = f"{row.item}@{row.place}" if row.place else row.item
    unit = row.unit.partition("/")
    return {
        "kind": row.kind, "account_or_limit": thing, "period": row.period, "price": row.price_then * worth, "price_today": row.price * worth,
        "low_today": row.low * worth, "high_today": row.high * worth, "told": row.told, "unit": f"{unit[0][-7:]}/{unit[2]}", "amount": row.amount,
    }  # fmt: skip


def _by_year(run: Run, line: str, worth: float) -> dict[str, float]:
    """A line of the group by calendar year, within what is reported."""
    case = run.case
    root = next(entity.name for entity in case.tables.entities if not entity.parent)
    rows = run.statements.years.filter((pl.col("line") == line) & (pl.col("entity") == root) & (pl.col("scope") == "consolidated"))
    years = {period.start.year for period in foreseen(case)}
    return {str(year): float(value) * worth for year, value in zip(rows["year"], rows["value"], strict=True) if year in years}


def shown(case: Case) -> list[str]:
    """Labels of the periods that are reported."""
    return [period.label for period in foreseen(case)]


def standing(case: Case, tables: Mapping[str, pl.DataFrame], kind: str) -> ByPeriod:
    """Units in service by asset and period of all assets counted in `kind` (MW, chip), in that unit; an asset that never stands is left out."""
    scale = {asset.name: times for asset in case.tables.assets if (times := _times(asset.unit, kind))}
    rows = tables["fleet"].filter(pl.col("item").is_in(list(scale)) & (pl.col("scenario") == TRUNK))
    total = rows.group_by("item", "period").agg(pl.col("value").sum())
    values = {(item, period): value * scale[item] for item, period, value in total.iter_rows()}
    names = [name for name in scale if any(values.get((name, period), 0.0) > 1e-6 for period in shown(case))]
    return {name: {period: values.get((name, period), 0.0) for period in shown(case)} for name in names}


def _times(unit: str, kind: str) -> float:
    """How many of a kind one unit is; 0 where it is none of that kind."""
    try:
        return factor(unit, kind)
    except UnitError:
        return 0.0


def by_market(case: Case, tables: Mapping[str, pl.DataFrame], column: str) -> ByPeriod:
    """Volume by market and calendar year, the mean over the year, contracts included in what is served; the unit in the market's name."""
    length = dict(zip(case.horizon.labels, case.horizon.years, strict=True))
    year = {label: p.start.year for label, p in zip(case.horizon.labels, case.horizon.periods, strict=True)}
    market = {contract.name: contract.market for contract in case.tables.contracts}
    rows = list(tables["served"].filter(pl.col("scenario") == TRUNK).select("market", "unit", "period", column).iter_rows())
    signed = {"served": pl.col("delivered"), "lost": pl.col("called") - pl.col("delivered")}.get(column)
    if signed is not None:
        contracts = tables["contracts"].filter(pl.col("scenario") == TRUNK).select("item", "unit", "period", signed.alias("value"))
        rows += [(market[item], unit, period, value) for item, unit, period, value in contracts.iter_rows()]
    found: ByPeriod = {}
    span: dict[int, float] = {}
    for label in shown(case):
        span[year[label]] = span.get(year[label], 0.0) + length[label]
    for name, unit, period, value in rows:
        if period in shown(case):
            at = found.setdefault(f"{name} [{unit}]", {str(y): 0.0 for y in span})
            at[str(year[period])] += value * length[period] / span[year[period]]
    return found


POWER = "power"
"""Resource that counts mean electrical power, by convention; a case without it says nothing of energy."""


def energy(case: Case, tables: Mapping[str, pl.DataFrame]) -> dict[str, float]:
    """Electricity drawn by calendar year [TWh]: what processes bring into the accounts of the resource `power`, over the hours of the year."""
    unit = {resource.name: resource.unit for resource in case.tables.resources}
    if POWER not in unit:
        return {}
    scale = factor(f"{unit[POWER]}*year", "TWh")
    made = {rate.process: rate.rate for rate in case.tables.rates if rate.resource == POWER}
    total: dict[str, float] = {}
    periods = dict(zip(case.horizon.labels, case.horizon.periods, strict=True))
    rows = tables["activity"].filter(pl.col("item").is_in(list(made)) & pl.col("period").is_in(shown(case)) & (pl.col("scenario") == TRUNK))
    share = dict(zip((s.name for s in case.horizon.slices), case.horizon.shares, strict=True))
    for item, period, part, value in rows.select("item", "period", "slice", "value").iter_rows():
        span = periods[period]
        rate = max(made[item].mean(span.start, span.months), 0.0)
        total[str(span.start.year)] = total.get(str(span.start.year), 0.0) + value * rate * share[part] * span.years * scale
    return total
