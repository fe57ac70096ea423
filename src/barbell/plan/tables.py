"""A plan as tables: one row per number, with scenario, period, what it is and its unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from barbell.core.clock import Floats
from barbell.plan.equations.demand import marginal_revenue
from barbell.plan.lp.verify import product
from barbell.plan.model import Model
from barbell.plan.prices import Prices, prices
from barbell.plan.sets import Sets
from barbell.plan.solve import Plan
from barbell.plan.view import Cells, View, views
from barbell.plan.worth import money

Columns = dict[str, Any]

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


def tables(plan: Plan) -> Mapping[str, pl.DataFrame]:
    """All tables of a plan by name."""
    makers: dict[str, Callable[[View], Iterator[Columns]]] = {
        "orders": _orders, "fleet": _fleet, "activity": _activity, "served": _served,
        "contracts": _contracts, "stocks": _stocks, "limits": _limits, "money": _money,
        "debts": _debts,
    }  # fmt: skip
    found = views(plan)
    frames = {name: _frame(name, [columns for view in found for columns in make(view)]) for name, make in makers.items()}
    return {**frames, "prices": _frame("prices", [_prices(plan, found) for found in prices(plan)])}


def _frame(name: str, blocks: Sequence[Columns]) -> pl.DataFrame:
    """Blocks of columns, one under the other; what is the same in all rows of a block is given once."""
    schema = SCHEMA[name]
    frames = [pl.DataFrame(schema=schema)]
    for block in blocks:
        long = {key: values for key, values in block.items() if not isinstance(values, str)}
        constant = [pl.lit(values).alias(key) for key, values in block.items() if isinstance(values, str)]
        frames.append(pl.DataFrame(long).with_columns(constant).select(pl.col(key).cast(kind) for key, kind in schema.items()))
    return pl.concat(frames)


def _pick(labels: Sequence[str], at: np.ndarray[Any, Any]) -> pl.Series:
    """The label at each position; text is kept once, however often it stands in the column."""
    return pl.Series(labels, dtype=pl.String).gather(at)


def _thing(view: View, t: np.ndarray[Any, Any], things: Sequence[tuple[str, str, str]], at: np.ndarray[Any, Any]) -> Columns:
    """What a row speaks of; `things` are (item, place, unit), of which each row names one."""
    item, place, unit = ([thing[k] for thing in things] for k in range(3))
    periods = view.model.sets.period.labels
    return {
        "scenario": view.scenario, "period": _pick(periods, t), "item": _pick(item, at), "place": _pick(place, at), "unit": _pick(unit, at),
    }  # fmt: skip


def _valued(view: View, cells: Cells, things: Sequence[tuple[str, str, str]]) -> Columns:
    return {**_thing(view, cells.t, things, cells.position[0]), "value": cells.value}


def _batches(sets: Sets) -> list[tuple[str, str, str]]:
    """(Asset, place, unit) of each batch."""
    pairs = [sets.holdings[batch.holding] for batch in sets.batches]
    return [(asset, place, sets.assets[asset].unit) for asset, place in pairs]


def _orders(view: View) -> Iterator[Columns]:
    sets = view.model.sets
    options = [(o.asset.name, o.place, o.asset.unit) for o in sets.options]
    yield _valued(view, view.cells("order"), options) | {"action": "order"}
    batches = _batches(sets)
    yield _valued(view, view.cells("retire"), batches) | {"action": "retire"}
    cells = view.cells("convert")
    action = _pick([f"convert by {conversion.name}" for conversion, _ in sets.conversions], cells.position[0])
    yield _valued(view, cells, [batches[b] for _, b in sets.conversions]) | {"action": action}


def _fleet(view: View) -> Iterator[Columns]:
    sets, cells = view.model.sets, view.cells("fleet")
    yield _valued(view, cells, _batches(sets)) | {"batch": _pick([b.label for b in sets.batches], cells.position[0])}


def _activity(view: View) -> Iterator[Columns]:
    sets, cells = view.model.sets, view.cells("activity")
    runs = [(process.name, place, process.unit) for process, place in sets.runs]
    yield _valued(view, cells, runs) | {"slice": _pick(sets.slice.labels, cells.position[2])}


def _served(view: View) -> Iterator[Columns]:
    """Average rates of each price step; waiting and lost likewise per time of the period."""
    sets, clock = view.model.sets, view.model.sets.clock
    demands = [sets.case.tables.demands[d] for d, _ in sets.steps]
    steps = [sets.prices[demand.name][j] for demand, (_, j) in zip(demands, sets.steps, strict=True)]
    served = view.values("served") @ clock.share
    asked = [s.share * clock.mean(d.volume) * float(sets.profile(d.profile) @ clock.share) for d, s in zip(demands, steps, strict=True)]
    number, t = view.grid(len(steps))
    yield {
        **_thing(view, t, [(d.name, d.place, sets.resources[d.resource].unit) for d in demands], number),
        "market": _pick([d.market for d in demands], number), "step": np.array([s.step for s in steps], int)[number],
        "price": _paid(view.model, served)[number, t], "asked": np.array(asked).reshape(served.shape)[number, t], "served": served[number, t],
        "waiting": np.nan_to_num(view.values("waiting")[number, t]) / clock.y[t], "lost": view.values("lost")[number, t] / clock.y[t],
    }  # fmt: skip


def _paid(model: Model, served: Floats) -> Floats:
    """(S, T) price that buyers of each step pay: their own, or one for all who buy; none (NaN) where nobody does."""
    sets = model.sets
    price = np.array([sets.clock.mean(sets.prices[sets.case.tables.demands[d].name][j].price) for d, j in sets.steps]).reshape(served.shape)
    revenue = marginal_revenue(sets) * served
    for demand, steps in zip(sets.case.tables.demands, sets.steps_of, strict=True):
        if not demand.discriminates:
            total = served[steps].sum(axis=0)
            price[steps] = np.where(total > 1e-9, revenue[steps].sum(axis=0) / np.where(total > 1e-9, total, 1.0), np.nan)
    return price


def _contracts(view: View) -> Iterator[Columns]:
    sets, sales = view.model.sets, view.model.sales
    contracts, number_t = sets.case.tables.contracts, view.grid(len(sets.case.tables.contracts))
    signed = np.nan_to_num(view.values("sign"))
    delivered = view.values("delivered") @ sets.clock.share
    called = np.array([sales.signed[k] + c.usage * (signed[k] @ sales.height[k, :-1]) for k, c in enumerate(contracts)]).reshape(signed.shape)
    yield {
        **_thing(view, number_t[1], [(c.name, c.place, sets.resources[c.resource].unit) for c in contracts], number_t[0]),
        "signed": signed[number_t], "called": called[number_t], "delivered": delivered[number_t],
    }  # fmt: skip


def _stocks(view: View) -> Iterator[Columns]:
    sets = view.model.sets
    for block, clock in (("level", "period"), ("charge", "slice")):
        accounts = [sets.accounts[n] for n in sets.accounts_of("stock", clock)]
        cells = view.cells(block)
        name = _pick(sets.slice.labels, cells.position[2]) if clock == "slice" else ""
        yield _valued(view, cells, [(r, place, sets.resources[r].unit) for r, place in accounts]) | {"slice": name}


def _limits(view: View) -> Iterator[Columns]:
    sets, template = view.model.sets, view.model.template
    limits = sets.case.tables.limits
    number, t = view.grid(len(limits))
    row = template.rows["limit"].index[number, t]
    number, t, row = number[row >= 0], t[row >= 0], row[row >= 0]
    yield {
        "scenario": view.scenario, "period": _pick(sets.period.labels, t), "item": _pick([limit.name for limit in limits], number),
        "used": product(template, view.x)[0][row], "lower": template.row_lower[row], "upper": template.row_upper[row],
        "unit": _pick([limit.unit for limit in limits], number),
    }  # fmt: skip


def _money(view: View) -> Iterator[Columns]:
    sets = view.model.sets
    entities = [e.name for e in sets.case.tables.entities]
    number, t = view.grid(len(entities))
    for name, line in money(view.model, view.x).items():
        yield {
            "scenario": view.scenario, "period": _pick(sets.period.labels, t), "entity": _pick(entities, number), "line": name,
            "value": line[number, t], "unit": sets.case.money,
        }  # fmt: skip


def _debts(view: View) -> Iterator[Columns]:
    """What each facility draws and repays in a period, and what it owes at its end."""
    sets = view.model.sets
    names = [debt.name for debt in sets.case.tables.debts]
    number, t = view.grid(len(names))
    amounts = {name: view.values(name)[number, t] for name in ("draw", "repay", "debt")}
    yield {"scenario": view.scenario, "period": _pick(sets.period.labels, t), "item": _pick(names, number), **amounts, "unit": sets.case.money}


def _prices(plan: Plan, found: Prices) -> Columns:
    group, periods = found.group, found.group.sets.period.labels
    item, place, unit = ([thing[k] for thing in group.things] for k in range(3))
    return {
        "scenario": group.scenario, "period": _pick(periods, group.t), "kind": group.kind, "item": _pick(item, group.thing),
        "place": _pick(place, group.thing), "slice": "" if group.slice is None else _pick(group.sets.slice.labels, group.slice),
        "price": found.price, "price_then": found.then, "amount": found.amount,
        "unit": _pick([f"{plan.case.money}/{name}" for name in unit], group.thing),
    }  # fmt: skip
