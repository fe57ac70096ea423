"""Results by calendar year, within what is reported: the mean over all futures where the future forks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from barbell.core.branch import chances, leaves
from barbell.core.case import Case
from barbell.finance import statements


def calendar(case: Case) -> dict[str, int]:
    """Year of each period that is reported, by its label."""
    return {period.label: period.start.year for period in case.horizon.periods if period.start < case.horizon.report_end}


def expected(case: Case, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows with each `value` times the chance of its scenario, so that sums over scenarios are means."""
    chance = pl.col("scenario").replace_strict(chances(case), return_dtype=pl.Float64)
    return frame.with_columns(pl.col("value") * chance)


def by_year(case: Case, frame: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Sum of `value` by keys and year, expected."""
    year = calendar(case)
    kept = expected(case, frame.filter(pl.col("period").is_in(list(year))))
    named = kept.with_columns(pl.col("period").replace_strict(year, return_dtype=pl.Int64).alias("year"))
    return named.group_by(*keys, "year", maintain_order=True).agg(pl.col("value").sum())


def mean_by_year(case: Case, frame: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Mean of `value` by keys and year, expected; over the part of the year that is reported."""
    year, length = calendar(case), dict(zip(case.horizon.labels, case.horizon.years, strict=True))
    span: dict[int, float] = {}
    for label, at in year.items():
        span[at] = span.get(at, 0.0) + length[label]
    weight = {label: length[label] / span[at] for label, at in year.items()}
    kept = frame.filter(pl.col("period").is_in(list(year)))
    return by_year(case, kept.with_columns(pl.col("value") * pl.col("period").replace_strict(weight, return_dtype=pl.Float64)), keys)


def stated_by_year(case: Case, tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Lines of money of the statements of a plan by year: entity, scope, year, line, value, unit; expected."""
    chance = chances(case)
    futures = [statements(case, tables, leaf).years.with_columns(pl.col("value") * chance[leaf]) for leaf in leaves(case)]
    money = pl.concat(futures).filter((pl.col("unit") == case.money) & pl.col("year").is_in(sorted(set(calendar(case).values()))))
    return money.group_by("entity", "scope", "year", "line", "unit", maintain_order=True).agg(pl.col("value").sum())
