"""Small cases made of rows, for tests."""

from barbell.core.case import Case, Risk, Tables
from barbell.core.check import check
from barbell.core.horizon import Horizon, Month, Period, Slice
from barbell.core.nouns import Asset, Demand, Entity, Place, Process, Programme, Resource
from barbell.core.path import Path
from barbell.core.relations import Option, PriceStep, ProcessRate, Use


def number(value):
    """A path from a number or a text such as ``2026:1 2027:2``."""
    return Path.parse(value) if isinstance(value, str) else Path.constant(value)


def horizon(*months, start="2026", slices=(("all", "day", 24.0, 1.0),)):
    """Periods of so many months each."""
    periods, at = [], Month.parse(start)
    for length in months:
        periods.append(Period(at, length))
        at += length
    return Horizon(tuple(periods), tuple(Slice(*s) for s in slices), at)


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
