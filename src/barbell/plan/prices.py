"""What each scarce thing is worth. The only place where signs are turned.

A price is the value today of one more unit in that period (if its branch comes about), and the same in that
period's money: the dual over the dual of that period's free cash flow. The solver minimises minus the value, so a
dual is a loss of value per unit of right-hand side. `explain` moves the scarcest things a little both ways and
solves again: where the two differ, the price is a range. For plans in whole blocks the step is a whole block (`resolve`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from barbell.core.clock import Floats
from barbell.plan.resolve import sides, step
from barbell.plan.scarce import Group, groups, throughput

if TYPE_CHECKING:
    from barbell.plan.solve import Plan

ZERO = 1e-9
"""Prices below this share of the largest dual are noise."""


@dataclass(frozen=True)
class Prices:
    """Prices of scarce things of one kind in one branch, none of them nil; arrays (members of `group`,).

    `price` today, `then` in money of the period, and the `amount` that there is.
    """

    group: Group
    price: Floats
    then: Floats
    amount: Floats


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


def prices(plan: Plan) -> list[Prices]:
    """Every price that is not nil, by branch and kind."""
    row, column = plan.priced.row_dual, plan.priced.column_dual
    noise = ZERO * max(1.0, float(np.abs(row).max(initial=0.0)))
    then, size = _money_then(plan), throughput(plan.forest, plan.solution.x)
    found = []
    for group in groups(plan.forest, np.abs(row) > noise, np.abs(column) > noise):
        price = group.gain(row, column) / group.probability
        kept = np.flatnonzero(np.abs(price) > noise)
        if len(kept):
            some, price = group.only(kept), price[kept]
            worth = then[group.scenario][some.t]
            price_then = np.divide(price, worth, out=np.full(len(price), np.nan), where=worth != 0)
            found.append(Prices(some, price, price_then, some.amount(plan.forest.problem.arrays, plan.solution.x, size)))
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
    shown = np.array([period.start < horizon.report_end for period in horizon.periods])
    found = [(prices, int(k)) for prices in prices(plan) if prices.group.kind != "account" for k in np.flatnonzero(shown[prices.group.t])]
    found.sort(key=lambda spot: -spot[0].price[spot[1]] * spot[0].amount[spot[1]])
    bottlenecks = tuple(_bottleneck(plan, prices, k) for prices, k in found[:top])
    plan.solver.update(plan.forest.problem.arrays)
    return bottlenecks


def _bottleneck(plan: Plan, prices: Prices, k: int) -> Bottleneck:
    t = prices.group.member(k)
    price, then, there = (float(values[k]) for values in (prices.price, prices.then, prices.amount))
    less, more = sides(plan, t, there)
    return Bottleneck(
        t.kind, t.item, t.place, t.scenario, t.period, t.slice, price, then,
        min(less.found, more.found), max(less.found, more.found), there, price * there, f"{plan.case.money}/{t.unit}",
        step(plan, t, there), min(less.least, more.least), max(less.most, more.most),
        told=not plan.forest.problem.arrays.integer.any() or less.told or more.told,
    )  # fmt: skip
