"""What a workbook remembers, and what it changed."""

from __future__ import annotations

from dataclasses import replace

from barbell.io.workbook.differ import Change, changes
from barbell.io.workbook.grid import Entry, Grid
from barbell.io.workbook.origin import SHEET, Origin, recalled, remembered

BEFORE = {
    "case.yaml": "money: MUSD2026\nset: {assets.hall.life_months: 9}\n",
    "a/assets.csv": "name,capex [MUSD2026/MW],note\nhall,12,old\nland,@land,\n",
}


def test_nothing_changed():
    assert changes(BEFORE, dict(BEFORE)) == ()


def test_cells_that_change_appear_and_go():
    after = {"case.yaml": "money: MUSD2026\nas_of: 2026-01-01\n", "b/assets.csv": "name,capex [MUSD2026/MW]\nland,@land\nhall,13\nshell,9\n"}
    assert changes(BEFORE, after) == (
        Change("case.set.assets.hall.life_months", "9", ""),
        Change("assets.hall.capex", "12 MUSD2026/MW", "13 MUSD2026/MW"),
        Change("assets.hall.note", "old", ""),
        Change("case.as_of", "", "2026-01-01"),
        Change("assets.shell.name", "", "shell"),
        Change("assets.shell.capex", "", "9 MUSD2026/MW"),
    )


def test_a_unit_that_changes_in_the_header_changes_every_cell():
    after = BEFORE | {"a/assets.csv": BEFORE["a/assets.csv"].replace("MUSD2026/MW", "kUSD2026/MW")}
    assert changes(BEFORE, after) == (Change("assets.hall.capex", "12 MUSD2026/MW", "12 kUSD2026/MW"),)


def sheet(origin):
    cells = {}
    for row, texts in enumerate(remembered(origin, "1.0"), start=1):
        cells |= {(row, column): Entry("text", text) for column, text in enumerate(texts, start=1) if text}
    return Grid(SHEET, hidden=True, cells=cells)


def test_a_workbook_remembers_files_to_the_letter():
    origin = Origin({"case.yaml": "a: b\n\n  # x\n", "assets.csv": "name\n|x|\n"}, ("assets",))
    assert recalled([sheet(origin)]) == origin
    assert recalled([]) is None


def test_a_change_of_the_hidden_sheet_is_seen():
    grid = sheet(Origin(BEFORE, ("assets",)))
    row = next(row for (row, column), entry in grid.cells.items() if column == 3 and "hall,12" in entry.text)
    grid.cells[row, 3] = replace(grid.cells[row, 3], text="|hall,13,old")
    assert not recalled([grid]).whole
