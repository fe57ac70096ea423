"""Money of a plan in arrays: every line of every entity, and the parts that its value is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from barbell.core.clock import Floats
from barbell.plan.equations.cash import MARGIN, PREPAID
from barbell.plan.model import Model
from barbell.plan.view import View, views

if TYPE_CHECKING:
    from barbell.plan.solve import Plan


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


def _parts(view: View) -> dict[str, float]:
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
