"""What a service promises: most time per output token and to the first token, in the middle or at the 99th percentile.

Predictions are of the middle (the median of requests). The 99th percentile is the middle times a ratio that was observed, with its range; a level
at the 99th percentile is kept where that product keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from barbell.core.basis import Basis, Interval, Known
from barbell.workloads.serving.deployment import FREE

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Span:
    """Numbers entry by entry, each with its 80 % interval."""

    value: Numbers
    low: Numbers
    high: Numbers

    @classmethod
    def around(cls, value: Numbers, half: Numbers) -> Span:
        """Numbers with these half-widths in logarithms."""
        return cls(value, value * np.exp(-half), value * np.exp(half))

    def take(self, which: Flags | NDArray[np.int64]) -> Span:
        """The entries of a mask or of positions."""
        return Span(self.value[which], self.low[which], self.high[which])

    def at(self, position: int) -> Interval:
        """One entry."""
        return Interval(float(self.value[position]), float(self.low[position]), float(self.high[position]))

    def times(self, by: Interval) -> Span:
        """Times an independent factor: logarithms of ranges add in squares, as in `core.basis.product`."""
        fall, rise = by.spread()
        value = self.value * by.value
        down, up = np.hypot(np.log(self.value / self.low), fall), np.hypot(np.log(self.high / self.value), rise)
        return Span(value, value * np.exp(-down), value * np.exp(up))


@dataclass(frozen=True)
class Tail:
    """The 99th percentile over the middle."""

    token: Interval
    first: Interval

    @classmethod
    def of(cls, known: Known) -> Tail:
        """As observed on public runs; raises FactError where it is not known on the day."""
        basis = Basis(known)
        return cls(basis.interval("serving-tail-token", "1"), basis.interval("serving-tail-first", "1"))


@dataclass(frozen=True)
class Level:
    """A service level; `FREE` where a time is not bound."""

    token: float = FREE
    """Most seconds per output token."""
    first: float = FREE
    """Most seconds to the first token."""
    tail: Tail | None = None
    """Where both are meant at the 99th percentile: how far that lies above the middle."""

    @property
    def percentile(self) -> int:
        """50 or 99."""
        return 99 if self.tail else 50

    def per_token(self, middle: Span) -> Span:
        """Seconds per token at the percentile of the level."""
        return middle.times(self.tail.token) if self.tail else middle

    def to_first(self, middle: Span) -> Span:
        """Seconds to the first token at the percentile of the level."""
        return middle.times(self.tail.first) if self.tail else middle
