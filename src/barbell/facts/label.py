"""Guards over labels: periods that mean what they say, definitions that are never spliced, knowledge that comes after the event."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator

from barbell.core.errors import Fault, Where
from barbell.facts.figure import Figure
from barbell.facts.store import is_day

REPORTED = frozenset({"amazon.csv", "peers.csv", "statements.csv"})
"""Files of what companies have reported: nothing in them can be known before its period ends."""
FISCAL = {"msft": 6, "orcl": 5}
"""Companies whose fiscal year does not end in December, with the month in which it does."""
_LABEL = re.compile(r"(FY)?([0-9]{4}|[0-9]{2})(?:([QH])([1-4]))?")
_DEFINITION = re.compile(r"definition_(to|from)_([0-9]{4}Q[1-4])")
_MONEY = re.compile(r"USD([0-9]{4})")


def label_faults(rows: Iterable[Figure]) -> Iterator[Fault]:
    """Calendar labels of fiscal periods and the reverse, figures known before their period ended, money of another year, spliced definitions."""
    stock = tuple(rows)
    for row in stock:
        if row.file in REPORTED:
            yield from _period(row)
        yield from _definition(row)
    yield from _splices(stock)


def _period(row: Figure) -> Iterator[Fault]:
    found = _LABEL.fullmatch(row.period)
    if not found:
        return
    fiscal, shifted = bool(found[1]), row.entity in FISCAL
    if fiscal and not shifted:
        yield _fault(row, "period", f"is a fiscal label, but {row.entity} reports by calendar years", f"Write {row.period.removeprefix('FY')}")
    if shifted and not fiscal and not found[3]:
        yield _fault(row, "period", f"is a calendar year, but {row.entity} reports by fiscal years", f"Write FY{row.period}")
    year, month = _end(row)
    if is_day(row.as_of) and "consensus" not in row.metric and row.as_of < f"{year}-{month:02d}-{min(28, calendar.monthrange(year, month)[1])}":
        yield _fault(row, "as_of", f"lies before the end of {row.period}", "Give the day of the release")
    money = _MONEY.search(row.unit)
    years = {year - 1, year} if fiscal else {year}
    if money and int(money[1]) not in years:
        yield _fault(row, "unit", f"is not money of {row.period}", f"Write USD{year}")


def _end(row: Figure) -> tuple[int, int]:
    """Year and month in which the labelled period ends."""
    found = _LABEL.fullmatch(row.period)
    if found is None:
        raise ValueError(f"'{row.period}' is not a labelled period")
    year = int(found[2]) if len(found[2]) == 4 else 2000 + int(found[2])
    parts = {"Q": 3, "H": 6}.get(found[3] or "", 12)
    month = parts * int(found[4]) if found[3] else 12
    if found[1] and row.entity in FISCAL:
        month += FISCAL[row.entity] - 12
        if month <= 0:
            year, month = year - 1, month + 12
    return year, month


def _definition(row: Figure) -> Iterator[Fault]:
    """A definition that ends or begins with a quarter holds only on its side of it."""
    found = _DEFINITION.fullmatch(row.basis)
    if found and row.span == "quarter" and ((row.period > found[2]) if found[1] == "to" else (row.period < found[2])):
        yield _fault(row, "basis", f"does not hold in {row.period}", "Use the definition of that quarter: two definitions are two series")


def _splices(rows: tuple[Figure, ...]) -> Iterator[Fault]:
    """Versions of one fact count the same thing, unless a note says that the basis changes; no series has an unnamed definition beside named ones."""
    first: dict[str, Figure] = {}
    for row in sorted(rows, key=lambda row: (row.name, row.as_of)):
        before = first.get(row.name)
        if before and before.basis != row.basis and "basis" not in row.note:
            yield _fault(row, "basis", f"follows '{before.basis}' under one name", "Give it a name of its own, or say in the note what basis changes")
        first[row.name] = row
    bases: dict[tuple[str, str, str], set[str]] = {}
    for row in rows:
        if row.file in REPORTED:
            bases.setdefault((row.entity, row.segment, row.metric), set()).add(row.basis)
    for row in rows:
        if row.file in REPORTED and not row.basis and len(bases[row.entity, row.segment, row.metric]) > 1:
            yield _fault(row, "basis", "is empty where others name theirs", "Name the definition: two definitions are two series")


def _fault(row: Figure, field: str, problem: str, fix: str) -> Fault:
    return Fault(Where(row.file, row.line, field), f"{row.name}: {getattr(row, field)}", problem, fix)
