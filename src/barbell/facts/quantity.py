"""A number with its unit, as formulas over facts reckon with it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from barbell.core.units import CURRENCIES, UnitError, base

Powers = tuple[tuple[str, float], ...]
"""Base units and their powers, sorted by name, none of power 0."""

_DATED = re.compile(rf"({CURRENCIES})[0-9]{{4}}")
_UNDATED = re.compile(rf"(?<![A-Za-z0-9_])([kMGBT]?(?:{CURRENCIES}))(?![A-Za-z0-9_])")
_OF_ITS_DAY = "0000"
"""Year that money at the prices of its own day carries through the door, which wants one."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """`size` in base units, and the powers of those."""

    size: float
    powers: Powers = ()

    @classmethod
    def of(cls, value: float, unit: str) -> Quantity:
        """`value` counted in `unit`; money without a year (``GUSD``) is money at the prices of its day. Raises UnitError."""
        factor, powers = base(_UNDATED.sub(rf"\g<1>{_OF_ITS_DAY}", unit))
        return cls(value * factor, powers)

    def counted_in(self, unit: str) -> float:
        """How many of `unit` it is; raises UnitError where the two do not convert."""
        one = Quantity.of(1.0, unit)
        self._same(one)
        return self.size / one.size

    def plus(self, other: Quantity, sign: int = 1) -> Quantity:
        """The sum, or with `sign` -1 the difference; raises UnitError unless both count the same thing."""
        self._same(other)
        return Quantity(self.size + sign * other.size, self.powers)

    def times(self, other: Quantity, sign: int = 1) -> Quantity:
        """The product, or with `sign` -1 the quotient; raises ZeroDivisionError."""
        size = self.size * other.size if sign > 0 else self.size / other.size
        return Quantity(size, _merged((*self.powers, *((name, sign * power) for name, power in other.powers))))

    def less(self, other: Quantity) -> bool:
        """Whether it is less than `other`; raises UnitError unless both count the same thing."""
        self._same(other)
        return self.size < other.size

    @property
    def nominal(self) -> Quantity:
        """The same with all money at the prices of its day: a decision of whoever asks, no conversion."""
        return Quantity(self.size, _merged(tuple((_DATED.sub(rf"\g<1>{_OF_ITS_DAY}", name), power) for name, power in self.powers)))

    @property
    def unit(self) -> str:
        """Its base units as text, such as ``USD2026/W``; ``1`` for a pure number."""
        over = "*".join(_spelt(name, power) for name, power in self.powers if power > 0)
        under = "".join(f"/{_spelt(name, -power)}" for name, power in self.powers if power < 0)
        return (over or "1") + under

    def _same(self, other: Quantity) -> None:
        if self.powers == other.powers:
            return
        fix = "Use figures of one kind, or turn one into the other by a factor with a unit"
        if self.nominal.powers == other.nominal.powers:
            fix = "Write nominal(...) around money of several years: it counts each at the prices of its day"
        raise UnitError(f"'{self.unit}' does not fit '{other.unit}'", fix)


def _merged(powers: Powers) -> Powers:
    found: dict[str, float] = {}
    for name, power in powers:
        found[name] = found.get(name, 0.0) + power
    return tuple(sorted((name, power) for name, power in found.items() if power))


def _spelt(name: str, power: float) -> str:
    told = name.removesuffix(_OF_ITS_DAY)
    return told if power == 1 else f"{told}**{power:g}"
