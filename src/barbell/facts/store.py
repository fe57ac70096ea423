"""The store: every figure with its source and the day from which it was known, and what was known on a day."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from barbell.core.errors import FactError
from barbell.core.relations import Fact
from barbell.core.spelling import suggestion


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of the store, as text. `name`, `value` (a number or a path), `unit`, `low`, `high`, `as_of` (the day from which it was known,
    YYYY-MM-DD), `source`, `url`, `grade`, `note`; and what it speaks of: `entity`, `segment`, `metric`, `basis`, `period`."""

    name: str
    value: str
    unit: str
    low: str
    high: str
    as_of: str
    source: str
    url: str
    grade: str
    entity: str
    segment: str
    metric: str
    basis: str
    period: str
    note: str

    @property
    def fact(self) -> Fact:
        """The figure as a row of the table `facts` of a case."""
        return _fact(self)


@lru_cache(maxsize=None)
def _fact(figure: Figure) -> Fact:
    source = f"{figure.source}, {figure.url}" if figure.url else figure.source
    return Fact(
        name=figure.name, value=figure.value, unit=figure.unit, as_of=figure.as_of, source=source,
        grade=figure.grade, low=figure.low, high=figure.high, note=figure.note,
    )  # type: ignore[arg-type]  # fmt: skip


@lru_cache(maxsize=1)
def figures() -> tuple[Figure, ...]:
    """Every figure, by file, name and day."""
    found = []
    for file in sorted((p for p in (files("barbell.facts") / "data").iterdir() if p.name.endswith(".csv")), key=lambda p: p.name):
        rows = csv.reader(file.read_text(encoding="utf-8").splitlines())
        next(rows)
        found += [Figure(*row) for row in rows]
    return tuple(found)


def known(as_of: str) -> dict[str, Fact]:
    """The facts known on the day `as_of` (YYYY-MM-DD), by name, each in its latest version."""
    latest: dict[str, Figure] = {}
    for figure in figures():
        if figure.as_of <= as_of and (figure.name not in latest or latest[figure.name].as_of <= figure.as_of):
            latest[figure.name] = figure
    return {name: figure.fact for name, figure in latest.items()}


def versions(name: str) -> tuple[Figure, ...]:
    """Every version of a figure by day; raises FactError for an unknown name, with the nearest ones."""
    found = sorted((figure for figure in figures() if figure.name == name), key=lambda figure: figure.as_of)
    if not found:
        raise FactError(f"there is no fact '{name}'. {suggestion(name, {figure.name for figure in figures()}, 'facts')}")
    return tuple(found)


def series(entity: str, segment: str, metric: str, basis: str = "", as_of: str = "9999-12-31") -> tuple[Figure, ...]:
    """Reported figures of a metric by period, each in the version known on `as_of`; any basis if none is named."""
    latest: dict[tuple[str, str], Figure] = {}
    for figure in sorted(figures(), key=lambda f: f.as_of):
        what = (figure.entity, figure.segment, figure.metric)
        if what == (entity, segment, metric) and basis in ("", figure.basis) and figure.as_of <= as_of:
            latest[figure.basis, figure.period] = figure
    return tuple(latest[key] for key in sorted(latest))
