"""The command that asks what else is nearly as good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.text import Text

from barbell.cli.app import app
from barbell.cli.options import ASKED, EFFORT, OUTPUT, Asked, Effort, Output, above
from barbell.core.errors import CaseError, Fault, Where
from barbell.report.layout import Page, aligned, number, page, table, within

if TYPE_CHECKING:
    import polars as pl

    from barbell.study import Alternatives

ROWS = 30
"""Decisions and musts shown in a terminal; --json has all."""
WIDTH = 24
"""Signs of the bar of a range."""


@app.command
def alternatives(
    case: Path,
    /,
    *,
    within: Annotated[str, Parameter(name="--within")] = "0.5%",
    count: Annotated[int, Parameter(validator=above)] = 4,
    asked: Asked = ASKED,
    effort: Effort = EFFORT,
    output: Output = OUTPUT,
) -> None:
    """Say what else is nearly as good: how far decisions can go, a few plans far from each other, and what all of them do.

    Parameters
    ----------
    case
        Folder of the case.
    within
        Share of the value that may be lost, such as 0.5% or 0.005.
    count
        How many plans to set beside the best one.
    """
    from barbell.cli.progress import progress
    from barbell.study import alternatives as find

    share = _share(within)
    with progress(quiet=effort.quiet, machine=output.json) as say:
        found = find(case, asked.cells, within=share, count=count, options=effort.options, progress=say)
    if output.json:
        from barbell.cli import record

        record.emit(content(found))
        return
    show(page(), found)


def _share(text: str) -> float:
    """A share written as 0.5% or 0.005; raises CaseError for anything else."""
    plain = text.strip()
    try:
        value = float(plain.removesuffix("%")) / (100 if plain.endswith("%") else 1)
    except ValueError:
        value = 0.0
    if not 0 < value < 1:
        fault = Fault(Where("--within"), text, "is no share of the value", "Write a share above 0 and below 1, such as 0.5% or 0.005")
        raise CaseError([fault], folder="the command")
    return value


def content(found: Alternatives) -> dict[str, Any]:
    """The alternatives as one object: plans by name, and the tables row by row."""
    plans = [found.best, *(near.plan for near in found.shown)]
    return {
        "case": found.best.case.name,
        "question": found.best.case.question,
        "money": found.best.case.money,
        "within": found.within,
        "status": asdict(found.best.status),
        "plans": {name: {"value": plan.value, "of_best": plan.value / found.best.value} for name, plan in zip(found.names, plans, strict=True)},
        "plans_found": 1 + len(found.found),
        **{name: getattr(found, name).to_dicts() for name in ("ranges", "values", "decisions", "musts")},
    }


def show(console: Page, found: Alternatives) -> None:
    """Ranges with a bar each, the plans side by side, and what all of them do."""
    best = found.best
    console.print(Text(best.case.title, style="bold"))
    gap = within(best.status.gap)
    console.print(f"Value {number(best.value)} {best.case.money}{gap}. {len(found.found)} other plans lose at most {found.within:.2%} of it.\n")
    if not found.found:
        console.print("No other plan was found.")
        return
    _ranges(console, found)
    names = found.names
    _side_by_side(console, "Plans far from each other", ("what", "unit"), names, found.values)
    differing = found.decisions.filter([abs(_spread(row[4:])) > 0.01 for row in found.decisions.iter_rows()])
    top = differing.head(ROWS).sort("action", "item", "year")
    more = f" (the {ROWS} of {differing.height} with most money at stake)" if differing.height > ROWS else ""
    _side_by_side(console, f"Orders by year where they differ{more}", ("action", "item", "unit", "year"), names, top)
    _musts(console, found)


def _spread(values: Sequence[float]) -> float:
    """How far values differ, as a share of the largest."""
    return (max(values) - min(values)) / max(*values, 1e-9)


def _ranges(console: Page, found: Alternatives) -> None:
    rows = []
    for what, unit, least, best, most in found.ranges.iter_rows():
        low, middle, high = aligned([least, best, most])
        rows.append((what, unit, low, _bar(least, best, most), high, middle))
    table(console, "How far each can go", ("what", "unit", "least", "0 to most", "most", "best"), rows, words=2)
    console.print("bar: from nothing to most; # from least to most, | the best plan\n")


def _bar(least: float, best: float, most: float) -> str:
    """A range on a line that begins at nothing (or at the least, where that is negative) and ends at the most."""
    begin = min(0.0, least)
    span = max(most - begin, 1e-12)

    def place(value: float) -> int:
        return min(WIDTH - 1, max(0, round((value - begin) / span * (WIDTH - 1))))

    return "".join("|" if n == place(best) else "#" if place(least) <= n <= place(most) else "." for n in range(WIDTH))


def _side_by_side(console: Page, title: str, heads: Sequence[str], names: Sequence[str], frame: pl.DataFrame) -> None:
    rows = [tuple(row) for row in frame.iter_rows()]
    words = len(heads)
    cells = [(*(str(word) for word in row[:words]), *(number(value) for value in row[words:])) for row in rows]
    if cells:
        table(console, title, (*heads, *names), cells, words=words)
        console.print()


def _musts(console: Page, found: Alternatives) -> None:
    musts = found.musts.head(ROWS)
    if not musts.height:
        console.print("Nothing is ordered in all plans.")
        return
    rows = []
    for row in musts.iter_rows(named=True):
        what = f"{row['item']}@{row['place']}"
        rows.append((row["action"], what, row["unit"], row["year"], number(row["least"]), number(row["best"])))
    more = f" (the first {ROWS} of {found.musts.height})" if found.musts.height > ROWS else ""
    title = f"Done in all {1 + len(found.found)} plans{more}"
    table(console, title, ("action", "what", "unit", "year", "at least", "best"), rows, words=4)
