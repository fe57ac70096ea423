"""Two kept runs side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from barbell.cli import record, show
from barbell.report.layout import Page, page, table

if TYPE_CHECKING:
    import polars as pl

    from barbell.study import Difference

TOP = 20
"""Rows of each kind shown; `--json` has them all."""


def tell(found: Difference, *, machine: bool) -> None:
    """What differs, the causes before what came of them."""
    if machine:
        frames = {"asked": found.asked, "made": found.made, "inputs": found.inputs, "facts": found.facts, "texts": found.texts, **found.answers}
        runs = [{"name": name, "folder": run.folder.as_posix(), "case": run.case.name} for name, run in zip(found.names, found.runs, strict=True)]
        money = {"money": found.runs[0].case.money, "value": found.comparison.values}
        record.emit({"runs": runs, "nothing": found.nothing, **money, **{name: frame.to_dicts() for name, frame in frames.items()}})
        return
    console = page()
    for name, run in zip(found.names, found.runs, strict=True):
        console.print(Text(f"{name}  {run.case.title}", style="bold"))
    console.print()
    for title, frame in (
        ("Asked differently", found.asked),
        ("Made with other versions", found.made),
        ("Inputs that differ", found.inputs),
        ("Facts that differ", found.facts),
        ("Cells that say the same in other words", found.texts),
    ):
        _words(console, title, frame)
    if found.nothing:
        console.print("Nothing differs.")
        return
    _answers(console, found)


def _words(console: Page, title: str, frame: pl.DataFrame) -> None:
    """Rows of words, the parts of a name joined."""
    if frame.is_empty():
        return
    *keys, _, _ = frame.columns
    rows = [(".".join(part for part in row[: len(keys)] if part), *(cell or "-" for cell in row[len(keys) :])) for row in frame.head(TOP).iter_rows()]
    table(console, title + _more(frame), (keys[0] if len(keys) == 1 else "cell", *frame.columns[-2:]), rows, words=3)
    console.print()


def _answers(console: Page, found: Difference) -> None:
    money = found.runs[0].case.money
    values = [found.comparison.values[name] for name in found.names]
    if not found.moved and all(frame.is_empty() for frame in found.answers.values()):
        console.print("The answers are the same.")
        return
    show.columns(console, f"Value, {money}", ("what",), found.names, [(("value",), values)])
    for name, title, keys in (
        ("decisions", "Orders and conversions by year", ("action", "item", "unit", "year")),
        ("served", "Served, mean of the year", ("market", "unit", "year")),
        ("prices", f"What binds, worth over the horizon, {money}", ("kind", "item", "place")),
        ("money", "The group's money by year", ("line", "unit", "year")),
    ):
        frame = found.answers[name]
        shown = show.differing(frame, len(keys))
        show.columns(console, title + (f" (the first {TOP} of {len(shown)})" if len(shown) > TOP else ""), keys, found.names, shown[:TOP])


def _more(frame: pl.DataFrame) -> str:
    return f" (the first {TOP} of {frame.height})" if frame.height > TOP else ""
