"""Where cash comes from besides business: interest, debt, and what parents and children pay each other, by entity and period."""

from __future__ import annotations

import numpy as np
import polars as pl

from barbell.core.clock import Floats
from barbell.core.errors import LedgerError
from barbell.finance.operations import Lines
from barbell.finance.view import View

TIE = 1e-6
"""Largest difference accepted between two computations of one number, relative to the entity's largest amount of money."""


def planned(view: View) -> Lines:
    """(entities, T) the plan's own lines of money, by name."""
    lines: Lines = {}
    for name, entity, t, value in view.tables["money"].select("line", "entity", "t", "value").iter_rows():
        lines.setdefault(name, view.empty())[view.entities[entity], t] = value
    return lines


def debt(view: View) -> Lines:
    """(entities, T) `interest`, `borrowed`, `repaid`, `financing fees` and the closing `debt`. Raises LedgerError where the plan has
    facilities and its tables do not show them."""
    lines: Lines = {name: view.empty() for name in ("interest", "borrowed", "repaid", "financing fees", "debt")}
    facilities = view.case.tables.debts
    if facilities and "debts" not in view.tables:
        raise LedgerError("the plan has debt, but its tables have no 'debts'; hand over all tables of the plan")
    for row in facilities:
        found = view.tables["debts"].filter(pl.col("item") == row.name).sort("t")
        t, entity = found["t"].to_numpy(), view.entities[row.entity]
        level = found["debt"].to_numpy()
        owed = np.concatenate([[row.opening], level[:-1]])
        lines["interest"][entity, t] += ((1 + row.rate) ** view.clock.gap[t] - 1) * owed
        lines["borrowed"][entity, t] += found["draw"].to_numpy()
        lines["repaid"][entity, t] += found["repay"].to_numpy()
        lines["financing fees"][entity, t] += row.fee * found["draw"].to_numpy()
        lines["debt"][entity, t] += level
    return lines


def base(view: View) -> Floats:
    """(entities, T) cash of the business outside the case."""
    return np.array([view.clock.mean(e.base_cash) * view.clock.y for e in view.case.tables.entities]).reshape(view.empty().shape)


def opening_cash(view: View, cash: Floats) -> Floats:
    """(entities, T) cash at the start of each period."""
    first = np.array([[e.cash] for e in view.case.tables.entities]).reshape(-1, 1)
    return np.concatenate([first, cash[:, :-1]], axis=1)


def cash_return(view: View, opening: Floats) -> Floats:
    """(entities, T) return on the cash held, after tax."""
    rate = np.array([e.cash_yield for e in view.case.tables.entities]).reshape(-1, 1)
    grown: Floats = opening * ((1 + rate) ** view.clock.gap - 1)
    return grown
