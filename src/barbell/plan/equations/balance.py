"""Equation 2, balance: for every account and time, what is made less what is taken, served and stored is nothing.

::

    sum(rate x activity) - takes - served - change of stock = 0
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from barbell.core.clock import Floats, Ints
from barbell.core.horizon import HOURS_PER_YEAR
from barbell.core.path import Path
from barbell.core.relations import Account
from barbell.plan.equations.capacity import Activity
from barbell.plan.equations.demand import Sales
from barbell.plan.equations.fleet import Fleet, cohort_arrivals
from barbell.plan.lp import Axis, Program, Variable
from barbell.plan.sets import Sets


@dataclass(frozen=True)
class Stores:
    """level (A, T) of stocks on the period clock; charge (A, T, Z) of stocks on the slice clock."""

    level: Variable
    charge: Variable


@dataclass(frozen=True)
class _Draws:
    """Quantities that orders and installations draw: terms (account, period, column, amount) and constants (A, T)."""

    account: Ints
    period: Ints
    column: NDArray[np.int32]
    amount: Floats
    given: Floats

    def of(self, accounts: list[int]) -> _Draws:
        """Only those of some accounts, renumbered by their place in the list."""
        place = np.full(len(self.given), -1)
        place[accounts] = np.arange(len(accounts))
        here = place[self.account] >= 0
        return _Draws(place[self.account[here]], self.period[here], self.column[here], self.amount[here], self.given[accounts])


def write(program: Program, sets: Sets, fleet: Fleet, activity: Activity, sales: Sales) -> Stores:
    """Balance every account by its kind and clock."""
    draws = _draws(sets, fleet)
    _flows(program, sets, activity, sales, draws)
    charge = _slice_stocks(program, sets, activity)
    level = _period_stocks(program, sets, activity, draws)
    _allowances(program, sets, activity, draws)
    return Stores(level, charge)


def _axis(sets: Sets, accounts: list[int]) -> Axis:
    return Axis("account", tuple(sets.account_axis.labels[n] for n in accounts))


def _draws(sets: Sets, fleet: Fleet) -> _Draws:
    account, period, column, amount = [], [], [], []
    given = np.zeros((len(sets.accounts), sets.clock.count))
    for number, option in enumerate(sets.options):
        for take in sets.takes_of(option.asset.name):
            when = np.arange(sets.clock.count) if take.when == "order" else sets.order_arrival[number]
            there = (fleet.order[number] >= 0) & (when < sets.clock.count)
            column.append(fleet.order[number][there])
            period.append(when[there])
            account.append(np.full(len(period[-1]), sets.account(take.resource, option.place)))
            amount.append(np.full(len(period[-1]), take.amount))
    arrivals = cohort_arrivals(sets)
    for number, (asset, place) in enumerate(sets.holdings):
        for take in (t for t in sets.takes_of(asset) if t.when == "service"):
            given[sets.account(take.resource, place)] += take.amount * arrivals[number]
    none = np.zeros(0, int)
    flat = [np.concatenate([none, *part]) for part in (account, period, column)]
    return _Draws(flat[0], flat[1], flat[2].astype(np.int32), np.concatenate([np.zeros(0), *amount]), given)


def _flows(program: Program, sets: Sets, activity: Activity, sales: Sales, draws: _Draws) -> None:
    accounts = sets.accounts_of("flow")
    place = {number: k for k, number in enumerate(accounts)}
    own = draws.of(accounts)
    y = sets.clock.y
    rows = program.rows("balance", (_axis(sets, accounts), sets.period, sets.slice), equal=(own.given / y)[:, :, None])
    for flow in sets.flows:
        if flow.account in place:
            rows.add(flow.rate[:, None], activity.activity[flow.run], at=place[flow.account])
    rows.add((-own.amount / y[own.period])[:, None], own.column[:, None], at=(own.account, own.period))
    demands, contracts = sets.case.tables.demands, sets.case.tables.contracts
    sold = [place[sets.account(demands[d].resource, demands[d].place)] for d, _ in sets.steps]
    owed = [place[sets.account(k.resource, k.place)] for k in contracts]
    rows.add(-1.0, sales.served, at=np.array(sold, int))
    rows.add(-1.0, sales.delivered, at=np.array(owed, int))


def _held(sets: Sets, accounts: list[int]) -> list[Account]:
    """What the table says of each account, or an empty one."""
    table = {(a.resource, a.place): a for a in sets.case.tables.accounts}
    pairs = [sets.accounts[number] for number in accounts]
    return [table.get(pair) or Account(resource=pair[0], place=pair[1]) for pair in pairs]


def _bound(sets: Sets, paths: list[Path | None]) -> Floats:
    rows = [np.full(sets.clock.count, np.inf) if path is None else sets.clock.mean(path) for path in paths]
    return np.array(rows).reshape(-1, sets.clock.count)


def _slice_stocks(program: Program, sets: Sets, activity: Activity) -> Variable:
    accounts = sets.accounts_of("stock", "slice")
    held = _held(sets, accounts)
    axes = (_axis(sets, accounts), sets.period, sets.slice)
    charge = program.variable("charge", axes, upper=_bound(sets, [a.ceiling for a in held])[:, :, None])
    rows = program.rows("charge", axes, equal=0.0)
    years = np.array([s.hours for s in sets.case.horizon.slices]) / HOURS_PER_YEAR
    keep = (1 - np.array([a.loss for a in held]).reshape(-1, 1)) ** years
    rows.add(1.0, charge)
    rows.add(-keep[:, None, :], charge[:, :, _before(sets)])
    place = {number: k for k, number in enumerate(accounts)}
    for flow in sets.flows:
        if flow.account in place:
            rows.add(-flow.rate[:, None] * years, activity.activity[flow.run], at=place[flow.account])
    return charge


def _before(sets: Sets) -> Ints:
    """(Z,) the slice before each, cyclic within its day."""
    days = [s.day for s in sets.case.horizon.slices]
    mates = [[k for k, d in enumerate(days) if d == day] for day in days]
    return np.array([m[m.index(z) - 1] for z, m in enumerate(mates)], int)


def _period_stocks(program: Program, sets: Sets, activity: Activity, draws: _Draws) -> Variable:
    accounts = sets.accounts_of("stock", "period")
    held, own, clock = _held(sets, accounts), draws.of(accounts), sets.clock
    axes = (_axis(sets, accounts), sets.period)
    level = program.variable("level", axes, upper=_bound(sets, [a.ceiling for a in held]))
    keep = (1 - np.array([a.loss for a in held]).reshape(-1, 1)) ** clock.y
    given = -own.given
    if accounts:
        given[:, 0] += keep[:, 0] * np.array([a.initial for a in held])
    rows = program.rows("stock", axes, equal=given)
    rows.add(1.0, level).add(-keep[:, 1:], level[:, :-1], at=np.s_[:, 1:])
    rows.add(own.amount, own.column, at=(own.account, own.period))
    place = {number: k for k, number in enumerate(accounts)}
    for flow in sets.flows:
        if flow.account in place:
            part = (flow.rate * clock.y)[:, None] * clock.share
            rows.add(-part, activity.activity[flow.run], at=(place[flow.account], np.arange(clock.count)[:, None]))
    return level


def _allowances(program: Program, sets: Sets, activity: Activity, draws: _Draws) -> None:
    accounts = sets.accounts_of("allowance")
    held, own, clock = _held(sets, accounts), draws.of(accounts), sets.clock
    windows = [sets.resources[sets.accounts[n][0]].window for n in accounts]
    last = np.array([clock.last(w) for w in windows], int).reshape(-1, clock.count)
    first = [clock.first(w) for w in windows]
    every = np.arange(clock.count)
    spans = zip(held, first, last, strict=True)
    means = [np.full(clock.count, np.inf) if a.budget is None else clock.mean(a.budget, first=f, last=e) for a, f, e in spans]
    budget = np.array(means).reshape(-1, clock.count)
    used = np.zeros(budget.shape)
    for number in range(len(accounts)):
        np.add.at(used[number], last[number], own.given[number])
    rows = program.rows("allowance", (_axis(sets, accounts), sets.period), upper=budget - used, where=last == every)
    rows.add(own.amount, own.column, at=(own.account, last[own.account, own.period]))
    place = {number: k for k, number in enumerate(accounts)}
    for flow in sets.flows:
        if flow.account in place:
            k = place[flow.account]
            part = (flow.rate * clock.y)[:, None] * clock.share
            rows.add(-part, activity.activity[flow.run], at=(k, last[k][:, None]))
