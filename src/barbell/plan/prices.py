"""What each scarce thing is worth. The only place where signs are turned.

A price is the value today of one more unit in that period (if its branch comes about), and the same in that
period's money: the dual over the dual of that period's free cash flow. The solver minimises minus the value, so a
dual is a loss of value per unit of right-hand side. `explain` moves the scarcest things a little both ways and
solves again: where the two differ, the price is a range. For plans in whole blocks the step is a whole block.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from barbell.plan.clock import Floats
from barbell.plan.lp import Template
from barbell.plan.scarce import Scarce, amount, scarce, throughput

if TYPE_CHECKING:
    from barbell.plan.solve import Plan

NUDGE = 1e-4
"""Step of the one-sided what-ifs, relative to the amount."""
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


def prices(plan: Plan) -> list[Price]:
    """Every price that is not nil."""
    row, column = plan.priced.row_dual, plan.priced.column_dual
    noise = ZERO * max(1.0, float(np.abs(row).max(initial=0.0)))
    things = scarce(plan.forest, np.abs(row) > noise, np.abs(column) > noise)
    then, size = _money_then(plan), throughput(plan.forest, plan.solution.x)
    found = []
    for thing in things:
        price = _gain(thing, row, column) / thing.probability
        if abs(price) > noise:
            worth_then = then[thing.scenario][thing.t]
            price_then = price / worth_then if worth_then else float("nan")
            there = amount(plan.forest, thing, plan.solution.x, size)
            found.append(Price(thing, price, price_then, there, f"{plan.case.money}/{thing.unit}"))
    return found


def _gain(thing: Scarce, row: Floats, column: Floats) -> float:
    """Value gained by one more unit, to first order."""
    held = column[thing.columns]
    held = np.minimum(held, 0.0) if thing.held == "upper" else np.maximum(held, 0.0)
    return -float(row[thing.rows] @ thing.row_step) - float(held @ thing.column_step)


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
        min(less, more), max(less, more), price.amount, price.price * price.amount, price.unit,
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
