"""Limits that never bind in the plan, those that cannot bind whatever is built, and those far beyond anything that could be used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from barbell.plan.review.finding import Finding, amount
from barbell.plan.review.subject import Subject
from barbell.plan.scarce import Scarce

BINDS = 1e-6
"""A limit with less slack than this share of itself binds."""
BEYOND = 100.0
"""A bound this many times what could ever be used is no bound, and perhaps in another unit."""


@dataclass(frozen=True)
class _Room:
    """What is left below (or above) a bound in a period: used, bound, the most that could be used, slack as a share."""

    thing: Scarce
    used: float
    bound: float
    most: float
    share: float
    above: bool


def slack(subject: Subject) -> Iterator[Finding]:
    """One finding for every limit that binds in no period of any branch; the places of one asset or conversion together."""
    groups: dict[tuple[str, str], dict[str, list[_Room]]] = {}
    for thing in subject.things:
        if thing.kind not in ("capacity", "demand"):
            groups.setdefault((thing.kind, thing.item), {}).setdefault(thing.place, []).extend(_rooms(subject, thing))
    findings = []
    for (kind, item), places in groups.items():
        loose = {place: rooms for place, rooms in places.items() if rooms and min(room.share for room in rooms) > BINDS}
        by_sort: dict[str, dict[str, list[_Room]]] = {}
        for place, rooms in loose.items():
            by_sort.setdefault(_sort(rooms), {})[place] = rooms
        for sort, found in by_sort.items():
            share = min(room.share for rooms in found.values() for room in rooms)
            findings.append((share, _finding(subject, sort, f"{kind} {item}", found)))
    yield from (finding for _, finding in sorted(findings, key=lambda pair: pair[0]))


def _rooms(subject: Subject, thing: Scarce) -> Iterator[_Room]:
    """The two sides of a thing that may bind; what must be met exactly has none."""
    if thing.rows.size:
        at = int(thing.rows[0])
        value, size = (float(part[at]) for part in subject.sums)
        ends = float(subject.arrays.row_lower[at]), float(subject.arrays.row_upper[at])
        reach = float(subject.implied.least[at]), float(subject.implied.most[at])
    else:
        at = int(thing.columns[0])
        value = size = float(subject.plan.solution.x[at])
        bound = float(getattr(subject.arrays, thing.held)[at])
        ends = (bound, np.inf) if thing.held == "lower" else (-np.inf, bound)
        reach = float(subject.implied.lower[at]), float(subject.implied.upper[at])
    if ends[0] == ends[1]:
        yield _Room(thing, value, ends[0], value, 0.0, above=True)
        return
    for bound, far, above in ((ends[1], reach[1], True), (ends[0], reach[0], False)):
        if np.isfinite(bound):
            left = (bound - value) if above else (value - bound)
            yield _Room(thing, value, bound, far, left / max(abs(bound), abs(size), 1e-9), above)


def _sort(rooms: list[_Room]) -> str:
    """Which of the three kinds of findings a limit is that never binds."""
    if all(room.above and room.most > 0 and room.bound > BEYOND * room.most for room in rooms):
        return "bound beyond all use"
    return "limit implied by others" if all(_never(room) for room in rooms) else "limit never binds"


def _finding(subject: Subject, sort: str, what: str, places: dict[str, list[_Room]]) -> Finding:
    rooms = [room for found in places.values() for room in found]
    near = min(rooms, key=lambda room: room.share)
    thing, unit = near.thing, near.thing.unit
    where = subject.spot(thing.kind, thing.item, thing.place)
    at = f"at {thing.place} " if len(places) > 1 else ""
    side, bound = "at most" if near.above else "at least", amount(near.bound)
    if len(places) > 1:
        what = f"{what} ({len(places)} places)"
    elif thing.place:
        what = f"{what}@{thing.place}"
    if sort == "bound beyond all use":
        says = f"{bound} {unit}, where no more than {amount(near.most)} could ever be used"
        return Finding(sort, "warning", what, where, says, "Check its unit; leave it empty if nothing limits this")
    if sort == "limit implied by others":
        says = f"cannot bind: what else holds leaves {side} {amount(near.most)} {at}in {thing.period}; the bound is {bound} {unit}"
        return Finding(sort, "note", what, where, says, "It decides nothing: tighten it, or leave it out")
    says = f"closest {at}in {thing.period}: {amount(near.used)} of {side} {bound} {unit}, {min(near.share, 9.99):.0%} left"
    return Finding(sort, "note", what, where, says, "More of it is worth nothing; down to what is used, less costs nothing")


def _never(room: _Room) -> bool:
    """Whether what can be reached stays clear of the bound."""
    room_left = BINDS * max(abs(room.bound), 1.0)
    return room.most < room.bound - room_left if room.above else room.most > room.bound + room_left
