"""What is never chosen, and what price would make it: the reduced cost of an order as a fall of its capex, confirmed by solving again.

Capex enters many rows (payments, tax, limits, closing values), but each in proportion. With all of it doubled the problem is written
once more: the difference, at the prices where a grain of each is placed, is what one whole capex costs an order, and reduced cost over
it is the share by which it is too dear.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from barbell.core.case import Case
from barbell.core.clock import Floats
from barbell.core.errors import PlanError
from barbell.core.relations import Option
from barbell.plan.lp.verify import transposed
from barbell.plan.review.finding import Finding, amount
from barbell.plan.review.subject import NONE, Subject
from barbell.plan.solve import again
from barbell.plan.tree import plant

GRAIN = 1e-4
"""How much of everything that is never ordered is placed to see what it would earn."""
UNDER = 0.999
"""How far below the price found the case is solved again: at the price itself it would be a matter of indifference."""
LADDER, EVEN_LADDER = (1.0, 0.97, 0.9), (1.0, 0.9, 0.5)
"""Where orders are tied to others the first price may not do: at which share of it the next questions are asked."""
SECONDS = 20.0
"""No further question is begun after this time."""
SLOW = 30.0
"""Where planning took longer than this, prices are not confirmed by planning again."""
CONFIRMED = 8
"""Prices that are confirmed by planning again, one of each asset."""
EVEN = 1e-6
"""Dearer by less than this share is not dearer."""


@dataclass(frozen=True)
class Idle:
    """An option that is never ordered: its row, and the share of its capex at which it would be (0: not even for nothing)."""

    row: Option
    numbers: tuple[int, ...]
    share: float


def idle(subject: Subject) -> Iterator[Finding]:
    """Options that are never ordered: those that nobody could ever choose, then the rest with the price that would make them.

    The nearest `CONFIRMED` are solved again at that price, one of each asset; the plan's handle then holds another problem.
    """
    rows: dict[str, list[int]] = {}
    for number, option in enumerate(subject.sets.options):
        rows.setdefault(option.row.id, []).append(number)
    unused = {row: numbers for row, numbers in rows.items() if all(subject.total(subject.columns("order", n)) < NONE for n in numbers)}
    shares = _shares(subject, [n for numbers in unused.values() for n in numbers]) if unused else np.zeros(0)
    found = []
    for numbers in unused.values():
        row = subject.sets.options[numbers[0]].row
        why = _never(subject, numbers)
        if why:
            where, what = subject.where("options", row.id, "asset"), f"{row.asset}@{row.place}"
            yield Finding("cannot be chosen", "warning", what, where, why[0], why[1])
        else:
            found.append(Idle(row, tuple(numbers), max(_nearest(subject, n, shares) for n in numbers)))
    yield from _priced(subject, sorted(found, key=lambda i: (i.share >= 1 - EVEN, -i.share)))


def doubled(case: Case) -> Case:
    """The case with every capex twice as high."""
    options = tuple(row.model_copy(update={"capex_factor": 2 * row.capex_factor}) for row in case.tables.options)
    return replace(case, tables=case.tables.with_rows("options", options))


def _shares(subject: Subject, numbers: list[int]) -> Floats:
    """(columns,) share of its capex at which each order would be worth placing, read where a grain of each is placed.

    At nothing the prices are not the only ones: what an order would earn may be written to what it uses or to what uses it.
    """
    plan, arrays = subject.plan, subject.arrays
    columns = np.unique(np.concatenate([_timely(subject, n).reshape(-1) for n in numbers]))
    columns = columns[columns >= 0]
    lower = arrays.lower.copy()
    lower[columns] = np.minimum(lower[columns] + GRAIN, arrays.upper[columns])
    plan.solver.update(replace(arrays, lower=lower, integer=np.zeros_like(arrays.integer)))
    found = plan.solver.solve()
    priced = found if found.x.size else plan.priced
    other = plant(doubled(subject.case)).problem.arrays
    capex = transposed(arrays, priced.row_dual)[0] - transposed(other, priced.row_dual)[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        share: Floats = np.where(capex > 0, 1 - np.maximum(priced.column_dual, 0.0) / capex, -np.inf)
    return share


def _timely(subject: Subject, number: int) -> NDArray[np.int64]:
    """(branches, periods) columns of the orders of an option that arrive in time."""
    found: NDArray[np.int64] = subject.columns("order", number)[:, subject.sets.order_arrival[number] < subject.sets.clock.count]
    return found


def _nearest(subject: Subject, number: int, shares: Floats) -> float:
    """The share at which the first order that arrives in time would be placed."""
    columns = _timely(subject, number)
    return float(np.max(shares[columns[columns >= 0]], initial=0.0))


def _never(subject: Subject, numbers: list[int]) -> tuple[str, str] | None:
    """Why an option can be chosen at no price, and what to do; None where it can."""
    sets = subject.sets
    order = sets.order_arrival[numbers]
    if all((subject.columns("order", n) < 0).all() for n in numbers):
        return "it is closed in all periods: it opens after the end or closes before the start", "Check its dates, or leave it out"
    if all(subject.most(subject.columns("order", n)).max() < NONE for n in numbers):
        return "its order limit, or what it takes, leaves room for none", "Raise what is nil, or leave the option out"
    asset = sets.options[numbers[0]].asset
    if (order >= sets.clock.count).all():
        lead = int((sets.order_due[numbers] - sets.clock.start).min())
        return (
            f"its lead time of {lead} months outlasts the horizon: whatever is ordered stands too late",
            "Extend the horizon or shorten the lead time",
        )
    if asset.name not in _wanted(subject):
        return "no process uses it and no limit, milestone or conversion asks for it", "Add what runs on it in uses.csv, or leave it out"
    return None


def _wanted(subject: Subject) -> frozenset[str]:
    """Assets that something asks for."""
    tables = subject.case.tables
    running = {process.name for process, _ in subject.sets.runs}
    asked = {term.item for term in tables.terms if term.measure in ("order", "service", "fleet", "spend")}
    programmes = {asset.name for asset in tables.assets if asset.programme in asked}
    used = {use.asset for use in tables.uses if use.process in running} | {c.source for c in tables.conversions} | {g.asset for g in tables.gates}
    floors = {limit.name for limit in tables.limits if limit.sense != "<="}
    obliged = {term.item for term in tables.terms if term.limit in floors}
    return frozenset(
        used | (asked & obliged) | {name for name in programmes if any(a.name == name and a.programme in obliged for a in tables.assets)}
    )


def _priced(subject: Subject, found: list[Idle]) -> Iterator[Finding]:
    """One finding for each asset and way of being too dear, at the place where it is nearest to being ordered."""
    groups: dict[tuple[str, int], list[Idle]] = {}
    for option in found:
        groups.setdefault((option.row.asset, (option.share > 0) + (option.share >= 1 - EVEN)), []).append(option)
    begun, asked = time.perf_counter(), 0
    confirmed = CONFIRMED if subject.plan.solution.seconds < SLOW else 0
    for options in groups.values():
        sure = ""
        if options[0].share > 0 and asked < confirmed and time.perf_counter() - begun < SECONDS:
            asked += 1
            sure = _confirmed(subject, options[0])
        yield _finding(subject, options, sure)


def _finding(subject: Subject, options: list[Idle], sure: str) -> Finding:
    first = options[0]
    asset, row, share = subject.sets.options[first.numbers[0]].asset, first.row, first.share
    price, unit = asset.capex * row.capex_factor, f"{subject.money}/{asset.unit}"
    what, where = f"{row.asset}@{row.place}", subject.where("assets", asset.name, "capex")
    if len(options) > 1:
        what = f"{row.asset}@{', '.join(option.row.place for option in options)}"
    at = f" at {row.place}" if len(options) > 1 else ""
    if share <= 0:
        says = f"not even for nothing (capex {amount(price)} {unit}{at}): what it makes possible earns less than it costs to keep"
        return Finding("never ordered", "note", what, where, says, "Leave it out, or look for what it lacks beside it")
    if share >= 1 - EVEN:
        says = f"to first order neither dearer nor cheaper than what is ordered, at {amount(price)} {unit}{at}{sure}"
        return Finding("never ordered", "note", what, where, says, "Choose by what the case does not say")
    says = f"capex would have to fall from {amount(price)} to {amount(share * price)} {unit} ({share - 1:+.1%}){at}{sure or ', to first order'}"
    return Finding("never ordered", "note", what, where, says, "Negotiate, or leave it out: it decides nothing")


def _confirmed(subject: Subject, option: Idle) -> str:
    """What is found when the case is solved again below the price at which an order pays."""
    asset = subject.sets.options[option.numbers[0]].asset
    share = option.share
    for step in EVEN_LADDER if option.share >= 1 - EVEN else LADDER:
        share = UNDER * step * option.share
        try:
            plan = again(subject.plan, _cheaper(subject.case, option.row, share))
        except PlanError:
            return ""
        columns = np.unique(np.concatenate([subject.columns("order", n).reshape(-1) for n in option.numbers]))
        placed = float(plan.solution.x[columns[columns >= 0]].sum())
        if placed > NONE:
            return f"; solved again at {share - 1:+.1%}: {amount(placed)} {asset.unit} ordered"
    return f"; solved again at {share - 1:+.1%}: still none, something else holds its place"


def _cheaper(case: Case, row: Option, share: float) -> Case:
    """The case with the capex of one option at a share of what it was."""
    rows = tuple(r.model_copy(update={"capex_factor": r.capex_factor * share}) if r.id == row.id else r for r in case.tables.options)
    return replace(case, tables=case.tables.with_rows("options", rows))
