"""A small evaluator of the formulas that the workbook uses, written apart from it: it reads the file and knows nothing of Barbell.

Cells are worked out in the order in which they need each other. Functions: SUM, SUMIFS, SUMPRODUCT, MAX, ABS, ROUND; operators + - * / ^ and
= between ranges.
"""

import re

import numpy as np
from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string

_TOKEN = re.compile(
    r"(?P<text>\"[^\"]*\")|(?P<ref>(?:(?:'[^']+'|[A-Za-z_][A-Za-z_ ]*)!)?\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)(?![\w(])|(?P<name>[A-Z]+)\(|"
    r"(?P<number>\d+\.?\d*(?:[eE][-+]?\d+)?)|(?P<sign>[-+*/^(),=])|(?P<blank>\s+)"
)
FUNCTIONS = {
    "SUM": lambda *parts: float(sum(np.sum(numbers(part)) for part in parts)),
    "SUMPRODUCT": lambda part: float(np.sum(numbers(part))),
    "MAX": lambda *parts: float(max(np.max(numbers(part)) for part in parts)),
    "ABS": lambda part: np.abs(numbers(part)),
    "ROUND": lambda value, digits: round(float(numbers(value)), int(digits)),
}


def numbers(part):
    """Numbers of a range, words and blanks as nothing."""
    array = np.asarray(part, dtype=object)
    return np.vectorize(lambda cell: float(cell) if isinstance(cell, (int, float, bool, np.bool_)) else 0.0, otypes=[float])(array)


def sumifs(total, *asked):
    keep = np.ones(np.shape(total), bool)
    for where, what in zip(asked[::2], asked[1::2], strict=True):
        keep &= np.asarray(where, dtype=object) == what
    return float(np.sum(numbers(total)[keep]))


class Workbook:
    """The formulas of a file, their cached values, and what they come to."""

    def __init__(self, path):
        self.sheets = {s.title: s for s in load_workbook(path).worksheets}
        self.cached = {s.title: s for s in load_workbook(path, data_only=True).worksheets}
        self.memo = {}

    def formulas(self):
        """(Sheet, cell) of every formula."""
        return [(name, cell.coordinate) for name, s in self.sheets.items() for row in s.iter_rows() for cell in row if cell.data_type == "f"]

    def change(self, sheet, cell, value):
        self.sheets[sheet][cell].value = value
        self.memo.clear()

    def value(self, sheet, cell):
        if (sheet, cell) not in self.memo:
            content = self.sheets[sheet][cell].value
            text = content if isinstance(content, str) and self.sheets[sheet][cell].data_type == "f" else None
            self.memo[sheet, cell] = content if text is None else self.work(text[1:], sheet)
        return self.memo[sheet, cell]

    def span(self, text, here):
        """The value of a reference, or an array of a range."""
        sheet, _, spot = text.rpartition("!")
        sheet, spot = sheet.strip("'") or here, spot.replace("$", "")
        if ":" not in spot:
            return self.value(sheet, spot)
        first, last = spot.split(":")
        (c0, r0), (c1, r1) = ((column_index_from_string(re.match("[A-Z]+", s)[0]), int(re.search(r"\d+", s)[0])) for s in (first, last))
        letters = [self.sheets[sheet].cell(r0, c).column_letter for c in range(c0, c1 + 1)]
        cells = [[self.value(sheet, f"{letter}{r}") for letter in letters] for r in range(r0, r1 + 1)]
        return np.array([[0.0 if cell is None else cell for cell in row] for row in cells], dtype=object)

    def work(self, formula, here):
        """Turn a formula into Python over references, and work it out."""
        out, refs, at = [], [], 0
        while at < len(formula):
            found = _TOKEN.match(formula, at)
            assert found, f"cannot read {formula[at:]!r} of {formula!r}"
            at, kind = found.end(), found.lastgroup
            if kind == "ref":
                out.append(f"_n(_r[{len(refs)}])")
                refs.append(self.span(found["ref"], here))
            elif kind == "name":
                assert found["name"] in FUNCTIONS or found["name"] == "SUMIFS", found["name"]
                out.append(f"_f[{found['name']!r}](")
            elif kind == "sign":
                out.append({"^": "**", "=": "=="}.get(found["sign"], found["sign"]))
            elif kind != "blank":
                out.append(found[0])
        text = "".join(out)
        if "_f['SUMIFS']" in text or "==" in text:
            text = text.replace("_n(", "(")
        names = {"_r": refs, "_f": {**FUNCTIONS, "SUMIFS": sumifs}, "_n": _plain, "__builtins__": {}}
        return eval(text, names)


def _plain(cell):
    """A single cell as a number where it is blank; arrays and words as they are."""
    if isinstance(cell, np.ndarray):
        return numbers(cell)
    return 0.0 if cell is None else cell
