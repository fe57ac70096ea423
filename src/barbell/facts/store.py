"""The store: every figure of `data/*.csv`, and what was known of them on a day."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from barbell.core.errors import FactError
from barbell.core.relations import Fact
from barbell.core.spelling import suggestion
from barbell.facts.figure import COLUMNS, Figure
from barbell.facts.resolve import Conflict, plain, resolve


@cache
def figures() -> tuple[Figure, ...]:
    """Every figure that Barbell ships, by file, then as the rows stand; raises FactError when a file has other columns than `COLUMNS`."""
    folder = files("barbell.facts") / "data"
    found: list[Figure] = []
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name.endswith(".csv"):
            found.extend(read(path))
    return tuple(found)


def read(path: Traversable) -> Iterable[Figure]:
    """The figures of one file; raises FactError on a wrong header or a row with more or fewer cells than it."""
    rows = csv.reader(path.read_text(encoding="utf-8").splitlines(keepends=True))
    header = next(rows, [])
    if tuple(header) != COLUMNS:
        raise FactError(f"{path.name}:1: the columns are {', '.join(header) or 'missing'}. Write {', '.join(COLUMNS)}")
    for row in rows:
        if len(row) != len(COLUMNS):
            raise FactError(f"{path.name}:{rows.line_num}: {len(row)} cells under {len(COLUMNS)} columns. Put text with a comma in double quotes")
        name, value, unit, low, high, as_of, source, url, grade, entity, segment, metric, basis, period, note = row
        yield Figure(
            name, value, unit, low, high, as_of, source, url, grade, entity, segment, metric, basis, period, note, path.name, rows.line_num
        )  # fmt: skip


def known(as_of: str) -> dict[str, Fact]:
    """Facts by name as known on the day `as_of` (YYYY-MM-DD): of each its latest version not after the day. Raises FactError on a bad day.

    Where several sources stand side by side, the plain name is the one that `resolve` takes; the others keep their own names.
    """
    found = {figure.name: _fact(figure) for figure in latest(figures(), day(as_of))}
    found.update((name, conflict.fact) for name in contested() if (conflict := resolved(name, as_of)) is not None)
    return found


def fact(name: str, as_of: str = "9999-12-31") -> Fact:
    """The version of `name` known on a day, the last one without a day; raises FactError, with the nearest name, when there is none."""
    told = versions(name)
    then = [figure for figure in told if figure.as_of <= day(as_of)]
    if not then:
        raise FactError(f"'{name}': not known on {as_of}, only from {told[0].as_of}. Ask for a later day, or use an earlier source")
    conflict = resolved(name, as_of) if name in contested() else None
    return conflict.fact if conflict else _fact(then[-1])


def resolved(name: str, as_of: str = "9999-12-31") -> Conflict | None:
    """The choice among the sources of a plain name on a day; None where fewer than two are known, or the preferred one is not yet."""
    rows = latest((row for member in contested().get(name, ()) for row in _versions()[member]), as_of)
    return resolve(name, rows) if len(rows) > 1 and any(row.name == name for row in rows) else None


def versions(name: str) -> tuple[Figure, ...]:
    """Every version of a figure by day; raises FactError, with the nearest name, when there is none."""
    if name not in _versions():
        raise FactError(f"'{name}': there is no such fact. {suggestion(name, _versions(), 'facts')}")
    return tuple(_versions()[name])


def series(entity: str, segment: str, metric: str, basis: str = "", as_of: str | None = None, span: str = "") -> tuple[Figure, ...]:
    """Figures of one series by period, each in its latest version not after `as_of` (all that is known, without a day).

    `span` keeps one kind of period: quarter, half, year, ttm or instant. Figures that lost against another source (``-alt2`` ...)
    are left out. Raises FactError where nothing of that name exists, and where a metric has several bases and none is named:
    two definitions are two series, never one.
    """
    found = [f for f in figures() if (f.entity, f.segment, f.metric) == (entity, segment, metric) and "-alt" not in f.name]
    asked = f"{entity} {segment} {metric}"
    if not found:
        raise FactError(f"'{asked}': there is no such series. {suggestion(asked, _series(), 'series')}")
    bases = sorted({f.basis for f in found})
    if basis and basis not in bases:
        raise FactError(f"'{asked}': no basis '{basis}'. {suggestion(basis, bases, 'bases')}")
    if not basis and len(bases) > 1:
        raise FactError(f"'{asked}' has several bases, which make no one series. Name one of {', '.join(bases)}")
    kept = [f for f in found if (not basis or f.basis == basis) and (not span or f.span == span)]
    return tuple(sorted(latest(kept, day(as_of) if as_of else "9999-12-31"), key=lambda figure: figure.order))


def latest(rows: Iterable[Figure], as_of: str) -> list[Figure]:
    """Of each name the last version not after the day; in the order in which the names first stand."""
    found: dict[str, Figure] = {}
    for figure in rows:
        if figure.as_of <= as_of and (figure.name not in found or found[figure.name].as_of <= figure.as_of):
            found[figure.name] = figure
    return list(found.values())


def day(text: str) -> str:
    """`text` if it is a day written YYYY-MM-DD; raises FactError otherwise."""
    if not is_day(text):
        raise FactError(f"'{text}' is not a day. Write it as YYYY-MM-DD, such as 2026-02-10")
    return text


def is_day(text: str) -> bool:
    """Whether `text` is a day of the calendar, written YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


@cache
def contested() -> dict[str, tuple[str, ...]]:
    """Plain names for which several sources stand side by side, each with all its names."""
    found: dict[str, set[str]] = {}
    for name in _versions():
        if plain(name) != name:
            found.setdefault(plain(name), {plain(name)}).add(name)
    return {name: tuple(sorted(members)) for name, members in sorted(found.items())}


@cache
def _versions() -> dict[str, list[Figure]]:
    found: dict[str, list[Figure]] = {}
    for figure in figures():
        found.setdefault(figure.name, []).append(figure)
    return {name: sorted(rows, key=lambda row: row.as_of) for name, rows in found.items()}


@cache
def _series() -> tuple[str, ...]:
    return tuple(sorted({f"{f.entity} {f.segment} {f.metric}" for f in figures()}))


@cache
def _fact(figure: Figure) -> Fact:
    return figure.fact
