"""When orders, conversions and what is under way are paid, and what of them is capitalised in which class."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from barbell.core.clock import Floats, Ints
from barbell.core.depreciation import deducted
from barbell.core.horizon import Month
from barbell.core.relations import Cohort, DepreciationClass
from barbell.plan.equations.fleet import Fleet
from barbell.plan.sets import Sets


@dataclass(frozen=True)
class Instalments:
    """Payments of orders, flat: option, period of the order, month of payment and amount per unit ordered."""

    option: Ints
    t: Ints
    month: Ints
    amount: Floats


@dataclass(frozen=True)
class Bills:
    """Prices and payments of a case's orders, conversions and cohorts under way."""

    sets: Sets
    fleet: Fleet

    @cached_property
    def price(self) -> Floats:
        """(O, T) price of one unit ordered in a period."""
        sets = self.sets
        rows = [o.asset.capex * o.row.capex_factor * sets.clock.level(sets.index(o.asset.index), sets.clock.start) for o in sets.options]
        return np.array(rows).reshape(-1, sets.clock.count)

    @cached_property
    def conversion_price(self) -> Floats:
        """(conversions, T) price of converting one unit of the source, begun in a period."""
        sets = self.sets
        rows = [c.capex * sets.clock.level(sets.index(c.index), sets.clock.start) for c, _ in sets.conversions]
        return np.array(rows).reshape(-1, sets.clock.count)

    @cached_property
    def instalments(self) -> Instalments:
        """Every payment of every possible order; never before the period of the order begins."""
        sets, clock = self.sets, self.sets.clock
        profiles = {p.name: [q for q in sets.case.tables.payments if q.name == p.name] for p in sets.case.tables.payments}
        parts = []
        every = np.arange(clock.count)
        for number, option in enumerate(sets.options):
            due, arrival = sets.order_due[number], sets.order_arrival[number]
            service = np.where(arrival < clock.count, clock.edges[arrival], due)
            rows = [(p.anchor, p.months, p.share) for p in profiles.get(option.asset.payment, ())]
            for anchor, months, share in rows or [("order", 0, 1.0)]:
                month = np.maximum((clock.start if anchor == "order" else service) + months, clock.start)
                there = self.fleet.order[number] >= 0
                parts.append((np.full(there.sum(), number), every[there], month[there], share * self.price[number][there]))
        return _flat(parts)

    @cached_property
    def classes(self) -> tuple[tuple[int, str], ...]:
        """(Entity, depreciation class) of everything that is capitalised; the class is empty for what is never deducted."""
        assets = dict.fromkeys(a for a, _ in self.sets.holdings if self.capitalised(a))
        return tuple(dict.fromkeys(self.class_of(a) for a in assets))

    def class_of(self, asset: str) -> tuple[int, str]:
        """(Entity, class) in which an asset's cost is placed."""
        return self.sets.entity_of_asset(asset), self.sets.assets[asset].depreciation

    def capitalised(self, asset: str) -> bool:
        """Whether an asset's programme capitalises."""
        return self.sets.programmes[self.sets.assets[asset].programme].treatment == "capitalise"

    def deducted(self, number: int, months: NDArray[np.int64]) -> Floats:
        """Share of the cost placed in a class that is deducted `months` after entering service."""
        name = self.classes[number][1]
        row: DepreciationClass | None = self.sets.classes.get(name)
        return np.zeros(months.shape) if row is None else deducted(row, np.maximum(months, 0) / 12)

    def cohort_payments(self, cohort: Cohort) -> tuple[Ints, float]:
        """Months in which the rest of a cohort's price is paid, and how much each time."""
        begin, service = int(self.sets.clock.start[0]), Month.parse(cohort.service).index
        months = np.arange(begin, max(service, begin + 1))
        rest = cohort.amount * cohort.price * (1 - cohort.paid) if service >= begin else 0.0
        return months, rest / len(months)

    def book(self, cohort: Cohort) -> tuple[Floats, float]:
        """(T,) deductions of a standing cohort's book value, and what is left of it at the end."""
        clock = self.sets.clock
        row = self.sets.classes.get(self.sets.assets[cohort.asset].depreciation)
        if row is None:
            return np.zeros(clock.count), cohort.book_value
        gone = int(clock.start[0]) - Month.parse(cohort.service).index
        left = max(row.months - gone, 12)
        share = np.minimum((clock.edges - clock.edges[0]) / left, 1.0)
        return cohort.book_value * np.diff(share), cohort.book_value * (1 - float(share[-1]))


def _flat(parts: list[tuple[Ints, Ints, Ints, Floats]]) -> Instalments:
    none = np.zeros(0, int)
    option, t, month = (np.concatenate([none, *(p[k] for p in parts)]).astype(int) for k in range(3))
    return Instalments(option, t, month, np.concatenate([np.zeros(0), *(p[3] for p in parts)]))
