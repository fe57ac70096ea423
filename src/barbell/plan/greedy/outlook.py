"""What a planner can know of one future: what orders do to capacity and to ceilings, what things cost, who buys."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from barbell.core.clock import Floats, Ints
from barbell.plan.equations.demand import marginal_revenue, pay_factor
from barbell.plan.model import Model
from barbell.plan.reach import Reach, gather, reach

if TYPE_CHECKING:
    import scipy.sparse as sp

Steps = list[tuple[float, float]]
"""Buyers of one account: price per unit and year, and volume; dearest first."""


@dataclass(frozen=True)
class Feed:
    """A run per unit of activity: `uses` (holding, units), `makes` and `needs` (account, rate > 0), all (T,) over time."""

    uses: tuple[tuple[int, Floats], ...]
    makes: tuple[tuple[int, Floats], ...]
    needs: tuple[tuple[int, Floats], ...]
    cost: Floats


class Outlook:
    """One branch's model as arrays that the planner reads; options (O), periods (T), holdings (H), runs (R)."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.sets = model.sets
        self.clock = model.sets.clock
        self.template = model.template
        self.order: NDArray[np.int32] = model.template.columns["order"].index
        self.price = model.cash.bills.price
        self.arrival = model.sets.order_arrival

    @cached_property
    def reach(self) -> Reach:
        """What orders move."""
        return reach(self.template)

    @cached_property
    def allowed(self) -> Floats:
        """(O, T) most that may be ordered; nothing where there is no option."""
        most: Floats = np.append(self.template.upper, 0.0)[self.order]
        return most

    @cached_property
    def limit(self) -> Floats:
        """(O, T) the same, but nothing where it would be late."""
        return np.where(self.arrival < self.clock.count, self.allowed, 0.0)

    @cached_property
    def opex(self) -> Floats:
        """(O, T) fixed cost per year of one unit, as of each period."""
        assets = [option.asset for option in self.sets.options]
        rows = [a.fixed_opex * self.clock.level(self.sets.index(a.opex_index), self.clock.start) for a in assets]
        return np.array(rows).reshape(-1, self.clock.count)

    def _of_orders(self, matrix: sp.csr_array) -> sp.csr_array:
        """The columns of a matrix that are orders, one for each (option, period); nil where there is no order."""
        index = self.order.reshape(-1)
        there = np.flatnonzero(index >= 0)
        return matrix @ gather(index[there], there, np.ones(len(there)), (matrix.shape[1], len(index)))

    # Capacity

    @cached_property
    def _average(self) -> sp.csr_array:
        """Takes the rows of capacity to (holding, period): minus their average over the slices."""
        block = self.template.rows["capacity"].index
        used = np.array(sorted({use.holding for use in self.sets.uses}), int)
        h, t, z = np.indices(block.shape)
        place = used[h.reshape(-1)] * self.clock.count + t.reshape(-1) if block.size else np.zeros(0, int)
        shape = len(self.sets.holdings) * self.clock.count, len(self.template.row_lower)
        return gather(place, block.reshape(-1), -self.clock.share[z.reshape(-1)], shape)

    @cached_property
    def _capacity(self) -> tuple[Floats, sp.csr_array]:
        """Constant and effect of orders on the capacity of each (holding, period)."""
        return self._average @ self.reach.constant, self._of_orders(self._average @ self.reach.coefficients)

    def capacity(self, book: Floats) -> Floats:
        """(H, T) working units of each holding with the orders of a book."""
        constant, effect = self._capacity
        return np.asarray(constant + effect @ book.reshape(-1)).reshape(-1, self.clock.count)

    @cached_property
    def effect(self) -> Floats:
        """(O, T) working units on arrival of one unit ordered; nothing where it is late."""
        option, t = np.nonzero(self.limit > 0)
        row = self.model.fleet.option_holding[option] * self.clock.count + self.arrival[option, t]
        table = np.zeros(self.order.shape)
        table[option, t] = self._capacity[1][row, option * self.clock.count + t] if len(option) else 0.0
        return table

    @cached_property
    def option_at(self) -> dict[int, int]:
        """Option that adds to each holding."""
        return {int(h): o for o, h in enumerate(self.model.fleet.option_holding)}

    # Ceilings

    @cached_property
    def ceiling_rows(self) -> Ints:
        """Rows that hold orders down: limits, envelopes and allowances."""
        names = ("limit", "envelope", "allowance")
        found = np.concatenate([self.template.rows[name].index.reshape(-1) for name in names])
        return np.unique(found[found >= 0]).astype(np.int64)

    @cached_property
    def on_orders(self) -> sp.csc_array:
        """(ceilings, O x T) how much of each ceiling an order uses."""
        return self._of_orders(self.reach.coefficients[self.ceiling_rows]).tocsc()

    @cached_property
    def on_activity(self) -> sp.csc_array:
        """(ceilings, R) how much of each ceiling a run uses that works steadily through its window."""
        index = self.template.columns["activity"].index.reshape(len(self.sets.runs), -1)
        run = np.repeat(np.arange(len(index)), index.shape[1])
        pick = gather(index.reshape(-1), run, np.ones(index.size), (len(self.template.cost), len(index)))
        return (self.reach.coefficients[self.ceiling_rows] @ pick).tocsc()

    def slack(self, book: Floats) -> Floats:
        """(ceilings,) what a book of orders leaves of each ceiling."""
        rows = self.ceiling_rows
        return np.asarray(self.template.row_upper[rows] - self.reach.constant[rows] - self.on_orders @ book.reshape(-1))

    def missing(self, book: Floats) -> Floats:
        """(ceilings,) what a book lacks of what is asked for at least, where orders alone decide; else nothing."""
        rows = self.ceiling_rows
        lack = self.template.row_lower[rows] - self.reach.constant[rows] - self.on_orders @ book.reshape(-1)
        return np.where(self._orders_only & np.isfinite(lack), np.maximum(lack, 0.0), 0.0)

    @cached_property
    def _orders_only(self) -> NDArray[np.bool_]:
        names = [n for n in self.template.columns if n not in ("order", "convert", "retire")]
        other = np.concatenate([self.template.columns[n].index.reshape(-1) for n in names])
        moved = self.reach.coefficients[self.ceiling_rows][:, np.unique(other[other >= 0])]
        nothing: NDArray[np.bool_] = np.asarray(np.abs(moved).sum(axis=1)).reshape(-1) == 0
        return nothing

    @cached_property
    def _spending(self) -> NDArray[np.bool_]:
        """(ceilings,) whether a ceiling counts money spent and nothing else."""
        block, tables = self.template.rows["limit"].index, self.sets.case.tables
        money = {limit.name: {t.measure for t in tables.terms if t.limit == limit.name} == {"spend"} for limit in tables.limits}
        rows = np.concatenate([np.zeros(0, int), *(block[n] for n, limit in enumerate(tables.limits) if money[limit.name])])
        return np.isin(self.ceiling_rows, rows)

    @cached_property
    def holds(self) -> NDArray[np.bool_]:
        """(T, ceilings) which ceilings' windows hold each period."""
        windows: list[tuple[str, int, str]] = [("limit", n, limit.window) for n, limit in enumerate(self.sets.case.tables.limits)]
        kinds = [self.sets.resources[resource] for resource, _ in self.sets.accounts]
        windows += [("allowance", n, r.window) for n, r in enumerate(k for k in kinds if k.kind == "allowance")]
        windows += [("envelope", n, "year") for n in range(len(self.sets.case.tables.programmes))]
        rows = [self.template.rows[name].index[n, self.clock.last(window)] for name, n, window in windows]
        table = np.array(rows, int).reshape(-1, self.clock.count)
        return np.array([np.isin(self.ceiling_rows, table[:, t]) for t in range(self.clock.count)])

    def asked(self, t: int, *, spending: bool) -> Ints:
        """Ceilings that ask for something at least: of spending those whose window holds the period, else all."""
        lower = np.isfinite(self.template.row_lower[self.ceiling_rows])
        return np.flatnonzero(lower & (self._spending & self.holds[t] if spending else ~self._spending))

    @property
    def bound(self) -> Floats:
        """(ceilings,) the most that each allows."""
        return self.template.row_upper[self.ceiling_rows]

    def order_use(self, option: int, t: int) -> tuple[Ints, Floats]:
        """Ceilings that one unit ordered in a period uses, and how much of each."""
        part = slice(*self.on_orders.indptr[[option * self.clock.count + t, option * self.clock.count + t + 1]])
        return self.on_orders.indices[part], self.on_orders.data[part]

    def activity_use(self, run: int) -> tuple[Ints, Floats]:
        """Ceilings that one unit of activity uses, and how much of each."""
        part = slice(*self.on_activity.indptr[[run, run + 1]])
        return self.on_activity.indices[part], self.on_activity.data[part]

    def order_share(self, ceiling: int, option: int, t: int) -> float:
        """How much of one ceiling a unit ordered in a period uses."""
        rows, amount = self.order_use(option, t)
        return float(amount[rows == ceiling].sum())

    def activity_share(self, ceiling: int, run: int) -> float:
        """How much of one ceiling a unit of activity uses."""
        rows, amount = self.activity_use(run)
        return float(amount[rows == ceiling].sum())

    # What runs, and who buys

    @cached_property
    def feeds(self) -> tuple[Feed, ...]:
        """What every run makes, needs, uses and costs; what it draws from an allowance is a ceiling instead."""
        sets, clock = self.sets, self.clock
        uses: list[list[tuple[int, Floats]]] = [[] for _ in sets.runs]
        makes: list[list[tuple[int, Floats]]] = [[] for _ in sets.runs]
        needs: list[list[tuple[int, Floats]]] = [[] for _ in sets.runs]
        for use in sets.uses:
            uses[use.run].append((use.holding, use.rate))
        for flow in sets.flows:
            if sets.resources[sets.accounts[flow.account][0]].kind != "allowance":
                makes[flow.run].append((flow.account, np.maximum(flow.rate, 0.0)))
                needs[flow.run].append((flow.account, np.maximum(-flow.rate, 0.0)))
        costs = [clock.mean(p.variable_cost) * clock.level(sets.index(p.index), clock.start) for p, _ in sets.runs]
        return tuple(Feed(tuple(u), tuple(m), tuple(n), c) for u, m, n, c in zip(uses, makes, needs, costs, strict=True))

    @cached_property
    def makers(self) -> dict[int, list[int]]:
        """Runs that make each account."""
        table: dict[int, list[int]] = {}
        for run, feed in enumerate(self.feeds):
            for account, rate in feed.makes:
                if rate.any():
                    table.setdefault(account, []).append(run)
        return table

    @cached_property
    def _marginal(self) -> Floats:
        return marginal_revenue(self.sets)

    def buyers(self, t: int) -> dict[int, Steps]:
        """Buyers of each account as the planner sees them today."""
        sets, clock, tables = self.sets, self.clock, self.sets.case.tables
        found: dict[int, Steps] = {}
        for n, (d, j) in enumerate(sets.steps):
            demand = tables.demands[d]
            share = sets.prices[demand.name][j].share * float(sets.profile(demand.profile) @ clock.share)
            step = (float(self._marginal[n, t]) + demand.penalty, share * float(clock.mean(demand.volume)[t]))
            found.setdefault(sets.account(demand.resource, demand.place), []).append(step)
        then = min(int(self.arrival[:, t].max(initial=t)), clock.count - 1)
        for k, contract in enumerate(tables.contracts):
            price = contract.price * pay_factor(contract) + contract.penalty
            found.setdefault(sets.account(contract.resource, contract.place), []).append((price, self._called(k, t, then)))
        return {account: sorted((step for step in steps if step[1] > 0), reverse=True) for account, steps in found.items()}

    def _called(self, k: int, t: int, then: int) -> float:
        """Volume of a contract in period `then`: what is signed, or all that was offered up to today."""
        sales, contract = self.model.sales, self.sets.case.tables.contracts[k]
        offered = np.where(sales.sign.index[k] >= 0, self.clock.mean(contract.volume), 0.0)[: t + 1]
        return float(max(sales.signed[k, then], sales.signed[k, t]) + contract.usage * (offered @ sales.height[k, : t + 1, then]))
