"""What a person sees in a workbook: headers with units and help, choices, bounds, facts with their sources, a guide."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from barbell.core.case import TABLES
from barbell.core.column import columns
from barbell.core.errors import CaseError
from barbell.core.relations import Fact
from barbell.io.workbook.dress import exact, note_size, width
from tests.io.conftest import GOOD
from tests.io.workbook.conftest import written
from tests.io.workbook.damage import head

KNOWN = {
    "hall": Fact(
        name="hall", value="11.5", unit="MUSD2026/MW", as_of="2025-12-01", source="Vendor, https://example.org/a", grade="B", low="9", high="13"
    )
}


@pytest.fixture
def book(good):
    good.edit("build/assets.csv", "MW,12,build", "MW,@hall,build")
    return load_workbook(io.BytesIO(written(good.folder, lambda _: KNOWN)))


def test_every_table_has_a_sheet_and_a_header_that_explains_itself(book):
    assert book.sheetnames == ["read me", "case", *TABLES, "known facts", "_barbell"]
    for table, row in TABLES.items():
        for name, column in columns(row).items():
            cell = book[table].cell(1, head(book[table], name))
            assert column.help in cell.comment.text
            in_cells = any(name in text for file, text in GOOD.items() if file.endswith(f"{table}.csv"))
            assert not column.labelled or "[" in cell.value or in_cells, f"{table}.{name} says no unit"


def test_tables_can_be_worked_with(book):
    sheet = book["assets"]
    assert sheet.freeze_panes == "B2" and sheet.auto_filter.ref == "A1:V4" and sheet.print_title_rows == "$1:$1"
    assert book["options"].freeze_panes == "C2"
    folded = {column for column, look in sheet.column_dimensions.items() if look.hidden}
    assert folded and all(sheet[f"{column}2"].value is None for column in folded)
    assert (book["_barbell"].sheet_state, book["gates"].sheet_state, book["case"].sheet_state) == ("veryHidden", "visible", "visible")


def rules(sheet, name):
    letter = sheet.cell(1, head(sheet, name)).column_letter
    return [rule for rule in sheet.data_validations.dataValidation if str(rule.sqref).startswith(f"{letter}2:")]


def test_words_are_chosen_and_numbers_bounded(book):
    assert rules(book["resources"], "kind")[0].formula1 == '"flow,stock,allowance"'
    (name,) = rules(book["options"], "asset")
    assert name.formula1 == "'assets'!$A$2:$A$504" and name.errorStyle == "warning"
    assert rules(book["assets"], "retirable")[0].formula1 == '"true,false"'
    assert rules(book["entities"], "tax_rate")[0].formula1 == "OR(ISTEXT(I2),AND(I2>=0,I2<=1))"
    assert rules(book["assets"], "capex")[0].formula1 == "OR(ISTEXT(C2),AND(C2>=0))", "bounds count in the unit of the field; zero is zero in all"
    assert "=INT(" in rules(book["assets"], "life_months")[0].formula1
    assert not rules(book["assets"], "note")


def test_a_base_gives_names_that_the_workbook_does_not_know(good):
    good.write("../next/case.yaml", "base: ../small\n").write("../next/options.csv", "asset,place\nhall,earth\n")
    sheet = load_workbook(io.BytesIO(written(good.folder.parent / "next")))["options"]
    assert not rules(sheet, "asset")


def test_facts_say_what_they_are_and_who_uses_them(book):
    cell = book["assets"]["C2"]
    for told in ("@hall = 11.5 MUSD2026/MW", "range 9 to 13", "grade B: cross-checked", "known from 2025-12-01", "Vendor", "https://example.org/a"):
        assert told in cell.comment.text
    assert cell.value == "@hall" and cell.font.i and cell.fill.fill_type == "solid", "told by slant and shade, not by colour alone"
    rows = [[cell.value for cell in row] for row in book["known facts"].iter_rows()]
    assert rows[1] == ["hall", 11.5, 9, 13, "MUSD2026/MW", "B", "2025-12-01", "Vendor", "https://example.org/a", "assets!C2"]
    assert rows[2][0] == "liquid_cost" and rows[2][1] == 14000, "the version that the day of the case sees"


def test_numbers_are_numbers_and_paths_are_text(book):
    assert (book["assets"]["E2"].value, book["indices"]["B2"].value) == (240, 1)
    assert book["demands"]["F2"].value == "2026:100 2027:400 Mtok/h" and book["cohorts"]["E2"].value == "2024-03"
    assert book["cohorts"]["E2"].number_format == book["cohorts"].column_dimensions["E"].number_format == "@", "months stay text when typed"


def test_the_guide_names_the_commands_and_the_sheets(book):
    told = "\n".join(str(cell.value) for row in book["read me"].iter_rows() for cell in row if cell.value)
    for words in (
        "The case small",
        "barbell case import small.xlsx --to",
        "--into small",
        "'@name",
        "known facts",
        "Something counted that must balance",
    ):
        assert words in told


NUMBERS = {"12": 12.0, "1e6": 1e6, "0.10": 0.1, "1_000": 1000.0, "2026": 2026.0, "0.30000000000000004": None, "12 MW": None, "@a": None, "nan": None}


@pytest.mark.parametrize(("text", "value"), NUMBERS.items())
def test_only_what_a_spreadsheet_keeps_whole_is_a_number(text, value):
    assert exact(text) == value


def test_one_long_text_does_not_widen_a_column():
    assert width(["short"] * 99 + ["x" * 300], "head") == 9 and width(["x" * 300], "head") == 44


def test_a_note_is_as_high_as_its_text():
    assert note_size("short")["y_scale"] < note_size("x" * 300)["y_scale"] < note_size("x\n" * 30)["y_scale"]


def test_a_text_that_no_cell_can_hold_is_told(good):
    good.edit("places.csv", "name,kind,parent", "name,kind,parent,note").edit("places.csv", "earth,world,", f"earth,world,,{'x' * 33000}")
    good.edit("places.csv", "va,site,earth", "va,site,earth,").edit("places.csv", "tx,site,earth", "tx,site,earth,")
    with pytest.raises(CaseError, match="33,000 signs in one cell"):
        written(good.folder)
