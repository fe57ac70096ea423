"""The lines of the statements and how they follow from each other; each is a positive amount of what its name says."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from barbell.core.clock import Floats
from barbell.finance.capital import Capital
from barbell.finance.funding import base, cash_return, debt, opening_cash, planned
from barbell.finance.operations import Lines
from barbell.finance.view import View

BALANCES = ("cash", "debt")
"""Lines that are levels at the end of a period; all others, but the margin, are amounts of the period."""
MARGIN = "operating margin"
_COSTS = ("variable cost", "fixed opex", "penalties", "depreciation", "write-offs", "expensed spend")


def lines(view: View, operated: Lines, property_: Capital) -> Lines:
    """(entities, T) every line of each entity on its own, in the order in which it is shown."""
    plan, financed = planned(view), debt(view)
    income = _income(view, operated, property_)
    received, recognised = operated["prepayments received"], operated["prepayments recognised"]
    opening = opening_cash(view, plan["cash"])
    returned = cash_return(view, opening)
    earned = income["operating income"] + income["depreciation"] + income["write-offs"]
    tax = -plan["tax"]
    capex = _by_class(view, property_, "capex", property_.capex)
    programmes = earned + received - recognised - tax - capex["capex"]
    operating = base(view) + earned + received - recognised - tax + returned - financed["interest"]
    raised = financed["borrowed"] - financed["repaid"] - financed["financing fees"]
    free = operating - capex["capex"]
    return {
        **income,
        "base business cash": base(view),
        "prepayments received": received,
        "prepayments recognised": recognised,
        "return on cash": returned,
        "interest": financed["interest"],
        "tax": tax,
        "operating cash flow": operating,
        **capex,
        "free cash flow": free,
        "free cash flow of the programmes": programmes,
        **{name: financed[name] for name in ("borrowed", "repaid", "financing fees")},
        "transfers received": plan["cash"] - opening - free - raised,  # what changes cash and is no other flow
        "cash": plan["cash"],
        "debt": financed["debt"],
    }


def _income(view: View, operated: Lines, property_: Capital) -> Lines:
    """From revenue to operating income."""
    markets = {name: value for name, value in operated.items() if name.startswith("revenue: ")}
    revenue = sum(markets.values(), view.empty())
    found: Lines = {**markets, "revenue": revenue, "contract revenue": operated["contract revenue"]}
    found |= {name: operated[name] for name in ("variable cost", "fixed opex", "penalties")}
    found |= _by_class(view, property_, "depreciation", property_.service["depreciation"])
    found["write-offs"] = _by_class(view, property_, "write-offs", property_.service["disposals"])["write-offs"]
    found["expensed spend"] = property_.expensed
    found["operating income"] = revenue - sum((found[name] for name in _COSTS), view.empty())
    found[MARGIN] = margin(found)
    return found


def _by_class(view: View, property_: Capital, name: str, values: Floats) -> Lines:
    """(entities, T) of a column of a roll-forward: by class, then in total."""
    found: Lines = {}
    total = view.empty()
    for (entity, klass), row in zip(property_.groups, values, strict=True):
        found.setdefault(f"{name}: {klass}", view.empty())[entity] += row
        total[entity] += row
    return {**dict(sorted(found.items())), name: total}


def margin(found: Mapping[str, Floats]) -> Floats:
    """Operating income over revenue; none (NaN) without revenue."""
    revenue = found["revenue"]
    share: Floats = np.divide(found["operating income"], revenue, out=np.full(revenue.shape, np.nan), where=revenue > 0)
    return share


def consolidated(view: View, own: Lines) -> Lines:
    """(entities, T) every line of each root entity with all below it; nothing (NaN) for the others. What they pay each other nets out."""
    group = groups(view)
    found: Lines = {}
    for name, value in own.items():
        total = np.where(np.asarray(group.any(axis=1)).reshape(-1, 1), group @ np.nan_to_num(value), np.nan)
        found[name] = total
    found[MARGIN] = margin(found)
    return found


def groups(view: View) -> Floats:
    """(entities, entities) 1 where the second belongs to the group of the first, which is a root."""
    parent = {e.name: e.parent for e in view.case.tables.entities}
    group = np.zeros((len(parent), len(parent)))
    for name, number in view.entities.items():
        top = name
        while parent[top]:
            top = parent[top]
        group[view.entities[top], number] = 1.0
    return group


def scopes(view: View, own: Lines) -> Mapping[str, Lines]:
    """Lines by scope."""
    return {"own": own, "consolidated": consolidated(view, own)}
