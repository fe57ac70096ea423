"""The plan beside what was reported after its day."""

from __future__ import annotations

import math
from typing import Any

import polars as pl

from barbell.report import query
from barbell.report.figure import Cell, Figure, Grid, Section
from barbell.report.number import SPACE, percent, told
from barbell.report.sections.ladder import standing
from barbell.report.source import Source
from barbell.study.chain.ground import slug


def section(source: Source) -> Section | None:
    """A table of misses; nothing where nothing has been reported since."""
    frame = source.nowcast
    if not frame.height:
        return None
    rows = [_row(row, source) for row in frame.iter_rows(named=True)]
    misses = [(row["metric"], miss(row)) for row in frame.iter_rows(named=True) if math.isfinite(miss(row))]
    near = sum(abs(m) <= 0.1 for _, m in misses)
    worst = max(misses, key=lambda pair: abs(pair[1]), default=("", math.nan))
    heads = ("what", "period", "basis", "unit", "plan", "with later facts", "reported", "miss (%)")
    message = f"{near} of {len(misses)} figures lie within 10 % of what was reported; the widest miss is {worst[0]}, {_signed(worst[1])}"
    figure = Figure(
        "nowcast",
        message,
        Grid("Plan and reported figures", heads, tuple(rows), 4),
        notes=tuple(_why(row) for row in frame.iter_rows(named=True)),
        open=True,
    )
    said = (
        (
            f"The plan knows no fact later than {source.case.as_of}. Assumptions (grade S) carry no proof of when they were chosen: "
            "where their author knew these figures, the table compares, it does not test."
        ),
        *_megawatts(source),
    )
    return Section("nowcast", "Nowcast: the plan against what was reported", said, (figure,))


def _megawatts(source: Source) -> tuple[str, ...]:
    """What the plan has in service where nothing was reported to set beside it."""
    later = source.reported.filter(pl.col("metric").str.starts_with("power") & (pl.col("as_of") > source.case.as_of))
    grid = standing(source).get("grid", {})
    period = next((p for p in reversed(source.nowcast["period"].to_list()) if p in grid), "")
    if later.height or not period:
        return ()
    return (f"Megawatts: the plan has {told(grid[period] / 1000)} GW of grid in service in {period}; none were reported since, to set beside it.",)


def _why(row: dict[str, Any]) -> str:
    """A line below the table: why the plan differs, and who reported the figure."""
    return f"{row['metric']}, {row['period']}: {row['reason']} Reported: {row['source']}."


def miss(row: dict[str, Any]) -> float:
    """Plan over reported, less one."""
    return float(row["planned"] / row["reported"] - 1) if row["reported"] else math.nan


def _signed(share: float) -> str:
    return f"+{percent(share)}" if share > 0 else percent(share)


def _row(row: dict[str, Any], source: Source) -> tuple[Cell, ...]:
    """A line of the table; money in the size of the page."""
    money, share = query.worth(source), miss(row)
    factor, unit = (money.factor, money.unit) if row["unit"] == source.case.money else (1.0, str(row["unit"]))
    words = tuple(Cell(str(row[name])) for name in ("metric", "period", "basis"))
    amounts = [math.nan if row[name] is None else row[name] * factor for name in ("planned", "later", "reported")]
    at = f"nowcast/{slug(row['metric'])}/{row['period']}"
    spots = [f"{at}/{name}" for name in ("planned", "later", "reported")]
    numbers = tuple(Cell("" if math.isnan(amount) else told(amount, 4), amount, spot) for amount, spot in zip(amounts, spots, strict=True))
    return (*words, Cell(unit), *numbers, Cell(_signed(share).removesuffix(f"{SPACE}%"), 100 * share, f"{at}/miss"))
