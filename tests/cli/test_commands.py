"""The commands as a user types them: output, errors, exit codes."""

import json
import subprocess
import sys

import pytest

from barbell.cli.app import run
from tests.conftest import ROOT

TOY = str(ROOT / "cases" / "toy")


def test_plan_prints_the_answer(capsys):
    assert run(["plan", TOY]) == 0
    out, err = capsys.readouterr()
    assert "Value 219.2 MUSD2026" in out and "Orders" in out and "limit grid" in out
    assert "solving" in err


def test_json_is_one_object_and_silent(capsys):
    assert run(["plan", TOY, "--json"]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert found["case"] == "toy" and found["value"] == pytest.approx(219.18, abs=0.01) and err == ""
    assert {"orders", "fleet", "served", "money", "prices"} <= set(found["tables"])


def test_explain(capsys):
    assert run(["explain", TOY, "--json", "--top", "3"]) == 0
    found = json.loads(capsys.readouterr().out)["bottlenecks"]
    assert len(found) == 3 and all(b["low"] <= b["high"] for b in found)
    worths = [abs(b["worth"]) for b in found]
    assert worths == sorted(worths, reverse=True)


def test_check(capsys):
    assert run(["check", TOY]) == 0
    assert "No faults found" in capsys.readouterr().out


def test_case_error_is_1_with_every_fault(capsys):
    assert run(["check", TOY, "--set", "limits.grid.bound=NaN MW", "--set", "nonsense"]) == 1
    assert "path=value" in capsys.readouterr().err
    assert run(["check", TOY, "--set", "limits.grid.bound=NaN MW", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["error"] == "CaseError" and found["faults"][0]["value"] == "NaN MW"


def test_infeasible_is_2_and_names_the_conflict(capsys):
    asked = ["--set", "limits.grid.sense=>=", "--set", "limits.grid.bound=30 MW"]
    assert run(["explain", TOY, *asked]) == 2
    err = capsys.readouterr().err
    assert "limit grid in 2026 (30 MW): lower it by 25 MW" in err and "capacity hall at va in 2026: raise it by 25 MW" in err
    assert run(["plan", TOY, "--json", *asked]) == 2
    assert json.loads(capsys.readouterr().out)["conflict"]


def test_usage_error_is_1(capsys):
    assert run(["plan"]) == 1
    assert run(["plan", TOY, "--nonsense"]) == 1


def test_bug_is_4(capsys, monkeypatch):
    def broken(*_args, **_kwargs):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("barbell.study.plan", broken)
    assert run(["plan", TOY]) == 4
    assert "please report" in capsys.readouterr().err


def test_new_makes_a_case_that_plans(tmp_path, capsys):
    assert run(["new", str(tmp_path / "mine")]) == 0
    assert run(["plan", str(tmp_path / "mine"), "--quiet"]) == 0
    assert run(["new", str(tmp_path / "mine")]) == 1
    assert "not empty" in capsys.readouterr().err
    assert run(["new", str(tmp_path / "other"), "--example", "tyo"]) == 1
    assert not (tmp_path / "other").exists()


def test_module_and_entry_point_agree():
    done = subprocess.run([sys.executable, "-m", "barbell", "check", TOY, "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and json.loads(done.stdout)["faults"] == []


def test_nothing_but_json_reaches_standard_output():
    """The solver's own banner would break it."""
    done = subprocess.run([sys.executable, "-m", "barbell", "plan", TOY, "--json"], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("{") and json.loads(done.stdout)["case"] == "toy"
