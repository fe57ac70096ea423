"""The first sheet of a workbook: what it is, what may be changed, how it comes back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from barbell.core.case import TABLES
from barbell.io.reference import meaning

Kind = Literal["title", "section", "text", "command", "typed", "written", "fact", "key", "sheet"]


@dataclass(frozen=True)
class Line:
    """A line of the sheet: what it is, its word and what the word means."""

    kind: Kind
    word: str
    text: str = ""


def lines(*, name: str, question: str, rows: Mapping[str, int], file: str) -> Iterator[Line]:
    """The lines of the sheet. `rows` counts the rows of each table, `file` is the name of the workbook."""
    yield Line("title", f"The case {name}")
    yield Line("text", question or "A planning case of Barbell.")
    yield Line("section", "Bring it back")
    yield Line("command", f"barbell case import {file} --to my-case", "into a new folder, or")
    yield Line("command", f"barbell case import {file} --into {name}", "into the case that it came from, all of it or nothing")
    yield Line(
        "text", "Every fault is told with sheet and cell before anything is written. Files keep their comments and everything that was not changed."
    )
    yield Line("section", "What you see")
    yield Line("typed", "12.5", "a number that stands in the case: change it")
    yield Line(
        "written", "2026:30 2027:45", "text among numbers: a value over time (30 from 2026, 45 from 2027), or a number with its unit, such as 12 kW"
    )
    yield Line(
        "fact",
        "@name",
        "a fact with its source in the note beside it; all are listed on the sheet 'known facts'. A number typed over it takes its place",
    )
    yield Line("key", "name", "what names its row; other tables refer to it, so rename it there as well")
    yield from _rules()
    yield Line("section", "Sheets")
    yield Line("sheet", "case", "The question, the calendar, overrides")
    yield from (
        Line("sheet", table, f"{count} row{'s' if count != 1 else ''}. {meaning(TABLES[table]).replace('`', '')}")
        for table, count in rows.items()
        if count
    )
    unused = [table for table, count in rows.items() if not count]
    yield Line(
        "text",
        f"Hidden, because the case has no rows of them: {', '.join(unused)}. Right-click a tab and choose Unhide to use one." if unused else "",
    )


def _rules() -> Iterator[Line]:
    yield Line("section", "What may be changed")
    yield Line(
        "text", "Cells of the tables and of the sheet 'case'. Rows may be added below, deleted, sorted, filtered; columns may be moved or hidden."
    )
    yield Line(
        "text",
        "Columns that no row uses are folded away behind the + above the sheet. Units stand in the headers; a cell may bring its own, such as 12 kW.",
    )
    yield Line("text", "The last column says to which file of the case a row belongs; a new row without it goes with the row above.")
    yield Line("text", "Formulas are welcome: the import takes their values and says so. They do not come back with the next export.")
    yield Line("text", "Type ' in front of what Excel would change: '@name (a fact), '2026-07 (a month), '2026:30 2027:45 (a value over time).")
    yield Line(
        "text",
        "Sheets of your own are left alone, and so are rows that begin with # and notes to the right of a table. Do not rename sheets or headers.",
    )
