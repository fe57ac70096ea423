"""The command ``barbell actuals``: a plan beside what happened, and planned again from there."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.text import Text

from barbell.cli.app import app
from barbell.cli.options import ASKED, EFFORT, OUTPUT, Asked, Effort, Output, writable
from barbell.report.layout import SMALL, Page, aligned, number, page, table

if TYPE_CHECKING:
    import polars as pl

    from barbell.study import Actuals

_TOP = 10
"""Rows of a table of what changes."""
_LINES = ("revenue", "operating income", "capex", "free cash flow", "cash", "debt")


@app.command
def actuals(
    case: Path,
    /,
    *,
    series: Path | None = None,
    reported: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    as_of: str = "",
    report: Path | None = None,
    asked: Asked = ASKED,
    effort: Effort = EFFORT,
    output: Output = OUTPUT,
) -> None:
    """Set a plan beside what happened, hold it to that as far as the case can tell it, and plan again what remains free.

    Parameters
    ----------
    case
        Folder of the case.
    series
        CSV of what happened: metric, period, value, unit; item, place, entity, source where they apply.
    reported
        Take the figures that the store of facts holds as reported by the entities of the case, alone or after those of --series.
    as_of
        Plan with what was known on this day (YYYY-MM-DD), whatever the case says.
    report
        Write a page with charts to this file as well.
    """
    from barbell.cli import record
    from barbell.cli.progress import progress

    if report is not None:
        writable(report, "--report")
    with progress(quiet=effort.quiet, machine=output.json) as say:
        from barbell.study import actuals as make

        found = make(case, asked.cells, file=series, as_of=as_of, from_store=reported, options=effort.options, progress=say)
    if report is not None:
        from barbell.report.actuals import write

        write(found, report)
    if output.json:
        record.emit(_record(found) | ({"report": report.as_posix()} if report else {}))
        return
    _show(found)
    if report is not None:
        page().say(f"Wrote {report.as_posix()}")


def _record(found: Actuals) -> dict[str, Any]:
    compared = found.compared
    return {
        "case": found.case.name,
        "as_of": found.case.as_of,
        "money": found.case.money,
        "through": found.through,
        "value": {"plan": found.plan.value, "replan": found.replan.value},
        "series": found.series.to_dicts(),
        "cannot_be_held": list(found.misses),
        "parts": found.parts.to_dicts(),
        "paths": found.paths.to_dicts(),
        "standing": found.standing.to_dicts(),
        **{name: getattr(compared, name).to_dicts() for name in ("decisions", "served", "prices", "money")},
    }


def _show(found: Actuals) -> None:
    console, case = page(), found.case
    console.print(Text(case.title, style="bold"))
    count = found.series.height
    known = f" as known on {case.as_of}" if case.as_of else ""
    console.print(f"Plan{known}, against {count} figure{'s' if count > 1 else ''} to {found.through}\n")
    _beside(console, found.series)
    _unheld(console, found)
    moved = found.replan.value - found.plan.value
    told = f"{'+' if moved > 0 else ''}{number(moved)}" if abs(moved) > SMALL * max(1.0, abs(found.plan.value)) else "no change"
    console.print(
        f"Planned again after {found.through}: value {number(found.replan.value)} {case.money} instead of {number(found.plan.value)} ({told})\n"
    )
    _changes(console, f"Why, discounted {case.money}", found.parts, ("part",), _TOP)
    root = found.compared.money.filter(found.compared.money["line"].is_in(_LINES))
    _years(console, f"The group's money, {case.money}: re-plan, and its difference from the plan", root, ("line",))
    _years(console, "Orders and conversions: re-plan, and its difference from the plan", found.compared.decisions, ("action", "item", "unit"))
    _years(console, "In service at the end of the year: re-plan, and its difference from the plan", found.standing, ("item", "unit"))
    _changes(
        console, f"What binds after {found.through}, worth over the horizon, {case.money}", found.compared.prices, ("kind", "item", "place"), _TOP
    )


def _beside(console: Page, series: pl.DataFrame) -> None:
    """Every figure with what the plan has for it, what differs, and what the re-plan was held to."""
    heads = ("what", "period", "unit", "plan", "actual", "difference", "%", "plan so far", "actual so far", "re-plan", "held")
    rows = []
    for what in dict.fromkeys(series["what"]):
        part = series.filter(series["what"] == what)
        columns = [aligned([float("nan") if v is None else v for v in part[name]]) for name in
                   ("planned", "actual", "difference", "planned_so_far", "actual_so_far", "replanned")]  # fmt: skip
        share = ["" if v is None else f"{v:+.1%}".removesuffix("%") for v in part["share"]]
        for n, row in enumerate(part.iter_rows(named=True)):
            cells = [column[n] for column in columns]
            rows.append((what, row["period"], row["unit"], *cells[:3], share[n], *cells[3:], row["held"]))
    table(console, "", heads, rows, words=3)
    console.print()


def _unheld(console: Page, found: Actuals) -> None:
    """What the case cannot be held to, and what it is only compared with."""
    only = sorted({row["metric"].replace("_", " ") for row in found.series.iter_rows(named=True) if row["held"] == "no"})
    if only:
        console.say(f"Compared only, for they follow from the rest: {', '.join(only)}.")
    for miss in found.misses:
        console.say(f"Cannot be held: {miss}.")
    if only or found.misses:
        console.print()


def _changes(console: Page, title: str, frame: pl.DataFrame, heads: tuple[str, ...], top: int) -> None:
    """Rows whose two values differ most."""
    rows = [(row[: len(heads)], row[-2], row[-1]) for row in frame.iter_rows()]
    rows = [row for row in rows if abs(row[2] - row[1]) > SMALL + 1e-4 * abs(row[1])]
    rows = sorted(rows, key=lambda row: -abs(row[2] - row[1]))[:top]
    if not rows:
        return
    columns = [aligned(values) for values in zip(*((row[1], row[2], row[2] - row[1]) for row in rows), strict=True)]
    cells = [(*row[0], *(column[n] for column in columns)) for n, row in enumerate(rows)]
    table(console, title, (*heads, "plan", "re-plan", "difference"), cells, words=len(heads))
    console.print()


def _years(console: Page, title: str, frame: pl.DataFrame, heads: tuple[str, ...]) -> None:
    """Things down, years across: the re-plan, and below what differs; the things that differ most."""
    values: dict[tuple[str, ...], dict[int, tuple[float, float]]] = defaultdict(dict)
    for row in frame.iter_rows(named=True):
        values[tuple(row[head] for head in heads)][row["year"]] = (row["plan"] or 0.0, row["re-plan"] or 0.0)
    years = sorted({year for found in values.values() for year in found})

    def moved(found: dict[int, tuple[float, float]]) -> float:
        size = max(max(abs(plan), abs(again)) for plan, again in found.values())
        return max((abs(again - plan) for plan, again in found.values()), default=0.0) / max(size, SMALL)

    kept = [key for key in values if moved(values[key]) > 1e-3]
    kept = sorted(sorted(kept, key=lambda key: -moved(values[key]))[:_TOP], key=list(values).index)
    rows = []
    for key in kept:
        pairs = [values[key].get(year, (0.0, 0.0)) for year in years]
        rows.append((*key, *aligned([again for _, again in pairs])))
        size = max(max(abs(plan), abs(again)) for plan, again in pairs)
        differ = [again - plan if abs(again - plan) > 1e-5 * size else 0.0 for plan, again in pairs]
        rows.append((*("" for _ in key[:-1]), "difference", *aligned(differ)))
    if rows:
        table(console, title, (*heads, *map(str, years)), rows, words=len(heads))
        console.print()
