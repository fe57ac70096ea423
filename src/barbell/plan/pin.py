"""A case solved with its orders held: at most what somebody would have ordered, or exactly that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from barbell.core.case import Case
from barbell.core.errors import InfeasibleError, PlanError
from barbell.core.horizon import Month
from barbell.plan.lp import Solver
from barbell.plan.solve import Plan, answer
from barbell.plan.tree import Forest, plant

if TYPE_CHECKING:
    import polars as pl

SLACK = 1e-7
"""Room left around each order, relative to it: what one problem rounded, another must be able to hold."""

Key = tuple[str, str, str, str, str]
"""Scenario, period, item, place and action of an order, as in the table of orders."""


@dataclass(frozen=True)
class _Decision:
    """A column of the problem that orders or converts something in a period."""

    key: Key
    column: int


def pinned(case: Case, orders: pl.DataFrame, *, upto: str | None = None, sense: Literal["=", "<="] = "=") -> Plan:
    """Plan a case with the orders of periods that start before `upto` (a date; None: of all periods) held.

    `orders` is a frame like ``plan.tables["orders"]``: of the actions ``order`` and ``convert by ...`` that it contains, what
    it does not list is not done; an action that it never mentions, and retirements, stay free. With ``<=`` the orders are the
    most that may be ordered, with ``=`` exactly what is, both to within `SLACK`. Several conversions of one kind at one place
    (one for each batch) are matched in the order of the table.

    Raises PlanError where an order does not exist in the case or is more than its bounds allow, and what `solve` raises.
    """
    return held(plant(case), orders, upto=upto, sense=sense)


def held(forest: Forest, orders: pl.DataFrame, *, upto: str | None = None, sense: Literal["=", "<="] = "=") -> Plan:
    """`pinned` for a case whose problem is written already."""
    periods = _before(forest.case, upto)
    lower, upper = forest.problem.arrays.lower.copy(), forest.problem.arrays.upper.copy()
    for decision, value in _matched(forest, _wanted(orders, periods), periods):
        at = decision.column
        if value > upper[at] + SLACK * max(1.0, value):
            raise PlanError(_too_much(decision.key, value, float(upper[at])))
        room = SLACK * value
        upper[at] = min(upper[at], value + room)
        lower[at] = max(lower[at], min(value - room, upper[at])) if sense == "=" else lower[at]
    arrays = replace(forest.problem.arrays, lower=lower, upper=upper)
    tied = replace(forest, problem=replace(forest.problem, arrays=arrays))
    try:
        return answer(tied, Solver(arrays))
    except InfeasibleError as error:
        raise InfeasibleError(f"with the orders held, {error}", error.conflict) from error


def _before(case: Case, upto: str | None) -> frozenset[str]:
    """Labels of the periods that start before a date."""
    end = case.horizon.end if upto is None else Month.parse(upto)
    return frozenset(period.label for period in case.horizon.periods if period.start < end)


def _wanted(orders: pl.DataFrame, periods: frozenset[str]) -> Mapping[Key, list[float]]:
    """Amounts by key, in the order of the frame; of actions that can be held."""
    found: dict[Key, list[float]] = defaultdict(list)
    for row in orders.iter_rows(named=True):
        if row["action"] != "retire" and row["period"] in periods:
            key = (row["scenario"], row["period"], row["item"], row["place"], row["action"])
            found[key].append(max(float(row["value"]), 0.0))
    return found


def _matched(forest: Forest, wanted: Mapping[Key, list[float]], periods: frozenset[str]) -> Iterator[tuple[_Decision, float]]:
    """Every column that is held, with its amount."""
    actions = {key[4] for key in wanted}
    columns: dict[Key, list[_Decision]] = defaultdict(list)
    for decision in _decisions(forest):
        if decision.key[1] in periods and decision.key[4] in actions:
            columns[decision.key].append(decision)
    for key, values in wanted.items():
        if len(values) > len(columns[key]) and any(values):
            raise PlanError(f"{_said(key)} cannot be held: the case has {len(columns[key])} such decisions, the orders have {len(values)}")
    for key, decisions in columns.items():
        values = wanted.get(key, [])
        yield from zip(decisions, values + [0.0] * (len(decisions) - len(values)), strict=False)


def _decisions(forest: Forest) -> Iterator[_Decision]:
    """Orders and conversions of every branch in its own periods, in the order of the table of orders."""
    for number, branch in enumerate(forest.branches):
        sets, blocks = forest.models[number].sets, forest.models[number].template.columns
        own = range(branch.first, branch.stop)
        for o, option in enumerate(sets.options):
            yield from _row(forest, number, blocks["order"].index[o], own, (option.asset.name, option.place, "order"))
        for n, (conversion, batch) in enumerate(sets.conversions):
            what = (*sets.holdings[sets.batches[batch].holding], f"convert by {conversion.name}")
            yield from _row(forest, number, blocks["convert"].index[n], own, what)


def _row(forest: Forest, number: int, index: NDArray[np.int32], own: range, what: tuple[str, str, str]) -> Iterator[_Decision]:
    labels, name = forest.models[number].sets.period.labels, forest.branches[number].name
    for t in own:
        if index[t] >= 0:
            yield _Decision((name, labels[t], *what), int(forest.columns[number, index[t]]))


def _said(key: Key) -> str:
    scenario, period, item, place, action = key
    branch = f" of {scenario}" if scenario != "trunk" else ""
    return f"'{action}' {item}@{place} in {period}{branch}"


def _too_much(key: Key, value: float, most: float) -> str:
    return f"{_said(key)} cannot be held at {value:.6g}: at most {most:.6g} may be ordered; raise the order limit of {key[2]}@{key[3]} or order less"
