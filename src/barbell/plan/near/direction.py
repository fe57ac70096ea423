"""Directions in which near-optimal plans are looked for: sums of a plan that planners speak of, as weights on its columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from barbell.core.branch import foreseen
from barbell.core.case import Case
from barbell.core.clock import Floats, Ints
from barbell.core.units import UnitError, factor
from barbell.plan.model import Model
from barbell.plan.sets import Sets
from barbell.plan.tree import Forest

FIRST = 2
"""Calendar years whose capex and orders are directions: those that are decided next."""
GRID = "grid"
"""Asset whose megawatts count by region, by convention; without it the first that is ordered in MW."""

Term = tuple[int, int, float]
"""Column of a branch's template, its period and its weight."""


@dataclass(frozen=True, eq=False)
class Direction:
    """A sum over columns of the problem (n,) with weights (n,), expected over the futures."""

    name: str
    unit: str
    columns: Ints
    weights: Floats

    def of(self, x: Floats) -> float:
        """The sum at a plan's columns."""
        return float(self.weights @ x[self.columns])


def directions(forest: Forest) -> tuple[Direction, ...]:
    """Capex of the first years, what is ordered in them, chips by price index, megawatts by region; what a case has not is left out."""
    case, sets = forest.case, forest.models[0].sets
    years = sorted({period.start.year for period in foreseen(case)})[:FIRST]
    found = [_sum(forest, f"capex {year}", case.money, [_spent(model, year) for model in forest.models]) for year in years]
    if len(years) > 1:
        name = f"ordered {years[0]} to {years[-1]}"
        found.append(_sum(forest, name, case.money, [_ordered(model, years) for model in forest.models]))
    for index, options in _chips(sets).items():
        name = f"{index} chips" if index else "chips"
        found.append(_sum(forest, name, "kchip", [_counted(model, options) for model in forest.models]))
    last = case.horizon.labels.index(foreseen(case)[-1].label)
    for region, holdings in _regions(case, sets).items():
        asset = sets.holdings[next(iter(holdings))][0]
        name = f"{asset} {region} {sets.period.labels[last]}"
        found.append(_sum(forest, name, sets.assets[asset].unit, [_stands(model, holdings, last) for model in forest.models]))
    return tuple(one for one in found if len(one.columns))


def _sum(forest: Forest, name: str, unit: str, terms: Sequence[Iterable[Term]]) -> Direction:
    """Terms of every branch, each in the branch's own periods, weighed by its probability."""
    columns, weights = [], []
    for number, (branch, own) in enumerate(zip(forest.branches, terms, strict=True)):
        for column, t, weight in own:
            if column >= 0 and branch.first <= t < branch.stop:
                columns.append(int(forest.columns[number, column]))
                weights.append(branch.probability * weight)
    return Direction(name, unit, np.array(columns, int), np.array(weights, float))


def _spent(model: Model, year: int) -> Iterator[Term]:
    """Payments for capex in a calendar year, by all programmes."""
    for row in model.template.columns["spend"].index:
        for t, column in enumerate(row):
            if model.sets.case.horizon.periods[t].start.year == year:
                yield int(column), t, 1.0


def _ordered(model: Model, years: Sequence[int]) -> Iterator[Term]:
    """Price of all that is ordered in some years, whenever it is paid."""
    index, price = model.template.columns["order"].index, model.cash.bills.price
    for o, t in np.argwhere(index >= 0):
        if model.sets.case.horizon.periods[t].start.year in years:
            yield int(index[o, t]), int(t), float(price[o, t])


def _chips(sets: Sets) -> dict[str, dict[int, float]]:
    """Options that are chips, with how many thousand chips a unit is, by the index of their price: own silicon has another one than bought."""
    found: dict[str, dict[int, float]] = {}
    for number, option in enumerate(sets.options):
        try:
            times = factor(option.asset.unit, "kchip")
        except UnitError:
            continue
        found.setdefault(option.asset.index, {})[number] = times
    return found


def _counted(model: Model, options: dict[int, float]) -> Iterator[Term]:
    """What is ordered of some options while it is reported."""
    index, end = model.template.columns["order"].index, len(foreseen(model.sets.case))
    for option, times in options.items():
        for t in range(end):
            yield int(index[option, t]), t, times


def _regions(case: Case, sets: Sets) -> dict[str, set[int]]:
    """Holdings of the grid by region: the places below the innermost place that holds them all."""
    ordered = [o.asset for o in sets.options if o.asset.unit == "MW"]
    asset = next((a.name for a in ordered if a.name == GRID), ordered[0].name if ordered else "")
    holdings = {n: case.lineage[place][::-1] for n, (name, place) in enumerate(sets.holdings) if name == asset}
    depth = 0
    while holdings and all(len(line) > depth + 1 for line in holdings.values()) and len({line[depth] for line in holdings.values()}) == 1:
        depth += 1
    found: dict[str, set[int]] = {}
    for number, line in holdings.items():
        found.setdefault(line[depth], set()).add(number)
    return found


def _stands(model: Model, holdings: set[int], t: int) -> Iterator[Term]:
    """What stands of some holdings in a period."""
    for number, batch in enumerate(model.sets.batches):
        if batch.holding in holdings:
            yield int(model.template.columns["fleet"].index[number, t]), t, 1.0
