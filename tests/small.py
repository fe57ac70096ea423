"""Small cases for tests: of nouns, checked (`case`, `market`, `built`), or of rows that fill in what a test does not care about (`build`)."""

import types
import typing
from collections.abc import Mapping
from typing import Any

from barbell.core.case import TABLES, Case, Risk, Tables
from barbell.core.check import check
from barbell.core.horizon import Horizon, Month, Period, Slice
from barbell.core.nouns import Asset, Demand, Entity, Place, Process, Programme, Resource
from barbell.core.path import Path
from barbell.core.relations import Option, PriceStep, ProcessRate, Use

DAY = (("all", "day", 24.0, 1.0),)
ROWS: dict[str, list[dict[str, Any]]] = {
    "places": [{"name": "world", "kind": "world"}],
    "entities": [{"name": "firm", "discount_rate": 0.1}],
    "programmes": [{"name": "build", "entity": "firm"}],
}
"""Rows that every case needs, when a test of `build` does not give them."""

CELLS: dict[str, dict[str, Any]] = {
    "assets": {"unit": "unit", "capex": 1.0, "programme": "build", "life_months": 60},
    "processes": {"unit": "unit", "entity": "firm", "variable_cost": 0.0},
    "resources": {"unit": "unit", "kind": "flow", "level": "world"},
    "demands": {"market": "inference", "place": "world", "entity": "firm"},
    "contracts": {"market": "inference", "place": "world", "entity": "firm", "penalty": 0.0},
    "limits": {"unit": "unit", "sense": "<="},
    "terms": {"coefficient": 1.0},
    "payments": {"anchor": "order", "months": 0},
    "facts": {"as_of": "2026-01-01", "source": "test", "grade": "B"},
}
"""Cells of required fields, when a row of `build` does not give them."""


def number(value):
    """A path from a number or a text such as ``2026:1 2027:2``."""
    return Path.parse(value) if isinstance(value, str) else Path.constant(value)


def horizon(*months, start="2026", slices=DAY, report_end=""):
    """Periods of so many months each."""
    periods, at = [], Month.parse(start)
    for length in months:
        periods.append(Period(at, length))
        at += length
    return Horizon(tuple(periods), tuple(Slice(*s) for s in slices), Month.parse(report_end) if report_end else at)


def build(*, start="2026", months=(12, 12), risk=None, report_end="", **tables):
    """A case of rows of cells; numbers and texts become paths where the field is one. Raises what the models raise when a row is wrong."""
    made = {table: tuple(_row(table, cells) for cells in rows) for table, rows in {**ROWS, **tables}.items()}
    slices = [(s.name, s.day, s.hours, s.weight) for s in made.get("slices", ())]
    days = horizon(*months, start=start, slices=slices or DAY, report_end=report_end)
    return Case("test", "", "MUSD2026", "2026-01-01", days, risk or Risk(), Tables(**made))


def _row(table: str, cells: Mapping[str, Any]) -> Any:
    model = TABLES[table]
    hints = typing.get_type_hints(model)
    return model(**{field: _path(value, hints.get(field)) for field, value in {**CELLS.get(table, {}), **cells}.items()})


def _path(value: Any, hint: Any) -> Any:
    wanted = hint is Path or (isinstance(hint, types.UnionType) and Path in typing.get_args(hint))
    return value if not wanted or value is None or isinstance(value, Path) else number(value)


def case(calendar=None, risk=None, **tables):
    """A checked case; places, entity and programme are there unless given."""
    usual = {
        "places": (Place(name="va", kind="site"),),
        "entities": (Entity(name="co", discount_rate=0.1),),
        "programmes": (Programme(name="build", entity="co"),),
    }
    made = Case("small", "?", "MUSD2026", "2026-01-01", calendar or horizon(12, 12), risk or Risk(), Tables(**{**usual, **tables}))
    faults = check(made)
    assert not faults, "\n".join(str(f) for f in faults)
    return made


def market(volume=10.0, prices=((1.0, 10.0),), cost=1.0, discriminates=True, **more):
    """One flow sold in steps (share, price), made by one process at a cost, without assets."""
    demand = Demand(name="sell", market="m", resource="good", place="va", entity="co", volume=number(volume), discriminates=discriminates, **more)
    steps = tuple(PriceStep(demand="sell", step=n + 1, share=share, price=number(price)) for n, (share, price) in enumerate(prices))
    return {
        "resources": (Resource(name="good", unit="MW", kind="flow", level="site"),),
        "processes": (Process(name="make", unit="MW", where="va", entity="co", variable_cost=number(cost)),),
        "rates": (ProcessRate(process="make", resource="good", rate=number(1.0)),),
        "demands": (demand,),
        "price_steps": steps,
    }


def built(capex=10.0, life=120, lead=0, volume=10.0, prices=((1.0, 10.0),), cost=1.0, asset=None, **tables):
    """The market again, but making needs a hall that must be ordered."""
    hall = {"name": "hall", "unit": "MW", "capex": capex, "programme": "build", "life_months": life, "lead_months": lead, **(asset or {})}
    return {
        **market(volume, prices, cost),
        "assets": (Asset(**hall),),
        "options": (Option(asset="hall", place="va"),),
        "uses": (Use(process="make", asset="hall", use=number(1.0)),),
        **tables,
    }


def total(frame, column="value", **where):
    """Sum of a column of a result table over the rows that match."""
    for key, value in where.items():
        frame = frame.filter(frame[key] == value)
    return float(frame[column].sum())
