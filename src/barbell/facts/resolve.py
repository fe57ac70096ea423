"""Which of several sources for one thing is taken, and why."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from barbell.core.relations import Fact
from barbell.facts.figure import Figure

RANK = {grade: rank for rank, grade in enumerate("ABMCSD")}
"""Grades from the best to the worst: own arithmetic on sourced numbers stands behind what was cross-checked, an own assumption behind any source."""
_UNFIT = "D"
"""Unverified, or contradicted by a better source: shown, but no part of a range."""


@dataclass(frozen=True)
class Conflict:
    """Several sources for one thing, as known on a day: which is taken, which stand beside it, and what they span.

    `others` say the same thing and may be compared; `apart` count by another definition (basis) or in money of another year, so that no
    difference between them is a conflict. `low` and `high` are the range that the fact carries, in its unit: its own, or else the span
    of all sources but those of grade D; empty where neither exists.
    """

    name: str
    taken: Figure
    others: tuple[Figure, ...]
    apart: tuple[Figure, ...]
    reason: str
    low: str
    high: str

    @property
    def spread(self) -> float:
        """Largest distance of another source from the value taken, as a share of it; not a number where either is none."""
        gaps = [abs(other.number - self.taken.number) for other in self.others]
        return max(gaps) / abs(self.taken.number) if gaps and self.taken.number else math.nan

    @property
    def fact(self) -> Fact:
        """What is known under the plain name: the value taken, its range, and in the note what speaks against it."""
        against = ", ".join(f"{other.value} ({other.grade})" for other in self.others)
        note = "; ".join(text for text in (self.taken.note, f"others say {against}" if against else "") if text)
        return self.taken.fact.model_copy(update={"name": self.name, "low": self.low, "high": self.high, "note": note})


def plain(name: str) -> str:
    """The name under which the thing is known, without the mark of another source (``-alt2``)."""
    return name.partition("-alt")[0]


def resolve(name: str, rows: Iterable[Figure]) -> Conflict:
    """Choose among the sources known under `name` (one row each, that of the plain name among them): by grade, then by recency.

    Only rows of the definition and unit of the plain name take part; of equals the one with the plain name is taken.
    """
    ranked = sorted(rows, key=lambda row: row.name)
    home = next(row for row in ranked if row.name == name)
    apart = tuple(row for row in ranked if (row.basis, row.unit) != (home.basis, home.unit))
    alike = [row for row in ranked if row not in apart]
    newest = max(row.as_of for row in alike if RANK[row.grade] == min(RANK[other.grade] for other in alike))
    taken = min(alike, key=lambda row: (RANK[row.grade], row.as_of != newest, row.name))
    others = tuple(row for row in alike if row is not taken)
    low, high = _range(taken, others)
    return Conflict(name, taken, others, apart, _reason(taken, others), low, high)


def _reason(taken: Figure, others: tuple[Figure, ...]) -> str:
    if not others:
        return "the others count by another definition or in other money"
    best = min(others, key=lambda row: RANK[row.grade])
    if RANK[best.grade] > RANK[taken.grade]:
        return f"grade {taken.grade} before {best.grade}"
    newest = max(row.as_of for row in others if row.grade == taken.grade)
    if newest < taken.as_of:
        return f"of grade {taken.grade} the newest, {taken.as_of} after {newest}"
    return f"of equal grade {taken.grade} and day, the preferred source"


def _range(taken: Figure, others: tuple[Figure, ...]) -> tuple[str, str]:
    """Own range first; else the span of the sources fit for one."""
    fit = [row for row in (taken, *others) if row.grade != _UNFIT or row is taken]
    if taken.low or taken.high or len(fit) < 2 or any(math.isnan(row.number) for row in fit):
        return taken.low, taken.high
    return min(fit, key=lambda row: row.number).value, max(fit, key=lambda row: row.number).value
