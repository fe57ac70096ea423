"""What a page asks of the chips of a run: what each makes of each kind of work, what that costs, and what the plan does with it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from barbell.core.basis import Interval, product
from barbell.core.case import Case
from barbell.core.horizon import HOURS_PER_YEAR, Month
from barbell.core.path import Path
from barbell.core.relations import Fact, ProcessRate, Use
from barbell.core.units import UnitError, factor
from barbell.finance.view import look
from barbell.finance.yearly import Yearly
from barbell.report import query
from barbell.report.source import Source
from barbell.study import electricity

_RATE = re.compile(r"([kMGTPE]?)(tok|token|FLOP)/s")
_SIZE = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}
CHIP, MW, USD = "per chip", "per MW of IT", "per USD"
MEASURES = (CHIP, MW, USD)
SECONDS = HOURS_PER_YEAR * 3600


@dataclass(frozen=True)
class Maker:
    """A process by which a chip makes a resource, and what it draws of IT."""

    chip: str
    process: str
    rate: ProcessRate
    use: Use
    loads: tuple[ProcessRate, ...]


@dataclass(frozen=True)
class Measure:
    """How one measure of a workload is shown: `factor` turns what the cells give into `unit`."""

    factor: float
    unit: str


@dataclass(frozen=True)
class Workload:
    """One kind of work of a run: a resource that somebody asks for and that several kinds of chips make."""

    source: Source
    resource: str
    yearly: Yearly
    facts: Mapping[str, Fact]
    makers: tuple[Maker, ...]
    """One a chip, in the order of the assets; those whose rate is nothing left out."""

    @property
    def case(self) -> Case:
        """The case of the run."""
        return self.source.case

    @cached_property
    def work(self) -> dict[str, dict[int, float]]:
        """Mean rate by chip and reported year, in the unit of the resource."""
        case, rates = self.case, {m.process: m for m in self.makers}
        spans = dict(zip(case.horizon.labels, case.horizon.periods, strict=True))
        found, part = {m.chip: dict.fromkeys(query.years(case), 0.0) for m in self.makers}, weights(case)
        for (process, period), level in running(self.source).items():
            if process in rates:
                made = max(rates[process].rate.rate.mean(spans[period].start, spans[period].months), 0.0) * level
                found[rates[process].chip][query.year_of(period)] += made * part[period]
        return found

    def share(self, chip: str, year: int) -> float:
        """Share of the work of a year that a kind of chip does; NaN where none is done."""
        whole = sum(values[year] for values in self.work.values())
        return self.work[chip][year] / whole if whole > 0 else math.nan

    @cached_property
    def used(self) -> str:
        """The chip that does most of the work over the reported years."""
        return max(self.work, key=lambda chip: sum(self.work[chip].values()))

    def cost(self, maker: Maker, year: int) -> Mapping[str, float]:
        """Cost of a year of a unit of activity at the end of a year, by part; nothing where IT is not made then."""
        t = self.case.horizon.labels.index(query.last_of(self.case)[year])
        return {part: value for part, value in self.yearly.of_process(maker.process, t).items() if value}

    @cached_property
    def measures(self) -> dict[str, Measure]:
        """Unit of each measure, in the size that reads best."""
        case = self.case
        unit = next(r.unit for r in case.tables.resources if r.name == self.resource)
        counted = next(a.unit for a in case.tables.assets if a.name == self.makers[0].chip)
        found, match = {}, _RATE.fullmatch(unit)
        size, base = (_SIZE[match[1]], match[2]) if match else (1.0, unit)
        chips, money, currency = _SIZE.get(counted.removesuffix("chip"), 1.0), *_money(case)
        raw = {CHIP: size / chips, MW: size, USD: size * (SECONDS if match else 1.0) / money}
        for name, times in raw.items():
            values = [value * times for m in self.makers for value in self._plain(name, m) if math.isfinite(value) and value > 0]
            prefix = _prefix(values) if match else ""
            rate = f"{prefix}{base}" + ("" if name == USD and match else "/s" if match else "")
            what = {CHIP: "chip", MW: "MW of IT", USD: currency}[name]
            found[name] = Measure(times / _SIZE[prefix], f"{rate} per {what}" + (" a year" if name == USD and not match else ""))
        return found

    def _plain(self, name: str, maker: Maker) -> list[float]:
        """What the cells of a chip give, in each reported year."""
        return [self._raw[name, maker.chip, year] for year in query.years(self.case)]

    @cached_property
    def _raw(self) -> dict[tuple[str, str, int], float]:
        """Every measure as the cells give it, by chip and reported year."""
        found: dict[tuple[str, str, int], float] = {}
        for year, period in query.last_of(self.case).items():
            span = self.case.horizon.periods[self.case.horizon.labels.index(period)]
            for m in self.makers:
                rate = m.rate.rate.mean(span.start, span.months)
                drawn = -sum(load.rate.mean(span.start, span.months) for load in m.loads)
                below = {CHIP: m.use.use.mean(span.start, span.months), MW: drawn, USD: sum(self.cost(m, year).values())}
                found |= {(name, m.chip, year): rate / amount if amount > 0 else math.nan for name, amount in below.items()}
        return found

    def value(self, name: str, maker: Maker, year: int) -> float:
        """A measure of a chip at the end of a year, in its unit; NaN where it cannot be told."""
        return self._raw[name, maker.chip, year] * self.measures[name].factor

    def interval(self, name: str, maker: Maker, year: int) -> Interval:
        """The same with its range: that of the rate, of the IT power, and of the price of the chip, taken as independent."""
        value = self.value(name, maker, year)
        if not value > 0:
            return Interval(math.nan, math.nan, math.nan)
        parts = [self._spread("rates", maker.rate.id, "rate")]
        if name == MW:
            parts += [self._spread("rates", load.id, "rate").inverse() for load in maker.loads]
        if name == USD:
            parts.append(self._dear(maker, year))
        return product(value, *parts)

    def _dear(self, maker: Maker, year: int) -> Interval:
        """One over the cost of a year, as the price of the chip alone moves it."""
        parts = self.cost(maker, year)
        share = parts.get(maker.chip, 0.0) / sum(parts.values())
        price = self._spread("assets", maker.chip, "capex")
        return Interval(1.0, 1 - share * (1 - price.low), 1 + share * (price.high - 1)).inverse()

    def _spread(self, table: str, row: str, field: str) -> Interval:
        """Range of a cell around 1, from the fact behind it; 1 alone where there is none."""
        found = self.fact(table, row, field)
        if found is None or not found.low or not found.high:
            return Interval(1.0, 1.0, 1.0)
        value, low, high = (Path.parse(text).values[0] for text in (found.value, found.low, found.high))
        return Interval(1.0, low / value, high / value) if low > 0 and value > 0 else Interval(1.0, 1.0, 1.0)

    def fact(self, table: str, row: str, field: str) -> Fact | None:
        """The fact behind a cell, as known on the day of the case."""
        origin = self.case.origins.get((table, row, field))
        return self.facts.get(origin.fact) if origin and origin.fact else None

    def orderable(self, chip: str, year: int) -> bool:
        """Whether a chip may be ordered in a year."""
        first, after = Month.parse(str(year)), Month.parse(str(year + 1))
        rows = [o for o in self.case.tables.options if o.asset == chip]
        return any((not o.opens or Month.parse(o.opens) < after) and (not o.closes or Month.parse(o.closes) > first) for o in rows)


def workloads(source: Source) -> list[Workload]:
    """Kinds of work that more than one kind of chip makes, in the order of the resources."""
    tables = source.case.tables
    asked = {d.resource for d in tables.demands} | {c.resource for c in tables.contracts}
    chips = query.chips(source.case)
    users: dict[str, list[Use]] = {}
    for use in tables.uses:
        if use.asset in chips:
            users.setdefault(use.process, []).append(use)
    it = electricity.loads(source.case) or electricity.drawn(source.case)
    found, chain, facts = [], Yearly(look(source.case, source.tables), ()), _facts(source.case)
    for resource in (r.name for r in tables.resources if r.name in asked):
        makers: dict[str, Maker] = {}
        for rate in tables.rates:
            uses = users.get(rate.process, [])
            if rate.resource == resource and len(uses) == 1 and max(rate.rate.values) > 0:
                loads = tuple(r for r in tables.rates if r.process == rate.process and r.resource in it and max(r.rate.values) < 0)
                makers.setdefault(uses[0].asset, Maker(uses[0].asset, rate.process, rate, uses[0], loads))
        if len(makers) > 1:
            found.append(Workload(source, resource, chain, facts, tuple(makers[chip] for chip in chips if chip in makers)))
    return found


def running(source: Source) -> dict[tuple[str, str], float]:
    """Activity by process and reported period, at all places, mean over the slices."""
    share = dict(zip((s.name for s in source.case.horizon.slices), source.case.horizon.shares, strict=True))
    found: dict[tuple[str, str], float] = {}
    for item, period, part, value in query.seen(source, "activity").select("item", "period", "slice", "value").iter_rows():
        found[item, period] = found.get((item, period), 0.0) + value * share[part]
    return found


def at_work(source: Source, found: Sequence[Workload]) -> dict[tuple[str, str], dict[int, float]]:
    """Chips at work by chip and resource, mean over each reported year, as the case counts chips."""
    case, level, part = source.case, running(source), weights(source.case)
    spans = dict(zip(case.horizon.labels, case.horizon.periods, strict=True))
    total: dict[tuple[str, str], dict[int, float]] = {}
    for load in found:
        for maker in load.makers:
            row = total.setdefault((maker.chip, load.resource), dict.fromkeys(query.years(case), 0.0))
            for label in query.shown(case):
                used = maker.use.use.mean(spans[label].start, spans[label].months)
                row[query.year_of(label)] += used * level.get((maker.process, label), 0.0) * part[label]
    return {key: values for key, values in total.items() if any(v > 1e-6 for v in values.values())}


def weights(case: Case) -> dict[str, float]:
    """Share of the reported part of its year that each reported period takes."""
    years = dict(zip(case.horizon.labels, case.horizon.years, strict=True))
    whole: dict[int, float] = {}
    for label in query.shown(case):
        whole[query.year_of(label)] = whole.get(query.year_of(label), 0.0) + years[label]
    return {label: years[label] / whole[query.year_of(label)] for label in query.shown(case)}


def _facts(case: Case) -> dict[str, Fact]:
    day = case.as_of or "9999-12-31"
    return {fact.name: fact for fact in sorted(case.tables.facts, key=lambda fact: fact.as_of) if fact.as_of <= day}


def _money(case: Case) -> tuple[float, str]:
    """Whole money in one unit of the case's, and its currency."""
    whole = case.money.lstrip("kMGBT")
    try:
        return factor(case.money, whole), whole[:3]
    except UnitError:  # a unit of the user's own
        return 1.0, case.money


def _prefix(values: Iterable[float]) -> str:
    """The prefix that leaves most numbers above 1."""
    ranked = sorted(values)
    middle = ranked[len(ranked) // 2] if ranked else 1.0
    return max((name for name, size in _SIZE.items() if size <= middle * 1.0001), key=lambda name: _SIZE[name], default="")
