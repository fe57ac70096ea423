"""From raw cells to rows: units found by following references, values parsed, models made, every fault kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from barbell.core.branch import cell_of
from barbell.core.case import TABLES, Origin
from barbell.core.errors import Fault, Where
from barbell.core.row import Row
from barbell.core.units import UnitError
from barbell.io.cell import Cell, CellError, closest, kind_of, parse

_PLACEHOLDER = re.compile(r"\{(\w+)(?::(\w+))?\}")
_MEASURES = {"order": "assets", "service": "assets", "fleet": "assets", "retire": "assets", "activity": "processes"}


@dataclass
class Raw:
    """A row as cells by field, and where it stands."""

    table: str
    cells: dict[str, Cell]
    where: Where

    def text(self, name: str) -> str:
        """Text of a field; its default (or nothing) where the cell is empty."""
        if name in self.cells:
            return self.cells[name].text
        info = TABLES[self.table].model_fields.get(name)
        return "" if info is None or info.is_required() or info.default is None else str(info.default)

    @property
    def id(self) -> str:
        """The row's key, as `Row.id`."""
        return "/".join(self.text(part) for part in TABLES[self.table].key)


@dataclass
class Book:
    """All raw rows of a case by table and key, with what is needed to read them."""

    money: str
    as_of: str
    tables: dict[str, dict[str, Raw]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    origins: dict[tuple[str, str, str], Origin] = field(default_factory=dict)

    def raw(self, table: str, key: str) -> Raw | None:
        """A row, if it exists."""
        return self.tables.get(table, {}).get(key)

    def build(self, table: str) -> Iterator[Row]:
        """The rows of a table, in order; faulty ones are left out and their faults kept."""
        for raw in self.tables.get(table, {}).values():
            row = self._row(raw)
            if row is not None:
                yield row

    def _row(self, raw: Raw) -> Row | None:
        model = TABLES[raw.table]
        values: dict[str, Any] = {}
        self.origins[raw.table, raw.id, ""] = Origin(raw.where, "")
        before = len(self.faults)
        for name, cell in raw.cells.items():
            try:
                resolved = self._resolved(cell)
                values[name] = parse(resolved, kind_of(model, name), self._unit(raw, name))
                self.origins[raw.table, raw.id, name] = Origin(cell.where, cell.text, resolved.fact)
            except (CellError, UnitError) as error:
                self.faults.append(Fault(cell.where, cell.text, error.problem, error.fix))
        if len(self.faults) > before:
            return None
        try:
            return model(**values)
        except ValidationError as error:
            self.faults.extend(_invalid(raw, model, detail) for detail in error.errors())
            return None

    def _resolved(self, cell: Cell) -> Cell:
        """A cell, or what the fact says that it refers to."""
        if not cell.text.startswith("@"):
            return cell
        name = cell.text[1:]
        known = [raw for raw in self.tables.get("facts", {}).values() if raw.text("name") == name]
        if not known:
            raise CellError("is no fact of this case", closest(name, (r.text("name") for r in self.tables.get("facts", {}).values())))
        seen = [raw for raw in known if raw.text("as_of") <= self.as_of]
        if not seen:
            first = min(raw.text("as_of") for raw in known)
            raise CellError(f"is known only from {first}, after the case's date {self.as_of}", "Move `as_of`, or use a figure known by then")
        fact = max(seen, key=lambda raw: raw.text("as_of"))
        return replace(cell, text=fact.text("value"), unit=fact.text("unit") or None, fact=name)

    def _unit(self, raw: Raw, name: str) -> str | None:
        """Canonical unit of a cell; raises CellError where it hangs on something unknown."""
        unit = kind_of(TABLES[raw.table], name).unit
        return None if unit is None else self.fill(raw, unit)

    def fill(self, raw: Raw, unit: str) -> str:
        """A unit with its placeholders filled for a row."""
        return _PLACEHOLDER.sub(lambda match: self._placeholder(raw, match[1], match[2] or ""), unit)

    def _placeholder(self, raw: Raw, name: str, way: str) -> str:
        if name == "money":
            return self.money
        if name == "unit":
            return _wrapped(raw.text("unit"))
        if name == "path":
            return self._changed(raw)
        if name == "measure":
            return self._measured(raw)
        if name in ("asset", "source", "target"):
            return _wrapped(self._follow("assets", raw.text(name), "unit"))
        if name in ("process", "limit"):
            return _wrapped(self._follow({"process": "processes", "limit": "limits"}[name], raw.text(name), "unit"))
        resource = self._follow("demands", raw.text("demand"), "resource") if name == "demand" else raw.text("resource")
        unit, kind = self._follow("resources", resource, "unit"), self._follow("resources", resource, "kind")
        if way == "rate" and kind != "flow":
            return f"({unit}/year)"
        return f"({unit}*year)" if way == "amount" and kind == "flow" else _wrapped(unit)

    def _follow(self, table: str, key: str, name: str) -> str:
        row = self.raw(table, key)
        if row is None:
            raise CellError(f"hangs on '{key}', which is no row of {table}", closest(key, self.tables.get(table, {})))
        return row.text(name)

    def _changed(self, raw: Raw) -> str:
        """Unit of the cell that a change of a branch names."""
        try:
            table, key, name = cell_of(raw.text("path"))
        except ValueError as error:
            raise CellError(str(error), "Write it as demands.train.volume") from None
        row = self.raw(table, key)
        if row is None or name not in TABLES[table].model_fields:
            raise CellError(f"changes '{raw.text('path')}', which does not exist", closest(key, self.tables.get(table, {})))
        return self._unit(row, name) or "1"

    def _measured(self, raw: Raw) -> str:
        measure, item = raw.text("measure"), raw.text("item")
        if measure in _MEASURES:
            return _wrapped(self._follow(_MEASURES[measure], item, "unit"))
        if measure != "served":
            return self.money
        table = "demands" if self.raw("demands", item) else "contracts"
        return _wrapped(self._follow("resources", self._follow(table, item, "resource"), "unit"))


def _wrapped(unit: str) -> str:
    return f"({unit})" if re.search(r"[*/ ]", unit) else unit


def _invalid(raw: Raw, model: type[Row], detail: Any) -> Fault:
    name = str(detail["loc"][0]) if detail["loc"] else ""
    cell = raw.cells.get(name)
    if detail["type"] == "missing":
        return Fault(replace(raw.where, field=name), "", f"{name} is missing in {model.table}", f"Give it: {_doc(model, name)}")
    problem = str(detail["msg"]).removeprefix("Value error, ")
    return Fault(cell.where if cell else raw.where, cell.text if cell else "", problem, f"It means: {_doc(model, name)}")


def _doc(model: type[Row], name: str) -> str:
    info = model.model_fields.get(name)
    return " ".join((info.description or "").split()) if info else ""


def read_header(header: list[str], table: str, shown: str, line: int, faults: list[Fault]) -> dict[int, tuple[str, str | None]]:
    """Position -> (field, unit of the column) of a CSV header."""
    model = TABLES[table]
    columns: dict[int, tuple[str, str | None]] = {}
    seen: Mapping[str, int] = {}
    seen = {}
    for position, head in enumerate(header):
        match = re.fullmatch(r"\s*(\w+)\s*(?:\[([^\]]*)\])?\s*", head)
        name = match[1] if match else head
        where = Where(shown, line, name)
        if match is None or name not in model.model_fields:
            faults.append(Fault(where, head, f"is no column of {table}", closest(name, model.model_fields)))
        elif name in seen:
            faults.append(Fault(where, head, "stands twice in the header", "Keep one of the two columns"))
        else:
            seen = {**seen, name: position}
            columns[position] = (name, match[2].strip() if match[2] is not None else None)
    return columns
