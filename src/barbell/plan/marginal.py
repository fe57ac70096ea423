"""What one more unit of an account costs at the margin, part by part, read from the prices of a plan.

A run that works earns nothing beyond its costs (complementary slackness): the price of what it makes is its running cost, plus
use x price of every capacity, coefficient x price of every limit and allowance, and rate x price of every account that it
draws on, which is taken apart in turn. A capacity that can be ordered is scarce only as far as its orders are held back: the
worth of a unit over its life is what it costs, and the rents of the ceilings that its order meets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from barbell.core.clock import Floats, Ints
from barbell.plan.lp import Block
from barbell.plan.reach import Reach, matrix, reach
from barbell.plan.solve import Plan

if TYPE_CHECKING:
    import scipy.sparse as sp

Kind = Literal["capacity", "limit", "allowance", "order limit", "envelope", "lead time", "closed", "worth"]
CEILINGS: dict[str, Kind] = {"limit": "limit", "envelope": "envelope", "allowance": "allowance"}
NOISE = 1e-9
"""Shares and amounts below this are rounding."""


@dataclass(frozen=True)
class Thing:
    """Something scarce: a capacity, limit, allowance, order limit or envelope, its item, place and period.

    Of a cause, also: ``lead time`` (nothing ordered in the horizon stands by then), ``closed`` (no more can be ordered) and
    ``worth`` (more can be ordered, but costs more than it earns). The period is that of the window; empty: the whole horizon.
    """

    kind: Kind
    item: str
    place: str
    period: str

    def __str__(self) -> str:
        at = f"@{self.place}" if self.place else ""
        return f"{self.kind} {self.item}{at}" + (f" in {self.period}" if self.period else "")


@dataclass(frozen=True)
class Part:
    """A part of a price: its value, how much of that is scarcity, and why more of the thing cannot be had."""

    thing: Thing
    value: float
    scarce: float
    cause: Thing | None = None


class Margin:
    """The prices of one branch of a plan, taken apart. Values are those of the branch's nodes, weighed by its probability."""

    def __init__(self, plan: Plan, branch: int) -> None:
        self.plan, self.branch = plan, branch
        self.model = plan.forest.models[branch]
        self.sets = self.model.sets
        self.template = self.model.template
        self.columns = np.append(plan.forest.columns[branch], -1)
        rows = plan.forest.rows[branch]
        self.dual: Floats = np.where(rows >= 0, plan.priced.row_dual[rows], 0.0)
        self.x = np.nan_to_num(plan.seen(branch))

    @cached_property
    def _entries(self) -> sp.csc_array:
        """The template by columns."""
        return matrix(self.template).tocsc()

    @cached_property
    def _names(self) -> tuple[list[Block], NDArray[np.int64], NDArray[np.int64]]:
        """Blocks of rows, and for each row its block and its place in it."""
        blocks = list(self.template.rows.values())
        number, place = (np.full(len(self.template.row_lower), -1) for _ in range(2))
        for n, block in enumerate(blocks):
            flat = block.index.reshape(-1)
            there = flat >= 0
            number[flat[there]], place[flat[there]] = n, np.flatnonzero(there)
        return blocks, number, place

    def costs(self, column: int) -> Iterator[tuple[str, tuple[int, ...], float]]:
        """(Block, position, cost) of every row that a column of the template touches; what it earns is negative."""
        blocks, number, place = self._names
        part = slice(*self._entries.indptr[[column, column + 1]])
        for row, value in zip(self._entries.indices[part], self._entries.data[part], strict=True):
            block = blocks[number[row]]
            position = tuple(int(p) for p in np.unravel_index(place[row], block.index.shape))
            yield block.name, position, -float(value * self.dual[row])

    def account_price(self, account: int, t: int) -> Floats:
        """(Z,) price of a flow in each slice of a period, for the whole length of the slice."""
        price: Floats = self.dual[self.template.rows["balance"].index[self._flows.index(account), t]]
        return price

    @cached_property
    def _flows(self) -> list[int]:
        return [n for n, (r, _) in enumerate(self.sets.accounts) if self.sets.resources[r].kind == "flow"]

    @cached_property
    def _makers(self) -> dict[int, list[tuple[int, Floats]]]:
        table: dict[int, list[tuple[int, Floats]]] = {}
        for flow in self.sets.flows:
            if flow.rate.max() > 0:
                table.setdefault(flow.account, []).append((flow.run, flow.rate))
        return table

    def _maker(self, account: int, t: int, z: int) -> int | None:
        """Column of the run that supplies most, or if none does, of the one that would do so at the least loss."""
        index, dual = self.template.columns["activity"].index, self.plan.priced.column_dual
        found = [(int(index[run, t, z]), float(rate[t])) for run, rate in self._makers.get(account, ()) if rate[t] > 0]
        most = max(found, key=lambda f: self.x[f[0]] * f[1], default=None)
        if most is None or self.x[most[0]] * most[1] > NOISE:
            return most[0] if most else None
        return min(found, key=lambda f: float(dual[self.columns[f[0]]]) / f[1])[0]

    def parts(self, account: int, t: int, z: int, scale: float = 1.0, above: frozenset[int] = frozenset()) -> Iterator[Part]:
        """Parts of `scale` times the price of an account in a slice that may be scarce, through all that feeds it.

        The rest of the price is running cost. What a run earns with something else is spread over all that it costs.
        """
        column, price = self._maker(account, t, z), float(self.account_price(account, t)[z])
        if column is None or account in above or price <= 0:
            return
        costs = [(block, position, cost) for block, position, cost in self.costs(column) if cost > 0]
        share = scale * price / sum(cost for _, _, cost in costs) if costs else 0.0
        for block, position, cost in costs:
            if block == "balance":
                feeding = self._flows[position[0]]
                yield from self.parts(feeding, t, z, share * cost / float(self.account_price(feeding, t)[z]), above | {account})
            else:
                yield from self._part(block, position, t, share * cost)

    def _part(self, block: str, position: tuple[int, ...], t: int, value: float) -> Iterator[Part]:
        if block == "capacity":
            holding = self.sets.used[position[0]]
            thing = Thing("capacity", *self.sets.holdings[holding], self.sets.period.labels[t])
            share, cause = self._held_back(holding, t)
            yield Part(thing, value, share * value, cause)
        elif block in CEILINGS or block.startswith("running "):
            thing = self._ceiling(block, position)
            yield Part(thing, value, value)

    def sale(self, step: int, t: int, z: int, scale: float) -> Iterator[Part]:
        """Limits on what is sold that one more unit served of a price step would meet in a slice."""
        for block, position, cost in self.costs(int(self.template.columns["served"].index[step, t, z])):
            if cost > 0 and (block == "limit" or block.startswith("running ")):
                yield from self._part(block, position, t, scale * cost)

    def _ceiling(self, block: str, position: tuple[int, ...]) -> Thing:
        number, t = position
        tables = self.sets.case.tables
        if block == "allowance":
            pair = self.sets.accounts[self.sets.accounts_of("allowance")[number]]
            return Thing("allowance", *pair, self._when(self.sets.resources[pair[0]].window, t))
        if block == "envelope":
            return Thing("envelope", tables.programmes[number].name, "", self._when("year", t))
        name = tables.limits[number].name if block == "limit" else block.removeprefix("running ")
        return Thing("limit", name, "", self._when(next(limit.window for limit in tables.limits if limit.name == name), t))

    def _when(self, window: str, t: int) -> str:
        """A window as people call it."""
        if window == "horizon":
            return ""
        return str(self.sets.case.horizon.periods[t].start.year) if window == "year" else self.sets.period.labels[t]

    # Why there is not more of a capacity

    def _held_back(self, holding: int, t: int) -> tuple[float, Thing | None]:
        """Share of a capacity's price in a period that is scarcity, and what holds its orders back most."""
        asset, place = self.sets.holdings[holding]
        option = next((n for n, o in enumerate(self.sets.options) if (o.asset.name, o.place) == (asset, place)), None)
        if option is None:
            return 1.0, Thing("closed", asset, place, self.sets.period.labels[t])
        orders = self._in_time(option, t)
        if not len(orders):
            known = self.template.columns["order"].index[option] >= 0
            late = bool((known & (self.sets.order_arrival[option] > t)).any())
            return 1.0, Thing("lead time" if late else "closed", asset, place, self.sets.period.labels[t])
        return self._rent(option, self._likeliest(option, orders))

    def _in_time(self, option: int, t: int) -> Ints:
        """Periods in which an order would have been possible that stands in period `t`."""
        clock, arrival = self.sets.clock, self.sets.order_arrival[option]
        life = self.sets.options[option].asset.life_months
        over = clock.arrival(np.append(clock.start, clock.end)[arrival] + life)
        there = (self.template.columns["order"].index[option] >= 0) & (arrival <= t) & (t < over)
        return np.flatnonzero(there)

    def _likeliest(self, option: int, orders: Ints) -> int:
        """The latest order that was really placed, or else the one that was nearest to it."""
        columns = self.template.columns["order"].index[option, orders]
        placed = orders[self.x[columns] > NOISE]
        return int(placed[-1]) if len(placed) else int(orders[np.argmin(self.plan.priced.column_dual[self.columns[columns]])])

    @cached_property
    def _reach(self) -> Reach:
        return reach(self.template)

    @cached_property
    def _ceilings(self) -> tuple[sp.csc_array, list[tuple[str, tuple[int, ...]]]]:
        """Rents (ceilings, columns) that one more of each column pays, and which ceilings they are."""
        found = [(name, tuple(int(p) for p in spot)) for name in CEILINGS for spot in np.argwhere(self.template.rows[name].index >= 0)]
        rows = np.array([self.template.rows[name].index[spot] for name, spot in found], int)
        return self._reach.coefficients[rows].multiply(-self.dual[rows][:, None]).tocsc(), found

    def _rent(self, option: int, t: int) -> tuple[float, Thing | None]:
        """Share of an order's worth that is rent, and the ceiling that takes the most of it."""
        column = int(self.template.columns["order"].index[option, t])
        rents, found = self._ceilings
        part = slice(*rents.indptr[[column, column + 1]])
        rent = {found[k]: float(v) for k, v in zip(rents.indices[part], rents.data[part], strict=True) if v > 0}
        asset, place = self.sets.options[option].asset.name, self.sets.options[option].place
        things = {self._ceiling(*key): value for key, value in rent.items()}
        held = max(-float(self.plan.priced.column_dual[self.columns[column]]), 0.0)
        if np.isfinite(self.template.upper[column]):
            things[Thing("order limit", asset, place, self.sets.period.labels[t])] = held
        total = sum(things.values())
        worth = max(-sum(cost for block, _, cost in self.costs(column) if block == "fleet"), total)
        if total <= NOISE * max(worth, NOISE):
            return 0.0, None if self.x[column] > NOISE else Thing("worth", asset, place, self.sets.period.labels[t])
        return total / worth, max(things, key=lambda thing: things[thing])
