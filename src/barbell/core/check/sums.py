"""Shares that must sum to one, prices that must fall, shapes that must be complete."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from barbell.core.case import Case
from barbell.core.check.names import fault
from barbell.core.errors import Fault
from barbell.core.row import Row


def _groups(rows: Sequence[Row], field: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(getattr(row, field), []).append(row)
    return found


def _shares(case: Case, rows: Sequence[Row], field: str, what: str) -> Iterator[Fault]:
    for name, group in _groups(rows, field).items():
        total = sum(getattr(row, "share", 0.0) for row in group)
        if abs(total - 1) > 1e-9:
            yield fault(case, group[0], "share", f"{total:g}", f"is the sum of the shares of {what} '{name}'", "Make it 1")


def payments(case: Case) -> Iterator[Fault]:
    """The shares of a payment profile sum to one."""
    names = {row.name for row in case.tables.payments}
    for asset in case.tables.assets:
        if asset.payment and asset.payment not in names:
            yield fault(case, asset, "payment", asset.payment, "is no payment profile", "Add its rows to payments")
    yield from _shares(case, case.tables.payments, "name", "payment profile")


def steps(case: Case) -> Iterator[Fault]:
    """The steps of a demand sum to one, and their prices fall."""
    yield from _shares(case, case.tables.price_steps, "demand", "demand")
    priced = _groups(case.tables.price_steps, "demand")
    for demand in case.tables.demands:
        if demand.name not in priced:
            yield fault(case, demand, "name", demand.name, "has no price step", "Add its rows to price_steps")
    for name in priced:
        rows = sorted((s for s in case.tables.price_steps if s.demand == name), key=lambda s: s.step)
        for above, below in pairwise(rows):
            months = [p.start for p in case.horizon.periods]
            if any((below.price.at(m) or 0) > (above.price.at(m) or 0) for m in months):
                yield fault(case, below, "price", below.price, f"is above the price of step {above.step}", "Order steps by falling price")


def slices(case: Case) -> Iterator[Fault]:
    """All slices of a day have one weight; a profile has a value for each slice."""
    weight: dict[str, float] = {}
    for row in case.tables.slices:
        if weight.setdefault(row.day, row.weight) != row.weight:
            yield fault(case, row, "weight", row.weight, f"differs within day '{row.day}' ({weight[row.day]:g})", "Give the day one weight")
    names = {s.name for s in case.horizon.slices}
    for profile, rows in _groups(case.tables.profiles, "name").items():
        missing = names - {getattr(row, "slice", "") for row in rows}
        if missing:
            yield fault(case, rows[0], "slice", profile, f"has no value for {', '.join(sorted(missing))}", "Give one for each slice")
    profiles = {row.name for row in case.tables.profiles}
    users: list[tuple[Row, str]] = [(a, a.profile) for a in case.tables.assets]
    users += [(d, d.profile) for d in case.tables.demands]
    for user, name in users:
        if name and name not in profiles:
            yield fault(case, user, "profile", name, "is no profile", "Add its rows to profiles")


def facts(case: Case) -> Iterator[Fault]:
    """An assumption carries its range."""
    for fact in case.tables.facts:
        if fact.grade == "S" and not (fact.low and fact.high):
            yield fault(case, fact, "low", fact.name, "is an assumption (S) without a range", "Give low and high")


RULES = (payments, steps, slices, facts)
