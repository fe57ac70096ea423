"""A cell of a workbook to the text that a case's file would hold, and what spreadsheets do to such texts on the way.

Spreadsheets turn ``2026-07`` into a day, ``2026:30`` into hours, ``=@name`` into a formula, ``true`` into a switch. What can mean one
thing only is mended with a notice; all else is refused, because a guess would be read as a figure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from barbell.core.column import Column
from barbell.io.workbook.grid import Entry, number

_BLANKS = re.compile("[\u00a0\u2007\u202f\u2009\u3000]")
_UNSEEN = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad\x00-\x08\x0b\x0c\x0e-\x1f]")
_FACT = re.compile(r"^=?\s*([-+]?)\s*(?:@|_xlfn\.SINGLE\()", re.I)
_APOSTROPHE = "Type it again with an apostrophe in front"

Say = Callable[[str], None]


class TrapError(ValueError):
    """A cell holds what no file of a case can hold; `problem` and `fix` are ready for a fault."""

    def __init__(self, problem: str, fix: str) -> None:
        self.problem, self.fix = problem, fix
        super().__init__(problem)


@dataclass(frozen=True)
class Use:
    """What a cell is for: a number (`pure` where it counts in nothing, so that percent make sense), a month, a day, a switch, a word or free text."""

    kind: Literal["number", "month", "day", "flag", "word", "text"]
    pure: bool = False
    unit: str = ""


ANY = Use("number", pure=True)
"""The value of an override: its meaning is known only later."""


def use_of(column: Column, *, unit: str, key: bool) -> Use:
    """What the cells of a column are for; `unit` is that of its header, `key` whether it names its row."""
    if column.kind in ("whole", "number", "path"):
        counts = unit or (column.unit if column.labelled or column.unit == "month" else "")
        return Use("number", pure=counts in ("", "1"), unit=counts)
    if column.name == "as_of":
        return Use("day")
    if column.kind == "date":
        return Use("month")
    if column.kind == "flag":
        return Use("flag")
    return Use("word" if key or column.ref or column.kind == "choice" else "text")


def text_of(entry: Entry, use: Use, say: Say) -> str:
    """Text of a cell; what was mended on the way is said. Raises TrapError."""
    if entry.formula:
        _formula(entry)
    if entry.kind == "error":
        raise TrapError(f"the cell holds the error {entry.text}", "Mend what it is computed from, or write the value itself")
    made = {"text": _text, "date": _date, "time": _time, "flag": _flag, "percent": _percent, "number": _number}[entry.kind](entry, use, say)
    if entry.formula:
        say(f"the formula ={shortened(entry.formula)} is taken as its value {shortened(made)}")
    return made


def shortened(text: str, most: int = 40) -> str:
    """Text for a message: not longer than `most` signs."""
    return text if len(text) <= most else text[: most - 3] + "..."


def _formula(entry: Entry) -> None:
    formula = shortened(entry.formula)
    if found := _FACT.match(entry.formula):
        name = re.sub(r"[^A-Za-z0-9_.-]", "", entry.formula[found.end() :])
        raise TrapError(f"a fact that became the formula ={formula}", f"{_APOSTROPHE}, such as '{found[1]}@{name or 'name'}")
    if entry.kind == "error" and not entry.text:
        raise TrapError(
            f"the formula ={formula} has no value", "Open the workbook in Excel or LibreOffice, let it compute, save it; or write the value itself"
        )


def _text(entry: Entry, _: Use, say: Say) -> str:
    text = entry.text
    if hidden := _UNSEEN.search(text):
        raise TrapError(f"a sign that cannot be seen (U+{ord(hidden[0]):04X})", "Type the cell again")
    plain = _BLANKS.sub(" ", text)
    if plain != text and plain.strip() != text.strip():
        say("blanks that do not break are read as plain ones")
    return plain.strip()


def _date(entry: Entry, use: Use, say: Say) -> str:
    day, _, clock = entry.text.partition("T")
    whole = not clock.strip("0:.Z") and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", day) is not None
    if whole and use.kind == "day":
        return day
    if whole and use.kind == "month" and day.endswith("-01"):
        say(f"the day {day} is read as the month {day[:7]}")
        return day[:7]
    if use.kind == "month":
        raise TrapError(f"the day {day}: dates of a case are months", f"{_APOSTROPHE}, such as '{day[:7]}")
    raise TrapError(f"what was typed here became the date {day}", f"{_APOSTROPHE}, such as '1-2, or as the number that it is")


def _time(entry: Entry, _: Use, __: Say) -> str:
    raise TrapError(f"what was typed here became a time ({entry.text} days)", f"{_APOSTROPHE}, such as '2026:30, or as the number that it is")


def _flag(entry: Entry, use: Use, _: Say) -> str:
    if use.kind in ("flag", "text"):
        return entry.text
    raise TrapError(f"the switch {entry.text.upper()} where {_due(use)} is due", f"{_APOSTROPHE} if it is a word")


def _plain(entry: Entry) -> str:
    """A number; what a formula gave is taken to the 15 digits that spreadsheets show, without the noise behind them."""
    return number(float(f"{float(entry.text):.15g}")) if entry.formula else entry.text


def _percent(entry: Entry, use: Use, _: Say) -> str:
    shown = f"{float(entry.text) * 100:g} %"
    if use.kind != "number":
        raise TrapError(f"{shown} where {_due(use)} is due", f"{_APOSTROPHE} if it is a word")
    if not use.pure:
        raise TrapError(
            f"{shown}, a number shown as percent, where the column counts in '{use.unit}'", f"Write a number in '{use.unit}', shown as a plain number"
        )
    return _plain(entry)


def _number(entry: Entry, use: Use, _: Say) -> str:
    if use.kind in ("number", "text") or (use.kind == "month" and re.fullmatch(r"[1-9][0-9]{3}", entry.text)):
        return _plain(entry)
    fix = (
        f"{_APOSTROPHE}, such as '2026-07"
        if use.kind in ("month", "day")
        else "Write true or false"
        if use.kind == "flag"
        else f"{_APOSTROPHE}, such as '{entry.text}"
    )
    raise TrapError(f"the number {entry.text} where {_due(use)} is due", fix)


def _due(use: Use) -> str:
    return {"number": "a number", "month": "a month", "day": "a day", "flag": "true or false", "word": "a word", "text": "text"}[use.kind]
