"""Places, entities and scenarios are trees; accounts find their level above."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from barbell.core.branch import TRUNK
from barbell.core.case import Case
from barbell.core.check.names import fault
from barbell.core.errors import Fault
from barbell.core.horizon import Month
from barbell.core.row import Row


def roots(case: Case) -> Iterator[Fault]:
    """One root of places, one at least of entities; no circles."""
    yield from _circles(case, {p.name: p for p in case.tables.places})
    yield from _circles(case, {e.name: e for e in case.tables.entities})
    yield from _circles(case, {s.name: s for s in case.tables.scenarios})
    tops = [p for p in case.tables.places if not p.parent]
    for place in tops[1:]:
        yield fault(case, place, "parent", place.name, f"is a second root beside '{tops[0].name}'", "Give its parent")


def _circles(case: Case, rows: Mapping[str, Row]) -> Iterator[Fault]:
    done: set[str] = set()
    for name in rows:
        chain: list[str] = []
        at = name
        while at in rows and at not in chain and at not in done:
            chain.append(at)
            at = getattr(rows[at], "parent", "")
        if at in chain:
            circle = " -> ".join([*chain[chain.index(at) :], at])
            yield fault(case, rows[at], "parent", at, f"goes round in a circle: {circle}", "Give one of them another parent, or none")
        done.update(chain)


def levels(case: Case) -> Iterator[Fault]:
    """Whatever touches a resource lies at or below a place of its level."""
    kind = {r.name: r.level for r in case.tables.resources}
    above = {place: {case.places[p].kind for p in line} for place, line in case.lineage.items()}
    tables = case.tables
    touched: list[tuple[Row, str, str, str]] = [
        *((d, "place", d.resource, d.place) for d in tables.demands),
        *((k, "place", k.resource, k.place) for k in tables.contracts),
        *((a, "place", a.resource, a.place) for a in tables.accounts),
        *((r, "place", r.resource, r.place) for r in tables.rates if r.place),
    ]
    where = {p.name: case.spread(p.where) for p in tables.processes}
    touched += [(r, "process", r.resource, place) for r in tables.rates if not r.place for place in where[r.process]]
    for row, field, resource, place in touched:
        if kind[resource] not in above[place]:
            problem = f"lies below no {kind[resource]}, where {resource} balances"
            yield fault(case, row, field, place, problem, f"Name a place at or below a {kind[resource]}")
    for account in tables.accounts:
        if case.places[account.place].kind != kind[account.resource]:
            problem = f"is a {case.places[account.place].kind}, but {account.resource} balances at each {kind[account.resource]}"
            yield fault(case, account, "place", account.place, problem, f"Name a {kind[account.resource]}")


def branches(case: Case) -> Iterator[Fault]:
    """Branches open together, at the start of a period within the horizon, and their chances sum to one."""
    starts = {p.start for p in case.horizon.periods[1:]}
    opens = {s.name: Month.parse(s.opens) for s in case.tables.scenarios}
    groups: dict[str, list[Row]] = {}
    for scenario in case.tables.scenarios:
        groups.setdefault(scenario.parent, []).append(scenario)
        if opens[scenario.name] not in starts:
            yield fault(case, scenario, "opens", scenario.opens, "is not the start of a later period", "Open it at the start of a period")
        if scenario.parent != TRUNK and opens[scenario.name] <= opens.get(scenario.parent, Month.MIN):
            yield fault(case, scenario, "opens", scenario.opens, f"does not come after '{scenario.parent}' opens", "Open it later")
    for parent, rows in groups.items():
        chance = sum(getattr(row, "probability", 0.0) for row in rows)
        if abs(chance - 1) > 1e-9:
            yield fault(case, rows[0], "probability", f"{chance:g}", f"is the sum over the branches of {parent}", "Make it 1")
        if len({opens[row.id] for row in rows}) > 1:
            yield fault(case, rows[-1], "opens", rows[-1].id, f"opens apart from the other branches of {parent}", "Open them together")


RULES = (levels, branches)
