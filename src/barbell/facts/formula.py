"""Formulas over facts: a small language of its own, read by hand and never run as a program.

::

    sum      = product, { ("+" | "-"), product }
    product  = signed, { ("*" | "/"), signed }
    signed   = { "+" | "-" }, atom
    atom     = number, [ "{", unit, "}" ] | date | fact | series | line | call | "(", sum, ")"
    fact     = name, [ ".low" | ".high" ], [ "@", date ]            amzn-capex_guide-2026.high@2026-07-30
    series   = "'", name with * for any text, "'", [ "@", date ]    '*-economy-gdp_nominal-2023'
    line     = "[", id of another line, "]"                         [C15e]
    call     = function, "(", argument, { ",", argument }, ")"
    argument = sum, [ ("<" | ">"), sum ]                            the comparison in `count` alone

Names hold - and +, so both need a blank before them when they are signs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from barbell.core.spelling import suggestion
from barbell.facts.store import is_day

FUNCTIONS = ("abs", "count", "max", "min", "nominal", "since", "sum")
_LONGEST = 4000  # characters
_DEEPEST = 40  # brackets inside brackets
_TOKEN = re.compile(
    r"""(?P<blank>\s+)
    |(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9]))
    |(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<name>[A-Za-z](?:[A-Za-z0-9_+-]*[A-Za-z0-9_])?)
    |(?P<unit>\{[^}]*\})
    |(?P<series>'[^']*')
    |(?P<line>\[[^\]]*\])
    |(?P<sign>[-+*/(),<>@.])""",
    re.VERBOSE,
)


class FormulaError(ValueError):
    """A formula cannot be read or reckoned; `at` is the character (from 1), `problem` and `fix` are ready for a `Fault`."""

    def __init__(self, problem: str, fix: str, at: int = 1) -> None:
        self.problem, self.fix, self.at = problem, fix, at
        super().__init__(f"character {at}: {problem}. {fix}")


@dataclass(frozen=True, slots=True)
class Number:
    """A number, pure or in a unit."""

    value: float
    unit: str = ""
    at: int = 1


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar."""

    value: date
    at: int = 1


@dataclass(frozen=True, slots=True)
class Named:
    """A fact: its value, low or high end, as known on `day` (without one: on the day of the line)."""

    name: str
    part: str = "value"
    day: str = ""
    at: int = 1


@dataclass(frozen=True, slots=True)
class Series:
    """Every fact whose name fits `pattern`, in which * stands for any text."""

    pattern: str
    day: str = ""
    at: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """The value of another line."""

    id: str
    at: int = 1


@dataclass(frozen=True, slots=True)
class Chain:
    """Terms of a sum (`kind` +) or factors of a product (`kind` *), each with its sign: -1 for - and /."""

    kind: str
    parts: tuple[tuple[int, Formula], ...]
    at: int = 1


@dataclass(frozen=True, slots=True)
class Call:
    """A function of its arguments; `than` is what `count` compares with, `sign` < or >."""

    function: str
    arguments: tuple[Formula, ...]
    sign: str = ""
    than: Formula | None = None
    at: int = 1


Formula = Number | Day | Named | Series | Line | Chain | Call


def parse(text: str) -> Formula:
    """Read a formula; raises FormulaError with place and fix."""
    if len(text) > _LONGEST:
        raise FormulaError(f"{len(text)} characters", f"Write at most {_LONGEST}, and split longer sums into lines", _LONGEST)
    reader = _Reader(list(_tokens(text)), len(text) + 1)
    found = reader.sum()
    if reader.kind:
        raise reader.wrong("is left over", "Put an operator before it, or leave it out")
    return found


def lines(formula: Formula) -> Iterator[Line]:
    """The other lines that a formula refers to."""
    match formula:
        case Line():
            yield formula
        case Chain(parts=parts):
            for _, part in parts:
                yield from lines(part)
        case Call(arguments=arguments, than=than):
            for part in (*arguments, *([than] if than else [])):
                yield from lines(part)


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """(Kind, text, place) of each token, blanks left out."""
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise FormulaError(f"'{text[at]}' means nothing here", "Use names of facts, numbers, + - * / ( ) and functions", at + 1)
        if found.lastgroup and found.lastgroup != "blank":
            yield found.lastgroup, found[0], at + 1
        at = found.end()


class _Reader:
    """Reads tokens from left to right."""

    def __init__(self, tokens: list[tuple[str, str, int]], end: int) -> None:
        self.tokens, self.next, self.depth = [*tokens, ("", "", end)], 0, 0

    @property
    def kind(self) -> str:
        return self.tokens[self.next][0]

    @property
    def text(self) -> str:
        return self.tokens[self.next][1]

    @property
    def at(self) -> int:
        return self.tokens[self.next][2]

    def take(self) -> str:
        self.next += 1
        return self.tokens[self.next - 1][1]

    def sees(self, *signs: str) -> bool:
        return self.kind == "sign" and self.text in signs

    def wrong(self, problem: str, fix: str) -> FormulaError:
        return FormulaError(f"'{self.text}' {problem}" if self.kind else "the formula ends too early", fix, self.at)

    def sum(self) -> Formula:
        return self.chain("+", "+", "-")

    def chain(self, kind: str, plus: str, minus: str) -> Formula:
        at, parts, sign = self.at, [], 1
        while True:
            parts.append((sign, self.chain("*", "*", "/") if kind == "+" else self.signed()))
            if not self.sees(plus, minus):
                return parts[0][1] if len(parts) == 1 else Chain(kind, tuple(parts), at)
            sign = 1 if self.take() == plus else -1

    def signed(self) -> Formula:
        at, sign = self.at, 1
        while self.sees("+", "-"):
            sign = -sign if self.take() == "-" else sign
        found = self.atom()
        return found if sign > 0 else Chain("*", ((1, Number(-1.0, at=at)), (1, found)), at)

    def atom(self) -> Formula:
        at, kind = self.at, self.kind
        if self.sees("("):
            return self.bracket()
        if kind not in ("number", "date", "name", "series", "line"):
            raise self.wrong("stands where a value is wanted", "Write a fact, a number or a bracket")
        text = self.take()
        if kind == "number":
            if not math.isfinite(float(text)):
                raise FormulaError(f"'{text}' is too large", "Write a smaller number", at)
            return Number(float(text), self.take()[1:-1].strip() if self.kind == "unit" else "", at)
        if kind == "date":
            return Day(date.fromisoformat(_day(text, at)), at)
        if kind == "line":
            return Line(text[1:-1].strip(), at)
        if kind == "series":
            return Series(text[1:-1], self.day(), at)
        return self.call(text, at) if self.sees("(") else Named(text, self.part(), self.day(), at)

    def bracket(self) -> Formula:
        self.open()
        found = self.sum()
        self.close()
        return found

    def open(self) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.wrong(f"opens more than {_DEEPEST} brackets", "Split the formula into lines")
        self.take()

    def close(self) -> None:
        if not self.sees(")"):
            raise self.wrong("stands where the bracket should close", "Write )")
        self.take()
        self.depth -= 1

    def part(self) -> str:
        if not self.sees("."):
            return "value"
        self.take()
        if self.text not in ("low", "high"):
            raise self.wrong("is no end of a range", "Write .low or .high, or nothing for the value")
        return self.take()

    def day(self) -> str:
        if not self.sees("@"):
            return ""
        self.take()
        if self.kind != "date":
            raise self.wrong("is not a day", "Write it as @YYYY-MM-DD, such as @2026-07-30")
        at = self.at
        return _day(self.take(), at)

    def call(self, function: str, at: int) -> Formula:
        if function not in FUNCTIONS:
            raise FormulaError(f"there is no function '{function}'", suggestion(function, FUNCTIONS, "functions"), at)
        self.open()
        found, sign, than = [self.sum()], "", None
        if function == "count" and self.sees("<", ">"):
            sign, than = self.take(), self.sum()
        while self.sees(","):
            self.take()
            found.append(self.sum())
        self.close()
        if function in ("abs", "since") and len(found) > 1:
            raise FormulaError(f"'{function}' takes one value, not {len(found)}", f"Write {function}(...) around each", at)
        if than is not None and len(found) > 1:
            raise FormulaError("'count' compares one series", "Write count('series' < value)", at)
        if function == "since" and not isinstance(found[0], Named):
            raise FormulaError("'since' asks for one fact", "Write since(NAME)", at)
        return Call(function, tuple(found), sign, than, at)


def _day(text: str, at: int) -> str:
    if not is_day(text):
        raise FormulaError(f"'{text}' is not a day", "Write a day of the calendar as YYYY-MM-DD", at)
    return text
