"""Facts: the sourced numbers behind `@name`, as far as they were known on the day of the case."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from barbell.core import path
from barbell.core.basis import Known
from barbell.core.errors import Fault
from barbell.core.path import Path
from barbell.core.relations import Fact
from barbell.core.spelling import suggestion
from barbell.core.units import Own, UnitError, factor
from barbell.io.raw import RawRow


Resolver = Callable[[str], Known]
"""What is known beyond the case's own files: facts by name, as they were known on a day."""


class CellError(ValueError):
    """A cell makes no sense; `problem` and `fix` are ready for a fault. `told` when the fault is told elsewhere already."""

    def __init__(self, problem: str, fix: str, *, told: bool = False) -> None:
        self.problem, self.fix, self.told = problem, fix, told
        super().__init__(problem)


def is_day(text: str) -> bool:
    """Whether `text` is a day of the calendar, written YYYY-MM-DD."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is None:
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


@dataclass
class Book:
    """The facts of a case by name, each with its versions by day; `as_of` is the day of the case.

    A fact of the case's own stands before one of the same name that is `known` anyway; `quotes` gathers those of the latter in use.
    What is known is asked for only when a cell needs it.
    """

    as_of: str
    resolve: Resolver = field(default=lambda _: {})
    versions: dict[str, dict[str, RawRow]] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)
    quotes: dict[str, Fact] = field(default_factory=dict)

    @cached_property
    def known(self) -> Known:
        """Facts beyond the case's own, as known on its day."""
        return self.resolve(self.as_of)

    def quoted(self, name: str) -> tuple[str, str]:
        """Value and unit, as text, of the latest version known; raises CellError when there is none."""
        if name in self.wrong:
            raise CellError(f"the fact '{name}' is faulty", "Mend it first", told=True)
        if name not in self.versions and name in self.known:
            fact = self.quotes[name] = self.known[name]
            return fact.value, fact.unit
        if name not in self.versions:
            raise CellError("there is no such fact", suggestion(name, [*self.versions, *self.known], "facts"))
        known = [day for day in sorted(self.versions[name]) if day <= self.as_of]
        if not known:
            first = min(self.versions[name])
            raise CellError(f"the fact was not known on {self.as_of}, only from {first}", "Move `as_of` in case.yaml, or use an earlier source")
        texts = self.versions[name][known[-1]].texts
        return texts["value"], texts["unit"]


def book(rows: dict[str, RawRow], resolve: Resolver, *, as_of: str, own: Own, faults: list[Fault]) -> Book:
    """Every fact of the table; those with a fault are told once, here, and not again where they are used."""
    found = Book(as_of, resolve)
    for row in rows.values():
        name, before = row.texts.get("name", ""), len(faults)
        if not {"value", "unit", "as_of"} <= row.cells.keys():
            found.wrong.add(name)
            continue
        faults.extend(_wrong(row, own))
        if len(faults) > before:
            found.wrong.add(name)
        found.versions.setdefault(name, {})[row.texts["as_of"]] = row
    return found


def _wrong(row: RawRow, own: Own) -> Iterator[Fault]:
    texts = row.texts
    if not is_day(texts["as_of"]):
        yield _fault(row, "as_of", "not a day of the calendar", "Write it as YYYY-MM-DD, such as 2026-01-31")
    try:
        factor(texts["unit"], texts["unit"], own)
    except UnitError as error:
        yield _fault(row, "unit", error.problem, error.fix)
    if texts.get("grade") == "S" and not (texts.get("low") and texts.get("high")):
        lacking = "low" if not texts.get("low") else "high"
        yield Fault(
            row.where.__class__(row.where.file, row.where.line, lacking),
            "",
            f"the fact '{texts['name']}' is an assumption (grade S) without its range",
            "Fill in `low` and `high`, in the unit of the value",
        )
    yield from _numbers(row)


def _numbers(row: RawRow) -> Iterator[Fault]:
    read: dict[str, float] = {}
    for name in ("value", "low", "high"):
        text = row.texts.get(name, "")
        try:
            values = Path.parse(text).values if name == "value" else (path.number(text),) if text else ()
        except ValueError as error:
            yield _fault(row, name, str(error), "Write a number such as 12 or 1.5e3, its unit in the column `unit`")
            return
        if len(values) == 1:
            read[name] = values[0]
    low, value, high = read.get("low"), read.get("value"), read.get("high")
    if low is not None and (high if value is None else value) is not None and low > (high if value is None else value):  # type: ignore[operator]
        yield _fault(row, "low", f"the range begins above the value {row.texts['value']}", "Give low <= value <= high")
    elif high is not None and value is not None and high < value:
        yield _fault(row, "high", f"the range ends below the value {row.texts['value']}", "Give low <= value <= high")


def _fault(row: RawRow, cell: str, problem: str, fix: str) -> Fault:
    return Fault(row.cells[cell].where, row.cells[cell].text, problem, fix)
