"""Statements as polars frames: one row per number, cut to the periods that the scenario lives to see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl

from barbell.core.clock import Floats, Ints
from barbell.core.horizon import Month
from barbell.finance.capital import Capital, Rolls
from barbell.finance.lines import BALANCES, MARGIN, margin
from barbell.finance.operations import Lines
from barbell.finance.projects import Projects, class_of
from barbell.finance.view import View

_LINE: dict[str, Any] = {"entity": pl.String, "scope": pl.String, "period": pl.String, "line": pl.String, "value": pl.Float64, "unit": pl.String}
_YEAR: dict[str, Any] = {**{k: v for k, v in _LINE.items() if k != "period"}, "year": pl.Int64, "months": pl.Int64}
_LEAST = 1e-9
"""Units below which a purchase is no row."""


def line_frame(view: View, found: Mapping[str, Lines]) -> pl.DataFrame:
    """Lines by scope, entity and period."""
    labels = view.clock.horizon.labels[: view.seen]
    rows = [
        (entity, scope, period, name, float(value) + 0.0, unit)
        for entity, scope, name, values, unit in _shown(view, found)
        for period, value in zip(labels, values, strict=False)
        if not np.isnan(value)
    ]
    return pl.DataFrame(rows, schema=_LINE, orient="row")


def year_frame(view: View, found: Mapping[str, Lines]) -> pl.DataFrame:
    """Lines by scope, entity and calendar year; a period belongs to the year in which it starts, and `months` says how many those have."""
    year = view.clock.start[: view.seen] // 12
    starts = np.unique(year, return_index=True)[1]
    length = np.add.reduceat(np.diff(view.clock.edges)[: view.seen], starts)
    yearly = {scope: _by_year(lines, starts, view.seen) for scope, lines in found.items()}
    rows = [
        (entity, scope, name, float(value) + 0.0, unit, int(year[first]), int(months))
        for entity, scope, name, values, unit in _shown(view, yearly)
        for first, months, value in zip(starts, length, values, strict=True)
        if not np.isnan(value)
    ]
    return pl.DataFrame(rows, schema=_YEAR, orient="row").select("entity", "scope", "year", "line", "value", "unit", "months")


def _by_year(found: Lines, starts: Ints, seen: int) -> Lines:
    """(entities, years) amounts summed, levels at the end of the year, the margin from both."""
    last = np.append(starts[1:], seen) - 1
    yearly: Lines = {}
    for name, values in found.items():
        yearly[name] = values[:, last] if name in BALANCES else np.add.reduceat(values[:, :seen], starts, axis=1)
    return yearly | {MARGIN: margin(yearly)}


def _shown(view: View, found: Mapping[str, Lines]) -> Iterator[tuple[str, str, str, Floats, str]]:
    """Entity, scope, line, values and unit of what is there; a line by market or class only where it is not all nothing."""
    for scope, lines in found.items():
        for entity, number in view.entities.items():
            for name, values in lines.items():
                row = values[number]
                if ": " not in name or np.nan_to_num(row[: view.seen]).any():
                    yield entity, scope, name, row, "1" if name == MARGIN else view.case.money


def roll_frame(view: View, groups: tuple[tuple[int, str], ...], rolls: Rolls) -> pl.DataFrame:
    """A roll-forward: entity, class, period, its columns, unit."""
    names = [e.name for e in view.case.tables.entities]
    count = view.seen
    keys = {
        "entity": [names[e] for e, _ in groups for _ in range(count)],
        "class": [klass for _, klass in groups for _ in range(count)],
        "period": list(view.clock.horizon.labels[:count]) * len(groups),
    }
    columns = {name: values[:, :count].reshape(-1) for name, values in rolls.items()}
    frame = pl.DataFrame({**keys, **columns}, schema={**dict.fromkeys(keys, pl.String), **dict.fromkeys(columns, pl.Float64)})
    return frame.with_columns(pl.lit(view.case.money).alias("unit"))


def project_frame(view: View, found: Projects) -> pl.DataFrame:
    """One row per purchase with its five dates: periods of the order and of service, months of delivery and of depreciation.

    `ordered` is empty for what was under way at the start; `first_paid` and `last_paid` are periods, ``before`` the start or ``after`` the
    end; `in_service` is ``late`` past the end, and then the months of depreciation are empty.
    """
    shown = _shown_projects(found)
    labels, assets = view.clock.label, view.assets
    names = [e.name for e in view.case.tables.entities]
    fresh = [bool(assets[found.asset[n]].depreciation) and view.capitalised[found.asset[n]] and found.service[n] < view.clock.count for n in shown]
    cost, units = found.cost[shown], found.units[shown]
    paid = [_payment_dates(view, found, n) for n in shown]
    return pl.DataFrame(
        {
            "project": np.array(shown, int),
            "source": [found.source[n] for n in shown],
            "entity": [names[view.owner[found.asset[n]]] for n in shown],
            "programme": [assets[found.asset[n]].programme for n in shown],
            "asset": [found.asset[n] for n in shown],
            "place": [found.place[n] for n in shown],
            "class": [class_of(view, found.asset[n]) for n in shown],
            "ordered": [labels(int(found.ordered[n])) for n in shown],
            "first_paid": [first for first, _ in paid],
            "last_paid": [last for _, last in paid],
            "delivered": [str(Month(int(found.due[n]))) for n in shown],
            "in_service": [labels(int(found.service[n])) for n in shown],
            "depreciated_from": [str(Month(int(view.clock.edges[found.service[n]]))) if f else "" for n, f in zip(shown, fresh, strict=True)],
            "depreciated_until": [str(Month(int(found.worn[n]))) if f else "" for n, f in zip(shown, fresh, strict=True)],
            "units": units,
            "unit": [assets[found.asset[n]].unit for n in shown],
            "price": np.divide(cost, units, out=np.zeros(len(shown)), where=units > 0),
            "cost": cost,
            "money": [view.case.money] * len(shown),
        }
    )


def _shown_projects(found: Projects) -> list[int]:
    return [int(n) for n in np.flatnonzero((found.units > _LEAST) | (found.cost > _LEAST))]


def _payment_dates(view: View, found: Projects, number: int) -> tuple[str, str]:
    """First and last period of payment; both empty where nothing is paid."""
    periods = [view.clock.horizon.labels[t] if t < view.clock.count else "after" for t in np.flatnonzero(found.paid[number])]
    named = ["before"] * bool(found.prepaid[number]) + periods
    return (named[0], named[-1]) if named else ("", "")


def payment_frame(view: View, found: Projects) -> pl.DataFrame:
    """Payments of each purchase: project, period (``before`` the start, ``after`` the end) and value."""
    shown = _shown_projects(found)
    table = np.concatenate([found.prepaid[:, None], found.paid], axis=1)[shown]
    labels = ["before", *view.clock.horizon.labels, "after"]
    row, column = np.nonzero(table)
    return pl.DataFrame(
        {"project": np.array(shown, int)[row], "period": [labels[c] for c in column], "value": table[row, column]},
        schema={"project": pl.Int64, "period": pl.String, "value": pl.Float64},
    ).with_columns(pl.lit(view.case.money).alias("unit"))


def property_frames(view: View, property_: Capital) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Roll-forwards of what is in service, under construction, and owed for."""
    rolls = (property_.service, property_.construction, property_.payables)
    return roll_frame(view, property_.groups, rolls[0]), roll_frame(view, property_.groups, rolls[1]), roll_frame(view, property_.groups, rolls[2])
