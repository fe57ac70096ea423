"""What every number is worth to first order: the value that the plan would gain if a cell were larger by its own size.

Read from the prices of the plan, without solving again: a bound gains its price times its amount; a cost or a price gains what it moves
at the plan's prices; a rate, a use and an availability gain their coefficient times price times activity. Times and lives have no such slope.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from barbell.core.case import Case
from barbell.core.clock import Floats
from barbell.plan.equations.value import cohorts_at_end
from barbell.plan.lp.template import Ints
from barbell.plan.model import Model
from barbell.plan.prices import prices
from barbell.plan.review.idle import doubled
from barbell.plan.review.place import Cell, cell
from barbell.plan.review.subject import Subject
from barbell.plan.sets import group
from barbell.plan.tree import plant


def slopes(subject: Subject) -> dict[Cell, float]:
    """Value gained per whole of each cell, in the case's money of today; cells that move nothing are left out."""
    found: dict[Cell, float] = defaultdict(float)
    for key, value in (*_bounds(subject), *_capex(subject), *_lines(subject), *_coefficients(subject)):
        found[key] += value
    return {key: value for key, value in found.items() if value}


def _bounds(subject: Subject) -> Iterator[tuple[Cell, float]]:
    """Prices of what is bounded, times how much there is; accounts and capacities only pass on what feeds them."""
    for found in prices(subject.plan):
        group = found.group
        if group.kind not in ("account", "capacity"):
            for n, worth in zip(group.thing, found.price * found.amount * group.probability, strict=True):
                item, place, _ = group.things[int(n)]
                yield cell(subject.case, group.kind, item, place), float(worth)


def _capex(subject: Subject) -> Iterator[tuple[Cell, float]]:
    """What all orders of an asset cost at the plan's prices, tax and closing value counted; dearer assets also leave more to those that stand."""
    sets, case = subject.sets, subject.case
    assets = tuple(asset.model_copy(update={"capex": 2 * asset.capex}) for asset in case.tables.assets)
    priced = _gained(subject, replace(case, tables=case.tables.with_rows("assets", assets)))
    factored = _gained(subject, doubled(case))
    for number, option in enumerate(sets.options):
        columns = subject.columns("order", number)
        there = np.unique(columns[columns >= 0])
        yield ("assets", option.asset.name, "capex"), float(priced[there].sum())
        yield ("options", option.row.id, "capex_factor"), float(factored[there].sum())
    closing = [np.unique(found[found >= 0]) for found in (subject.rows("closing", n) for n in range(len(case.tables.entities)))]
    sold, row_of = cohorts_at_end(sets), {(o.asset.name, o.place): o.row.id for o in sets.options}
    for number, batch in enumerate(sets.batches):
        asset, columns = sets.holdings[batch.holding][0], subject.columns("fleet", number)
        there = np.unique(columns[columns >= 0])
        left = -float(subject.plan.priced.row_dual[closing[sets.entity_of_asset(asset)]].sum()) * float(sold[number])
        yield ("assets", asset, "capex"), float(priced[there].sum()) + left
        if sets.holdings[batch.holding] in row_of:
            yield ("options", row_of[sets.holdings[batch.holding]], "capex_factor"), float(factored[there].sum()) + left


def _gained(subject: Subject, other: Case) -> Floats:
    """(columns,) value gained through each column of the plan when the case becomes the other, to first order."""
    changed = plant(other).problem.arrays
    if not changed.same_shape(subject.arrays):
        return np.zeros(len(subject.arrays.cost))
    return -_lost(subject, changed.value - subject.arrays.value) * subject.plan.solution.x


def _lost(subject: Subject, change: Floats) -> Floats:
    """(columns,) loss of value per unit of each column when coefficients change, at the plan's prices."""
    arrays = subject.arrays
    row = np.repeat(np.arange(len(arrays.row_lower)), np.diff(arrays.start))
    lost: Floats = -np.bincount(arrays.index, change * subject.plan.priced.row_dual[row], len(arrays.cost)).astype(np.float64)
    return lost


def _lines(subject: Subject) -> Iterator[tuple[Cell, float]]:
    """Lines of money that are a rate times a column: prices of steps and contracts, variable cost, fixed opex."""
    sets, tables = subject.sets, subject.case.tables
    cells: dict[str, dict[int, Cell]] = {"revenue": {}, "variable cost": {}, "fixed opex": {}}
    columns = subject.model.template.columns
    for number, (d, j) in enumerate(sets.steps):
        step = sets.prices[tables.demands[d].name][j]
        cells["revenue"] |= dict.fromkeys(columns["served"].index[number].reshape(-1).tolist(), ("price_steps", step.id, "price"))
    for number, contract in enumerate(tables.contracts):
        cells["revenue"] |= dict.fromkeys(columns["delivered"].index[number].reshape(-1).tolist(), ("contracts", contract.name, "price"))
    for number, (process, _) in enumerate(sets.runs):
        cells["variable cost"] |= dict.fromkeys(columns["activity"].index[number].reshape(-1).tolist(), ("processes", process.name, "variable_cost"))
    for number, batch in enumerate(sets.batches):
        asset = sets.holdings[batch.holding][0]
        cells["fixed opex"] |= dict.fromkeys(columns["fleet"].index[number].reshape(-1).tolist(), ("assets", asset, "fixed_opex"))
    for branch, info in enumerate(subject.plan.forest.branches):
        model, x = subject.plan.forest.models[branch], np.nan_to_num(subject.plan.seen(branch))
        rows = np.append(subject.plan.forest.rows[branch], -1)[model.template.rows["margin"].index]
        money = np.where(rows >= 0, -subject.plan.priced.row_dual[rows], 0.0)
        for name, of in cells.items():
            entity, period, written, amount = model.cash.lines[name].terms
            own = (period >= info.first) & (period < info.stop)
            column = model.template.written[written[own]]
            gain = money[entity[own], period[own]] * amount[own] * x[column]
            for at in np.flatnonzero(gain):
                if int(column[at]) in of:
                    yield of[int(column[at])], float(gain[at])


def _coefficients(subject: Subject) -> Iterator[tuple[Cell, float]]:
    """Rates, uses and availabilities: what their coefficients move at the plan's prices."""
    forest = subject.plan.forest
    for number, branch in enumerate(forest.branches):
        model, x = forest.models[number], np.nan_to_num(subject.plan.seen(number))
        seen = forest.rows[number]
        dual = np.where(seen >= 0, subject.plan.priced.row_dual[seen], 0.0)
        template = model.template
        for key, *block in _blocks(model):
            rows, columns = (part[branch.first : branch.stop] for part in np.broadcast_arrays(*block))
            there = (rows >= 0) & (columns >= 0)
            rows, columns = rows[there], columns[there]
            there = (dual[rows] != 0) & (x[columns] != 0)
            if there.any():
                at = template.entries(rows[there], columns[there])
                yield key, float((dual[rows[there]] * template.value[at] * x[columns[there]]).sum())


def _blocks(model: Model) -> Iterator[tuple[Cell, Ints, Ints]]:
    """Each cell with its rows and columns (T, Z)."""
    sets, rows, columns = model.sets, model.template.rows, model.template.columns
    rates, uses = group(sets.case.tables.rates, "process"), group(sets.case.tables.uses, "process")
    flows = [n for n, (resource, _) in enumerate(sets.accounts) if sets.resources[resource].kind == "flow"]
    named = [rate.id for process, _ in sets.runs for rate in rates.get(process.name, ())]
    for flow, row in zip(sets.flows, named, strict=True):
        if flow.account in flows:
            yield ("rates", row, "rate"), rows["balance"].index[flows.index(flow.account)], columns["activity"].index[flow.run]
    used = sorted({use.holding for use in sets.uses})
    named = [use.id for process, _ in sets.runs for use in uses.get(process.name, ())]
    for use, row in zip(sets.uses, named, strict=True):
        yield ("uses", row, "use"), rows["capacity"].index[used.index(use.holding)], columns["activity"].index[use.run]
    for number, batch in enumerate(sets.batches):
        if batch.holding in used:
            key = "assets", sets.holdings[batch.holding][0], "availability"
            yield key, rows["capacity"].index[used.index(batch.holding)], columns["fleet"].index[number][:, None]
