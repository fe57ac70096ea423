"""One cell: text in, a number, path, name or switch in canonical units out."""

from __future__ import annotations

import difflib
import re
import types
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, Union, get_args, get_origin

from barbell.core.errors import Where
from barbell.core.path import Path
from barbell.core.row import Row, Unit
from barbell.core.units import UnitError, factor

_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_DATED = re.compile(r"[0-9]{4}\S*:\S+")


class CellError(ValueError):
    """A cell cannot be read: `problem` and `fix`, ready for a fault."""

    def __init__(self, problem: str, fix: str) -> None:
        self.problem, self.fix = problem, fix
        super().__init__(f"{problem}. {fix}")


@dataclass(frozen=True)
class Cell:
    """Text of a cell, the unit of its column (None: none given), where it stands, and a factor put on it by an override."""

    text: str
    unit: str | None
    where: Where
    factor: float = 1.0
    fact: str = ""


@dataclass(frozen=True)
class Kind:
    """What a field holds: its sort, whether it may be empty, its unit if it counts something, and the words it allows."""

    sort: str
    optional: bool
    unit: str | None
    words: tuple[str, ...] = ()


@lru_cache(maxsize=512)
def kind_of(model: type[Row], field: str) -> Kind:
    """What a field of a table holds."""
    info = model.model_fields[field]
    unit = next((mark.text for mark in info.metadata if isinstance(mark, Unit)), None)
    annotation: Any = info.annotation
    while get_origin(annotation) is not None and hasattr(annotation, "__metadata__"):
        unit = next((mark.text for mark in annotation.__metadata__ if isinstance(mark, Unit)), unit)
        annotation = get_args(annotation)[0]
    optional = get_origin(annotation) in (Union, types.UnionType)
    if optional:
        annotation = next(a for a in get_args(annotation) if a is not type(None))
    words = tuple(str(w) for w in get_args(annotation)) if get_origin(annotation) is Literal else ()
    sort = "word" if words else {str: "text", bool: "switch", int: "count", float: "number", Path: "path"}[annotation]
    return Kind(sort, optional, unit, words)


def parse(cell: Cell, kind: Kind, canonical: str | None) -> Any:
    """Value of a cell in its canonical unit (None where the field counts nothing); raises CellError or UnitError."""
    if kind.sort in ("text", "word"):
        if kind.words and cell.text not in kind.words:
            raise CellError("is not one of " + ", ".join(w or "(empty)" for w in kind.words), closest(cell.text, kind.words))
        return cell.text
    if kind.sort == "switch":
        if cell.text.lower() not in ("true", "false"):
            raise CellError("is neither true nor false", "Write true or false")
        return cell.text.lower() == "true"
    if kind.sort == "count":
        if re.fullmatch(r"[-+]?[0-9]+", cell.text) is None:
            raise CellError("is not a whole number", "Write a whole number without a unit")
        return int(cell.text)
    number, unit = split(cell.text)
    path = _path(number)
    scale = cell.factor * _factor(unit or cell.unit, canonical)
    if kind.sort == "path":
        return path.map(lambda value: value * scale)
    if len(path.steps) > 1 or ":" in number:
        raise CellError("changes over time, but this number cannot", "Give one number; use an index or another field for change over time")
    return path.values[0] * scale


def split(text: str) -> tuple[str, str]:
    """(Number or path, unit or nothing) of a cell's text."""
    tokens = text.split()
    count = next((n for n, token in enumerate(tokens) if not (_DATED.match(token) or (n == 0 and ":" not in tokens[0]))), len(tokens))
    count = max(count, 1)
    return " ".join(tokens[:count]), " ".join(tokens[count:])


def _path(text: str) -> Path:
    plain = text.split()
    for token in plain:
        number = token.partition(":")[2] if ":" in token else token
        if _NUMBER.fullmatch(number) is None:
            raise CellError("is not a number", _advice(number))
    try:
        return Path.parse(text)
    except ValueError as error:
        raise CellError(str(error), "Write a number such as 30, or dated numbers such as 2026Q1:30 2027:45") from None


def _advice(number: str) -> str:
    if "," in number:
        return "Write thousands without commas and decimals with a point"
    if number.lower().lstrip("+-") in ("nan", "inf", "infinity", "na", "n/a", "none", "null", "-"):
        return "Give a finite number, or leave the cell empty where the field has a default"
    return "Write a number such as 30 or 1.5e3, then its unit if any"


def _factor(unit: str | None, canonical: str | None) -> float:
    if canonical in (None, "1"):
        if unit and unit != "1":
            return factor(unit, "1")
        return 1.0
    if unit is None:
        raise UnitError(f"has no unit; it counts in '{canonical}'", f"Write the unit in the header, such as [{canonical}], or after the number")
    return factor(unit, str(canonical))


def closest(name: str, known: Iterable[str]) -> str:
    """Advice that names what was probably meant."""
    names = [k for k in known if k]
    near = difflib.get_close_matches(name, names, 1, 0.6)
    if near:
        return f"Did you mean '{near[0]}'?"
    shown = ", ".join(names[:8]) + (" ..." if len(names) > 8 else "")
    return f"Known: {shown}" if names else "There are none"
