"""The page of a plan beside what happened: a figure for each metric, with the plan, the actual figures and the plan from there."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from barbell.core.actual import METRICS
from barbell.core.horizon import Month
from barbell.report import chart, query
from barbell.report.figure import Figure, Grid, Key, Section, Spec, grid, wide
from barbell.report.file import put
from barbell.report.number import SPACE, Money, money, percent, told
from barbell.report.page import render

if TYPE_CHECKING:
    from barbell.study import Actuals

PLAN, AGAIN, ACTUAL = "plan", "re-plan", "actual"
_TOP = 10


def write(found: Actuals, path: Path) -> Path:
    """Write the page to a file, whole or not at all. Raises CaseError where the disk refuses."""
    return put(html(found), path, "--report")


def html(found: Actuals) -> str:
    """The page as text."""
    return render(found.case, [_head(found), _beside(found), *_changes(found)])


def _head(found: Actuals) -> Section:
    """Key figures: value before and after, and each metric's miss so far."""
    case, plan, again = found.case, found.plan.value, found.replan.value
    unit = money(case.money, [plan, again])
    tiles = [
        ("Value of the plan", unit.say(plan), f"as known on {case.as_of}" if case.as_of else "", ""),
        ("Value planned again", unit.say(again), f"{unit.say(again - plan)} with what happened to {found.through} held", ""),
    ]
    answers = [_answer(part) for _, part in found.series.group_by("what", maintain_order=True)]
    answers += [f"Cannot be held: {miss}." for miss in found.misses]
    title = f"What happened to {found.through}, and what to do from there"
    return Section("headline", title, tuple(answers), (), tuple(tiles))


def _answer(part: pl.DataFrame) -> str:
    """What happened of a metric so far, against the plan, in a sentence."""
    last = part.row(part.height - 1, named=True)
    flow = last["planned_so_far"] is not None
    planned, actual = (last["planned_so_far"], last["actual_so_far"]) if flow else (last["planned"], last["actual"])
    unit = money(last["unit"], [planned, actual])
    first = part.row(0, named=True)["period"]
    when = f"{first} to {last['period']}" if flow and first != last["period"] else last["period"]
    miss = f" ({percent(abs(actual / planned - 1))} {'more' if actual > planned else 'less'})" if planned else ""
    return f"{last['what']}, {when}: {_say(unit, actual)} where the plan had {_say(unit, planned)}{miss}."


def _say(unit: Money, value: float) -> str:
    return unit.say(value) if unit.size else f"{told(value)}{SPACE}{unit.currency}"


def _beside(found: Actuals) -> Section:
    """A chart and a table for each metric."""
    figures = tuple(_figure(found, str(what)) for what in dict.fromkeys(found.series["what"]))
    lines = f"Lines: what the plan has for every period, and what is planned again with {found.through} and before held to what happened. "
    said = (lines + "Points: what happened. Flows are shown at their rate per year, so that periods of different lengths compare.",)
    return Section("actuals", "Plan, what happened, and the plan from there", said, figures)


def _figure(found: Actuals, what: str) -> Figure:
    path, part = (frame.filter(pl.col("what") == what) for frame in (found.paths, found.series))
    labels = [p.label for p in found.case.horizon.periods if p.start < found.case.horizon.report_end]
    years = dict(zip(found.case.horizon.labels, found.case.horizon.years, strict=True))
    flow = METRICS[path["metric"][0]] == "flow"
    unit = money(path["unit"][0], [*path["plan"], *path["replan"]])
    name = (f"{unit.unit} a year" if flow else unit.unit) if unit.size else path["unit"][0] + (" a year" if flow else "")

    def rate(label: str, value: float) -> float:
        return value * unit.factor / (years[label] if flow else 1.0)

    lines = {PLAN: {}, AGAIN: {}, ACTUAL: _points(found, part, rate)}
    for row in path.iter_rows(named=True):
        if row["period"] in labels:
            lines[PLAN][row["period"]] = rate(row["period"], row["plan"])
            lines[AGAIN][row["period"]] = rate(row["period"], row["replan"])
    rows = [
        {"period": label, "series": series, "value": round(value, 5), "told": f"{told(value, 4)} {name}"}
        for series, values in lines.items()
        for label, value in values.items()
    ]
    message = _answer(part)
    return Figure(
        f"actual-{what.replace(' ', '-').replace('@', '-')}", message,
        wide(f"{what}, {name}", ("series",), labels, {(series,): values for series, values in lines.items()}),
        chart.drawing(rows, _layers(labels, name), height=240),
        f"Lines of {what} by period as planned and as planned again; points are what happened.",
        _sources(part), keys=(*chart.keys([PLAN, AGAIN], "line"), Key(ACTUAL, "strong", "diamond")),
    )  # fmt: skip


def _points(found: Actuals, part: pl.DataFrame, rate: object) -> dict[str, float]:
    """What happened, at the rate of the periods that a figure covers; stands at the end of the last."""
    points: dict[str, float] = {}
    periods = found.case.horizon.periods
    for row in part.iter_rows(named=True):
        begin, text = Month.parse(row["period"]), row["period"]
        months = {"Q": 3, "H": 6}.get(text[4:5], 12 if len(text) == 4 else 1)
        covered = [p for p in periods if begin <= p.start and p.end <= begin + months]
        if METRICS[row["metric"]] == "stand":
            covered = covered[-1:]
        whole = sum(p.years for p in covered)
        for period in covered:
            share = period.years / whole if METRICS[row["metric"]] == "flow" else 1.0
            points[period.label] = rate(period.label, row["actual"] * share) if callable(rate) else math.nan
    return points


def _layers(labels: list[str], name: str) -> list[Spec]:
    x, y = chart.time(labels, "period"), chart.amount(name)
    lines = chart.only(chart.curves([PLAN, AGAIN], x, y), f"datum.series != '{ACTUAL}'")
    return [lines, chart.only(chart.diamonds(x, y, ACTUAL), f"datum.series == '{ACTUAL}'")]


def _sources(part: pl.DataFrame) -> tuple[str, ...]:
    """Where the figures come from, and how far the re-plan is held to them."""
    spots = [f"{row['period']}: {row['source']}" for row in part.iter_rows(named=True) if row["source"]]
    held = {row["held"] for row in part.iter_rows(named=True)}
    if held == {"no"}:
        told_held = "Compared only: the re-plan is not held to it, it follows from the rest."
    elif held == {"yes"}:
        told_held = "The re-plan is held to these figures."
    else:
        told_held = "The re-plan comes as near to these figures as the case allows: " + ", ".join(
            f"{row['period']} {'as it was' if row['held'] == 'yes' else row['held']}" for row in part.iter_rows(named=True)
        )
    return (told_held, *spots)


def _changes(found: Actuals) -> list[Section]:
    """What changes in value, orders, fleet and prices."""
    unit = money(found.case.money, [found.plan.value])
    value = [(row[0], *(v * unit.factor for v in (row[1], row[2], row[2] - row[1]))) for row in found.parts.iter_rows()]
    value = [row for row in value if abs(row[3]) > 1e-3][:_TOP]
    figures = [
        Figure("value-parts", "Where the value changes, part by part", grid(
            f"Value by part, {unit.told_year}", ("part", PLAN, AGAIN, "difference"), value), open=True)
    ]  # fmt: skip
    figures += [
        _years("orders-changed", "Orders and conversions that change", found, found.compared.decisions, ("action", "item", "unit")),
        _years("standing-changed", "What stands at the end of the year and changes", found, found.standing, ("item", "unit")),
    ]
    worth = sorted(found.compared.prices.iter_rows(), key=lambda row: -abs(row[4] - row[3]))[:_TOP]
    rows = [(f"{kind} {item}" + (f"@{place}" if place else ""), *(v * unit.factor for v in (a, b, b - a))) for kind, item, place, a, b in worth]
    figures.append(
        Figure("prices-changed", f"What binds after {found.through}: worth over the horizon", grid(
            f"Price times amount, {unit.told_year}", ("what", PLAN, AGAIN, "difference"), rows), open=True)
    )  # fmt: skip
    return [Section("changes", "What changes, and why", (), tuple(figure for figure in figures if figure.grid.rows))]


def _years(name: str, message: str, found: Actuals, frame: pl.DataFrame, heads: tuple[str, ...]) -> Figure:
    """Re-plan and difference by year of the things that change most, relative to their size."""
    years = query.years(found.case)
    values: dict[tuple[str, ...], dict[int, tuple[float, float]]] = {}
    for row in frame.iter_rows(named=True):
        values.setdefault(tuple(row[head] for head in heads), {})[row["year"]] = (row[PLAN] or 0.0, row[AGAIN] or 0.0)

    def moved(pairs: dict[int, tuple[float, float]]) -> float:
        size = max(max(abs(a), abs(b)) for a, b in pairs.values())
        return max(abs(b - a) for a, b in pairs.values()) / max(size, 1e-9)

    kept = sorted((key for key in values if moved(values[key]) > 1e-3), key=lambda key: -moved(values[key]))[:_TOP]
    rows: list[tuple[object, ...]] = []
    for key in kept:
        pairs = [values[key].get(year, (0.0, 0.0)) for year in years]
        rows.append((*key, AGAIN, *(again for _, again in pairs)))
        size = max(max(abs(plan), abs(again)) for plan, again in pairs)
        rows.append((*key, "difference", *(again - plan if abs(again - plan) > 1e-5 * size else 0.0 for plan, again in pairs)))
    table: Grid = grid(message, (*heads, "series", *map(str, years)), rows, words=len(heads) + 1)
    return Figure(name, message, table, open=True)
