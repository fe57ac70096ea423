"""Columns: what the marks of a row's fields say, and the unit in which a cell counts.

Reading, checking, templates, schema and reference pages all ask here, so that a new field needs no second place.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import AfterValidator
from pydantic.fields import FieldInfo

from barbell.core.path import Path
from barbell.core.row import Date, Range, Ref, Row, Unit

Kind = Literal["text", "choice", "date", "flag", "whole", "number", "path"]
Look = Callable[[str, str], Mapping[str, str] | None]
"""Finds the text cells of a row by table and name; None when there is no such row."""

_HOLE = re.compile(r"\{([a-z_]+)(?::([a-z]+))?\}")
_MEASURED = {"activity": "processes", "order": "assets", "service": "assets", "fleet": "assets", "retire": "assets"}
_DATE = get_args(Date)[1]


@dataclass(frozen=True)
class Column:
    """A field of a table. `unit` is its canonical unit with placeholders; `labelled` whether a cell must state a unit."""

    name: str
    kind: Kind
    unit: str
    labelled: bool
    ref: str
    range: Range
    choices: tuple[str, ...]
    required: bool
    default: Any
    help: str


@lru_cache(maxsize=128)
def columns(row: type[Row]) -> Mapping[str, Column]:
    """The columns of a table by name, in the order of its fields, `note` last."""
    names = [name for name in row.model_fields if name != "note"]
    return {name: _column(name, row.model_fields[name]) for name in [*names, "note"]}


def _column(name: str, field: FieldInfo) -> Column:
    marks = field.metadata
    unit = next((mark.text for mark in marks if isinstance(mark, Unit)), "")
    kind, choices = _kind(field)
    months = kind in ("whole", "number") and name.endswith("months")
    return Column(
        name=name,
        kind=kind,
        unit=unit or ("month" if months else "1" if kind in ("whole", "number", "path") else ""),
        labelled=unit not in ("", "1"),
        ref=next((mark.table for mark in marks if isinstance(mark, Ref)), ""),
        range=next((mark for mark in marks if isinstance(mark, Range)), Range()),
        choices=choices,
        required=field.is_required(),
        default=None if field.is_required() else field.default,
        help=" ".join((field.description or "").split()),
    )


def _kind(field: FieldInfo) -> tuple[Kind, tuple[str, ...]]:
    annotation = field.annotation
    if get_origin(annotation) in (Union, types.UnionType):
        annotation = next(part for part in get_args(annotation) if part is not type(None))
    if get_origin(annotation) is Literal:
        return "choice", tuple(get_args(annotation))
    if annotation is str:
        return ("date" if any(isinstance(m, AfterValidator) and m is _DATE for m in field.metadata) else "text"), ()
    kinds: dict[Any, Kind] = {bool: "flag", int: "whole", float: "number", Path: "path"}
    return kinds[annotation], ()


@lru_cache(maxsize=512)
def depends(text: str) -> tuple[str, ...]:
    """Cells of a row on which a unit with placeholders depends."""
    holes = [hole[1] for hole in _HOLE.finditer(text)]
    return tuple(name for hole in holes if hole != "money" for name in (("measure", "item") if hole == "measure" else (hole,)))


def canonical(text: str, *, row: type[Row], cells: Mapping[str, str], money: str, look: Look) -> str | None:
    """A unit with its placeholders filled in from a row's cells; None when a row that it points to is missing."""
    if "{" not in text:
        return text
    missing = False

    def fill(hole: re.Match[str]) -> str:
        nonlocal missing
        found = _filled(hole[1], hole[2] or "", row=row, cells=cells, money=money, look=look)
        missing = missing or found is None
        return _bracketed(found or "")

    filled = _HOLE.sub(fill, text)
    return None if missing else filled


def _filled(hole: str, part: str, *, row: type[Row], cells: Mapping[str, str], money: str, look: Look) -> str | None:
    if hole == "money":
        return money
    if hole == "unit":
        return cells.get("unit")
    if hole == "measure":
        return _measured(cells, money=money, look=look)
    column = columns(row).get(hole)
    target = look(column.ref, cells.get(hole, "")) if column and column.ref else None
    if target is None or not column:
        return None
    if column.ref == "demands":
        return _unit(look("resources", target.get("resource", "")))
    return _of_resource(target, part) if column.ref == "resources" else target.get("unit")


def _of_resource(resource: Mapping[str, str], part: str) -> str | None:
    unit, flow = resource.get("unit"), resource.get("kind") == "flow"
    if not unit or not part:
        return unit
    if part == "rate":
        return unit if flow else f"{_bracketed(unit)}/year"
    return f"{_bracketed(unit)}*year" if flow else unit


def _measured(cells: Mapping[str, str], *, money: str, look: Look) -> str | None:
    measure, item = cells.get("measure", ""), cells.get("item", "")
    if measure in _MEASURED:
        return _unit(look(_MEASURED[measure], item))
    if measure != "served":
        return money
    served = look("demands", item) or look("contracts", item)
    return _unit(look("resources", served.get("resource", ""))) if served else None


def _unit(cells: Mapping[str, str] | None) -> str | None:
    return cells.get("unit") if cells else None


def _bracketed(unit: str) -> str:
    return f"({unit})" if re.search(r"[*/ ^]", unit) else unit
