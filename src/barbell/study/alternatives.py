"""What else is nearly as good: a few plans far from each other, how far each decision can go, and what is done in all of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from barbell.core.branch import foreseen
from barbell.core.errors import CaseError, Fault, Where
from barbell.io import read
from barbell.plan import Options, Plan, solve
from barbell.plan.near import Direction, Near, directions, nearby
from barbell.study.known import known

MUST = 0.5
"""Share of what the best plan orders from which on an order that every plan places is a must."""
SOME = 1e-6
"""Amounts below this are none."""

Say = Callable[[str], None]
KEY = ["action", "item", "place", "unit", "year"]


@dataclass(frozen=True)
class Alternatives:
    """The best plan, every plan found within the share of its value, and the few that are shown.

    `ranges`: least and most of each direction among all plans found, and the best plan's. `values`: directions, value and number of sites
    that order anything, a column for each plan shown. `decisions`: orders by item and year, likewise. `musts`: orders by item, place
    and year that every plan found places, with the least of them. Money counts in the case's unit.
    """

    best: Plan
    within: float
    found: tuple[Near, ...]
    shown: tuple[Near, ...]
    ranges: pl.DataFrame
    values: pl.DataFrame
    decisions: pl.DataFrame
    musts: pl.DataFrame

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the plans that are shown, the best one first."""
        return ("best", *(near.name for near in self.shown))


def alternatives(
    path: str | os.PathLike[str],
    changes: Mapping[str, str] | None = None,
    *,
    within: float = 0.005,
    count: int = 4,
    options: Options | None = None,
    progress: Say | None = None,
) -> Alternatives:
    """Plans of the case in a folder that are worth at least (1 - within) of the best one. Raises what `barbell.plan` raises."""
    if not 0 < within < 1 or count < 1:
        fix = "Give a share above 0 and below 1, such as 0.005, and one plan or more"
        raise CaseError([Fault(Where("alternatives"), f"{within:g}, {count}", "asks for no other plans", fix)], folder="the command")
    say = progress or (lambda _: None)
    return beside(solve(read(path, changes, known), options=options, progress=say), within=within, count=count, progress=say)


def beside(best: Plan, *, within: float, count: int, progress: Say = lambda _: None) -> Alternatives:
    """The alternatives to a plan that is there already."""
    asked = directions(best.forest)
    found = tuple(nearby(best, within, asked, progress))
    shown = _diverse(best, asked, found, count)
    plans = [best, *(near.plan for near in shown)]
    names = ["best", *(near.name for near in shown)]
    return Alternatives(
        best, within, found, shown, _ranges(best, asked, found), _values(asked, plans, names),
        _decisions(plans, names), _musts(best, found),
    )  # fmt: skip


def _diverse(best: Plan, asked: Sequence[Direction], found: Sequence[Near], count: int) -> tuple[Near, ...]:
    """Plans far from the best one and from each other, by their directions, each counted in its own range."""
    points = np.array([[direction.of(plan.solution.x) for direction in asked] for plan in (best, *(near.plan for near in found))])
    span = np.ptp(points, axis=0)
    points = points / np.where(span > SOME, span, np.inf)
    taken: list[int] = [0]
    while len(taken) <= count:
        distance = np.min(np.abs(points[:, None, :] - points[None, taken, :]).sum(axis=2), axis=1)
        far = int(np.argmax(distance))
        if distance[far] <= SOME:
            break
        taken.append(far)
    return tuple(found[number - 1] for number in taken[1:])


def _ranges(best: Plan, asked: Sequence[Direction], found: Sequence[Near]) -> pl.DataFrame:
    rows = []
    for direction in asked:
        at = direction.of(best.solution.x)
        there = [at, *(direction.of(near.plan.solution.x) for near in found)]
        rows.append((direction.name, direction.unit, min(there), at, max(there)))
    schema = {"what": pl.String, "unit": pl.String, "least": pl.Float64, "best": pl.Float64, "most": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _values(asked: Sequence[Direction], plans: Sequence[Plan], names: Sequence[str]) -> pl.DataFrame:
    rows: list[tuple[str, str, *tuple[float, ...]]] = [("value", plans[0].case.money, *(plan.value for plan in plans))]
    rows += [(direction.name, direction.unit, *(direction.of(plan.solution.x) for plan in plans)) for direction in asked]
    rows.append(("places that order", "", *(float(_ordered(plan)["place"].n_unique()) for plan in plans)))
    return pl.DataFrame(rows, schema={"what": pl.String, "unit": pl.String, **dict.fromkeys(names, pl.Float64)}, orient="row")


def _ordered(plan: Plan) -> pl.DataFrame:
    """Orders and conversions by item, place and calendar year of what is reported, before any fork; those of nothing left out."""
    case = plan.case
    year = {period.label: str(period.start.year) for period in foreseen(case)}
    frame = plan.tables["orders"].filter((pl.col("action") != "retire") & pl.col("period").is_in(list(year)))
    frame = frame.with_columns(pl.col("period").replace_strict(year).alias("year")) if frame.height else frame.with_columns(year=pl.lit(""))
    return frame.group_by(KEY, maintain_order=True).agg(pl.col("value").sum()).filter(pl.col("value") > SOME)


def _decisions(plans: Sequence[Plan], names: Sequence[str]) -> pl.DataFrame:
    """Orders by item and year, a column for each plan; where the plans differ by most money comes first."""
    key = ["action", "item", "unit", "year"]
    parts = [
        _ordered(plan).group_by(key, maintain_order=True).agg(pl.col("value").sum().alias(name)) for plan, name in zip(plans, names, strict=True)
    ]
    table = parts[0]
    for part in parts[1:]:
        table = table.join(part, on=key, how="full", coalesce=True)
    table = table.with_columns(pl.col(list(names)).fill_null(0.0))
    stake = (pl.max_horizontal(names) - pl.min_horizontal(names)) * _price(plans[0])
    return table.sort(stake, "item", "year", "action", descending=[True, False, False, False])


def _price(plan: Plan) -> pl.Expr:
    """Price of a unit of each item: what orders are ranked by."""
    return pl.col("item").replace_strict({asset.name: asset.capex for asset in plan.case.tables.assets}, return_dtype=pl.Float64)


def _musts(best: Plan, found: Sequence[Near]) -> pl.DataFrame:
    """Orders of the best plan that every plan found places, at least `MUST` of them, by year; what costs most comes first."""
    table = _ordered(best).rename({"value": "best"})
    for number, near in enumerate(found):
        part = _ordered(near.plan).rename({"value": f"plan {number}"})
        table = table.join(part, on=KEY, how="left")
    plans = ["best", *(f"plan {number}" for number in range(len(found)))]
    table = table.with_columns(pl.min_horizontal(pl.col(plans).fill_null(0.0)).alias("least"))
    kept = table.filter((pl.col("least") > SOME) & (pl.col("least") >= MUST * pl.col("best")))
    return kept.sort("year", pl.col("least") * _price(best), descending=[False, True]).select(*KEY, "least", "best")
