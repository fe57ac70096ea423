"""Raw rows to rows: field by field, every fault collected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from barbell.core.branch import TRUNK
from barbell.core.case import TABLES, Origin
from barbell.core.check.board import MEASURED, unmeasured
from barbell.core.check.refs import unknown
from barbell.core.column import Column, canonical, columns, depends
from barbell.core.errors import Fault, Where
from barbell.core.row import Row
from barbell.core.units import Own, UnitError, factor
from barbell.io.cells import Target, fact_in, value_of
from barbell.io.facts import Book, CellError
from barbell.io.overrides import Spot, located
from barbell.io.raw import Cell, Raw, RawRow

Origins = dict[tuple[str, str, str], Origin]


@dataclass(frozen=True)
class Reader:
    """What reading a row needs to know of the case around it."""

    raw: Raw
    money: str
    own: Own
    facts: Book
    known: dict[str, frozenset[str]] = field(default_factory=dict)
    """Names that references to a table may use, gathered once."""
    units: dict[tuple[Any, ...], str | None] = field(default_factory=dict)
    """Units with their placeholders filled, by what they depend on."""

    def rows(self, table: str, origins: Origins, faults: list[Fault]) -> tuple[Row, ...]:
        """The rows of a table that have no fault; origins are filled for them."""
        before = len(faults)
        made = [self._row(table, raw, origins, faults) for raw in self.raw.tables[table].values()]
        if len(faults) > before or None in made:
            self.raw.broken.add(table)
        return tuple(row for row in made if row is not None)

    def _row(self, table: str, raw: RawRow, origins: Origins, faults: list[Fault]) -> Row | None:
        values: dict[str, Any] = {}
        wrong = set(raw.missing)
        for name, column in columns(TABLES[table]).items():
            cell = raw.cells.get(name)
            if cell is not None and cell.text:
                found = self._value(table, raw, cell, column, faults)
                if found is None:
                    wrong.add(name)
                else:
                    values[name] = found
            elif column.required and name not in wrong:
                faults.append(_empty(raw, column))
                wrong.add(name)
        row = _validated(table, raw, values, wrong, faults)
        if row is not None:
            _remember(table, row, raw, origins)
        return row

    def _value(self, table: str, raw: RawRow, cell: Cell, column: Column, faults: list[Fault]) -> Any:
        """Value of a cell; None after a fault."""
        if column.ref and not self._refers(table, cell, column, faults):
            return None
        if (table, column.name) == ("terms", "item") and not self._measures(raw, cell, faults):
            return None
        try:
            if column.name == "unit" and table != "facts":
                _readable(cell.text, self.own)
            if table == "changes" and column.name == "path" and self._spot(raw, faults) is None:
                return None
            if table == "changes" and column.name == "value":
                return self._changed(raw, cell, faults)
            return value_of(cell, self._target(TABLES[table], raw, column), own=self.own, facts=self.facts)
        except CellError as error:
            if not error.told:
                faults.append(Fault(cell.where, cell.text, error.problem, error.fix))
            return None

    def _names(self, table: str) -> frozenset[str]:
        if table not in self.known:
            self.known[table] = frozenset(self.raw.names(table))
        return self.known[table]

    def _measures(self, raw: RawRow, cell: Cell, faults: list[Fault]) -> bool:
        """The unit of a coefficient hangs on what is measured, so that this cannot wait for the check of the case."""
        measure = raw.texts.get("measure", "")
        tables = MEASURED.get(measure, ())
        names = frozenset[str]().union(*(self._names(table) for table in tables))
        if cell.text in names or not tables:
            return True
        if not self.raw.broken & set(tables):
            faults.append(unmeasured(cell.where, cell.text, measure, names))
        return False

    def _refers(self, table: str, cell: Cell, column: Column, faults: list[Fault]) -> bool:
        names = self._names(column.ref)
        if cell.text in names or (cell.text == TRUNK and (table, column.name) == ("scenarios", "parent")):
            return True
        if column.ref not in self.raw.broken:
            faults.append(unknown(cell.where, cell.text, column.ref, names))
        return False

    def _target(self, row: type[Row], raw: RawRow, column: Column) -> Target:
        def fill(text: str) -> str | None:
            return self._unit(text, row, raw.texts)

        return Target(column, fill(column.unit), fill)

    def _unit(self, text: str, row: type[Row], cells: Mapping[str, str]) -> str | None:
        """A unit with its placeholders filled, looked up once for all rows that fill them alike."""
        if "{" not in text:
            return text
        key = row, text, *(cells.get(name) for name in depends(text))
        if key not in self.units:
            self.units[key] = canonical(text, row=row, cells=cells, money=self.money, look=self.raw.look)
        return self.units[key]

    def _changed(self, raw: RawRow, cell: Cell, faults: list[Fault]) -> Any:
        """A branch's new value counts in the unit of the cell that it changes, and may be written as that cell is."""
        spot = self._spot(raw, faults)
        if spot is None:
            raise CellError("it is not known what this changes", "Mend the path", told=True)
        model = TABLES[spot.table]
        old = spot.row.cells.get(spot.cell)
        target = self._target(model, spot.row, columns(model)[spot.cell])
        if target.column.kind != "path":
            raise CellError(f"'{spot.cell}' cannot change over time, so no branch can change it", "Name an index in its row and change that")
        unit = cell.unit or (old.unit if old else "")
        value = value_of(Cell(cell.text, cell.where, unit, cell.factor), target, own=self.own, facts=self.facts)
        return value if _inside(target.column, value, cell, faults) else None

    def _spot(self, raw: RawRow, faults: list[Fault]) -> Spot | None:
        path = raw.cells.get("path")
        return located(path.text, self.raw, where=path.where, faults=faults) if path else None


def _inside(column: Column, value: Any, cell: Cell, faults: list[Fault]) -> bool:
    try:
        column.range.check(value)
    except ValueError as error:
        faults.append(Fault(cell.where, cell.text, str(error), f"See what '{column.name}' may be"))
        return False
    return True


def _readable(unit: str, own: Own) -> None:
    try:
        factor(unit, unit, own)
    except UnitError as error:
        raise CellError(error.problem, error.fix) from None


def _empty(raw: RawRow, column: Column) -> Fault:
    where = Where(raw.where.file, raw.where.line, column.name)
    return Fault(where, "", f"the cell is empty, and '{column.name}' has no default", f"Fill it in: {column.help}")


def _validated(table: str, raw: RawRow, values: dict[str, Any], wrong: set[str], faults: list[Fault]) -> Row | None:
    try:
        row = TABLES[table].model_validate(values)
    except ValidationError as error:
        for detail in error.errors():
            name = str(detail["loc"][0]) if detail["loc"] else ""
            if name not in wrong:
                faults.append(_fault(table, raw, name, str(detail["msg"])))
        return None
    return None if wrong else row


def _fault(table: str, raw: RawRow, name: str, message: str) -> Fault:
    cell, column = raw.cells.get(name), columns(TABLES[table]).get(name)
    where = cell.where if cell else Where(raw.where.file, raw.where.line, name)
    problem = message.removeprefix("Value error, ")
    fix = f"'{name}' means: {column.help}" if column else "See the reference of the tables"
    if column and problem.startswith("outside"):
        unit = f" {column.unit}" if column.unit not in ("", "1") else ""
        fix = f"Give a value from {column.range.low:g} to {column.range.high:g}{unit}"
    elif problem.startswith("a name has"):
        problem, fix = "this cannot be a name", "Use letters, digits, _, + and -, a letter or digit first"
    return Fault(where, cell.text if cell else "", problem, fix)


def _remember(table: str, row: Row, raw: RawRow, origins: Origins) -> None:
    key = row.id
    origins[(table, key, "")] = Origin(raw.where, "")
    for name, cell in raw.cells.items():
        if cell.text:
            text = cell.text if cell.factor == 1.0 else f"{cell.text} *{cell.factor:g}"
            origins[(table, key, name)] = Origin(cell.where, text, fact_in(cell.text))
