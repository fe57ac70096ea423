"""How much of a bundle its ceilings allow, and the orders that a limit asks for at least."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from barbell.core.clock import Floats, Ints
from barbell.plan.greedy.board import TINY, Board
from barbell.plan.greedy.outlook import Outlook


def of_orders(outlook: Outlook, parts: Mapping[int, float], when: Mapping[int, int]) -> Floats:
    """(ceilings,) what the parts of one unit of a bundle use of each ceiling when they are ordered."""
    used = np.zeros(len(outlook.ceiling_rows))
    for option, units in parts.items():
        rows, amount = outlook.order_use(option, when[option])
        used[rows] += units * amount
    return used


def of_activity(outlook: Outlook, runs: Mapping[int, float]) -> Floats:
    """(ceilings,) what the runs of one unit of a bundle use of each ceiling."""
    used = np.zeros(len(outlook.ceiling_rows))
    for run, level in runs.items():
        rows, amount = outlook.activity_use(run)
        used[rows] += level * amount
    return used


def most(board: Board, ordered: Floats, worked: Floats, arrival: int) -> tuple[float, int]:
    """How many units of a bundle fit under the ceilings, and which of them stops it; -1 where none does.

    Ceilings on activity hold in the windows of the arrival.
    """
    holds = board.outlook.holds[arrival]
    used, left = ordered + worked * holds, board.slack - board.worked * holds
    rows = np.flatnonzero((used > TINY * (np.abs(ordered) + np.abs(worked))) & np.isfinite(left))
    if not len(rows):
        return np.inf, -1
    small = TINY * np.maximum(1.0, np.abs(board.outlook.bound[rows]))
    fits = np.where(left[rows] > small, left[rows], 0.0) / used[rows]
    first = int(np.argmin(fits))
    return float(fits[first]), int(rows[first])


def commit(outlook: Outlook, book: Floats, t: int, rows: Ints) -> None:
    """Order in period `t` what is lacking of what these ceilings ask for at least, each time the cheapest that counts, late or not."""
    for row in rows:
        for option in _cheapest(outlook, book, int(row), t):
            lack = float(outlook.missing(book)[row])
            if lack <= TINY:
                break
            each = outlook.order_share(int(row), option, t)
            fits = _fits(outlook, book, option, t)
            book[option, t] += max(min(lack / each, float(outlook.allowed[option, t] - book[option, t]), fits), 0.0)


def _fits(outlook: Outlook, book: Floats, option: int, t: int) -> float:
    """Units that the ceilings still allow."""
    rows, amount = outlook.order_use(option, t)
    slack, held = outlook.slack(book)[rows], amount > TINY
    return float((slack[held] / amount[held]).min(initial=np.inf))


def _cheapest(outlook: Outlook, book: Floats, row: int, t: int) -> Iterable[int]:
    """Options that count towards a ceiling when ordered in a period, by price per unit that counts."""
    share = {option: outlook.order_share(row, option, t) for option in range(len(book)) if outlook.allowed[option, t] > book[option, t]}
    counting = [option for option, amount in share.items() if amount > TINY]
    return sorted(counting, key=lambda option: outlook.price[option, t] / share[option])
