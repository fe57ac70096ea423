"""References: what a row names must exist, once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from barbell.core.branch import TRUNK
from barbell.core.case import TABLES, Case
from barbell.core.column import columns
from barbell.core.errors import Fault, Where
from barbell.core.spelling import suggestion


def unknown(where: Where, value: str, table: str, names: Iterable[str]) -> Fault:
    """The fault of naming a row that is not there."""
    return Fault(where, value, f"is no row of '{table}'", suggestion(value, names, f"rows of '{table}'"))


def references(case: Case, table: str) -> Iterator[Fault]:
    """Every reference of a table resolves."""
    for name, column in columns(TABLES[table]).items():
        if not column.ref:
            continue
        known = {str(getattr(row, TABLES[column.ref].key[0])) for row in case.tables.rows(column.ref)}
        allowed = known | ({TRUNK} if (table, name) == ("scenarios", "parent") else set())
        for row in case.tables.rows(table):
            value = getattr(row, name)
            if value and value not in allowed:
                yield unknown(case.where(table, row.id, name), value, column.ref, known)


def keys(case: Case, table: str) -> Iterator[Fault]:
    """No two rows of a table have one key."""
    seen: set[str] = set()
    for row in case.tables.rows(table):
        if row.id in seen:
            yield Fault(case.where(table, row.id, ""), row.id, f"this row of '{table}' stands twice", "Remove one of the two")
        seen.add(row.id)
