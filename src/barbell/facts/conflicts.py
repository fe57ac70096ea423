"""Several sources for one thing stay side by side: all conflicts of the store, as known on a day."""

from __future__ import annotations

from barbell.facts.resolve import Conflict
from barbell.facts.store import contested, day, resolved


def conflicts(as_of: str = "9999-12-31") -> tuple[Conflict, ...]:
    """Every fact for which more than one source is known on the day, the widest spread first; raises FactError on a bad day."""
    day(as_of)
    found = [conflict for name in contested() if (conflict := resolved(name, as_of)) is not None]
    return tuple(sorted(found, key=lambda conflict: (not conflict.spread > 0, -conflict.spread if conflict.spread > 0 else 0.0, conflict.name)))
