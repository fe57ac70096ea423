"""Sheets as grids, against another reader; and what number formats make of numbers."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta

import pytest
import python_calamine
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from barbell.io.workbook import grid, package
from tests.conftest import ROOT
from tests.io.workbook.conftest import small, written


def read(data):
    return grid._Reader(package.Package(data)).book()


def made(fill):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    fill(book, book.add_worksheet("one"))
    book.close()
    return read(out.getvalue()).grids[0].cells


@pytest.mark.parametrize("data", [small, lambda: written(ROOT / "cases" / "neocloud")], ids=["small", "neocloud"])
def test_another_reader_sees_the_same_cells(data):
    ours = {one.name: one for one in read(data()).grids}
    theirs = python_calamine.load_workbook(io.BytesIO(data()))
    assert list(ours) == theirs.sheet_names
    for name, one in ours.items():
        rows = theirs.get_sheet_by_name(name).to_python(skip_empty_area=False)
        seen = {(r, c): v for r, row in enumerate(rows, start=1) for c, v in enumerate(row, start=1) if v != ""}
        assert seen.keys() == one.cells.keys()
        assert all((entry.text if entry.kind == "text" else float(entry.text)) == seen[at] for at, entry in one.cells.items())


@pytest.mark.parametrize(
    ("shown", "kind"),
    [
        ("0.00", "number"), ("#,##0", "number"), ('0.0 "MW/year"', "number"), ("[Red]0", "number"), ("General", "number"), ("0E+0", "number"),
        ("0%", "percent"), ("0.00%", "percent"), ("yyyy-mm-dd", "date"), ("mmm-yy", "date"), ("mmm", "date"), ("[$-409]d. mmm yyyy", "date"),
        ("[h]:mm", "time"), ("hh:mm:ss", "time"), ("mm:ss", "time"), ("@", "number"), ('0 "days"', "number"), ("0\\d", "number"),
    ],
)  # fmt: skip
def test_a_number_is_what_its_format_shows(shown, kind):
    cells = made(lambda book, sheet: sheet.write_number(0, 0, 46024, book.add_format({"num_format": shown})))
    assert cells[1, 1].kind == kind


@pytest.mark.parametrize(("code", "kind"), [(14, "date"), (9, "percent"), (10, "percent"), (20, "time"), (22, "date"), (2, "number"), (49, "number")])
def test_formats_without_a_text_are_known(code, kind):
    assert made(lambda book, sheet: sheet.write_number(0, 0, 3, book.add_format({"num_format": code})))[1, 1].kind == kind


@pytest.mark.parametrize("early", [False, True])
def test_dates_in_both_calendars(early):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "date_1904": early})
    book.add_worksheet("one").write_datetime(0, 0, datetime(2026, 7, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
    book.close()
    assert read(out.getvalue()).grids[0].cells[1, 1].text == "2026-07-01T00:00:00"


@given(st.dates(date(1900, 3, 1), date(9999, 12, 30)))
@settings(max_examples=30, deadline=None)
def test_every_day_is_that_day(day):
    cells = made(lambda book, sheet: sheet.write_datetime(0, 0, datetime(day.year, day.month, day.day), book.add_format({"num_format": 14})))
    assert cells[1, 1].text == (datetime(1899, 12, 30) + timedelta(days=(day - date(1899, 12, 30)).days)).isoformat()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_as_text_means_the_same(value):
    assert float(grid.number(value)) == value


@given(st.text(min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_any_text_comes_through_except_its_line_breaks(text):
    cells = made(lambda book, sheet: sheet.write_string(0, 0, text))
    assert cells[1, 1].text == text.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize(("column", "name"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (703, "AAA"), (16384, "XFD")])
def test_columns_have_letters(column, name):
    assert grid.letter(column) == name and grid.spot(f"{name}7") == (7, column)


def test_formulas_errors_and_switches():
    def fill(_, sheet):
        sheet.write_formula(0, 0, "=1+1", None, 2)
        sheet.write_formula(1, 0, "=1/0", None, "#DIV/0!")
        sheet.write_boolean(2, 0, boolean=True)
        sheet.write_blank(3, 0, None)
        sheet.merge_range("B1:C2", "x")

    cells = made(fill)
    assert cells[1, 1] == grid.Entry("number", "2", "1+1") and cells[2, 1] == grid.Entry("error", "#DIV/0!", "1/0")
    assert cells[3, 1] == grid.Entry("flag", "true") and (4, 1) not in cells and cells[1, 2].text == "x"
