"""Did you mean: advice for a word that is not among those known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_SHOWN = 12


def suggestion(word: str, known: Iterable[str], what: str = "") -> str:
    """A sentence that names the nearest of the known words, or else all of them; `what` is their kind in the plural."""
    names = sorted({name for name in known if name})
    near = get_close_matches(word, names, n=1, cutoff=0.6) or [name for name in names if name.lower() == word.lower()]
    if near:
        return f"Did you mean '{near[0]}'?"
    if not names:
        return f"There are no {what} yet; add one" if what else "Leave it out"
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    return f"Known {what}: {shown}" if what else f"Known: {shown}"
