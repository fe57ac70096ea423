"""Sheets of a workbook to records: where the header is, which column is which field, what each cell says, what is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from barbell.core.case import TABLES
from barbell.core.column import columns
from barbell.core.errors import Fault, Where
from barbell.io.tables import column_fault, named
from barbell.io.workbook.grid import Entry, Grid, letter
from barbell.io.workbook.words import TrapError, Use, shortened, text_of, use_of

FILE = "file"
"""The column that says which file of the case a row belongs to."""
_DEEPEST_HEADER = 20
Row = Mapping[int, Entry]


@dataclass(frozen=True, order=True)
class Notice:
    """Something that reading a workbook mended or left out."""

    where: Where
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


@dataclass(frozen=True)
class Field:
    """A column of a sheet: the field and unit that its header says."""

    column: int
    name: str
    unit: str


@dataclass(frozen=True)
class Found:
    """A row of a sheet: its cells by column, those that are plain numbers, and the file it belongs to (empty: not said)."""

    row: int
    file: str
    texts: Mapping[int, str]
    numbers: frozenset[int]


@dataclass
class Table:
    """A sheet as read: label for messages, line of its header, its fields and rows."""

    label: str
    table: str
    line: int
    fields: list[Field]
    rows: list[Found] = field(default_factory=list)


@dataclass
class Ears:
    """Where reading tells what it met."""

    faults: list[Fault]
    notices: list[Notice]
    trapped: set[tuple[str, int, str]] = field(default_factory=set)
    """Cells whose text is not known, by label, row and field."""

    def fault(self, where: Where, value: str, trap: TrapError) -> None:
        """Tell the fault of a cell whose text is not known; what follows from its emptiness is not told."""
        self.trapped.add((where.file, where.line, where.field))
        self.faults.append(Fault(where, shortened(value, 60), trap.problem, trap.fix))

    def say(self, where: Where, text: str) -> None:
        """Tell a notice."""
        self.notices.append(Notice(where, text))


def at(label: str, row: int, column: int, name: str = "") -> Where:
    """Spot of a cell in a sheet."""
    return Where(label, row, name, f"{letter(column)}{row}")


def header_of(grid: Grid, known: frozenset[str]) -> int:
    """Row of the header: the first of the upper rows half of whose cells are known fields; 0 when there is none."""
    for row, cells in grid.rows().items():
        if row > _DEEPEST_HEADER:
            break
        heads = [named(entry.text)[0] for entry in cells.values() if entry.text.strip()]
        if heads and 2 * sum(head in known for head in heads) >= len(heads):
            return row
    return 0


def table_of(grid: Grid, table: str, label: str, ears: Ears) -> Table | None:
    """A sheet as the records of a table; None, and a fault, when it has no header."""
    known = columns(TABLES[table])
    if not grid.cells:
        grid_fix = f"Write a header, or remove the sheet if the case has no {table}"
        ears.faults.append(Fault(Where(label, 1, "", "A1"), "", "the sheet is empty", grid_fix))
        return None
    line = header_of(grid, frozenset(known) | {FILE})
    if not line:
        shown = ", ".join(name for name, column in known.items() if column.required)
        first = min(grid.cells)
        fix = f"Put the names of the fields above the rows: {shown}"
        ears.faults.append(Fault(at(label, *first), shortened(grid.cells[first].text), f"there is no header of '{table}'", fix))
        return None
    found = Table(label, table, line, _fields(grid, table, line, label, ears))
    _merged(grid, found, ears)
    if not any(name.name != FILE for name in found.fields):
        return None
    _outside(grid, found, ears)
    found.rows.extend(_rows(grid, found, ears))
    return found


def _merged(grid: Grid, table: Table, ears: Ears) -> None:
    """Tell merged cells; that those under the first one are empty is not told again."""
    for top, left, bottom, right in grid.merged:
        if bottom >= table.line:
            where = Where(table.label, top, "", f"{letter(left)}{top}:{letter(right)}{bottom}")
            ears.faults.append(Fault(where, "", "merged cells: only the first of them holds a value", "Unmerge them and fill in each cell"))
            rows = {row for row, _ in grid.cells if top <= row <= bottom}
            ears.trapped |= {(table.label, row, one.name) for row in rows for one in table.fields if left <= one.column <= right}


def _fields(grid: Grid, table: str, line: int, label: str, ears: Ears) -> list[Field]:
    """The columns with a field that is known; one field may stand twice if its two columns count in two units."""
    found: list[Field] = []
    heads = {column: entry for (row, column), entry in sorted(grid.cells.items()) if row == line}
    for column, entry in heads.items():
        where = at(label, line, column)
        if entry.kind != "text":
            ears.faults.append(Fault(where, entry.text, "a header that is no text", "Write the name of a field"))
            continue
        name, unit = named(" ".join(entry.text.split()))
        if name == FILE and not unit:
            fault = Fault(where, name, "the column stands twice", "Keep one of the two") if any(f.name == FILE for f in found) else None
        else:
            seen = [other.name for other in found if (other.name, other.unit) == (name, unit)]
            fault = column_fault((name, unit), number=column, table=table, seen=seen, where=where)
        if fault:
            ears.faults.append(fault)
        else:
            found.append(Field(column, name, unit))
    return found


def _outside(grid: Grid, table: Table, ears: Ears) -> None:
    """Tell what stands outside the table."""
    heads = {column for row, column in grid.cells if row == table.line}
    last = max(heads)
    lost: dict[int, list[int]] = {}
    for row, column in sorted(grid.cells):
        if row > table.line and column not in heads:
            lost.setdefault(column, []).append(row)
    for column, rows in lost.items():
        if column < last:
            fix = "Name the field in the header, or move the notes to the right of the table"
            ears.faults.append(Fault(at(table.label, table.line, column), "", f"column {letter(column)} has cells and no name", fix))
        else:
            ears.say(
                at(table.label, rows[0], column), f"notes beside the table are left out (column {letter(column)}: {_counted(len(rows), 'cell')})"
            )
    above = sum(row < table.line for row, _ in grid.cells)
    if above:
        ears.say(Where(table.label), f"the header stands in row {table.line}; {_counted(above, 'cell')} above it are left out")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _rows(grid: Grid, table: Table, ears: Ears) -> Iterator[Found]:
    uses = {one.column: _use(table.table, one) for one in table.fields}
    files = {one.column for one in table.fields if one.name == FILE}
    names = {one.column: one.name for one in table.fields}
    for row, entries in grid.rows().items():
        cells = {column: entry for column, entry in entries.items() if column in names}
        if row <= table.line or not set(cells) - files:
            continue
        first = cells[min(cells)]
        if first.kind == "text" and first.text.lstrip().startswith("#"):
            ears.say(at(table.label, row, min(cells)), "a row that begins with # is a note and is left out")
            continue
        texts = {column: read_text(entry, uses[column], at(table.label, row, column, names[column]), ears) for column, entry in cells.items()}
        told = {column: text for column, text in texts.items() if text}
        if set(told) - files or any(cells[column].text.strip() for column in cells if column not in files):
            numbers = frozenset(column for column, entry in cells.items() if entry.kind in ("number", "percent"))
            yield Found(row, "".join(told.get(column, "") for column in files), {c: t for c, t in told.items() if c not in files}, numbers)


def _use(table: str, one: Field) -> Use:
    if one.name == FILE:
        return Use("text")
    column = columns(TABLES[table])[one.name]
    return use_of(column, unit=one.unit, key=one.name in TABLES[table].key)


def read_text(entry: Entry, use: Use, where: Where, ears: Ears) -> str:
    """Text of a cell; empty after a fault."""
    try:
        return text_of(entry, use, lambda told: ears.say(where, told))
    except TrapError as trap:
        ears.fault(where, entry.text if entry.kind == "text" else "", trap)
        return ""


def files_of(table: Table, ears: Ears) -> dict[str, list[Found]]:
    """Rows by the file that they belong to; one that does not say goes with the row above it."""
    column = next((one.column for one in table.fields if one.name == FILE), 1)
    said = [row.file for row in table.rows if row.file]
    current = said[0] if said else f"{table.table}.csv"
    found: dict[str, list[Found]] = {}
    for row in table.rows:
        current = row.file or current
        problem = _unfit(current, table.table)
        if problem:
            fix = f"Write a path inside the case such as {table.table}.csv or part/{table.table}.csv"
            ears.faults.append(Fault(at(table.label, row.row, column, FILE), current, problem, fix))
        else:
            found.setdefault(current, []).append(row)
    return found


def _unfit(file: str, table: str) -> str:
    """Why rows of a table cannot lie in a file of that path; empty when they can."""
    path = PurePosixPath(file)
    if path.name != f"{table}.csv":
        return f"rows of '{table}' cannot lie in a file of that name"
    parts = path.parts
    strange = any(
        part.startswith((".", "~")) or any(sign in part for sign in '\\:*?"<>|\n\r\x00') or part != part.strip() or len(part) > 100 for part in parts
    )
    return "no path inside the case" if path.is_absolute() or strange or len(parts) > 8 or path.as_posix() != file else ""
