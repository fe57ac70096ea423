"""How a workbook looks: formats told apart by weight and slant as well as by colour, so that they survive print and any eye."""

from __future__ import annotations

import re
from typing import Any

from barbell.io.workbook.grid import number

_INK, _PAPER, _TYPED, _SHADE, _DIM = "#1D2B3A", "#FFFFFF", "#1F3FA0", "#FFF4D6", "#6B7280"
_OPTIONAL = "#4A6076"
_NUMBER = re.compile(r"[-+]?(?:[0-9][0-9_]*\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_TAIL = re.compile(r"-?[0-9]+\.([0-9]*0)")
_NOTE_SIGNS = 54  # in a line of a note of 333 pixels; a note is 74 pixels high unless told otherwise
NARROWEST, WIDEST = 9, 44


class Dress:
    """The formats of one workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def format(self, **look: Any) -> Any:
        """A format by its properties."""
        key = tuple(sorted(look.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({"font_name": "Calibri", "font_size": 11, "valign": "top", **look})
        return self._made[key]

    def head(self, *, required: bool) -> Any:
        """Header of a column: darkest where the column is required."""
        fill = _INK if required else _OPTIONAL
        return self.format(bold=True, font_color=_PAPER, bg_color=fill, text_wrap=True, valign="vcenter", border=1, border_color=_PAPER)

    def word(self, *, key: bool = False) -> Any:
        """Words and months, kept as text; what names a row is bold."""
        return self.format(num_format="@", bold=key)

    def typed(self, text: str = "") -> Any:
        """A number that stands in the case itself, shown with the zeros that it has at its end."""
        tail = _TAIL.fullmatch(text)
        shown = {"num_format": f"0.{'0' * len(tail[1])}"} if tail else {}
        return self.format(font_color=_TYPED, align="right", **shown)

    def written(self) -> Any:
        """Text in a column of numbers: a path over time, a number with its unit."""
        return self.format(font_color=_TYPED, num_format="@", align="right")

    def setting(self) -> Any:
        """The value of a setting."""
        return self.format(font_color=_TYPED, num_format="@", text_wrap=True)

    def fact(self, align: str = "right") -> Any:
        """A cell that names a fact: slanted, on a shade that prints as light grey."""
        return self.format(italic=True, num_format="@", bg_color=_SHADE, align=align, bottom=4, bottom_color=_DIM)

    def dim(self) -> Any:
        """What need not be read: the file of a row, explanations."""
        return self.format(num_format="@", font_color=_DIM)

    def plain(self) -> Any:
        """Text that runs over several lines."""
        return self.format(text_wrap=True)

    def title(self) -> Any:
        """The title of the first sheet."""
        return self.format(bold=True, font_size=18)

    def section(self) -> Any:
        """A heading on the first sheet."""
        return self.format(bold=True, font_size=12, bottom=1)


def exact(text: str) -> float | None:
    """The number that a text is, where a spreadsheet keeps it whole (it stores 16 digits here); None where it stays text."""
    if _NUMBER.fullmatch(text) is None:
        return None
    value = float(text.replace("_", ""))
    return value if abs(value) < 1e300 and float(f"{value:.16G}") == value and float(number(value)) == value else None


def note_size(text: str) -> dict[str, float]:
    """Size of a note that shows all of its text."""
    lines = sum(1 + len(line) // _NOTE_SIGNS for line in text.split("\n"))
    return {"x_scale": 2.6, "y_scale": max(0.6, (lines + 1) * 15 / 74)}


def width(texts: list[str], head: str) -> float:
    """Width of a column: that of nearly all of its texts, within bounds."""
    lengths = sorted(max(map(len, text.split("\n"))) for text in texts if text) or [0]
    usual = lengths[min(len(lengths) - 1, int(len(lengths) * 0.98))]
    return min(max(NARROWEST, usual + 2, max(map(len, head.split("\n"))) + 3), WIDEST)
