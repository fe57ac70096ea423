"""A plan beside what happened since, and what remains free planned again from there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from barbell.core.actual import HELD, METRICS, Actual
from barbell.core.case import Case
from barbell.core.errors import CaseError, Fault, Where
from barbell.finance import Statements, statements
from barbell.io import figure, read, series
from barbell.plan import Held, Options, Plan, entities_below, follow, solve
from barbell.study.compare import Answer, Comparison, Variant, side_by_side
from barbell.study.known import known
from barbell.study.reported import reported, tickers
from barbell.study.years import calendar, expected, stated_by_year

NEAR = 1e-3
"""A figure is held where the case comes nearer to it than this share."""
PLAN, AGAIN = "plan", "re-plan"
_LINES = {"capex": "capex", "revenue": "revenue", "operating_income": "operating income",
          "operating_cash_flow": "operating cash flow", "free_cash_flow": "free cash flow"}  # fmt: skip
_BASES = {"capex": "net_of_proceeds", "ppe_net": "as_reported"}
"""Basis on which the plan counts a metric of the whole group; segments are counted on the basis ``segment``."""
SERIES: Mapping[str, Any] = {
    "metric": pl.String, "what": pl.String, "period": pl.String, "unit": pl.String, "planned": pl.Float64, "actual": pl.Float64,
    "difference": pl.Float64, "share": pl.Float64, "planned_so_far": pl.Float64, "actual_so_far": pl.Float64, "replanned": pl.Float64,
    "held": pl.String, "source": pl.String, "file": pl.String, "line": pl.Int64,
}  # fmt: skip
"""One row for each figure; `held` is yes, no (compared only), or how far off the case stays."""


@dataclass(frozen=True)
class Actuals:
    """A plan, what happened beside it, and the plan from there.

    `series` has the columns of `SERIES`; `paths` what the plan and the re-plan say of each metric in every period (what, metric, period,
    unit, plan, replan); `through` is the label of the last period that is held; `compared` sets the two plans side by side
    (its prices those of later periods); `misses`
    tells in words what the case cannot be held to. `parts` is the value by part of both, `standing` what stands at the end of each year.
    """

    case: Case
    plan: Plan
    replan: Plan
    through: str
    series: pl.DataFrame
    paths: pl.DataFrame
    compared: Comparison
    misses: tuple[str, ...]
    parts: pl.DataFrame
    standing: pl.DataFrame


def actuals(
    path: str | os.PathLike[str],
    changes: Mapping[str, str] | None = None,
    *,
    file: str | os.PathLike[str] | None = None,
    as_of: str = "",
    from_store: bool = False,
    options: Options | None = None,
    progress: Callable[[str], None] | None = None,
) -> Actuals:
    """Set the figures of a CSV `file`, or those that the store holds as reported, beside the plan of a case, as known on `as_of`.

    Raises CaseError with every fault of the case or the series, and what a plan raises.
    """
    say = progress or (lambda _: None)
    case = read(path, {**(changes or {}), **({"as_of": as_of} if as_of else {})}, known)
    found = _given(case, file, from_store=from_store)
    say("planning")
    plan = solve(case, options=options)
    held = tuple(actual for actual in found if actual.metric in HELD)
    until = max(actual.stop for actual in found)
    say("finding what the case can be held to, and planning the rest again")
    replan, kept = follow(plan, held, until) if held else (plan, ())
    stated = {PLAN: statements(case, plan.tables), AGAIN: statements(case, replan.tables)}
    told = _Told(case, {PLAN: plan, AGAIN: replan}, stated)
    answers = tuple(Answer(Variant(name, os.fspath(path), {}), p, stated_by_year(case, p.tables)) for name, p in told.plans.items())
    frame = _series(told, found, kept)
    later = case.horizon.labels[until:]
    compared = replace(side_by_side(answers), prices=_binding(plan, replan, later))
    through, paths = case.horizon.labels[until - 1], _paths(told, found)
    return Actuals(case, plan, replan, through, frame, paths, compared, _misses(kept), _parts(plan, replan), _standing(plan, replan))


def _given(case: Case, file: str | os.PathLike[str] | None, *, from_store: bool) -> tuple[Actual, ...]:
    """The figures asked for: of a file, of the store, or both one after the other."""
    found = (series(file, case) if file is not None else ()) + (tuple(published(case)) if from_store else ())
    if not found:
        problem = "holds no figure of a period of the case" if from_store else "no series is given"
        raise CaseError([Fault(Where("--series"), "", problem, "Give --series FILE.csv, or --reported for what the store holds")], "the command")
    return found


def published(case: Case) -> Iterator[Actual]:
    """What the entities of a case have reported for its periods, on the plan's basis, in the finest periods that fit."""
    names = {entity.name for entity in case.tables.entities}
    root = next(entity.name for entity in case.tables.entities if not entity.parent)
    owner = {code.lower(): name for code, name in tickers(case).items()}
    taken: set[tuple[str, str, int]] = set()
    fineness = pl.col("period").str.slice(4, 1).replace_strict({"Q": 0, "H": 1}, default=2)
    for row in reported(case).sort(fineness, "period", "as_of", descending=[False, False, True]).iter_rows(named=True):
        metric, segment = row["metric"], row["segment"].lower()
        entity = owner[row["entity"].lower()] if segment == "total" else segment
        if metric not in METRICS or entity not in names or row["basis"] != _BASES.get(metric, "" if entity == root else "segment"):
            continue
        if (metric, entity) == ("ppe_net", root):
            continue  # the plan holds the property of its own programmes only
        record = {"metric": metric, "item": "", "place": "", "entity": entity, "period": row["period"], "value": f"{row['value']:.10g}"}
        actual = figure(record | {"unit": row["unit"], "source": row["source"]}, case, Where("reported", 0, metric), [])
        spots = [(metric, entity, t) for t in range(actual.first, actual.stop)] if actual else []
        if actual and not taken.intersection(spots):
            taken.update(spots)
            yield actual


@dataclass(frozen=True)
class _Told:
    """What both plans say of a metric, period by period."""

    case: Case
    plans: Mapping[str, Plan]
    stated: Mapping[str, Statements]

    def by_period(self, name: str, actual: Actual) -> list[float]:
        """What a plan says of an actual's metric in every period."""
        values = dict(_rows(self.plans[name], self.stated[name], self.case, actual))
        return [values.get(label, 0.0) for label in self.case.horizon.labels]

    def over(self, name: str, actual: Actual) -> float:
        """The same over the periods of the figure."""
        values, years = self.by_period(name, actual)[actual.first : actual.stop], self.case.horizon.years[actual.first : actual.stop]
        sort = METRICS[actual.metric]
        if sort == "stand":
            return values[-1]
        return sum(values) if sort == "flow" else sum(v * y for v, y in zip(values, years, strict=True)) / sum(years)


def _rows(plan: Plan, stated: Statements, case: Case, actual: Actual) -> Iterator[tuple[str, float]]:
    if actual.metric in _LINES and not actual.item:
        root = next(entity.name for entity in case.tables.entities if not entity.parent)
        scope = "consolidated" if actual.entity == root else "own"
        rows = stated.lines.filter((pl.col("line") == _LINES[actual.metric]) & (pl.col("entity") == actual.entity) & (pl.col("scope") == scope))
        sign = -1.0 if actual.metric == "capex" and rows.height and float(rows["value"].sum()) < 0 else 1.0
        return iter([(period, sign * value) for period, value in zip(rows["period"], rows["value"], strict=True)])
    if actual.metric == "capex":
        kept = stated.projects.filter(pl.col("programme") == actual.item)["project"].to_list()
        return _sums(stated.payments.filter(pl.col("project").is_in(kept)))
    if actual.metric == "ppe_net":
        below = list(entities_below(case, actual.entity) if case.tables.entities[0].name == actual.entity else {actual.entity})
        return _sums(pl.concat([f.filter(pl.col("entity").is_in(below)).select("period", pl.col("closing").alias("value"))
                                for f in (stated.capital, stated.construction)]))  # fmt: skip
    if actual.metric == "served":
        sold = plan.tables["served"].filter(pl.col("item") == actual.item).select("scenario", "period", pl.col("served").alias("value"))
        signed = plan.tables["contracts"].filter(pl.col("item") == actual.item).select("scenario", "period", pl.col("delivered").alias("value"))
        return _sums(expected(case, pl.concat([sold, signed])))
    table = "fleet" if actual.metric == "in_service" else "orders"
    places = [place for place in case.places if case.inside(place, actual.place)]
    rows = plan.tables[table].filter((pl.col("item") == actual.item) & pl.col("place").is_in(places))
    return _sums(expected(case, rows.filter(pl.col("action") == "order") if table == "orders" else rows))


def _sums(rows: pl.DataFrame) -> Iterator[tuple[str, float]]:
    total = rows.group_by("period", maintain_order=True).agg(pl.col("value").sum())
    return iter(list(zip(total["period"].to_list(), total["value"].to_list(), strict=True)))


def _series(told: _Told, found: Sequence[Actual], kept: Sequence[Held]) -> pl.DataFrame:
    near = {id(held.actual): held for held in kept}
    so_far: dict[str, tuple[float, float]] = {}
    rows = []
    for actual in sorted(found, key=lambda a: (list(METRICS).index(a.metric), a.name, a.first)):
        planned, again = told.over(PLAN, actual), told.over(AGAIN, actual)
        before = so_far.get(actual.name, (0.0, 0.0))
        flow = METRICS[actual.metric] == "flow"
        so_far[actual.name] = (before[0] + planned, before[1] + actual.value) if flow else (planned, actual.value)
        rows.append({
            "metric": actual.metric, "what": actual.name, "period": actual.period, "unit": actual.unit, "planned": planned, "actual": actual.value,
            "difference": actual.value - planned, "share": actual.value / planned - 1 if planned else None,
            "planned_so_far": so_far[actual.name][0] if flow else None, "actual_so_far": so_far[actual.name][1] if flow else None,
            "replanned": again, "held": _held(near.get(id(actual))), "source": actual.source, "file": actual.where.file, "line": actual.where.line,
        })  # fmt: skip
    return pl.DataFrame(rows, schema=dict(SERIES))


def _held(held: Held | None) -> str:
    if held is None:
        return "no"
    return "yes" if abs(held.miss) < NEAR else f"{held.miss:+.1%}"


def _misses(kept: Sequence[Held]) -> tuple[str, ...]:
    """What the case cannot be held to, in words."""
    return tuple(
        f"{held.actual.name} in {held.actual.period}: {held.actual.value:,.6g} {held.actual.unit} happened, "
        f"{held.value:,.6g} is the nearest that the case allows ({held.miss:+.1%})"
        for held in kept
        if abs(held.miss) >= NEAR
    )


def _paths(told: _Told, found: Sequence[Actual]) -> pl.DataFrame:
    """Plan and re-plan of every metric in every period."""
    rows = []
    for actual in {actual.name: actual for actual in found}.values():
        both = (told.by_period(PLAN, actual), told.by_period(AGAIN, actual))
        for label, mine, theirs in zip(told.case.horizon.labels, *both, strict=True):
            rows.append({"what": actual.name, "metric": actual.metric, "period": label, "unit": actual.unit, "plan": mine, "replan": theirs})
    schema = {"what": pl.String, "metric": pl.String, "period": pl.String, "unit": pl.String, "plan": pl.Float64, "replan": pl.Float64}
    return pl.DataFrame(rows, schema=schema)


def _parts(plan: Plan, replan: Plan) -> pl.DataFrame:
    """Value by part of both plans, what differs most first."""
    names = dict.fromkeys((*plan.parts, *replan.parts))
    rows = [(name, plan.parts.get(name, 0.0), replan.parts.get(name, 0.0)) for name in names]
    rows.sort(key=lambda row: -abs(row[2] - row[1]))
    return pl.DataFrame(rows, schema={"part": pl.String, PLAN: pl.Float64, AGAIN: pl.Float64}, orient="row")


def _standing(plan: Plan, replan: Plan) -> pl.DataFrame:
    """What stands of each asset at the end of each reported year, the mean where the future forks."""
    last = {year: label for label, year in calendar(plan.case).items()}
    frames = []
    for name, one in ((PLAN, plan), (AGAIN, replan)):
        rows = expected(plan.case, one.tables["fleet"].filter(pl.col("period").is_in(list(last.values()))))
        ends = rows.with_columns(pl.col("period").replace_strict({v: k for k, v in last.items()}, return_dtype=pl.Int64).alias("year"))
        frames.append(ends.group_by("item", "unit", "year", maintain_order=True).agg(pl.col("value").sum().alias(name)))
    return (
        frames[0]
        .join(frames[1], on=["item", "unit", "year"], how="full", coalesce=True, maintain_order="left")
        .with_columns(pl.col(PLAN, AGAIN).fill_null(0.0))
    )


def _binding(plan: Plan, replan: Plan, later: Sequence[str]) -> pl.DataFrame:
    """Price times amount of what binds after what is held: there the prices are those of decisions, not of what happened."""
    frames = []
    for name, one in ((PLAN, plan), (AGAIN, replan)):
        prices = one.tables["prices"].filter((pl.col("kind") != "account") & pl.col("period").is_in(later))
        worth = expected(one.case, prices.with_columns((pl.col("price") * pl.col("amount")).alias("value")).filter(pl.col("value").is_finite()))
        frames.append(worth.group_by("kind", "item", "place", maintain_order=True).agg(pl.col("value").sum().alias(name)))
    both = frames[0].join(frames[1], on=["kind", "item", "place"], how="full", coalesce=True, maintain_order="left_right")
    return both.with_columns(pl.col(PLAN, AGAIN).fill_null(0.0))
