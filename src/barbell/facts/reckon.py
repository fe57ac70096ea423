"""What a formula comes to, with units, and the facts that it read on the way."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, reduce

from barbell.core.spelling import suggestion
from barbell.core.units import UnitError
from barbell.facts.figure import Figure
from barbell.facts.formula import Call, Chain, Day, Formula, FormulaError, Line, Named, Number, Series
from barbell.facts.quantity import Quantity
from barbell.facts.store import figures, latest, versions

LATEST = "9999-12-31"
"""The day on which everything is known."""


@dataclass
class Desk:
    """Where formulas of one line are reckoned: its day, the lines already done, and what has been read so far."""

    day: str = LATEST
    done: Mapping[str, Quantity] = field(default_factory=dict)
    read: list[Figure] = field(default_factory=list)

    def value(self, formula: Formula) -> Quantity:
        """The one value of a formula; raises FormulaError with place and fix."""
        found = self.values(formula)
        if len(found) != 1:
            raise FormulaError(f"{len(found)} facts where one value is wanted", "Write sum, min, max or count around the series", formula.at)
        return found[0]

    def values(self, formula: Formula) -> list[Quantity]:
        """Every value of a formula: several where it names a series; raises FormulaError."""
        match formula:
            case Number():
                return [_literal(formula)]
            case Day(value=value):
                return [Quantity.of(value.toordinal(), "day")]
            case Named():
                return [self._end(self._figure(formula), formula)]
            case Series():
                return [self._end(figure, formula) for figure in self._fitting(formula)]
            case Line(id=name, at=at):
                if name not in self.done:
                    raise FormulaError(f"there is no line '{name}'", suggestion(name, self.done, "lines"), at)
                return [self.done[name]]
            case Chain():
                return [self._chain(formula)]
            case Call():
                return self._call(formula)

    def _chain(self, chain: Chain) -> Quantity:
        (_, first), *rest = chain.parts
        whole = self.value(first)
        for sign, part in rest:
            value = self.value(part)
            try:
                whole = whole.plus(value, sign) if chain.kind == "+" else whole.times(value, sign)
            except UnitError as error:
                raise FormulaError(error.problem, error.fix, part.at) from None
            except ZeroDivisionError:
                raise FormulaError("a division by zero", "Divide by something that cannot be nothing", part.at) from None
            if not math.isfinite(whole.size):
                raise FormulaError("the value is beyond all numbers", "Use smaller numbers", part.at)
        return whole

    def _call(self, call: Call) -> list[Quantity]:
        if call.function == "since":
            return [self._since(call)]
        values = [value for part in call.arguments for value in self.values(part)]
        if call.function == "nominal":
            return [value.nominal for value in values]
        try:
            return [self._folded(call, values)]
        except UnitError as error:
            raise FormulaError(error.problem, error.fix, call.at) from None

    def _folded(self, call: Call, values: list[Quantity]) -> Quantity:
        if call.than is not None:
            than = self.value(call.than)
            return Quantity(float(sum(value.less(than) if call.sign == "<" else than.less(value) for value in values)))
        match call.function:
            case "count":
                return Quantity(float(len(values)))
            case "sum":
                return reduce(Quantity.plus, values)
            case "min":
                return reduce(lambda a, b: a if a.less(b) else b, values)
            case "max":
                return reduce(lambda a, b: b if a.less(b) else a, values)
        if len(values) > 1:
            raise FormulaError(f"'{call.function}' takes one value, not {len(values)}", "Name one fact", call.at)
        return Quantity(abs(values[0].size), values[0].powers)

    def _since(self, call: Call) -> Quantity:
        (named,) = call.arguments
        assert isinstance(named, Named)
        first = _versions(named)[0]
        self.read.append(first)
        return self.value(Day(date.fromisoformat(first.as_of), call.at))

    def _figure(self, named: Named) -> Figure:
        """The version known on the day asked for."""
        told, day = _versions(named), named.day or self.day
        then = [figure for figure in told if figure.as_of <= day]
        if not then:
            fix = f"Ask for a later day, such as {named.name}@{told[0].as_of}, or use an earlier source"
            raise FormulaError(f"'{named.name}' was not known on {day}, only from {told[0].as_of}", fix, named.at)
        self.read.append(then[-1])
        return then[-1]

    def _fitting(self, series: Series) -> list[Figure]:
        """The facts of a series in the versions known on the day asked for; figures that lost against another source are left out."""
        fits = re.compile(".*".join(re.escape(part) for part in series.pattern.split("*")))
        found = [figure for figure in latest(figures(), series.day or self.day) if fits.fullmatch(figure.name) and "-alt" not in figure.name]
        if not found:
            when = series.day or self.day
            problem = f"no fact fits '{series.pattern}'" + (f" on {when}" if when != LATEST else "")
            raise FormulaError(problem, suggestion(series.pattern, _names(), "facts"), series.at)
        self.read.extend(found)
        return found

    def _end(self, figure: Figure, asked: Named | Series) -> Quantity:
        """The value of a figure, or an end of its range, with its unit."""
        part = asked.part if isinstance(asked, Named) else "value"
        text = getattr(figure, part)
        try:
            return Quantity.of(_number(text), figure.unit)
        except ValueError:
            what = f"'{figure.name}' has no {part} end" if not text else f"the {part} of '{figure.name}' is no single number"
            raise FormulaError(what, "Use a fact that has one", asked.at) from None


def _literal(number: Number) -> Quantity:
    try:
        return Quantity.of(number.value, number.unit) if number.unit else Quantity(number.value)
    except UnitError as error:
        raise FormulaError(error.problem, error.fix, number.at) from None


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


@cache
def _names() -> tuple[str, ...]:
    return tuple(sorted({figure.name for figure in figures()}))


def _versions(named: Named) -> tuple[Figure, ...]:
    """Every version of a fact; raises FormulaError, with the nearest name, when there is none."""
    if named.name in _known():
        return versions(named.name)
    fix = suggestion(named.name, _names(), "facts")
    if any(named.name[:n] in _known() for n, sign in enumerate(named.name) if sign in "+-"):
        fix = "Put blanks around + and - where they are signs: names hold them too"
    raise FormulaError(f"there is no fact '{named.name}'", fix, named.at)


@cache
def _known() -> frozenset[str]:
    return frozenset(_names())


def unique(read: Iterable[Figure]) -> tuple[Figure, ...]:
    """What was read, each version of a fact once, by name and day."""
    return tuple(sorted({(figure.name, figure.as_of): figure for figure in read}.values(), key=lambda figure: (figure.name, figure.as_of)))
