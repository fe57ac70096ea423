"""Every reference names a row that exists."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from barbell.core.branch import TRUNK, cell_of
from barbell.core.case import TABLES, Case
from barbell.core.errors import Fault
from barbell.core.path import Path
from barbell.core.relations import Change, Term
from barbell.core.row import Ref, Row


def near(name: str, known: Iterable[str]) -> str:
    """Advice that names what was probably meant."""
    names = list(known)
    found = difflib.get_close_matches(name, names, 1, 0.6)
    if found:
        return f"Did you mean '{found[0]}'?"
    return "Known: " + ", ".join(names[:8]) + (" ..." if len(names) > 8 else "") if names else "Add its row first"


def fault(case: Case, row: Row, field: str, value: object, problem: str, fix: str) -> Fault:
    """A fault of one cell."""
    return Fault(case.where(row.table, row.id, field), str(value), problem, fix)


def references(case: Case) -> Iterator[Fault]:
    """Faults of names that no row has."""
    known = {table: {getattr(row, "name", "") for row in case.tables.rows(table)} for table in TABLES}
    kinds = {place.kind for place in case.tables.places}
    for table, model in TABLES.items():
        for field, info in model.model_fields.items():
            target = next((mark.table for mark in info.metadata if isinstance(mark, Ref)), None)
            for row in case.tables.rows(table) if target else ():
                value = getattr(row, field)
                free = not info.is_required() and value == info.default
                if target and value not in known[target] and not free:
                    yield fault(case, row, field, value, f"is no row of {target}", near(value, known[target]))
    yield from _places(case, known["places"] | kinds)
    for resource in case.tables.resources:
        if resource.level not in kinds:
            yield fault(case, resource, "level", resource.level, "is no kind of place", near(resource.level, kinds))
    for term in case.tables.terms:
        yield from _measured(case, term, known)
    for change in case.tables.changes:
        yield from _changed(case, change)


def _places(case: Case, known: set[str]) -> Iterator[Fault]:
    for row, field in [*((o, "place") for o in case.tables.options), *((p, "where") for p in case.tables.processes)]:
        value = getattr(row, field)
        if value not in known:
            yield fault(case, row, field, value, "is neither a place nor a kind of place", near(value, known))


_ITEMS = {
    "activity": ("processes",), "served": ("demands", "contracts"), "spend": ("programmes", "assets"),
    "cash": ("entities",), "margin": ("entities",), "debt": ("debts",),
}  # fmt: skip


def _measured(case: Case, term: Term, known: dict[str, set[str]]) -> Iterator[Fault]:
    tables = _ITEMS.get(term.measure, ("assets",))
    names = set().union(*(known[table] for table in tables))
    if term.item not in names:
        problem = f"is not among the {' or '.join(tables)} that '{term.measure}' measures"
        yield fault(case, term, "item", term.item, problem, near(term.item, names))


def _changed(case: Case, change: Change) -> Iterator[Fault]:
    if change.scenario == TRUNK:
        yield fault(case, change, "scenario", TRUNK, "is the case itself", "Change the tables, or name a branch")
    if (change.value is None) == (change.factor is None):
        yield fault(case, change, "value", "", "a change gives either a value or a factor", "Fill one of the two columns")
    try:
        table, key, field = cell_of(change.path)
    except ValueError as error:
        yield fault(case, change, "path", change.path, str(error), "Write it as demands.train.volume")
        return
    rows = {row.id: row for row in case.tables.rows(table)} if table in TABLES else {}
    if key not in rows or field not in TABLES[table].model_fields:
        yield fault(case, change, "path", change.path, "names no cell of the case", near(key, rows))
    elif not isinstance(getattr(rows[key], field), Path):
        fix = "Change a value over time: an index, a volume, a bound, an availability"
        yield fault(case, change, "path", change.path, "is a number without dates, which a branch cannot see differently", fix)
