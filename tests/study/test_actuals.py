"""A case beside what happened: of a file, and of the figures that its entities have reported."""

import polars as pl
import pytest

from barbell import study
from barbell.core.errors import CaseError
from barbell.study.actuals import published
from tests.conftest import ROOT

TOY = ROOT / "cases" / "toy"
TEXT = """metric,item,place,period,value,unit,source
capex,,,2026,100,MUSD2026,board
in_service,chip,va,2026,2.5,kchip,count
revenue,,,2026,95,MUSD2026,
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    path = tmp_path_factory.mktemp("series") / "happened.csv"
    path.write_text(TEXT, encoding="utf-8")
    return study.actuals(TOY, file=path)


def test_plan_actual_difference_and_share(found):
    rows = {row["what"]: row for row in found.series.iter_rows(named=True)}
    capex = rows["company capex"]
    assert capex["planned"] == pytest.approx(145.0) and capex["actual"] == 100.0
    assert capex["difference"] == pytest.approx(-45.0) and capex["share"] == pytest.approx(100 / 145 - 1)
    assert rows["chip@va in service"]["planned"] == pytest.approx(4.0)
    assert rows["chip@va in service"]["planned_so_far"] is None and rows["company capex"]["actual_so_far"] == 100.0
    assert all(row["held"] == "yes" and row["line"] > 1 for row in rows.values())


def test_the_replan_is_held_and_worth_less(found):
    assert found.through == "2026" and found.replan.value < found.plan.value
    for row in found.series.iter_rows(named=True):
        assert row["replanned"] == pytest.approx(row["actual"], rel=1e-4)
    money = found.compared.money.filter((pl.col("line") == "capex") & (pl.col("year") == 2026)).row(0, named=True)
    assert money["re-plan"] == pytest.approx(100.0, rel=1e-4)


def test_why_adds_up_to_the_change_in_value(found):
    moved = found.parts["re-plan"].sum() - found.parts["plan"].sum()
    assert moved == pytest.approx(found.replan.value - found.plan.value, rel=1e-6)


def test_prices_are_those_of_later_periods(found):
    assert set(found.compared.prices.columns) == {"kind", "item", "place", "plan", "re-plan"} and found.compared.prices.height


def test_reported_figures_come_through_the_same_door():
    case = study.check(ROOT / "cases" / "amazon-2026")
    rows = {(a.metric, a.entity, a.period): a for a in published(case)}
    assert {key[0] for key in rows} == {"capex", "revenue", "operating_income", "ppe_net"}
    assert rows["capex", "amazon", "2026Q1"].value == 43234.0 and rows["revenue", "aws", "2026Q2"].value == 42232.0
    assert all(actual.source and actual.unit == "MUSD2026" for actual in rows.values())
    assert not any(key[2] == "2026H1" for key in rows)  # the quarters are there


def test_nothing_to_set_beside_is_a_fault():
    with pytest.raises(CaseError, match="no series is given"):
        study.actuals(TOY)
    with pytest.raises(CaseError, match="holds no figure"):
        study.actuals(TOY, from_store=True)


def test_a_future_that_forks_after_what_happened(tmp_path):
    """Eight halls were ordered, six were planned: the mean of both futures follows."""
    path = tmp_path / "ordered.csv"
    path.write_text("metric,item,period,value,unit\nordered,hall,2026,8,MW\n", encoding="utf-8")
    found = study.actuals(ROOT / "cases" / "toy-tree", file=path)
    row = found.series.row(0, named=True)
    assert row["held"] == "yes" and row["replanned"] == pytest.approx(8.0)
    assert row["planned"] == pytest.approx(found.plan.tables["orders"].filter(pl.col("item") == "hall")["value"].sum())
    assert found.replan.value <= found.plan.value + 1e-6
