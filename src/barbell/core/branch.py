"""The case as one branch of the future sees it: a pure function from case to case."""

from __future__ import annotations

from dataclasses import replace

from barbell.core.case import Case, Tables
from barbell.core.horizon import Month, Period
from barbell.core.path import Path
from barbell.core.relations import Change, Scenario
from barbell.core.row import Row

TRUNK = "trunk"


def line(case: Case, scenario: str) -> tuple[Scenario, ...]:
    """The branches from the one that leaves the trunk down to `scenario`; empty for the trunk. Raises KeyError for an unknown name."""
    known = {row.name: row for row in case.tables.scenarios}
    chain: list[Scenario] = []
    while scenario != TRUNK:
        chain.append(known.pop(scenario))
        scenario = chain[-1].parent
    return tuple(reversed(chain))


def chances(case: Case) -> dict[str, float]:
    """Probability that each branch comes about, the trunk's 1; parents before children."""
    found, rows = {TRUNK: 1.0}, list(case.tables.scenarios)
    while rows:
        row = next(row for row in rows if row.parent in found)
        found[row.name] = found[row.parent] * row.probability
        rows.remove(row)
    return found


def leaves(case: Case) -> tuple[str, ...]:
    """The futures: branches from which no other branches leave; the trunk where there is no fork."""
    parents = {row.parent for row in case.tables.scenarios}
    return tuple(row.name for row in case.tables.scenarios if row.name not in parents) or (TRUNK,)


def foreseen(case: Case) -> tuple[Period, ...]:
    """Periods that are reported and that all futures share: those before the first fork."""
    end = min([case.horizon.report_end, *(Month.parse(row.opens) for row in case.tables.scenarios if row.parent == TRUNK)])
    return tuple(period for period in case.horizon.periods if period.start < end)


def seen_by(case: Case, scenario: str) -> Case:
    """The case as `scenario` sees it; ``trunk`` sees the case itself.

    Each change, from the root branch down, keeps its parent's values before the branch opens and puts the new
    value (or the factor times the parent's) from then on. Raises KeyError for an unknown branch, row or field and
    ValueError for a cell that is no path; neither happens in a case that passed `core.check`.
    """
    tables = case.tables
    for branch in line(case, scenario):
        for change in case.tables.changes:
            if change.scenario == branch.name:
                tables = _changed(tables, change, Month.parse(branch.opens))
    return case if tables is case.tables else replace(case, tables=tables)


def target(change: Change) -> tuple[str, str, str]:
    """Table, row id and field that a change means; empty strings where its path lacks them."""
    table, _, rest = change.path.partition(".")
    row, _, cell = rest.rpartition(".")
    return table, row, cell


def _changed(tables: Tables, change: Change, opens: Month) -> Tables:
    table, key, cell = target(change)
    rows = list(tables.rows(table))
    at = next((k for k, row in enumerate(rows) if row.id == key), None)
    if at is None:
        raise KeyError(change.path)
    rows[at] = rows[at].model_copy(update={cell: spliced(rows[at], cell, change, opens)})
    return tables.with_rows(table, tuple(rows))


def spliced(row: Row, cell: str, change: Change, opens: Month) -> Path:
    """What a cell holds after one change; raises ValueError when the cell holds no path."""
    old = getattr(row, cell)
    if not isinstance(old, Path):
        raise ValueError(f"{change.path} holds no value over time")  # noqa: TRY004  (a matter of the case's content)
    factor = change.factor
    later = change.value if factor is None else old.map(lambda value: value * factor)
    return old if later is None else old.until(opens, later)
