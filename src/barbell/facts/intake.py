"""Fresh figures at the door: what was read, what was refused and why, how it sits beside the store, and the file for a person to look at."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from barbell.core.errors import FactError
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


def write(intake: Intake, folder: Path) -> Path:
    """Write the figures to a CSV of the store's columns in `folder`, whole or not at all, and return its path.

    Raises FactError when there is nothing to write, when the file exists (it may hold work by hand), or when the folder cannot be
    written to.
    """
    path = folder / f"{intake.name}.csv"
    if not intake.figures:
        raise FactError(f"{path}: nothing to write: every figure was refused. Use --dry-run to see why")
    if path.exists():
        raise FactError(f"{path} exists already. Move it away, or name another folder with --to")
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part.write_bytes(_csv(intake.figures).encode("utf-8"))
        part.replace(path)
    except OSError as error:
        with suppress(OSError):  # there is no folder to leave anything in
            part.unlink(missing_ok=True)
        raise FactError(f"{path} cannot be written: {error.strerror}. Name another folder with --to") from None
    return path


def _csv(figures: Iterable[Figure]) -> str:
    out = io.StringIO(newline="")
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows([getattr(figure, column) for column in COLUMNS] for figure in figures)
    return out.getvalue()


def _same(one: Figure, other: Figure) -> bool:
    """Equal as numbers of one unit; text, such as a path, as it stands."""
    return one.unit == other.unit and (one.value == other.value or one.number == other.number)
