"""`barbell alternatives` on the toy: what people see, one object for machines, errors."""

import json

import pytest

from barbell.cli.alternatives import _bar
from barbell.cli.run import run
from tests.conftest import ROOT

TOY = str(ROOT / "cases" / "toy")


def test_people_see_ranges_plans_and_musts(capsys):
    assert run(["alternatives", TOY, "--within", "2%", "--count", "2"]) == 0
    out = capsys.readouterr().out
    for part in ("10 other plans lose at most 2.00% of it", "How far each can go", "Plans far from each other", "Done in all 11 plans"):
        assert part in out
    assert "#" in out and "chip@va" in out


def test_machines_get_one_object(capsys):
    assert run(["alternatives", TOY, "--within", "0.02", "--count", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["within"] == 0.02 and len(found["plans"]) == 3 and found["plans_found"] == 11
    assert all(one["of_best"] >= 0.98 - 1e-9 for one in found["plans"].values())
    assert {"ranges", "values", "decisions", "musts", "status"} <= found.keys()
    assert {"what", "unit", "least", "best", "most"} == set(found["ranges"][0])


@pytest.mark.parametrize("within", ["none", "0", "100%", "-1%", "150%"])
def test_what_is_no_share_is_refused(within, capsys):
    assert run(["alternatives", TOY, f"--within={within}", "--json"]) == 1
    assert "no share of the value" in json.loads(capsys.readouterr().out)["faults"][0]["problem"]


def test_the_bar_begins_at_nothing():
    """24 signs from 0 to 23: the least at 6, the best at 12, the most at the end."""
    bar = _bar(6.0, 12.0, 23.0)
    assert (bar.index("#"), bar.index("|"), len(bar), bar[-1]) == (6, 12, 24, "#")
    assert _bar(-23.0, 0.0, 23.0).index("#") == 0 and _bar(0.0, 0.0, 0.0)[0] == "|"


def test_the_guide_shows_what_is_printed(capsys, monkeypatch):
    """Ranges of the toy are unique; the plans that reach them need not be, so the rest of the page is not compared."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "140")
    run(["alternatives", "cases/toy", "--within", "2%"])
    out = capsys.readouterr().out
    shown = out[: out.index("bar: from nothing")]
    assert "\n".join(line.rstrip() for line in shown.splitlines()) in (ROOT / "docs" / "guide" / "alternatives.md").read_text(encoding="utf-8")
