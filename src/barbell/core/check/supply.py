"""Nothing is free, nothing comes from nowhere, nothing is asked of what can never stand."""

from __future__ import annotations

from collections.abc import Iterator

from barbell.core.case import Case
from barbell.core.check.names import fault, near
from barbell.core.errors import Fault
from barbell.core.row import Row


def kinds(case: Case) -> Iterator[Fault]:
    """Stocks have a clock, allowances a window and a budget; only flows are sold."""
    tables = case.tables
    found = {r.name: r for r in tables.resources}
    for r in tables.resources:
        if (r.kind == "stock") != bool(r.clock):
            fix = "A stock needs clock slice or period; others leave it empty"
            yield fault(case, r, "clock", r.clock, f"does not fit a {r.kind}", fix)
        if (r.kind == "allowance") != bool(r.window):
            fix = "An allowance needs window period, year or horizon; others leave it empty"
            yield fault(case, r, "window", r.window, f"does not fit a {r.kind}", fix)
    sold: list[tuple[Row, str]] = [(d, d.resource) for d in tables.demands]
    sold += [(k, k.resource) for k in tables.contracts]
    for row, resource in sold:
        if found[resource].kind != "flow":
            yield fault(case, row, "resource", resource, f"is a {found[resource].kind}; only a flow can be sold", "Sell a flow")
    for take in tables.takes:
        if found[take.resource].clock == "slice":
            yield fault(case, take, "resource", take.resource, "is a stock on the slice clock, which orders cannot draw on", "Use clock period")
    for a in tables.accounts:
        kind = found[a.resource].kind
        wrong = [f for f, k in (("ceiling", "stock"), ("budget", "allowance")) if getattr(a, f) is not None and kind != k]
        wrong += [f for f in ("initial", "loss", "closing_value") if getattr(a, f) and kind != "stock"]
        for field in wrong:
            yield fault(case, a, field, a.resource, f"is a {kind}, which has no {field}", "Leave the cell empty")
        if kind == "allowance" and a.budget is None:
            yield fault(case, a, "budget", a.resource, "is an allowance without a budget", "Give the budget of each window")


def producers(case: Case) -> Iterator[Fault]:
    """Whatever is sold, taken or drawn is made somewhere, stands in store, or has a budget."""
    tables = case.tables
    made = {r.resource for r in tables.rates if max(r.rate.values) > 0} | {t.resource for t in tables.takes if t.amount < 0}
    made |= {a.resource for a in tables.accounts if a.initial or a.budget is not None}
    users = [*((r, "resource", r.resource) for r in tables.rates), *((t, "resource", t.resource) for t in tables.takes)]
    users += [(d, "resource", d.resource) for d in tables.demands]
    users += [(k, "resource", k.resource) for k in tables.contracts]
    seen: set[str] = set()
    for row, field, resource in users:
        if resource not in made and resource not in seen:
            seen.add(resource)
            fix = "Add a process with a positive rate, an initial stock or a budget"
            yield fault(case, row, field, resource, "is asked for but nobody produces it", fix)


def standing(case: Case) -> Iterator[Fault]:
    """An asset in use can stand somewhere, and a process finds all its assets at one place at least."""
    tables = case.tables
    spots = {(o.asset, p) for o in tables.options for p in case.spread(o.place)} | {(c.asset, c.place) for c in tables.cohorts}
    for _ in tables.conversions:
        spots |= {(c.target, place) for c in tables.conversions for asset, place in list(spots) if asset == c.source}
    assets = {asset for asset, _ in spots}
    for use in tables.uses:
        if use.asset not in assets:
            fix = "Add an option, a cohort or a conversion; known: " + near(use.asset, assets)
            yield fault(case, use, "asset", use.asset, "can stand nowhere", fix)
    for process in tables.processes:
        needed = [u for u in tables.uses if u.process == process.name and u.asset in assets]
        places = case.spread(process.where)
        if not any(all(any((u.asset, p) in spots for p in case.lineage[u.place or place]) for u in needed) for place in places):
            yield fault(case, process, "where", process.where, "has no place at which all its assets can stand", "Add options there")


def options(case: Case) -> Iterator[Fault]:
    """An asset has one option at a place."""
    seen: dict[tuple[str, str], str] = {}
    for option in case.tables.options:
        for place in case.spread(option.place):
            if (first := seen.setdefault((option.asset, place), option.id)) != option.id:
                yield fault(case, option, "place", option.place, f"gives {option.asset} a second option at {place} (see {first})", "Keep one")


def limits(case: Case) -> Iterator[Fault]:
    """A limit has terms; a conversion turns one asset into another; a cash floor is reached by someone's cash."""
    used = {term.limit for term in case.tables.terms}
    for limit in case.tables.limits:
        if limit.name not in used:
            yield fault(case, limit, "name", limit.name, "has no terms", "Add its rows to terms, or delete the limit")
    for conversion in case.tables.conversions:
        if conversion.source == conversion.target:
            yield fault(case, conversion, "target", conversion.target, "is what is converted from", "Name another asset")


RULES = (kinds, producers, standing, options, limits)
