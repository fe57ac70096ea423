"""Equation 6, cash per entity: revenue, costs, payments by profile, tax, debt and transfers, and what is left.

::

    cash[t] = cash[t-1] + base business + margin + prepayments - spend - tax + borrowed - repaid - interest +- transfers >= floor
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from barbell.core.clock import Floats, month
from barbell.core.path import Path
from barbell.core.relations import Contract
from barbell.plan.equations import demand as sold
from barbell.plan.equations.capacity import Activity, age
from barbell.plan.equations.demand import Sales
from barbell.plan.equations.fleet import Fleet
from barbell.plan.equations.payment import Bills
from barbell.plan.ledger import Ledger
from barbell.plan.lp import Axis, Program, Variable
from barbell.plan.sets import Sets

MARGIN = ("revenue", "variable cost", "fixed opex", "penalties")
"""Lines of the margin, by entity."""
PREPAID = ("prepayments received", "prepayments credited")
"""Lines of contracts paid ahead, by entity."""


@dataclass(frozen=True)
class Cash:
    """Money: by entity (E, T) margin, taxed, carry, free, cash, put in by and paid up to the parent; spend (P, T) of programmes;
    placed (Q, T) in depreciation classes; draw, repay and debt (D, T) of facilities; missing (G, T) at gates."""

    bills: Bills
    lines: Ledger
    spending: Ledger
    margin: Variable
    spend: Variable
    placed: Variable
    taxed: Variable
    carry: Variable
    free: Variable
    cash: Variable
    drawn: Variable
    paid: Variable
    draw: Variable
    repay: Variable
    debt: Variable
    missing: Variable


def write(program: Program, sets: Sets, fleet: Fleet, activity: Activity, sales: Sales) -> Cash:
    """Add the money."""
    cash = _variables(program, sets, fleet)
    _operations(cash.lines, sets, fleet, activity, sales)
    _prepayments(cash.lines, sets, sales)
    _gates(program, sets, fleet, cash)
    _payments(cash, sets, fleet)
    _spend(program, sets, cash)
    _place(program, sets, fleet, cash)
    rows = program.rows("margin", cash.margin.axes, equal=cash.lines.given(MARGIN)).add(1.0, cash.margin)
    cash.lines.into(rows, MARGIN, -1.0)
    _tax(program, sets, cash)
    _free(program, sets, cash)
    _debt(program, sets, cash)
    _cash(program, sets, cash)
    return cash


def _variables(program: Program, sets: Sets, fleet: Fleet) -> Cash:
    tables, clock = sets.case.tables, sets.clock
    shape = (-1, clock.count)
    entities, facilities, gates = tables.entities, tables.debts, tables.gates
    bills = Bills(sets, fleet)
    of = (Axis("entity", tuple(e.name for e in entities)), sets.period)
    programmes = (Axis("programme", tuple(p.name for p in tables.programmes)), sets.period)
    classes = (Axis("class", tuple(f"{entities[e].name} {c or 'not deducted'}" for e, c in bills.classes)), sets.period)
    debts = (Axis("debt", tuple(d.name for d in facilities)), sets.period)
    child = np.array([bool(e.parent) for e in entities], bool).reshape(-1, 1)
    by = np.array([month(g.by, 0) for g in gates], int).reshape(-1, 1)

    def paths(found: list[Path | None], empty: float) -> Floats:
        return np.array([np.full(clock.count, empty) if p is None else clock.mean(p) for p in found]).reshape(shape)

    base = paths([e.base_income for e in entities], 0.0) * clock.y
    return Cash(
        bills=bills,
        lines=Ledger(len(entities), clock.count),
        spending=Ledger(len(tables.programmes), clock.count),
        margin=program.variable("margin", of, lower=-np.inf),
        spend=program.variable("spend", programmes, lower=-np.inf),
        placed=program.variable("placed", classes, lower=-np.inf),
        taxed=program.variable("taxed", of, lower=-base),
        carry=program.variable("carry", of),
        free=program.variable("free", of, lower=-np.inf),
        cash=program.variable("cash", of, lower=paths([e.cash_floor for e in entities], -np.inf)),
        drawn=program.variable("drawn", of, upper=paths([e.draws for e in entities], 0.0) * clock.y, where=child),
        paid=program.variable("paid", of, upper=paths([e.pays for e in entities], 0.0) * clock.y, where=child),
        draw=program.variable("draw", debts),
        repay=program.variable("repay", debts),
        debt=program.variable("debt", debts, upper=paths([d.limit for d in facilities], np.inf)),
        missing=program.variable("missing", (Axis("gate", tuple(g.name for g in gates)), sets.period), where=clock.start >= by),
    )


def _operations(lines: Ledger, sets: Sets, fleet: Fleet, activity: Activity, sales: Sales) -> None:
    clock, tables = sets.clock, sets.case.tables
    every, time = np.arange(clock.count), clock.y[:, None] * clock.share
    slices = every[:, None]
    revenue = sold.marginal_revenue(sets)
    for number, (d, _) in enumerate(sets.steps):
        demand = tables.demands[d]
        entity = sets.entity_of[demand.entity]
        lines["revenue"].add(entity, slices, sales.served[number], revenue[number][:, None] * time)
        lines["penalties"].add(entity, every, sales.lost[number], -demand.penalty)
    for number, (process, _) in enumerate(sets.runs):
        cost = clock.mean(process.variable_cost) * clock.level(sets.index(process.index), clock.start)
        lines["variable cost"].add(sets.entity_of[process.entity], slices, activity.activity[number], -cost[:, None] * time)
    for number, batch in enumerate(sets.batches):
        name = sets.holdings[batch.holding][0]
        asset = sets.assets[name]
        cost = asset.fixed_opex * clock.level(sets.index(asset.opex_index), clock.start) * clock.y
        cost = cost if batch.lumped else cost * (1 + asset.ageing) ** age(sets, batch.born)
        lines["fixed opex"].add(sets.entity_of_asset(name), every, fleet.fleet[number], -cost)
    for number, contract in enumerate(tables.contracts):
        entity = sets.entity_of[contract.entity]
        price = contract.price * sold.pay_factor(contract)
        lines["revenue"].add(entity, slices, sales.delivered[number], price * time)
        lines["penalties"].add(entity, slices, sales.delivered[number], contract.penalty * time)
        lines["penalties"].given[entity] -= contract.penalty * clock.y * sales.signed[number]
        called, signed = _called(contract, sales, number)
        lines["penalties"].add(entity, every, signed, -contract.penalty * clock.y * called)


def _prepayments(lines: Ledger, sets: Sets, sales: Sales) -> None:
    clock = sets.clock
    every = np.arange(clock.count)
    for number, contract in enumerate(sets.case.tables.contracts):
        entity = sets.entity_of[contract.entity]
        ahead = contract.prepayment * contract.price * sold.pay_factor(contract)
        received, credited = lines["prepayments received"], lines["prepayments credited"]
        received.add(entity, every, sales.sign[number], ahead * contract.usage * sold.whole(contract))
        called, signed = _called(contract, sales, number)
        credited.add(entity, every, signed, -ahead * clock.y * called)
        credited.given[entity] -= ahead * clock.y * sales.signed[number]


def _called(contract: Contract, sales: Sales, number: int) -> tuple[Floats, NDArray[np.int32]]:
    """(T, T) volume called in a period per unit signed in another, and the columns signed; -1 where nothing is called."""
    height = sales.height[number, :-1]
    return contract.usage * height, np.where(height > 0, sales.sign[number][:, None], -1)


def _gates(program: Program, sets: Sets, fleet: Fleet, cash: Cash) -> None:
    gates, case = sets.case.tables.gates, sets.case
    amount = np.array([g.amount for g in gates]).reshape(-1, 1)
    rows = program.rows("gate", cash.missing.axes, lower=amount, where=cash.missing.index >= 0).add(1.0, cash.missing)
    for number, gate in enumerate(gates):
        for k, batch in enumerate(sets.batches):
            asset, place = sets.holdings[batch.holding]
            if asset == gate.asset and case.inside(place, gate.place):
                rows.add(1.0, fleet.fleet[k], at=number)
        entity = sets.entity_of[sets.programmes[gate.programme].entity]
        cash.lines["penalties"].add(entity, np.arange(sets.clock.count), cash.missing[number], -gate.penalty * sets.clock.y)


def _payments(cash: Cash, sets: Sets, fleet: Fleet) -> None:
    """Capex on its payment dates, by programme."""
    bills, clock = cash.bills, sets.clock
    owner = {p.name: n for n, p in enumerate(sets.case.tables.programmes)}
    line, parts = cash.spending["capex"], bills.instalments
    period = clock.holding(parts.month)
    within = period < clock.count
    programme = np.array([owner[o.asset.programme] for o in sets.options], int)
    option, t = parts.option[within], parts.t[within]
    line.add(programme[option], period[within], fleet.order[option, t], parts.amount[within])
    for number, (conversion, _) in enumerate(sets.conversions):
        programme_of = owner[sets.assets[conversion.target].programme]
        line.add(programme_of, np.arange(clock.count), fleet.convert[number], bills.conversion_price[number])
    for cohort in sets.case.tables.cohorts:
        months, amount = bills.cohort_payments(cohort)
        due = clock.holding(months)
        np.add.at(line.given[owner[sets.assets[cohort.asset].programme]], due[due < clock.count], amount)


def _spend(program: Program, sets: Sets, cash: Cash) -> None:
    """Capex of each programme, and its envelope for each calendar year."""
    clock, programmes = sets.clock, sets.case.tables.programmes
    line = cash.spending["capex"]
    line.into(program.rows("spend", cash.spend.axes, equal=line.given).add(1.0, cash.spend), -1.0)
    last = clock.last_of_year
    found = [np.full(clock.count, np.inf) if p.envelope is None else clock.mean(p.envelope) * clock.y for p in programmes]
    yearly = np.zeros((len(programmes), clock.count))
    for number, amount in enumerate(found):
        np.add.at(yearly[number], last, amount)
    where = (last == np.arange(clock.count)) & np.isfinite(yearly)
    program.rows("envelope", cash.spend.axes, upper=yearly, where=where).add(1.0, cash.spend, at=np.s_[:, last])


def _place(program: Program, sets: Sets, fleet: Fleet, cash: Cash) -> None:
    """Cost placed in service, by depreciation class."""
    bills, clock = cash.bills, sets.clock
    number_of = {key: n for n, key in enumerate(bills.classes)}
    given = np.zeros((len(bills.classes), clock.count))
    for cohort in sets.case.tables.cohorts:
        arrival, _ = sets.cohort_span(cohort)
        if 0 <= arrival < clock.count and bills.capitalised(cohort.asset):
            given[number_of[bills.class_of(cohort.asset)], arrival] += cohort.amount * cohort.price
    rows = program.rows("placed", cash.placed.axes, equal=given).add(1.0, cash.placed)
    option, t, u = fleet.arrivals
    named = [o.asset.name for o in sets.options]
    owner = np.array([number_of[bills.class_of(a)] if bills.capitalised(a) else -1 for a in named], int)
    kept = owner[option] >= 0
    option, t, u = option[kept], t[kept], u[kept]
    rows.add(-bills.price[option, t], fleet.order[option, t], at=(owner[option], u))
    for number, (conversion, _) in enumerate(sets.conversions):
        if bills.capitalised(conversion.target):
            u = fleet.delivery[number]
            here = np.flatnonzero(u < clock.count)
            price, columns = bills.conversion_price[number][here], fleet.convert[number][here]
            rows.add(-price, columns, at=(number_of[bills.class_of(conversion.target)], u[here]))


def _tax(program: Program, sets: Sets, cash: Cash) -> None:
    """Taxed income = margin - depreciation - what is expensed - deductible interest + change of losses carried."""
    clock, tables, bills = sets.clock, sets.case.tables, cash.bills
    given = np.zeros((len(tables.entities), clock.count))
    for cohort in tables.cohorts:
        if sets.cohort_span(cohort)[0] < 0 and bills.capitalised(cohort.asset):
            given[sets.entity_of_asset(cohort.asset)] -= bills.book(cohort)[0]
    given[:, 0] -= [e.losses for e in tables.entities]
    for debt in tables.debts:
        given[sets.entity_of[debt.entity], 0] -= debt.deductible * ((1 + debt.rate) ** clock.gap[0] - 1) * debt.opening
    rows = program.rows("tax", cash.taxed.axes, equal=given)
    rows.add(1.0, cash.taxed).add(-1.0, cash.margin).add(-1.0, cash.carry).add(1.0, cash.carry[:, :-1], at=np.s_[:, 1:])
    later = np.triu(np.ones((clock.count, clock.count), bool))
    for number, (entity, _) in enumerate(bills.classes):
        share = bills.deducted(number, clock.edges[None, :] - clock.start[:, None])
        rows.add(np.diff(share, axis=1), np.where(later, cash.placed[number][:, None], -1), at=entity)
    for number, programme in enumerate(tables.programmes):
        if programme.treatment == "expense":
            rows.add(1.0, cash.spend[number], at=sets.entity_of[programme.entity])
    for number, debt in enumerate(tables.debts):
        interest = debt.deductible * ((1 + debt.rate) ** clock.gap[1:] - 1)
        rows.add(interest, cash.debt[number, :-1], at=(sets.entity_of[debt.entity], np.arange(1, clock.count)))


def _free(program: Program, sets: Sets, cash: Cash) -> None:
    """Free cash flow after tax, before financing."""
    tables = sets.case.tables
    rate = np.array([e.tax_rate for e in tables.entities]).reshape(-1, 1)
    rows = program.rows("free", cash.free.axes, equal=cash.lines.given(PREPAID))
    rows.add(1.0, cash.free).add(-1.0, cash.margin).add(rate, cash.taxed)
    cash.lines.into(rows, PREPAID, -1.0)
    for number, programme in enumerate(tables.programmes):
        rows.add(1.0, cash.spend[number], at=sets.entity_of[programme.entity])


def _debt(program: Program, sets: Sets, cash: Cash) -> None:
    given = np.zeros((len(sets.case.tables.debts), sets.clock.count))
    given[:, 0] = [d.opening for d in sets.case.tables.debts]
    rows = program.rows("debt", cash.debt.axes, equal=given)
    rows.add(1.0, cash.debt).add(-1.0, cash.draw).add(1.0, cash.repay).add(-1.0, cash.debt[:, :-1], at=np.s_[:, 1:])


def _cash(program: Program, sets: Sets, cash: Cash) -> None:
    clock, tables = sets.clock, sets.case.tables
    grown = np.array([(1 + e.cash_yield) ** clock.gap for e in tables.entities]).reshape(-1, clock.count)
    given = np.array([clock.mean(e.base_cash) * clock.y for e in tables.entities]).reshape(-1, clock.count)
    given[:, 0] += grown[:, 0] * [e.cash for e in tables.entities]
    for debt in tables.debts:
        given[sets.entity_of[debt.entity], 0] -= ((1 + debt.rate) ** clock.gap[0] - 1) * debt.opening
    rows = program.rows("cash", cash.cash.axes, equal=given)
    rows.add(1.0, cash.cash).add(-1.0, cash.free).add(-grown[:, 1:], cash.cash[:, :-1], at=np.s_[:, 1:])
    rows.add(-1.0, cash.drawn).add(1.0, cash.paid)
    for number, entity in enumerate(tables.entities):
        if entity.parent:
            parent = sets.entity_of[entity.parent]
            rows.add(1.0, cash.drawn[number], at=parent).add(-1.0, cash.paid[number], at=parent)
    for number, debt in enumerate(tables.debts):
        entity_number = sets.entity_of[debt.entity]
        rows.add(-(1 - debt.fee), cash.draw[number], at=entity_number).add(1.0, cash.repay[number], at=entity_number)
        interest = (1 + debt.rate) ** clock.gap[1:] - 1
        rows.add(interest, cash.debt[number, :-1], at=(entity_number, np.arange(1, clock.count)))
