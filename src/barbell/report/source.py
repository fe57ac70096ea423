"""What a report is made of: plain frames of one run, frozen. Whoever runs a case fills it; the report reads nothing else.

The schemas name the columns that are read; a frame may have more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

from barbell.core.case import Case
from barbell.study.chain import Book

if TYPE_CHECKING:
    from barbell.plan import Bottleneck
    from barbell.plan.solve import Status
    from barbell.study.kept import Kept
    from barbell.study.run import Run

Schema = Mapping[str, Any]

LINES: Schema = {"entity": pl.String, "scope": pl.String, "period": pl.String, "line": pl.String, "value": pl.Float64, "unit": pl.String}
"""Statement lines by period, each a positive amount of what its name says; `scope` is `own` or `consolidated`. A class or market follows
its line after a colon: ``capex: chips``."""
YEARS: Schema = {"entity": pl.String, "scope": pl.String, "year": pl.Int64, "line": pl.String, "value": pl.Float64, "unit": pl.String}
"""The same by calendar year."""
PROJECTS: Schema = {
    "project": pl.Int64, "source": pl.String, "programme": pl.String, "asset": pl.String, "place": pl.String,
    "ordered": pl.String, "in_service": pl.String, "units": pl.Float64, "unit": pl.String, "cost": pl.Float64,
}  # fmt: skip
"""One row a purchase: `ordered` and `in_service` are labels of periods; `ordered` is empty for what was under way at the start."""
COMMITTED: Schema = {"year": pl.Int64, "value": pl.Float64, "unit": pl.String}
"""Capex of a calendar year that was decided before the start."""
REASONS: Schema = {
    "scenario": pl.String, "market": pl.String, "demand": pl.String, "place": pl.String, "period": pl.String, "lost": pl.Float64,
    "waiting": pl.Float64, "unit": pl.String, "reason": pl.String, "thing_kind": pl.String, "thing": pl.String,
    "thing_place": pl.String, "cause": pl.String, "words": pl.String,
}  # fmt: skip
"""Why demand waits or is lost: `reason` is ``scarce``, ``price`` or ``later``; `cause` why there is no more of the thing, `words` a sentence."""
REPORTED: Schema = {
    "entity": pl.String, "segment": pl.String, "metric": pl.String, "basis": pl.String, "period": pl.String, "value": pl.Float64,
    "unit": pl.String, "as_of": pl.String, "source": pl.String, "grade": pl.String,
}  # fmt: skip
"""What was published. `segment` is `total` or the name of an entity of the case; `metric` one of those named in `report.actual`."""
ASSUMPTIONS: Schema = {
    "fact": pl.String, "value": pl.String, "unit": pl.String, "low": pl.String, "high": pl.String, "grade": pl.String,
    "source": pl.String, "cells": pl.String,
}  # fmt: skip
"""Every fact that the case uses, and the cells that use it; own assumptions have grade S and a range."""
NOWCAST: Schema = {
    "metric": pl.String, "period": pl.String, "planned": pl.Float64, "later": pl.Float64, "reported": pl.Float64, "unit": pl.String,
    "basis": pl.String,
    "source": pl.String, "reason": pl.String,
}  # fmt: skip
"""The plan beside what was reported after its day, and beside what would be planned with all that became known `later` (may be null);
`reason` says in a sentence why they differ."""
COST: Schema = {"chip": pl.String, "part": pl.String, "value": pl.Float64, "unit": pl.String}
"""Cost of one GW of IT by chip and part, in the case's money; a part ``all`` is their sum."""


def empty(schema: Schema) -> pl.DataFrame:
    """A frame of a schema without rows."""
    return pl.DataFrame(schema=dict(schema))


def _none(schema: Schema) -> Callable[[], pl.DataFrame]:
    return partial(empty, schema)


@dataclass(frozen=True)
class Baseline:
    """The plan of the greedy planner: its value, the parts of it and its tables."""

    value: float
    parts: Mapping[str, float]
    tables: Mapping[str, pl.DataFrame] | None = None


@dataclass(frozen=True)
class Source:
    """One run. Money counts in the case's unit, tables are those of `plan.tables`; a frame without rows leaves its part of the page out.

    `low_years` and `high_years` are the statements with every ranged fact at its bad and its good end.
    """

    case: Case
    value: float
    parts: Mapping[str, float]
    status: Status
    tables: Mapping[str, pl.DataFrame]
    lines: pl.DataFrame = field(default_factory=_none(LINES))
    years: pl.DataFrame = field(default_factory=_none(YEARS))
    projects: pl.DataFrame = field(default_factory=_none(PROJECTS))
    committed: pl.DataFrame = field(default_factory=_none(COMMITTED))
    low_years: pl.DataFrame = field(default_factory=_none(YEARS))
    high_years: pl.DataFrame = field(default_factory=_none(YEARS))
    greedy: Baseline | None = None
    reasons: pl.DataFrame = field(default_factory=_none(REASONS))
    bottlenecks: Sequence[Bottleneck] = ()
    reported: pl.DataFrame = field(default_factory=_none(REPORTED))
    assumptions: pl.DataFrame = field(default_factory=_none(ASSUMPTIONS))
    nowcast: pl.DataFrame = field(default_factory=_none(NOWCAST))
    cost: pl.DataFrame = field(default_factory=_none(COST))
    not_modelled: tuple[str, ...] = ()
    seconds: float = 0.0
    peak_mb: float = 0.0
    book: Book | None = field(default=None, compare=False)
    """Every number by its address, for cells that open; none where the run is not at hand."""


def source(run: Run) -> Source:
    """What a report needs of a run."""
    stated = run.statements
    low, high = (empty(YEARS) if frame is None else frame for frame in (run.low_years, run.high_years))
    return Source(
        case=run.case, value=run.plan.value, parts=run.plan.parts, status=run.plan.status, tables=run.plan.tables,
        lines=stated.lines, years=stated.years, projects=stated.projects, committed=run.committed, low_years=low, high_years=high,
        greedy=Baseline(run.greedy.value, run.greedy.parts, run.greedy.tables) if run.greedy else None,
        reasons=run.reasons, bottlenecks=run.bottlenecks,
        reported=run.reported, assumptions=run.assumptions, nowcast=run.nowcast, cost=run.cost, not_modelled=stated.not_modelled,
        seconds=run.seconds, peak_mb=run.peak_mb, book=Book(run.case, run.frames),
    )  # fmt: skip


def recalled(kept: Kept) -> Source:
    """The same of a run that was kept: what `source` made of it then."""
    frames, answer = kept.frames, kept.manifest["answer"]
    whole = {name: frames[name] for name in ("committed", "reasons", "reported", "assumptions", "nowcast", "cost")}
    stated = kept.under("statements")
    low, high = (stated.get(name, empty(YEARS)) for name in ("years-low", "years-high"))
    tables = {name: frame for name, frame in kept.under("greedy").items() if name != "parts"}
    return Source(
        case=kept.case, value=kept.value, parts=kept.parts(), status=kept.status, tables=kept.tables,
        lines=stated["lines"], years=stated["years"], projects=stated["projects"], low_years=low, high_years=high,
        greedy=Baseline(answer["greedy"], kept.parts("greedy/parts"), tables) if tables else None, book=Book(kept.case, kept.frames),
        bottlenecks=kept.bottlenecks, not_modelled=tuple(answer["not_modelled"]),
        seconds=kept.manifest["seconds"], peak_mb=math.nan if kept.manifest["peak_mb"] is None else kept.manifest["peak_mb"], **whole,
    )  # fmt: skip
