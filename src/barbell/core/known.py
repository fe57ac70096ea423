"""What is known: facts by name, read as numbers, and new facts computed from them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from barbell.core.errors import FactError
from barbell.core.path import Path
from barbell.core.relations import Fact
from barbell.core.spelling import suggestion
from barbell.core.units import UnitError, factor

Known = Mapping[str, Fact]
"""Facts by name, each in the version of one day."""


def fact(known: Known, name: str) -> Fact:
    """The fact of that name; raises FactError with the nearest names."""
    if name not in known:
        raise FactError(f"there is no fact '{name}'. {suggestion(name, known, 'facts')}")
    return known[name]


def path(known: Known, name: str, unit: str) -> Path:
    """A fact over time in `unit`; raises FactError."""
    found = fact(known, name)
    return Path.parse(found.value).map(lambda value: value * _factor(found, unit))


def number(known: Known, name: str, unit: str, *, end: str = "value") -> float:
    """A fact in `unit`: its value, or the `low` or `high` end of its range (the value where none is given); raises FactError."""
    found = fact(known, name)
    text = getattr(found, end) or found.value
    values = Path.parse(text).values
    if len(values) != 1:
        raise FactError(f"the fact '{name}' changes over time where one number is wanted. Name another fact")
    return values[0] * _factor(found, unit)


def _factor(found: Fact, unit: str) -> float:
    try:
        return factor(found.unit, unit)
    except UnitError as error:
        raise FactError(f"the fact '{found.name}' counts in {found.unit}: {error.problem}. {error.fix}") from None


def at_par(found: Fact, year: int) -> Fact:
    """A fact in money of another year carried to `year` unchanged: a decision not to deflate, which the caller must state."""
    return found.model_copy(update={"unit": re.sub(r"(?<=[A-Z]{3})[0-9]{4}", str(year), found.unit)})


def derived(
    name: str, value: float | Path, unit: str, formula: str, inputs: Iterable[Fact], *, low: float | Path | None = None, high: float | Path | None = None
) -> Fact:
    """A fact computed from others: known since the latest of its `inputs`, an assumption (S) where one of them is, else a computation (M).

    Raises FactError for an assumption without `low` and `high`: it may not lose its range on the way.
    """
    used = tuple(inputs)
    grade = "S" if any(f.grade == "S" for f in used) else "M"
    if grade == "S" and (low is None or high is None):
        raise FactError(f"the fact '{name}' rests on an assumption and has no range. Carry the range of its inputs through the formula")
    named = ", ".join(dict.fromkeys(f.name for f in used))
    return Fact(
        name=name,
        value=_text(value),
        unit=unit,
        as_of=max(f.as_of for f in used),
        source=f"{formula}; from {named}",
        grade=grade,
        low="" if low is None else _text(low),
        high="" if high is None else _text(high),
    )  # fmt: skip


def _text(value: float | Path) -> str:
    return " ".join(f"{month}:{level!r}" for month, level in value.steps) if isinstance(value, Path) and len(value.steps) > 1 else repr(_first(value))


def _first(value: float | Path) -> float:
    return value.values[0] if isinstance(value, Path) else float(value)
