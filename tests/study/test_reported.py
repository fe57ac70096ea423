"""What was published beside what is planned, and what was assumed."""

import pytest

from barbell import facts
from barbell.finance import statements
from barbell.plan import solve
from barbell.study import check, run
from barbell.study.reported import ASSUMED, NOWCAST, REPORTED, assumptions, nowcast, reported, tickers
from tests.conftest import ROOT

TOY = ROOT / "cases" / "toy"
AMAZON = {"entities.company.ticker": "AMZN"}


def found(case):
    return statements(case, solve(case).tables)


def test_without_a_ticker_nothing_was_reported(toy):
    assert tickers(toy.case) == {} and toy.reported.is_empty() and dict(toy.reported.schema) == dict(REPORTED)


def test_figures_of_calendar_periods_are_found_by_ticker_of_any_day():
    case = check(TOY, AMAZON)
    frame = reported(case)
    assert tickers(case) == {"AMZN": "company"} and dict(frame.schema) == dict(REPORTED)
    assert {row["entity"].lower() for row in frame.to_dicts()} == {"amzn"}
    assert max(frame["as_of"]) > case.as_of > min(frame["as_of"]), "also what came after: for comparison, never as an input"
    assert not [period for period in frame["period"] if len(period) not in (4, 6) or period.startswith("ttm")]
    shown = next(f for f in facts.figures() if (f.entity, f.metric, f.basis, f.period) == ("amzn", "capex", "net_of_proceeds", "2026Q1"))
    (capex,) = [r for r in frame.to_dicts() if (r["metric"], r["basis"], r["period"]) == ("capex", "net_of_proceeds", "2026Q1")]
    assert capex["value"] == float(shown.value) and capex["unit"] == shown.unit == "MUSD2026"


def test_every_fact_in_use_is_listed_assumptions_first(own):
    (own / "facts.csv").write_text(
        "name,value,unit,as_of,source,grade,low,high\n"
        "cost,10,MUSD2026/MW,2025-01-01,Vendor,A,,\ncost,11,MUSD2026/MW,2025-06-01,Vendor,A,,\ncost,12,MUSD2026/MW,2027-01-01,Vendor,A,,\n"
        "grid,7.5,MW,2025-01-01,Own guess,S,5,9\nidle,1,MW,2025-01-01,Own guess,S,0,2\n",
        encoding="utf-8",
    )
    frame = assumptions(check(own, {"limits.grid.bound": "@grid", "assets.hall.capex": "@cost", "programmes.build.envelope": "200 MUSD2026/year"}))
    assert [(r["fact"], r["value"], r["grade"], r["cells"]) for r in frame.to_dicts()] == [
        ("grid", "7.5", "S", "limits.grid.bound"),
        ("cost", "11", "A", "assets.hall.capex"),
    ], "the version of the case's day; what no cell uses is left out"


def test_a_case_without_facts_assumes_nothing(toy):
    assert toy.assumptions.is_empty() and dict(toy.assumptions.schema) == dict(ASSUMED)


def test_a_plan_by_years_has_no_nowcast(toy):
    case = check(TOY, AMAZON)
    assert nowcast(case, found(case), TOY, AMAZON).is_empty()
    assert toy.nowcast.is_empty() and dict(toy.nowcast.schema) == dict(NOWCAST)


@pytest.fixture(scope="module")
def quarters():
    """The toy by quarters, as if it were Amazon: every figure far too small, but each in its place."""
    return run(TOY, {**AMAZON, "horizon.periods": "8 x quarter"})


def test_halves_of_the_plan_stand_beside_halves_that_were_reported(quarters):
    rows = {(row["metric"], row["period"]): row for row in quarters.nowcast.to_dicts()}
    row = rows["total capex", "2026H1"]
    paid = quarters.statements.lines.filter((quarters.statements.lines["line"] == "capex") & (quarters.statements.lines["scope"] == "consolidated"))
    planned = dict(zip(paid["period"], paid["value"], strict=True))
    assert row["planned"] == pytest.approx(planned["2026Q1"] + planned["2026Q2"]) and row["planned"] > 0
    assert row["later"] == pytest.approx(row["planned"]), "no fact stands behind the toy: nothing was learnt"
    assert (row["basis"], row["unit"]) == ("net_of_proceeds", "MUSD2026") and row["source"] and "below" in row["reason"]
    assert ("aws revenue", "2026H1") not in rows, "the toy has no such segment"


def test_what_was_reported_is_the_sum_of_its_quarters(quarters):
    figures = {
        (f.metric, f.basis, f.period): float(f.value)
        for f in facts.figures() if f.entity.lower() == "amzn" and f.segment == "total" and f.period.startswith("2026Q")
    }  # fmt: skip
    row = next(r for r in quarters.nowcast.to_dicts() if (r["metric"], r["period"]) == ("total capex", "2026H1"))
    assert row["reported"] == pytest.approx(sum(figures["capex", "net_of_proceeds", f"2026Q{q}"] for q in (1, 2)), rel=1e-3)


def test_net_property_is_a_stand_at_the_end_of_a_quarter(own):
    """In service and under construction together; the entity has the name of the segment that reports it."""
    for file in own.rglob("*.csv"):
        file.write_text(file.read_text(encoding="utf-8").replace("company", "aws"), encoding="utf-8")
    changes = {"entities.aws.ticker": "AMZN", "horizon.periods": "8 x quarter"}
    case = check(own, changes)
    made = found(case)
    row = next(r for r in nowcast(case, made, own, changes).to_dicts() if (r["metric"], r["period"]) == ("aws ppe_net", "2026Q2"))
    stands = [frame.filter(frame["period"] == "2026Q2")["closing"].sum() for frame in (made.capital, made.construction)]
    assert min(stands) > 0 and row["planned"] == pytest.approx(sum(stands))


@pytest.mark.parametrize(("money", "size"), [("kUSD2026", 1000.0), ("BUSD2026", 0.001)])
def test_what_was_reported_counts_in_the_money_of_the_case(own, money, size, quarters):
    for file in own.rglob("*"):
        file.write_text(file.read_text(encoding="utf-8").replace("MUSD2026", money), encoding="utf-8")
    changes = {**AMAZON, "horizon.periods": "8 x quarter"}
    case = check(own, changes)
    (row,) = nowcast(case, found(case), own, changes).to_dicts()
    assert row["reported"] == pytest.approx(quarters.nowcast["reported"][0] * size) and row["unit"] == money


def test_figures_in_another_currency_are_not_set_beside_the_plan(own):
    for file in own.rglob("*"):
        file.write_text(file.read_text(encoding="utf-8").replace("MUSD2026", "MEUR2026"), encoding="utf-8")
    changes = {**AMAZON, "horizon.periods": "8 x quarter"}
    case = check(own, changes)
    assert nowcast(case, found(case), own, changes).is_empty()


def test_a_case_of_a_later_day_has_nothing_to_compare():
    later = {**AMAZON, "horizon.periods": "8 x quarter", "as_of": max(f.as_of for f in facts.figures())}
    case = check(TOY, later)
    assert nowcast(case, found(case), TOY, later).is_empty()
