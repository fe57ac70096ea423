"""Values over time cover the horizon; dates that belong together fit."""

from __future__ import annotations

from collections.abc import Iterator

from barbell.core.case import TABLES, Case
from barbell.core.check.names import fault
from barbell.core.errors import Fault
from barbell.core.horizon import Month
from barbell.core.path import Path


def paths(case: Case) -> Iterator[Fault]:
    """A path has a value from the first month of the horizon on; price indices may be asked for earlier."""
    for table, model in TABLES.items():
        for field in model.model_fields if table != "changes" else ():
            for row in case.tables.rows(table):
                value = getattr(row, field)
                if isinstance(value, Path) and value.at(case.horizon.start) is None:
                    yield fault(case, row, field, value, f"has no value before {value.steps[0][0]}", f"Start it by {case.horizon.start}")


def cohorts(case: Case) -> Iterator[Fault]:
    """Every cohort has a date of service; only what is under way is unpaid; only what stands has a book value."""
    for cohort in case.tables.cohorts:
        if not cohort.service:
            yield fault(case, cohort, "service", "", "has no date of service", "Give the month of entering service, past or to come")
            continue
        standing = Month.parse(cohort.service) < case.horizon.start
        if standing and cohort.paid < 1:
            yield fault(case, cohort, "paid", cohort.paid, "stands already but is not paid", "Set paid to 1, or a later service date")
        if not standing and cohort.book_value:
            yield fault(case, cohort, "book_value", cohort.book_value, "is not yet in service", "Give price and paid instead of a book value")


def contracts(case: Case) -> Iterator[Fault]:
    """A contract is signed (it starts) or on offer (it opens and closes)."""
    for contract in case.tables.contracts:
        if contract.starts and (contract.opens or contract.closes or contract.lead_months):
            fix = "Signed: give starts only. On offer: give opens, closes and lead_months, and leave starts empty"
            yield fault(case, contract, "starts", contract.starts, "is both signed and on offer", fix)


def windows(case: Case) -> Iterator[Fault]:
    """What opens does so before it closes; the report ends within the horizon."""
    tables = case.tables
    spans = [*((o, "opens", "closes") for o in tables.options), *((k, "opens", "closes") for k in tables.contracts)]
    spans += [(limit, "starts", "ends") for limit in tables.limits]
    for row, first, last in spans:
        opens, closes = getattr(row, first), getattr(row, last)
        if opens and closes and Month.parse(opens) >= Month.parse(closes):
            yield fault(case, row, last, closes, f"is not after {first} {opens}", "Give a later date, or leave one empty")
    if not case.horizon.start < case.horizon.report_end <= case.horizon.end:
        where = case.where("case", "horizon", "report_end")
        span = f"between {case.horizon.start} and {case.horizon.end}"
        yield Fault(where, str(case.horizon.report_end), "report_end lies outside the horizon", f"Give a month {span}")


RULES = (paths, cohorts, contracts, windows)
