"""What a page asks of the electricity of a run: loads and connections by site, energy and its cost, and the price of one megawatt more."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from barbell.core.case import Case
from barbell.core.horizon import Horizon
from barbell.core.nouns import Limit
from barbell.core.units import UnitError, factor
from barbell.report import query
from barbell.report.source import Source
from barbell.study import electricity

ALL = "all sites"
ByPeriod = dict[str, float]
ByYear = dict[int, float]
Priced = dict[tuple[str, str], dict[int, tuple[float, list[str]]]]
"""By thing and place, by year: the price of one more MW for the year, and the periods that it comes from."""


@dataclass(frozen=True)
class Power:
    """The electricity of one run; everything is worked out once. Places come with `ALL` first."""

    source: Source

    @cached_property
    def case(self) -> Case:
        """The case of the run."""
        return self.source.case

    @cached_property
    def labels(self) -> list[str]:
        """Reported periods."""
        return query.shown(self.case)

    @cached_property
    def sources(self) -> tuple[electricity.Makers, electricity.Makers]:
        """What brings what sites draw: through the meter, and from own plant."""
        return electricity.sources(self.case)

    @cached_property
    def it(self) -> dict[str, ByPeriod]:
        """MW of IT load by place and period."""
        return self._load(electricity.makers(self.case, electricity.loads(self.case)))

    @cached_property
    def draw(self) -> dict[str, ByPeriod]:
        """MW drawn at the hour for which the connection is sized."""
        return self._load({**self.sources[0], **self.sources[1]})

    @cached_property
    def plant(self) -> dict[str, ByPeriod]:
        """MW of it that own plant gives."""
        return self._load(self.sources[1])

    @cached_property
    def mean(self) -> dict[str, ByPeriod]:
        """Mean MW."""
        return self._load(self._power)

    @cached_property
    def _power(self) -> electricity.Makers:
        return electricity.makers(self.case, electricity.mean(self.case))

    def _load(self, makers: electricity.Makers) -> dict[str, ByPeriod]:
        found: dict[str, ByPeriod] = defaultdict(lambda: dict.fromkeys(self.labels, 0.0))
        for (place, period), value in electricity.brought(self.case, self.source.tables, makers).items():
            for spot in (ALL, place):
                found[spot][period] += value
        return dict(found)

    @cached_property
    def rungs(self) -> list[str]:
        """Rungs that are own plant."""
        used = [use.asset for use in self.case.tables.uses if use.process in self.sources[1]]
        return list(dict.fromkeys(rung for asset in used if (rung := query.rung(self.case, asset)) and rung != query.GRID))

    @cached_property
    def engines(self) -> dict[str, ByPeriod]:
        """MW of own plant in service."""
        return self._standing(self.rungs)

    @cached_property
    def grid(self) -> dict[str, ByPeriod]:
        """MW of grid in service, where what is drawn runs on it."""
        used = {query.rung(self.case, use.asset) for use in self.case.tables.uses if use.process in self.sources[0]}
        return self._standing([query.GRID] if query.GRID in used else [])

    def _standing(self, rungs: list[str]) -> dict[str, ByPeriod]:
        found: dict[str, ByPeriod] = defaultdict(lambda: dict.fromkeys(self.labels, 0.0))
        for (item, place, period), value in query.totals(query.seen(self.source, "fleet"), ["item", "place", "period"]).items():
            if value and query.rung(self.case, item) in rungs:
                for spot in (ALL, place):
                    found[spot][period] += value * query.mega(self.case, item)
        return dict(found)

    @cached_property
    def bounds(self) -> list[Limit]:
        """Limits on what is drawn in MW at a time, such as a connection that is no asset, or a contract of supply."""
        makers, found = {*self.sources[0], *self.sources[1], *self._power}, []
        for limit in self.case.tables.limits:
            terms = [t for t in self.case.tables.terms if t.limit == limit.name]
            drawn = terms and all(t.measure == "activity" and t.item in makers and t.coefficient == 1 for t in terms)
            if drawn and limit.sense == "<=" and limit.window == "period" and electricity.megawatts(limit.unit) == 1:
                found.append(limit)
        return found

    @cached_property
    def connection(self) -> Limit | None:
        """The limit that stands for the connection where no asset is a grid."""
        items = {t.limit: t.item for t in self.case.tables.terms}
        return None if self.grid else next((limit for limit in self.bounds if items[limit.name] in self.sources[0]), None)

    @cached_property
    def connected(self) -> dict[str, ByPeriod]:
        """MW that may be drawn through the meter: grid in service, or the limit that stands for it."""
        if self.connection is None:
            return self.grid
        frame = query.seen(self.source, "limits").filter((pl.col("item") == self.connection.name) & pl.col("upper").is_finite())
        return {ALL: dict(frame.select("period", "upper").iter_rows())} if frame.height else {}

    @cached_property
    def energy(self) -> dict[str, ByYear]:
        """TWh by place and year."""
        return {place: over(self.case.horizon, values) for place, values in self.mean.items()}

    @cached_property
    def cost(self) -> ByYear:
        """Variable cost of what brings power, by year, in the case's money."""
        case, rows = self.case, {p.name: p for p in self.case.tables.processes}
        levels = {i.name: i for i in case.tables.indices}
        spans = dict(zip(case.horizon.labels, case.horizon.periods, strict=True))
        share = dict(zip((s.name for s in case.horizon.slices), case.horizon.shares, strict=True))
        frame = query.seen(self.source, "activity").filter(pl.col("item").is_in(list(self._power)) & (pl.col("value") != 0))
        found: ByYear = {}
        for item, period, part, value in frame.select("item", "period", "slice", "value").iter_rows():
            span, row = spans[period], rows[item]
            level = levels[row.index].level(span.start, case.horizon.start) if row.index else 1.0
            money = row.variable_cost.mean(span.start, span.months) * level * value * share[part] * span.years
            found[span.start.year] = found.get(span.start.year, 0.0) + money
        return found

    @cached_property
    def overheads(self) -> tuple[ByYear, ByYear]:
        """PUE by year: at the design hour in the last period, and over the year where the case knows the load factor of IT."""
        it, draw, ends = self.it.get(ALL, {}), self.draw.get(ALL, {}), query.last_of(self.case)
        peak = {year: draw[p] / it[p] for year, p in ends.items() if it.get(p) and draw.get(p)}
        day = self.case.as_of or "9999-12-31"
        load = [fact for fact in self.case.tables.facts if fact.name == electricity.LOAD and fact.as_of <= day]
        if not load or not self.mean:
            return peak, {}
        share, whole = float(max(load, key=lambda fact: fact.as_of).value), over(self.case.horizon, it)
        return peak, {year: used / (whole[year] * share) for year, used in self.energy[ALL].items() if whole.get(year)}

    @cached_property
    def prices(self) -> Priced:
        """Price of one more MW for a whole year of connections, own plant and limits on what is drawn, dearest first.

        The prices of the year's periods add up, in their own money; of a year that is planned in part, by its length.
        """
        case, uses = self.case, self.case.tables.uses
        assets = {
            u.asset for u in uses if u.process in {**self.sources[0], **self.sources[1]} and query.rung(case, u.asset) in (*self.rungs, query.GRID)
        }
        stands = (pl.col("kind") == "capacity") & pl.col("item").is_in(sorted(assets))
        held = (pl.col("kind") == "limit") & pl.col("item").is_in([limit.name for limit in self.bounds])
        lengths = dict(zip(case.horizon.labels, case.horizon.years, strict=True))
        found: Priced = defaultdict(dict)
        rows = query.totals(query.seen(self.source, "prices").filter(stands | held), ["item", "place", "period"], "price_then")
        for (item, place, period), price in rows.items():
            if math.isfinite(price) and price > 1e-9 and (item not in assets or query.mega(case, item) == 1):
                year = query.year_of(period)
                before, spots = found[item, place].get(year, (0.0, []))
                found[item, place][year] = before + price / self.length(year, lengths), [*spots, period]
        return dict(sorted(found.items(), key=lambda pair: (-max(v for v, _ in pair[1].values()), pair[0])))

    def length(self, year: int, lengths: dict[str, float]) -> float:
        """Years of a year that are reported."""
        return sum(lengths[p] for p in self.labels if query.year_of(p) == year)


def over(horizon: Horizon, values: ByPeriod) -> ByYear:
    """TWh by year of mean MW by period."""
    years, found, scale = dict(zip(horizon.labels, horizon.years, strict=True)), ByYear(), factor("MW*year", "TWh")
    for period, value in values.items():
        found[query.year_of(period)] = found.get(query.year_of(period), 0.0) + value * years[period] * scale
    return found


def markets(case: Case, places: list[str]) -> dict[str, list[str]]:
    """Places by the market that they buy in; a place without one stands for itself."""
    found: dict[str, list[str]] = {}
    for place in places:
        if place != ALL:
            found.setdefault(case.places[place].power_market or place, []).append(place)
    return found


def per_mwh(case: Case) -> tuple[float, str]:
    """What turns money over TWh into whole money a MWh, and its unit."""
    unit = f"{case.money.lstrip('kMGBT')}/MWh"
    try:
        return factor(f"{case.money}/TWh", unit), unit
    except UnitError:  # a unit of the user's own
        return 1.0, f"{case.money}/TWh"
