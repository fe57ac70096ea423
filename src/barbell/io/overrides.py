"""Overrides: `table.key.field: value` put over the tables, or `*1.2` to multiply what stands there."""

from __future__ import annotations

from dataclasses import dataclass

from barbell.core import path
from barbell.core.case import TABLES
from barbell.core.column import columns
from barbell.core.errors import Fault, Where
from barbell.core.spelling import suggestion
from barbell.io.raw import Cell, Raw, RawRow


@dataclass(frozen=True)
class Override:
    """One line of `set:` or one `--set` of the command line."""

    path: str
    text: str
    where: Where


@dataclass(frozen=True)
class Spot:
    """A cell that a path leads to."""

    table: str
    key: str
    cell: str
    row: RawRow


def located(where_to: str, raw: Raw, *, where: Where, faults: list[Fault]) -> Spot | None:
    """The cell that `table.key.field` means; None when it leads nowhere, with a fault unless the table is broken anyway."""
    table, _, rest = where_to.partition(".")
    key, _, cell = rest.rpartition(".")
    if table not in TABLES:
        fix = suggestion(table, TABLES)
        faults.append(Fault(where, where_to, f"'{table}' is no table", f"{fix}. Paths read table.key.field, such as assets.hall.capex"))
        return None
    if not key or not cell:
        fix = "Write table.key.field, such as assets.hall.capex"
        faults.append(Fault(where, where_to, "the path has not three parts", fix))
        return None
    known = columns(TABLES[table])
    if cell not in known or cell in TABLES[table].key:
        problem = f"'{cell}' is part of the key" if cell in known else f"'{table}' has no field '{cell}'"
        fix = suggestion(cell, [name for name in known if name not in TABLES[table].key])
        faults.append(Fault(where, where_to, problem, fix))
        return None
    row = raw.tables[table].get(key)
    if row is None:
        if table not in raw.broken:
            fix = suggestion(key, raw.tables[table], f"rows of '{table}'")
            faults.append(Fault(where, where_to, f"'{table}' has no row '{key}'", fix))
        return None
    return Spot(table, key, cell, row)


def apply(overrides: list[Override], raw: Raw, faults: list[Fault]) -> None:
    """Put overrides over the rows, in their order."""
    for override in overrides:
        spot = located(override.path, raw, where=override.where, faults=faults)
        if spot is None:
            continue
        new = _replaced(spot, override, faults)
        if new is None:
            raw.broken.add(spot.table)
        else:
            raw.put(spot.table, spot.key, spot.cell, new)


def _replaced(spot: Spot, override: Override, faults: list[Fault]) -> Cell | None:
    old = spot.row.cells.get(spot.cell)
    if not override.text.startswith("*"):
        # a value without unit is written as in its own cell: it counts in the unit of that cell's column
        return Cell(override.text, override.where, unit=old.unit if old else "")
    if old is None or not old.text:
        faults.append(Fault(override.where, override.text, "the cell is empty: nothing to multiply", "Give the new value itself"))
        return None
    try:
        factor = path.number(override.text[1:].strip())
    except ValueError as error:
        faults.append(Fault(override.where, override.text, str(error), "Write a factor such as *1.2"))
        return None
    return Cell(old.text, override.where, old.unit, old.factor * factor)
