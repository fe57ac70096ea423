"""A case from its folder: bases first, then its own tables, then overrides; every fault at once."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path as FilePath

from barbell.core import units
from barbell.core.case import TABLES, Case, Risk, Tables
from barbell.core.check import check
from barbell.core.errors import CaseError, Fault, Where
from barbell.core.horizon import Horizon, Month, Period, Slice
from barbell.core.relations import SliceRow
from barbell.io.cell import Cell, closest
from barbell.io.rows import Book, Raw, read_header
from barbell.io.source import Text, Tree, read_csv, read_yaml

KEYS = ("name", "question", "base", "money", "as_of", "horizon", "risk", "units", "set")
"""Keys of case.yaml."""
_LENGTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}


def read(path: str | os.PathLike[str], changes: Mapping[str, str] | None = None) -> Case:
    """Read the case in a folder (or the folder of a case.yaml), with further `changes` as ``{path: value}``.

    Raises CaseError with every fault found: in the files, in the cells, and in how the tables fit together.
    """
    folder = FilePath(path)
    folder = folder.parent if folder.name == "case.yaml" else folder
    faults: list[Fault] = []
    trees = _bases(folder, faults)
    settings = _settings(trees, changes or {})
    _declare(trees, faults)
    book = Book(_text(settings, "money"), _text(settings, "as_of"), faults=faults)
    _heading(settings, folder, faults)
    for spot, _ in trees:
        _tables(book, spot)
    _override(book, trees, changes or {})
    if any(fault.where.field in ("money", "as_of") or fault.where.line == 0 for fault in faults if fault.where.file.endswith("case.yaml")):
        raise CaseError(faults)  # without money or a date every other cell would be a fault, too
    rows = {name: tuple(book.build(name)) for name in TABLES}
    horizon = _horizon(settings, rows["slices"], faults) if {"horizon.start", "horizon.periods"} <= set(settings) else None
    if faults or horizon is None:
        raise CaseError(faults)
    case = Case(
        name=_text(settings, "name") or folder.resolve().name, question=_text(settings, "question"), money=book.money,
        as_of=book.as_of, horizon=horizon, risk=_risk(settings, faults), tables=Tables(**rows), origins=book.origins,  # type: ignore[arg-type]
    )  # fmt: skip
    found = [*faults, *check(case)]
    if found:
        raise CaseError(found)
    return case


def _bases(folder: FilePath, faults: list[Fault]) -> list[tuple[FilePath, Tree]]:
    """The case and those it starts from, the deepest first."""
    found: list[tuple[FilePath, Tree]] = []
    seen: list[FilePath] = []
    spot: FilePath | None = folder
    where = Where(_shown(folder / "case.yaml"))
    while spot is not None:
        if spot.resolve() in seen:
            chain = " -> ".join(p.name for p in [*seen, spot.resolve()])
            faults.append(Fault(where, str(spot), f"the bases go round in a circle: {chain}", "Remove one `base:`"))
            break
        seen.append(spot.resolve())
        if not (spot / "case.yaml").is_file():
            faults.append(Fault(where, str(spot), "is no case: there is no case.yaml in it", "Give the folder of a case; `barbell new` makes one"))
            break
        tree = read_yaml(spot / "case.yaml", _shown(spot / "case.yaml"), faults)
        found.insert(0, (spot, tree))
        base = tree.entries.get("base")
        where = tree.spots.get("base", where)
        spot = spot / base.value if isinstance(base, Text) else None
    return found


def _shown(path: FilePath) -> str:
    """A path as it is best read: relative to where the user stands, if it lies below."""
    try:
        return path.resolve().relative_to(FilePath.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def _settings(trees: list[tuple[FilePath, Tree]], changes: Mapping[str, str]) -> dict[str, Text]:
    """Settings of case.yaml as flat paths such as ``horizon.start``; later ones win; `name` is never inherited."""
    flat: dict[str, Text] = {}
    for _, tree in trees:
        flat.pop("name", None)
        for key, value in tree.entries.items():
            if key == "set":
                continue
            flat.update(_flat(key, value, tree.spots[key]))
    overrides = [(key, text) for _, tree in trees for key, text in _overrides(tree)]
    overrides += [(key, Text(value, Where("--set", 0, key))) for key, value in changes.items()]
    flat.update({key: text for key, text in overrides if key.split(".")[0] in ("horizon", "risk", "as_of", "question")})
    return flat


def _flat(path: str, value: object, where: Where) -> Iterable[tuple[str, Text]]:
    if isinstance(value, Text):
        yield path, value
    elif isinstance(value, Tree):
        for key, below in value.entries.items():
            yield from _flat(f"{path}.{key}", below, value.spots[key])
    elif isinstance(value, list):
        yield path, Text(", ".join(item.value for item in value if isinstance(item, Text)), where)


def _overrides(tree: Tree) -> list[tuple[str, Text]]:
    entry = tree.entries.get("set")
    return [] if not isinstance(entry, Tree) else [(k, v) for k, v in entry.entries.items() if isinstance(v, Text)]


def _text(settings: Mapping[str, Text], key: str) -> str:
    return settings[key].value if key in settings else ""


_KNOWN = re.compile(r"horizon\.(start|periods|report_end)|risk\.(weight|tail)|units\.\w+|name|question|base|money|as_of")


def _heading(settings: Mapping[str, Text], folder: FilePath, faults: list[Fault]) -> None:
    """Faults of the settings themselves."""
    shown = _shown(folder / "case.yaml")
    for key, text in settings.items():
        if _KNOWN.fullmatch(key) is None:
            known = [*KEYS, "horizon.start", "horizon.periods", "horizon.report_end", "risk.weight", "risk.tail"]
            faults.append(Fault(replace(text.where, field=key), text.value, "is no setting of a case", closest(key, known)))
    for key, example in {"money": "MUSD2026", "as_of": "2026-02-10", "horizon.start": "2026Q1", "horizon.periods": "8 x quarter"}.items():
        if not _text(settings, key):
            faults.append(Fault(Where(shown, 0, key), "", f"{key} is missing", f"Give it, such as {example}"))
    money = settings.get("money")
    if money and re.fullmatch(r"[kMGBT]?[A-Z]{3}[0-9]{4}", money.value) is None:
        faults.append(Fault(money.where, money.value, "is not a currency with its year", "Write it as MUSD2026: millions of dollars of 2026"))
    as_of = settings.get("as_of")
    if as_of and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", as_of.value) is None:
        faults.append(Fault(as_of.where, as_of.value, "is not a day", "Write it as 2026-02-10"))


def _declare(trees: list[tuple[FilePath, Tree]], faults: list[Fault]) -> None:
    for _, tree in trees:
        entry = tree.entries.get("units")
        for name, value in entry.entries.items() if isinstance(entry, Tree) else ():
            try:
                units.declare(name, value.value if isinstance(value, Text) else "")
            except units.UnitError as error:
                assert isinstance(entry, Tree)
                faults.append(Fault(entry.spots[name], name, error.problem, error.fix))


def _tables(book: Book, folder: FilePath) -> None:
    """Add the tables of one folder; a row of a base with the same key is replaced."""
    own: dict[tuple[str, str], Raw] = {}
    for path in _files(folder, book.faults):
        table = path.stem
        if table not in TABLES:
            book.faults.append(Fault(Where(_shown(path)), path.name, "is no table of a case", closest(table, TABLES)))
            continue
        for raw in _raw(path, table, book.faults):
            key = (table, raw.id)
            if key in own:
                spot = own[key].where
                book.faults.append(Fault(raw.where, raw.id, f"stands twice in {table} (first in {spot})", "Keep one of the two rows"))
            own[key] = raw
    for raw in own.values():
        book.tables.setdefault(raw.table, {})[raw.id] = raw


def _files(folder: FilePath, faults: list[Fault]) -> list[FilePath]:
    """CSV files below a folder, in order of their names; a link that leads back up is a fault."""
    found: list[FilePath] = []
    above = {folder.resolve()}
    for spot, folders, names in os.walk(folder, followlinks=False):
        folders.sort()
        for name in [n for n in folders if FilePath(spot, n).is_symlink()]:
            link = FilePath(spot, name)
            target = link.resolve()
            why = "leads back to a folder around it" if any(a == target or target in a.parents for a in above) else "is a link to a folder"
            faults.append(Fault(Where(_shown(link)), name, why, "Copy the tables instead, or use `base:`"))
        found.extend(FilePath(spot, name) for name in sorted(names) if name.lower().endswith(".csv"))
    return found


def _raw(path: FilePath, table: str, faults: list[Fault]) -> Iterable[Raw]:
    sheet = read_csv(path, _shown(path), faults)
    if sheet is None:
        return
    columns = read_header(sheet.header, table, sheet.file, 1, faults)
    for line, row in sheet.rows:
        spots = {name: Where(sheet.file, line, name) for name, _ in columns.values()}
        cells = {name: Cell(row[n], unit, spots[name]) for n, (name, unit) in columns.items() if row[n]}
        yield Raw(table, _filled(cells), Where(sheet.file, line))


def _filled(cells: dict[str, Cell]) -> dict[str, Cell]:
    """Units of columns that speak of the row's own unit, such as ``MUSD2026/{unit}``, filled in."""
    own = cells["unit"].text if "unit" in cells else ""
    return {name: replace(cell, unit=cell.unit.replace("{unit}", f"({own})")) if cell.unit else cell for name, cell in cells.items()}


def _override(book: Book, trees: list[tuple[FilePath, Tree]], changes: Mapping[str, str]) -> None:
    """Put `set:` entries and command-line changes onto the cells that they name."""
    entries = [(path, text) for _, tree in trees for path, text in _overrides(tree)]
    entries += [(path, Text(value, Where("--set", 0, path))) for path, value in changes.items()]
    for path, text in entries:
        table, _, rest = path.partition(".")
        if table in ("horizon", "risk", "as_of", "question"):
            continue
        key, _, name = rest.rpartition(".")
        where = replace(text.where, field=path)
        if table not in TABLES:
            book.faults.append(Fault(where, text.value, f"'{table}' is no table", closest(table, TABLES)))
        elif (raw := book.raw(table, key)) is None:
            book.faults.append(Fault(where, text.value, f"{table} has no row '{key}'", closest(key, book.tables.get(table, {}))))
        elif name not in TABLES[table].model_fields or name in TABLES[table].key:
            known = [f for f in TABLES[table].model_fields if f not in TABLES[table].key]
            book.faults.append(Fault(where, text.value, f"{table} has no field '{name}' to set", closest(name, known)))
        else:
            _put(book, raw, name, Text(text.value, where))


def _put(book: Book, raw: Raw, name: str, text: Text) -> None:
    if not text.value.startswith("*"):
        old = raw.cells.get(name)
        raw.cells[name] = Cell(text.value, old.unit if old else None, text.where)
        return
    try:
        factor = float(text.value[1:])
    except ValueError:
        factor = float("nan")
    if name not in raw.cells or not abs(factor) < float("inf"):
        book.faults.append(Fault(text.where, text.value, "cannot multiply: no such number here", "Write *1.2 on a cell that holds a number"))
        return
    raw.cells[name] = replace(raw.cells[name], factor=raw.cells[name].factor * factor)


def _horizon(settings: Mapping[str, Text], rows: Iterable[object], faults: list[Fault]) -> Horizon | None:
    start, periods = settings["horizon.start"], settings["horizon.periods"]
    try:
        month = Month.parse(start.value)
    except ValueError as error:
        faults.append(Fault(start.where, start.value, str(error), "Write the first month, such as 2026Q1"))
        return None
    found: list[Period] = []
    for part in periods.value.split(","):
        match = re.fullmatch(r"\s*(\d{1,4})\s*x\s*(?:(\d{1,3})\s+)?(month|quarter|half|year)s?\s*", part)
        if match is None or int(match[1]) < 1:
            faults.append(Fault(periods.where, part.strip(), "is no list of periods", "Write 8 x quarter, 2 x year or 5 x 7 months"))
            return None
        months = int(match[2] or 1) * _LENGTHS[match[3]]
        for _ in range(int(match[1])):
            found.append(Period(found[-1].end if found else month, months))
    slices = tuple(Slice(r.name, r.day, r.hours, r.weight) for r in rows if isinstance(r, SliceRow))
    end = settings.get("horizon.report_end")
    try:
        report_end = Month.parse(end.value) if end else found[-1].end
    except ValueError as error:
        assert end is not None
        faults.append(Fault(end.where, end.value, str(error), "Write the first month no longer reported, such as 2031"))
        return None
    return Horizon(tuple(found), slices or (Slice("all", "all", 24.0, 1.0),), report_end)


def _risk(settings: Mapping[str, Text], faults: list[Fault]) -> Risk:
    values = {"weight": 0.0, "tail": 0.05}
    for key in values:
        text = settings.get(f"risk.{key}")
        if text is None:
            continue
        number = float(text.value) if re.fullmatch(r"[0-9.]+(?:[eE][-+]?[0-9]+)?", text.value) and text.value != "." else -1.0
        if not 0 <= number <= 1 or (key == "tail" and number == 0):
            faults.append(Fault(text.where, text.value, f"risk.{key} is no share", "Give a number between 0 and 1; a tail above 0"))
        values[key] = number
    return Risk(**values)
