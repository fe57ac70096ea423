"""A workbook back into a case: its files as text, the layer that they make, and what was mended or left out on the way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

from barbell.core import path as paths
from barbell.core.case import TABLES
from barbell.core.column import columns
from barbell.core.errors import Fault, Where
from barbell.core.spelling import suggestion
from barbell.io.csv import sheet
from barbell.io.settings import KEYS, Layer, settle
from barbell.io.tables import CASE_FILE, add
from barbell.io.workbook.flat import clash, nodes, relined, rewritten
from barbell.io.workbook.grid import Book, Grid, book, letter
from barbell.io.workbook.lines import Original, Record, keyed, original
from barbell.io.workbook.lines import rewritten as lines_of
from barbell.io.workbook.origin import FORMAT, SHEET, Origin, recalled
from barbell.io.workbook.package import opened
from barbell.io.workbook.sheets import FILE, Ears, Field, Found, Notice, Table, at, files_of, header_of, read_text, table_of
from barbell.io.workbook.words import ANY, Use

SETTINGS, GUIDE, FACTS = "case", "read me", "known facts"
"""Sheets of a workbook beside those of the tables."""


@dataclass
class Taken:
    """A workbook as read: the layer it makes, the text of each file, notices, and what it remembers."""

    layer: Layer
    files: dict[str, str] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    origin: Origin | None = None
    cells: dict[tuple[str, str], int] = field(default_factory=dict)
    """Column of each field, by label of the sheet and name."""
    twins: dict[tuple[str, int, str], int] = field(default_factory=dict)
    """Column of a field in the rows that have it elsewhere, by label, row and name."""
    trapped: set[tuple[str, int, str]] = field(default_factory=set)
    """Cells that could not be read, by label, row and field."""

    def told(self, faults: Iterable[Fault]) -> list[Fault]:
        """Faults with the addresses of their cells; a cell that could not be read is not called empty as well."""
        return [self._placed(fault) for fault in faults if not (fault.problem.startswith("the cell is empty") and self._unread(fault.where))]

    def _unread(self, where: Where) -> bool:
        return (where.file, where.line, where.field) in self.trapped

    def _placed(self, fault: Fault) -> Fault:
        labels = "|".join(re.escape(label) for label in sorted({label for label, _ in self.cells}))
        problem = re.sub(rf"({labels}):([0-9]+)", r"\1!A\2", fault.problem) if labels else fault.problem
        return self._addressed(replace(fault, problem=problem))

    def _addressed(self, fault: Fault) -> Fault:
        where = fault.where
        if where.cell and (where.file, where.field) not in self.cells:
            return fault
        column = self.twins.get((where.file, where.line, where.field), self.cells.get((where.file, where.field), 1))
        known = any(label == where.file for label, _ in self.cells)
        return replace(fault, where=replace(where, cell=f"{letter(column)}{where.line}")) if known and where.line else fault


def taken(file: Path, folder: Path, faults: list[Fault]) -> Taken | None:
    """Read a workbook as the case that is to lie in `folder`; None, and faults, when it is none. Faults of cells are told, too."""
    label = file.name
    package = opened(file, label=label, faults=faults)
    found = book(package, label=label, faults=faults) if package else None
    if found is None:
        return None
    made = Taken(Layer(folder), origin=recalled(found.grids))
    ears = Ears(faults, made.notices, made.trapped)
    if not _ours(found, made.origin, label, ears):
        return None
    if found.macros:
        ears.say(Where(label), "the workbook has macros; they are not run and not kept")
    grids = _sorted(found.grids, made.origin, label, ears)
    trusted = made.origin.files if made.origin and made.origin.whole else {}
    _settings(grids.get(SETTINGS), made, trusted, f"{label}!{SETTINGS}", ears)
    for table in TABLES:
        if table in grids:
            _table(grids[table], table, made, trusted, f"{label}!{grids[table].name}", ears)
    return made


def _ours(found: Book, origin: Origin | None, label: str, ears: Ears) -> bool:
    """Whether a workbook can be that of a case at all."""
    names = {grid.name.strip().lower() for grid in found.grids}
    if origin is None and SETTINGS not in names:
        fix = f"Name a workbook that `barbell case export` made, or give it a sheet '{SETTINGS}' with the columns path and value"
        ears.faults.append(Fault(Where(label), "", "this workbook holds no case", fix))
        return False
    if origin is not None and origin.format != FORMAT:
        fix = "Use the version of Barbell that wrote it, or export the case again"
        ears.faults.append(Fault(Where(f"{label}!{SHEET}"), origin.format, f"a workbook of format '{origin.format}', where {FORMAT} is known", fix))
        return False
    if origin is None:
        ears.say(Where(label), f"the hidden sheet {SHEET} is missing: comments of the files and the writing of numbers are lost")
    elif not origin.whole:
        ears.say(Where(f"{label}!{SHEET}"), "the hidden sheet was changed and is not used: comments of the files and the writing of numbers are lost")
    return True


def _sorted(grids: Iterable[Grid], origin: Origin | None, label: str, ears: Ears) -> dict[str, Grid]:
    """Sheets by table; those that are no table are told, and so are tables that have lost their sheet."""
    found: dict[str, Grid] = {}
    strange: list[Grid] = []
    for grid in grids:
        name = grid.name.strip().lower()
        if name in TABLES or name == SETTINGS:
            found[name] = grid
            if grid.hidden and len({row for row, _ in grid.cells}) > 1:
                ears.say(Where(f"{label}!{grid.name}"), "a hidden sheet, read like the others")
        elif name not in (GUIDE, FACTS, SHEET):
            strange.append(grid)
    lost = [table for table in (*(origin.tables if origin else ()), SETTINGS) if table not in found]
    for table in lost:
        near = get_close_matches(table, [grid.name for grid in strange], n=1, cutoff=0.5)
        undo = "Undo this; to empty a table, keep its sheet and header and delete its rows"
        fix = f"Was '{near[0]}' this sheet? Give it the name back" if near else undo
        ears.faults.append(Fault(Where(f"{label}!{table}"), "", f"the sheet '{table}' is missing", fix))
    for grid in strange:
        _stranger(grid, lost, label, ears)
    return found


def _stranger(grid: Grid, lost: list[str], label: str, ears: Ears) -> None:
    """A sheet that is no table: a slip of the pen, or somebody's own, which is left alone."""
    where = Where(f"{label}!{grid.name}")
    near = get_close_matches(grid.name.strip().lower(), list(TABLES), n=1, cutoff=0.8)
    alike = [table for table, row in TABLES.items() if _looks_like(grid, {name for name, column in columns(row).items() if column.required})]
    if grid.name.startswith("#") or not grid.cells or not (near or alike):
        ears.say(where, "the sheet is no table and is left out")
    elif not lost:
        fix = f"{suggestion(grid.name.lower(), near or alike)} Or put # before its name, and it is left alone"
        ears.faults.append(Fault(where, grid.name, "this sheet looks like a table, but no table has its name", fix))


def _looks_like(grid: Grid, required: set[str]) -> bool:
    line = header_of(grid, frozenset(required | {FILE}))
    heads = {entry.text.partition("[")[0].strip() for (row, _), entry in grid.cells.items() if row == line}
    return bool(line) and len(required) > 1 and required <= heads


def _settings(grid: Grid | None, made: Taken, trusted: Mapping[str, str], label: str, ears: Ears) -> None:
    """The sheet of settings into a case file, and this into the layer: what is checked is what is written."""
    made.layer.readable = False
    if grid is None:
        return
    line = header_of(grid, frozenset({"path", "value", "meaning"}))
    heads = {entry.text.strip(): column for (row, column), entry in sorted(grid.cells.items(), reverse=True) if row == line}
    if not line or not {"path", "value"} <= heads.keys():
        ears.faults.append(Fault(Where(label, line or 1, "", f"A{line or 1}"), "", "there is no header", "Write path and value above the settings"))
        return
    made.layer.readable = True
    before = len(ears.faults)
    rows = _setting_rows(grid, line, heads, label, ears)
    made.cells |= {(label, name): heads["value"] for name in rows}
    told = {name: found for name, found in rows.items() if found[0] or name.startswith(("units.", "set."))}
    for name, (_, row) in told.items():
        if problem := clash(name, told):
            fix = "Keep one of the two, or give each setting its path, such as horizon.start"
            ears.faults.append(Fault(at(label, row, heads["value"], name), "", problem, fix))
    settle(Layer(made.layer.folder), nodes(told), label=label, faults=ears.faults)
    if len(ears.faults) > before:  # nothing will be written; what is right serves to check the tables
        settle(made.layer, nodes(told), label=label, faults=[])
        return
    made.files[CASE_FILE], kept = rewritten(trusted.get(CASE_FILE), {name: text for name, (text, _) in told.items()})
    settle(made.layer, relined(made.files[CASE_FILE], {name: row for name, (_, row) in told.items()}), label=label, faults=ears.faults)
    if not kept:
        ears.say(Where(label), "the settings were written anew: the comments of case.yaml are lost")


def _setting_rows(grid: Grid, line: int, heads: Mapping[str, int], label: str, ears: Ears) -> dict[str, tuple[str, int]]:
    """Text and row of each setting by its path."""
    rows: dict[str, tuple[str, int]] = {}
    for row, cells in grid.rows().items():
        name = cells[heads["path"]].text.strip() if heads["path"] in cells else ""
        entry = cells.get(heads["value"])
        if row <= line or name.startswith("#") or not (name or entry):
            continue
        problem = "a value without a path" if not name else f"the setting stands in row {rows[name][1]} already" if name in rows else ""
        if problem:
            value = name or (entry.text if entry else "")
            ears.faults.append(Fault(at(label, row, heads["path"]), value, problem, "Keep one row for each setting"))
            continue
        rows[name] = (read_text(entry, _setting_use(name), at(label, row, heads["value"], name), ears) if entry else "", row)
    return rows


def _setting_use(name: str) -> Use:
    top = name.partition(".")[0]
    if name == "as_of":
        return Use("day")
    if name in ("horizon.start", "horizon.report_end"):
        return Use("month")
    return ANY if top in ("set", "risk") else Use("text") if name in KEYS or top == "units" else ANY


def _table(grid: Grid, table: str, made: Taken, trusted: Mapping[str, str], label: str, ears: Ears) -> None:
    """A sheet into the files of its table, and these into the layer: what is checked is what is written."""
    before = len(ears.faults)
    found = table_of(grid, table, label, ears)
    if found is None:
        made.layer.raw.broken.add(table)
        return
    made.cells |= {(label, one.name): one.column for one in reversed(found.fields)}
    old = {path: original(table, text) for path, text in trusted.items() if PurePosixPath(path).stem == table}
    for path, rows in sorted(files_of(found, ears).items(), key=lambda item: PurePosixPath(item[0]).parts):
        header = _header(found, rows, path, ears)
        made.twins |= {(label, row.row, one.name): one.column for row in rows for one in header if one.column != made.cells[label, one.name]}
        records = [Record(row.row, _texts(table, row, header, old)) for row in rows]
        pairs = [(one.name, one.unit) for one in header]
        text, places = lines_of(table, old.get(path), pairs, records)
        made.files[path] = text
        _read_back(table, text, places, found, made, ears)
    _emptied(found, old, made, ears)
    if len(ears.faults) > before:
        made.layer.raw.broken.add(table)


def _emptied(found: Table, old: Mapping[str, Original | None], made: Taken, ears: Ears) -> None:
    """Files of the table that have no rows any more go; columns and rows that are gone are counted."""
    for path, before in old.items():
        if before is None:
            continue
        if path not in made.files:
            ears.say(Where(found.label), f"{path} has no rows any more and is left out")
            continue
        gone = [name for name, _ in before.columns if name not in {one.name for one in found.fields}]
        for name in gone:
            count = sum(name in texts for texts in before.texts.values())
            if count:
                ears.say(Where(found.label), f"the column {name} is gone: {count} values of {path} go with it")


def _header(found: Table, rows: list[Found], path: str, ears: Ears) -> list[Field]:
    """The columns for a file: of two columns of one field the one that its rows fill."""
    chosen: dict[str, Field] = {}
    for one in found.fields:
        if one.name == FILE:
            continue
        other = chosen.get(one.name)
        filled = [row for row in rows if one.column in row.texts]
        if other is None:
            chosen[one.name] = one
        elif filled and any(other.column in row.texts for row in rows):
            problem = f"rows of {path} fill both columns of '{one.name}', which count in two units"
            ears.faults.append(Fault(at(found.label, filled[0].row, one.column, one.name), "", problem, "Use one of the two columns for each file"))
        elif filled:
            chosen[one.name] = one
    return list(chosen.values())


def _texts(table: str, row: Found, header: list[Field], old: Mapping[str, Original | None]) -> dict[str, str]:
    """Texts of a row by field; a number that still has the value it had keeps the writing that it had: 1e6 stays 1e6."""
    texts = {one.name: row.texts[one.column] for one in header if one.column in row.texts}
    key = keyed(table, texts, row.row)
    before = next((file.texts[key] for file in old.values() if file and key in file.texts), {})
    numbers = {one.name for one in header if one.column in row.numbers}
    return {name: before[name] if name in numbers and _same(text, before.get(name, "")) else text for name, text in texts.items()}


def _same(now: str, before: str) -> bool:
    try:
        return paths.number(before) == paths.number(now)
    except ValueError:
        return False


def _read_back(table: str, text: str, places: Mapping[int, int], found: Table, made: Taken, ears: Ears) -> None:
    """Rows of a file that was just made, with their places in the workbook."""
    read = sheet(text, label=found.label, faults=ears.faults)
    if read is not None:
        records = tuple((places.get(line, 0), cells) for line, cells in read.records)
        add(made.layer.raw, table, replace(read, line=found.line, records=records), ears.faults)
