"""Guards over the store: what must hold of every row, and of the rows together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from barbell.core.errors import Fault, Where
from barbell.core.path import Path
from barbell.core.units import UnitError, factor
from barbell.facts.figure import GRADES, Figure
from barbell.facts.identity import identities
from barbell.facts.label import label_faults
from barbell.facts.store import figures, is_day


def faults(rows: Iterable[Figure] | None = None) -> tuple[Fault, ...]:
    """Everything wrong with the figures (those of the store, without `rows`), in the order of the files.

    Checked: name, value, range, unit, day and grade of each row; an assumption has its range; a row under another name than the
    preferred one (``-alt2`` ...) has the preferred one beside it; name and day are unique; files are sorted; labels of periods and
    definitions mean what they say; and every identity holds.
    """
    stock = tuple(figures() if rows is None else rows)
    found = [fault for figure in stock for fault in _row(figure)]
    found.extend(_unique(stock))
    found.extend(_sorted(stock))
    found.extend(_alternatives(stock))
    found.extend(label_faults(stock))
    found.extend(
        Fault(
            Where("identities", 0, identity.kind),
            identity.subject,
            f"{identity.left:g} is not {identity.right:g}",
            "Read both sides again in their sources",
        )
        for identity in identities(stock)
        if not identity.holds
    )
    return tuple(sorted(set(found)))


def _row(figure: Figure) -> Iterator[Fault]:
    try:
        _ = figure.fact
    except ValueError:
        field, problem = ("grade", f"not one of {', '.join(GRADES)}") if figure.grade not in GRADES else ("name", "not a name")
        yield _fault(figure, field, problem, "Use letters, digits, _, + and - in names, and a grade of the scale")
    if not is_day(figure.as_of):
        yield _fault(figure, "as_of", "not a day", "Write it as YYYY-MM-DD")
    if not figure.source:
        yield _fault(figure, "source", "empty", "Name title, publisher and date, or say that it is an assumption")
    try:
        factor(figure.unit, figure.unit)
    except UnitError as error:
        yield _fault(figure, "unit", error.problem, error.fix)
    yield from range_faults(figure)


def range_faults(figure: Figure) -> Iterator[Fault]:
    """What is wrong with value and range of one row: no number, out of order, an assumption without its range."""
    read: dict[str, Path] = {}
    for field in ("low", "value", "high"):
        text = getattr(figure, field)
        if not text and field != "value":
            continue
        try:
            read[field] = Path.parse(text)
        except ValueError as error:
            yield _fault(figure, field, str(error), "Write a number such as 0.85 or a path such as 2026:30 2027:45")
            return
    if not all(_ascends([path.at(month) for path in read.values()]) for path in read.values() for month, _ in path.steps):
        yield _fault(figure, "value", f"outside its range {figure.low} to {figure.high}", "Give low <= value <= high")
    if figure.grade == "S" and not (figure.low and figure.high):
        yield _fault(figure, "low" if not figure.low else "high", "an assumption (grade S) without its range", "Fill in low and high")


def _ascends(values: list[float | None]) -> bool:
    known = [value for value in values if value is not None]
    return known == sorted(known)


def _unique(rows: tuple[Figure, ...]) -> Iterator[Fault]:
    seen: dict[tuple[str, str], Figure] = {}
    for figure in rows:
        first = seen.setdefault((figure.name, figure.as_of), figure)
        if first is not figure:
            where = f"{first.file}:{first.line}"
            yield _fault(figure, "name", f"stands already at {where} for {figure.as_of}", "Keep the better source, and the other as NAME-alt2")


def _sorted(rows: tuple[Figure, ...]) -> Iterator[Fault]:
    for before, after in pairwise(rows):
        if before.file == after.file and (before.name, before.as_of) > (after.name, after.as_of):
            yield _fault(after, "name", f"comes after '{before.name}'", "Sort the file by name, then by as_of")


def _alternatives(rows: tuple[Figure, ...]) -> Iterator[Fault]:
    names = {figure.name for figure in rows}
    for figure in rows:
        name, mark, _ = figure.name.partition("-alt")
        if mark and name not in names:
            yield _fault(figure, "name", f"stands beside '{name}', which does not exist", "Give the preferred figure the plain name")


def _fault(figure: Figure, field: str, problem: str, fix: str) -> Fault:
    value = figure.name if field in ("name", "source") else f"{figure.name}: {getattr(figure, field)}"
    return Fault(Where(figure.file, figure.line, field), value, problem, fix)
