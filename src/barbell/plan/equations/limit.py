"""Equation 5, limits: every named linear sum stays within its path.

::

    lower <= sum(coefficient x measure over the window) <= upper
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from barbell.core.clock import Floats, Ints, month
from barbell.core.nouns import Limit
from barbell.core.relations import Term
from barbell.plan.equations.capacity import Activity
from barbell.plan.equations.cash import Cash
from barbell.plan.equations.demand import Sales
from barbell.plan.equations.fleet import Fleet, cohort_arrivals
from barbell.plan.ledger import Line
from barbell.plan.lp import Axis, Program, Rows
from barbell.plan.sets import Sets

AVERAGED = ("fleet", "activity", "served")
"""Measures that count as the average over the window."""
LEVELS = ("cash", "debt")
"""Measures that count as the level at the end of the window; all others are amounts of the window."""


_Measure = tuple[float, str, Line]
_Writer = Callable[[float, str, Line], None]


@dataclass(frozen=True)
class Measured:
    """The variables that terms can speak of."""

    sets: Sets
    fleet: Fleet
    activity: Activity
    sales: Sales
    cash: Cash


def write(program: Program, measured: Measured) -> None:
    """Add every limit, window by window."""
    sets = measured.sets
    limits = sets.case.tables.limits
    axes = (Axis("limit", tuple(limit.name for limit in limits)), sets.period)
    sums: list[list[_Measure]] = [[(t.coefficient, t.measure, measure(measured, t)) for t in terms] for terms in _terms(sets)]
    lower, upper, where = _bounds(sets, limits, sums)
    rows = program.rows("limit", axes, lower=lower, upper=upper, where=where)
    for number, limit in enumerate(limits):
        running = limit.window == "cumulative"
        write_terms = _cumulative(program, sets, rows, number, limit) if running else _windowed(sets, rows, number, limit)
        for coefficient, kind, line in sums[number]:
            write_terms(coefficient, kind, line)


def _terms(sets: Sets) -> list[list[Term]]:
    return [[t for t in sets.case.tables.terms if t.limit == limit.name] for limit in sets.case.tables.limits]


def measure(m: Measured, term: Term) -> Line:
    """What a term measures, per period: amounts as they are, rates and stands as they stand, levels at the end."""
    line = Line(np.zeros((1, m.sets.clock.count)))
    {
        "order": _order, "service": _service, "fleet": _fleet, "retire": _retire, "activity": _activity,
        "served": _served, "spend": _spend, "cash": _money, "debt": _money, "margin": _money,
    }[term.measure](m, term, line)  # fmt: skip
    return line


def _assets(m: Measured, term: Term) -> frozenset[str]:
    """The asset that a term names, or all those of the programme that it names."""
    return frozenset(a.name for a in m.sets.assets.values() if term.item in (a.name, a.programme))


def _options(m: Measured, term: Term) -> Ints:
    inside, assets = m.sets.case.inside, _assets(m, term)
    return np.array([n for n, o in enumerate(m.sets.options) if o.asset.name in assets and inside(o.place, term.place)], int)


def _holdings(m: Measured, term: Term) -> list[int]:
    assets = _assets(m, term)
    return [n for n, (asset, place) in enumerate(m.sets.holdings) if asset in assets and m.sets.case.inside(place, term.place)]


def _order(m: Measured, term: Term, line: Line) -> None:
    line.add(0, np.arange(m.sets.clock.count), m.fleet.order[_options(m, term)], 1.0)


def _service(m: Measured, term: Term, line: Line) -> None:
    holdings = _holdings(m, term)
    option, t, u = m.fleet.arrivals
    here = np.isin(option, _options(m, term))
    line.add(0, u[here], m.fleet.order[option[here], t[here]], 1.0)
    for number, target in enumerate(m.fleet.conversion_target):
        if target in holdings:
            u = m.fleet.delivery[number]
            within = np.flatnonzero(u < m.sets.clock.count)
            line.add(0, u[within], m.fleet.convert[number][within], m.fleet.conversion_gain[number])
    line.given[0] += cohort_arrivals(m.sets)[holdings].sum(axis=0)


def _batches(m: Measured, term: Term) -> Ints:
    holdings = set(_holdings(m, term))
    return np.array([n for n, b in enumerate(m.sets.batches) if b.holding in holdings], int)


def _fleet(m: Measured, term: Term, line: Line) -> None:
    line.add(0, np.arange(m.sets.clock.count), m.fleet.fleet[_batches(m, term)], 1.0)


def _retire(m: Measured, term: Term, line: Line) -> None:
    line.add(0, np.arange(m.sets.clock.count), m.fleet.retire[_batches(m, term)], 1.0)


def _activity(m: Measured, term: Term, line: Line) -> None:
    inside = m.sets.case.inside
    runs = np.array([n for n, (p, place) in enumerate(m.sets.runs) if p.name == term.item and inside(place, term.place)], int)
    line.add(0, np.arange(m.sets.clock.count)[:, None], m.activity.activity[runs], m.sets.clock.share)


def _served(m: Measured, term: Term, line: Line) -> None:
    tables, inside = m.sets.case.tables, m.sets.case.inside
    every = np.arange(m.sets.clock.count)[:, None]
    for n, (d, _) in enumerate(m.sets.steps):
        if tables.demands[d].name == term.item and inside(tables.demands[d].place, term.place):
            line.add(0, every, m.sales.served[n], m.sets.clock.share)
    for n, contract in enumerate(tables.contracts):
        if contract.name == term.item and inside(contract.place, term.place):
            line.add(0, every, m.sales.delivered[n], m.sets.clock.share)


def _spend(m: Measured, term: Term, line: Line) -> None:
    sets, clock, bills = m.sets, m.sets.clock, m.cash.bills
    programmes = [p.name for p in sets.case.tables.programmes]
    if term.item in programmes and not term.place:
        line.add(0, np.arange(clock.count), m.cash.spend[programmes.index(term.item)], 1.0)
        return
    parts = bills.instalments
    period = clock.holding(parts.month)
    here = np.isin(parts.option, _options(m, term)) & (period < clock.count)
    line.add(0, period[here], m.fleet.order[parts.option[here], parts.t[here]], parts.amount[here])
    holdings = _holdings(m, term)
    for number, target in enumerate(m.fleet.conversion_target):
        if target in holdings:
            line.add(0, np.arange(clock.count), m.fleet.convert[number], bills.conversion_price[number])
    for cohort in sets.case.tables.cohorts:
        if sets.holding_of[cohort.asset, cohort.place] in holdings:
            months, amount = bills.cohort_payments(cohort)
            due = clock.holding(months)
            np.add.at(line.given[0], due[due < clock.count], amount)


def _money(m: Measured, term: Term, line: Line) -> None:
    if term.measure == "debt":
        columns = m.cash.debt[[d.name for d in m.sets.case.tables.debts].index(term.item)]
    else:
        columns = (m.cash.cash if term.measure == "cash" else m.cash.margin)[m.sets.entity_of[term.item]]
    line.add(0, np.arange(m.sets.clock.count), columns, 1.0)


def _bounds(sets: Sets, limits: tuple[Limit, ...], sums: list[list[_Measure]]) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Lower and upper bound of each window at its last period, less what the terms' constants use, and which windows hold."""
    clock = sets.clock
    shape = (len(limits), clock.count)
    bound, where = np.zeros(shape), np.zeros(shape, bool)
    every = np.arange(clock.count)
    for number, limit in enumerate(limits):
        kind = "period" if limit.window == "cumulative" else limit.window
        first, last = clock.first(kind), clock.last(kind)
        bound[number] = clock.mean(limit.bound, first=first, last=last) - _given(sets, limit, sums[number])
        begin = clock.start[first]
        holds = (begin >= month(limit.starts, 0)) & (begin < month(limit.ends, clock.end))
        where[number] = holds & (last == every)
    sense = np.array([limit.sense for limit in limits]).reshape(-1, 1)
    return np.where(sense == "<=", -np.inf, bound), np.where(sense == ">=", np.inf, bound), where


def _given(sets: Sets, limit: Limit, sums: list[_Measure]) -> Floats:
    """(T,) constants of a limit's terms in the window that ends in each period; only amounts have any."""
    clock = sets.clock
    total: Floats = sum((coefficient * line.given[0] for coefficient, _, line in sums), np.zeros(clock.count))
    if limit.window == "rate":
        return total / clock.y
    if limit.window == "cumulative":
        return np.cumsum(total)
    window = np.zeros(clock.count)
    np.add.at(window, clock.last(limit.window), total)
    return window


def _windowed(sets: Sets, rows: Rows, number: int, limit: Limit) -> _Writer:
    clock = sets.clock
    last = clock.last(limit.window)
    length = np.bincount(last, clock.y, clock.count)
    pace = clock.y if limit.window == "rate" else np.ones(clock.count)

    def write_term(coefficient: float, kind: str, line: Line) -> None:
        _, period, column, amount = line.terms
        weight = clock.y[period] / length[last[period]] if kind in AVERAGED else np.ones(len(period)) if kind in LEVELS else 1 / pace[period]
        there = period == last[period] if kind in LEVELS else np.ones(len(period), bool)
        rows.add((coefficient * amount * weight)[there], column[there], at=(number, last[period[there]]))

    return write_term


def _cumulative(program: Program, sets: Sets, rows: Rows, number: int, limit: Limit) -> _Writer:
    """Running sums, so that the window from the start costs two terms a period: amounts, and averages weighted by time."""
    clock = sets.clock
    axes = (Axis("sum", ("amount", "average")), sets.period)
    running = program.variable(f"running {limit.name}", axes, lower=-np.inf)
    sums = program.rows(f"running {limit.name}", axes, equal=0.0)
    sums.add(1.0, running).add(-1.0, running[:, :-1], at=np.s_[:, 1:])
    rows.add(1.0, running[0], at=number).add(1 / np.cumsum(clock.y), running[1], at=number)

    def write_term(coefficient: float, kind: str, line: Line) -> None:
        _, period, column, amount = line.terms
        if kind in LEVELS:
            rows.add(coefficient * amount, column, at=(number, period))
        elif kind in AVERAGED:
            sums.add(-coefficient * amount * clock.y[period], column, at=(1, period))
        else:
            sums.add(-coefficient * amount, column, at=(0, period))

    return write_term
