"""Dates: what begins before it ends, what is due within the horizon, paths that say something from the start."""

from __future__ import annotations

from collections.abc import Iterator

from barbell.core.case import TABLES, Case
from barbell.core.check.told import told
from barbell.core.column import columns
from barbell.core.errors import Fault
from barbell.core.horizon import Month
from barbell.core.relations import Cohort, Contract
from barbell.core.row import Row

_BEGINS = {"limits": "starts", "contracts": "opens", "options": "opens"}
_SPANS = (("limits", "starts", "ends"), ("options", "opens", "closes"), ("contracts", "opens", "closes"))


def required(case: Case, table: str) -> Iterator[Fault]:
    """Dates without which a row of a table means nothing are there."""
    for name, column in columns(TABLES[table]).items():
        if column.kind == "date" and column.required:
            for row in case.tables.rows(table):
                if not getattr(row, name):
                    yield told(case, row, name, "the date is missing", f"Fill it in: {column.help}")


def spans(case: Case) -> Iterator[Fault]:
    """Nothing ends before it begins."""
    for table, first, last in _SPANS:
        for row in case.tables.rows(table):
            begins, ends = getattr(row, first), getattr(row, last)
            if begins and ends and Month.parse(ends) <= Month.parse(begins):
                yield told(case, row, last, f"not after '{first}', {begins}", "Let it end after it begins, or leave the cell empty")


def paths(case: Case) -> Iterator[Fault]:
    """A path says something from the moment on from which it is read."""
    for table, model in TABLES.items():
        names = [name for name, column in columns(model).items() if column.kind == "path" and table != "changes"]
        for row in case.tables.rows(table) if names else ():
            since = _since(case, row)
            for name in names:
                path = getattr(row, name)
                if path is not None and path.steps[0][0] > since:
                    problem = f"the path begins in {path.steps[0][0]}, but is read from {since} on"
                    yield told(case, row, name, problem, f"Begin it in {since} or earlier")


def _since(case: Case, row: Row) -> Month:
    """First month in which a row's paths are read."""
    start, periods = case.horizon.start, case.horizon.periods
    if isinstance(row, Contract) and row.starts:  # a signed contract may begin within a period, which is read as a whole
        at = case.horizon.holding(max(Month.parse(row.starts), start))
        return periods[at].start if at < len(periods) else Month.parse(row.starts)
    begins = getattr(row, _BEGINS[row.table]) if row.table in _BEGINS else ""
    if not begins:
        return start
    at = case.horizon.arrival(Month.parse(begins))
    return periods[at].start if at < len(periods) else Month.parse(begins)


def gains(case: Case) -> Iterator[Fault]:
    """The gains of an asset reach back to the oldest cohort that stands."""
    index = {row.name: row for row in case.tables.indices}
    for cohort in case.tables.cohorts:
        asset = next(row for row in case.tables.assets if row.name == cohort.asset)
        if asset.gain and index[asset.gain].path.steps[0][0] > Month.parse(cohort.service):
            begins = index[asset.gain].path.steps[0][0]
            problem = f"it entered service before the gains '{asset.gain}' begin, in {begins}"
            yield told(case, cohort, "service", problem, f"Let the path of '{asset.gain}' begin by {cohort.service}")


def cohorts(case: Case) -> Iterator[Fault]:
    """What stands is paid for; what is under way has a price for what is still due."""
    for row in case.tables.cohorts:
        yield from _cohort(case, row)


def _cohort(case: Case, row: Cohort) -> Iterator[Fault]:
    start, service = case.horizon.start, Month.parse(row.service)
    if row.paid < 1 and service <= start:
        yield told(case, row, "paid", f"not all is paid, yet it is in service since {row.service}", "Let service follow the start, or paid be 1")
    if row.paid < 1 and not row.price:
        yield told(case, row, "price", "something is still to be paid, but there is no price", "Give the contract price of a unit")
    if row.book_value and service > start:
        yield told(case, row, "book_value", "not in service yet, so nothing has been depreciated", "Leave the cell empty and give its price")


def contracts(case: Case) -> Iterator[Fault]:
    """A contract is signed or on offer."""
    for row in case.tables.contracts:
        if not row.starts:
            continue
        for cell in ("opens", "closes", "lead_months"):
            if getattr(row, cell):
                problem = f"it is signed, since it starts in {row.starts}, and on offer"
                yield told(case, row, cell, problem, "Leave 'starts' empty for an offer, or this cell for a signed contract")
        if _ended(row, case.horizon.start):
            yield told(case, row, "term_months", "the contract ends before the start of the horizon", "Remove it, or mend its start or term")


def _ended(row: Contract, start: Month) -> bool:
    return Month.parse(row.starts) + row.term_months <= start


def gates(case: Case) -> Iterator[Fault]:
    """A milestone is due within the horizon."""
    for row in case.tables.gates:
        if case.horizon.arrival(Month.parse(row.by)) == len(case.horizon.periods):
            last = case.horizon.periods[-1].start
            yield told(case, row, "by", "no period of the horizon starts at or after it", f"Use {last} or earlier, or lengthen the horizon")
