"""Our own numbers must tie: with the plan, over a group, and from opening to closing."""

from __future__ import annotations

import numpy as np

from barbell.core.clock import Floats
from barbell.core.errors import LedgerError
from barbell.finance.capital import Capital, Rolls
from barbell.finance.funding import TIE, planned
from barbell.finance.lines import groups
from barbell.finance.operations import Lines
from barbell.finance.view import View

_ROLLS = {
    "service": {"additions": 1, "transfers": 1, "depreciation": -1, "disposals": -1},
    "construction": {"paid": 1, "transfers": 1, "placed": -1},
    "payables": {"accrued": 1, "settled": -1},
}
"""Signs of what lies between opening and closing."""


def check(view: View, own: Lines, property_: Capital) -> None:
    """Compare with the plan's money and close every roll-forward. Raises LedgerError, which is always a bug."""
    plan = planned(view)
    scale = np.max([np.abs(own[name]).max(axis=1) for name in ("revenue", "capex", "operating cash flow", "cash")], axis=0)
    _tie(view, "capex", own["capex"] + own["expensed spend"], -plan["capex"], scale)
    if view.case.risk.weight < 1 or not view.case.tables.gates:  # a plan for its worst futures alone may pay penalties for nothing in others
        _tie(view, "free cash flow of the programmes", own["free cash flow of the programmes"], plan["free cash flow"], scale)
    group = groups(view)
    net = group @ own["transfers received"]
    _tie(view, "transfers within the group", net, np.zeros(net.shape), group @ scale)
    for name in _ROLLS:
        _close(view, name, property_)
    _place(view, property_)


def _tie(view: View, name: str, ours: Floats, theirs: Floats, scale: Floats) -> None:
    wrong = np.abs(ours - theirs)[:, : view.seen] > TIE * np.maximum(scale, 1.0)[:, None]
    if wrong.any():
        entity, t = (int(k) for k in np.argwhere(wrong)[0])
        who, when = view.case.tables.entities[entity].name, view.clock.label(t)
        raise LedgerError(
            f"{name} of {who} in {when} is {ours[entity, t]:.9g} here and {theirs[entity, t]:.9g} in the plan; please report this as a bug"
        )


def _close(view: View, name: str, property_: Capital) -> None:
    """Opening plus what happens is closing, and closing is the next opening."""
    roll: Rolls = getattr(property_, name)
    ours = roll["opening"] + sum(sign * roll[column] for column, sign in _ROLLS[name].items())
    carried = roll["opening"][:, 1:] - roll["closing"][:, :-1]
    gap = max(_largest(ours - roll["closing"]), _largest(carried))
    if gap > TIE * max(_largest(roll["opening"]), _largest(roll["closing"]), 1.0):
        raise LedgerError(f"the roll-forward of property ({name}) does not close by {gap:.9g} {view.case.money}; please report this as a bug")


def _place(view: View, property_: Capital) -> None:
    """What enters service is what leaves construction and what is still owed; no book value moves into or out of the group."""
    placed = property_.construction["placed"] + property_.payables["accrued"]
    moved = property_.service["transfers"].sum(axis=0) + property_.construction["transfers"].sum(axis=0)
    gap = max(_largest(property_.service["additions"] - placed), _largest(moved))
    if gap > TIE * max(_largest(placed), 1.0):
        raise LedgerError(f"what enters service differs by {gap:.9g} {view.case.money} from what was built; please report this as a bug")


def _largest(values: Floats) -> float:
    return float(np.abs(values).max(initial=0.0))
