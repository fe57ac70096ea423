"""A series of actual figures from a CSV file, in the case's units: what happened, period by period; every fault at once."""

from __future__ import annotations

import math
from collections.abc import Callable
from os import PathLike
from pathlib import Path

from barbell.core.actual import METRICS, Actual
from barbell.core.case import Case
from barbell.core.errors import CaseError, Fault, Where
from barbell.core.horizon import Month
from barbell.core.spelling import suggestion
from barbell.core.units import UnitError, factor
from barbell.io.csv import sheet

REQUIRED = ("metric", "period", "value", "unit")
OPTIONAL = ("item", "place", "entity", "source", "note")
_MONTHS = {"Q": 3, "H": 6}
Say = Callable[[str, str, str, str], None]
"""Reports a fault: field, value, problem, fix."""


def series(path: str | PathLike[str], case: Case) -> tuple[Actual, ...]:
    """The figures of a file, in its order. Raises CaseError with every fault, each with its line."""
    faults: list[Fault] = []
    label = Path(path).name
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise CaseError([Fault(Where(str(path)), "", f"cannot be read: {reason}", "Name a CSV file")], folder="the series") from error
    found = sheet(text, label=label, faults=faults)
    rows: list[Actual] = []
    if found is not None and _header(found.header, Where(label, found.line), faults):
        for line, cells in found.records:
            record = dict.fromkeys(OPTIONAL, "") | dict(zip(found.header, cells, strict=True))
            actual = figure(record, case, Where(label, line), faults)
            rows += [actual] if actual else []
        faults += _twice(rows)
    if not rows and not faults:
        faults.append(Fault(Where(label), "", "there is no figure", "Write a line for each figure below the header"))
    if faults:
        raise CaseError(faults, folder=label)
    return tuple(rows)


def _header(header: tuple[str, ...], where: Where, faults: list[Fault]) -> bool:
    known = (*REQUIRED, *OPTIONAL)
    before = len(faults)
    for name in header:
        if name not in known:
            faults.append(Fault(where, name, "is no column of a series", suggestion(name, known, "columns")))
        elif header.count(name) > 1:
            faults.append(Fault(where, name, "stands twice", "Keep one of them"))
    faults += [
        Fault(where, "", f"the column '{name}' is missing", f"Add it; a series needs {', '.join(REQUIRED)}")
        for name in REQUIRED
        if name not in header
    ]
    return len(faults) == before


def figure(record: dict[str, str], case: Case, where: Where, faults: list[Fault]) -> Actual | None:
    """One figure from the texts of its cells; None, and every fault of its line, where one does not fit."""
    before = len(faults)

    def fault(field: str, value: str, problem: str, fix: str) -> None:
        faults.append(Fault(Where(where.file, where.line, field), value, problem, fix))

    metric = record["metric"]
    if metric not in METRICS:
        fault("metric", metric, "is no metric", suggestion(metric, tuple(METRICS), "metrics"))
        return None
    root = next(entity.name for entity in case.tables.entities if not entity.parent)
    entity = record["entity"] or root
    if entity not in {e.name for e in case.tables.entities}:
        fault("entity", entity, "is no entity of the case", suggestion(entity, tuple(e.name for e in case.tables.entities), "entities"))
    if record["place"] and record["place"] not in case.places:
        fault("place", record["place"], "is no place of the case", suggestion(record["place"], tuple(case.places), "places"))
    unit = _item(case, metric, record["item"], record["place"], fault)
    span = _span(case, record["period"])
    if isinstance(span, str):
        fault("period", record["period"], span, f"Write periods of the case, such as {case.horizon.labels[0]}, or a half or year made of them")
    value = _value(record["value"], fault)
    scale = _scale(record["unit"], unit, fault) if unit else None
    if len(faults) > before or isinstance(span, str) or value is None or scale is None or unit is None:
        return None
    own = entity if metric not in ("in_service", "ordered", "served") else ""
    return Actual(metric, record["item"], record["place"], own, record["period"], *span, value * scale, unit, record["source"], where)


def _item(case: Case, metric: str, item: str, place: str, fault: Say) -> str | None:
    """The unit of a metric of an item; None, and a fault, where the case has none of that name."""
    tables = case.tables
    if metric in ("in_service", "ordered"):
        units = {asset.name: asset.unit for asset in tables.assets}
        what = "assets"
    elif metric == "served":
        resources = {resource.name: resource.unit for resource in tables.resources}
        units = {row.name: resources[row.resource] for row in tables.demands} | {row.name: resources[row.resource] for row in tables.contracts}
        what = "demands and contracts"
        if place:
            fault("place", place, "a demand stands at one place: none is asked for", "Leave the cell empty")
    else:
        units = {"": case.money}
        what = "programmes" if metric == "capex" else "items of this metric"
        units |= {programme.name: case.money for programme in tables.programmes} if metric == "capex" else {}
        if place:
            fault("place", place, f"{metric} is told by entity, not by place", "Leave the cell empty")
    if item not in units:
        known = tuple(name for name in units if name)
        fault("item", item, f"is none of the case's {what}", suggestion(item, known, what) if known else "Leave the cell empty")
    return units.get(item)


def _span(case: Case, text: str) -> tuple[int, int] | str:
    """(First, stop) of the periods that a date of a series covers exactly; or what is wrong with it."""
    try:
        begin = Month.parse(text)
    except ValueError as error:
        return f"is {error}"
    length = _MONTHS.get(text[4:5], 12 if len(text) == 4 else 1)
    periods = case.horizon.periods
    starts, ends = [p.start for p in periods], [p.end for p in periods]
    if begin in starts and begin + length in ends:
        return starts.index(begin), ends.index(begin + length) + 1
    if begin < starts[0] or begin + length > ends[-1]:
        return "lies outside the horizon of the case"
    return "is not made of whole periods of the case"


def _value(text: str, fault: Say) -> float | None:
    try:
        value = float(text.replace(",", "").replace("_", ""))
    except ValueError:
        value = math.nan
    if math.isfinite(value):
        return value
    fault("value", text, "is not a number", "Write digits with a point, such as 43234 or 1.5")
    return None


def _scale(text: str, unit: str, fault: Say) -> float | None:
    """Units of the case in one unit of the series."""
    if text == unit:
        return 1.0
    try:
        return factor(text, unit)
    except UnitError as error:
        fault("unit", text, error.problem, error.fix)
        return None


def _twice(rows: list[Actual]) -> list[Fault]:
    """Faults of figures that stand for the same thing in overlapping periods."""
    faults: list[Fault] = []
    seen: dict[tuple[str, ...], Actual] = {}
    for row in rows:
        for t in range(row.first, row.stop):
            key = (row.metric, row.item, row.place, row.entity, str(t) if METRICS[row.metric] != "stand" else f"end {row.stop}")
            if key in seen and seen[key] is not row:
                problem = f"{row.name} is given in line {seen[key].where.line} for {seen[key].period} as well"
                faults.append(Fault(Where(row.where.file, row.where.line, "period"), row.period, problem, "Keep one of the two"))
                break
            seen[key] = row
    return faults
