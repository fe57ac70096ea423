"""What was known of a period, and when: filings to versions, and differences of versions that never mix what was restated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from barbell.facts.disclosure import Disclosure

COMPARATIVE = 200
"""Days after the end of a period from which its figure is taken for a comparative of a later filing: no report is so late."""


@dataclass(frozen=True)
class Version:
    """A value and the day from which it was known; `filings` are (form, accession) of where it stands, `parts` says how it came about."""

    value: Decimal
    known: date
    filings: tuple[tuple[str, str], ...]
    note: str = ""
    computed: bool = False


History = tuple[Version, ...]
"""Versions of one figure by day, each other than the one before."""


def history(told: Iterable[Disclosure]) -> tuple[History, tuple[str, ...]]:
    """Versions of one figure out of its disclosures, and why filings were left out.

    A value that a later filing only repeats keeps its first day; another value is a new version from its own day on, and the earlier
    one stays. A filing that gives two values counts for nothing; of two filings on one day the amendment wins.
    """
    versions: list[Version] = []
    refused: list[str] = []
    for filed, group in groupby(sorted(told, key=lambda one: (one.filed, one.accession, one.value)), key=lambda one: one.filed):
        day = list(group)
        values = {one.value for one in day}
        if len(values) > 1:
            day = [one for one in day if one.form.endswith("/A")]
            values = {one.value for one in day}
        if len(values) != 1:
            refused.append(f"two values filed on {filed}, and nothing says which holds")
            continue
        first = day[0]
        if versions and versions[-1].value == first.value:
            continue
        note = f"restates {_plain(versions[-1].value)}" if versions else _late(first)
        versions.append(Version(first.value, filed, ((first.form, first.accession),), note))
    return tuple(versions), tuple(refused)


def combine(whole: History, parts: Sequence[tuple[int, History]], note: str = "") -> tuple[History, tuple[str, ...]]:
    """`whole` plus each part times its sign, version by version, and why versions were left out.

    The first version takes what was known on the day on which the last of them came; a later one needs a new version of the whole *and*
    of each part, since a restated year less nine months as first filed would put the whole restatement into one quarter.
    """
    sides = [(1, whole), *parts]
    if any(not side for _, side in sides):
        return (), ()
    versions: list[Version] = []
    taken = [-1] * len(sides)
    for known in sorted({version.known for _, side in sides for version in side}):
        at = [max((n for n, version in enumerate(side) if version.known <= known), default=-1) for _, side in sides]
        if all(new > old for new, old in zip(at, taken, strict=True)):
            picked = [(sign, side[n]) for (sign, side), n in zip(sides, at, strict=True)]
            value = sum((sign * version.value for sign, version in picked), Decimal(0))
            taken = at
            if not versions or versions[-1].value != value:
                filings = tuple(dict.fromkeys(filing for _, version in picked for filing in version.filings))
                versions.append(Version(value, known, filings, note, computed=True))
    restated = max(version.known for _, side in sides for version in side)
    stale = [(side, n) for (_, side), n in zip(sides, taken, strict=True) if n < len(side) - 1]
    return tuple(versions), (f"one side was restated by {restated} and not the other: kept as first filed",) if stale else ()


def total(first: History, sign: int, second: History, note: str = "") -> History:
    """`first` plus `second` times `sign` on every day on which either changes: for two lines of one statement, restated each by itself."""
    versions: list[Version] = []
    for known in sorted({version.known for version in (*first, *second)}):
        sides = [[version for version in side if version.known <= known] for side in (first, second)]
        if not all(sides):
            continue
        left, right = sides[0][-1], sides[1][-1]
        value = left.value + sign * right.value
        if not versions or versions[-1].value != value:
            versions.append(Version(value, known, tuple(dict.fromkeys(left.filings + right.filings)), note, computed=True))
    return tuple(versions)


def _late(first: Disclosure) -> str:
    if (first.filed - first.end).days > COMPARATIVE:
        return "here only as a comparative of a later filing, so known before"
    return ""


def _plain(value: Decimal) -> str:
    return format(value, "f")
