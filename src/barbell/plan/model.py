"""The whole problem of one path, written equation by equation, with the handles by which results are read."""

from __future__ import annotations

from dataclasses import dataclass

from barbell.core.case import Case
from barbell.plan.equations import balance, capacity, cash, demand, fleet, limit, value
from barbell.plan.lp import Program, Template
from barbell.plan.sets import Sets


@dataclass(frozen=True)
class Model:
    """A case as a linear program of one path.

    The equations' variables number columns as they were written; `template.written` finds them in the sorted template.
    """

    sets: Sets
    template: Template
    fleet: fleet.Fleet
    sales: demand.Sales
    cash: cash.Cash
    value: value.Value


def write(case: Case) -> Model:
    """Write the seven equations of a case as one path sees it."""
    sets = Sets(case)
    program = Program(sets.clock.count)
    stands = fleet.write(program, sets)
    runs = capacity.write(program, sets, stands)
    sales = demand.write(program, sets)
    stores = balance.write(program, sets, stands, runs, sales)
    money = cash.write(program, sets, stands, runs, sales)
    limit.write(program, limit.Measured(sets, stands, runs, sales, money))
    worth = value.write(program, sets, stands, sales, stores, money)
    return Model(sets, program.freeze(), stands, sales, money, worth)
