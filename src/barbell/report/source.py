"""What a report is made of: plain frames of one run, frozen. Whoever runs a case fills it; the report reads nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from barbell.core.case import Case

if TYPE_CHECKING:
    from barbell.plan import Bottleneck
    from barbell.plan.solve import Status

Schema = Mapping[str, Any]

LINES: Schema = {"entity": pl.String, "scope": pl.String, "period": pl.String, "line": pl.String, "value": pl.Float64, "unit": pl.String}
"""Statement lines by period; `scope` is `own` or `consolidated`. A class or market follows its line after a colon: ``capex: chips``."""
YEARS: Schema = {"entity": pl.String, "scope": pl.String, "year": pl.Int64, "line": pl.String, "value": pl.Float64, "unit": pl.String}
"""The same by calendar year."""
CAPITAL: Schema = {
    "entity": pl.String, "class": pl.String, "period": pl.String, "opening": pl.Float64, "additions": pl.Float64,
    "depreciation": pl.Float64, "disposals": pl.Float64, "closing": pl.Float64,
}  # fmt: skip
"""Net property in service by class of depreciation."""
PROJECTS: Schema = {
    "entity": pl.String, "programme": pl.String, "asset": pl.String, "place": pl.String, "class": pl.String, "ordered": pl.String,
    "service": pl.String, "units": pl.Float64, "unit": pl.String, "price": pl.Float64, "cost": pl.Float64,
}  # fmt: skip
"""One row an order: `ordered` and `service` are labels of periods, `service` is `late` where it lies past the horizon; `cost` in money."""
REASONS: Schema = {
    "scenario": pl.String, "market": pl.String, "demand": pl.String, "place": pl.String, "period": pl.String, "lost": pl.Float64,
    "waiting": pl.Float64, "unit": pl.String, "reason": pl.String, "thing_kind": pl.String, "thing": pl.String,
    "thing_place": pl.String, "share": pl.Float64,
}  # fmt: skip
"""Why demand waits or is lost; `reason` is a sentence."""
REPORTED: Schema = {
    "entity": pl.String, "segment": pl.String, "metric": pl.String, "basis": pl.String, "period": pl.String, "value": pl.Float64,
    "unit": pl.String, "as_of": pl.String, "source": pl.String, "grade": pl.String,
}  # fmt: skip
"""What was published. `segment` is `total` or the name of an entity of the case; `metric` one of those named in `report.actual`."""
ASSUMPTIONS: Schema = {
    "fact": pl.String, "value": pl.String, "unit": pl.String, "low": pl.String, "high": pl.String, "grade": pl.String,
    "source": pl.String, "cells": pl.String,
}  # fmt: skip
"""What was assumed, and the cells that use it."""
NOWCAST: Schema = {
    "metric": pl.String, "period": pl.String, "planned": pl.Float64, "reported": pl.Float64, "unit": pl.String, "basis": pl.String,
    "source": pl.String, "reason": pl.String,
}  # fmt: skip
"""The plan beside what was reported after its day; `reason` says why they differ, in a sentence."""
COST: Schema = {"chip": pl.String, "part": pl.String, "value": pl.Float64, "unit": pl.String}
"""Cost of one GW of IT by chip and part, in the case's money; parts in the order of the ladder."""
COMMITTED: Schema = {"year": pl.Int64, "value": pl.Float64, "unit": pl.String}
"""Capex of a calendar year that was decided before the start."""


def empty(schema: Schema) -> pl.DataFrame:
    """A frame of a schema without rows."""
    return pl.DataFrame(schema=dict(schema))


def _none(schema: Schema) -> Any:
    return field(default_factory=lambda: empty(schema))


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
    lines: pl.DataFrame = _none(LINES)
    years: pl.DataFrame = _none(YEARS)
    capital: pl.DataFrame = _none(CAPITAL)
    projects: pl.DataFrame = _none(PROJECTS)
    low_years: pl.DataFrame = _none(YEARS)
    high_years: pl.DataFrame = _none(YEARS)
    greedy: Baseline | None = None
    reasons: pl.DataFrame = _none(REASONS)
    bottlenecks: Sequence[Bottleneck] = ()
    reported: pl.DataFrame = _none(REPORTED)
    assumptions: pl.DataFrame = _none(ASSUMPTIONS)
    nowcast: pl.DataFrame = _none(NOWCAST)
    cost: pl.DataFrame = _none(COST)
    committed: pl.DataFrame = _none(COMMITTED)
    not_modelled: tuple[str, ...] = ()
    seconds: float = 0.0
    peak_mb: float = 0.0
