"""What exists in a case: holdings, options, batches, runs, accounts, steps and contracts, as labels and index arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from barbell.core.case import Case
from barbell.core.clock import Clock, Floats, Ints
from barbell.core.horizon import Month
from barbell.core.nouns import Asset, Process
from barbell.core.relations import Cohort, Conversion, Index, Option, PriceStep, ProcessRate, Take
from barbell.core.relations import Use as UseRow
from barbell.plan.lp import Axis

Pair = tuple[str, str]
_Named = TypeVar("_Named")


@dataclass(frozen=True)
class OptionAt:
    """An asset that may be ordered at one place."""

    asset: Asset
    place: str
    row: Option


@dataclass(frozen=True)
class Batch:
    """Units of one holding that entered service together (`lumped`: all of them).

    It stands from period `first` to before period `stop`; `born` is the month of service from which age counts;
    `standing` units stand before the first period.
    """

    holding: int
    label: str
    first: int
    stop: int
    born: int
    lumped: bool = False
    standing: float = 0.0
    cohort: Cohort | None = None


@dataclass(frozen=True)
class Use:
    """A run occupies a holding: units per unit of activity (T,)."""

    run: int
    holding: int
    rate: Floats


@dataclass(frozen=True)
class Flow:
    """A run makes or takes from an account: signed rate per unit of activity (T,)."""

    run: int
    account: int
    rate: Floats


class Sets:
    """Everything that a case lets exist, numbered; the equations index into these."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.clock = Clock(case.horizon)
        self.assets: Mapping[str, Asset] = by_name(case.tables.assets)
        self.indices: Mapping[str, Index] = by_name(case.tables.indices)
        self.programmes = by_name(case.tables.programmes)
        self.classes = by_name(case.tables.classes)
        self.resources = by_name(case.tables.resources)

    def index(self, name: str) -> Index | None:
        """A named index; None for no name."""
        return self.indices[name] if name else None

    @cached_property
    def period(self) -> Axis:
        """The time axis; its positions are the stages of the tree."""
        return Axis("period", self.case.horizon.labels, tuple(range(self.clock.count)))

    @cached_property
    def slice(self) -> Axis:
        """The slices of a period."""
        return Axis("slice", tuple(s.name for s in self.case.horizon.slices))

    @cached_property
    def options(self) -> tuple[OptionAt, ...]:
        """Options, one for each place."""
        rows = self.case.tables.options
        return tuple(OptionAt(self.assets[row.asset], place, row) for row in rows for place in self.case.spread(row.place))

    @cached_property
    def holdings(self) -> tuple[Pair, ...]:
        """(asset, place) wherever an asset stands or may stand."""
        found = dict.fromkeys([(o.asset.name, o.place) for o in self.options] + [(c.asset, c.place) for c in self.case.tables.cohorts])
        pending = list(found)
        while pending:
            asset, place = pending.pop()
            more = [(c.target, place) for c in self.case.tables.conversions if c.source == asset and (c.target, place) not in found]
            found.update(dict.fromkeys(more))
            pending.extend(more)
        return tuple(found)

    @cached_property
    def holding_of(self) -> Mapping[Pair, int]:
        """Number of each holding."""
        return {pair: number for number, pair in enumerate(self.holdings)}

    @cached_property
    def cohorts_at(self) -> Mapping[Pair, Sequence[Cohort]]:
        """Cohorts by (asset, place)."""
        table: dict[Pair, list[Cohort]] = {}
        for row in self.case.tables.cohorts:
            table.setdefault((row.asset, row.place), []).append(row)
        return table

    @cached_property
    def _options_at(self) -> Mapping[Pair, Sequence[int]]:
        """Numbers of the options by (asset, place)."""
        table: dict[Pair, list[int]] = {}
        for number, option in enumerate(self.options):
            table.setdefault((option.asset.name, option.place), []).append(number)
        return table

    @cached_property
    def tracked(self) -> frozenset[str]:
        """Assets whose vintages differ or may be singled out, so that each is a batch of its own."""
        sources = {c.source for c in self.case.tables.conversions}
        return frozenset(a.name for a in self.assets.values() if a.retirable or a.fade or a.ageing or a.gain or a.name in sources)

    @cached_property
    def block(self) -> Floats:
        """(O, T) size of the blocks in which each option is ordered in each period; 0: any amount."""
        size = np.array([o.asset.block for o in self.options]).reshape(-1, 1)
        blocks: Floats = size * np.array(self.case.horizon.whole, float)
        return blocks

    @cached_property
    def order_due(self) -> Ints:
        """(O, T) month in which an order of each period is due."""
        lead = [o.asset.lead_months + o.row.extra_lead_months for o in self.options]
        due: Ints = self.clock.start[None, :] + np.array(lead, int).reshape(-1, 1)
        return due

    @cached_property
    def order_arrival(self) -> Ints:
        """(O, T) period in which an order of each period enters service; T where it is late."""
        return self.clock.arrival(self.order_due)

    @cached_property
    def batches(self) -> tuple[Batch, ...]:
        """The batches of every holding: one for all, or one for each cohort and vintage."""
        return tuple(batch for number, pair in enumerate(self.holdings) for batch in self._batches(number, *pair))

    def _batches(self, number: int, asset: str, place: str) -> Iterable[Batch]:
        label = f"{asset}@{place}"
        cohorts = self.cohorts_at.get((asset, place), ())
        if asset not in self.tracked:
            standing = sum(c.amount for c in cohorts if self.cohort_span(c)[0] < 0 < self.cohort_span(c)[1])
            yield Batch(number, label, 0, self.clock.count, int(self.clock.start[0]), lumped=True, standing=standing)
            return
        for c in cohorts:
            arrival, stop = self.cohort_span(c)
            if max(arrival, 0) < min(stop, self.clock.count):
                standing = c.amount if arrival < 0 else 0.0
                born = Month.parse(c.service).index
                yield Batch(number, f"{label} {c.name}", max(arrival, 0), min(stop, self.clock.count), born, standing=standing, cohort=c)
        life = self.assets[asset].life_months
        for u in self._vintages(asset, place):
            born = int(self.clock.start[u])
            stop = int(self.clock.arrival(np.array(born + life)))
            yield Batch(number, f"{label} {self.period.labels[u]}", u, stop, born)

    def _vintages(self, asset: str, place: str) -> Sequence[int]:
        """Periods in which new units of a holding can enter service."""
        count = self.clock.count
        orders = [u for number in self._options_at.get((asset, place), ()) for u in self.order_arrival[number]]
        inflows = [c for c in self.case.tables.conversions if c.target == asset and (c.source, place) in self.holding_of]
        delivered = [u for c in inflows for u in self.clock.arrival(self.clock.start + c.months)]
        return sorted({int(u) for u in [*orders, *delivered] if u < count})

    def cohort_span(self, cohort: Cohort) -> tuple[int, int]:
        """(Period of entering service, period of expiry) of a cohort; the first is -1 when it stands at the start, T when late."""
        service, begin = Month.parse(cohort.service).index, int(self.clock.start[0])
        life, left = self.assets[cohort.asset].life_months, cohort.remaining_months
        over = service + life if left is None else max(service, begin) + left
        arrival = -1 if service < begin else int(self.clock.arrival(np.array(service)))
        return arrival, int(self.clock.arrival(np.array(over)))

    @cached_property
    def batch_of(self) -> NDArray[np.int64]:
        """(H, T) batch that new units of a holding join when they enter service in a period; -1 where there is none."""
        table = np.full((len(self.holdings), self.clock.count), -1)
        for number, batch in enumerate(self.batches):
            if batch.lumped:
                table[batch.holding] = number
            elif batch.cohort is None:
                table[batch.holding, batch.first] = number
        return table

    @cached_property
    def conversions(self) -> tuple[tuple[Conversion, int], ...]:
        """(Conversion, batch of its source)."""
        sources = [self.holdings[b.holding][0] for b in self.batches]
        return tuple((c, n) for c in self.case.tables.conversions for n, asset in enumerate(sources) if asset == c.source)

    @cached_property
    def runs(self) -> tuple[tuple[Process, str], ...]:
        """(Process, place) wherever a process may run."""
        return tuple((p, place) for p in self.case.tables.processes for place in self.case.spread(p.where) if self._can_run(p, place))

    def _can_run(self, process: Process, place: str) -> bool:
        return all(self._holder(use.asset, use.place or place) is not None for use in self._uses.get(process.name, ()))

    def _holder(self, asset: str, place: str) -> int | None:
        """The holding of an asset at a place, or the nearest above."""
        line = (self.holding_of.get((asset, outer)) for outer in self.case.lineage[place])
        return next((number for number in line if number is not None), None)

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        """What runs occupy."""
        found = []
        for run, (process, place) in enumerate(self.runs):
            for use in self._uses.get(process.name, ()):
                holding = self._holder(use.asset, use.place or place)
                if holding is not None:
                    found.append(Use(run, holding, self.clock.mean(use.use)))
        return tuple(found)

    @cached_property
    def used(self) -> tuple[int, ...]:
        """Holdings that something occupies, in the order of the rows of capacity."""
        return tuple(sorted({use.holding for use in self.uses}))

    def account_at(self, resource: str, place: str) -> Pair:
        """The account to which something at a place is booked: the ancestor of the resource's level."""
        level = self.resources[resource].level
        return resource, next(p for p in self.case.lineage[place] if self.case.places[p].kind == level)

    @cached_property
    def accounts(self) -> tuple[Pair, ...]:
        """(Resource, place) of every account that something touches."""
        tables = self.case.tables
        sold = [*((d.resource, d.place) for d in tables.demands), *((k.resource, k.place) for k in tables.contracts)]
        touched = [
            *((r.resource, r.place or place) for process, place in self.runs for r in self._rates.get(process.name, ())),
            *((t.resource, place) for asset, place in self.holdings for t in self._takes.get(asset, ())),
            *sold,
            *((a.resource, a.place) for a in tables.accounts),
        ]
        return tuple(dict.fromkeys(self.account_at(*pair) for pair in touched))

    @cached_property
    def account_of(self) -> Mapping[Pair, int]:
        """Number of each account."""
        return {pair: number for number, pair in enumerate(self.accounts)}

    def account(self, resource: str, place: str) -> int:
        """Number of the account to which something at a place is booked."""
        return self.account_of[self.account_at(resource, place)]

    def accounts_of(self, kind: str, clock: str = "") -> list[int]:
        """Numbers of the accounts whose resource is of a kind and, if a stock, runs on a clock."""
        return self._accounts_of.get((kind, clock), [])

    @cached_property
    def _accounts_of(self) -> Mapping[Pair, list[int]]:
        table: dict[Pair, list[int]] = {}
        for number, (resource, _) in enumerate(self.accounts):
            row = self.resources[resource]
            table.setdefault((row.kind, row.clock), []).append(number)
        return table

    @cached_property
    def flows(self) -> tuple[Flow, ...]:
        """What runs make and take."""
        return tuple(
            Flow(run, self.account(rate.resource, rate.place or place), self.clock.mean(rate.rate))
            for run, (process, place) in enumerate(self.runs)
            for rate in self._rates.get(process.name, ())
        )

    @cached_property
    def _uses(self) -> Mapping[str, Sequence[UseRow]]:
        return group(self.case.tables.uses, "process")

    @cached_property
    def _rates(self) -> Mapping[str, Sequence[ProcessRate]]:
        return group(self.case.tables.rates, "process")

    @cached_property
    def _takes(self) -> Mapping[str, Sequence[Take]]:
        return group(self.case.tables.takes, "asset")

    def takes_of(self, asset: str) -> Sequence[Take]:
        """What one unit of an asset draws."""
        return self._takes.get(asset, ())

    @cached_property
    def steps(self) -> tuple[tuple[int, int], ...]:
        """(Demand, position of its price step in ascending order of the step's number)."""
        return tuple((d, j) for d, demand in enumerate(self.case.tables.demands) for j in range(len(self.prices[demand.name])))

    @cached_property
    def steps_of(self) -> tuple[Ints, ...]:
        """Numbers of the steps of each demand."""
        ends = np.cumsum([len(self.prices[demand.name]) for demand in self.case.tables.demands])
        return tuple(np.arange(end - len(self.prices[d.name]), end) for d, end in zip(self.case.tables.demands, ends, strict=True))

    @cached_property
    def prices(self) -> Mapping[str, Sequence[PriceStep]]:
        """Price steps of each demand in order."""
        table = group(self.case.tables.price_steps, "demand")
        return {d.name: sorted(table.get(d.name, ()), key=lambda s: s.step) for d in self.case.tables.demands}

    def profile(self, name: str) -> Floats:
        """(Z,) a named profile; ones for no name."""
        return self._profiles[name] if name else np.ones(len(self.slice))

    @cached_property
    def _profiles(self) -> Mapping[str, Floats]:
        shapes = {name: {row.slice: row.value for row in rows} for name, rows in group(self.case.tables.profiles, "name").items()}
        return {name: np.array([shape[z] for z in self.slice.labels]) for name, shape in shapes.items()}

    @cached_property
    def entity_of(self) -> Mapping[str, int]:
        """Number of each entity."""
        return {e.name: n for n, e in enumerate(self.case.tables.entities)}

    def entity_of_asset(self, asset: str) -> int:
        """Number of the entity that pays for an asset."""
        return self.entity_of[self.programmes[self.assets[asset].programme].entity]

    @cached_property
    def account_axis(self) -> Axis:
        """Accounts as they read in tables: ``power@va``."""
        return Axis("account", tuple(f"{r}@{p}" for r, p in self.accounts))

    @cached_property
    def option_axis(self) -> Axis:
        """Options: ``hall@va``."""
        return Axis("option", tuple(f"{o.asset.name}@{o.place}" for o in self.options))

    @cached_property
    def run_axis(self) -> Axis:
        """Runs: ``train@va``."""
        return Axis("run", tuple(f"{p.name}@{place}" for p, place in self.runs))


def by_name(rows: Iterable[_Named]) -> dict[str, _Named]:
    """Rows by their name."""
    return {row.name: row for row in rows}  # type: ignore[attr-defined]


def group(rows: Iterable[_Named], field: str) -> dict[str, list[_Named]]:
    """Rows by the value of a field."""
    table: dict[str, list[_Named]] = {}
    for row in rows:
        table.setdefault(getattr(row, field), []).append(row)
    return table
