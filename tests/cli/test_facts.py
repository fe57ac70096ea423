"""The commands on facts: in words, as JSON, and what they refuse."""

import json
import re

import pytest

from barbell import facts
from barbell.cli.run import run
from barbell.core.errors import Fault, Where


def answer(capsys):
    out, err = capsys.readouterr()
    assert err == ""
    return json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


@pytest.fixture(autouse=True)
def _wide(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")


def test_show_opens_a_fact(capsys):
    assert run(["facts", "show", "amzn-servers-life"]) == 0
    out = capsys.readouterr().out
    for told in ("5 year", "A (primary)", "2025-02-07", "https://www.sec.gov/", "Versions", "memory, unverified", "No shipped case uses it."):
        assert told in out


def test_show_tells_what_speaks_against_it(capsys):
    assert run(["facts", "show", "chip-trainium2-dense_bf16"]) == 0
    out = capsys.readouterr().out
    assert "Sources; taken: grade A before D" in out and "chip-trainium2-dense_bf16-alt3" in out and "others say 380 (D), 420 (D)" in out
    assert re.search(r"Used by amazon-2026 through .*train-trainium2", out)


def test_show_opens_a_derived_fact_to_its_inputs(capsys):
    assert run(["facts", "show", "it_power-h100", "--as-of", "2026-02-10"]) == 0
    out = capsys.readouterr().out
    assert "power at the meter / design PUE" in out and "Inputs" in out and "pue-peak-air" in out
    assert "Used by amazon-2026 in rates.train_h100/it_air.rate" in out


def test_show_for_machines(capsys):
    assert run(["facts", "show", "amzn-capex_guide-2026", "--as-of", "2026-02-10", "--json"]) == 0
    found = answer(capsys)
    assert (found["value"], found["unit"], found["kind"], found["conflict"], found["formula"]) == ("200000", "MUSD2026", "stored", None, None)
    assert [version["value"] for version in found["versions"]] == ["200000", "220000"] and found["versions"][0]["file"] == "guidance.csv"
    assert run(["facts", "show", "it_power-h100", "--json"]) == 0
    found = answer(capsys)
    assert found["kind"] == "derived" and [one["name"] for one in found["inputs"]] == ["chip-h100-utility_power", "pue-peak-air"]
    assert {use["case"] for use in found["used_by"]} == {"amazon-2026", "neocloud"}


def test_find_lists_facts_and_says_how_many(capsys):
    assert run(["facts", "find", "aws", "revenue", "--as-of", "2026-02-10", "--top", "2"]) == 0
    out = capsys.readouterr().out
    count = int(re.search(r"([0-9,]+) found; the first 2 are shown", out)[1])
    assert count > 20 and len([line for line in out.splitlines() if line.startswith("amzn-aws-revenue")]) == 2
    assert run(["facts", "find", "aws", "revenue", "--as-of", "2026-02-10", "--top", "2", "--json"]) == 0
    found = answer(capsys)
    assert found["found"] == count and len(found["facts"]) == 2 and found["words"] == ["aws", "revenue"]


def test_find_nothing(capsys):
    assert run(["facts", "find", "zebra", "crossing"]) == 0
    assert "No fact has the words zebra, crossing." in capsys.readouterr().out
    assert run(["facts", "find", "zebra", "--json"]) == 0
    assert answer(capsys) == {"words": ["zebra"], "found": 0, "facts": []}


def test_conflicts_are_shown(capsys):
    assert run(["facts", "conflicts"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"chip-trainium2-dense_bf16 +TFLOP/s +grade A before D +380 \(D\), 420 \(D\) +667 \(A\) +43%", out)
    assert "facts on which sources disagree" in out and "so not compared: " in out
    assert run(["facts", "conflicts", "--json"]) == 0
    found = {one["name"]: one for one in answer(capsys)["conflicts"]}
    assert found["chip-vr200-host_power"]["high"] == "230" and found["chip-gb200-hbm"]["spread"] is None
    assert len(found) == len(facts.conflicts())
    assert run(["facts", "conflicts", "--as-of", "2019-01-01"]) == 0
    assert "0 facts on which sources disagree." in capsys.readouterr().out


def test_diff_in_words(capsys):
    assert run(["facts", "diff", "--from", "2026-07-01", "--to", "2026-08-01", "--top", "3"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"amzn-capex_guide-2026 +2026-07-30 +MUSD2026 +200000 +220000 +\+10%", out)
    assert re.search(r"New \(the first 3 of [0-9,]+\)", out) and "became known" in out


def test_diff_for_machines(capsys):
    assert run(["facts", "diff", "--from", "2026-07-01", "--to", "2026-08-01", "--json"]) == 0
    found = answer(capsys)
    assert (found["from"], found["to"], len(found["changes"])) == ("2026-07-01", "2026-08-01", len(facts.diff("2026-07-01", "2026-08-01")))
    (guide,) = (change for change in found["changes"] if change["name"] == "amzn-capex_guide-2026")
    assert guide["kind"] == "changed" and guide["before"]["value"] == "200000" and guide["after"]["value"] == "220000"


def test_check_counts_and_names_what_stands_behind(capsys):
    assert run(["facts", "check"]) == 0
    out = capsys.readouterr().out
    assert "No faults found." in out and "quarters = year" in out
    assert float(re.search(r"stands behind ([0-9.]+)% of", out)[1]) >= 80
    assert run(["facts", "check", "--json"]) == 0
    found = answer(capsys)
    assert found["faults"] == [] and found["rows"] == len(facts.figures()) == sum(found["grades"].values()) and "planted" not in found


def test_check_plants_errors_when_asked(capsys, monkeypatch):
    monkeypatch.setattr(facts, "mutations", lambda: facts.Mutations(10, 7, {("a", "b", "c", ""): ("x",)}, {("a", "b", "c", ""): 3}))
    assert run(["facts", "check", "--plant"]) == 0
    out = capsys.readouterr().out
    assert "Of 10 errors planted" in out and "7: 70.0%" in out and re.search(r"a b c +3", out)
    assert run(["facts", "check", "--plant", "--json"]) == 0
    assert answer(capsys)["planted"] == {"planted": 10, "seen": 7, "share": 0.7, "unguarded": {"a b c": 3}}


def test_check_tells_every_fault(capsys, monkeypatch):
    monkeypatch.setattr(facts, "faults", lambda: (Fault(Where("amazon.csv", 2, "grade"), "x: E", "not one of A", "Use a grade"),))
    assert run(["facts", "check", "--json"]) == 1
    found = answer(capsys)
    assert found["error"] == "CaseError" and found["faults"][0]["line"] == 2 and "the store of facts" in found["message"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "amzn-capex_giude-2026"], "Did you mean 'amzn-capex_guide-2026'?"),
        (["show", "amzn-capex_guide-2026", "--as-of", "2026-13-01"], "'2026-13-01' is not a day. Write it as YYYY-MM-DD"),
        (["show", "amzn-capex_guide-2026", "--as-of", "2025-01-01"], "not known on 2025-01-01, only from 2026-02-05"),
        (["find"], "No words to look for"),
        (["find", "aws", "--as-of", "today"], "'today' is not a day"),
        (["find", "aws", "--top", "0"], "must be above 0"),
        (["conflicts", "--as-of", "x"], "'x' is not a day"),
        (["diff", "--from", "2026-08-01", "--to", "2026-07-01"], "Give the earlier day first: --from 2026-07-01 --to 2026-08-01"),
        (["diff", "--from", "2026-08-01"], "--to"),
        (["show"], "requires an argument"),
    ],
)
def test_what_is_refused(arguments, words, capsys):
    assert run(["facts", *arguments]) == 1
    out, err = capsys.readouterr()
    assert words in err and out == ""
    assert run(["facts", *arguments, "--json"]) == 1
    assert words in answer(capsys)["message"]
