"""Equation 7, value: adjusted present value, with everything sold and taxed at the end, minus the price of risk.

::

    worth = sum(disc x free cash flow) + disc(end) x closing + side effects of debt + stocks left
    value = (1 - weight) x mean(worth) + weight x mean of the worst share of worth
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from barbell.core.clock import Floats, Ints
from barbell.core.horizon import Month
from barbell.core.relations import Cohort
from barbell.plan.equations import demand as sold
from barbell.plan.equations.balance import Stores
from barbell.plan.equations.cash import Cash
from barbell.plan.equations.demand import Sales
from barbell.plan.equations.fleet import Fleet, attrition
from barbell.plan.ledger import Ledger
from barbell.plan.lp import Program, Variable
from barbell.plan.sets import Sets


@dataclass(frozen=True)
class Value:
    """closing (E, T; only in the last period), worth (of one future); `closing_lines` holds what closing is made of."""

    closing: Variable
    worth: Variable
    closing_lines: Ledger
    worth_lines: Ledger


def write(program: Program, sets: Sets, fleet: Fleet, sales: Sales, stores: Stores, cash: Cash) -> Value:
    """Add the objective: one column of worth at the end of each future."""
    last = np.arange(sets.clock.count) == sets.clock.count - 1
    closing = program.variable("closing", cash.free.axes, lower=-np.inf, where=last)
    lines = Ledger(len(sets.case.tables.entities), sets.clock.count)
    _standing(lines, sets, fleet)
    _late(lines, sets, fleet, cash)
    _book(lines, sets, cash)
    _obligations(lines, sets, fleet, sales, cash)
    names = tuple(lines.lines)
    rows = program.rows("closing", cash.free.axes, equal=lines.given(names), where=last).add(1.0, closing)
    lines.into(rows, names, -1.0)
    worth_lines = _worth(sets, stores, cash, closing)
    worth = program.variable("worth", (), lower=-np.inf, cost=-(1 - sets.case.risk.weight), stage=sets.clock.count - 1)
    row = program.rows("worth", (), equal=sum(line.given.sum() for line in worth_lines.lines.values()), stage=sets.clock.count - 1)
    row.add(1.0, worth)
    for line in worth_lines.lines.values():
        _, _, column, amount = line.terms
        row.add(-amount, column)
    _risk(program, sets, worth)
    return Value(closing, worth, lines, worth_lines)


def _risk(program: Program, sets: Sets, worth: Variable) -> None:
    """With a price of risk, what falls short of the threshold `alpha` counts `weight / tail` times."""
    risk = sets.case.risk
    end = sets.clock.count - 1
    if risk.weight:
        alpha = program.variable("alpha", (), lower=-np.inf, cost=-risk.weight, stage=0)
        short = program.variable("short", (), cost=risk.weight / risk.tail, stage=end)
        program.rows("short", (), lower=0.0, stage=end).add(1.0, short).add(1.0, worth).add(-1.0, alpha)


class _Closing:
    """What one unit of each holding sells for at the end, new, before tax; and its owner."""

    def __init__(self, sets: Sets) -> None:
        clock = sets.clock
        factor = {(o.asset.name, o.place): o.row.capex_factor for o in sets.options}
        assets = [sets.assets[a] for a, _ in sets.holdings]
        self.asset = assets
        self.life = np.array([a.life_months for a in assets], int)
        self.entity = np.array([sets.entity_of_asset(a.name) for a in assets], int)
        self.tax = np.array([e.tax_rate for e in sets.case.tables.entities])[self.entity]
        index = np.array([clock.level(sets.index(a.index), clock.end) for a in assets])
        place = np.array([factor.get(pair, 1.0) for pair in sets.holdings])
        self.price = np.array([a.recovery * a.capex for a in assets]) * index * place


def _standing(lines: Ledger, sets: Sets, fleet: Fleet) -> None:
    """Assets in service: at their price new, for what is left of their life."""
    clock, unit = sets.clock, _Closing(sets)
    end, last = clock.end, clock.count - 1
    line = lines["assets in service"]
    decay, cohorts = attrition(sets), cohorts_at_end(sets)
    for number, b in enumerate(sets.batches):
        h = b.holding
        worth = (1 - unit.tax[h]) * unit.price[h]
        if b.lumped:
            line.given[unit.entity[h], last] += cohorts[number]
            continue
        asset = unit.asset[h]
        left = max(b.born + asset.life_months - end, 0) if b.cohort is None else _left(sets, b.cohort)
        gain = sets.index(asset.gain)
        able = clock.level(gain, b.born) / clock.level(gain, end) * (1 - asset.fade) ** (max(end - b.born, 0) / 12)
        kept = (1 - decay[number]) ** ((end - clock.start[last]) / 12)
        line.add(unit.entity[h], last, fleet.fleet[number, last], worth * kept * able * left / unit.life[h])
    option, t, u = fleet.arrivals
    _lumped(lines, sets, unit, fleet.option_holding[option], u, fleet.order[option, t], np.ones(len(u)))
    pair, t = np.nonzero((fleet.convert.index >= 0) & (fleet.delivery < clock.count))
    _lumped(lines, sets, unit, fleet.conversion_target[pair], fleet.delivery[pair, t], fleet.convert[pair, t], fleet.conversion_gain[pair])


def cohorts_at_end(sets: Sets) -> Floats:
    """(B,) what the cohorts of each lumped batch sell for at the end, after tax."""
    clock, unit, decay = sets.clock, _Closing(sets), attrition(sets)
    total = np.zeros(len(sets.batches))
    for number, b in enumerate(sets.batches):
        h = b.holding
        for c in sets.cohorts_at.get(sets.holdings[h], ()) if b.lumped else ():
            arrival, _ = sets.cohort_span(c)
            if arrival < clock.count:
                kept = (1 - decay[number]) ** ((clock.end - clock.start[max(arrival, 0)]) / 12)
                total[number] += (1 - unit.tax[h]) * unit.price[h] * kept * c.amount * _left(sets, c) / unit.life[h]
    return total


def _left(sets: Sets, cohort: Cohort) -> int:
    """Months in service that a cohort has left at the end."""
    service, begin = Month.parse(cohort.service).index, int(sets.clock.start[0])
    if cohort.remaining_months is None:
        return max(service + sets.assets[cohort.asset].life_months - sets.clock.end, 0)
    return max(max(service, begin) + cohort.remaining_months - sets.clock.end, 0)


def _lumped(lines: Ledger, sets: Sets, unit: _Closing, holding: Ints, u: Ints, columns: NDArray[np.int32], amount: Floats) -> None:
    """New units that joined a lumped batch, by the period in which they entered service."""
    clock = sets.clock
    lumped = np.array([sets.holdings[h][0] not in sets.tracked for h in holding], bool)
    h, u, columns, amount = holding[lumped], u[lumped], columns[lumped], amount[lumped]
    born = clock.start[u]
    left = np.maximum(born + unit.life[h] - clock.end, 0) / unit.life[h]
    decay = np.array([a.attrition for a in unit.asset])[h] if len(h) else np.zeros(0)
    worth = (1 - unit.tax[h]) * unit.price[h] * (1 - decay) ** ((clock.end - born) / 12) * left * amount
    lines["assets in service"].add(unit.entity[h], clock.count - 1, columns, worth)


def _late(lines: Ledger, sets: Sets, fleet: Fleet, cash: Cash) -> None:
    """What is on order or under conversion at the end: worth what has been paid, or what it will be."""
    clock, bills, unit = sets.clock, cash.bills, _Closing(sets)
    end, last, line = clock.end, clock.count - 1, lines["construction in progress"]

    def kept(holding: int) -> float:
        """Worth at the end, after tax, of one unit of money paid."""
        asset = unit.asset[holding]
        return float((1 - unit.tax[holding]) * asset.recovery + unit.tax[holding] * bills.capitalised(asset.name))

    share = np.array([kept(h) for h in range(len(sets.holdings))])
    parts = bills.instalments
    late = (sets.order_arrival[parts.option, parts.t] == clock.count) & (parts.month < end)
    option, t = parts.option[late], parts.t[late]
    holding = fleet.option_holding[option]
    line.add(unit.entity[holding], last, fleet.order[option, t], share[holding] * parts.amount[late])
    for cohort in sets.case.tables.cohorts:
        if sets.cohort_span(cohort)[0] == clock.count:
            months, amount = bills.cohort_payments(cohort)
            paid = cohort.amount * cohort.price * cohort.paid + amount * (months < end).sum()
            h = sets.holding_of[cohort.asset, cohort.place]
            line.given[unit.entity[h], last] += share[h] * paid
    for number, (conversion, _) in enumerate(sets.conversions):
        h = fleet.conversion_target[number]
        late_t = np.flatnonzero((fleet.convert[number] >= 0) & (fleet.delivery[number] == clock.count))
        wait = np.maximum(clock.start[late_t] + conversion.months - end, 0) / 12
        rate = sets.case.tables.entities[unit.entity[h]].discount_rate
        worth = (1 - unit.tax[h]) * unit.price[h] * conversion.gain * (1 + rate) ** -wait
        book = unit.tax[h] * bills.capitalised(conversion.target) * bills.conversion_price[number][late_t]
        line.add(unit.entity[h], last, fleet.convert[number][late_t], worth + book)


def _book(lines: Ledger, sets: Sets, cash: Cash) -> None:
    """What has not been deducted yet is deducted when everything is sold."""
    clock, bills, line = sets.clock, cash.bills, lines["tax book"]
    rate = np.array([e.tax_rate for e in sets.case.tables.entities])
    for number, (entity, _) in enumerate(bills.classes):
        left = 1 - bills.deducted(number, clock.end - clock.start)
        line.add(entity, clock.count - 1, cash.placed[number], rate[entity] * left)
    for cohort in sets.case.tables.cohorts:
        if sets.cohort_span(cohort)[0] < 0 and bills.capitalised(cohort.asset):
            entity = sets.entity_of_asset(cohort.asset)
            line.given[entity, clock.count - 1] += rate[entity] * bills.book(cohort)[1]


def _obligations(lines: Ledger, sets: Sets, fleet: Fleet, sales: Sales, cash: Cash) -> None:
    """Payments due on what has arrived, contracts that run on, and customers still waiting."""
    clock, tables = sets.clock, sets.case.tables
    last, end = clock.count - 1, clock.end
    parts = cash.bills.instalments
    due = (sets.order_arrival[parts.option, parts.t] < clock.count) & (parts.month >= end)
    option, t = parts.option[due], parts.t[due]
    entity = np.array([sets.entity_of_asset(o.asset.name) for o in sets.options], int)[option]
    rate = np.array([e.discount_rate for e in tables.entities])[entity]
    owed = -parts.amount[due] * (1 + rate) ** (-(parts.month[due] - end) / 12)
    lines["payments still due"].add(entity, last, fleet.order[option, t], owed)
    for number, contract in enumerate(tables.contracts):
        owner = sets.entity_of[contract.entity]
        tax = tables.entities[owner].tax_rate
        worth = ((1 - tax) * contract.margin - contract.prepayment) * contract.price * sold.pay_factor(contract) * contract.usage
        later = np.array([sold.after(clock, contract, int(s)) for s in sales.service[number]])
        lines["contracts"].add(owner, last, sales.sign[number], worth * later[:-1])
        if contract.starts:
            months = np.arange(end, int(sales.service[number, -1]) + contract.term_months)
            volume = np.array([contract.volume.at(Month(int(m))) or 0.0 for m in months])
            height = sold.ramp(contract, months - int(sales.service[number, -1]))
            lines["contracts"].given[owner, last] += worth * float((volume * height).sum()) / 12
    for number, (d, _) in enumerate(sets.steps):
        owner = sets.entity_of[tables.demands[d].entity]
        keep = 1 - tables.entities[owner].tax_rate
        lines["customers waiting"].add(owner, last, sales.waiting[number, last], -keep * tables.demands[d].penalty)


def _worth(sets: Sets, stores: Stores, cash: Cash, closing: Variable) -> Ledger:
    """Lines of the worth of one future; owner and period have no meaning here and are 0."""
    clock, tables = sets.clock, sets.case.tables
    lines = Ledger(1, 1)
    length = clock.since(clock.end)
    for number, entity in enumerate(tables.entities):
        rate = 1 + entity.discount_rate
        lines["free cash flow"].add(0, 0, cash.free[number], rate**-clock.mid)
        lines["closing value"].add(0, 0, closing[number, -1], rate**-length)
    root = next((e for e in tables.entities if not e.parent), None)
    held = {(a.resource, a.place): a.closing_value for a in tables.accounts}
    stocks = [n for n, (r, _) in enumerate(sets.accounts) if sets.resources[r].kind == "stock" and sets.resources[r].clock == "period"]
    for k, number in enumerate(stocks):
        worth = held.get(sets.accounts[number], 0.0)
        if worth and root is not None:
            lines["stocks"].add(0, 0, stores.level[k, -1], worth * (1 + root.discount_rate) ** -length)
    for number, debt in enumerate(tables.debts):
        line, fair = lines["financing"], (1 + debt.fair_rate) ** -clock.mid
        interest = (1 + debt.rate) ** clock.gap - 1
        line.given[0, 0] += debt.opening * (1 - fair[0] * interest[0])
        line.add(0, 0, cash.draw[number], fair * (1 - debt.fee))
        line.add(0, 0, cash.repay[number], -fair)
        line.add(0, 0, cash.debt[number, :-1], -fair[1:] * interest[1:])
        rest = (1 + debt.fair_rate) ** -length * (1 + debt.rate) ** (length - clock.mid[-1])
        line.add(0, 0, cash.debt[number, -1], -rest)
    return lines
