"""The commands in process: what they print, refuse and answer for machines."""

import json

import pytest

from barbell.cli.run import run
from barbell.core.errors import CaseError, Fault, LedgerError, SolverLimitError, UnboundedError, Where
from barbell.plan import Conflict, Lunch
from tests.conftest import ROOT

TOY = str(ROOT / "cases" / "toy")
TREE = str(ROOT / "cases" / "toy-tree")
COLLIDING = ["--set", "limits.grid.sense=>=", "--set", "limits.grid.bound=30 MW"]


def raising(error):
    def broken(*_args, **_kwargs):
        raise error

    return broken


def answer(capsys):
    """The one JSON object on standard output; nothing may stand on standard error."""
    out, err = capsys.readouterr()
    assert err == ""
    return json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def test_plan_prints_the_answer(capsys):
    assert run(["plan", TOY]) == 0
    out = capsys.readouterr().out
    for told in ("Value 219.2 MUSD2026", "Decisions", "Fleet", "Served", "Lost", "Money", "Scarce", "limit grid", "hall@va"):
        assert told in out


def test_plan_shows_decisions_by_period(capsys):
    assert run(["plan", TOY, "--quiet"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["action", "what", "unit", "2026", "2027"] in lines
    assert ["order", "hall@va", "MW", "2.5", "-"] in lines
    assert ["order", "chip@va", "kchip", "4", "2"] in lines


def test_plan_shows_branches_of_a_tree_apart(capsys):
    assert run(["plan", TREE, "--quiet"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["trunk", "order", "hall@va", "MW", "10", ""][:5] in [line[:5] for line in lines]
    assert {"high", "low"} <= {line[0] for line in lines if line}


def test_plan_for_machines(capsys):
    assert run(["plan", TOY, "--json"]) == 0
    found = answer(capsys)
    assert set(found) == {"case", "question", "status", "value", "money", "parts", "tables", "bottlenecks"}
    assert found["case"] == "toy" and found["money"] == "MUSD2026"
    assert sum(found["parts"].values()) == pytest.approx(found["value"])
    assert set(found["tables"]) == {"orders", "fleet", "activity", "served", "contracts", "stocks", "limits", "money", "debts", "prices"}
    assert {"method", "seconds", "iterations", "gap", "columns", "rows", "nonzeros", "accuracy"} == set(found["status"])
    worths = [abs(b["worth"]) for b in found["bottlenecks"]]
    assert len(worths) == 5 and worths == sorted(worths, reverse=True)
    assert found["bottlenecks"][0]["item"] == "grid"


def test_explain_for_machines(capsys):
    assert run(["explain", TOY, "--json", "--top", "3"]) == 0
    found = answer(capsys)["bottlenecks"]
    assert len(found) == 3 and all(b["low"] <= b["high"] for b in found)
    worths = [abs(b["worth"]) for b in found]
    assert worths == sorted(worths, reverse=True)


def test_explain_in_words(capsys):
    assert run(["explain", TOY, "--quiet"]) == 0
    out = capsys.readouterr().out
    assert "in order of worth" in out and "MUSD2026/MW" in out and "value today of one more unit" in out


def test_explain_shows_a_range_that_is_not_the_price(capsys):
    """Nothing can serve the tree's customers in 2026, so one more of them is worth nothing, and fewer than none cannot be."""
    assert run(["explain", TREE, "--quiet"]) == 0
    out = capsys.readouterr().out
    assert "0 .. inf" in out and "range: from" in out
    assert run(["explain", TREE, "--json"]) == 0
    assert None in [b["high"] for b in answer(capsys)["bottlenecks"]]


def test_check(capsys):
    assert run(["check", TOY]) == 0
    out = capsys.readouterr().out
    assert "2 periods 2026 to 2027, 1 slice each, money in MUSD2026" in out and "No faults found" in out
    assert run(["check", TOY, "--json"]) == 0
    assert answer(capsys)["faults"] == []


def test_set_changes_cells(capsys):
    assert run(["plan", TOY, "--json", "--set", "limits.grid.bound=5 MW", "--set", "demands.serve.volume=*0"]) == 0
    orders = answer(capsys)["tables"]["orders"]
    assert all(o["value"] == pytest.approx(0) for o in orders if o["item"] == "hall")


@pytest.mark.parametrize(("entry", "told"), [("nonsense", "path=value"), ("=3", "path=value"), ("limits.gird.bound=9 MW", "grid")])
def test_wrong_set_is_1(capsys, entry, told):
    assert run(["check", TOY, "--set", entry]) == 1
    out, err = capsys.readouterr()
    assert out == "" and told in err


def test_a_cell_is_changed_once(capsys):
    assert run(["check", TOY, "--set", "limits.grid.bound=9 MW", "--set", "limits.grid.bound=8 MW"]) == 1
    assert "second time" in capsys.readouterr().err


def test_case_error_for_machines_lists_faults(capsys):
    assert run(["check", TOY, "--json", "--set", "limits.grid.bound=NaN MW"]) == 1
    found = answer(capsys)
    assert found["error"] == "CaseError" and found["exit_code"] == 1 and found["message"]
    assert set(found["faults"][0]) == {"file", "line", "field", "value", "problem", "fix"}


def test_no_case_is_1(capsys):
    assert run(["plan", "nowhere"]) == 1
    assert "nowhere" in capsys.readouterr().err


@pytest.mark.parametrize(
    "tokens",
    [
        ["plan"],
        ["plan", TOY, "--nonsense"],
        ["nonsense"],
        ["plan", TOY, "--seconds", "soon"],
        ["plan", TOY, "--seconds", "-1"],
        ["plan", TOY, "--seconds", "nan"],
        ["plan", TOY, "--gap", "nan"],
        ["plan", TOY, "--gap", "1"],
        ["explain", TOY, "--top", "0"],
    ],
    ids=" ".join,
)
def test_usage_error_is_1(capsys, tokens):
    assert run(tokens) == 1
    out, err = capsys.readouterr()
    assert out == "" and err and "Traceback" not in err
    assert run([*tokens, "--json"]) == 1
    found = answer(capsys)
    assert found["error"] == "UsageError" and found["faults"] == []


def test_infeasible_is_2_and_names_the_conflict(capsys):
    assert run(["explain", TOY, "--quiet", *COLLIDING]) == 2
    out, err = capsys.readouterr()
    assert out == "" and "limit grid" in err and "lower it by 25 MW" in err and "raise it by 25 MW" in err
    assert run(["plan", TOY, "--json", *COLLIDING]) == 2
    found = answer(capsys)
    assert found["error"] == "InfeasibleError"
    assert {"kind", "item", "place", "period", "bound", "relax", "unit", "text"} <= set(found["conflict"][0])


def test_conflict_that_cannot_be_relaxed_alone_is_null(capsys, monkeypatch):
    from barbell.core.errors import InfeasibleError

    part = Conflict("limit", "grid", "", "trunk", "2026", 7.5, float("nan"), "MW", "limit grid in 2026")
    monkeypatch.setattr("barbell.study.plan", raising(InfeasibleError("none", (part,))))
    assert run(["plan", TOY, "--json"]) == 2
    found = answer(capsys)["conflict"][0]
    assert found["relax"] is None and "not enough" in found["text"]


def test_unbounded_is_2_and_names_the_lunch(capsys, monkeypatch):
    lunch = (Lunch("activity", "mint@va", "2026", 1.0),)
    monkeypatch.setattr("barbell.study.plan", raising(UnboundedError("value grows without end: activity mint@va", lunch)))
    assert run(["explain", TOY]) == 2
    assert "mint@va" in capsys.readouterr().err
    assert run(["explain", TOY, "--json"]) == 2
    assert answer(capsys)["lunch"][0]["item"] == "mint@va"


@pytest.mark.parametrize(
    ("error", "code", "kind"),
    [
        (CaseError([Fault(Where("a.csv", 2, "x"), "1", "is wrong", "Mend it")]), 1, "CaseError"),
        (SolverLimitError("no plan within 1 s"), 3, "SolverLimitError"),
        (MemoryError(), 3, "SolverLimitError"),
        (LedgerError("off by one"), 4, "LedgerError"),
        (ZeroDivisionError("oops"), 4, "Bug"),
        (AssertionError(), 4, "Bug"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_every_error_has_its_code(capsys, monkeypatch, error, code, kind):
    monkeypatch.setattr("barbell.study.plan", raising(error))
    assert run(["plan", TOY]) == code
    out, err = capsys.readouterr()
    assert out == "" and err and "Traceback" not in err
    assert run(["plan", TOY, "--json"]) == code
    assert answer(capsys)["error"] == kind


def test_bug_asks_for_a_report_and_debug_shows_it(capsys, monkeypatch):
    monkeypatch.setattr("barbell.study.plan", raising(ZeroDivisionError("oops")))
    assert run(["plan", TOY]) == 4
    err = capsys.readouterr().err
    assert "please report it" in err and "ZeroDivisionError: oops" in err and "Traceback" not in err
    assert run(["plan", TOY, "--debug"]) == 4
    assert "Traceback" in capsys.readouterr().err


def test_interrupt_is_130(capsys, monkeypatch):
    monkeypatch.setattr("barbell.study.plan", raising(KeyboardInterrupt()))
    assert run(["plan", TOY]) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_help_and_version(capsys):
    assert run(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(verb in out for verb in ("new", "check", "plan", "explain", "Exit codes"))
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.strip().count(".") == 2


def test_new_makes_a_case_that_plans(tmp_path, capsys):
    assert run(["new", str(tmp_path / "deep" / "mine")]) == 0
    assert "barbell plan" in capsys.readouterr().out
    assert run(["plan", str(tmp_path / "deep" / "mine"), "--quiet"]) == 0
    assert "mine: With a grid" in capsys.readouterr().out


def test_new_for_machines(tmp_path, capsys):
    assert run(["new", str(tmp_path / "mine"), "--json"]) == 0
    assert answer(capsys) == {"case": (tmp_path / "mine").as_posix()}


def test_spinner_on_a_terminal_and_results_apart(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert run(["plan", TOY, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["case"] == "toy"
