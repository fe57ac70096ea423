"""Whether a case makes sense: pure functions from a case to faults, one per rule."""

from __future__ import annotations

from collections.abc import Iterator

from barbell.core.case import TABLES, Case
from barbell.core.check.refs import keys, references
from barbell.core.column import columns
from barbell.core.errors import Fault


def check(case: Case, skip: frozenset[str] = frozenset()) -> tuple[Fault, ...]:
    """Every fault of a case. A rule is left out when a table that it reads is in `skip`: half a table makes false alarms."""
    return tuple(_all(case, skip))


def _all(case: Case, skip: frozenset[str]) -> Iterator[Fault]:
    for table in TABLES:
        yield from keys(case, table)
        if not skip & {table, *(column.ref for column in columns(TABLES[table]).values())}:
            yield from references(case, table)
