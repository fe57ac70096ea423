"""Commands that go all the way, on the toys: files, objects for machines, errors before the work."""

import json
import os
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from barbell.cli.run import run
from tests.conftest import ROOT

TOY, TREE = str(ROOT / "cases" / "toy"), str(ROOT / "cases" / "toy-tree")
WANTED = {
    "case", "status", "objective_usd", "seconds", "peak_mb", "capex_by_year", "mw_in_service_by_quarter", "chips_in_service_by_quarter",
    "served_by_market", "unserved_by_market", "revenue_by_year", "operating_income_by_year", "free_cash_flow_by_year", "bottlenecks",
    "run_dir", "report",
}  # fmt: skip


@pytest.fixture
def own_toy(tmp_path):
    """A copy of the toy that a test may change."""
    return Path(shutil.copytree(TOY, tmp_path / "toy"))


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
    assert sorted(path.name for path in tmp_path.iterdir()) == ["catalogue.sqlite", folder.name], "nothing half-written is left beside it"


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
    assert told(capsys, "run", TOY, "--again", "--out", str(tmp_path))[1]["run_dir"] == first
    assert told(capsys, "run", TOY, "--out", str(tmp_path), "--set", "limits.grid.bound=9 MW")[1]["run_dir"] != first


def asked(capsys, *tokens):
    """What a command says in words, and what it says beside that."""
    assert run(list(tokens)) == 0
    return capsys.readouterr()


@pytest.mark.parametrize("width", ["80", "160"])
@pytest.mark.parametrize("case", [TOY, TREE])
def test_the_same_question_is_answered_with_the_same_words(case, width, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", width)
    first = asked(capsys, "run", case, "--out", str(tmp_path))
    monkeypatch.setattr(import_module("barbell.study.ask"), "run", lambda *_a, **_k: pytest.fail("worked it out anew"))
    second = asked(capsys, "run", case, "--out", str(tmp_path))
    *same, last = second.out.splitlines(keepends=True)
    assert "".join(same) == first.out and second.err == ""
    folder = next(path for path in tmp_path.iterdir() if path.is_dir())
    finished = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["finished"]
    assert last == f"Answered from {folder.as_posix()}, kept on {finished[:10]} {finished[11:16]} UTC; --again works it out anew.\n"


def test_the_same_question_is_answered_with_the_same_object(capsys, tmp_path):
    (_, first), (_, second), (_, third) = (told(capsys, "run", TREE, "--out", str(tmp_path), *more) for more in ((), (), ("--again",)))
    assert (first.pop("reused"), second.pop("reused"), third.pop("reused")) == (False, True, False)
    assert first == second and third["run_dir"] == first["run_dir"]


def test_another_question_is_not_answered_from_what_was_kept(capsys, own_toy, tmp_path):
    out = ("--out", str(tmp_path / "runs"))
    assert not told(capsys, "run", str(own_toy), *out)[1]["reused"]
    for change in (("--set", "limits.grid.bound=9 MW"), ("--gap", "0.01")):
        assert not told(capsys, "run", str(own_toy), *out, *change)[1]["reused"]
    limits = own_toy / "limits.csv"
    limits.write_text(limits.read_text(encoding="utf-8").replace("7.5 MW", "7.6 MW"), encoding="utf-8")
    assert not told(capsys, "run", str(own_toy), *out)[1]["reused"]


def test_a_damaged_run_is_not_used_but_replaced(capsys, tmp_path):
    folder = Path(told(capsys, "run", TOY, "--out", str(tmp_path))[1]["run_dir"])
    (folder / "cost.parquet").write_bytes(b"")
    assert run(["run", TOY, "--out", str(tmp_path), "--json"]) == 0
    out, err = capsys.readouterr()
    assert not json.loads(out)["reused"] and "cost.parquet: has 0 bytes" in err and err.count("\n") == 1
    assert told(capsys, "run", TOY, "--out", str(tmp_path))[1]["reused"]


@pytest.mark.skipif(os.name == "nt", reason="limits of POSIX")
@pytest.mark.parametrize("limit", [200, 500_000], ids=["the first table", "the report"])
def test_a_full_disk_is_told_and_leaves_the_old_run(limit, capsys, tmp_path):
    folder = Path(told(capsys, "run", TOY, "--out", str(tmp_path))[1]["run_dir"])
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    code = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, -1))\nfrom barbell.cli import main\nmain()"
    tokens = ["run", TOY, "--again", "--quiet", "--out", str(tmp_path)]
    done = subprocess.run([sys.executable, "-c", code, *tokens], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stdout == "" and done.stderr.count("\n") == 2
    assert "cannot be written: File too large. Choose another folder with --out" in done.stderr
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert {path.name for path in tmp_path.iterdir()} == {folder.name, "catalogue.sqlite"}


@pytest.mark.skipif(os.name == "nt", reason="users of POSIX")
def test_a_kept_run_answers_from_a_place_that_may_not_be_written(capsys, monkeypatch, tmp_path):
    told(capsys, "run", TOY, "--out", str(tmp_path))
    monkeypatch.setattr("os.access", lambda *_: False)
    assert told(capsys, "run", TOY, "--out", str(tmp_path))[1]["reused"]
    code, found = told(capsys, "run", TOY, "--again", "--out", str(tmp_path))
    assert code == 1 and "Permission denied" in found["message"]


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


def test_a_run_in_words_ends_with_its_report(capsys, tmp_path):
    assert run(["run", TOY, "--out", str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    for said in ("Value 219.2 USD m of 2026", "Capex by class", "Free cash flow", "limit grid", "Took "):
        assert said in out
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())
    assert out.rstrip().endswith((folder / "report.html").as_posix())
    assert err == "", "what takes no second tells of no progress"


def test_a_comparison_in_words(capsys):
    assert run(["compare", TOY, "--vary", "limits.grid.bound=7.5 MW | 9 MW"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["limits.grid.bound", "7.5", "9"] in lines and ["value", "219.2", "232.2"] in lines
    assert ["order", "hall", "MW", "2026", "2.5", "3.75"] in lines
    assert ["inference", "kchip", "2027", "2", "3"] in lines
    assert not [line for line in lines if line[:1] == ["debt"]], "lines of nothing are left out"


def test_two_cases_ask_two_questions(capsys):
    assert run(["compare", TOY, TREE]) == 0
    out = capsys.readouterr().out
    assert "toy: With a grid" in out and "toy-tree: Demand in 2027" in out
    lines = [line.split() for line in out.splitlines()]
    assert ["assets.chip", "present", "absent"] in lines and ["production", "MW", "2027", "-", "6"] in lines


def test_a_year_that_a_case_does_not_report_is_blank_and_null(capsys):
    tokens = ["compare", TOY, "--vary", "horizon.periods=2 x year | 3 x year"]
    assert run(tokens) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [len(line) for line in lines if line[:3] == ["revenue", "MUSD2026", "2028"]] == [4]
    _, found = told(capsys, *tokens)
    (row,) = [row for row in found["money"] if (row["line"], row["year"]) == ("revenue", 2028)]
    assert row["2 x year"] is None and row["3 x year"] > 0


@pytest.mark.parametrize("width", ["80", "160"])
@pytest.mark.parametrize(
    "tokens", [["run", TOY], ["run", TREE], ["compare", TOY, TREE], ["compare", TOY, "--vary", "limits.grid.bound=7.5 MW | 9 MW"]], ids=" ".join
)
def test_tables_fit_and_no_head_is_cut(tokens, width, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", width)
    assert run([*tokens, *(("--out", str(tmp_path)) if tokens[0] == "run" else ())]) == 0
    text = capsys.readouterr().out
    assert all(len(line.rstrip()) <= int(width) for line in text.splitlines() if "report.html" not in line)
    assert tokens != ["run", TOY] or ("demand train@world" in text and "worth, USD m" in text)


@pytest.mark.parametrize("below", ["", "deeper/still"])
def test_a_place_in_the_way_is_told_before_the_work(below, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(import_module("barbell.study.ask"), "run", lambda *_a, **_k: pytest.fail("worked before it looked"))
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    code, found = told(capsys, "run", TOY, "--out", str(tmp_path / "file" / below))
    assert code == 1 and found["faults"][0]["fix"] == "Choose another folder with --out"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_place_that_takes_no_files_is_told_before_the_work(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("os.access", lambda *_: False)
    for tokens in (["run", TOY, "--out", str(tmp_path / "runs")], ["report", TOY, "--to", str(tmp_path / "toy.html")]):
        assert told(capsys, *tokens)[0] == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("tokens", [["run"], ["report"]], ids=" ".join)
def test_a_case_without_a_plan_leaves_nothing(tokens, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    code, found = told(capsys, *tokens, TOY, "--set", "limits.grid.sense=>=", "--set", "limits.grid.bound=30 MW")
    assert code == 2 and found["error"] == "InfeasibleError" and list(tmp_path.iterdir()) == []


def test_a_cell_is_set_or_varied(capsys):
    code, found = told(capsys, "compare", TOY, "--set", "limits.grid.bound=8 MW", "--vary", "limits.grid.bound=7 MW | 9 MW")
    assert code == 1 and found["faults"][0]["value"] == "limits.grid.bound"


def test_progress_stands_on_standard_error_alone(tmp_path):
    """The timer of the progress is turned down, so that even the toy takes long."""
    code = "import barbell.cli.progress as p; p.PATIENCE = 0.0\nfrom barbell.cli import main\nmain()"
    env = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "FORCE_COLOR")}

    def asked(*tokens):
        return subprocess.run(
            [sys.executable, "-c", code, "run", TOY, "--again", "--out", str(tmp_path), *tokens], capture_output=True, text=True, check=True, env=env
        )

    words, machine = asked(), asked("--json")
    assert "building greedily" in words.stderr and "greedily" not in words.stdout
    assert machine.stderr == "" and json.loads(machine.stdout)["case"] == "toy"
