"""Text to values: words, dates, numbers and paths, converted into canonical units at the door and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile

from barbell.core.column import Column
from barbell.core.horizon import Month
from barbell.core.path import Path
from barbell.core.spelling import suggestion
from barbell.core.units import Own, UnitError, factor
from barbell.io.facts import Book, CellError
from barbell.io.raw import Cell

Value = str | bool | int | float | Path
_NUMERIC = ("whole", "number", "path")


@dataclass(frozen=True)
class Target:
    """What a cell has to become: its column, the canonical unit, and how placeholders in a written unit are filled."""

    column: Column
    unit: str | None
    fill: Callable[[str], str | None]


def value_of(cell: Cell, target: Target, *, own: Own, facts: Book) -> Value:
    """Value of a cell in its canonical unit; raises CellError."""
    column = target.column
    if column.kind in _NUMERIC:
        return _shaped(_quantity(cell, target, own=own, facts=facts), column)
    if cell.factor != 1.0:
        raise CellError("only numbers and paths can be multiplied", "Give the new value itself")
    if fact_in(cell.text):
        raise CellError("a fact cannot stand here, only in cells with numbers", "Write the word itself")
    if column.kind == "choice" and cell.text not in column.choices:
        raise CellError("not one of the words that this column knows", suggestion(cell.text, column.choices))
    if column.kind == "date":
        _month(cell.text)
    if column.kind == "flag":
        return _flag(cell.text)
    return cell.text


def _month(text: str) -> None:
    try:
        Month.parse(text)
    except ValueError as error:
        raise CellError(str(error), "Write a month such as 2026-07, or 2026Q3, 2026H2, 2026 for the first month of it") from None


def _flag(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise CellError("neither true nor false", "Write true or false")
    return text.lower() == "true"


def _quantity(cell: Cell, target: Target, *, own: Own, facts: Book) -> Path:
    body, written = _split(cell.text)
    name = fact_in(body)
    sign = -1.0 if name and body.startswith("-") else 1.0
    if name:
        if written:
            raise CellError("a fact brings its own unit", f"Write '{body}' alone")
        body, unit = facts.quoted(name)
    else:
        unit = written or cell.unit
    path = _path(body)
    if target.unit is None:
        raise CellError("the unit depends on a row that is not there", "Mend the reference", told=True)
    times = sign * cell.factor * _factor(unit, target, own=own)
    return path.map(lambda value: value * times) if times != 1.0 else path


def fact_in(text: str) -> str:
    """Name of the fact that a cell refers to, as ``@name`` or ``-@name``; empty where it refers to none."""
    return text.removeprefix("-")[1:] if text.startswith(("@", "-@")) else ""


def _split(text: str) -> tuple[str, str]:
    """Number or path, and the unit behind it."""
    words = text.split()
    steps = list(takewhile(lambda word: ":" in word, words)) or words[:1]
    return " ".join(steps), " ".join(words[len(steps) :])


def _path(body: str) -> Path:
    try:
        return Path.parse(body)
    except ValueError as error:
        raise CellError(str(error).removeprefix(f"'{body}' "), _advice(body)) from None


def _advice(body: str) -> str:
    if ":" in body:
        return "Write a path as DATE:VALUE steps with ascending dates, such as 2026Q1:30 2027:45"
    if body.lower().lstrip("+-") in ("nan", "inf", "infinity", "na", "n/a", "null", "none", ""):
        return "Write a finite number; an empty cell means the default, where the field has one"
    if "," in body:
        return "Write it without commas and with a decimal point, such as 1000, 1_000 or 1.5"
    if re.match(r"[-+.0-9]*[0-9][A-DF-Za-df-z%]", body):
        return "Put a space between number and unit, such as 12 MW"
    return "Write a number such as 12 or 1.5e3, a path such as 2026Q1:30 2027:45, or a fact such as @name"


def _factor(unit: str, target: Target, *, own: Own) -> float:
    want = target.unit or ""
    if not unit:
        if target.column.labelled:
            name = target.column.name
            raise CellError("the number has no unit", f"Write it in the header, '{name} [{want}]', or behind the number")
        return 1.0
    have = target.fill(unit)
    if have is None:
        raise CellError(f"the placeholder in '{unit}' stands for nothing here", f"Write a unit such as '{want}'")
    try:
        factor(want, want, own)
    except UnitError as error:
        raise CellError(error.problem, error.fix, told=True) from None
    try:
        return factor(have, want, own)
    except UnitError as error:
        raise CellError(error.problem, error.fix) from None


def _shaped(path: Path, column: Column) -> Path | float | int:
    if column.kind == "path":
        return path
    if path != Path.constant(path.steps[0][1]):
        raise CellError("this number cannot change over time", "Give one number; where prices change, name an index")
    value = path.steps[0][1]
    if column.kind == "number":
        return value
    if abs(value - round(value)) > 1e-9:
        raise CellError("not a whole number", f"Round it{' to whole months' if column.unit == 'month' else ''}")
    return round(value)
