"""What changed in what is known between two days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from barbell.core.errors import FactError
from barbell.facts.figure import Figure
from barbell.facts.store import day, figures, latest


@dataclass(frozen=True)
class Change:
    """One fact known otherwise on the later day.

    `kind`: ``new`` (not known before), ``changed`` (a later version says otherwise) or ``confirmed`` (a later version says the same: value,
    range and unit). `before` is the version superseded; None where the fact is new.
    """

    kind: Literal["new", "changed", "confirmed"]
    before: Figure | None
    after: Figure

    @property
    def name(self) -> str:
        """Name of the fact."""
        return self.after.name


def diff(start: str, end: str) -> tuple[Change, ...]:
    """Facts by name that became known, changed or were confirmed after the day `start` and up to the day `end`.

    Raises FactError on a bad day, and where `start` lies after `end`.
    """
    if day(start) > day(end):
        raise FactError(f"'{start}' lies after '{end}'. Give the earlier day first: --from {end} --to {start}")
    earlier = {figure.name: figure for figure in latest(figures(), start)}
    later = sorted(latest(figures(), end), key=lambda figure: figure.name)
    return tuple(_change(earlier.get(figure.name), figure) for figure in later if earlier.get(figure.name) is not figure)


def _change(before: Figure | None, after: Figure) -> Change:
    if before is None:
        return Change("new", None, after)
    same = (before.value, before.unit, before.low, before.high) == (after.value, after.unit, after.low, after.high)
    return Change("confirmed" if same else "changed", before, after)
