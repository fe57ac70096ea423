"""A case as a workbook: one sheet per table, settings, the facts in use, a guide; and hidden, the text of its files."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from barbell.core.case import TABLES
from barbell.core.column import Column, columns
from barbell.core.errors import CaseError, Fault, Where
from barbell.io.facts import Resolver
from barbell.io.raw import Raw
from barbell.io.reference import nature
from barbell.io.settings import KEYS, Layer, layers
from barbell.io.tables import CASE_FILE, files
from barbell.io.text import read_text
from barbell.io.workbook.choices import rule
from barbell.io.workbook.cited import HEADS, Cited
from barbell.io.workbook.dress import Dress, exact, note_size, width
from barbell.io.workbook.flat import flat
from barbell.io.workbook.grid import MOST_CELLS, letter
from barbell.io.workbook.guide import Line, lines
from barbell.io.workbook.lines import Original, original
from barbell.io.workbook.origin import SHEET, Origin, remembered
from barbell.io.workbook.sheets import FILE
from barbell.io.workbook.take import FACTS, GUIDE, SETTINGS

_SPARE = 500
"""Rows below a table that are ready for new ones."""
_LONGEST = 32_767
_NOUNS = 8
_TABS = {"guide": "#1D2B3A", "noun": "#1F3FA0", "relation": "#B07A00", "info": "#9CA3AF"}


@dataclass(frozen=True)
class Source:
    """A case's own files by path as text, and everything that its rows may refer to."""

    name: str
    files: Mapping[str, str]
    raw: Raw
    based: bool
    as_of: str
    money: str


def source(folder: Path) -> Source:
    """The files of a case; raises CaseError when they cannot be read as such. What the cells mean is not asked."""
    faults: list[Fault] = []
    chain = layers(folder, faults)
    if faults or not chain:
        raise CaseError(faults, folder=str(folder))
    top = chain[-1]
    texts = {CASE_FILE: read_text(top.folder / CASE_FILE, label=CASE_FILE, faults=faults)}
    for file in files(top.folder, top.folder, faults):
        label = file.relative_to(top.folder).as_posix()
        texts[label] = read_text(file, label=label, faults=faults)
    if faults:
        raise CaseError(faults, folder=str(folder))
    known = {path: text for path, text in texts.items() if text is not None}
    settings = {key: setting.text for layer in chain for key, setting in layer.settings.items()}
    name = top.settings["name"].text if "name" in top.settings else top.folder.resolve().name
    return Source(name, known, _over(chain), len(chain) > 1, settings.get("as_of", "9999-12-31"), settings.get("money", ""))


def _over(chain: Sequence[Layer]) -> Raw:
    raw = Raw()
    for layer in chain:
        raw = layer.raw.over(raw)
    return raw


def workbook(case: Source, known: Resolver, *, file: str, version: str) -> bytes:
    """A case as the bytes of a workbook that will have the name `file`, by a `version` of Barbell.

    Raises CaseError where the case is too large for one.
    """
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False})
    _Writer(book, case, Cited(case.raw, case.as_of, known)).write(file, version)
    book.close()
    return out.getvalue()


class _Writer:
    """Writes sheet after sheet; everything of a table is known before its sheet is begun."""

    def __init__(self, book: Any, case: Source, cited: Cited) -> None:
        self.book, self.case, self.cited, self.dress = book, case, cited, Dress(book)
        self.parts: dict[str, list[tuple[str, Original]]] = {table: [] for table in TABLES}
        for path, text in case.files.items():
            if path != CASE_FILE and (made := original(PurePosixPath(path).stem, text)):
                self.parts[PurePosixPath(path).stem].append((path, made))
        self.heads = {table: _heads(table, [part for _, part in parts], case.money) for table, parts in self.parts.items()}
        self.counts = {table: sum(len(part.texts) for _, part in parts) for table, parts in self.parts.items()}
        self.cells = 0

    def write(self, file: str, version: str) -> None:
        """Write every sheet."""
        self.book.set_properties({"title": f"Case {self.case.name}", "comments": "A case of Barbell; see the first sheet"})
        self.guide(file)
        self.settings()
        for table in TABLES:
            self.table(table)
        self.facts()
        self.hidden(version)

    def text(self, sheet: Any, row: int, column: int, text: str, look: Any) -> None:
        """A cell with text."""
        self.cells += 1
        if len(text) > _LONGEST or self.cells > MOST_CELLS:
            problem = f"{len(text):,} signs in one cell" if len(text) > _LONGEST else f"more than {MOST_CELLS:,} cells"
            raise CaseError([Fault(Where(sheet.get_name()), text[:40], f"{problem}: too much for a workbook", "Keep it in files")])
        sheet.write_string(row, column, text, look)

    def guide(self, file: str) -> None:
        sheet = self.sheet(GUIDE, "guide")
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 62)
        sheet.set_column(1, 1, 120)
        question = flat(self.case.files[CASE_FILE]).get("question", "")
        for row, line in enumerate(lines(name=self.case.name, question=question, rows=self.counts, file=file)):
            self.guide_line(sheet, row, line)

    def guide_line(self, sheet: Any, row: int, line: Line) -> None:
        dress = self.dress
        typed = dress.setting()
        looks = {"title": dress.title(), "section": dress.section(), "key": dress.word(key=True), "fact": dress.fact(align="left"),
                 "typed": typed, "written": typed, "command": dress.format(font_name="Consolas"), "text": dress.format()}  # fmt: skip
        if line.kind == "section":
            sheet.set_row(row, 26)
            sheet.write_blank(row, 1, None, dress.section())
        if line.kind == "title":
            sheet.set_row(row, 30)
        if line.kind == "sheet":
            sheet.write_url(row, 0, f"internal:'{line.word}'!A1", dress.format(font_color="#1F3FA0", underline=1), line.word)
        else:
            self.text(sheet, row, 0, line.word, looks[line.kind])
        if line.text:
            self.text(sheet, row, 1, line.text, dress.plain())

    def settings(self) -> None:
        sheet, dress = self.sheet(SETTINGS, "guide"), self.dress
        held = flat(self.case.files[CASE_FILE])
        rows = [(key, held.get(key, ""), told) for key, told in KEYS.items() if key not in ("units", "set")]
        for group, example in (("units", "units.pod"), ("set", "set.assets.hall.capex")):
            rows.append((f"# {group}", "", f"{KEYS[group]} One row each, its path such as {example}."))
            rows += [(path, text, "") for path, text in held.items() if path.startswith(f"{group}.")]
        for column, (name, wide) in enumerate((("path", 34), ("value", 72), ("meaning", 100))):
            sheet.set_column(column, column, wide, dress.word())
            self.text(sheet, 0, column, name, dress.head(required=column < 2))
        for row, (path, value, told) in enumerate(rows, start=1):
            note = path.startswith("#")
            self.text(sheet, row, 0, path, dress.dim() if note else dress.word(key=True))
            if value:
                self.text(sheet, row, 1, value, dress.setting())
            self.text(sheet, row, 2, told.replace("`", ""), dress.dim())
        sheet.freeze_panes(1, 1)

    def table(self, table: str) -> None:
        sheet = self.sheet(table, "noun" if list(TABLES).index(table) < _NOUNS else "relation")
        heads, count = self.heads[table], self.counts[table]
        known = columns(TABLES[table])
        names = {name: (1 + next(i for i, (field, _) in enumerate(self.heads[name]) if field == row.key[0]), 1 + self.counts[name] + _SPARE)
                 for name, row in TABLES.items() if not self.case.based and name in self.refs()}  # fmt: skip
        used = {name for _, part in self.parts[table] for texts in part.texts.values() for name in texts} | {
            name for name in known if known[name].required
        }
        folded = [bool(count) and name not in used for name, _ in heads]
        for at, (name, unit) in enumerate(heads):
            self.column(sheet, table, at, known[name], unit, folded=_fold(folded, at))
            checked = rule(known[name], unit=unit, cell=f"{letter(at + 1)}2", names=names)
            if checked:
                sheet.data_validation(1, at, count + _SPARE, at, checked)
        self.text(sheet, 0, len(heads), FILE, self.dress.head(required=False))
        told = "The file of the case that the row belongs to; empty: that of the row above"
        sheet.write_comment(0, len(heads), told, note_size(told))
        paths = [path for path, _ in self.parts[table]]
        sheet.set_column(len(heads), len(heads), width(paths, FILE), self.dress.dim(), _fold([*folded, False], len(heads)))
        sheet.set_row(0, 34)
        self.rows(sheet, table)
        sheet.freeze_panes(1, len(TABLES[table].key) if len(TABLES[table].key) < 3 else 1)
        sheet.autofilter(0, 0, max(count, 1), len(heads))
        if not count:
            sheet.hide()

    def refs(self) -> set[str]:
        """Tables that others refer to."""
        return {column.ref for row in TABLES.values() for column in columns(row).values() if column.ref}

    def column(self, sheet: Any, table: str, at: int, column: Column, unit: str, *, folded: Mapping[str, Any]) -> None:
        """Header, note, width and look of a column."""
        head = f"{column.name}\n[{unit}]" if unit else column.name
        texts = [texts.get(column.name, "") for _, part in self.parts[table] if (column.name, unit) in part.columns for texts in part.texts.values()]
        numeric = column.kind in ("whole", "number", "path")
        look = self.dress.typed() if numeric else self.dress.word(key=column.name in TABLES[table].key)
        most = 24 if numeric and len(head) < 24 else None
        wide = width(texts, head)
        sheet.set_column(at, at, min(wide, most) if most and wide > most else wide, look, folded)
        self.text(sheet, 0, at, head, self.dress.head(required=column.required))
        told = f"{column.help}\n({nature(column)})"
        sheet.write_comment(0, at, told, note_size(told))

    def rows(self, sheet: Any, table: str) -> None:
        """Every row of every file of a table."""
        row = 0
        known = columns(TABLES[table])
        for path, part in self.parts[table]:
            spots = [(at, name) for at, (name, unit) in enumerate(self.heads[table]) if (name, unit) in part.columns]
            for texts in part.texts.values():
                row += 1
                for at, name in spots:
                    if name in texts:
                        self.cell(sheet, row, at, texts[name], known[name], key=name in TABLES[table].key)
                self.text(sheet, row, len(self.heads[table]), path, self.dress.dim())

    def cell(self, sheet: Any, row: int, at: int, text: str, column: Column, *, key: bool) -> None:
        """A cell: a number where the spreadsheet keeps it whole, a fact with its note, else text."""
        if column.kind not in ("whole", "number", "path"):
            self.text(sheet, row, at, text, self.dress.word(key=key))
            return
        value = exact(text)
        if value is not None:
            self.cells += 1
            sheet.write_number(row, at, value, self.dress.typed(text))
        elif text.startswith(("@", "-@")):
            self.text(sheet, row, at, text, self.dress.fact())
            note = self.cited.note(text, f"{sheet.get_name()}!{letter(at + 1)}{row + 1}")
            if note:
                sheet.write_comment(row, at, note[:2000], note_size(note[:2000]))
        else:
            self.text(sheet, row, at, text, self.dress.written())

    def facts(self) -> None:
        sheet, dress = self.sheet(FACTS, "info"), self.dress
        rows = list(self.cited.rows())
        for at, name in enumerate(HEADS):
            wide = width([row[at] for row in rows], name)
            sheet.set_column(at, at, {1: 16, 2: 16, 3: 16, 7: 80, 8: 40, 9: 60}.get(at, wide))
            self.text(sheet, 0, at, name, dress.head(required=False))
        for row, texts in enumerate(rows, start=1):
            for at, text in enumerate(texts):
                value = exact(text) if at in (1, 2, 3) else None
                if value is not None:
                    sheet.write_number(row, at, value, dress.format(align="right"))
                elif text:
                    self.text(sheet, row, at, text, dress.format(bold=at == 0, align="right" if at in (1, 2, 3) else "left"))
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(len(rows), 1), len(HEADS) - 1)
        if not rows:
            sheet.hide()

    def hidden(self, version: str) -> None:
        sheet = self.book.add_worksheet(SHEET)
        used = tuple(table for table in TABLES if self.counts[table])
        for row, texts in enumerate(remembered(Origin(self.case.files, used), version)):
            for at, text in enumerate(texts):
                if text:
                    self.text(sheet, row, at, text, None)
        sheet.very_hidden()

    def sheet(self, name: str, tab: str) -> Any:
        """A sheet that prints well: landscape, as wide as the page, its header on every page."""
        made = self.book.add_worksheet(name)
        made.set_tab_color(_TABS[tab])
        made.set_landscape()
        made.set_paper(9)
        made.fit_to_pages(1, 0)
        made.repeat_rows(0)
        made.set_footer("&L&F&C&A&R&P / &N")
        made.set_comments_author("Barbell")
        return made


def _fold(folded: Sequence[bool], at: int) -> dict[str, Any]:
    """How a column takes part in folding: folded away itself, or the one that shows the + for those before it."""
    if folded[at]:
        return {"level": 1, "hidden": True}
    return {"collapsed": True} if at and folded[at - 1] else {}


def _heads(table: str, parts: Sequence[Original], money: str) -> list[tuple[str, str]]:
    """Columns of a sheet: every field in the order of the registry, once for each unit that the files count it in."""
    units: dict[str, list[str]] = {}
    for part in parts:
        for name, unit in part.columns:
            if unit not in units.setdefault(name, []):
                units[name].append(unit)
    known = columns(TABLES[table])
    return [(name, unit) for name, column in known.items() for unit in units.get(name, [_own(column, money)])]


def _own(column: Column, money: str) -> str:
    """Unit in the header of a column that no file has yet: that of its field, in the money of the case."""
    return column.unit.replace("{money}", money or "{money}") if column.labelled else ""
