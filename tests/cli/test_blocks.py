"""Whole blocks on the command line: the gap stands wherever the value stands, and says what it hides."""

import json

import pytest

from barbell.cli.run import run
from tests.conftest import ROOT

TOY = str(ROOT / "cases" / "toy")
WHOLE = ("--set", "assets.hall.block=2 MW", "--gap", "0.5")


@pytest.fixture(autouse=True)
def search(monkeypatch):
    """Even the toy is searched: its relaxation is worth 219.2, whole halls of 2 MW 216.8."""
    monkeypatch.setattr("barbell.plan.lp.options.SMALL", 0)


def told(capsys, *tokens):
    assert run([*tokens, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_machines_read_the_gap(capsys, tmp_path):
    plan = told(capsys, "plan", TOY, *WHOLE)
    gap = plan["status"]["gap"]
    assert gap == pytest.approx((219.18 - plan["value"]) / plan["value"], abs=1e-4) and gap > 0.01
    found = told(capsys, "explain", TOY, *WHOLE)
    assert found["gap"] == gap
    assert all(b["least"] <= b["low"] + 1e-9 and b["high"] <= b["most"] + 1e-9 for b in found["bottlenecks"])
    ran = told(capsys, "run", TOY, *WHOLE, "--out", str(tmp_path))
    assert ran["gap"] == gap and ran["status"] == f"within {gap:.2%}"
    compared = told(capsys, "compare", TOY, *WHOLE, "--vary", "blocks=whole | divisible")
    assert compared["gap"] == {"whole": gap, "divisible": 0.0}


def test_people_read_the_gap(capsys, tmp_path):
    for tokens in (("plan", TOY), ("explain", TOY), ("run", TOY, "--out", str(tmp_path))):
        assert run([*tokens, *WHOLE]) == 0
        assert "of the best" in capsys.readouterr().out
    run(["explain", TOY, *WHOLE])
    assert "within the gap" in capsys.readouterr().out
    run(["compare", TOY, *WHOLE, "--vary", "blocks=whole | divisible"])
    assert "not above" in capsys.readouterr().out


def test_a_plan_without_gap_says_nothing_of_one(capsys):
    run(["plan", TOY])
    assert "of the best" not in capsys.readouterr().out


@pytest.mark.parametrize("gap", ["1", "-0.1", "nan"])
def test_a_gap_is_a_share(gap, capsys):
    assert run(["plan", TOY, f"--gap={gap}", "--json"]) == 1
    assert "at least 0 and below 1" in json.loads(capsys.readouterr().out)["message"]
