"""The plan beside what was reported after its day."""

from __future__ import annotations

import math

import polars as pl

from barbell.report.figure import Cell, Figure, Grid, Section
from barbell.report.number import percent, told
from barbell.report.source import Source


def section(source: Source) -> Section | None:
    """A table of misses; nothing where nothing has been reported since."""
    frame = source.nowcast
    if not frame.height:
        return None
    rows = [_row(row) for row in frame.iter_rows(named=True)]
    misses = [(row["metric"], miss(row)) for row in frame.iter_rows(named=True) if math.isfinite(miss(row))]
    near = sum(abs(m) <= 0.1 for _, m in misses)
    worst = max(misses, key=lambda pair: abs(pair[1]), default=("", math.nan))
    heads = ("what", "period", "why", "basis", "source", "unit", "plan", "reported", "miss (%)")
    message = f"{near} of {len(misses)} figures lie within 10 % of what was reported; the widest miss is {worst[0]}, {_signed(worst[1])}"
    figure = Figure("nowcast", message, Grid("Plan and reported figures", heads, tuple(rows), 6), open=True)
    said = f"The plan knows nothing later than {source.case.as_of} and was not tuned to these figures."
    return Section("nowcast", "Nowcast: the plan against what was reported", (said,), (figure,))


def miss(row: dict[str, float]) -> float:
    """Plan over reported, less one."""
    return row["planned"] / row["reported"] - 1 if row["reported"] else math.nan


def _signed(share: float) -> str:
    return f"+{percent(share)}" if share > 0 else percent(share)


def _row(row: dict[str, float]) -> tuple[Cell, ...]:
    words = tuple(Cell(str(row[name])) for name in ("metric", "period", "reason", "basis", "source", "unit"))
    share = miss(row)
    numbers = (Cell(told(row["planned"], 4), row["planned"]), Cell(told(row["reported"], 4), row["reported"]))
    return (*words, *numbers, Cell(_signed(share).removesuffix(" %"), 100 * share))


def later(frame: pl.DataFrame, as_of: str) -> pl.DataFrame:
    """Reported figures that became known after a day."""
    return frame.filter(pl.col("as_of") > as_of)
