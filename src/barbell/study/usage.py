"""Where a fact goes: from the store through what the rooms derive to the cells of the cases that ship with Barbell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from barbell.core.relations import Fact
from barbell.io import read
from barbell.study.known import known, stored
from barbell.study.pipeline import examples

_INPUTS = re.compile(r"; from ([^;]+)$")


@dataclass(frozen=True)
class Use:
    """A case that uses a fact: in its own `cells` (``table.row.field``), and through the derived facts `via` in further ones."""

    case: str
    cells: tuple[str, ...]
    via: tuple[str, ...]


def derived(as_of: str) -> dict[str, Fact]:
    """Facts by name that the rooms derive from what is known on a day."""
    kept = stored(as_of)
    return {name: fact for name, fact in known(as_of).items() if name not in kept}


def formula(fact: Fact) -> tuple[str, tuple[str, ...]]:
    """How a derived fact comes about: its formula in words and the names of its inputs, from its source."""
    found = _INPUTS.search(fact.source)
    if not found:
        return fact.source, ()
    return fact.source[: found.start()], tuple(name.strip() for name in found[1].split(","))


def uses(name: str) -> tuple[Use, ...]:
    """The shipped cases that use a fact, each as of its own day, by name; empty where none does."""
    found = []
    for case, (as_of, cells) in _cases().items():
        through = _dependents(name, _reversed(as_of))
        via = tuple(sorted(other for other in through if other in cells))
        if name in cells or via:
            found.append(Use(case, cells.get(name, ()), via))
    return tuple(found)


def _dependents(name: str, forward: Mapping[str, tuple[str, ...]]) -> set[str]:
    """Everything derived from a fact, directly or through others."""
    found: set[str] = set()
    open_ends = [name]
    while open_ends:
        for other in forward.get(open_ends.pop(), ()):
            if other not in found:
                found.add(other)
                open_ends.append(other)
    return found


@cache
def _reversed(as_of: str) -> dict[str, tuple[str, ...]]:
    """Derived facts by the name of each input."""
    found: dict[str, list[str]] = {}
    for name, fact in derived(as_of).items():
        for source in formula(fact)[1]:
            found.setdefault(source, []).append(name)
    return {name: tuple(names) for name, names in found.items()}


@cache
def _cases() -> dict[str, tuple[str, dict[str, tuple[str, ...]]]]:
    """Day and cells by fact of every shipped case."""
    found: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {}
    for path in sorted(Path(examples()).glob("*/case.yaml")):
        case = read(path.parent, None, known)
        cells: dict[str, list[str]] = {}
        for (table, row, field), origin in case.origins.items():
            if origin.fact:
                cells.setdefault(origin.fact, []).append(f"{table}.{row}.{field}")
        found[path.parent.name] = case.as_of or "9999-12-31", {name: tuple(where) for name, where in cells.items()}
    return found
