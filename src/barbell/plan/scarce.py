"""Everything that can be scarce, in the case's words, tied to the rows and column bounds of the problem that hold it.

Prices read their duals here, `explain` moves them and solves again, and the diagnosis of an infeasible case frees them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from barbell.plan.clock import Floats
from barbell.plan.lp.verify import product
from barbell.plan.model import Model
from barbell.plan.sets import Sets
from barbell.plan.tree import Forest

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Scarce:
    """One scarce thing in one period of one branch.

    One more unit of it moves the bounds of `rows` by `row_step` and the named bound of `columns` by `column_step`.
    `held` is the name of that bound; `amount` what there is of it, `probability` that of its branch.
    """

    kind: str
    item: str
    place: str
    scenario: str
    period: str
    t: int
    slice: str
    unit: str
    probability: float
    rows: NDArray[np.int64]
    row_step: Floats
    columns: NDArray[np.int64]
    column_step: Floats
    held: str = "upper"
    block: float = 0.0

    def __str__(self) -> str:
        at = f" at {self.place}" if self.place else ""
        when = f" in {self.period}" + (f" ({self.slice})" if self.slice else "")
        return f"{self.kind} {self.item}{at}{when}" + (f" of {self.scenario}" if self.scenario != "trunk" else "")


@dataclass(frozen=True)
class _Kind:
    """A block of rows or columns whose members are scarce, and how to read a member's position."""

    kind: str
    block: str
    words: Callable[[Sets, int], tuple[str, str, str]]
    step: float = 1.0
    held: str = "row"


def _account_of(kind: str, clock: str) -> Callable[[Sets, int], tuple[str, str, str]]:
    def words(sets: Sets, number: int) -> tuple[str, str, str]:
        kinds = [sets.resources[r] for r, _ in sets.accounts]
        resource, place = [pair for pair, r in zip(sets.accounts, kinds, strict=True) if (r.kind, r.clock) == (kind, clock)][number]
        return resource, place, sets.resources[resource].unit

    return words


def _capacity(sets: Sets, number: int) -> tuple[str, str, str]:
    asset, place = sets.holdings[sorted({use.holding for use in sets.uses})[number]]
    return asset, place, sets.assets[asset].unit


def _limit(sets: Sets, number: int) -> tuple[str, str, str]:
    limit = sets.case.tables.limits[number]
    return limit.name, "", limit.unit


def _option(sets: Sets, number: int) -> tuple[str, str, str]:
    option = sets.options[number]
    return option.asset.name, option.place, option.asset.unit


def _money(table: str) -> Callable[[Sets, int], tuple[str, str, str]]:
    return lambda sets, number: (getattr(sets.case.tables.rows(table)[number], "name"), "", sets.case.money)  # noqa: B009


def _gate(sets: Sets, number: int) -> tuple[str, str, str]:
    gate = sets.case.tables.gates[number]
    return gate.name, gate.place, sets.assets[gate.asset].unit


def _contract(sets: Sets, number: int) -> tuple[str, str, str]:
    contract = sets.case.tables.contracts[number]
    return contract.name, contract.place, sets.resources[contract.resource].unit


def _conversion(sets: Sets, number: int) -> tuple[str, str, str]:
    spots = [(c, sets.holdings[sets.batches[b].holding][1]) for c, b in sets.conversions if c.limit is not None]
    conversion, place = list(dict.fromkeys((c.name, p) for c, p in spots))[number]
    source = next(c.source for c, _ in spots if c.name == conversion)
    return conversion, place, sets.assets[source].unit


KINDS = (
    _Kind("account", "balance", _account_of("flow", ""), step=-1.0),
    _Kind("account", "stock", _account_of("stock", "period")),
    _Kind("account", "charge", _account_of("stock", "slice")),
    _Kind("allowance", "allowance", _account_of("allowance", "")),
    _Kind("capacity", "capacity", _capacity),
    _Kind("limit", "limit", _limit),
    _Kind("envelope", "envelope", _money("programmes")),
    _Kind("conversion limit", "conversion limit", _conversion),
    _Kind("gate", "gate", _gate),
    _Kind("order limit", "order", _option, held="upper"),
    _Kind("ceiling", "level", _account_of("stock", "period"), held="upper"),
    _Kind("ceiling", "charge", _account_of("stock", "slice"), held="upper"),
    _Kind("contract on offer", "sign", _contract, held="upper"),
    _Kind("cash floor", "cash", _money("entities"), step=-1.0, held="lower"),
    _Kind("debt limit", "debt", _money("debts"), held="upper"),
    _Kind("draw limit", "drawn", _money("entities"), held="upper"),
    _Kind("payment limit", "paid", _money("entities"), held="upper"),
)
"""Every kind of scarce thing but demand, which takes rows and columns at once."""


def scarce(forest: Forest, rows: Mask, columns: Mask) -> Iterator[Scarce]:
    """Scarce things that touch any of the marked rows or columns of the problem, in the order of KINDS."""
    for number, branch in enumerate(forest.branches):
        model = forest.models[number]
        own = slice(branch.first, branch.stop)
        for kind in KINDS:
            index, mask = _numbers(forest, model, number, kind, rows, columns)
            axes = _axes(model, kind)
            for position in np.argwhere(_periods(mask, axes, own)):
                yield _member(forest, model, number, kind, index, axes, tuple(position))
        yield from _demand(forest, model, number, rows, columns, own)


def _numbers(forest: Forest, model: Model, branch: int, kind: _Kind, rows: Mask, columns: Mask) -> tuple[NDArray[np.int64], Mask]:
    """Problem numbers of a block as a branch sees it, and which are marked and really held."""
    if kind.held == "row":
        index, table, marked = model.template.rows[kind.block].index, forest.rows[branch], rows
    else:
        bound = getattr(forest.problem.arrays, kind.held)
        index, table, marked = model.template.columns[kind.block].index, forest.columns[branch], columns & np.isfinite(bound)
    seen = np.append(table, -1)[index].astype(np.int64)
    return seen, (seen >= 0) & np.append(marked, False)[seen]


def _axes(model: Model, kind: _Kind) -> tuple[str, ...]:
    blocks = model.template.rows if kind.held == "row" else model.template.columns
    return blocks[kind.block].axes


def _periods(mask: Mask, axes: tuple[str, ...], own: slice) -> Mask:
    """Only a branch's own periods."""
    kept = np.zeros_like(mask)
    key = tuple(own if axis == "period" else slice(None) for axis in axes)
    kept[key] = mask[key]
    return kept


def _member(
    forest: Forest, model: Model, branch: int, kind: _Kind, index: NDArray[np.int64], axes: tuple[str, ...], position: tuple[int, ...]
) -> Scarce:
    sets = model.sets
    item, place, unit = kind.words(sets, int(position[0]))
    t = int(position[axes.index("period")])
    number = np.array([index[position]])
    step, none = np.array([kind.step]), np.zeros(0)
    held_row = kind.held == "row"
    block = sets.assets[item].block if item in sets.assets else 0.0
    return Scarce(
        kind.kind, item, place, forest.branches[branch].name, sets.period.labels[t], t,
        sets.slice.labels[position[axes.index("slice")]] if "slice" in axes and len(sets.slice) > 1 else "",
        unit, forest.branches[branch].probability,
        number if held_row else none.astype(int), step if held_row else none,
        none.astype(int) if held_row else number, none if held_row else step,
        "upper" if held_row else kind.held, block,
    )  # fmt: skip


def _demand(forest: Forest, model: Model, branch: int, rows: Mask, columns: Mask, own: slice) -> Iterator[Scarce]:
    """Demand: one more unit of volume widens every step by its share, in every slice by the profile."""
    sets, clock = model.sets, model.sets.clock
    row_of = np.append(forest.rows[branch], -1)[model.template.rows["demand"].index]
    column_of = np.append(forest.columns[branch], -1)[model.template.columns["served"].index]
    for d, demand in enumerate(sets.case.tables.demands):
        steps = [n for n, (owner, _) in enumerate(sets.steps) if owner == d]
        share = np.array([s.share for s in sets.prices[demand.name]])
        profile = sets.profile(demand.profile)
        for t in range(own.start, own.stop):
            found, cells = row_of[steps, t], column_of[steps, t].reshape(-1)
            if not (rows[found].any() or columns[cells].any()):
                continue
            impatient = demand.patience_months == 0
            cells = cells.astype(np.int64) if impatient else np.zeros(0, np.int64)
            step = np.outer(share, profile).reshape(-1) if impatient else np.zeros(0)
            row_step = clock.y[t] * share * float(profile @ clock.share)
            yield Scarce(
                "demand", demand.name, demand.place, forest.branches[branch].name, sets.period.labels[t], t, "",
                sets.resources[demand.resource].unit, forest.branches[branch].probability, found.astype(np.int64), row_step, cells, step,
            )  # fmt: skip


def amount(forest: Forest, thing: Scarce, x: Floats, size: Floats) -> float:
    """How much there is of a scarce thing: its bound, or what flows through it. `size` is `throughput`."""
    arrays = forest.problem.arrays
    if thing.kind in ("account", "capacity"):
        return float(size[thing.rows].sum())
    if thing.kind == "demand":
        bound = arrays.row_upper[thing.rows]
        return float(bound.sum() / max(thing.row_step.sum(), 1e-300))
    if thing.rows.size:
        upper, lower = arrays.row_upper[thing.rows[0]], arrays.row_lower[thing.rows[0]]
        return float(upper if np.isfinite(upper) else lower)
    bound = getattr(arrays, thing.held)[thing.columns[0]]
    return float(bound if bound else x[thing.columns[0]])


def throughput(forest: Forest, x: Floats) -> Floats:
    """(rows,) half the sum of the absolute terms of each row: what flows through it where it balances."""
    return product(forest.problem.arrays, x)[1] / 2
