"""What people and spreadsheets do to a workbook: told with sheet and cell, or mended with a notice."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from barbell.core.errors import CaseError
from barbell.io.case import judged
from barbell.io.workbook import taken
from tests.io.workbook.conftest import small_book
from tests.io.workbook.damage import NAME, address


def rows(name):
    with (Path(__file__).parent / name).open(newline="", encoding="utf-8") as file:
        return [tuple(row) for row in csv.reader(file)][1:]


def told(file, folder):
    """The workbook as read, and its faults as they are told."""
    faults = []
    found = taken(file, folder, faults)
    if found is not None:
        judged(found.layer, None, faults)
        faults = found.told(faults)
    return found, CaseError(faults, folder=file.name).faults


def spot(place):
    """How a place is told: the sheet, the cell."""
    if place == "case.yaml":
        return place
    if "!" not in place:
        return f"{NAME}!{place}"
    return f"{NAME}!{'!'.join(address(small_book(), place))}"


DAMAGES, MENDED = rows("damages.csv"), rows("mended.csv")


@pytest.mark.parametrize(("do", "place", "value", "problem", "fix"), [row[1:] for row in DAMAGES], ids=[row[0] for row in DAMAGES])
def test_damage_is_told_with_its_cell(spoilt, tmp_path, do, place, value, problem, fix):
    _, found = told(spoilt(do), tmp_path / "out")
    where = spot(place)
    hits = [f for f in found if str(f.where).startswith(where) and problem in f.problem]
    assert hits, "\n".join(map(str, found))
    assert value.encode().decode("unicode_escape") in hits[0].value and fix in hits[0].fix
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("do", "file", "text", "notice"), [row[1:] for row in MENDED], ids=[row[0] for row in MENDED])
def test_what_means_one_thing_only_is_mended(spoilt, tmp_path, do, file, text, notice):
    found, faults = told(spoilt(do), tmp_path / "out")
    assert faults == ()
    assert text.replace("\\n", "\n") in found.files[file]
    notices = "\n".join(map(str, found.notices))
    assert notice in notices if notice else notices == ""


def test_all_damage_is_told_at_once(spoilt, tmp_path):
    _, found = told(spoilt("text assets!hall.capex x | date places!va.kind 2026-02-01 | text payments!half.anchor odrer"), tmp_path)
    assert {str(f.where).partition(" ")[0] for f in found} == {f"{NAME}!{cell}" for cell in ("assets!C2", "places!B3", "payments!B2")}


@pytest.mark.parametrize(
    "do",
    [
        "text case!A30 nme | text case!B30 x",
        "merge assets!D2:D3",
        "formula assets!hall.capex =6*2",
        "date cohorts!old.service 2024-03-15",
        "number assets!hall.name 12",
    ],
)
def test_a_cell_that_cannot_be_read_is_told_once(spoilt, tmp_path, do):
    assert len(told(spoilt(do), tmp_path)[1]) == 1
