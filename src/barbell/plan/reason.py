"""Why demand waits or is lost: what stands in the way of serving one more unit, or that its buyers pay too little."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from barbell.core.clock import Floats
from barbell.plan.equations.demand import marginal_revenue
from barbell.plan.marginal import Margin, Part, Thing

if TYPE_CHECKING:
    import polars as pl

    from barbell.plan.solve import Plan

SMALL = 1e-6
"""Demand lost or waiting below this share of what is asked is rounding."""


@dataclass(frozen=True)
class _Unserved:
    """What is lost and waiting of a demand in a period, and the dearest price step that is not served in full."""

    demand: int
    t: int
    step: int
    lost: float
    waiting: float


def reasons(plan: Plan) -> pl.DataFrame:
    """One row for each demand and period in which some of it is lost or waits.

    Columns: scenario, market, demand, place, period; lost, waiting and their unit (averages over the period); reason; the thing
    that stands in the way (thing_kind, thing, thing_place), its `share` of what one more unit costs, and the cause why there is no
    more of it; what one more unit served adds to revenue (`pays`) and what it costs at the margin, in money of that period per
    unit and year; words. Each row speaks of the dearest price step that is not served in full.

    ``scarce``: without the scarcity, serving would pay. ``price``: buyers pay no more than serving costs without any scarcity; then
    the thing is a capacity of which more could be had, but would not pay (empty: running it already costs as much). ``later``: what
    can wait is better served later. Orders in whole blocks are priced as they stand.
    """
    import polars as pl

    records = [record for number in range(len(plan.forest.branches)) for record in _branch(plan, number)]
    text = ("scenario", "market", "demand", "place", "period", "unit", "reason", "thing_kind", "thing", "thing_place", "cause", "words")
    order = ("scenario", "market", "demand", "place", "period", "lost", "waiting", "unit", "reason", "thing_kind", "thing", "thing_place",
             "share", "cause", "pays", "costs", "words")  # fmt: skip
    return pl.DataFrame(records, schema={name: pl.String if name in text else pl.Float64 for name in order})


def _branch(plan: Plan, number: int) -> Iterator[dict[str, Any]]:
    margin = Margin(plan, number)
    marginal = marginal_revenue(margin.sets)
    for found in _unserved(plan, margin):
        yield _record(plan, margin, found, float(marginal[found.step, found.t]))


def _unserved(plan: Plan, margin: Margin) -> Iterator[_Unserved]:
    """Demands and periods of the branch in which something is not served."""
    sets, columns = margin.sets, margin.template.columns
    branch = plan.forest.branches[margin.branch]
    waits = columns["waiting"].index
    lost, waiting = margin.x[columns["lost"].index], np.where(waits >= 0, margin.x[waits], 0.0)
    for d, demand in enumerate(sets.case.tables.demands):
        steps = [n for n, (owner, _) in enumerate(sets.steps) if owner == d]
        asked = sets.clock.mean(demand.volume) * sets.clock.y
        for t in range(branch.first, branch.stop):
            short = [n for n in steps if lost[n, t] + waiting[n, t] > SMALL * asked[t]]
            if short:
                totals = (float(part[steps, t].sum() / sets.clock.y[t]) for part in (lost, waiting))
                yield _Unserved(d, t, short[0], *totals)


def _record(plan: Plan, margin: Margin, found: _Unserved, marginal: float) -> dict[str, Any]:
    sets, t = margin.sets, found.t
    demand = sets.case.tables.demands[found.demand]
    unit = sets.resources[demand.resource].unit
    pays = marginal + demand.penalty
    total, money, parts = _taken_apart(margin, found)
    costs = total / money if money > 0 else np.inf
    reason, part = _verdict(_merged(parts), pays / costs if costs > 0 else np.inf, total)
    thing, cause = (part.thing, part.cause) if part else (None, None)
    record = {
        "scenario": plan.forest.branches[margin.branch].name, "market": demand.market, "demand": demand.name, "place": demand.place,
        "period": sets.period.labels[t], "lost": found.lost, "waiting": found.waiting, "unit": unit, "reason": reason,
        "thing_kind": thing.kind if thing else "", "thing": thing.item if thing else "", "thing_place": thing.place if thing else "",
        "share": (part.scarce if reason == "scarce" else part.value) / total if part else np.nan,
        "cause": str(cause) if cause else "", "pays": pays, "costs": costs,
    }  # fmt: skip
    return record | {"words": _words(record, part, f"{plan.case.money}/({unit}*year)")}


def _verdict(parts: list[Part], pays: float, total: float) -> tuple[str, Part | None]:
    """Scarcity, if what serving costs without it is not more than what it pays (both as shares of the whole cost); else the price."""
    plain = 1 - sum(part.scarce for part in parts) / total if total > 0 else 1.0
    worst = max(parts, key=lambda part: part.scarce, default=None)
    if worst and worst.scarce > SMALL * total and plain <= pays * (1 + SMALL):
        return "scarce", worst
    if pays > 1 + SMALL:
        return "later", None
    dear = [part for part in parts if part.cause is not None and part.cause.kind == "worth"]
    return "price", max(dear, key=lambda part: part.value, default=None)


def _taken_apart(margin: Margin, found: _Unserved) -> tuple[float, float, list[Part]]:
    """(Price of one more unit, worth of one unit of money per unit and year, parts that may be scarce), over the unserved slices."""
    sets, t = margin.sets, found.t
    demand = sets.case.tables.demands[found.demand]
    account, weight = sets.account(demand.resource, demand.place), _unserved_shape(margin, found)
    parts = [part for z in np.flatnonzero(weight) for part in margin.parts(account, t, int(z), float(weight[z]))]
    direct = [part for z in np.flatnonzero(weight) for part in margin.sale(found.step, t, int(z), float(weight[z]))]
    money = -float(margin.dual[margin.template.rows["margin"].index[sets.entity_of[demand.entity], t]])
    total = float(weight @ margin.account_price(account, t)) + sum(part.value for part in direct)
    return total, money * float(weight @ sets.clock.share) * float(sets.clock.y[t]), [*parts, *direct]


def _unserved_shape(margin: Margin, found: _Unserved) -> Floats:
    """(Z,) how what is not served spreads over the slices; like demand itself where it can wait for another slice."""
    sets = margin.sets
    d, j = sets.steps[found.step]
    demand = sets.case.tables.demands[d]
    profile = sets.profile(demand.profile)
    asked = sets.prices[demand.name][j].share * sets.clock.mean(demand.volume)[found.t] * profile
    short = np.maximum(asked - margin.x[margin.template.columns["served"].index[found.step, found.t]], 0.0)
    short = np.where(short > SMALL * asked, short, 0.0)
    return short if short.any() and not demand.patience_months else profile


def _merged(parts: list[Part]) -> list[Part]:
    """Parts of the same thing as one."""
    found: dict[Thing, Part] = {}
    for part in parts:
        old = found.get(part.thing)
        found[part.thing] = part if old is None else Part(part.thing, old.value + part.value, old.scarce + part.scarce, part.cause)
    return list(found.values())


def _words(record: dict[str, Any], part: Part | None, unit: str) -> str:
    """The reason in a sentence."""
    amounts = [(record["lost"], "lost"), (record["waiting"], "waiting")]
    what = " and ".join(f"{amount:.4g} {record['unit']} {state}" for amount, state in amounts if amount > 0)
    head = f"{record['demand']}@{record['place']} in {record['period']}: {what}"
    pays = f"one more brings in {record['pays']:.4g}"
    both = f"{pays} and costs {record['costs']:.4g} {unit}"
    if record["reason"] == "later":
        return f"{head}, because serving it later is worth more: {both}."
    if part is None:
        return f"{head}, because its price is no higher than the cost of serving: {both}."
    if record["reason"] == "price":
        return f"{head}, because its price is below the cost of serving: {pays} {unit}, too little for more {_name(part.thing)}."
    return f"{head}, because {_short(part)}: {both}, {record['share']:.0%} of that for this scarcity."


def _name(thing: Thing) -> str:
    return f"{thing.item}@{thing.place}" if thing.place else thing.item


def _short(part: Part) -> str:
    name, cause = _name(part.thing), part.cause
    if part.thing.kind != "capacity":
        return f"{part.thing.kind} {name} is reached"
    if cause is None:
        return f"{name} is short"
    held = {
        "lead time": " and nothing ordered from the start on stands by then",
        "closed": " and no more of it can be ordered",
        "order limit": f", held back by its order limit in {cause.period}",
    }
    return f"{name} is short{held.get(cause.kind, f', held back by {cause}')}"
