"""Electricity in a plan, by the names that cases give it.

Resources ``it`` and ``it_...`` count MW of IT load; ``feed`` what a site draws at the hour for which its connection is sized, and where
a case has no ``feed``, ``power`` does; ``power`` counts mean power, which energy and its cost follow from. What processes bring into
such an account is what is drawn from it: flows balance.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from barbell.core.branch import TRUNK, foreseen
from barbell.core.case import Case
from barbell.core.relations import ProcessRate
from barbell.core.units import UnitError, factor
from barbell.study.headline import POWER

FEED = "feed"
GRID = "grid"
"""First word of the assets that connect a site to the grid."""
LOAD = "load_factor"
"""Fact that says which share of the IT load is drawn on average, where a case knows it."""
Makers = Mapping[str, tuple[ProcessRate, ...]]
"""Rates by process, of those that bring something into the accounts asked for."""


def loads(case: Case) -> tuple[str, ...]:
    """Resources that count MW of IT load."""
    return tuple(r.name for r in case.tables.resources if (r.name == "it" or r.name.startswith("it_")) and megawatts(r.unit))


def drawn(case: Case) -> tuple[str, ...]:
    """The resource that counts what a site draws at the hour for which its connection is sized; none where a case counts nothing of it."""
    known = {r.name: r.unit for r in case.tables.resources}
    return next(((name,) for name in (FEED, POWER) if megawatts(known.get(name, ""))), ())


def mean(case: Case) -> tuple[str, ...]:
    """The resource that counts mean power; none where a case does not."""
    return tuple(r.name for r in case.tables.resources if r.name == POWER and megawatts(r.unit))


def megawatts(unit: str) -> float:
    """MW in one unit of power; 0 for what is no power."""
    try:
        return factor(unit, "MW") if unit else 0.0
    except UnitError:
        return 0.0


def makers(case: Case, resources: tuple[str, ...]) -> Makers:
    """Processes that bring something into accounts of these resources."""
    found: dict[str, tuple[ProcessRate, ...]] = {}
    for rate in case.tables.rates:
        if rate.resource in resources and any(value > 0 for value in rate.rate.values):
            found[rate.process] = (*found.get(rate.process, ()), rate)
    return found


def sources(case: Case) -> tuple[Makers, Makers]:
    """What a site draws, by what brings it: through the meter of the grid, and from its own plant.

    Own plant is what runs on assets counted in power that are no grid, where something else runs on the grid.
    """
    found = makers(case, drawn(case))
    plant = {a.name for a in case.tables.assets if megawatts(a.unit)}
    on_grid = {use.process for use in case.tables.uses if use.asset in plant and use.asset.split("_", maxsplit=1)[0] == GRID}
    on_plant = {use.process for use in case.tables.uses if use.asset in plant} - on_grid if on_grid & set(found) else set()
    return {p: v for p, v in found.items() if p not in on_plant}, {p: v for p, v in found.items() if p in on_plant}


def times(case: Case, rate: ProcessRate, label: str) -> float:
    """MW that one unit of activity brings in a period."""
    span = case.horizon.periods[case.horizon.labels.index(label)]
    unit = next(r.unit for r in case.tables.resources if r.name == rate.resource)
    return max(rate.rate.mean(span.start, span.months), 0.0) * megawatts(unit)


def brought(case: Case, tables: Mapping[str, pl.DataFrame], found: Makers) -> dict[tuple[str, str], float]:
    """MW that processes bring by place and reported period, mean over the slices of the period."""
    labels = [period.label for period in foreseen(case)]
    share = dict(zip((s.name for s in case.horizon.slices), case.horizon.shares, strict=True))
    asked = pl.col("item").is_in(list(found)) & pl.col("period").is_in(labels) & (pl.col("scenario") == TRUNK) & (pl.col("value") != 0)
    total: dict[tuple[str, str], float] = {}
    known: dict[tuple[str, str], float] = {}
    for item, place, period, part, value in tables["activity"].filter(asked).select("item", "place", "period", "slice", "value").iter_rows():
        if (item, period) not in known:
            known[item, period] = sum(times(case, rate, period) for rate in found[item])
        total[place, period] = total.get((place, period), 0.0) + value * share[part] * known[item, period]
    return total
