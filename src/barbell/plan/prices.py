"""What each scarce thing is worth. The only place where signs are turned.

A price is the value today of one more unit in that period (if its branch comes about), and the same in that
period's money: the dual over the dual of that period's free cash flow. The solver minimises minus the value, so a
dual is a loss of value per unit of right-hand side. `explain` moves the scarcest things a little both ways and
solves again: where the two differ, the price is a range. For plans in whole blocks the step is a whole block.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from barbell.plan.clock import Floats
from barbell.plan.lp import Template
from barbell.plan.scarce import Group, Scarce, groups, throughput

if TYPE_CHECKING:
    from barbell.plan.solve import Plan

NUDGE = 1e-4
"""Step of the one-sided what-ifs, relative to the amount."""
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
    """A scarce thing with its price, the range of its price, and its worth: price times amount, by which bottlenecks are ordered."""

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
        t.kind, t.item, t.place, t.scenario, t.period, t.slice, price, then, min(less, more), max(less, more), there, price * there,
        f"{plan.case.money}/{t.unit}",
    )  # fmt: skip


def sides(plan: Plan, thing: Scarce, there: float) -> tuple[float, float]:
    """Value of the last unit that there is, and of the next one, by solving again; infinite where no plan exists."""
    whole = bool(plan.forest.problem.arrays.integer.any())
    step = (thing.block or 1.0) if whole else NUDGE * max(1.0, abs(there))
    values = []
    for sign in (-1.0, 1.0):
        plan.solver.update(shifted(plan.forest.problem.arrays, thing, sign * step))
        solution = plan.solver.solve()
        gain = -solution.objective - plan.value if solution.x.size else -np.inf
        values.append(sign * gain / (step * thing.probability))
    return values[0], values[1]


def shifted(arrays: Template, thing: Scarce, units: float) -> Template:
    """The problem with `units` more of a scarce thing."""
    lower, upper = arrays.row_lower.copy(), arrays.row_upper.copy()
    lower[thing.rows] += units * thing.row_step
    upper[thing.rows] += units * thing.row_step
    bound = getattr(arrays, thing.held).copy()
    bound[thing.columns] += units * thing.column_step
    if thing.held == "upper":
        bound = np.maximum(bound, arrays.lower)
        return replace(arrays, row_lower=lower, row_upper=upper, upper=bound)
    return replace(arrays, row_lower=lower, row_upper=upper, lower=np.minimum(bound, arrays.upper))
