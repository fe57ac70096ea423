"""How much the guards see: single wrong values planted in the figures of companies, and the series that nothing guards."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace

from barbell.facts.check import range_faults
from barbell.facts.figure import Figure
from barbell.facts.identity import identities
from barbell.facts.label import REPORTED
from barbell.facts.store import figures

GRADES = ("A", "B")
"""Grades of the figures into which errors are planted."""
SMALLEST, LARGEST = 0.02, 0.5
"""Least and most relative change planted."""


@dataclass(frozen=True)
class Mutations:
    """Changes planted one at a time, how many were `seen`, and the figures of each series (entity, segment, metric, basis) that were not."""

    planted: int
    seen: int
    missed: dict[tuple[str, str, str, str], tuple[str, ...]]
    unguarded: dict[tuple[str, str, str, str], int]
    """Series of which no figure takes part in any guard, with the number of their figures."""

    @property
    def share(self) -> float:
        """Share of the planted changes that the guards see."""
        return self.seen / self.planted


def mutations(rows: Iterable[Figure] | None = None, *, seed: int = 1) -> Mutations:
    """Change each figure of grade A or B that a company reported, one at a time, by 2 to 50 % (log-uniform, up or down), and ask the guards.

    The same `seed` plants the same changes. All figures of those grades are the denominator, also those that stand in no sum.
    """
    stock = [row for row in (figures() if rows is None else rows) if row.file in REPORTED]
    chance = random.Random(seed)  # noqa: S311  planted errors need no secrecy
    missed: dict[tuple[str, str, str, str], list[str]] = {}
    counts: dict[tuple[str, str, str, str], int] = {}
    planted = 0
    for at, row in enumerate(stock):
        if row.grade not in GRADES:
            continue
        size = SMALLEST * (LARGEST / SMALLEST) ** chance.random() * chance.choice((1, -1))
        planted += 1
        counts[row.about[:4]] = counts.get(row.about[:4], 0) + 1
        wrong = replace(row, value=repr(row.number * (1 + size)))
        if not _seen(wrong, [*stock[:at], wrong, *stock[at + 1 :]]):
            missed.setdefault(row.about[:4], []).append(row.name)
    guarded = _guarded(stock)
    unguarded = {about: count for about, count in counts.items() if about not in guarded}
    return Mutations(planted, planted - sum(map(len, missed.values())), {k: tuple(v) for k, v in missed.items()}, unguarded)


def _seen(wrong: Figure, stock: list[Figure]) -> bool:
    return any(range_faults(wrong)) or not all(identity.holds for identity in identities(stock))


def _guarded(stock: list[Figure]) -> set[tuple[str, str, str, str]]:
    """Series of which at least one figure moves a guard when it is doubled and shifted."""
    found: set[tuple[str, str, str, str]] = set()
    for at, row in enumerate(stock):
        if row.about[:4] in found:
            continue
        wrong = replace(row, value=repr(2 * row.number + 1e6))
        if not all(identity.holds for identity in identities([*stock[:at], wrong, *stock[at + 1 :]])):
            found.add(row.about[:4])
    return found
