"""A case out into a workbook and back: whole or not at all, never over somebody's work, and killed at any moment."""

from __future__ import annotations

import shutil

import pytest
from openpyxl import load_workbook

from barbell.core.errors import CaseError
from barbell.io.case import read
from barbell.io.landing import land
from barbell.study.exchange import bring, export
from barbell.study.known import known
from barbell.study.run import key
from tests import crash
from tests.conftest import ROOT

TOY = ROOT / "cases" / "toy"


@pytest.fixture
def toy(tmp_path):
    """A copy of the toy, and its workbook."""
    shutil.copytree(TOY, tmp_path / "toy")
    return tmp_path / "toy", export(tmp_path / "toy", tmp_path / "toy.xlsx").path


def edit(file, sheet, cell, value):
    book = load_workbook(file)
    book[sheet][cell] = value
    book.save(file)


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(problem, *arguments, **more):
    with pytest.raises(CaseError, match=problem):
        bring(*arguments, **more)


def test_there_and_back_is_the_same_case(toy, tmp_path):
    folder, file = toy
    found = bring(file, to=tmp_path / "new" / "toy")
    assert files(tmp_path / "new" / "toy") == files(folder) and found.changes == () and found.notices == ()
    again = read(found.folder, None, known)
    assert key(again) == key(read(folder, None, known)) and found.case == again


def test_what_changed_is_told_cell_by_cell(toy, tmp_path):
    _, file = toy
    edit(file, "limits", "D2", "9 MW")
    edit(file, "assets", "F3", 6)
    edit(file, "case", "B7", "2026Q1")
    found = bring(file, to=tmp_path / "mine")
    assert {change.path: change[1:] for change in found.changes} == {
        "case.horizon.start": ("2026", "2026Q1"),
        "limits.grid.bound": ("7.5 MW", "9 MW"),
        "assets.chip.lead_months": ("0", "6"),
    }
    assert read(tmp_path / "mine", None, known).tables.limits[0].bound.values == (9.0,)


def test_a_faulty_workbook_writes_nothing(toy, tmp_path):
    folder, file = toy
    before = files(folder)
    edit(file, "limits", "D2", "9 kg")
    edit(file, "assets", "D3", "x")
    for where in ({"to": tmp_path / "mine"}, {"into": folder}):
        with pytest.raises(CaseError) as caught:
            bring(file, **where)
        assert [str(fault.where) for fault in caught.value.faults] == ["toy.xlsx!assets!D3 programme", "toy.xlsx!limits!D2 bound"]
    assert files(folder) == before and {path.name for path in tmp_path.iterdir()} == {"toy", "toy.xlsx"}


def test_into_changes_what_changed_and_nothing_else(toy):
    folder, file = toy
    (folder / "headline.json").write_text("{}\n", encoding="utf-8")
    before = files(folder)
    edit(file, "limits", "D2", "9 MW")
    bring(file, into=folder)
    after = files(folder)
    assert {name for name in after if after[name] != before[name]} == {"limits.csv"} and after.keys() == before.keys()


def test_into_does_not_overwrite_what_changed_meanwhile(toy, tmp_path):
    folder, file = toy
    (folder / "limits.csv").write_text((folder / "limits.csv").read_text().replace("7.5", "8"), encoding="utf-8")
    shutil.copy(folder / "limits.csv", folder / "uses.csv.txt")
    (folder / "more").mkdir()
    (folder / "more" / "options.csv").write_text("asset,place\nhall,earth\n", encoding="utf-8")
    before = files(folder)
    with pytest.raises(CaseError) as caught:
        bring(file, into=folder)
    assert [fault.where.file.rpartition("toy/")[2] for fault in caught.value.faults] == ["limits.csv", "more/options.csv"]
    assert "changed since the workbook was exported" in str(caught.value) and files(folder) == before
    found = bring(file, into=folder, replace=True)
    assert found.removed == ("more/options.csv",) and not (folder / "more").exists()
    assert read(folder, None, known).tables == read(TOY, None, known).tables


def test_a_second_import_of_the_same_changes_is_no_conflict(toy):
    folder, file = toy
    edit(file, "limits", "D2", "9 MW")
    bring(file, into=folder)
    assert bring(file, into=folder).folder == folder


def test_a_table_emptied_in_the_workbook_goes(toy):
    folder, file = toy
    book = load_workbook(file)
    book["indices"].delete_rows(2, 9)
    for row in book["assets"].iter_rows(min_row=2):
        row[6].value = None
    book.save(file)
    found = bring(file, into=folder)
    assert found.removed == ("indices.csv",) and "indices.csv has no rows any more" in str(found.notices[0])


def test_folders_that_cannot_be_the_target(toy, tmp_path, monkeypatch):
    folder, file = toy
    refused("not an empty folder", file, to=folder)
    refused("is no case", file, into=tmp_path / "nothing")
    refused("one folder is needed", file)
    refused("one folder is needed", file, to=folder, into=folder)
    (tmp_path / "link").symlink_to(folder)
    refused("is a link", file, into=tmp_path / "link")
    monkeypatch.chdir(folder)
    refused("under your feet", file, into=".")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    refused("cannot be written", file, to=tmp_path / "file" / "deeper")


def test_an_empty_folder_is_filled(toy, tmp_path):
    (tmp_path / "mine").mkdir()
    assert files(bring(toy[1], to=tmp_path / "mine").folder) == files(TOY)


def test_links_are_not_written_through(toy, tmp_path):
    folder, file = toy
    (folder / "limits.csv").rename(tmp_path / "elsewhere.csv")
    (folder / "limits.csv").symlink_to(tmp_path / "elsewhere.csv")
    edit(file, "limits", "D2", "9 MW")
    refused("reached by a link", file, into=folder)


def test_a_workbook_is_not_overwritten(toy, tmp_path):
    folder, file = toy
    with pytest.raises(CaseError, match="exists already"):
        export(folder, file)
    assert export(folder, file, replace=True).rows["assets"] == 2
    with pytest.raises(CaseError, match="no name of a workbook"):
        export(folder, tmp_path / "toy.csv")
    with pytest.raises(CaseError, match=r"no case\.yaml"):
        export(tmp_path, tmp_path / "x.xlsx")
    (folder / "assets.csv").write_text("nme\n", encoding="utf-8")
    with pytest.raises(CaseError, match="no header"):
        export(folder, tmp_path / "x.xlsx")


def test_every_place_of_the_files_of_a_case_is_its_own(toy, tmp_path):
    """A workbook without its hidden sheet goes into a case only when told that what is there may be lost."""
    folder, file = toy
    book = load_workbook(file)
    del book["_barbell"]
    book.save(file)
    edit(file, "limits", "D2", "9 MW")
    refused("does not remember the case", file, into=folder)
    assert bring(file, into=folder, replace=True).changes is None
    assert read(folder, None, known).tables.limits[0].bound.values == (9.0,)


def land_in_turn(folder, seed):
    """Put one of two versions of the case in place, in turn: what an import does once the workbook is read."""
    land(folder / "toy", *VERSIONS[seed % 2])


VERSIONS = (({"limits.csv": "one\n", "more/a.csv": "1\n"}, ()), ({"limits.csv": "two\n"}, ("more/a.csv",)))


def whole_or_not(folder, _):
    """The case is the one version or the other; what the killed process left beside it goes."""
    spares = list(folder.glob(".barbell-*"))
    for spare in spares:
        shutil.rmtree(spare)
    text = (folder / "toy" / "limits.csv").read_text(encoding="utf-8")
    assert text in ("one\n", "two\n") and (folder / "toy" / "more" / "a.csv").exists() == (text == "one\n")
    assert (folder / "toy" / "assets.csv").read_bytes() == (TOY / "assets.csv").read_bytes()


@pytest.fixture
def landed(tmp_path):
    shutil.copytree(TOY, tmp_path / "toy")
    land_in_turn(tmp_path, 0)
    return tmp_path


def test_killed_at_random_moments_the_case_is_whole(landed):
    assert crash.kill_at_random(land_in_turn, whole_or_not, range(200), folder=landed) >= 20


def test_killed_before_every_step_the_case_is_whole(landed):
    assert crash.kill_at_each_step(land_in_turn, whole_or_not, folder=landed) > 40


def import_anew(folder, seed):
    """Import into a folder that is not there."""
    bring(folder / "toy.xlsx", to=folder / f"mine{seed}" / "toy")


def test_a_killed_import_leaves_a_new_folder_whole_or_absent(toy):
    def check(folder, seed):
        made = folder / f"mine{seed}" / "toy"
        assert not made.exists() or files(made) == files(TOY)

    assert crash.kill_at_random(import_anew, check, range(6), folder=toy[1].parent) >= 1
