"""Fresh figures at the door: what was read, what was refused and why, how it sits beside the store, and the table for a person to look at."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from barbell.facts.figure import COLUMNS, Figure
from barbell.facts.identity import identities
from barbell.facts.store import figures as store
from barbell.facts.store import latest
from barbell.facts.tie import Identity

_END = "9999-12-31"


@dataclass(frozen=True, order=True)
class Refusal:
    """Something that was not imported: what, why, and how often."""

    subject: str
    reason: str
    count: int = 1


class Differing(NamedTuple):
    """A figure whose latest value is another one in the store."""

    name: str
    store: str
    fresh: str
    unit: str


@dataclass(frozen=True)
class Intake:
    """What came of a file: `figures` sorted as in the store's files, `refusals`, and the `name` of the file to write (without ``.csv``)."""

    name: str
    figures: tuple[Figure, ...]
    refusals: tuple[Refusal, ...]

    @property
    def standing(self) -> dict[str, int]:
        """How many names the store does not know, knows with this value, knows with another one; each in its latest version."""
        known = {figure.name: figure for figure in latest(store(), _END)}
        fresh = latest(self.figures, _END)
        met = [figure for figure in fresh if figure.name in known]
        differing = len(self.differing)
        return {"new": len(fresh) - len(met), "same": len(met) - differing, "differing": differing}

    @property
    def differing(self) -> tuple[Differing, ...]:
        """Figures whose latest value is another one in the store, by name."""
        known = {figure.name: figure for figure in latest(store(), _END)}
        return tuple(
            Differing(figure.name, known[figure.name].value, figure.value, figure.unit)
            for figure in sorted(latest(self.figures, _END), key=lambda figure: figure.name)
            if figure.name in known and not _same(known[figure.name], figure)
        )

    @property
    def untied(self) -> tuple[Identity, ...]:
        """Sums that hold in the store (or were not there) and break once these figures are added."""
        broken = {(identity.kind, identity.subject) for identity in identities(store()) if not identity.holds}
        beside = identities((*store(), *self.figures))
        return tuple(identity for identity in beside if not identity.holds and (identity.kind, identity.subject) not in broken)


def ordered(figures: Iterable[Figure]) -> tuple[Figure, ...]:
    """In the order of the store's files: by name, then by day."""
    return tuple(sorted(figures, key=lambda figure: (figure.name, figure.as_of)))


def table(figures: Iterable[Figure]) -> str:
    """Figures as the text of a CSV of the store's columns."""
    out = io.StringIO(newline="")
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows([getattr(figure, column) for column in COLUMNS] for figure in figures)
    return out.getvalue()


def _same(one: Figure, other: Figure) -> bool:
    """Equal as numbers of one unit; text, such as a path, as it stands."""
    return one.unit == other.unit and (one.value == other.value or one.number == other.number)
