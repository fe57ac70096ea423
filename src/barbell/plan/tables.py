"""A plan as tables: one row per number, with scenario, period, what it is and its unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from barbell.plan.clock import Floats
from barbell.plan.equations.cash import MARGIN, PREPAID
from barbell.plan.equations.demand import marginal_revenue
from barbell.plan.lp import Block
from barbell.plan.model import Model
from barbell.plan.prices import prices
from barbell.plan.solve import Plan

Record = dict[str, Any]


@dataclass(frozen=True)
class _View:
    """One branch of a plan: what it sees, and the periods that are its own."""

    scenario: str
    probability: float
    model: Model
    x: Floats
    first: int
    stop: int

    def period(self, t: int) -> str:
        return self.model.sets.period.labels[t]

    def values(self, block: str) -> Floats:
        """A block of the template at the solution; NaN where absent."""
        index = self.model.template.columns[block].index
        return np.where(index >= 0, self.x[index], np.nan)


def views(plan: Plan) -> list[_View]:
    """Every branch of a plan."""
    forest = plan.forest
    return [_View(b.name, b.probability, forest.models[n], plan.seen(n), b.first, b.stop) for n, b in enumerate(forest.branches)]


def tables(plan: Plan) -> Mapping[str, pl.DataFrame]:
    """All tables of a plan by name."""
    makers: dict[str, Callable[[_View], Iterator[Record]]] = {
        "orders": _orders, "fleet": _fleet, "activity": _activity, "served": _served,
        "contracts": _contracts, "stocks": _stocks, "limits": _limits, "money": _money,
        "debts": _debts,
    }  # fmt: skip
    found = views(plan)
    frames = {name: pl.DataFrame([r for view in found for r in make(view)], schema=SCHEMA[name]) for name, make in makers.items()}
    records = [price.record for price in prices(plan)]
    return {**frames, "prices": pl.DataFrame(records, schema=SCHEMA["prices"])}


_COMMON = {"scenario": pl.String, "period": pl.String}
_THING = {**_COMMON, "item": pl.String, "place": pl.String}
_VALUE = {"value": pl.Float64, "unit": pl.String}
SCHEMA: dict[str, Any] = {
    "orders": {**_THING, "action": pl.String, **_VALUE},
    "fleet": {**_THING, "batch": pl.String, **_VALUE},
    "activity": {**_THING, "slice": pl.String, **_VALUE},
    "served": {**_THING, "market": pl.String, "step": pl.Int64, "price": pl.Float64, "asked": pl.Float64, "served": pl.Float64,
               "waiting": pl.Float64, "lost": pl.Float64, "unit": pl.String},
    "contracts": {**_THING, "signed": pl.Float64, "called": pl.Float64, "delivered": pl.Float64, "unit": pl.String},
    "stocks": {**_THING, "slice": pl.String, **_VALUE},
    "limits": {**_COMMON, "item": pl.String, "used": pl.Float64, "lower": pl.Float64, "upper": pl.Float64, "unit": pl.String},
    "money": {**_COMMON, "entity": pl.String, "line": pl.String, **_VALUE},
    "debts": {**_COMMON, "item": pl.String, "draw": pl.Float64, "repay": pl.Float64, "debt": pl.Float64, "unit": pl.String},
    "prices": {**_COMMON, "kind": pl.String, "item": pl.String, "place": pl.String, "slice": pl.String,
               "price": pl.Float64, "price_then": pl.Float64, "amount": pl.Float64, "unit": pl.String},
}  # fmt: skip
"""Columns of every table of a plan."""


def _own(view: _View, block: str) -> Iterator[tuple[tuple[int, ...], float]]:
    """(Position, value) of everything of a block with axes (.., period, ..) that exists in the branch's own periods."""
    b: Block = view.model.template.columns[block]
    axis = b.axes.index("period")
    values = view.values(block)
    for position in np.argwhere(b.index >= 0):
        if view.first <= position[axis] < view.stop:
            yield tuple(int(p) for p in position), float(values[tuple(position)])


def _orders(view: _View) -> Iterator[Record]:
    sets = view.model.sets
    for (o, t), value in _own(view, "order"):
        option = sets.options[o]
        yield _thing(view, t, option.asset.name, option.place) | {"action": "order", "value": value, "unit": option.asset.unit}
    for (b, t), value in _own(view, "retire"):
        asset, place = sets.holdings[sets.batches[b].holding]
        yield _thing(view, t, asset, place) | {"action": "retire", "value": value, "unit": sets.assets[asset].unit}
    for (n, t), value in _own(view, "convert"):
        conversion, b = sets.conversions[n]
        asset, place = sets.holdings[sets.batches[b].holding]
        action = f"convert by {conversion.name}"
        yield _thing(view, t, asset, place) | {"action": action, "value": value, "unit": sets.assets[asset].unit}


def _thing(view: _View, t: int, item: str, place: str) -> Record:
    return {"scenario": view.scenario, "period": view.period(t), "item": item, "place": place}


def _fleet(view: _View) -> Iterator[Record]:
    sets = view.model.sets
    for (b, t), value in _own(view, "fleet"):
        asset, place = sets.holdings[sets.batches[b].holding]
        yield _thing(view, t, asset, place) | {"batch": sets.batches[b].label, "value": value, "unit": sets.assets[asset].unit}


def _activity(view: _View) -> Iterator[Record]:
    sets = view.model.sets
    for (r, t, z), value in _own(view, "activity"):
        process, place = sets.runs[r]
        yield _thing(view, t, process.name, place) | {"slice": sets.slice.labels[z], "value": value, "unit": process.unit}


def _served(view: _View) -> Iterator[Record]:
    """Average rates of each price step; waiting and lost likewise per time of the period."""
    sets, clock = view.model.sets, view.model.sets.clock
    served, waiting, lost = (view.values(name) for name in ("served", "waiting", "lost"))
    price = _paid(view.model, served @ clock.share)
    for number, (d, j) in enumerate(sets.steps):
        demand = sets.case.tables.demands[d]
        step = sets.prices[demand.name][j]
        asked = step.share * clock.mean(demand.volume) * float(sets.profile(demand.profile) @ clock.share)
        for t in range(view.first, view.stop):
            y = clock.y[t]
            yield _thing(view, t, demand.name, demand.place) | {
                "market": demand.market, "step": step.step, "price": float(price[number, t]),
                "asked": float(asked[t]), "served": float(served[number, t] @ clock.share),
                "waiting": float(np.nan_to_num(waiting[number, t]) / y), "lost": float(lost[number, t] / y),
                "unit": sets.resources[demand.resource].unit,
            }  # fmt: skip


def _paid(model: Model, served: Floats) -> Floats:
    """(S, T) price that buyers of each step pay: their own, or one for all who buy; none (NaN) where nobody does."""
    sets = model.sets
    price = np.array([sets.clock.mean(sets.prices[sets.case.tables.demands[d].name][j].price) for d, j in sets.steps]).reshape(served.shape)
    revenue = marginal_revenue(sets) * served
    for d, demand in enumerate(sets.case.tables.demands):
        if not demand.discriminates:
            steps = [n for n, (owner, _) in enumerate(sets.steps) if owner == d]
            total = served[steps].sum(axis=0)
            price[steps] = np.where(total > 1e-9, revenue[steps].sum(axis=0) / np.where(total > 1e-9, total, 1.0), np.nan)
    return price


def _contracts(view: _View) -> Iterator[Record]:
    sets, sales = view.model.sets, view.model.sales
    sign, delivered = (view.values(name) for name in ("sign", "delivered"))
    for k, contract in enumerate(sets.case.tables.contracts):
        signed = np.nan_to_num(sign[k])
        called = sales.signed[k] + contract.usage * (signed @ sales.height[k, :-1])
        for t in range(view.first, view.stop):
            yield _thing(view, t, contract.name, contract.place) | {
                "signed": float(signed[t]), "called": float(called[t]), "delivered": float(delivered[k, t] @ sets.clock.share),
                "unit": sets.resources[contract.resource].unit,
            }  # fmt: skip


def _stocks(view: _View) -> Iterator[Record]:
    sets = view.model.sets
    for block, clock in (("level", "period"), ("charge", "slice")):
        kinds = [sets.resources[r] for r, _ in sets.accounts]
        accounts = [sets.accounts[n] for n, r in enumerate(kinds) if (r.kind, r.clock) == ("stock", clock)]
        for (a, t, *z), value in _own(view, block):
            resource, place = accounts[a]
            name = sets.slice.labels[z[0]] if z else ""
            yield _thing(view, t, resource, place) | {"slice": name, "value": value, "unit": sets.resources[resource].unit}


def _limits(view: _View) -> Iterator[Record]:
    sets, template = view.model.sets, view.model.template
    block = template.rows["limit"].index
    for number, limit in enumerate(sets.case.tables.limits):
        for t in range(view.first, view.stop):
            row = int(block[number, t])
            if row < 0:
                continue
            entries = slice(template.start[row], template.start[row + 1])
            used = float(template.value[entries] @ view.x[template.index[entries]])
            yield {
                "scenario": view.scenario, "period": view.period(t), "item": limit.name, "used": used,
                "lower": float(template.row_lower[row]), "upper": float(template.row_upper[row]), "unit": limit.unit,
            }  # fmt: skip


def money(model: Model, x: Floats) -> dict[str, Floats]:
    """(E, T) every line of money of one path of values, by name, from the lines that the equations are made of."""
    sets, cash = model.sets, model.cash
    columns = model.template.columns
    written = _written(model, x)
    lines = {name: cash.lines[name].value(written) for name in (*MARGIN, *PREPAID)}
    programme = [sets.entity_of[p.entity] for p in sets.case.tables.programmes]
    capex = np.zeros((len(sets.case.tables.entities), sets.clock.count))
    np.add.at(capex, programme, cash.spending["capex"].value(written))
    rate = np.array([e.tax_rate for e in sets.case.tables.entities]).reshape(-1, 1)
    lines["capex"] = -capex
    lines["tax"] = -rate * x[columns["taxed"].index]
    lines["free cash flow"] = np.sum(list(lines.values()), axis=0)
    lines["cash"] = x[columns["cash"].index]
    return lines


def _written(model: Model, x: Floats) -> Floats:
    """Columns in the order in which they were written, which is how the lines number them."""
    return x[model.template.written]


def _money(view: _View) -> Iterator[Record]:
    sets = view.model.sets
    for name, line in money(view.model, view.x).items():
        for e, entity in enumerate(sets.case.tables.entities):
            for t in range(view.first, view.stop):
                yield {
                    "scenario": view.scenario, "period": view.period(t), "entity": entity.name, "line": name,
                    "value": float(line[e, t]), "unit": sets.case.money,
                }  # fmt: skip


def _debts(view: _View) -> Iterator[Record]:
    """What each facility draws and repays in a period, and what it owes at its end."""
    sets = view.model.sets
    columns = {name: view.values(name) for name in ("draw", "repay", "debt")}
    for d, debt in enumerate(sets.case.tables.debts):
        for t in range(view.first, view.stop):
            amounts = {name: float(values[d, t]) for name, values in columns.items()}
            yield {"scenario": view.scenario, "period": view.period(t), "item": debt.name, **amounts, "unit": sets.case.money}


def parts(plan: Plan) -> dict[str, float]:
    """Value by part, expected over the leaves and discounted; with a price of risk, what it takes away."""
    total: dict[str, float] = {}
    worths = []
    leaves = [view for view in views(plan) if view.stop == len(plan.case.horizon.periods)]
    for view in leaves:
        found = _parts(view)
        worths.append(sum(found.values()))
        for name, value in found.items():
            total[name] = total.get(name, 0.0) + view.probability * value
    risk = plan.case.risk
    if risk.weight:
        chance = np.array([view.probability for view in leaves])
        mean = float(chance @ worths)
        total["price of risk"] = risk.weight * (worst(np.array(worths), chance, risk.tail) - mean)
    return total


def worst(worth: Floats, chance: Floats, tail: float) -> float:
    """Mean of the worst `tail` share of outcomes."""
    order = np.argsort(worth)
    before = np.cumsum(chance[order]) - chance[order]
    taken = np.clip(tail - before, 0.0, chance[order])
    return float(taken @ worth[order]) / tail


def _parts(view: _View) -> dict[str, float]:
    sets, model = view.model.sets, view.model
    disc = np.array([(1 + e.discount_rate) ** -sets.clock.mid for e in sets.case.tables.entities])
    lines = money(model, view.x)
    found = {name: float((disc * line).sum()) for name, line in lines.items() if name not in ("free cash flow", "cash")}
    end = np.array([(1 + e.discount_rate) ** -sets.case.horizon.length for e in sets.case.tables.entities])
    written = _written(model, view.x)
    for name, line in model.value.closing_lines.lines.items():
        found[f"closing: {name}"] = float(end @ line.value(written).sum(axis=1))
    for name in ("stocks", "financing"):
        if name in model.value.worth_lines.lines:
            found[name] = float(model.value.worth_lines[name].value(written).sum())
    return found
