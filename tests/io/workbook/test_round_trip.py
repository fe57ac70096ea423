"""A case comes back from a workbook as it went in: every file, every cell, the case that is read, the key of its run."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from barbell.io import read
from barbell.io.case import judged
from barbell.io.workbook import source, taken
from barbell.study.known import known
from barbell.study.run import key
from tests.conftest import ROOT
from tests.io.workbook.conftest import written

CASES = sorted(file.parent.name for file in (ROOT / "cases").glob("*/case.yaml"))


def through_an_editor(data: bytes) -> bytes:
    """The workbook opened and saved by another program."""
    out = io.BytesIO()
    load_workbook(io.BytesIO(data)).save(out)
    return out.getvalue()


def back(data: bytes, place: Path):
    """The files of a workbook, and what reading it told."""
    file = place.parent / f"{place.name}.xlsx"
    file.write_bytes(data)
    faults = []
    found = taken(file, place, faults)
    assert faults == [] and found.notices == []
    return found


@pytest.mark.parametrize("edited", [False, True], ids=["as written", "saved by an editor"])
@pytest.mark.parametrize("name", CASES)
def test_every_file_comes_back(name, edited, tmp_path):
    folder = ROOT / "cases" / name
    data = written(folder, known)
    found = back(through_an_editor(data) if edited else data, tmp_path / name)
    assert found.files == dict(source(folder).files)


@pytest.mark.parametrize("name", [name for name in CASES if name != "amazon-2026"])  # which takes seconds to read, thrice
def test_the_case_that_is_read_is_the_same(name, tmp_path):
    folder = ROOT / "cases" / name
    found = back(written(folder, known), tmp_path / name)
    for path, text in found.files.items():
        (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name / path).write_text(text, encoding="utf-8")
    faults = []
    one, two, three = read(folder, None, known), read(tmp_path / name, None, known), judged(found.layer, known, faults)
    assert faults == [] and one.tables == two.tables == three.tables
    assert one == two == three and key(one) == key(two)


def test_what_is_checked_is_what_is_written(good, tmp_path):
    """The layer that is judged comes from the text that is written, also where nothing is remembered of the files."""
    data = through_an_editor(written(good.folder))
    book = load_workbook(io.BytesIO(data))
    del book["_barbell"]
    out = io.BytesIO()
    book.save(out)
    file = tmp_path / "small.xlsx"
    file.write_bytes(out.getvalue())
    faults = []
    found = taken(file, tmp_path / "again" / "small", faults)
    case = judged(found.layer, None, faults)
    assert faults == [] and case.tables == read(good.folder).tables and "1.5" in str(found.layer.overrides)


def test_numbers_keep_their_writing_and_are_numbers(good, tmp_path):
    good.edit("places.csv", "name,kind,parent", "name,kind,parent,note").edit("places.csv", "earth,world,", "earth,world,,")
    good.edit("places.csv", "va,site,earth", 'va,site,earth,"1e6, and ""0.10"""').edit("places.csv", "tx,site,earth", "tx,site,earth,# note")
    good.edit("build/assets.csv", "MW,12,build,240", "MW,1.20e1,build,+240").edit("build/payments.csv", "order,0,0.5", "order,0,0.50")
    good.edit("build/indices.csv", "concrete,1,3 %", "concrete,1_000,0.0300")
    data = written(good.folder)
    assets = load_workbook(io.BytesIO(data))["assets"]
    assert (assets["C2"].value, assets["E2"].value) == (12, 240)
    assert back(through_an_editor(data), tmp_path / "small").files == dict(source(good.folder).files)


def test_a_base_is_left_where_it_is(good, tmp_path):
    good.write("../next/case.yaml", "base: ../small\nname: next\n").write(
        "../next/assets.csv", "name,unit,capex [MUSD2026/{unit}],programme,life_months\nhall,MW,9,build,200\n"
    )
    folder = good.folder.parent / "next"
    found = back(written(folder), good.folder.parent / "copy")
    assert found.files.keys() == {"case.yaml", "assets.csv"}
    faults = []
    case = judged(found.layer, None, faults)
    assert faults == [] and case == read(folder)
