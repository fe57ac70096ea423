"""The commands that take a case to a workbook and back: what they print, write and answer for machines."""

import json

import pytest
from openpyxl import load_workbook

from barbell.cli.run import run as barbell
from tests.conftest import ROOT

TOY = ROOT / "cases" / "toy"


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words):
    return barbell(["case", *(str(word) for word in words)])


def edit(**cells):
    book = load_workbook("toy.xlsx")
    for cell, value in cells.items():
        sheet, _, spot = cell.partition("_")
        book[sheet][spot] = value
    book.save("toy.xlsx")


def test_export_and_import_say_what_they_did(place, capsys):
    assert run("export", TOY) == 0
    assert capsys.readouterr().out.startswith("Wrote toy.xlsx: 16 tables, 28 rows.\n")
    edit(limits_D2="9 MW", places_J2="look here")
    assert run("import", "toy.xlsx", "--to", "mine") == 0
    out, err = capsys.readouterr()
    assert err == "" and "Mended or left out\n  toy.xlsx!places!J2: notes beside the table" in out
    assert ["limits.grid.bound", "7.5", "MW", "9", "MW"] in [line.split() for line in out.splitlines()]
    assert "Wrote the case mine from toy.xlsx: 1 cell changed.\nNext: barbell plan mine\n" in out
    assert barbell(["check", "mine"]) == 0


def test_both_answer_machines(place, capsys):
    run("export", TOY, "--to", "out/toy.xlsx", "--json")
    made = json.loads(capsys.readouterr().out)
    assert made["workbook"] == "out/toy.xlsx" and made["case"] == "toy" and made["rows"]["assets"] == 2
    run("import", "out/toy.xlsx", "--to", "mine", "--json")
    found = json.loads(capsys.readouterr().out)
    assert found["folder"] == "mine" and found["changes"] == [] and found["notices"] == [] and "limits.csv" in found["files"]


def test_faults_have_cells_for_people_and_machines(place, capsys):
    run("export", TOY)
    edit(limits_D2="=5*2", assets_C2="12 kg")
    capsys.readouterr()
    assert run("import", "toy.xlsx", "--to", "mine") == 1
    err = capsys.readouterr().err
    assert err.startswith("2 faults in toy.xlsx\n  - toy.xlsx!assets!C2 capex: '12 kg' unit 'kg' does not fit")
    assert "toy.xlsx!limits!D2 bound: the formula =5*2 has no value" in err
    assert run("import", "toy.xlsx", "--to", "mine", "--json") == 1
    fault = json.loads(capsys.readouterr().out)["faults"][0]
    assert (fault["file"], fault["line"], fault["cell"], fault["field"]) == ("toy.xlsx!assets", 2, "C2", "capex")
    assert not (place / "mine").exists()


WRONG = [
    (("export", "nowhere"), "no such folder"),
    (("import", "nowhere.xlsx", "--to", "x"), "cannot be read"),
    (("import", "x.xlsx"), "one folder is needed"),
]


@pytest.mark.parametrize(("words", "told"), WRONG)
def test_what_cannot_be_is_1(place, capsys, words, told):
    assert run(*words) == 1
    assert told in capsys.readouterr().err
