"""Commands that go all the way, on the toys: files, objects for machines, errors before the work."""

import json

import pytest

from barbell.cli.run import run
from tests.conftest import ROOT

TOY, TREE = str(ROOT / "cases" / "toy"), str(ROOT / "cases" / "toy-tree")
WANTED = {
    "case", "status", "objective_usd", "seconds", "peak_mb", "capex_by_year", "mw_in_service_by_quarter", "chips_in_service_by_quarter",
    "served_by_market", "unserved_by_market", "revenue_by_year", "operating_income_by_year", "free_cash_flow_by_year", "bottlenecks",
    "run_dir", "report",
}  # fmt: skip


def told(capsys, *tokens):
    code = run([*tokens, "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("case", [TOY, TREE])
def test_a_run_leaves_a_folder_and_one_object(case, capsys, tmp_path):
    code, found = told(capsys, "run", case, "--out", str(tmp_path))
    assert code == 0 and found.keys() >= WANTED
    folder = tmp_path / found["run_dir"].rpartition("/")[2]
    assert (folder / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["headline"]["case"] == found["case"]
    assert [path.name for path in tmp_path.iterdir()] == [folder.name], "nothing half-written is left beside it"


def test_the_toy_in_dollars(capsys, tmp_path):
    """docs/guide/toy.md: a value of 219.2 MUSD, revenue of 140 and 220, capex of 145 and 54."""
    _, found = told(capsys, "run", TOY, "--out", str(tmp_path))
    assert found["objective_usd"] == pytest.approx(219.2e6, rel=1e-3)
    assert found["revenue_by_year"] == pytest.approx({"2026": 140e6, "2027": 220e6})
    assert found["capex_by_year"] == pytest.approx({"2026": 145e6, "2027": 54e6})
    assert found["chips_in_service_by_quarter"] == {"chip": pytest.approx({"2026": 4000, "2027": 6000})}
    assert found["unserved_by_market"]["inference [kchip]"] == pytest.approx({"2026": 4, "2027": 4})


def test_a_run_again_stands_in_the_same_folder(capsys, tmp_path):
    first = told(capsys, "run", TOY, "--out", str(tmp_path))[1]["run_dir"]
    assert told(capsys, "run", TOY, "--out", str(tmp_path))[1]["run_dir"] == first
    assert told(capsys, "run", TOY, "--out", str(tmp_path), "--set", "limits.grid.bound=9 MW")[1]["run_dir"] != first


def test_a_report_is_one_file(capsys, tmp_path):
    code, found = told(capsys, "report", TOY, "--to", str(tmp_path / "toy.html"))
    assert code == 0 and found["report"].endswith("toy.html")
    assert [path.name for path in tmp_path.iterdir()] == ["toy.html"]


def test_a_report_that_cannot_be_written_is_told_before_the_work(capsys, tmp_path):
    code, found = told(capsys, "report", TOY, "--to", str(tmp_path / "nowhere" / "toy.html"))
    assert code == 1 and found["faults"][0]["file"] == "--to"


def test_cases_and_values_side_by_side(capsys):
    code, found = told(capsys, "compare", TOY, "--vary", "limits.grid.bound=7.5 MW | 9 MW")
    assert code == 0 and [variant["name"] for variant in found["variants"]] == ["7.5 MW", "9 MW"]
    assert found["value"]["7.5 MW"] < found["value"]["9 MW"]
    assert [(row["table"], row["row"], row["field"]) for row in found["inputs"]] == [("limits", "grid", "bound")]


@pytest.mark.parametrize("entry", ["limits.grid.bound", "limits.grid.bound=9 MW", "=1 | 2", "limits.grid.bound=9 MW |"])
def test_what_cannot_be_varied(entry, capsys):
    code, found = told(capsys, "compare", TOY, "--vary", entry)
    assert code == 1 and found["faults"][0]["file"] == "--vary"


def test_one_case_is_no_comparison(capsys):
    assert told(capsys, "compare", TOY)[0] == 1


def test_a_variant_without_plan_is_named(capsys):
    code, found = told(capsys, "compare", TOY, "--set", "limits.grid.sense=>=", "--vary", "limits.grid.bound=1 MW | 30 MW")
    assert code == 2 and found["message"].startswith("30 MW: ")
