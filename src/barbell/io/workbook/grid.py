"""The sheets of a workbook as grids of cells: what was typed, what a formula gave, and what the number format makes of it.

Read with the standard library, because three things matter here that faster readers hide: which cells hold formulas and
whether their value is there, which are errors, and how numbers are shown. And a cell in the last corner of a sheet must cost one cell, not
the rectangle up to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from barbell.core.errors import Fault
from barbell.io.workbook.package import Package, WorkbookError, related

MOST_CELLS = 300_000
"""Most filled cells of a workbook: thirty times what a large case has."""
_LAST_COLUMN, _LAST_ROW = 16_384, 1_048_576
_DATES = {*range(14, 18), 22, *range(27, 37), *range(50, 59)}
_TIMES = {*range(18, 22), 45, 46, 47}
_PERCENT = {9, 10}
_SPOT = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")

Kind = Literal["text", "number", "percent", "date", "time", "flag", "error"]


@dataclass(frozen=True)
class Entry:
    """A cell: its kind, its value as text (numbers as Python writes them, dates as ISO), and its formula, if it has one."""

    kind: Kind
    text: str
    formula: str = ""


@dataclass
class Grid:
    """A sheet: its filled cells by (row, column), both from 1; merged ranges as (top, left, bottom, right)."""

    name: str
    hidden: bool
    cells: dict[tuple[int, int], Entry] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)

    def rows(self) -> dict[int, dict[int, Entry]]:
        """Entries by row and column, both ascending."""
        found: dict[int, dict[int, Entry]] = {}
        for row, column in sorted(self.cells):
            found.setdefault(row, {})[column] = self.cells[row, column]
        return found


@dataclass
class Book:
    """A workbook: its sheets in their order, and whether it carries macros."""

    grids: list[Grid]
    macros: bool = False


def letter(column: int) -> str:
    """Letters of a column: 1 is A, 28 is AB."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def spot(text: str) -> tuple[int, int]:
    """(row, column) of an address such as C7; raises WorkbookError for what no sheet has."""
    match = _SPOT.fullmatch(text)
    column = 0
    for sign in match[1] if match else "":
        column = column * 26 + ord(sign) - 64
    row = int(match[2]) if match else 0
    if not (1 <= column <= _LAST_COLUMN and 1 <= row <= _LAST_ROW):
        raise WorkbookError(f"a cell at '{text[:20]}', where no sheet has one: the file is damaged", "Open it in Excel, let it repair the file")
    return row, column


def number(value: float) -> str:
    """A number as a cell of a case writes it: no point where it is whole, otherwise the shortest text that means the same."""
    if abs(value) < 1e15 and value == int(value):
        return str(int(value))
    return repr(value)


def book(package: Package, *, label: str, faults: list[Fault]) -> Book | None:
    """The sheets of a package; None, and a fault, when they cannot be read."""
    try:
        return _Reader(package).book()
    except WorkbookError as error:
        faults.append(error.fault(label))
        return None


class _Reader:
    """Reads part after part: what the workbook lists, shared words, number formats, sheets."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.words: list[str] = []
        self.formats: list[Kind] = []
        self.epoch = datetime(1899, 12, 30)
        self.left = MOST_CELLS

    def book(self) -> Book:
        top = next((part for _, kind, part in related(self.package, "") if kind == "officeDocument"), "xl/workbook.xml")
        if top not in self.package:
            raise _stranger(self.package)
        sheets = self._sheets(top)
        known = list(related(self.package, top))
        parts = {key: (kind, part) for key, kind, part in known}
        for _, kind, part in known:
            if kind == "sharedStrings":
                self._words(part)
            elif kind == "styles":
                self._styles(part)
        grids = [_Sheet(self, Grid(name, hidden)).read(parts[key][1]) for name, key, hidden in sheets if parts.get(key, ("", ""))[0] == "worksheet"]
        return Book(grids, any(name.endswith("vbaproject.bin") for name in self.package.names))

    def _sheets(self, part: str) -> list[tuple[str, str, bool]]:
        found: list[tuple[str, str, bool]] = []

        def start(element: str, attributes: dict[str, str]) -> None:
            if element == "sheet":
                found.append((attributes.get("name", ""), attributes.get("id", ""), attributes.get("state", "visible") != "visible"))
            elif element == "workbookPr" and attributes.get("date1904") in ("1", "true"):
                self.epoch = datetime(1904, 1, 1)

        self.package.parse(part, start, lambda _, __: None)
        return found

    def _words(self, part: str) -> None:
        pieces: list[str] = []
        inside = [False]

        def start(element: str, _: dict[str, str]) -> None:
            if element == "si":
                pieces.clear()
            inside[0] = inside[0] or element == "rPh"  # how to pronounce the word is not part of it

        def end(element: str, text: str) -> None:
            if element == "t" and not inside[0]:
                pieces.append(text)
            elif element == "rPh":
                inside[0] = False
            elif element == "si":
                self.words.append(unescaped("".join(pieces)))

        self.package.parse(part, start, end)

    def _styles(self, part: str) -> None:
        own: dict[int, Kind] = {}
        within = [""]

        def start(element: str, attributes: dict[str, str]) -> None:
            if element in ("cellXfs", "cellStyleXfs", "dxfs"):
                within[0] = element
            elif element == "numFmt" and within[0] != "dxfs":
                own[_whole(attributes.get("numFmtId"))] = _format(attributes.get("formatCode", ""))
            elif element == "xf" and within[0] == "cellXfs":
                code = _whole(attributes.get("numFmtId"))
                self.formats.append(own.get(code, _built_in(code)))

        self.package.parse(part, start, lambda _, __: None)


class _Sheet:
    """Reads one sheet into its grid."""

    def __init__(self, reader: _Reader, grid: Grid) -> None:
        self.reader, self.grid = reader, grid
        self.row = self.column = 0
        self.kind = self.style = self.value = self.formula = ""
        self.has_formula = False
        self.pieces: list[str] = []

    def read(self, part: str) -> Grid:
        self.reader.package.parse(part, self.start, self.end)
        return self.grid

    def start(self, element: str, attributes: dict[str, str]) -> None:
        if element == "row":
            self.row, self.column = (spot(f"A{attributes['r']}")[0] if "r" in attributes else self.row + 1), 0
        elif element == "c":
            self.row, self.column = spot(attributes["r"]) if "r" in attributes else (max(self.row, 1), self.column + 1)
            self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "0")
            self.value = self.formula = ""
            self.has_formula = False
            self.pieces = []
        elif element == "mergeCell":
            first, _, last = attributes.get("ref", "").partition(":")
            self.grid.merged.append((*spot(first), *spot(last or first)))

    def end(self, element: str, text: str) -> None:
        if element == "v":
            self.value = text
        elif element == "f":
            self.formula, self.has_formula = text or "(shared)", True
        elif element == "t":
            self.pieces.append(text)
        elif element == "c":
            entry = self._entry()
            if entry is not None:
                self.reader.left -= 1
                if self.reader.left < 0:
                    raise WorkbookError(f"more than {MOST_CELLS:,} filled cells", "Remove what does not belong to the case")
                self.grid.cells[self.row, self.column] = entry

    def _entry(self) -> Entry | None:
        """The cell just read; None where it is empty."""
        if self.kind == "inlineStr":
            return Entry("text", unescaped("".join(self.pieces)), self.formula) if self.pieces else None
        if not self.value and self.kind not in ("s", "str"):  # editors that cannot compute leave the value of a formula out, or empty
            return Entry("error", "", self.formula) if self.has_formula else None
        if self.kind == "s":
            index = _whole(self.value, -1)
            if not 0 <= index < len(self.reader.words):
                raise WorkbookError("a cell points to a word that is not there: the file is damaged", "Open it in Excel, let it repair the file")
            return Entry("text", self.reader.words[index], self.formula)
        if self.kind == "str":
            return Entry("text", unescaped(self.value), self.formula)
        if self.kind == "b":
            return Entry("flag", "true" if self.value.strip() in ("1", "true") else "false", self.formula)
        if self.kind == "e":
            return Entry("error", self.value, self.formula)
        if self.kind == "d":
            return Entry("date", self.value, self.formula)
        return self._number()

    def _number(self) -> Entry:
        try:
            value = float(self.value)
        except ValueError:
            raise WorkbookError(
                f"'{self.value[:20]}' where a number is due: the file is damaged", "Open it in Excel, let it repair the file"
            ) from None
        style = _whole(self.style)
        kind = self.reader.formats[style] if style < len(self.reader.formats) else "number"
        if kind == "date" and 0 <= value < 2_958_466:  # year 9999
            return Entry("date", (self.reader.epoch + timedelta(days=value)).isoformat(), self.formula)
        return Entry(kind if kind != "date" else "number", number(value) if abs(value) < float("inf") else str(value), self.formula)


def unescaped(text: str) -> str:
    """Text with the signs that XML cannot hold (``_x000D_``), which Excel writes by their number; every line break is one sign."""
    if "_x" in text:
        text = _ESCAPE.sub(lambda match: chr(int(match[1], 16)) if not 0xD800 <= int(match[1], 16) <= 0xDFFF else match[0], text)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _whole(text: str | None, default: int = 0) -> int:
    return int(text) if text and text.strip().isascii() and text.strip().isdigit() and len(text) < 10 else default


def _built_in(code: int) -> Kind:
    return "date" if code in _DATES else "time" if code in _TIMES else "percent" if code in _PERCENT else "number"


def _format(code: str) -> Kind:
    """What a number format shows: its quoted words, colours and escaped signs put aside."""
    shown = re.sub(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', "", code.partition(";")[0], flags=re.I).lower().replace("general", "")
    if re.search(r"[yd]", shown) or ("m" in shown and not re.search(r"[hs]", shown)):
        return "date"
    return "time" if re.search(r"[hs]", shown) else "percent" if "%" in shown else "number"


def _stranger(package: Package) -> WorkbookError:
    """What a package is that holds no workbook of the usual kind."""
    save = "Save it as an Excel workbook (.xlsx)"
    if "xl/workbook.bin" in package:
        return WorkbookError("this is a binary workbook (.xlsb)", save)
    if "mimetype" in package:
        return WorkbookError("this is an OpenDocument file, such as an .ods sheet", save)
    if "word/document.xml" in package or "ppt/presentation.xml" in package:
        return WorkbookError("this is a document or a presentation, no workbook", "Name the workbook of a case")
    return WorkbookError("this is a zip file without a workbook in it", "Name the workbook itself (.xlsx)")
