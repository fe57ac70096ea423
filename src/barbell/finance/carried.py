"""What is converted is not written off: its book value moves on to what it becomes, and is charged over that life.

Units that are retired, lost or worn out are written off. A batch from which units are both retired and converted in one period
is split as its holding as a whole is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from barbell.core.clock import Floats
from barbell.finance.projects import CONVERSION, Projects
from barbell.finance.view import View
from barbell.finance.vintages import Vintage, kept

Holding = tuple[str, str]


def carry(view: View, found: Projects, stock: Sequence[Vintage]) -> tuple[Floats, Floats]:
    """Book value (P,) that moves into each project, and (vintages, T) out of each vintage at the start of each period."""
    into = np.zeros(len(found.source))
    out = np.zeros((len(stock), view.clock.count))
    members: dict[Holding, list[int]] = defaultdict(list)
    for number, v in enumerate(stock):
        members[v.asset, v.place].append(number)
    retired, begun = _retired(view), _begun(view, found)
    moved = {number: _moved(view, stock[number]) for holding in {h for h, _ in begun} for number in members.get(holding, ())}
    for (holding, t), conversions in sorted(begun.items(), key=lambda item: item[0][1]):
        whole = sum(amount for _, amount in conversions) + retired.get((*holding, t), 0.0)
        for number in members.get(holding, ()):
            value = stock[number].cost(found.cost + into) * moved[number][t]
            for row, amount in conversions:
                if whole > 0 and view.capitalised[found.asset[row]]:
                    into[row] += value * amount / whole
                    out[number, t] += value * amount / whole
    return into, out


def _moved(view: View, v: Vintage) -> Floats:
    """(T,) share of a vintage's cost that the books carry for what is taken out at the start of each period, attrition left aside."""
    start = view.clock.start
    taken = np.where(start < v.month + v.months, v.gone - v.before * (1 - kept(view, view.assets[v.asset])), 0.0)
    return np.asarray(np.maximum(taken, 0.0) * v.left(start))


def _retired(view: View) -> Mapping[tuple[str, str, int], float]:
    rows = view.tables["orders"].filter(pl.col("action") == "retire").group_by("item", "place", "t").agg(pl.col("value").sum())
    return {(item, place, t): value for item, place, t, value in rows.iter_rows()}


def _begun(view: View, found: Projects) -> Mapping[tuple[Holding, int], list[tuple[int, float]]]:
    """Conversions begun, by holding of the source and period: (project, units of the source)."""
    named = {CONVERSION + c.name: c for c in view.case.tables.conversions}
    begun: dict[tuple[Holding, int], list[tuple[int, float]]] = defaultdict(list)
    for row, source in enumerate(found.source):
        if source in named:
            begun[(named[source].source, found.place[row]), int(found.ordered[row])].append((row, float(found.begun[row])))
    return begun
