"""Money as lines: every coefficient that moves money is written once, and both the equations and the tables read it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from barbell.core.clock import Floats
from barbell.plan.lp import Rows

Ints = NDArray[np.int64]


@dataclass
class Line:
    """One line of money: terms (owner, period, column, amount per unit) and constants `given` (owners, T)."""

    given: Floats
    parts: list[tuple[Ints, Ints, Ints, Floats]] = field(default_factory=list)

    def add(self, owner: ArrayLike, period: ArrayLike, columns: ArrayLike, amount: ArrayLike) -> None:
        """Add terms; the four broadcast, and columns that do not exist (-1) drop out."""
        flat = [part.reshape(-1) for part in np.broadcast_arrays(owner, period, columns, amount)]
        there = flat[2] >= 0
        self.parts.append((flat[0][there], flat[1][there], flat[2][there], flat[3][there]))

    @property
    def terms(self) -> tuple[Ints, Ints, Ints, Floats]:
        """All terms: owner, period, column, amount per unit."""
        none = np.zeros(0, int)
        owner, period, column = (np.concatenate([none, *(p[k] for p in self.parts)]).astype(int) for k in range(3))
        return owner, period, column, np.concatenate([np.zeros(0), *(p[3] for p in self.parts)])

    def into(self, rows: Rows, sign: float) -> None:
        """Add ``sign x line`` to rows over (owner, period); the constants are the caller's."""
        owner, period, column, amount = self.terms
        rows.add(sign * amount, column, at=(owner, period))

    def value(self, x: Floats) -> Floats:
        """(owners, T) the line at a solution."""
        owner, period, column, amount = self.terms
        total = self.given.copy()
        np.add.at(total, (owner, period), amount * x[column])
        return total


class Ledger:
    """Lines by name, in the order in which they were opened."""

    def __init__(self, owners: int, periods: int) -> None:
        self._shape = owners, periods
        self.lines: dict[str, Line] = {}

    def __getitem__(self, name: str) -> Line:
        if name not in self.lines:
            self.lines[name] = Line(np.zeros(self._shape))
        return self.lines[name]

    def into(self, rows: Rows, names: tuple[str, ...], sign: float) -> None:
        """Add several lines to rows over (owner, period)."""
        for name in names:
            self[name].into(rows, sign)

    def given(self, names: tuple[str, ...]) -> Floats:
        """(owners, T) sum of the constants of several lines."""
        total: Floats = np.sum([self[name].given for name in names], axis=0)
        return total
