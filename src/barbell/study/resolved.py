"""A case as the folder of its run keeps it: plain frames, numbers in the case's canonical units; and back again.

``case/<table>`` holds the rows of a table, ``case/origins`` where each cell came from, ``case/horizon``, ``case/horizon-slices`` and
``case/settings`` what is no table. A value over time is its text, exact, as a cell would write it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import polars as pl

from barbell.core.case import TABLES, Case, Origin, Risk, Tables
from barbell.core.errors import Where
from barbell.core.horizon import Horizon, Month, Period, Slice
from barbell.core.path import Path
from barbell.core.row import Row

FOLDER = "case"
"""Folder of these frames within a run."""

ORIGINS = dict.fromkeys(("table", "row", "field", "file"), pl.String) | {"line": pl.Int64, "text": pl.String, "fact": pl.String}
"""Columns of ``case/origins``: the cell, its spot in the files (the line counts from 1), its text there, the fact behind it or nothing."""
HORIZON = {"label": pl.String, "start": pl.String, "months": pl.Int64}
"""Columns of ``case/horizon``, a row for each period: its first month and its length."""
SLICES = {"name": pl.String, "day": pl.String, "hours": pl.Float64, "weight": pl.Float64}
"""Columns of ``case/horizon-slices``, as in `core.horizon.Slice`."""
SETTINGS = {"setting": pl.String, "value": pl.String}
"""Columns of ``case/settings``: name, question, money, as_of, report_end, whole_end (empty: the same), risk.weight, risk.tail."""

_KINDS: dict[Any, type[pl.DataType]] = {float: pl.Float64, int: pl.Int64, bool: pl.Boolean}


def resolved(case: Case) -> dict[str, pl.DataFrame]:
    """The frames of a case by name; a table without rows has none."""
    tables = {name: _rows(TABLES[name], case.tables.rows(name)) for name in TABLES if case.tables.rows(name)}
    origins = [(*spot, o.where.file, o.where.line, o.text, o.fact) for spot, o in case.origins.items()]
    horizon = case.horizon
    frames = {
        **tables,
        "origins": pl.DataFrame(origins, schema=ORIGINS, orient="row"),
        "horizon": pl.DataFrame([(p.label, str(p.start), p.months) for p in horizon.periods], schema=HORIZON, orient="row"),
        "horizon-slices": pl.DataFrame([(s.name, s.day, s.hours, s.weight) for s in horizon.slices], schema=SLICES, orient="row"),
        "settings": pl.DataFrame(list(_settings(case).items()), schema=SETTINGS, orient="row"),
    }
    return {f"{FOLDER}/{name}": frame for name, frame in frames.items()}


def revived(frames: Mapping[str, pl.DataFrame]) -> Case:
    """The case that `resolved` made frames of, equal to it. Raises KeyError or ValueError for frames that it did not make."""
    settings = dict(frames[f"{FOLDER}/settings"].iter_rows())
    periods = tuple(Period(Month.parse(start), months) for _, start, months in frames[f"{FOLDER}/horizon"].iter_rows())
    slices = tuple(Slice(*row) for row in frames[f"{FOLDER}/horizon-slices"].iter_rows())
    tables: dict[str, Any] = {name: _made(kind, frames.get(f"{FOLDER}/{name}")) for name, kind in TABLES.items()}
    origins = {
        (table, row, field): Origin(Where(file, line, field), text, fact)
        for table, row, field, file, line, text, fact in frames[f"{FOLDER}/origins"].iter_rows()
    }
    whole_end = settings.get("whole_end")
    horizon = Horizon(periods, slices, Month.parse(settings["report_end"]), Month.parse(whole_end) if whole_end else None)
    return Case(
        settings["name"], settings["question"], settings["money"], settings["as_of"],
        horizon, Risk(float(settings["risk.weight"]), float(settings["risk.tail"])),
        Tables(**tables), origins,
    )  # fmt: skip


def exact(path: Path) -> str:
    """A path as a cell that reads as the same path, every digit kept."""
    if len(path.steps) == 1 and path.steps[0][0] == Month.MIN:
        return repr(path.steps[0][1])
    return " ".join(f"{month}:{value!r}" for month, value in path.steps)


def _settings(case: Case) -> dict[str, str]:
    return {
        "name": case.name,
        "question": case.question,
        "money": case.money,
        "as_of": case.as_of,
        "report_end": str(case.horizon.report_end),
        "whole_end": str(case.horizon.whole_end or ""),
        "risk.weight": repr(case.risk.weight),
        "risk.tail": repr(case.risk.tail),
    }


def _rows(kind: type[Row], rows: tuple[Row, ...]) -> pl.DataFrame:
    """Rows as a frame, a column for each field in its type."""
    types = {name: _KINDS.get(_kind(kind, name), pl.String) for name in kind.model_fields}
    return pl.DataFrame([[_plain(value) for _, value in row] for row in rows], schema=types, orient="row")


def _made(kind: type[Row], frame: pl.DataFrame | None) -> tuple[Row, ...]:
    """Rows of a frame; its columns stand in the order of the fields."""
    paths = {name for name in kind.model_fields if _kind(kind, name) is Path}
    made = []
    for row in () if frame is None else frame.iter_rows(named=True):
        cells: dict[str, Any] = {name: Path.parse(value) if name in paths and value is not None else value for name, value in row.items()}
        made.append(kind(**cells))
    return tuple(made)


def _kind(row: type[Row], field: str) -> Any:
    """Type of a field, None aside."""
    kind = row.model_fields[field].annotation
    return next((part for part in get_args(kind) if part in (Path, float, int, bool)), kind)


def _plain(value: Any) -> Any:
    return exact(value) if isinstance(value, Path) else value
