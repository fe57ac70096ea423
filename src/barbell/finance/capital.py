"""Roll-forwards of property: in service, under construction, and received but not yet paid; by entity, class and period.

::

    in service    closing = opening + additions + transfers - depreciation - disposals
    construction  closing = opening + paid + transfers - placed in service
    payables      closing = opening + accrued - settled
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from barbell.core.clock import Floats, Ints
from barbell.finance.carried import carry
from barbell.finance.projects import Projects, class_of
from barbell.finance.view import View
from barbell.finance.vintages import Vintage, vintages

Rolls = Mapping[str, Floats]
Group = tuple[int, str]


@dataclass(frozen=True)
class Capital:
    """Roll-forwards (groups, T) by column; a group is an entity and a class. `expensed` (entities, T) is spending never capitalised."""

    groups: tuple[Group, ...]
    service: Rolls
    construction: Rolls
    payables: Rolls
    capex: Floats
    expensed: Floats


def capital(view: View, found: Projects) -> Capital:
    """Roll all property of a plan forward."""
    stock = vintages(view, found)
    into, out = carry(view, found, stock)
    kept = np.array([view.capitalised[a] for a in found.asset], bool)
    of_project = [(view.owner[a], class_of(view, a)) for a in found.asset]
    of_vintage = [(view.owner[v.asset], class_of(view, v.asset)) for v in stock]
    groups = tuple(sorted({*(g for g, k in zip(of_project, kept, strict=True) if k), *of_vintage}))
    number = {group: n for n, group in enumerate(groups)}
    rows = np.array([number.get(g, -1) for g in of_project], int)
    sums = _Sums(len(groups), view.clock.count)
    expensed = view.empty()
    paid = found.paid[:, :-1]
    np.add.at(expensed, np.array([e for e, _ in of_project], int)[~kept], paid[~kept])
    of = np.array([number[g] for g in of_vintage], int)
    return Capital(
        groups,
        _service(view, stock, found.cost + into, out, sums, of),
        _construction(view, found, into, sums, rows, kept),
        _payables(found, sums, rows, kept),
        sums.of(rows[kept], paid[kept]),
        expensed,
    )


@dataclass(frozen=True)
class _Sums:
    count: int
    periods: int

    def of(self, rows: Ints, values: Floats) -> Floats:
        """(groups, T) sum of (N, T) values by group."""
        total = np.zeros((self.count, self.periods))
        np.add.at(total, rows, values)
        return total


def _service(view: View, stock: Sequence[Vintage], placed: Floats, out: Floats, sums: _Sums, of: Ints) -> Rolls:
    shape = (len(stock), view.clock.count)
    start, end = view.clock.start, view.clock.edges[1:]
    cost = np.array([v.cost(placed) for v in stock]).reshape(-1, 1)
    stands, gone, before, fresh, after = (np.zeros(shape) for _ in range(5))
    opening = np.zeros((len(stock), 1))
    for n, v in enumerate(stock):
        stands[n], gone[n], before[n], after[n] = v.stands, v.gone, v.left(start), v.left(end)
        if v.period < 0:
            opening[n] = cost[n]
        else:
            fresh[n, v.period] = 1.0
    closing = cost * stands * after
    found = {
        "opening": np.concatenate([opening, closing[:, :-1]], axis=1),
        "additions": cost * fresh,
        "transfers": -out,
        "depreciation": cost * stands * (before - after),
        "disposals": cost * gone * before - out,
        "closing": closing,
    }
    return {name: sums.of(of, values) for name, values in found.items()}


def _construction(view: View, found: Projects, into: Floats, sums: _Sums, rows: Ints, kept: Floats) -> Rolls:
    """What is paid up to the period of service waits here; a conversion also brings the book value of what it converts."""
    t = np.arange(view.clock.count)
    paid = np.where(t <= found.service[:, None], found.paid[:, :-1], 0.0)
    moved = np.where(t == found.ordered[:, None], into[:, None], 0.0)
    whole = found.prepaid + paid.sum(axis=1) + into
    placed = np.where(t == found.service[:, None], whole[:, None], 0.0)
    return _rolled(sums, rows, kept, found.prepaid, {"paid": paid, "transfers": moved, "placed": placed}, signs=(1, 1, -1))


def _payables(found: Projects, sums: _Sums, rows: Ints, kept: Floats) -> Rolls:
    """What falls due after the period of service, and after the end, is owed from service on."""
    t = np.arange(found.paid.shape[1] - 1)
    later = np.where(np.arange(found.paid.shape[1]) > found.service[:, None], found.paid, 0.0)
    accrued = np.where(t == found.service[:, None], later.sum(axis=1)[:, None], 0.0)
    return _rolled(sums, rows, kept, np.zeros(len(rows)), {"accrued": accrued, "settled": later[:, :-1]}, signs=(1, -1))


def _rolled(sums: _Sums, rows: Ints, kept: Floats, opening: Floats, flows: Rolls, signs: tuple[int, ...]) -> Rolls:
    """A roll-forward of the capitalised projects by group: opening, flows, closing."""
    found = {name: sums.of(rows[kept], values[kept]) for name, values in flows.items()}
    first = np.zeros(sums.count)
    np.add.at(first, rows[kept], opening[kept])
    change = np.sum([sign * values for sign, values in zip(signs, found.values(), strict=True)], axis=0).reshape(sums.count, sums.periods)
    closing = first[:, None] + np.cumsum(change, axis=1)
    return {"opening": closing - change, **found, "closing": closing}
