"""The branches of a case's future, spliced here without any help of the code under test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from barbell.core.case import Case
from barbell.core.horizon import Month
from barbell.core.path import Path

TRUNK = "trunk"


@dataclass(frozen=True)
class Future:
    """One way that things may go: the case as it is seen at the end, its chance, and the branch that each period lies in."""

    case: Case
    chance: float
    branch: tuple[str, ...]


def futures(case: Case) -> list[Future]:
    """One future for each branch that no other branch leaves."""
    return list(_grow(case, case, TRUNK, 1.0, (TRUNK,) * len(case.horizon.periods)))


def _grow(case: Case, seen: Case, branch: str, chance: float, line: tuple[str, ...]) -> Iterator[Future]:
    children = [row for row in case.tables.scenarios if row.parent == branch]
    if not children:
        yield Future(seen, chance, line)
    for child in children:
        opens = Month.parse(child.opens)
        after = tuple(child.name if period.start >= opens else old for period, old in zip(case.horizon.periods, line, strict=True))
        yield from _grow(case, _changed(case, seen, child.name, opens), child.name, chance * child.probability, after)


def _changed(case: Case, seen: Case, branch: str, opens: Month) -> Case:
    for change in case.tables.changes:
        if change.scenario == branch:
            table, _, rest = change.path.partition(".")
            key, _, field = rest.rpartition(".")
            rows = []
            for row in getattr(seen.tables, table):
                if row.id == key:
                    old = getattr(row, field)
                    new = change.value if change.factor is None else Path(tuple((m, v * change.factor) for m, v in old.steps))
                    rows.append(row.model_copy(update={field: splice(old, new, opens)}))
                else:
                    rows.append(row)
            seen = replace(seen, tables=replace(seen.tables, **{table: tuple(rows)}))
    return seen


def splice(old: Path, new: Path, opens: Month) -> Path:
    """`old` before `opens`, `new` from then on; `old` goes on until `new` has its first value."""
    months = sorted({opens, *(m for m, _ in old.steps), *(m for m, _ in new.steps)})
    steps = []
    for month in months:
        value = old.at(month) if month < opens or new.at(month) is None else new.at(month)
        if value is not None:
            steps.append((month, value))
    return Path(tuple(steps))
