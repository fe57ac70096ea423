"""What a branch of the future sees: its parent's numbers until it opens, its own changes from then on."""

from __future__ import annotations

from dataclasses import replace

from barbell.core.case import Case
from barbell.core.horizon import Month
from barbell.core.path import Path
from barbell.core.relations import Change, Scenario
from barbell.core.row import Row

TRUNK = "trunk"
"""Name of the branch from which all others leave."""


def cell_of(path: str) -> tuple[str, str, str]:
    """(Table, key, field) that a path such as ``demands.train.volume`` names; raises ValueError if it has no such form."""
    table, _, rest = path.partition(".")
    key, _, field = rest.rpartition(".")
    if not (table and key and field):
        raise ValueError(f"'{path}' is not of the form table.key.field")
    return table, key, field


def seen_by(case: Case, scenario: str) -> Case:
    """The case as a branch sees it; the trunk sees the case itself."""
    rows = {row.name: row for row in case.tables.scenarios}
    line: list[Scenario] = []
    while scenario != TRUNK:
        line.append(rows[scenario])
        scenario = rows[scenario].parent
    for branch in reversed(line):
        for change in (c for c in case.tables.changes if c.scenario == branch.name):
            case = _changed(case, change, Month.parse(branch.opens))
    return case


def _changed(case: Case, change: Change, opens: Month) -> Case:
    table, key, field = cell_of(change.path)
    rows = tuple(_spliced(row, field, change, opens) if row.id == key else row for row in case.tables.rows(table))
    return replace(case, tables=case.tables.with_rows(table, rows))


def _spliced(row: Row, field: str, change: Change, opens: Month) -> Row:
    before: Path = getattr(row, field)
    factor = change.factor
    after = change.value if change.value is not None else before.map(lambda value: value * (1.0 if factor is None else factor))
    return row.model_copy(update={field: before.until(opens, after)})
