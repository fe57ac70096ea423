"""A workbook in the making: sheets, formats, and where each number of the run stands, so that formulas can point to it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from barbell.study.chain import Book, Node

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

HEAD = 3
"""Row (from 0) of the heads of every table; above it stand the title and a sentence."""
_DEEP = 4
"""Levels of formulas that one cell takes up, where what it reads has no cell of its own."""
FORMATS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "quiet": {"font_color": "#59636E", "text_wrap": False},
    "head": {"bold": True, "bg_color": "#DCEBF7", "bottom": 1, "text_wrap": True, "valign": "top"},
    "text": {}, "wrap": {"text_wrap": True, "valign": "top"}, "link": {"font_color": "#0072B2", "underline": 1},
    "input": {"font_color": "#0000FF", "num_format": "#,##0.######"},
    "held": {"font_color": "#59636E", "num_format": "#,##0.00;-#,##0.00;-"},
    "live": {"num_format": "#,##0.00;-#,##0.00;-"},
    "total": {"num_format": "#,##0.00;-#,##0.00;-", "bold": True, "top": 1},
    "rate": {"num_format": "0.0000;-0.0000;-"}, "held rate": {"num_format": "0.0000;-0.0000;-", "font_color": "#59636E"},
    "percent": {"num_format": "0.0%", "italic": True},
    "check": {"num_format": "0.000;-0.000;0", "bold": True},
}  # fmt: skip
"""Blue is an input, grey is held fixed as the run decided it, black is a formula."""


def column(n: int) -> str:
    """Letters of a column, counted from 0."""
    letters = ""
    while n >= 0:
        n, rest = divmod(n, 26)
        letters, n = chr(65 + rest) + letters, n - 1
    return letters


@dataclass
class Binder:
    """Sheets by name, and the cell of each number that has one, such as ``lines!$F$12``."""

    workbook: Workbook
    book: Book
    cells: dict[str, str] = field(default_factory=dict)
    assumed: dict[str, Node] = field(default_factory=dict)
    """Cells of the case that formulas read, in the order in which they were asked for."""
    sheets: dict[str, Worksheet] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.formats: dict[str, Format] = {name: self.workbook.add_format(look) for name, look in FORMATS.items()}

    def add(self, name: str) -> None:
        """An empty sheet: the order in which they are added is that of the tabs."""
        self.sheets[name] = self.workbook.add_worksheet(name)

    def sheet(self, name: str, title: str, said: str, heads: Sequence[str], widths: Sequence[float], *, frozen: int = 0) -> Worksheet:
        """A new sheet with its title, a sentence on it and heads; frozen below the heads and right of `frozen` columns; set up to print."""
        made = self.sheets[name]
        made.write(0, 0, title, self.formats["title"])
        made.write(1, 0, said, self.formats["quiet"])
        for n, head in enumerate(heads):
            made.write(HEAD, n, head, self.formats["head"])
        for n, width in enumerate(widths):
            made.set_column(n, n, width)
        made.freeze_panes(HEAD + 1, frozen)
        made.set_landscape()
        made.set_paper(9)
        made.fit_to_pages(1, 0)
        made.repeat_rows(HEAD)
        made.set_footer("&L&A&RPage &P of &N")
        made.hide_gridlines(2)
        return made

    def put(self, sheet: Worksheet, row: int, col: int, formula: str, value: float, look: str = "live") -> None:
        """A formula with the value that it has now."""
        sheet.write_formula(row, col, f"={formula}", self.formats[look], value)

    def place(self, address: str, sheet: str, row: int, col: int) -> None:
        """Remember where a number stands."""
        self.cells[address] = f"{sheet}!${column(col)}${row + 1}"

    def ref(self, address: str, depth: int = _DEEP) -> str:
        """What a formula writes for a number: its cell, an input on the sheet of assumptions, the formula of what has no cell, or itself."""
        if address in self.cells:
            return self.cells[address]
        node = self.book.find(address)
        if node is None:
            raise KeyError(address)
        if _is_cell(address) and math.isfinite(node.value):
            self.assumed[address] = node
            self.cells[address] = f"assumptions!$C${HEAD + 1 + len(self.assumed)}"
            return self.cells[address]
        if node.formula and node.inputs and depth:
            return f"({self.formula(node, depth - 1)})"
        return repr(node.value)

    def formula(self, node: Node, depth: int = _DEEP) -> str:
        """The formula of a number over the cells of its inputs."""
        parts = [(one, self.ref(one.address, depth)) for one in node.inputs]
        if node.formula == "sum":
            text = "".join(f"{'-' if one.times < 0 else '+'}{'' if abs(one.times) == 1 else f'{abs(one.times)!r}*'}{ref}" for one, ref in parts)
            return text.removeprefix("+") or "0"
        if node.formula == "product":
            text = "".join(f"{'/' if one.times < 0 else '*'}{ref}" for one, ref in parts)
            return text.removeprefix("*") if text.startswith("*") else f"1{text}"
        names = {one.name: ref for one, ref in parts}
        return re.sub(r"[A-Za-z_]\w*", lambda word: names.get(word[0], word[0].upper()), node.formula).replace("**", "^")


def _is_cell(address: str) -> bool:
    """Whether an address is that of a cell of the case (or of its mean over a period), and not of the calendar."""
    return "." in address.split("/", maxsplit=1)[0] and not address.startswith(("horizon.", "@"))
