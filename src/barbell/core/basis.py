"""What a derived fact rests on: the facts that were read for it, with their ranges.

A room that turns facts into facts opens one `Basis` per result, reads what it needs by name and unit, and closes with
`Basis.fact`: the source then names the formula and every fact that was read, whichever branches the way there took.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from barbell.core.errors import FactError
from barbell.core.known import Known, derived, fact, number
from barbell.core.relations import Fact

_DIGITS = 6
"""Significant digits of a derived number: more than its inputs have, fewer than rounding errors show."""


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


def product(value: float, *parts: Interval) -> Interval:
    """`value` with the ranges of independent factors: their logarithms add in squares, so that not all are bad at once."""
    fall = math.sqrt(sum(part.spread()[0] ** 2 for part in parts))
    rise = math.sqrt(sum(part.spread()[1] ** 2 for part in parts))
    return Interval(value, value * math.exp(-fall), value * math.exp(rise))


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
        return fact(self._known, name).unit

    def interval(self, name: str, unit: str) -> Interval:
        """The fact's value and range in `unit`; raises FactError when it lacks, is no single number inside its range or has another unit."""
        try:
            found = Interval(*(number(self._known, name, unit, end=end) for end in ("value", "low", "high")))
        except ValueError as error:
            raise FactError(f"the fact '{name}' is no number: {error}") from None
        if not math.isfinite(found.value) or not found.low <= found.value <= found.high:
            raise FactError(f"the fact '{name}' is {found.value:g} ({found.low:g} to {found.high:g}): give a finite number inside its range")
        self._read[name] = self._known[name]
        return found

    def number(self, name: str, unit: str) -> float:
        """The fact's value in `unit`; raises FactError as `interval` does."""
        return self.interval(name, unit).value

    def fact(self, name: str, result: Interval | float, unit: str, formula: str, *, assumed: bool = False, note: str = "") -> Fact:
        """The fact that follows by `formula` from what was read; `assumed` when an assumption of its own entered.

        Raises FactError when nothing was read (a number that rests on no fact is not derived), and for an assumption
        without a range.
        """
        if not self._read:
            raise FactError(f"'{name}' rests on no fact: store it as a fact of its own")
        result = result if isinstance(result, Interval) else Interval(result, result, result)
        ranged = result.low < result.high
        if assumed and not ranged:
            raise FactError(f"'{name}' rests on an assumption without a range: give the assumption low and high")
        low, high = (_rounded(result.low), _rounded(result.high)) if ranged else (None, None)
        inputs = (self._read[key] for key in sorted(self._read))
        found = derived(name, _rounded(result.value), unit, formula, inputs, low=low, high=high)
        return found.model_copy(update={"note": note, "grade": "S" if assumed else found.grade})


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
