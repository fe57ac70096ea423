"""Everything that can be scarce, in the case's words, tied to the rows and column bounds of the problem that hold it.

Prices read their duals here, `explain` moves them and solves again, and the diagnosis of an infeasible case frees them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from barbell.core.clock import Floats
from barbell.plan.lp import Template
from barbell.plan.lp.verify import product
from barbell.plan.sets import Sets
from barbell.plan.tree import Forest

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Scarce:
    """One scarce thing in one period of one branch.

    One more unit of it moves the bounds of `rows` by `row_step` and the named bound of `columns` by `column_step`.
    `held` is the name of that bound, `probability` that of its branch.
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


Words = tuple[str, str, str]
"""Item, place and unit of something."""
_Reach = tuple[NDArray[np.int64], Floats, NDArray[np.int64], Floats]
"""Rows, steps of rows, columns and steps of columns of one scarce thing."""


@dataclass(frozen=True)
class Group:
    """Scarce things of one kind in one branch as arrays, all (members,): `thing` is a position in `things`, `t` a period.

    One more unit of a member moves the bound of row or column `number` by `step`; where members move several bounds (demand),
    `reach` says which, and there are no numbers.
    """

    kind: str
    held: str
    step: float
    scenario: str
    probability: float
    sets: Sets
    things: Sequence[Words]
    thing: NDArray[np.int64]
    t: NDArray[np.int64]
    slice: NDArray[np.int64] | None
    number: NDArray[np.int64]
    reach: tuple[_Reach, ...] = ()

    def __len__(self) -> int:
        return len(self.t)

    def only(self, at: NDArray[np.int64]) -> Group:
        """Some of the members."""
        reach = tuple(self.reach[k] for k in at) if self.reach else ()
        number = self.number[at] if not self.reach else self.number
        return replace(
            self, thing=self.thing[at], t=self.t[at], slice=None if self.slice is None else self.slice[at], number=number, reach=reach
        )  # fmt: skip

    def member(self, k: int) -> Scarce:
        """One of the members."""
        item, place, unit = self.things[int(self.thing[k])]
        t, sets = int(self.t[k]), self.sets
        part = sets.slice.labels[self.slice[k]] if self.slice is not None else ""
        rows, row_step, columns, column_step = self.reach[k] if self.reach else self._alone(k)
        block = sets.assets[item].block if not self.reach and item in sets.assets else 0.0
        return Scarce(
            self.kind, item, place, self.scenario, sets.period.labels[t], t, part, unit, self.probability, rows, row_step, columns, column_step,
            "upper" if self.held == "row" else self.held, block,
        )  # fmt: skip

    def _alone(self, k: int) -> _Reach:
        """Reach of a member that moves one bound."""
        number, step, nothing, still = self.number[k : k + 1], np.array([self.step]), np.zeros(0, np.int64), np.zeros(0)
        return (number, step, nothing, still) if self.held == "row" else (nothing, still, number, step)

    def gain(self, row: Floats, column: Floats) -> Floats:
        """(members,) value gained by one more unit of each, to first order, given the duals of rows and columns."""
        if self.reach:
            return np.array([-float(row[r] @ step) - float(np.minimum(column[c], 0.0) @ move) for r, step, c, move in self.reach])
        if self.held == "row":
            return np.asarray(-row[self.number] * self.step)
        held = column[self.number]
        return np.asarray(-(np.minimum(held, 0.0) if self.held == "upper" else np.maximum(held, 0.0)) * self.step)

    def amount(self, arrays: Template, x: Floats, size: Floats) -> Floats:
        """(members,) how much there is of each: its bound, or what flows through it. `size` is `throughput`."""
        if self.reach:
            return np.array([arrays.row_upper[r].sum() / max(float(step.sum()), 1e-300) for r, step, _, _ in self.reach])
        if self.kind in ("account", "capacity"):
            return size[self.number]
        if self.held == "row":
            upper, lower = arrays.row_upper[self.number], arrays.row_lower[self.number]
            return np.where(np.isfinite(upper), upper, lower)
        bound = getattr(arrays, self.held)[self.number]
        return np.where(bound != 0, bound, x[self.number])


@dataclass(frozen=True)
class _Kind:
    """A block of rows or columns whose members are scarce, and the words for each position along its first axis."""

    kind: str
    block: str
    words: Callable[[Sets], Sequence[Words]]
    step: float = 1.0
    held: str = "row"


def _accounts(kind: str, clock: str = "") -> Callable[[Sets], Sequence[Words]]:
    def words(sets: Sets) -> Sequence[Words]:
        pairs = [sets.accounts[number] for number in sets.accounts_of(kind, clock)]
        return [(resource, place, sets.resources[resource].unit) for resource, place in pairs]

    return words


def _capacity(sets: Sets) -> Sequence[Words]:
    pairs = [sets.holdings[number] for number in sets.used]
    return [(asset, place, sets.assets[asset].unit) for asset, place in pairs]


def _limit(sets: Sets) -> Sequence[Words]:
    return [(limit.name, "", limit.unit) for limit in sets.case.tables.limits]


def _option(sets: Sets) -> Sequence[Words]:
    return [(option.asset.name, option.place, option.asset.unit) for option in sets.options]


def _money(table: str) -> Callable[[Sets], Sequence[Words]]:
    return lambda sets: [(row.id, "", sets.case.money) for row in sets.case.tables.rows(table)]


def _gate(sets: Sets) -> Sequence[Words]:
    return [(gate.name, gate.place, sets.assets[gate.asset].unit) for gate in sets.case.tables.gates]


def _contract(sets: Sets) -> Sequence[Words]:
    return [(contract.name, contract.place, sets.resources[contract.resource].unit) for contract in sets.case.tables.contracts]


def _conversion(sets: Sets) -> Sequence[Words]:
    spots = [(c, sets.holdings[sets.batches[b].holding][1]) for c, b in sets.conversions if c.limit is not None]
    return list(dict.fromkeys((c.name, place, sets.assets[c.source].unit) for c, place in spots))


KINDS = (
    _Kind("account", "balance", _accounts("flow"), step=-1.0),
    _Kind("account", "stock", _accounts("stock", "period")),
    _Kind("account", "charge", _accounts("stock", "slice")),
    _Kind("allowance", "allowance", _accounts("allowance")),
    _Kind("capacity", "capacity", _capacity),
    _Kind("limit", "limit", _limit),
    _Kind("envelope", "envelope", _money("programmes")),
    _Kind("conversion limit", "conversion limit", _conversion),
    _Kind("gate", "gate", _gate),
    _Kind("order limit", "order", _option, held="upper"),
    _Kind("ceiling", "level", _accounts("stock", "period"), held="upper"),
    _Kind("ceiling", "charge", _accounts("stock", "slice"), held="upper"),
    _Kind("contract on offer", "sign", _contract, held="upper"),
    _Kind("cash floor", "cash", _money("entities"), step=-1.0, held="lower"),
    _Kind("debt limit", "debt", _money("debts"), held="upper"),
    _Kind("draw limit", "drawn", _money("entities"), held="upper"),
    _Kind("payment limit", "paid", _money("entities"), held="upper"),
)
"""Every kind of scarce thing but demand, which takes rows and columns at once."""


def scarce(forest: Forest, rows: Mask, columns: Mask) -> Iterator[Scarce]:
    """Scarce things that touch any of the marked rows or columns of the problem, in the order of KINDS."""
    for group in groups(forest, rows, columns):
        for k in range(len(group)):
            yield group.member(k)


def groups(forest: Forest, rows: Mask, columns: Mask) -> Iterator[Group]:
    """The same, by branch and kind; every branch counts in its own periods."""
    for number, branch in enumerate(forest.branches):
        sets = forest.models[number].sets
        for kind in KINDS:
            found = _marked(forest, number, kind, rows, columns)
            if found is not None:
                things = kind.words(sets)
                yield Group(kind.kind, kind.held, kind.step, branch.name, branch.probability, sets, things, *found)
        if (wanted := _demand(forest, number, rows, columns)) is not None:
            yield wanted


def _marked(
    forest: Forest, branch: int, kind: _Kind, rows: Mask, columns: Mask
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64] | None, NDArray[np.int64]] | None:
    """(Position along the first axis, period, slice, number in the problem) of what is marked and really held; None where nothing is."""
    template, sets = forest.models[branch].template, forest.models[branch].sets
    if kind.held == "row":
        block, table, marked = template.rows[kind.block], forest.rows[branch], rows
    else:
        bound = getattr(forest.problem.arrays, kind.held)
        block, table, marked = template.columns[kind.block], forest.columns[branch], columns & np.isfinite(bound)
    time = block.axes.index("period")
    own = tuple(slice(forest.branches[branch].first, forest.branches[branch].stop) if k == time else slice(None) for k in range(len(block.axes)))
    seen = np.append(table, -1)[block.index[own]].astype(np.int64)
    position = np.nonzero((seen >= 0) & np.append(marked, False)[seen])
    if not len(position[0]):
        return None
    part = position[block.axes.index("slice")] if "slice" in block.axes and len(sets.slice) > 1 else None
    return position[0], position[time] + forest.branches[branch].first, part, seen[position]


def _demand(forest: Forest, branch: int, rows: Mask, columns: Mask) -> Group | None:
    """Demand: one more unit of volume widens every step by its share, in every slice by the profile."""
    model, here = forest.models[branch], forest.branches[branch]
    sets, clock = model.sets, model.sets.clock
    row_of = np.append(forest.rows[branch], -1)[model.template.rows["demand"].index]
    column_of = np.append(forest.columns[branch], -1)[model.template.columns["served"].index]
    spots: list[tuple[int, int]] = []
    reach: list[_Reach] = []
    for d, demand in enumerate(sets.case.tables.demands):
        steps = sets.steps_of[d]
        share = np.array([s.share for s in sets.prices[demand.name]])
        profile = sets.profile(demand.profile)
        for t in range(here.first, here.stop):
            found, cells = row_of[steps, t], column_of[steps, t].reshape(-1)
            if not (rows[found].any() or columns[cells].any()):
                continue
            impatient = demand.patience_months == 0
            cells = cells.astype(np.int64) if impatient else np.zeros(0, np.int64)
            step = np.outer(share, profile).reshape(-1) if impatient else np.zeros(0)
            spots.append((d, t))
            reach.append((found.astype(np.int64), clock.y[t] * share * float(profile @ clock.share), cells, step))
    things = [(d.name, d.place, sets.resources[d.resource].unit) for d in sets.case.tables.demands]
    at = np.array(spots, np.int64).reshape(-1, 2)
    none = np.zeros(0, np.int64)
    return Group("demand", "upper", 1.0, here.name, here.probability, sets, things, at[:, 0], at[:, 1], None, none, tuple(reach)) if spots else None


def throughput(forest: Forest, x: Floats) -> Floats:
    """(rows,) half the sum of the absolute terms of each row: what flows through it where it balances."""
    return product(forest.problem.arrays, x)[1] / 2
