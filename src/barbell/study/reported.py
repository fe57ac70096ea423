"""What was published, beside what is planned; and what was assumed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from barbell import facts
from barbell.core.case import Case
from barbell.core.relations import Fact
from barbell.core.units import factor
from barbell.finance import Statements, statements
from barbell.io import read
from barbell.plan import solve
from barbell.study.known import known

_REPORTED = ("entity", "segment", "metric", "basis", "period", "value", "unit", "as_of", "source", "grade")
_CALENDAR = re.compile(r"[0-9]{4}([HQ][1-4])?")
REPORTED: Mapping[str, Any] = {name: pl.Float64 if name == "value" else pl.String for name in _REPORTED}
NOWCAST: Mapping[str, Any] = {
    "metric": pl.String, "period": pl.String, "planned": pl.Float64, "later": pl.Float64, "reported": pl.Float64, "unit": pl.String,
    "basis": pl.String, "source": pl.String, "reason": pl.String,
}  # fmt: skip
ASSUMED: Mapping[str, Any] = dict.fromkeys(("fact", "value", "unit", "low", "high", "grade", "source", "cells"), pl.String)


def tickers(case: Case) -> dict[str, str]:
    """Entity of the case under each code of reported figures."""
    return {entity.ticker: entity.name for entity in case.tables.entities if entity.ticker}


def reported(case: Case) -> pl.DataFrame:
    """Every figure of a calendar year, half or quarter that the entities of a case have reported.

    Also those of after the day of the case: they are for comparison, never inputs.
    """
    codes = {code.lower() for code in tickers(case)}
    rows = [{name: getattr(figure, name) for name in _REPORTED} for figure in facts.figures() if figure.entity.lower() in codes and figure.metric]
    plain = [row | {"value": float(row["value"])} for row in rows if _is_number(row["value"]) and _CALENDAR.fullmatch(row["period"])]
    return pl.DataFrame(plain, schema=dict(REPORTED))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def assumptions(case: Case) -> pl.DataFrame:
    """Every fact that the case uses, those that are assumptions (grade S) first, with the cells that use it."""
    cells: dict[str, list[str]] = {}
    for (table, row, field), origin in case.origins.items():
        if origin.fact:
            cells.setdefault(origin.fact, []).append(f"{table}.{row}.{field}")
    latest = {fact.name: fact for fact in sorted(case.tables.facts, key=lambda f: f.as_of) if fact.as_of <= (case.as_of or "9999")}
    rows = [
        {"fact": name, "value": fact.value, "unit": fact.unit, "low": fact.low, "high": fact.high, "grade": fact.grade,
         "source": fact.source, "cells": ", ".join(cells[name])}
        for name, fact in latest.items() if name in cells
    ]  # fmt: skip
    return pl.DataFrame(sorted(rows, key=lambda row: (row["grade"] != "S", row["fact"])), schema=dict(ASSUMED))


def nowcast(case: Case, found: Statements, path: str | os.PathLike[str], changes: Mapping[str, str] | None) -> pl.DataFrame:
    """The plan of a day beside what was reported after it, and beside the plan of the newest day: nothing is fitted to it.

    Rows: metric, period, planned, later (the same case with all that is known now), reported, unit, basis, source, reason.
    """
    after = reported(case).filter(pl.col("as_of") > (case.as_of or "9999"))
    planned = dict(_planned(case, found))
    halves = [row | {"value": row["value"] * size} for row in _halves(after) if (size := _size(row["unit"], case.money))]
    hits = [row for row in halves if (row["segment"], row["metric"], row["period"]) in planned]
    if not hits:
        return pl.DataFrame(schema=dict(NOWCAST))
    newest = max(fact.as_of for fact in facts.figures())
    now = read(path, {**(changes or {}), "as_of": newest}, known)
    later = dict(_planned(now, statements(now, solve(now).tables)))
    learnt = _learnt(case, now)
    rows = []
    for row in hits:
        spot = row["segment"], row["metric"], row["period"]
        rows.append({
            "metric": f"{row['segment']} {row['metric']}", "period": row["period"], "planned": planned[spot], "later": later.get(spot),
            "reported": row["value"], "unit": case.money, "basis": row["basis"], "source": row["source"],
            "reason": _reason(planned[spot], later.get(spot), row["value"], learnt),
        })  # fmt: skip
    return pl.DataFrame(rows, schema=dict(NOWCAST))


def _size(unit: str, money: str) -> float:
    """Units of the case's money in one unit of a figure, which stays in prices of its own year; 0 in another currency."""
    return factor(unit[:-4] + money[-4:], money) if unit[-7:-4] == money[-7:-4] else 0.0


_FLOWS = {"revenue": "revenue", "operating_income": "operating income", "capex": "capex"}
"""Reported metrics that are flows, and the line of the statements that plans them."""
_BASES = {"capex": "net_of_proceeds", "revenue": "segment", "operating_income": "segment"}
"""The basis on which the plan counts each."""


def _planned(case: Case, found: Statements) -> Iterator[tuple[tuple[str, str, str], float]]:
    """Planned figures by segment (``total`` for the group), metric and period; halves of the year where both quarters are there."""
    root = next(entity.name for entity in case.tables.entities if not entity.parent)
    for metric, line in _FLOWS.items():
        for entity in case.tables.entities:
            scope, segment = ("consolidated", "total") if entity.name == root else ("own", entity.name)
            rows = found.lines.filter((pl.col("line") == line) & (pl.col("entity") == entity.name) & (pl.col("scope") == scope))
            values = dict(zip(rows["period"], rows["value"], strict=True))
            for period, value in [*values.items(), *_half_sums(values)]:
                yield (segment, metric, period), value
    for entity in case.tables.entities:
        for frame_period, value in _net_property(found, entity.name).items():
            yield (entity.name, "ppe_net", frame_period), value


def _net_property(found: Statements, entity: str) -> dict[str, float]:
    """Net property at the end of each period, in service and under construction."""
    both = pl.concat([frame.filter(pl.col("entity") == entity).select("period", "closing") for frame in (found.capital, found.construction)])
    total = both.group_by("period").agg(pl.col("closing").sum())
    return dict(zip(total["period"], total["closing"], strict=True))


def _half_sums(values: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    for period in values:
        if period.endswith(("Q2", "Q4")):
            first = f"{period[:-1]}{int(period[-1]) - 1}"
            if first in values:
                yield f"{period[:4]}H{int(period[-1]) // 2}", values[first] + values[period]


def _halves(after: pl.DataFrame) -> list[dict[str, Any]]:
    """Reported figures on the plan's basis, segments in the case's spelling; flows by half-year, stands by quarter."""
    found: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for row in after.sort("as_of").iter_rows(named=True):
        metric = row["metric"]
        if metric == "ppe_net" or row["basis"] == _BASES.get(metric):
            found.setdefault((row["segment"].lower(), metric), {})[row["period"]] = row
    rows = []
    for (segment, metric), by_period in found.items():
        if metric != "ppe_net":
            sums = _half_sums({period: row["value"] for period, row in by_period.items() if "Q" in period})
            whole = {period: by_period[f"{period[:4]}Q{int(period[-1]) * 2}"] | {"period": period, "value": value} for period, value in sums}
            by_period = {p: r for p, r in by_period.items() if "H" in p} | whole  # noqa: PLW2901
        rows += [row | {"segment": segment} for row in by_period.values()]
    return sorted(rows, key=lambda row: (row["metric"], row["segment"], row["period"]))


def _learnt(case: Case, now: Case) -> str:
    """What changed between the day of the case and now among the sourced facts that stand behind its numbers, the largest changes first."""
    before, after = known(case.as_of), known(now.as_of)
    changed: list[tuple[float, str]] = []
    for name in sorted(_behind(case, before)):
        old, new = before[name], after.get(name)
        if (
            new is not None
            and new.grade not in ("S", "M")
            and _is_number(old.value)
            and _is_number(new.value)
            and float(new.value) != float(old.value)
        ):
            ratio = float(new.value) / float(old.value) if float(old.value) else float("inf")
            changed.append((-abs(ratio - 1), f"{name} went from {float(old.value):,.6g} to {float(new.value):,.6g}"))
    return "; ".join(text for _, text in sorted(changed)[:4])


def _behind(case: Case, known_then: Mapping[str, Fact]) -> set[str]:
    """Names of the facts that the cells of a case use, and of those that these were derived from."""
    found: set[str] = set()
    pending = [fact.name for fact in case.tables.facts if fact.name in known_then]
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            _, _, inputs = known_then[name].source.rpartition("; from ")
            pending += [part for part in inputs.split(", ") if part in known_then]
    return found


def _reason(planned: float, later: float | None, actual: float, learnt: str) -> str:
    """In plain words: how far off, and how far with what became known later."""
    parts = [f"The plan is {_off(planned, actual)} what was reported."]
    if later is not None:
        parts.append(f"Planned anew with what is known now, it would be {_off(later, actual)} it" + (f": since then {learnt}." if learnt else "."))
    return " ".join(parts)


def _off(planned: float, actual: float) -> str:
    miss = planned / actual - 1 if actual else 0.0
    return f"{abs(miss):.0%} {'above' if miss > 0 else 'below'}"
