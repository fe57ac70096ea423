"""What each scarce thing is worth. The only place where signs are turned.

A price is the value today of one more unit in that period (if its branch comes about), and the same in that
period's money: the dual over the dual of that period's free cash flow. The solver minimises minus the value, so a
dual is a loss of value per unit of right-hand side. `explain` moves the scarcest things a little both ways and
solves again: where the two differ, the price is a range. For plans in whole blocks the step is a whole block (`resolve`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from barbell.plan.clock import Floats
from barbell.plan.resolve import priced, sides, step
from barbell.plan.scarce import Scarce, amount, scarce, throughput

if TYPE_CHECKING:
    from barbell.plan.solve import Plan

ZERO = 1e-9
"""Prices below this share of the largest dual are noise."""


@dataclass(frozen=True)
class Price:
    """Price of a scarce thing: `price` today, `price_then` in money of its period, and the `amount` that there is."""

    thing: Scarce
    price: float
    price_then: float
    amount: float
    unit: str

    @property
    def record(self) -> dict[str, Any]:
        """The price as a row of the table of prices."""
        t = self.thing
        return {
            "scenario": t.scenario, "period": t.period, "kind": t.kind, "item": t.item, "place": t.place, "slice": t.slice,
            "price": self.price, "price_then": self.price_then, "amount": self.amount, "unit": self.unit,
        }  # fmt: skip


@dataclass(frozen=True)
class Bottleneck:
    """A scarce thing with its price, the range of its price, and its worth: price times amount, by which bottlenecks are ordered.

    The range is that of a `step` less and a step more, each solved again. The price of a plan in whole blocks holds its blocks, and with its
    gap the worth of a step lies between `least` and `most` for certain; `told` says whether that excludes that it is worth nothing.
    """

    kind: str
    item: str
    place: str
    scenario: str
    period: str
    slice: str
    price: float
    price_then: float
    low: float
    high: float
    amount: float
    worth: float
    unit: str
    step: float = math.nan
    least: float = math.nan
    most: float = math.nan
    told: bool = True


def prices(plan: Plan) -> list[Price]:
    """Every price that is not nil."""
    row, column = plan.priced.row_dual, plan.priced.column_dual
    noise = ZERO * max(1.0, float(np.abs(row).max(initial=0.0)))
    things = scarce(plan.forest, np.abs(row) > noise, np.abs(column) > noise)
    then, size = _money_then(plan), throughput(plan.forest, plan.solution.x)
    found = []
    for thing in things:
        price = priced(thing, plan.priced)
        if abs(price) > noise:
            worth_then = then[thing.scenario][thing.t]
            price_then = price / worth_then if worth_then else float("nan")
            there = amount(plan.forest, thing, plan.solution.x, size)
            found.append(Price(thing, price, price_then, there, f"{plan.case.money}/{thing.unit}"))
    return found


def _money_then(plan: Plan) -> dict[str, Floats]:
    """(T,) value today of one more unit of the group's free cash flow in each period, by branch."""
    forest = plan.forest
    entities = plan.case.tables.entities
    root = next((n for n, e in enumerate(entities) if not e.parent), 0)
    table = {}
    for number, branch in enumerate(forest.branches):
        rows = np.append(forest.rows[number], -1)[forest.models[number].template.rows["free"].index[root]]
        table[branch.name] = np.where(rows >= 0, -plan.priced.row_dual[rows], np.nan) / branch.probability
    return table


def explain(plan: Plan, top: int = 20) -> tuple[Bottleneck, ...]:
    """The `top` bottlenecks in order of worth, each confirmed by solving again with a little more and a little less of it.

    What obliges, such as a least spending, has a negative worth and comes last. Only periods that are reported count. Accounts are left
    out: their prices pass on the scarcity of what feeds them (see the table of prices).
    """
    horizon = plan.case.horizon
    found = [p for p in prices(plan) if p.thing.kind != "account" and horizon.periods[p.thing.t].start < horizon.report_end]
    found.sort(key=lambda p: -p.price * p.amount)
    bottlenecks = tuple(_bottleneck(plan, price) for price in found[:top])
    plan.solver.update(plan.forest.problem.arrays)
    return bottlenecks


def _bottleneck(plan: Plan, price: Price) -> Bottleneck:
    t = price.thing
    less, more = sides(plan, t, price.amount)
    return Bottleneck(
        t.kind, t.item, t.place, t.scenario, t.period, t.slice, price.price, price.price_then,
        min(less.found, more.found), max(less.found, more.found), price.amount, price.price * price.amount, price.unit,
        step(plan, t, price.amount), min(less.least, more.least), max(less.most, more.most),
        told=not plan.forest.problem.arrays.integer.any() or less.told or more.told,
    )  # fmt: skip
