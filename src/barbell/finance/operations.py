"""What is earned and what running costs: revenue by market, running costs, penalties and prepayments, by entity and period.

Every line is a positive amount of what its name says.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from barbell.core.clock import Floats
from barbell.core.horizon import Month
from barbell.core.relations import Contract, Gate
from barbell.finance.view import View

Lines = dict[str, Floats]


def operations(view: View) -> Lines:
    """(entities, T) `revenue: MARKET`, `contract revenue`, `variable cost`, `fixed opex`, `penalties`, `prepayments received` and
    `prepayments recognised`, in the case's money."""
    lines: Lines = {f"revenue: {market}": view.empty() for market in _markets(view)}
    for name in ("contract revenue", "variable cost", "fixed opex", "penalties", "prepayments received", "prepayments recognised"):
        lines[name] = view.empty()
    _markets_served(view, lines)
    for contract in view.case.tables.contracts:
        _contract(view, lines, contract)
    _running(view, lines["variable cost"])
    _upkeep(view, lines["fixed opex"])
    for gate in view.case.tables.gates:
        _gate(view, lines["penalties"], gate)
    return lines


def _markets(view: View) -> list[str]:
    tables = view.case.tables
    return sorted({*(d.market for d in tables.demands), *(c.market for c in tables.contracts)})


def _markets_served(view: View, lines: Lines) -> None:
    """Revenue at the price that buyers pay; what is lost at its penalty. The table holds rates per year."""
    demands = {d.name: d for d in view.case.tables.demands}
    earned = (pl.col("price").fill_nan(0.0) * pl.col("served")).sum().alias("earned")
    found = view.tables["served"].group_by("item", "t").agg(earned, pl.col("lost").sum())
    for item, t, revenue, lost in found.iter_rows():
        demand, years = demands[item], view.clock.y[t]
        entity = view.entities[demand.entity]
        lines[f"revenue: {demand.market}"][entity, t] += revenue * years
        lines["penalties"][entity, t] += demand.penalty * lost * years


def _contract(view: View, lines: Lines, contract: Contract) -> None:
    """Revenue on delivery, with what take-or-pay adds; what is called and not delivered at its penalty; what was paid ahead."""
    rows = view.tables["contracts"].filter(pl.col("item") == contract.name)
    entity, t = view.entities[contract.entity], rows["t"].to_numpy()
    signed, called, delivered = (rows[name].to_numpy() for name in ("signed", "called", "delivered"))
    years, price = view.clock.y[t], contract.price * max(1.0, contract.take_or_pay / contract.usage)
    revenue = price * delivered * years
    lines[f"revenue: {contract.market}"][entity, t] += revenue
    lines["contract revenue"][entity, t] += revenue
    lines["penalties"][entity, t] += contract.penalty * (called - delivered) * years
    ahead = contract.prepayment * price
    lines["prepayments received"][entity, t] += ahead * signed * contract.usage * height_of_term(contract)
    lines["prepayments recognised"][entity, t] += ahead * called * years


def height_of_term(contract: Contract) -> float:
    """Volume delivered over a whole term per unit signed, in years of full volume: the ramp costs half of its length."""
    since = np.arange(contract.term_months) + 0.5
    rise = since / contract.ramp_months if contract.ramp_months else np.ones(len(since))
    return float(np.minimum(rise, 1.0).sum()) / 12


def _running(view: View, line: Floats) -> None:
    """Variable cost of activity, mean over the slices."""
    clock = view.clock
    activity = view.tables["activity"].group_by("item", "t").agg(mean_over_slices(view))
    cost = {p.name: (view.entities[p.entity], clock.mean(p.variable_cost) * view.levels[p.index] * clock.y) for p in view.case.tables.processes}
    for item, t, level in activity.iter_rows():
        entity, price = cost[item]
        line[entity, t] += price[t] * level


def mean_over_slices(view: View) -> pl.Expr:
    """Sum of `value`, each slice weighted with its share of time: the mean level where rows are of one run, their sum over several."""
    share = {s.name: x for s, x in zip(view.clock.horizon.slices, view.clock.horizon.shares, strict=True)}
    return (pl.col("value") * pl.col("slice").replace_strict(share, return_dtype=pl.Float64)).sum()


def _upkeep(view: View, line: Floats) -> None:
    """Fixed opex of what stands, used or not; it grows with the age of each batch where the asset's cost ages."""
    fleet = view.tables["fleet"]
    costly = {a.name: a.fixed_opex * view.levels[a.opex_index] * view.clock.y for a in view.assets.values() if a.fixed_opex}
    ageing = {a.name for a in view.assets.values() if a.fixed_opex and a.ageing}
    plain = fleet.filter(pl.col("item").is_in(list(costly.keys() - ageing))).group_by("item", "t").agg(pl.col("value").sum())
    for item, t, units in plain.iter_rows():
        line[view.owner[item], t] += costly[item][t] * units
    born = births(view)
    for item, place, t, batch, units in fleet.filter(pl.col("item").is_in(list(ageing))).select("item", "place", "t", "batch", "value").iter_rows():
        age = max(view.clock.start[t] - born[item, place, batch], 0) / 12
        line[view.owner[item], t] += costly[item][t] * (1 + view.assets[item].ageing) ** age * units


def births(view: View) -> dict[tuple[str, str, str], int]:
    """Month from which the age of each batch counts, by asset, place and name of the batch: a period of service, or a cohort's month."""
    horizon, cohorts = view.case.horizon, view.case.tables.cohorts
    spots = set(view.tables["fleet"].select("item", "place").unique().iter_rows())
    born = {(a, p, f"{a}@{p} {period.label}"): period.start.index for a, p in spots for period in horizon.periods}
    return born | {(c.asset, c.place, f"{c.asset}@{c.place} {c.name}"): Month.parse(c.service).index for c in cohorts}


def _gate(view: View, line: Floats, gate: Gate) -> None:
    """Penalty for each unit that is missing at a milestone, from its date on."""
    there = [p for p in view.case.places if view.case.inside(p, gate.place)]
    rows = view.tables["fleet"].filter((pl.col("item") == gate.asset) & pl.col("place").is_in(there)).group_by("t").agg(pl.col("value").sum())
    units = np.zeros(view.clock.count)
    units[rows["t"].to_numpy()] = rows["value"].to_numpy()
    entity = next(p.entity for p in view.case.tables.programmes if p.name == gate.programme)
    due = view.clock.start >= Month.parse(gate.by).index
    missing = np.where(due, np.maximum(gate.amount - units, 0.0), 0.0)
    line[view.entities[entity]] += gate.penalty * view.clock.y * missing
