"""What a derived fact rests on: the facts that were read for it, with their ranges.

A room that turns facts into facts opens one `Basis` per result, reads what it needs by name and unit, and closes with
`Basis.fact`: the source then names the formula and every fact that was read, whichever branches the way there took.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from barbell.core.errors import FactError
from barbell.core.path import Path
from barbell.core.relations import Fact
from barbell.core.spelling import suggestion
from barbell.core.units import UnitError, factor

Known = Mapping[str, Fact]
"""Facts by name, each in the version of one day."""
_DIGITS = 12
"""Significant digits of a derived number: so many that shares still sum to one, fewer than rounding errors show."""


Z80 = 1.2816
"""Standard deviations from the middle of a normal distribution to the edge of its 80 % interval."""


@dataclass(frozen=True)
class Interval:
    """A number and its range; the range of a number without one is the number itself."""

    value: float
    low: float
    high: float

    def spread(self) -> tuple[float, float]:
        """Logarithms of value over low and of high over value: how far it may fall and rise; infinite where low is 0.

        Raises FactError for a value that is not above 0: it has no relative range.
        """
        if self.value <= 0:
            raise FactError(f"{self.value:g} is not above 0 and has no relative range: give a positive number")
        fall = math.log(self.value / self.low) if self.low > 0 else math.inf
        return fall, math.log(self.high / self.value)

    def times(self, by: float) -> Interval:
        """The number and both ends in another unit: `by` is above 0."""
        return Interval(self.value * by, self.low * by, self.high * by)

    def inverse(self) -> Interval:
        """One over it; without a high end where it may be 0."""
        return Interval(1 / self.value, 1 / self.high, 1 / self.low if self.low > 0 else math.inf)


@dataclass(frozen=True)
class Course:
    """A number over time and its range."""

    value: Path
    low: Path
    high: Path

    def map(self, function: Callable[[float], float]) -> Course:
        """The same course with every number changed by `function`."""
        return Course(self.value.map(function), self.low.map(function), self.high.map(function))


def product(value: float, *parts: Interval) -> Interval:
    """`value` with the ranges of independent factors: their logarithms add in squares, so that not all are bad at once."""
    fall = math.sqrt(sum(part.spread()[0] ** 2 for part in parts))
    rise = math.sqrt(sum(part.spread()[1] ** 2 for part in parts))
    return Interval(value, value * math.exp(-fall), value * math.exp(rise))


def ratio(above: Interval | None, below: Interval | None, by: float = 1.0) -> Interval | None:
    """`by` times one over the other, ranges as independent; None where either lacks."""
    if above is None or below is None:
        return None
    inverse = below.inverse()
    return product(by * above.value * inverse.value, above, inverse)


class Basis:
    """Reads facts and remembers which; one per result."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._read: dict[str, Fact] = {}

    def has(self, name: str) -> bool:
        """Whether the fact is known."""
        return name in self._known

    def unit(self, name: str) -> str:
        """The unit that the fact itself has; raises FactError when it lacks."""
        return self._find(name).unit

    @property
    def read(self) -> tuple[str, ...]:
        """Names of the facts that were read, in alphabetical order."""
        return tuple(sorted(self._read))

    def newest(self, start: str) -> str:
        """Name of the fact that begins with `start` and ends with the latest period; raises FactError when there is none."""
        names = sorted((name for name in self._known if name.startswith(start)), key=lambda name: name.rpartition("-")[2])
        return names[-1] if names else self._find(start).name

    def course(self, name: str, unit: str) -> Course:
        """The fact over time in `unit`, with its range; raises FactError when it lacks, is no number or has another unit."""
        return self._course(self._find(name), unit)

    def interval(self, name: str, unit: str) -> Interval:
        """The fact's value and range in `unit`; raises FactError when it lacks, is no single number inside its range or has another unit."""
        return _single(self.course(name, unit), name)

    def number(self, name: str, unit: str) -> float:
        """The fact's value in `unit`; raises FactError as `interval` does."""
        return self.interval(name, unit).value

    def at_par(self, name: str, unit: str, year: int) -> Interval:
        """A price in money of any year, carried to `year` unchanged: no deflator is applied, which the formula must say."""
        found = self._find(name)
        restated = found.model_copy(update={"unit": re.sub(r"(?<=[A-Z]{3})[0-9]{4}", str(year), found.unit)})
        return _single(self._course(restated, unit), name)

    def fact(self, name: str, result: Interval | Course | float, unit: str, formula: str, *, assumed: bool = False, note: str = "") -> Fact:
        """The fact that follows by `formula` from what was read; `assumed` when an assumption of its own entered.

        Raises FactError when nothing was read (a number that rests on no fact is not derived), and for an assumption
        without a range: one of its own, or one that it read and whose range it lost on the way.
        """
        if not self._read:
            raise FactError(f"'{name}' rests on no fact: store it as a fact of its own")
        found = Interval(result, result, result) if isinstance(result, float | int) else result
        grade = "S" if assumed or any(fact.grade == "S" for fact in self._read.values()) else "M"
        ranged = found.low != found.high
        if grade == "S" and not ranged:
            raise FactError(f"'{name}' rests on an assumption without a range: give the assumption low and high")
        return Fact(
            name=name,
            value=_text(found.value),
            unit=unit,
            as_of=max(fact.as_of for fact in self._read.values()),
            source=f"{formula}; from {', '.join(sorted(self._read))}",
            grade="S" if grade == "S" else "M",
            low=_text(found.low) if ranged else "",
            high=_text(found.high) if ranged else "",
            note=note,
        )

    def _find(self, name: str) -> Fact:
        if name not in self._known:
            raise FactError(f"there is no fact '{name}'. {suggestion(name, self._known, 'facts')}")
        return self._known[name]

    def _course(self, found: Fact, unit: str) -> Course:
        try:
            scale = factor(found.unit, unit)
            value, low, high = (Path.parse(text or found.value) for text in (found.value, found.low, found.high))
        except UnitError as error:
            raise FactError(f"the fact '{found.name}' counts in {found.unit}: {error.problem}. {error.fix}") from None
        except ValueError as error:
            raise FactError(f"the fact '{found.name}' is no number: {error}") from None
        self._read[found.name] = self._known[found.name]
        return Course(value, low, high).map(lambda level: level * scale)


def _single(course: Course, name: str) -> Interval:
    """The only number of a course."""
    paths = (course.value, course.low, course.high)
    if any(len(path.values) != 1 for path in paths):
        raise FactError(f"the fact '{name}' changes over time where one number is wanted. Name another fact")
    found = Interval(*(path.values[0] for path in paths))
    if not found.low <= found.value <= found.high:
        raise FactError(f"the fact '{name}' is {found.value:g} ({found.low:g} to {found.high:g}): give a finite number inside its range")
    return found


def _text(number: float | Path) -> str:
    if isinstance(number, Path) and len(number.steps) > 1:
        return " ".join(f"{month}:{level:.{_DIGITS}g}" for month, level in number.steps)
    return f"{number.values[0] if isinstance(number, Path) else number:.{_DIGITS}g}"
