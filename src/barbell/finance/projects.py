"""Everything that is bought: orders, conversions, and what was under way at the start, each with its price, its dates and its payments.

Five dates are kept apart: ordered, paid, delivered, in service (from the first period that starts once it is delivered) and depreciated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from barbell.core.clock import Floats, Ints
from barbell.core.horizon import Month
from barbell.finance.view import View

NO_CLASS = "not depreciated"
"""Name of the class of what is never depreciated, such as land."""
ORDER = "order"
CONVERSION = "conversion "
COHORT = "cohort "
_CONVERTED = "convert by "


@dataclass(frozen=True)
class Projects:
    """P purchases. `paid` (P, T + 1) holds payments by period, the last column what falls due after the end."""

    source: Sequence[str]
    """``order``, ``conversion NAME`` or ``cohort NAME``."""
    asset: Sequence[str]
    place: Sequence[str]
    ordered: Ints
    """Period of the order; -1 before the start."""
    due: Ints
    """Month of delivery."""
    service: Ints
    """Period of entering service; T if late."""
    worn: Ints
    """Month in which the life is over."""
    units: Floats
    begun: Floats
    """Units taken: those of the source for a conversion, else those bought."""
    cost: Floats
    prepaid: Floats
    """Paid before the start."""
    paid: Floats


def projects(view: View) -> Projects:
    """Every purchase of a plan: orders, then conversions, then cohorts under way."""
    return _joined([_orders(view), _conversions(view), _cohorts(view)])


def class_of(view: View, asset: str) -> str:
    """Depreciation class of an asset."""
    return view.assets[asset].depreciation or NO_CLASS


def _joined(parts: list[Projects]) -> Projects:
    joined: dict[str, Any] = {name: [text for p in parts for text in getattr(p, name)] for name in ("source", "asset", "place")}
    for name in ("ordered", "due", "service", "worn", "units", "begun", "cost", "prepaid", "paid"):
        joined[name] = np.concatenate([getattr(p, name) for p in parts])
    return Projects(**joined)


def _orders(view: View) -> Projects:
    clock = view.clock
    rows = view.tables["orders"].filter((pl.col("action") == ORDER) & (pl.col("value") != 0))
    asset, place = rows["item"].to_list(), rows["place"].to_list()
    t, units = rows["t"].to_numpy(), rows["value"].to_numpy()
    price = {
        (a, p): o.capex_factor * view.assets[a].capex * view.levels[view.assets[a].index]
        for (a, p), o in view.options.items()
    }  # fmt: skip
    lead = [view.assets[a].lead_months + view.options[a, p].extra_lead_months for a, p in zip(asset, place, strict=True)]
    due = clock.start[t] + np.array(lead, int)
    service = clock.arrival(due)
    begins = np.where(service < clock.count, clock.edges[service], due)
    each = np.array([price[a, p][k] for a, p, k in zip(asset, place, t, strict=True)])
    life = np.array([view.assets[a].life_months for a in asset], int)
    paid = _instalments(view, asset, t, begins) * (units * each)[:, None]
    return Projects([ORDER] * len(asset), asset, place, t, due, service, begins + life, units, units, units * each, np.zeros(len(asset)), paid)


def _instalments(view: View, asset: Sequence[str], t: Ints, begins: Ints) -> Floats:
    """(orders, T + 1) share of the price paid in each period: never before the order, counted from it or from service."""
    clock, profiles = view.clock, _profiles(view)
    share = np.zeros((len(asset), clock.count + 1))
    of_profile: dict[str, list[int]] = defaultdict(list)
    for number, name in enumerate(asset):
        of_profile[view.assets[name].payment].append(number)
    for profile, numbers in of_profile.items():
        rows = np.array(numbers)
        ordered = clock.start[t[rows]]
        for anchor, months, part in profiles.get(profile, [("order", 0, 1.0)]):
            month = np.maximum((ordered if anchor == "order" else begins[rows]) + months, ordered)
            np.add.at(share, (rows, clock.holding(month)), part)
    return share


def _profiles(view: View) -> Mapping[str, list[tuple[str, int, float]]]:
    """Anchor, months and share of each instalment, by profile."""
    found: dict[str, list[tuple[str, int, float]]] = defaultdict(list)
    for p in view.case.tables.payments:
        found[p.name].append((p.anchor, p.months, p.share))
    return found


def _conversions(view: View) -> Projects:
    """Conversions are paid when begun; what they cost belongs to the target, which begins a full life."""
    clock = view.clock
    rows = view.tables["orders"].filter(pl.col("action").str.starts_with(_CONVERTED) & (pl.col("value") != 0))
    rows = rows.group_by("action", "place", "t", maintain_order=True).agg(pl.col("value").sum())
    named = {c.name: c for c in view.case.tables.conversions}
    found = [named[action.removeprefix(_CONVERTED)] for action in rows["action"]]
    t, begun = rows["t"].to_numpy(), rows["value"].to_numpy()
    gain = np.array([c.gain for c in found])
    cost = begun * np.array([c.capex * view.levels[c.index][k] for c, k in zip(found, t, strict=True)])
    due = clock.start[t] + np.array([c.months for c in found], int)
    service = clock.arrival(due)
    begins = np.where(service < clock.count, clock.edges[service], due)
    life = np.array([view.assets[c.target].life_months for c in found], int)
    paid = np.zeros((len(found), clock.count + 1))
    paid[np.arange(len(found)), t] = cost
    units = begun * gain
    source = [CONVERSION + c.name for c in found]
    return Projects(source, [c.target for c in found], rows["place"].to_list(), t, due, service, begins + life, units, begun, cost,
                    np.zeros(len(found)), paid)  # fmt: skip


def _cohorts(view: View) -> Projects:
    """What was under way at the start: the rest of its price is paid in equal monthly parts until service."""
    clock = view.clock
    begin = int(clock.start[0])
    rows = [c for c in view.case.tables.cohorts if Month.parse(c.service).index >= begin]
    due = np.array([Month.parse(c.service).index for c in rows], int)
    life = [view.assets[c.asset].life_months if c.remaining_months is None else c.remaining_months for c in rows]
    units, price, share = (np.array([getattr(c, name) for c in rows], float) for name in ("amount", "price", "paid"))
    paid = np.zeros((len(rows), clock.count + 1))
    for number, month in enumerate(due):
        months = np.arange(begin, max(month, begin + 1))
        rest = units[number] * price[number] * (1 - share[number])
        np.add.at(paid[number], clock.holding(months), rest / len(months))
    service, before = clock.arrival(due), np.full(len(rows), -1)
    return Projects([COHORT + c.name for c in rows], [c.asset for c in rows], [c.place for c in rows], before, due, service,
                    due + np.array(life, int), units, units, units * price, units * price * share, paid)  # fmt: skip
