"""Better counts from the prices of those that are held: blocks are ordered a period earlier, later, once more or once less.

With all counts held the plan is a continuous problem, and the dual of each count says what one more would cost. A move changes one count
and those that must follow it; the best moves that do not touch each other are made at once, half as many when that did not help.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from barbell.core.clock import Floats
from barbell.plan.whole.chain import Chain, Whole

Move = tuple[float, int, tuple[int, ...]]
"""Gain promised by the prices, direction (1 or -1) and the counts that move."""


def moves(chain: Chain, counts: Whole, dual: Floats) -> list[Move]:
    """Moves that the prices (K,) promise a gain for, the best first."""
    found: set[tuple[int, tuple[int, ...]]] = set()
    for place in range(len(counts)):
        found.add((1, tuple(sorted(_after(chain, counts, place)))))
        found.add((-1, tuple(sorted(_ahead(chain, counts, place)))))
    priced = [(-way * float(dual[list(places)].sum()), way, places) for way, places in found]
    noise = 1e-9 * max(1.0, float(np.abs(dual).max(initial=0.0)))
    return sorted((move for move in priced if move[0] > noise), key=lambda move: (-move[0], move[1:]))


def _after(chain: Chain, counts: Whole, place: int) -> Iterator[int]:
    """The counts that must rise with one: later ones that are no higher."""
    pending = [place]
    while pending:
        at = pending.pop()
        yield at
        pending += [child for child in chain.children[at] if counts[child] == counts[at]]


def _ahead(chain: Chain, counts: Whole, place: int) -> Iterator[int]:
    """The counts that must fall with one: earlier ones that are no lower."""
    at = place
    while True:
        yield at
        earlier = int(chain.before[at])
        if earlier < 0 or counts[earlier] < counts[at]:
            return
        at = earlier


def moved(chain: Chain, counts: Whole, offers: list[Move], most: int) -> tuple[Whole, list[Move]]:
    """The counts after the first `most` moves that fit and touch no count twice, and the moves that were not tried."""
    now = counts.copy()
    touched = np.zeros(len(counts), bool)
    later: list[Move] = []
    for number, move in enumerate(offers):
        if not most:
            return now, later + offers[number:]
        _, way, places = move
        at = list(places)
        if touched[at].any():
            later.append(move)
            continue
        now[at] += way
        if now[at].min() >= 0 and chain.fits(now):
            touched[at] = True
            most -= 1
        else:
            now[at] -= way
    return now, later
