"""Trees: places around places, owners above owners, futures out of futures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from barbell.core.branch import TRUNK, spliced, target
from barbell.core.case import TABLES, Case
from barbell.core.check.told import told
from barbell.core.column import columns
from barbell.core.errors import Fault, Where
from barbell.core.horizon import Month
from barbell.core.relations import Change
from barbell.core.spelling import suggestion

_CLOSE = 1e-9


def circles(parents: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """Each circle of a map from child to parent once, from its first name round to that name again."""
    done: set[str] = set()
    for name in parents:
        chain: list[str] = []
        at = name
        while at in parents and at not in done and at not in chain:
            chain.append(at)
            at = parents[at]
        if at in chain:
            yield (*chain[chain.index(at) :], at)
        done.update(chain)


def places(case: Case) -> Iterator[Fault]:
    """Places form one tree, and no place has the name of a kind that others are of."""
    rows = case.places
    if not rows:
        yield Fault(Where("", 0, "places"), "", "the case has no places", "Add places.csv with one root, such as 'name,kind' and 'earth,world'")
    circle = False
    for ring in circles({name: place.parent for name, place in rows.items()}):
        circle = True
        problem = f"places lie inside each other in a circle: {' -> '.join(ring)}"
        yield told(case, rows[ring[0]], "parent", problem, "Give one of them another parent")
    roots = [place for place in rows.values() if not place.parent]
    for extra in roots[1:]:
        yield told(case, extra, "parent", f"a second root beside '{roots[0].name}'", f"Give it a parent, such as '{roots[0].name}'")
    if rows and not roots and not circle:
        yield told(case, next(iter(rows.values())), "parent", "no place is the root", "Leave the parent of one place empty")
    for name in sorted({place.kind for place in rows.values() if place.kind in rows and place.kind != place.name}):
        problem = "a place has the name of a kind of place, so that `where` would mean two things"
        yield told(case, rows[name], "name", problem, "Rename the place or the kind")


def entities(case: Case) -> Iterator[Fault]:
    """Owners form trees, and only who has a parent draws from one."""
    rows = {row.name: row for row in case.tables.entities}
    if not rows:
        yield Fault(Where("", 0, "entities"), "", "the case has no entities", "Add entities.csv with a row: a name and a discount_rate")
    for ring in circles({name: row.parent for name, row in rows.items()}):
        yield told(case, rows[ring[0]], "parent", f"owners own each other in a circle: {' -> '.join(ring)}", "Give one of them another owner")
    for row in rows.values():
        for cell in ("draws", "pays"):
            if not row.parent and any(getattr(row, cell).values):
                yield told(case, row, cell, "an entity without parent exchanges money with it", "Name a parent or leave the cell empty")


def scenarios(case: Case) -> Iterator[Fault]:
    """Branches form a tree under the trunk."""
    rows = {row.name: row for row in case.tables.scenarios}
    if TRUNK in rows:
        yield told(case, rows[TRUNK], "name", "the trunk has no row", "Rename this branch")
    for ring in circles({name: row.parent for name, row in rows.items()}):
        yield told(case, rows[ring[0]], "parent", f"branches leave each other in a circle: {' -> '.join(ring)}", f"Let one leave '{TRUNK}'")
    ordered = sorted(rows.values(), key=lambda row: row.parent)
    for parent, group in groupby(ordered, key=lambda row: row.parent):
        siblings = list(group)
        total = sum(row.probability for row in siblings)
        if abs(total - 1) > _CLOSE:
            problem = f"the probabilities of the branches of '{parent}' sum to {total:g}"
            yield told(case, siblings[0], "probability", problem, "Let them sum to 1; a branch where nothing changes needs a row too")
        for row in siblings[1:]:
            if row.opens != siblings[0].opens and Month.parse(row.opens) != Month.parse(siblings[0].opens):
                problem = f"'{siblings[0].name}' leaves '{parent}' in {siblings[0].opens} already"
                yield told(case, row, "opens", problem, "Let all branches of a parent open together")


def openings(case: Case) -> Iterator[Fault]:
    """A branch opens at the start of a period, after its parent."""
    rows = {row.name: row for row in case.tables.scenarios}
    starts = [period.start for period in case.horizon.periods]
    for row in rows.values():
        opens, parent = Month.parse(row.opens), rows.get(row.parent)
        if opens not in starts:
            near = min(starts, key=lambda month: abs(month - opens))
            yield told(case, row, "opens", "no period of the horizon starts then", f"Use the start of a period, such as {near}")
        if parent and opens <= Month.parse(parent.opens):
            yield told(case, row, "opens", f"the branch opens before or with its parent, in {parent.opens}", "Open it later than its parent")


def changes(case: Case) -> Iterator[Fault]:
    """What a branch changes is a path that stands in a cell, and stays within the bounds of its field."""
    for row in case.tables.changes:
        if (row.value is None) == (row.factor is None):
            problem = "a value and a factor" if row.factor is not None else "neither a value nor a factor"
            yield told(case, row, "value", f"the change gives {problem}", "Give exactly one of the two")
        else:
            yield from _change(case, row)


def _change(case: Case, row: Change) -> Iterator[Fault]:
    table, key, cell = target(row)
    if table not in TABLES or cell not in columns(TABLES[table]):
        fix = suggestion(cell, columns(TABLES[table])) if table in TABLES else suggestion(table, TABLES)
        yield told(case, row, "path", "the path leads to no field of a table", f"{fix}. Paths read table.key.field")
        return
    found = {other.id: other for other in case.tables.rows(table)}
    if key not in found:
        yield told(case, row, "path", f"'{table}' has no row '{key}'", suggestion(key, found, f"rows of '{table}'"))
    elif columns(TABLES[table])[cell].kind != "path":
        yield told(case, row, "path", f"'{cell}' cannot change over time, so no branch can change it", "Name an index in its row and change that")
    elif getattr(found[key], cell) is None:
        yield told(case, row, "path", "the cell is empty, so that there is nothing to change", "Give it a value for the time before the branch")
    else:
        opens = next(Month.parse(branch.opens) for branch in case.tables.scenarios if branch.name == row.scenario)
        try:
            columns(TABLES[table])[cell].range.check(spliced(found[key], cell, row, opens))
        except ValueError as error:
            wrong = "value" if row.factor is None else "factor"
            yield told(case, row, wrong, f"it takes '{cell}' {error}", f"Keep '{row.path}' within its bounds")
