"""What a case may know: the store of facts of a day and everything that the rooms derive from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from barbell import demand, facts, physics, workloads
from barbell.core.relations import Fact

LATEST = "9999-12-31"
"""The day on which everything in the store is known."""
Resolver = Callable[[str], Mapping[str, Fact]]
"""Facts by name as known on a day (YYYY-MM-DD)."""

INSTRUMENTS = ("serving-", "training-")
"""How facts of a calibration begin. A calibration says how Barbell reads a chip's data sheet: it is an instrument of today, not news of a day,
so that plans of an earlier day read their chips with it as well."""
ROOMS = (physics.derive, workloads.derive, demand.derive)
"""Rooms that turn facts into facts, in the order in which they see each other's results."""


def stored(as_of: str) -> dict[str, Fact]:
    """What the store holds for a case of the day `as_of`: facts known then, and the calibrations of today."""
    return {name: fact for name, fact in facts.known(LATEST).items() if name.startswith(INSTRUMENTS)} | facts.known(as_of)


@lru_cache(maxsize=8)
def known(as_of: str) -> Mapping[str, Fact]:
    """Every fact known on the day `as_of`: those stored, then what physics, workloads and demand derive."""
    found = stored(as_of)
    for derive in ROOMS:
        found.update((fact.name, fact) for fact in derive(found))
    return found


def shifted(ends: Mapping[str, str]) -> Resolver:
    """What is known with some facts at an end of their range: `ends` gives ``low`` or ``high`` by name."""

    def resolve(as_of: str) -> Mapping[str, Fact]:
        moved = {name: fact.model_copy(update={"value": getattr(fact, ends[name])}) for name, fact in known(as_of).items() if name in ends}
        return {**known(as_of), **moved}

    return resolve
