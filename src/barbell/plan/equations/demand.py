"""Equation 4, demand: served + still waiting + lost = newly asked + waiting before; contracts are cohorts of demand.

The price paid is not the marginal revenue: where all buyers pay one price, revenue at cumulated share Q(j) is
price(j) Q(j), and the objective sees the slopes of its concave hull.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barbell.core.clock import Clock, Floats, Ints, month
from barbell.core.relations import Contract
from barbell.plan.lp import Axis, Program, Variable
from barbell.plan.sets import Sets


@dataclass(frozen=True)
class Sales:
    """served (S, T, Z), waiting and lost (S, T) of price steps; sign (K, T) and delivered (K, T, Z) of contracts.

    `height` (K, T + 1, months from the start) is the ramp of a contract signed in each period; the last row is
    that of a contract signed already.
    """

    served: Variable
    waiting: Variable
    lost: Variable
    sign: Variable
    delivered: Variable
    service: Ints
    height: Floats
    signed: Floats


def write(program: Program, sets: Sets) -> Sales:
    """Add what is sold."""
    served, waiting, lost = _markets(program, sets)
    sign, delivered, service, height, signed = _contracts(program, sets)
    return Sales(served, waiting, lost, sign, delivered, service, height, signed)


def _markets(program: Program, sets: Sets) -> tuple[Variable, Variable, Variable]:
    clock, demands = sets.clock, sets.case.tables.demands
    labels = tuple(f"{demands[d].name} step {sets.prices[demands[d].name][j].step}" for d, j in sets.steps)
    axes = (Axis("demand", labels), sets.period)
    shape = (-1, clock.count)
    share = [sets.prices[demands[d].name][j].share * clock.mean(demands[d].volume) for d, j in sets.steps]
    volume = np.array(share).reshape(shape)
    profile = np.array([sets.profile(demands[d].profile) for d, _ in sets.steps]).reshape(-1, 1, len(sets.slice))
    patience = np.array([demands[d].patience_months for d, _ in sets.steps]).reshape(-1, 1)
    waits = patience > 0
    upper = np.where(waits[:, :, None], np.inf, volume[:, :, None] * profile)
    served = program.variable("served", (*axes, sets.slice), upper=upper)
    waiting = program.variable("waiting", axes, where=waits)
    lost = program.variable("lost", axes)
    asked = clock.y * volume * (profile @ clock.share)
    rows = program.rows("demand", axes, equal=asked)
    for z, part in enumerate(clock.share):
        rows.add(clock.y * part, served[:, :, z])
    rows.add(1.0, waiting).add(1.0, lost).add(-1.0, waiting[:, :-1], at=np.s_[:, 1:])
    stay = np.where(waits, np.exp(-12 * clock.y / np.where(waits, patience, 1.0)), 0.0)
    program.rows("patience", axes, upper=0.0, where=waits).add(1 - stay, waiting).add(-stay, lost)
    return served, waiting, lost


def marginal_revenue(sets: Sets) -> Floats:
    """(S, T) what one more unit served at each step adds to revenue, per unit and year."""
    clock = sets.clock
    rows: list[Floats] = []
    for demand in sets.case.tables.demands:
        steps = sets.prices[demand.name]
        price = np.array([clock.mean(s.price) for s in steps])
        rows.extend(price if demand.discriminates else hull(np.array([s.share for s in steps]), price))
    return np.array(rows).reshape(-1, clock.count)


def hull(share: Floats, price: Floats) -> Floats:
    """Slopes (J, T) of the concave hull of revenue ``price(j) * sum(share[:j + 1])`` over the cumulated share."""
    total = np.cumsum(share)
    slopes = np.empty(price.shape)
    for t in range(price.shape[1]):
        pools: list[tuple[float, float, int]] = []  # width, revenue gained, steps
        gained = np.diff(price[:, t] * total, prepend=0.0)
        for width, gain in zip(share, gained, strict=True):
            pool = (float(width), float(gain), 1)
            while pools and pool[1] * pools[-1][0] >= pools[-1][1] * pool[0]:
                last = pools.pop()
                pool = (last[0] + pool[0], last[1] + pool[1], last[2] + pool[2])
            pools.append(pool)
        slopes[:, t] = np.concatenate([np.full(n, gain / width if width else 0.0) for width, gain, n in pools])
    return slopes


def _contracts(program: Program, sets: Sets) -> tuple[Variable, Variable, Ints, Floats, Floats]:
    clock, contracts = sets.clock, sets.case.tables.contracts
    axis = Axis("contract", tuple(k.name for k in contracts))
    begin = clock.start[None, :]
    offer = np.array([not k.starts for k in contracts], bool).reshape(-1, 1)
    opens = np.array([month(k.opens, 0) for k in contracts], int).reshape(-1, 1)
    closes = np.array([month(k.closes, clock.end) for k in contracts], int).reshape(-1, 1)
    volume = np.array([clock.mean(k.volume) for k in contracts]).reshape(-1, clock.count)
    sign = program.variable("sign", (axis, sets.period), upper=volume, where=offer & (begin >= opens) & (begin < closes))
    delivered = program.variable("delivered", (axis, sets.period, sets.slice))
    service = np.array([[*(clock.start + k.lead_months), month(k.starts, 0)] for k in contracts], int).reshape(-1, clock.count + 1)
    height = np.array([[_ramp(clock, k, int(s)) for s in row] for k, row in zip(contracts, service, strict=True)])
    height = height.reshape(-1, clock.count + 1, clock.count)
    signed = np.array([k.usage for k in contracts]).reshape(-1, 1) * volume * height[:, -1] * ~offer
    rows = program.rows("contract", (axis, sets.period, sets.slice), upper=signed[:, :, None])
    rows.add(1.0, delivered)
    k, t, tau = np.nonzero((height[:, :-1] > 0) & (sign.index >= 0)[:, :, None])
    usage = np.array([c.usage for c in contracts])
    called = usage[k] * height[k, t, tau] if len(k) else np.zeros(0)
    rows.add(-called[:, None], sign[k, t][:, None], at=(k, tau))
    return sign, delivered, service, height, signed


def _ramp(clock: Clock, contract: Contract, service: int) -> Floats:
    """(T,) mean height over the months of each period of a contract whose service starts in a month."""
    monthly = ramp(contract, np.arange(clock.edges[0], clock.end) - service)
    total = np.concatenate([[0.0], np.cumsum(monthly)])
    edges = clock.edges - clock.edges[0]
    height: Floats = np.diff(total[edges]) / np.diff(edges)
    return height


def ramp(contract: Contract, since: Ints) -> Floats:
    """Height of a contract `since` months after the start of its service."""
    rise = np.minimum((since + 0.5) / contract.ramp_months, 1.0) if contract.ramp_months else np.ones(since.shape)
    return np.where((since >= 0) & (since < contract.term_months), rise, 0.0)


def after(clock: Clock, contract: Contract, service: int) -> float:
    """Sum of the heights of the months after the horizon, in years."""
    since = np.arange(max(service, clock.end), service + contract.term_months) - service
    return float(ramp(contract, since).sum()) / 12


def whole(contract: Contract) -> float:
    """Sum of the heights of all months of the term, in years."""
    return float(ramp(contract, np.arange(contract.term_months)).sum()) / 12


def pay_factor(contract: Contract) -> float:
    """What is paid for, per unit delivered: take-or-pay lifts it where the customer calls less."""
    return max(1.0, contract.take_or_pay / contract.usage)
