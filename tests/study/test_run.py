"""A run: the plan and what is made of it, the ends of the ranges, the baseline, its key."""

from importlib import import_module

import polars as pl
import pytest

from barbell.core.errors import CaseError, InfeasibleError, SolverLimitError
from barbell.finance import statements
from barbell.study import known, plan, run
from tests.conftest import ROOT

TOY = ROOT / "cases" / "toy"
GRID = "limits.grid.bound"
HEADS = "name,value,unit,as_of,source,grade,low,high\n"


def with_facts(folder, *rows):
    """The toy with facts of its own."""
    (folder / "facts.csv").write_text(HEADS + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return folder


def cash(years):
    rows = years.filter((pl.col("line") == "free cash flow") & (pl.col("scope") == "consolidated"))
    return dict(zip(rows["year"], rows["value"], strict=True))


def planned(folder, **changes):
    """Free cash flow by year of a case planned by itself."""
    found = plan(folder, {GRID: changes["grid"]})
    return cash(statements(found.case, found.tables).years)


def test_a_run_holds_its_plan_and_what_the_parts_say_alone(toy):
    assert toy.plan.value == pytest.approx(plan(TOY).value) and toy.case.name == "toy"
    assert cash(toy.statements.years) == pytest.approx({2026: -32.4, 2027: 122.66})
    assert toy.greedy.value == pytest.approx(toy.plan.value), "the toy leaves no choice"
    assert toy.bottlenecks[0].item == "grid" and toy.seconds > 0 and toy.peak_mb > 10
    lost = toy.reasons.filter(pl.col("demand") == "serve")
    assert lost["lost"].to_list() == pytest.approx([4, 4])


def test_a_case_without_facts_has_no_ranges(toy):
    assert toy.low_years is None and toy.high_years is None
    assert toy.assumptions.is_empty() and "facts" not in toy.frames and "statements/years-low" not in toy.frames


def test_progress_is_told_from_the_first_step_to_the_last():
    said = []
    run(TOY, progress=said.append)
    assert said[0] == "reading the case" and "building greedily, for comparison" in said
    assert "low" not in said[0] and said.index("asking why demand waits") < len(said) - 1


def test_a_tree_runs_to_its_end(tree):
    """docs/guide/toy-tree.md; the statements are those of the trunk, the baseline builds nothing for demand that it does not see."""
    assert tree.plan.value == pytest.approx(18.2025, abs=1e-4) and tree.greedy.value == pytest.approx(0)
    assert cash(tree.statements.years) == {2026: pytest.approx(-30)}
    assert {b.scenario for b in tree.bottlenecks} == {"trunk", "high", "low"}


@pytest.mark.parametrize("error", [InfeasibleError("none"), SolverLimitError("no plan within 1 s")], ids=lambda e: type(e).__name__)
def test_a_baseline_that_fails_is_none(error, monkeypatch):
    def fails(_case):
        raise error

    monkeypatch.setattr(import_module("barbell.study.run"), "greedy", fails)
    found = run(TOY)
    assert found.greedy is None and not [name for name in found.frames if name.startswith("greedy/")]


def test_errors_are_those_of_planning():
    with pytest.raises(InfeasibleError, match="grid"):
        run(TOY, {"limits.grid.sense": ">=", GRID: "30 MW"})
    with pytest.raises(CaseError, match="gird"):
        run(TOY, {"limits.gird.bound": "9 MW"})


# The ends of the ranges


def test_facts_of_the_case_itself_move_to_their_ends(own):
    """Of the grid more is better: low at the bad end, high at the good one."""
    found = run(with_facts(own, "grid,7.5,MW,2025-01-01,test,S,5,9", "idle,1,MW,2025-01-01,test,S,0,2"), {GRID: "@grid"})
    assert cash(found.statements.years) == pytest.approx(planned(own, grid="7.5 MW"))
    assert cash(found.low_years) == pytest.approx(planned(own, grid="5 MW"))
    assert cash(found.high_years) == pytest.approx(planned(own, grid="9 MW"))
    assert found.frames["statements/years-low"] is found.low_years
    assert found.frames["facts"]["name"].to_list() == ["grid", "idle"]


def test_the_ends_are_those_of_the_day_of_the_case(own):
    folder = with_facts(own, "grid,7.5,MW,2025-01-01,test,S,7,8", "grid,9,MW,2027-01-01,test,S,1,20")
    found = run(folder, {GRID: "@grid"})
    assert cash(found.high_years) == pytest.approx(planned(own, grid="8 MW"))


def test_facts_that_barbell_brings_move_too():
    day = "2026-08-01"
    fact = next(f for name, f in known(day).items() if name.endswith("-energy_price") and f.grade == "S")
    path = "processes.grid.variable_cost"
    found = run(TOY, {path: f"@{fact.name}", "as_of": day})
    for end, years in (("low", found.high_years), ("high", found.low_years)):
        alone = plan(TOY, {path: f"{getattr(fact, end)} {fact.unit}"})
        assert cash(years) == pytest.approx(cash(statements(alone.case, alone.tables).years)), "dear energy is the bad end"


def test_an_end_without_a_plan_is_none(own):
    """At least so much must be drawn: 30 MW, the bad end, nobody can draw."""
    found = run(with_facts(own, "grid,5,MW,2025-01-01,test,S,1,30"), {"limits.grid.sense": ">=", GRID: "@grid"})
    assert found.low_years is None and found.high_years is not None
