"""`barbell check --deep` as people and programs read it."""

import json

import pytest

from barbell.cli.run import run
from tests.conftest import ROOT

TOY = str(ROOT / "cases" / "toy")
COLLIDE = ["--set", "limits.grid.sense=>=", "--set", "limits.grid.bound=30 MW"]


@pytest.fixture(autouse=True)
def wide(monkeypatch):
    monkeypatch.setenv("COLUMNS", "140")


def test_a_page_of_findings(capsys):
    assert run(["check", TOY, "--deep", "--quiet"]) == 0
    text = capsys.readouterr().out
    assert "Reviewed: value 219.2 MUSD2026; 0 errors, 0 warnings, 3 notes" in text
    assert "note: limit never binds (2)" in text and "programmes.csv:2" in text and "145 of at most 200" in text


def test_one_object_for_programs(capsys):
    assert run(["check", TOY, "--deep", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["counts"] == {"error": 0, "warning": 0, "note": 3} and len(found["findings"]) == 3
    assert {"kind", "severity", "what", "where", "file", "line", "says", "fix", "worth"} <= set(found["findings"][0])


def test_a_conflict_is_2_and_points_into_the_files(capsys):
    assert run(["check", TOY, "--deep", "--quiet", *COLLIDE]) == 2
    text = capsys.readouterr().out
    assert "conflict 1: these 2 cannot all hold" in text and "raise it by 25 MW" in text and "--set limits.grid.bound" in text
    assert run(["check", TOY, "--deep", "--json", *COLLIDE]) == 2
    assert json.loads(capsys.readouterr().out)["exit_code"] == 2


def test_errors_are_1(capsys):
    assert run(["check", TOY, "--deep", "--quiet", "--set", "options.chip/site.opens=2040"]) == 1
    assert "error: demand out of reach" in capsys.readouterr().out


def test_a_long_review_fits_a_page_unless_all_is_asked_for(capsys):
    case = str(ROOT / "cases" / "neocloud")
    run(["check", case, "--deep", "--quiet"])
    short = capsys.readouterr().out
    run(["check", case, "--deep", "--quiet", "--all"])
    long = capsys.readouterr().out
    assert short.count("\n") <= 60 and "more with --all" in short
    assert long.count("\n") > short.count("\n") and "more with --all" not in long
