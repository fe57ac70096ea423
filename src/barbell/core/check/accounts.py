"""Accounts: what is wanted must come from somewhere, and each kind of resource has its own fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from barbell.core.case import Case
from barbell.core.check.sites import account_place, running, standing
from barbell.core.check.told import told
from barbell.core.errors import Fault
from barbell.core.nouns import Demand, Resource
from barbell.core.relations import Account, Contract
from barbell.core.row import Row


@dataclass(frozen=True)
class Booking:
    """Something booked to a resource at a place: `makes` adds to the account, `takes` draws on it."""

    row: Row
    cell: str
    resource: str
    place: str
    makes: bool
    takes: bool


def bookings(case: Case) -> Iterator[Booking]:
    """Everything that is booked to accounts, at the place where it happens."""
    stands, runs = standing(case), running(case)
    for rate in case.tables.rates:
        makes, takes = any(v > 0 for v in rate.rate.values), any(v < 0 for v in rate.rate.values)
        for place in runs[rate.process]:
            yield Booking(rate, "resource", rate.resource, rate.place or place, makes, takes)
    for take in case.tables.takes:
        for place in sorted(stands.get(take.asset, ())):
            yield Booking(take, "resource", take.resource, place, take.amount < 0, take.amount > 0)
    for sale in sold(case):
        yield Booking(sale, "resource", sale.resource, sale.place, makes=False, takes=True)


def sold(case: Case) -> tuple[Demand | Contract, ...]:
    """What customers ask for: demands and contracts."""
    return (*case.tables.demands, *case.tables.contracts)


def resources(case: Case) -> Iterator[Fault]:
    """A stock has a clock, an allowance a window, a flow neither."""
    for row in case.tables.resources:
        if row.kind == "stock" and not row.clock:
            yield told(case, row, "clock", "a stock needs a clock", "Write slice (cyclic within a day) or period")
        if row.kind != "stock" and row.clock:
            yield told(case, row, "clock", f"only a stock has a clock, and this is {_an(row.kind)}", "Leave the cell empty")
        if row.kind == "allowance" and not row.window:
            yield told(case, row, "window", "an allowance needs a window", "Write period, year or horizon")
        if row.kind != "allowance" and row.window:
            yield told(case, row, "window", f"only an allowance has a window, and this is {_an(row.kind)}", "Leave the cell empty")


def _an(kind: str) -> str:
    return f"an {kind}" if kind == "allowance" else f"a {kind}"


def accounts(case: Case) -> Iterator[Fault]:
    """An account lies at the level of its resource and says only what its kind knows."""
    known = {row.name: row for row in case.tables.resources}
    for row in case.tables.accounts:
        resource = known[row.resource]
        if case.places[row.place].kind != resource.level:
            problem = f"'{row.resource}' balances at places of kind '{resource.level}', and this is a {case.places[row.place].kind}"
            spots = case.spread(resource.level)
            yield told(case, row, "place", problem, f"Use one of: {', '.join(spots)}" if spots else "Mend the level of the resource")
        for cell in _foreign(row, resource):
            kind = f"{resource.kind} on the {resource.clock} clock" if resource.clock else resource.kind
            yield told(case, row, cell, f"this has no meaning for a {kind}", "Leave the cell empty")
        if resource.kind == "allowance" and row.budget is None:
            yield told(case, row, "budget", "an allowance without budget", "Give the budget of each window")
        if row.ceiling is not None and (first := row.ceiling.at(case.horizon.start)) is not None and row.initial > first:
            yield told(case, row, "initial", f"more than the account can hold, {first:g}", "Lower it or raise the ceiling")


def _foreign(row: Account, resource: Resource) -> Iterator[str]:
    stock, carried = resource.kind == "stock", resource.clock == "period"
    if row.initial and not (stock and carried):
        yield "initial"
    if row.ceiling is not None and not stock:
        yield "ceiling"
    if row.loss and not stock:
        yield "loss"
    if row.closing_value and not (stock and carried):
        yield "closing_value"
    if row.budget is not None and resource.kind != "allowance":
        yield "budget"


def sales(case: Case) -> Iterator[Fault]:
    """Only a flow can be sold."""
    known = {row.name: row for row in case.tables.resources}
    for row in sold(case):
        if (kind := known[row.resource].kind) != "flow":
            problem = f"only a flow can be sold, and '{row.resource}' is {_an(kind)}"
            yield told(case, row, "resource", problem, "Sell a flow that a process makes from it")


def levels(case: Case) -> Iterator[Fault]:
    """What is booked finds a place of the resource's level around it, and a take no stock that only turns within a day."""
    known, kinds = {row.name: row for row in case.tables.resources}, {place.kind for place in case.tables.places}
    seen: set[tuple[str, str]] = set()
    for booking in bookings(case):
        resource, name = known[booking.resource], (booking.row.table, booking.row.id)
        if name in seen:
            continue
        if resource.level in kinds and account_place(case, resource, booking.place) is None:
            seen.add(name)
            problem = f"it balances at places of kind '{resource.level}', but neither '{booking.place}' nor a place around it is one"
            yield told(case, booking.row, booking.cell, problem, "Mend the level of the resource, or book at such a place or below")
        if booking.row.table == "takes" and resource.clock == "slice":
            seen.add(name)
            problem = "orders and installations cannot draw on a stock that turns within the day"
            yield told(case, booking.row, booking.cell, problem, "Put the resource on the period clock")


def supply(case: Case) -> Iterator[Fault]:
    """What is wanted of an account comes from a process, an opening stock or a budget."""
    known = {row.name: row for row in case.tables.resources}
    wanted: dict[tuple[str, str], Booking] = {}
    supplied = {(row.resource, row.place) for row in case.tables.accounts if row.initial > 0 or row.budget is not None}
    for booking in bookings(case):
        place = account_place(case, known[booking.resource], booking.place)
        if place is None:
            continue
        if booking.makes:
            supplied.add((booking.resource, place))
        if booking.takes:
            wanted.setdefault((booking.resource, place), booking)
    for (resource, place), booking in wanted.items():
        if (resource, place) in supplied:
            continue
        if known[resource].kind == "allowance":
            problem, fix = f"the allowance {resource}@{place} has no budget", f"Add '{resource},{place}' with its budget to accounts.csv"
        else:
            problem = f"nobody produces {resource}@{place}, and it is wanted here"
            fix = f"Add a process with a positive rate of '{resource}' that can run at '{place}' or below"
        yield told(case, booking.row, booking.cell, problem, fix)
