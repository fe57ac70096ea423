"""One period of the greedy planner: the best bundle first, until its buyers are served or something is used up."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from barbell.core.clock import Floats
from barbell.plan.greedy import ceiling
from barbell.plan.greedy.board import TINY, Board, Recipe
from barbell.plan.greedy.outlook import Outlook, Steps


@dataclass(frozen=True)
class _Bundle:
    """A run with all that it takes; the least `rank` is the best: (0 for what stands already, minus margin per dollar)."""

    run: int
    recipe: Recipe
    parts: dict[int, float]
    rank: tuple[int, float]


def order_period(outlook: Outlook, book: Floats, t: int) -> None:
    """Place the orders of period `t` in the book (O, T)."""
    ceiling.commit(outlook, book, t, outlook.asked(t, spending=False))
    board = Board.of(outlook, book, t)
    buyers = outlook.buyers(t)
    queue = [(bundle.rank, run) for run in _sellers(outlook, buyers) if (bundle := _bundle(board, buyers, run))]
    heapq.heapify(queue)
    while queue:
        _, run = heapq.heappop(queue)
        bundle = _bundle(board, buyers, run)  # it may have become dearer since, and is bought only if it is still the best
        if bundle is not None and not (queue and bundle.rank > queue[0][0]):
            _buy(board, buyers, bundle)
        if bundle is not None:
            heapq.heappush(queue, (bundle.rank, run))
    book[:, t] = _whole(outlook, board.plan[:, t], t)
    ceiling.commit(outlook, book, t, outlook.asked(t, spending=True))


def _sellers(outlook: Outlook, buyers: dict[int, Steps]) -> list[int]:
    """Runs that make what somebody buys."""
    return sorted({run for account in buyers for run in outlook.makers.get(account, ())})


def _bundle(board: Board, buyers: dict[int, Steps], run: int) -> _Bundle | None:
    """The bundle of a run as things stand; None if it cannot be had or does not pay."""
    revenue = sum(float(rate[board.t]) * price for account, rate in board.outlook.feeds[run].makes for price, _ in buyers.get(account, ())[:1])
    recipe = board.recipe(run) if revenue > 0 else None
    if recipe is None or revenue <= board.yearly(recipe):
        return None
    parts = board.parts(recipe)
    capex = sum(units * board.capex(option) for option, units in parts.items())
    margin = revenue - recipe.cost - sum(units * board.opex(option) for option, units in parts.items())
    rank = (1, -margin / max(capex, TINY)) if parts else (0, -margin / max(board.worth_new(recipe), TINY))
    return _Bundle(run, recipe, parts, rank)


def _buy(board: Board, buyers: dict[int, Steps], bundle: _Bundle) -> None:
    """As much of a bundle as its buyers take and nothing else stops; what stops it entirely counts as exhausted from then on."""
    recipe, parts = bundle.recipe, bundle.parts
    arrival = board.usable(recipe, parts)
    when = {option: board.turn(option, arrival) for option in parts}
    ordered, worked = ceiling.of_orders(board.outlook, parts, when), ceiling.of_activity(board.outlook, recipe.runs)
    fits, row = ceiling.most(board, ordered, worked, arrival)
    rooms = {option: board.room(option, when[option]) / units for option, units in parts.items()}
    idle = (board.free(h, arrival) / units for h, units in recipe.uses.items() if board.idle(h) > 0)
    amount = min(_asked(board, buyers, bundle.run), fits, *rooms.values(), *idle)
    if amount > 0:
        _take(board, bundle, amount, when)
        board.slack -= amount * ordered
        board.worked += amount * worked
        _serve(board, buyers, bundle.run, amount)
    else:
        _exhaust(board, bundle, {option for option, room in rooms.items() if room <= 0}, when, row if fits <= 0 else -1)
    board.changed()


def _take(board: Board, bundle: _Bundle, amount: float, when: dict[int, int]) -> None:
    """Occupy what stands idle and order the rest."""
    for holding, units in bundle.recipe.uses.items():
        if board.idle(holding) > 0:
            board.used[holding] += amount * units
    for option, units in bundle.parts.items():
        board.plan[option, when[option]] += amount * units


def _asked(board: Board, buyers: dict[int, Steps], run: int) -> float:
    """Activity of a run at which the first of its buyers has what it asks for."""
    makes = [(float(rate[board.t]), buyers[account][0][1]) for account, rate in board.outlook.feeds[run].makes if buyers.get(account)]
    return min(volume / rate for rate, volume in makes if rate > 0)


def _serve(board: Board, buyers: dict[int, Steps], run: int, amount: float) -> None:
    """Take from the buyers what a run now makes; who has all goes."""
    for account, rate in board.outlook.feeds[run].makes:
        if buyers.get(account) and rate[board.t] > 0:
            price, volume = buyers[account][0]
            left = volume - amount * float(rate[board.t])
            buyers[account][:1] = [(price, left)] if left > TINY * volume else []


def _exhaust(board: Board, bundle: _Bundle, full: set[int], when: dict[int, int], row: int) -> None:
    """Mark what stops a bundle: options without room, and all of it that draws on a ceiling that is reached."""
    if row >= 0:
        full |= {option for option in bundle.parts if board.outlook.order_share(row, option, when[option]) > 0}
        board.blocked |= {run for run in bundle.recipe.runs if board.outlook.activity_share(row, run) > 0}
    board.exhausted |= full
    if not full and not board.blocked & set(bundle.recipe.runs):
        board.blocked.add(bundle.run)


def _whole(outlook: Outlook, orders: Floats, t: int) -> Floats:
    """Orders in whole blocks: one more where the limit allows it."""
    block = outlook.sets.block[:, t]
    size = np.where(block > 0, block, 1.0)
    up = np.ceil(orders / size - TINY) * size
    fits = up <= outlook.limit[:, t] * (1 + TINY)
    return np.where(block > 0, np.where(fits, up, np.floor(orders / size + TINY) * size), orders)
