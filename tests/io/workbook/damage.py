"""Damage to a workbook, as people and their spreadsheets do it, one step a line of `damages.csv` or `mended.csv`.

A cell is addressed as ``assets!hall.capex`` (sheet, row by its first cell, field) or ``assets!C3``.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime

from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter

NAME = "small.xlsx"


def head(sheet, name, line=1):
    """Column of a field."""
    for cell in sheet[line]:
        if str(cell.value or "").partition("\n")[0].partition(" [")[0] == name:
            return cell.column
    raise AssertionError(f"{sheet.title} has no column {name}")


def address(book: Workbook, spot: str) -> tuple[str, str]:
    """Sheet and address of a cell."""
    name, _, rest = spot.partition("!")
    if re.fullmatch(r"[A-Z]+[0-9]+(:[A-Z]+[0-9]+)?", rest):
        return name, rest
    sheet = book[name]
    key, _, field = rest.rpartition(".")
    row = next(cell.row for cell in sheet["A"] if cell.value == key)
    return name, f"{get_column_letter(head(sheet, field))}{row}"


def typed(cell, kind, text):
    """Put a value of a kind into a cell."""
    if kind == "text":
        cell.value, cell.data_type = text.encode().decode("unicode_escape"), "s"
    elif kind == "number":
        value, _, shown = text.partition(" ")
        cell.value, cell.number_format = float(value), shown or "General"
    elif kind == "date":
        cell.value, cell.number_format = datetime.fromisoformat(text), "mmm-yy"
    elif kind == "flag":
        cell.value, cell.number_format = text == "true", "General"
    elif kind == "error":
        cell.value, cell.data_type = text, "e"
    elif kind == "formula":
        cell.value = text
    else:
        raise AssertionError(kind)


def apply(book: Workbook, step: str) -> tuple[str, str, str, str] | None:
    """Do one step of damage; what can only be done to the saved file is handed back as (sheet, cell, formula, value)."""
    verb, _, rest = step.partition(" ")
    first, _, more = rest.partition(" ")
    if verb in ("text", "number", "date", "flag", "error", "formula"):
        name, cell = address(book, first)
        typed(book[name][cell], verb, more)
    elif verb == "cached":
        formula, _, value = more.partition(" -> ")
        name, cell = address(book, first)
        book[name][cell] = 1
        return name, cell, formula, value
    elif verb == "merge":
        name, cell = address(book, first)
        book[name].merge_cells(cell)
    elif verb == "name":
        book[first].title = more
    elif verb == "drop":
        del book[rest]
    elif verb == "sheet":
        book.create_sheet(first).append(more.split(","))
    elif verb == "column":
        book[first].delete_cols(head(book[first], more))
    elif verb == "head":
        old, _, new = more.partition(" -> ")
        book[first].cell(1, head(book[first], old)).value = new or None
    elif verb == "swap":
        swap(book[first], *more.split(" "))
    elif verb == "twin":
        sheet, last = book[first], book[first].max_column + 1
        for row in range(1, sheet.max_row + 1):
            sheet.cell(row, last).value = sheet.cell(row, head(sheet, more)).value
    elif verb == "insert":
        at, _, count = more.partition(" ")
        book[first].insert_rows(int(at), int(count))
    elif verb == "delete":
        book[first].delete_rows(*(int(number) for number in more.split(" ")))
    elif verb == "repeat":
        sheet = book[first]
        sheet.append([cell.value for cell in sheet[int(more)]])
    elif verb == "hide":
        book[first].row_dimensions[int(more)].hidden = True
    elif verb == "reverse":
        reverse(book[first])
    else:
        raise AssertionError(step)
    return None


def swap(sheet, one, other):
    """Let two columns change places."""
    left, right = head(sheet, one), head(sheet, other)
    for row in range(1, sheet.max_row + 1):
        a, b = sheet.cell(row, left), sheet.cell(row, right)
        a.value, b.value = b.value, a.value


def reverse(sheet):
    """Sort a table upside down."""
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    for number, row in enumerate(reversed(rows), start=2):
        for column, value in enumerate(row, start=1):
            sheet.cell(number, column).value = value


def damaged(data: bytes, steps: str) -> bytes:
    """A workbook with damage done, saved as an editor would."""
    book = load_workbook(io.BytesIO(data))
    later = [found for step in steps.split(" | ") if (found := apply(book, step))]
    out = io.BytesIO()
    parts = {sheet.title: f"xl/worksheets/sheet{number}.xml" for number, sheet in enumerate(book.worksheets, start=1)}
    book.save(out)
    data = out.getvalue()
    for name, cell, formula, value in later:
        data = edited(data, parts[name], rf'<c r="{cell}"([^>]*?)( t="[a-z]+")?><v>1</v></c>', cached(cell, formula, value))
    return data


def cached(cell, formula, value):
    """A cell with a formula and the value that it gave."""
    kind = "e" if value.startswith("#") else "b" if value in ("TRUE", "FALSE") else "n" if re.fullmatch(r"[-0-9.]+", value) else "str"
    return rf'<c r="{cell}"\1 t="{kind}"><f>{formula}</f><v>{value.replace("TRUE", "1")}</v></c>'


def edited(data: bytes, part: str, old: str, new: str) -> bytes:
    """A package with one part edited."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            text = source.read(name)
            if name == part:
                changed, count = re.subn(old, new, text.decode())
                assert count == 1, f"{old} stands {count} times in {part}"
                text = changed.encode()
            target.writestr(name, text)
    return out.getvalue()
