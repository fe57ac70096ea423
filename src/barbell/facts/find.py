"""Facts by words: in their names, subjects, sources and notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from barbell.core.errors import FactError
from barbell.facts.figure import Figure
from barbell.facts.store import day, figures, latest

_PARTS = re.compile(r"[-_\s]+")


def find(words: Sequence[str], as_of: str = "9999-12-31") -> tuple[Figure, ...]:
    """Figures known on the day in which every word occurs (case and the marks ``-`` and ``_`` do not matter), the closest first.

    Closest are those with most of the words in the name, then short names. Raises FactError without words and on a bad day.
    """
    asked = terms(words)
    rows = latest(figures(), day(as_of))
    hits = [row for row in rows if told(asked, _text(row))]
    return tuple(sorted(hits, key=lambda row: (-count(asked, row.name), len(row.name), row.name)))


def terms(words: Iterable[str]) -> tuple[str, ...]:
    """The words asked for, one by one; raises FactError when there is none."""
    asked = tuple(part for word in words for part in _PARTS.split(word.casefold()) if part)
    if not asked:
        raise FactError("No words to look for. Give some, such as: barbell facts find aws revenue 2025Q4")
    return asked


def told(asked: Sequence[str], text: str) -> bool:
    """Whether every term occurs in the text."""
    return count(asked, text) == len(asked)


def count(asked: Sequence[str], text: str) -> int:
    """How many of the terms occur in the text."""
    plain = _PARTS.sub(" ", text.casefold())
    return sum(term in plain for term in asked)


def _text(row: Figure) -> str:
    return " ".join((row.name, row.entity, row.segment, row.metric, row.basis, row.period, row.note, row.source))
