"""The seven equations a second time: loops over the specification (docs/guide/equations.md), one variable at a time.

Slow and plain on purpose, and written without a look at `barbell.plan`: a second opinion is worth something only if it is one.
Where the specification leaves a choice, `Reading` names it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import exp, inf
from typing import Any

import numpy as np

from barbell.core.case import Case
from barbell.core.depreciation import deducted
from barbell.core.horizon import Month
from barbell.core.path import Path
from tests.oracle.algebra import Program, Sum, maximum
from tests.oracle.futures import Future, futures


@dataclass(frozen=True)
class Reading:
    """How the specification is read where it leaves a choice; the defaults are the most literal reading."""

    opex_index: str = "start"
    """Month at which the indices of running costs are read: `start` or `middle` of the period."""
    service_anchor: str = "start"
    """What payments counted from service count from: `due` (the month that is due) or `start` (of the period of service, if there is one)."""
    closing_age: str = "end"
    """Age of what is valued at the end: at the `end`, or in the `last` period."""
    closing_attrition: bool = True
    """Whether the survivors at the end have been through the attrition of the last period."""
    compound_late: bool = False
    """Whether a conversion delivered before the end, but in service after it, counts with more than its worth."""
    conversion_service: bool = True
    """Whether what conversions deliver counts in limits on service."""
    conversion_owner: str = "target"
    """Whose programme, class and asset the cost of a conversion belongs to: `source` or `target`."""
    cohort_service: str = "service"
    """From when a cohort under way ages and gains: its month of `service`, or the `start` of the period of service."""
    spend_here: bool = True
    """Whether a limit on the spending of a programme counts at its place only."""


def optimum(case: Case, reading: Reading | None = None) -> float:
    """The greatest value that the case can reach."""
    program = Program()
    worths = [(future.chance, World(program, future, reading or Reading()).worth()) for future in futures(case)]
    mean = sum((chance * worth for chance, worth in worths), Sum())
    weight, tail = case.risk.weight, case.risk.tail
    if weight == 0:
        return maximum(program, mean)
    threshold = program.variable("threshold", lower=-inf)
    worst = threshold
    for number, (chance, worth) in enumerate(worths):
        short = program.variable(("short", number))
        program.row(("short", number), short, ">=", threshold - worth)
        worst -= chance / tail * short
    return maximum(program, (1 - weight) * mean + weight * worst)


@dataclass
class Batch:
    """What entered service together: in period `since`, worn out from period `until` on."""

    asset: str
    place: str
    name: str
    since: int
    until: int
    service: Month
    expiry: Month
    amount: float | None = None
    standing: bool = False

    def free(self, t: int) -> bool:
        """Whether units may be taken out at the start of `t`."""
        return (self.since < t or (self.standing and t == 0)) and t < self.until


@dataclass
class Spend:
    """Capex paid in period `t`."""

    t: int
    amount: Sum
    programme: str
    asset: str
    place: str


class World:
    """The problem of one future; what it shares with other futures it finds in the program by name."""

    def __init__(self, program: Program, future: Future, reading: Reading) -> None:
        self.program, self.case, self.branch, self.reading = program, future.case, future.branch, reading
        self.rows = future.case.tables
        horizon = future.case.horizon
        self.start = [period.start for period in horizon.periods]
        self.months = [period.months for period in horizon.periods]
        self.n = len(self.start)
        self.end = self.start[-1] + self.months[-1]
        self.y = [months / 12 for months in self.months]
        self.mid = [(first - self.start[0] + months / 2) / 12 for first, months in zip(self.start, self.months, strict=True)]
        self.gap = [self.mid[t] - (self.mid[t - 1] if t else 0.0) for t in range(self.n)]
        self.slices = horizon.slices
        self.s = _shares(horizon.slices)
        self.asset = {row.name: row for row in self.rows.assets}
        self.programme = {row.name: row for row in self.rows.programmes}
        self.entity = {row.name: row for row in self.rows.entities}
        self.index = {row.name: row for row in self.rows.indices}
        self.klass = {row.name: row for row in self.rows.classes}
        self.resource = {row.name: row for row in self.rows.resources}
        self.money: dict[str, Any] = {
            name: defaultdict(Sum)
            for name in ("margin", "spend", "expensed", "deduct", "received", "credited", "worth", "book", "due", "contracts", "waiting")
        }
        self.spends: list[Spend] = []
        self.taken: Any = defaultdict(Sum)
        self.made: Any = defaultdict(Sum)
        self.used: Any = defaultdict(Sum)
        self.arrived: Any = defaultdict(Sum)
        self.orders: list[tuple[Any, str, int, Sum]] = []
        self.conversions: Any = defaultdict(Sum)
        self.fleets: dict[tuple[str, str], list[tuple[Batch | None, dict[int, Sum]]]] = {}
        self.retired: Any = defaultdict(Sum)
        self.serviced: Any = defaultdict(Sum)
        self.served: Any = defaultdict(Sum)
        self.cash: dict[tuple[str, int], Sum] = {}
        self.debt: dict[tuple[str, int], Sum] = {}
        self.side = Sum()

    def worth(self) -> Sum:
        """Write every equation and return the worth of the future."""
        self.fleet()
        self.activity()
        self.capacity()
        self.demand()
        self.balance()
        self.contract()
        self.opex()
        self.gate()
        self.finance()
        self.limit()
        self.envelope()
        return self.value()

    # Names and time

    def var(self, t: int, *name: Any, **bounds: Any) -> Sum:
        return self.program.variable((*name, t, self.branch[t]), **bounds)

    def row(self, t: int, name: tuple[Any, ...], left: Sum, sense: str, right: Sum | float = 0.0) -> None:
        self.program.row((*name, t, self.branch[t]), left, sense, right)

    def mean(self, path: Path, *periods: int) -> float:
        values = [path.at(self.start[t] + k) for t in periods for k in range(self.months[t])]
        return sum(values) / len(values)  # type: ignore[arg-type]

    def read(self, index: str, month: Month) -> float:
        if not index:
            return 1.0
        row = self.index[index]
        return row.path.at(month) * (1 + row.growth) ** ((month - self.start[0]) / 12)

    def running(self, index: str, t: int) -> float:
        middle = self.reading.opex_index == "middle"
        return self.read(index, self.start[t] + (self.months[t] // 2 if middle else 0))

    def arrival(self, month: Month) -> int:
        return next((t for t in range(self.n) if self.start[t] >= month), self.n)

    def paid_in(self, month: Month, first: int) -> int:
        """The period that holds `month`, not before `first`; n after the end."""
        if month >= self.end:
            return self.n
        return max([first, *(t for t in range(self.n) if self.start[t] <= month)])

    def above(self, place: str, kind: str) -> str:
        return next(p for p in self.case.lineage[place] if self.case.places[p].kind == kind)

    def disc(self, entity: str, years: float) -> float:
        return (1 + self.entity[entity].discount_rate) ** -years

    def from_end(self, month: Month) -> float:
        return (month - self.end) / 12

    def windows(self, name: str) -> list[list[int]]:
        if name in ("period", "rate"):
            return [[t] for t in range(self.n)]
        if name == "cumulative":
            return [list(range(t + 1)) for t in range(self.n)]
        if name == "horizon":
            return [list(range(self.n))]
        years: dict[int, list[int]] = {}
        for t in range(self.n):
            years.setdefault(self.start[t].year, []).append(t)
        return list(years.values())

    # 1. Fleet

    def owner(self, asset: str) -> str:
        return self.programme[self.asset[asset].programme].entity

    def expenses(self, asset: str) -> bool:
        return self.programme[self.asset[asset].programme].treatment == "expense"

    def option(self, asset: str, place: str) -> Any:
        return next((o for o in self.rows.options if o.asset == asset and place in self.case.spread(o.place)), None)

    def replacement(self, asset: str, place: str) -> float:
        """Price of a unit at the end of the horizon."""
        option = self.option(asset, place)
        return self.asset[asset].capex * self.read(self.asset[asset].index, self.end) * (option.capex_factor if option else 1.0)

    def holdings(self) -> list[tuple[str, str]]:
        found = {(o.asset, place) for o in self.rows.options for place in self.case.spread(o.place)}
        found |= {(c.asset, c.place) for c in self.rows.cohorts}
        for _ in self.rows.conversions:
            found |= {(c.target, place) for c in self.rows.conversions for asset, place in list(found) if asset == c.source}
        return sorted(found)

    def apart(self, asset: str) -> bool:
        a = self.asset[asset]
        return bool(a.retirable or a.fade or a.ageing or a.gain or any(c.source == asset for c in self.rows.conversions))

    def batches(self, asset: str, place: str) -> list[Batch]:
        life = self.asset[asset].life_months
        found = []
        for u in range(self.n):
            expiry = self.start[u] + life
            found.append(Batch(asset, place, f"v{u}", u, self.arrival(expiry), self.start[u], expiry))
        for c in self.rows.cohorts:
            if (c.asset, c.place) == (asset, place):
                service = Month.parse(c.service)
                standing = service < self.start[0]
                expiry = service + life
                if c.remaining_months is not None:
                    expiry = max(service, self.start[0]) + c.remaining_months
                since = 0 if standing else self.arrival(service)
                born = self.start[since] if self.reading.cohort_service == "start" and not standing and since < self.n else service
                found.append(Batch(asset, place, c.name, since, self.arrival(expiry), born, expiry, c.amount, standing))
        return found

    def keep(self, asset: str, t: int) -> float:
        """Share that survives from period t - 1 to t; t = n is the end of the horizon."""
        return (1 - self.asset[asset].attrition) ** self.y[t - 1]

    def age(self, batch: Batch, t: int) -> float:
        at = self.start[t] if t < self.n else self.end
        return max(0.0, (at - batch.service) / 12)

    def capability(self, batch: Batch, t: int) -> float:
        a = self.asset[batch.asset]
        return self.read(a.gain, batch.service) * (1 - a.fade) ** self.age(batch, t)

    def fleet(self) -> None:
        self.all_batches = {holding: self.batches(*holding) for holding in self.holdings()}
        for option in self.rows.options:
            for place in self.case.spread(option.place):
                self.order(option, place)
        for conversion in self.rows.conversions:
            for asset, place in self.all_batches:
                if asset == conversion.source:
                    self.convert(conversion, place)
        for cohort in self.rows.cohorts:
            self.cohort(cohort)
        for (asset, place), batches in self.all_batches.items():
            if self.apart(asset):
                self.fleets[asset, place] = [(batch, self.recursion(batch)) for batch in batches]
            else:
                self.fleets[asset, place] = [(None, self.lump(asset, place, batches))]

    def order(self, option: Any, place: str) -> None:
        a = self.asset[option.asset]
        opens = Month.parse(option.opens) if option.opens else self.start[0]
        closes = Month.parse(option.closes) if option.closes else self.end
        for t in range(self.n):
            if not opens <= self.start[t] < closes:
                continue
            most = inf if option.order_limit is None else self.mean(option.order_limit, t) * self.y[t]
            if a.block:
                blocks = self.var(t, "blocks", a.name, place, integer=True)
                order = self.var(t, "order", a.name, place, upper=most)
                self.row(t, ("whole", a.name, place), order - a.block * blocks, "=")
            else:
                order = self.var(t, "order", a.name, place, upper=most)
            due = self.start[t] + a.lead_months + option.extra_lead_months
            u = self.arrival(due)
            self.orders.append((a, place, t, order))
            if u < self.n:
                self.arrived[a.name, place, u] += order
                self.serviced[a.name, place, u] += order
            self.take(a.name, place, t, u, order)
            self.pay(option, place, t, due, u, order)

    def take(self, asset: str, place: str, t: int | None, u: int, amount: Sum) -> None:
        for take in self.rows.takes:
            when = t if take.when == "order" else u
            if take.asset == asset and when is not None and when < self.n:
                account = self.above(place, self.resource[take.resource].level)
                self.taken[take.resource, account, when] += take.amount * amount

    def spend(self, t: int, amount: Sum, asset: str, place: str) -> None:
        self.spends.append(Spend(t, amount, self.asset[asset].programme, asset, place))
        self.money["spend"][self.owner(asset), t] += amount
        if self.expenses(asset):
            self.money["expensed"][self.owner(asset), t] += amount

    def pay(self, option: Any, place: str, t: int, due: Month, u: int, order: Sum) -> None:
        a = self.asset[option.asset]
        entity = self.owner(a.name)
        price = a.capex * self.read(a.index, self.start[t]) * option.capex_factor
        profile = [(p.share, p.anchor, p.months) for p in self.rows.payments if p.name == a.payment] if a.payment else [(1.0, "order", 0)]
        paid = 0.0
        for share, anchor, months in profile:
            service = self.start[u] if self.reading.service_anchor == "start" and u < self.n else due
            month = (self.start[t] if anchor == "order" else service) + months
            when = self.paid_in(month, t)
            if when < self.n:
                paid += share * price
                self.spend(when, share * price * order, a.name, place)
            elif u < self.n:
                self.money["due"][entity] += share * price * self.disc(entity, self.from_end(month)) * order
        if u < self.n:
            self.depreciate(a.name, u, price * order)
        else:
            self.under_construction(a, entity, paid * order)

    def under_construction(self, a: Any, entity: str, paid: Sum) -> None:
        """What arrives after the end is worth what has been paid for it."""
        self.money["worth"][entity] += a.recovery * paid
        if not self.expenses(a.name):
            self.money["book"][entity] += paid

    def depreciate(self, asset: str, u: int, cost: Sum) -> None:
        """Cost placed in service in period u: what is deducted when, and what is left."""
        if self.expenses(asset):
            return
        entity = self.owner(asset)
        self.money["book"][entity] += cost
        if name := self.asset[asset].depreciation:
            for t in range(u, self.n):
                ages = np.array([self.start[t] - self.start[u], self.start[t] + self.months[t] - self.start[u]]) / 12
                before, after = deducted(self.klass[name], ages)
                self.money["deduct"][entity, t] += (after - before) * cost
                self.money["book"][entity] += (before - after) * cost

    def convert(self, c: Any, place: str) -> None:
        owner = c.target if self.reading.conversion_owner == "target" else c.source
        for t in range(self.n):
            begun = Sum()
            for batch in self.all_batches[c.source, place]:
                if batch.free(t):
                    units = self.var(t, "convert", c.name, place, batch.name)
                    self.conversions[c.source, place, batch.name, t] += units
                    begun += units
            if not begun.terms:
                continue
            if c.limit is not None:
                self.row(t, ("convert", c.name, place), begun, "<=", self.mean(c.limit, t) * self.y[t])
            delivery = self.start[t] + c.months
            u = self.arrival(delivery)
            cost = c.capex * self.read(c.index, self.start[t]) * begun
            self.spend(t, cost, owner, place)
            for v in range(t, min(u, self.n)):
                self.used["outage", c.source, place, v] += c.outage * begun
            if u < self.n:
                self.arrived[c.target, place, u] += c.gain * begun
                if self.reading.conversion_service:
                    self.serviced[c.target, place, u] += c.gain * begun
                self.depreciate(owner, u, cost)
            else:
                entity = self.owner(c.target)
                years = self.from_end(delivery)
                years = years if self.reading.compound_late else max(0.0, years)
                worth = self.asset[c.target].recovery * self.replacement(c.target, place) * c.gain * self.disc(entity, years)
                self.money["worth"][entity] += worth * begun
                if not self.expenses(owner):
                    self.money["book"][self.owner(owner)] += cost

    def cohort(self, c: Any) -> None:
        a = self.asset[c.asset]
        entity = self.owner(a.name)
        service = Month.parse(c.service)
        if service < self.start[0]:
            self.standing_book(c, a, entity, service)
            return
        u = self.arrival(service)
        wait = service - self.start[0]
        paid = c.paid * c.amount * c.price
        for k in range(wait):
            part = (1 - c.paid) * c.amount * c.price / wait
            when = self.paid_in(self.start[0] + k, 0)
            if when < self.n:
                paid += part
                self.spend(when, Sum(part), a.name, c.place)
        if u < self.n:
            self.serviced[a.name, c.place, u] += c.amount
            self.take(a.name, c.place, None, u, Sum(c.amount))
            self.depreciate(a.name, u, Sum(c.amount * c.price))
        else:
            self.under_construction(a, entity, Sum(paid))

    def standing_book(self, c: Any, a: Any, entity: str, service: Month) -> None:
        if self.expenses(a.name):
            return
        self.money["book"][entity] += c.book_value
        if a.depreciation:
            left = max(12, self.klass[a.depreciation].months - (self.start[0] - service))
            for t in range(self.n):
                first = self.start[t] - self.start[0]
                months = max(0, min(left, first + self.months[t]) - first)
                self.money["deduct"][entity, t] += c.book_value * months / left
                self.money["book"][entity] += -c.book_value * months / left

    def arriving(self, batch: Batch) -> Sum:
        return Sum(batch.amount) if batch.amount is not None else self.arrived[batch.asset, batch.place, batch.since]

    def recursion(self, b: Batch) -> dict[int, Sum]:
        fleet: dict[int, Sum] = {}
        for t in range(b.since, min(b.until, self.n)):
            fleet[t] = self.var(t, "fleet", b.asset, b.place, b.name)
            change = self.arriving(b) if t == b.since else self.keep(b.asset, t) * fleet[t - 1]
            if b.free(t) and self.asset[b.asset].retirable:
                retired = self.var(t, "retire", b.asset, b.place, b.name)
                self.retired[b.asset, b.place, t] += retired
                change -= retired
            change -= self.conversions[b.asset, b.place, b.name, t]
            self.row(t, ("fleet", b.asset, b.place, b.name), fleet[t], "=", change)
        if b.until >= self.n > b.since:
            self.sell(b, fleet[self.n - 1])
        return fleet

    def lump(self, asset: str, place: str, batches: list[Batch]) -> dict[int, Sum]:
        fleet: dict[int, Sum] = {}
        for t in range(self.n):
            fleet[t] = self.var(t, "fleet", asset, place)
            change = self.keep(asset, t) * fleet[t - 1] if t else Sum()
            for b in batches:
                if b.until > b.since:
                    change += self.arriving(b) if b.since == t else 0.0
                    change -= self.survivors(b, t) if b.until == t else 0.0
            self.row(t, ("fleet", asset, place), fleet[t], "=", change)
        for b in batches:
            if b.until >= self.n > b.since:
                self.sell(b, self.survivors(b, self.n - 1))
        return fleet

    def survivors(self, b: Batch, t: int) -> Sum:
        left = self.arriving(b)
        for v in range(b.since + 1, t + 1):
            left *= self.keep(b.asset, v)
        return left

    def sell(self, b: Batch, units: Sum) -> None:
        """What stands in the last period is worth its remaining life."""
        a = self.asset[b.asset]
        left = max(0.0, self.from_end(b.expiry) * 12 / a.life_months)
        ability = self.capability(b, self.n if self.reading.closing_age == "end" else self.n - 1) / self.read(a.gain, self.end)
        survive = self.keep(b.asset, self.n) if self.reading.closing_attrition else 1.0
        self.money["worth"][self.owner(a.name)] += a.recovery * self.replacement(b.asset, b.place) * left * ability * survive * units

    # 2. Balance and 3. Capacity

    def found(self, use: Any, place: str) -> tuple[str, str] | None:
        for spot in (use.place,) if use.place else self.case.lineage[place]:
            if (use.asset, spot) in self.fleets:
                return use.asset, spot
        return None

    def activity(self) -> None:
        self.runs: dict[tuple[str, str], dict[tuple[int, int], Sum]] = {}
        for process in self.rows.processes:
            uses = [u for u in self.rows.uses if u.process == process.name]
            rates = [r for r in self.rows.rates if r.process == process.name]
            for place in self.case.spread(process.where):
                spots = [self.found(use, place) for use in uses]
                if None in spots:
                    continue
                self.runs[process.name, place] = {}
                for t in range(self.n):
                    for z in range(len(self.s)):
                        run = self.var(t, "run", process.name, place, z)
                        self.runs[process.name, place][t, z] = run
                        for use, spot in zip(uses, spots, strict=True):
                            self.used[spot, t, z] += self.mean(use.use, t) * run
                        for rate in rates:
                            account = self.above(rate.place or place, self.resource[rate.resource].level)
                            self.made[rate.resource, account, t, z] += self.mean(rate.rate, t) * run
                        cost = self.mean(process.variable_cost, t) * self.running(process.index, t) * self.y[t] * self.s[z]
                        self.money["margin"][process.entity, t] -= cost * run

    def capacity(self) -> None:
        profiles = {(p.name, p.slice): p.value for p in self.rows.profiles}
        for (asset, place), batches in self.fleets.items():
            a = self.asset[asset]
            for t in range(self.n):
                able = -1.0 * self.used["outage", asset, place, t]
                for batch, fleet in batches:
                    if t in fleet:
                        able += (self.capability(batch, t) if batch else 1.0) * fleet[t]
                for z, piece in enumerate(self.slices):
                    share = self.mean(a.availability, t) * (profiles[a.profile, piece.name] if a.profile else 1.0)
                    if self.used[(asset, place), t, z].terms:
                        self.row(t, ("capacity", asset, place, z), self.used[(asset, place), t, z], "<=", share * able)

    def demand(self) -> None:
        for d in self.rows.demands:
            self.serve(d)
        for k in self.rows.contracts:
            for t in range(self.n):
                for z in range(len(self.s)):
                    units = self.var(t, "delivered", k.name, z)
                    self.served[k.name, t, z] = units
                    self.made[k.resource, self.above(k.place, self.resource[k.resource].level), t, z] -= units

    def balance(self) -> None:
        for r in self.rows.resources:
            for place in self.case.spread(r.level):
                account = next((a for a in self.rows.accounts if (a.resource, a.place) == (r.name, place)), None)
                {"flow": self.flow, "stock": self.slice_stock if r.clock == "slice" else self.period_stock, "allowance": self.allowance}[r.kind](
                    r, place, account
                )

    def flow(self, r: Any, place: str, account: Any) -> None:
        for t in range(self.n):
            for z in range(len(self.s)):
                self.row(t, ("balance", r.name, place, z), self.made[r.name, place, t, z] - self.taken[r.name, place, t] / self.y[t], "=")

    def ceiling(self, account: Any, t: int) -> float:
        return inf if account is None or account.ceiling is None else self.mean(account.ceiling, t)

    def slice_stock(self, r: Any, place: str, account: Any) -> None:
        loss = account.loss if account else 0.0
        for t in range(self.n):
            level = [self.var(t, "level", r.name, place, z, upper=self.ceiling(account, t)) for z in range(len(self.s))]
            for day in {piece.day for piece in self.slices}:
                order = [z for z, piece in enumerate(self.slices) if piece.day == day]
                for k, z in enumerate(order):
                    years = self.slices[z].hours / 8760
                    before = level[order[k - 1]]
                    self.row(t, ("level", r.name, place, z), level[z], "=", (1 - loss) ** years * before + years * self.made[r.name, place, t, z])

    def period_stock(self, r: Any, place: str, account: Any) -> None:
        before = Sum(account.initial if account else 0.0)
        for t in range(self.n):
            level = self.var(t, "level", r.name, place, upper=self.ceiling(account, t))
            made = sum((self.s[z] * self.made[r.name, place, t, z] for z in range(len(self.s))), Sum())
            keep = (1 - (account.loss if account else 0.0)) ** self.y[t]
            self.row(t, ("level", r.name, place), level, "=", keep * before + self.y[t] * made - self.taken[r.name, place, t])
            before = level
        if account and account.closing_value:
            root = next(e.name for e in self.rows.entities if not e.parent)
            self.side += self.disc(root, (self.end - self.start[0]) / 12) * account.closing_value * before

    def allowance(self, r: Any, place: str, account: Any) -> None:
        if account is None:
            return
        for window in self.windows(r.window):
            used = Sum()
            for t in window:
                made = sum((self.s[z] * self.made[r.name, place, t, z] for z in range(len(self.s))), Sum())
                used += self.taken[r.name, place, t] - self.y[t] * made
            self.row(window[-1], ("allowance", r.name, place), used, "<=", self.mean(account.budget, *window))

    # 4. Demand

    def serve(self, d: Any) -> None:
        profiles = {(p.name, p.slice): p.value for p in self.rows.profiles}
        shape = [profiles[d.profile, piece.name] if d.profile else 1.0 for piece in self.slices]
        steps = sorted((p for p in self.rows.price_steps if p.demand == d.name), key=lambda p: p.step)
        account = self.above(d.place, self.resource[d.resource].level)
        waited = [Sum() for _ in steps]
        for t in range(self.n):
            stay = exp(-12 * self.y[t] / d.patience_months) if d.patience_months else 0.0
            earned = self.marginal(d, steps, t)
            for j, step in enumerate(steps):
                asked = step.share * self.mean(d.volume, t)
                total = Sum()
                for z, s in enumerate(self.s):
                    units = self.var(t, "served", d.name, j, z)
                    if not d.patience_months:
                        self.row(t, ("asked", d.name, j, z), units, "<=", asked * shape[z])
                    total += s * units
                    self.served[d.name, t, z] += units
                    self.made[d.resource, account, t, z] -= units
                    self.money["margin"][d.entity, t] += earned[j] * self.y[t] * s * units
                waiting, lost = self.var(t, "waiting", d.name, j), self.var(t, "lost", d.name, j)
                new = self.y[t] * asked * sum(s * shape[z] for z, s in enumerate(self.s))
                self.row(t, ("demand", d.name, j), self.y[t] * total + waiting + lost, "=", waited[j] + new)
                self.row(t, ("stay", d.name, j), (1 - stay) * waiting, "<=", stay * lost)
                self.money["margin"][d.entity, t] -= d.penalty * lost
                waited[j] = waiting
                if t == self.n - 1:
                    self.money["waiting"][d.entity] += d.penalty * waiting

    def marginal(self, d: Any, steps: list[Any], t: int) -> list[float]:
        """What one more unit of each step adds to revenue."""
        price = [self.mean(step.price, t) for step in steps]
        if d.discriminates:
            return price
        q, revenue = [0.0], [0.0]
        for step, p in zip(steps, price, strict=True):
            q.append(q[-1] + step.share)
            revenue.append(p * q[-1])
        slopes: list[float] = []
        at = 0
        while at < len(steps):  # from corner to corner of the hull: always the steepest way on
            slope, to = max(((revenue[k] - revenue[at]) / (q[k] - q[at]), k) for k in range(at + 1, len(q)))
            slopes += [slope] * (to - at)
            at = to
        return slopes

    def ramp(self, k: Any, service: Month, month: Month) -> float:
        since = month - service
        if not 0 <= since < k.term_months:
            return 0.0
        return min(1.0, (since + 0.5) / k.ramp_months) if k.ramp_months else 1.0

    def signatures(self, k: Any) -> list[tuple[int | None, Month, Sum]]:
        """(Period of signature, month of service, amount) of all that may be signed; None for signed before the start."""
        opens = Month.parse(k.opens) if k.opens else self.start[0]
        closes = Month.parse(k.closes) if k.closes else self.end
        open_in = [t for t in range(self.n) if opens <= self.start[t] < closes]
        return [(t, self.start[t] + k.lead_months, self.var(t, "sign", k.name, upper=self.mean(k.volume, t))) for t in open_in]

    def called(self, k: Any, t: int) -> Sum:
        months = [self.start[t] + m for m in range(self.months[t])]
        if k.starts:
            service = Month.parse(k.starts)
            return Sum(k.usage * self.mean(k.volume, t) * sum(self.ramp(k, service, m) for m in months) / len(months))
        found = Sum()
        for _, service, units in self.signatures(k):
            found += k.usage * sum(self.ramp(k, service, m) for m in months) / len(months) * units
        return found

    def contract(self) -> None:
        for k in self.rows.contracts:
            unit = k.price * max(1.0, k.take_or_pay / k.usage)
            for t in range(self.n):
                called = self.called(k, t)
                self.money["credited"][k.entity, t] += k.prepayment * unit * self.y[t] * called
                for z, s in enumerate(self.s):
                    units = self.served[k.name, t, z]
                    self.row(t, ("called", k.name, z), units, "<=", called)
                    self.money["margin"][k.entity, t] += self.y[t] * s * (unit * units - k.penalty * (called - units))
            after = Sum()
            if k.starts:
                service = Month.parse(k.starts)
                later = [service + m for m in range(k.term_months) if service + m >= self.end]
                after += sum(k.usage * k.volume.at(m) * self.ramp(k, service, m) / 12 for m in later)
            else:
                for t, service, units in self.signatures(k):
                    ramp = {service + m: self.ramp(k, service, service + m) / 12 for m in range(k.term_months)}
                    self.money["received"][k.entity, t] += k.prepayment * unit * k.usage * sum(ramp.values()) * units
                    after += k.usage * sum(part for month, part in ramp.items() if month >= self.end) * units
            tau = self.entity[k.entity].tax_rate
            self.money["contracts"][k.entity] += ((1 - tau) * k.margin - k.prepayment) * unit * after

    # 5. Limit

    def limit(self) -> None:
        for limit in self.rows.limits:
            starts = Month.parse(limit.starts) if limit.starts else self.start[0]
            ends = Month.parse(limit.ends) if limit.ends else self.end
            for window in self.windows(limit.window):
                dated = window[-1] if limit.window == "cumulative" else window[0]
                if not starts <= self.start[dated] < ends:
                    continue
                total = Sum()
                for term in self.rows.terms:
                    if term.limit == limit.name:
                        total += term.coefficient * self.measure(term, window, limit.window)
                bound = self.mean(limit.bound, *(window[-1:] if limit.window == "cumulative" else window))
                self.row(window[-1], ("limit", limit.name), total, limit.sense, bound)

    def measure(self, term: Any, window: list[int], limit_window: str) -> Sum:
        if term.measure in ("cash", "debt"):
            return (self.cash if term.measure == "cash" else self.debt)[term.item, window[-1]]
        amount = {
            "order": self.ordered, "service": self.in_service, "retire": self.out, "spend": self.spent, "margin": self.earned,
            "fleet": self.stands, "activity": self.works, "served": self.sold,
        }[term.measure]  # fmt: skip
        total = sum((amount(term, t) for t in window), Sum())
        paced = term.measure in ("fleet", "activity", "served") or limit_window == "rate"
        return total / sum(self.y[t] for t in window) if paced else total

    def ordered(self, term: Any, t: int) -> Sum:
        return sum((x for a, place, v, x in self.orders if a.name == term.item and v == t and self.case.inside(place, term.place)), Sum())

    def in_service(self, term: Any, t: int) -> Sum:
        return self.at_places(self.serviced, term, t)

    def out(self, term: Any, t: int) -> Sum:
        return self.at_places(self.retired, term, t)

    def at_places(self, table: Any, term: Any, t: int) -> Sum:
        return sum((table[term.item, place, t] for place in self.case.places if self.case.inside(place, term.place)), Sum())

    def stands(self, term: Any, t: int) -> Sum:
        return self.y[t] * self.standing(term.item, term.place, t)

    def standing(self, asset: str, outer: str, t: int) -> Sum:
        total = Sum()
        for (name, place), batches in self.fleets.items():
            if name == asset and self.case.inside(place, outer):
                total = sum((fleet[t] for _, fleet in batches if t in fleet), total)
        return total

    def works(self, term: Any, t: int) -> Sum:
        total = Sum()
        for (process, place), run in self.runs.items():
            if process == term.item and self.case.inside(place, term.place):
                total = sum((self.y[t] * s * run[t, z] for z, s in enumerate(self.s)), total)
        return total

    def sold(self, term: Any, t: int) -> Sum:
        seller = next(row for row in (*self.rows.demands, *self.rows.contracts) if row.name == term.item)
        if not self.case.inside(seller.place, term.place):
            return Sum()
        return sum((self.y[t] * s * self.served[term.item, t, z] for z, s in enumerate(self.s)), Sum())

    def spent(self, term: Any, t: int) -> Sum:
        found = [p for p in self.spends if p.t == t and term.item in (p.programme, p.asset)]
        everywhere = term.item in self.programme and not self.reading.spend_here
        return sum((p.amount for p in found if everywhere or self.case.inside(p.place, term.place)), Sum())

    def earned(self, term: Any, t: int) -> Sum:
        return self.money["margin"][term.item, t]

    def envelope(self) -> None:
        for p in self.rows.programmes:
            for window in self.windows("year") if p.envelope is not None else ():
                spent = sum((s.amount for s in self.spends if s.programme == p.name and s.t in window), Sum())
                years = sum(self.y[t] for t in window)
                self.row(window[-1], ("envelope", p.name), spent, "<=", self.mean(p.envelope, *window) * years)

    # 6. Cash

    def opex(self) -> None:
        for (asset, _), batches in self.fleets.items():
            a = self.asset[asset]
            for batch, fleet in batches:
                for t, units in fleet.items():
                    aged = (1 + a.ageing) ** self.age(batch, t) if batch else 1.0
                    self.money["margin"][self.owner(asset), t] -= a.fixed_opex * self.running(a.opex_index, t) * aged * self.y[t] * units

    def gate(self) -> None:
        for g in self.rows.gates:
            for t in range(self.arrival(Month.parse(g.by)), self.n):
                missing = self.var(t, "missing", g.name)
                self.row(t, ("gate", g.name), missing, ">=", g.amount - self.standing(g.asset, g.place, t))
                self.money["margin"][self.programme[g.programme].entity, t] -= g.penalty * self.y[t] * missing

    def finance(self) -> None:
        self.free: dict[tuple[str, int], Sum] = {}
        lent: Any = defaultdict(Sum)
        interest_of: Any = defaultdict(Sum)
        deductible: Any = defaultdict(Sum)
        for d in self.rows.debts:
            self.borrow(d, lent, interest_of, deductible)
        moved: Any = defaultdict(Sum)
        for e in self.rows.entities:
            for t in range(self.n) if e.parent else ():
                down = self.var(t, "down", e.name, upper=self.mean(e.draws, t) * self.y[t])
                up = self.var(t, "up", e.name, upper=self.mean(e.pays, t) * self.y[t])
                moved[e.name, t] += down - up
                moved[e.parent, t] += up - down
        for e in self.rows.entities:
            carried, cash = Sum(e.losses), Sum(e.cash)
            for t in range(self.n):
                m = {
                    name: table[e.name, t]
                    for name, table in self.money.items()
                    if name in ("margin", "spend", "expensed", "deduct", "received", "credited")
                }
                income = m["margin"] - m["deduct"] - m["expensed"] - deductible[e.name, t]
                carry, taxed = self.var(t, "carry", e.name), self.var(t, "taxed", e.name, lower=-inf)
                self.row(t, ("tax", e.name), income + carry - carried, "=", taxed)
                self.row(t, ("offset", e.name), taxed, ">=", -self.mean(e.base_income, t) * self.y[t])
                carried = carry
                free = m["margin"] + m["received"] - m["credited"] - m["spend"] - e.tax_rate * taxed
                self.free[e.name, t] = free
                now = self.var(t, "cash", e.name, lower=-inf)
                flow = self.mean(e.base_cash, t) * self.y[t] + free + lent[e.name, t] - interest_of[e.name, t] + moved[e.name, t]
                self.row(t, ("cash", e.name), now, "=", (1 + e.cash_yield) ** self.gap[t] * cash + flow)
                if e.cash_floor is not None:
                    self.row(t, ("floor", e.name), now, ">=", self.mean(e.cash_floor, t))
                self.cash[e.name, t] = cash = now

    def borrow(self, d: Any, lent: Any, interest_of: Any, deductible: Any) -> None:
        balance = Sum(d.opening)
        self.side += d.opening
        for t in range(self.n):
            most = inf if d.limit is None else self.mean(d.limit, t)
            owed = self.var(t, "debt", d.name, upper=most)
            draw, repay = self.var(t, "draw", d.name), self.var(t, "repay", d.name)
            interest = ((1 + d.rate) ** self.gap[t] - 1) * balance
            self.row(t, ("debt", d.name), owed, "=", balance + draw - repay)
            flow = (1 - d.fee) * draw - repay
            lent[d.entity, t] += flow
            interest_of[d.entity, t] += interest
            deductible[d.entity, t] += d.deductible * interest
            self.side += (1 + d.fair_rate) ** -self.mid[t] * (flow - interest)
            self.debt[d.name, t] = balance = owed
        length = (self.end - self.start[0]) / 12
        self.side += -((1 + d.fair_rate) ** -length) * (1 + d.rate) ** (length - self.mid[-1]) * balance

    # 7. Value

    def value(self) -> Sum:
        total = self.side
        length = (self.end - self.start[0]) / 12
        for e in self.rows.entities:
            for t in range(self.n):
                total += self.disc(e.name, self.mid[t]) * self.free[e.name, t]
            m = {name: self.money[name][e.name] for name in ("worth", "book", "due", "contracts", "waiting")}
            closing = (1 - e.tax_rate) * m["worth"] + e.tax_rate * m["book"] - m["due"] + m["contracts"] - (1 - e.tax_rate) * m["waiting"]
            total += self.disc(e.name, length) * closing
        return total


def _shares(slices: Any) -> list[float]:
    """Share of a period that each slice stands for."""
    raw = [piece.weight * piece.hours / sum(other.hours for other in slices if other.day == piece.day) for piece in slices]
    return [part / sum(raw) for part in raw]
