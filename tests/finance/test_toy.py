"""The two toy cases, whose plans docs/guide derives by hand: their statements, by hand."""

import polars as pl
import pytest

import barbell
from barbell.finance import NOT_MODELLED, cost_per_gw, statements
from tests.conftest import ROOT
from tests.finance.reading import closes, column, line


@pytest.fixture(scope="module")
def toy():
    plan = barbell.plan(ROOT / "cases" / "toy")
    return plan, statements(plan.case, plan.tables)


def of(found, name):
    return pytest.approx(line(found, name, "company"))


def test_income(toy):
    """Chips of 120 and 54 over five years, a hall of 25 over twenty from 2027; the first hall has no historic cost."""
    _, found = toy
    assert of(found, "revenue: frontier") == [80, 160]
    assert of(found, "revenue: inference") == [60, 60]
    assert of(found, "revenue") == [140, 220]
    assert of(found, "variable cost") == [6.5, 9.75]
    assert of(found, "depreciation: servers") == [24, 34.8]
    assert line(found, "depreciation: buildings", "company") == pytest.approx([0, 1.25])
    assert of(found, "operating income") == [140 - 6.5 - 24, 220 - 9.75 - 36.05]
    assert of(found, "operating margin") == [109.5 / 140, 174.2 / 220]


def test_cash(toy):
    """As the guide to the toy has it: the tax is the plan's, and there is no business outside."""
    _, found = toy
    assert of(found, "tax") == [20.9, 33.59]
    assert of(found, "operating cash flow") == [140 - 6.5 - 20.9, 220 - 9.75 - 33.59]
    assert of(found, "capex: buildings") == [25, 0] and of(found, "capex: servers") == [120, 54]
    assert of(found, "free cash flow") == [-32.4, 122.66]
    assert of(found, "free cash flow of the programmes") == [-32.4, 122.66]
    assert of(found, "cash") == [-32.4, 90.26]


def test_a_lone_entity_is_its_own_group(toy):
    _, found = toy
    both = [found.lines.filter(pl.col("scope") == scope).select("line", "value").rows() for scope in ("own", "consolidated")]
    assert [name for name, _ in both[0]] == [name for name, _ in both[1]]
    assert [value for _, value in both[0]] == pytest.approx([value for _, value in both[1]])


def test_property(toy):
    """The hall waits a year under construction."""
    _, found = toy
    closes(found)
    assert column(found.construction, "closing", klass="buildings") == pytest.approx([25, 0])
    assert column(found.construction, "placed", klass="servers") == pytest.approx([120, 54])
    assert column(found.capital, "additions", klass="buildings") == pytest.approx([0, 25])
    assert column(found.capital, "closing", klass="buildings") == pytest.approx([0, 23.75])
    assert column(found.capital, "closing", klass="servers") == pytest.approx([96, 115.2])


def test_projects_keep_five_dates_apart(toy):
    _, found = toy
    hall = found.projects.filter(pl.col("asset") == "hall").row(0, named=True)
    dates = {name: hall[name] for name in ("ordered", "first_paid", "last_paid", "delivered", "in_service", "depreciated_from", "depreciated_until")}
    assert dates == {"ordered": "2026", "first_paid": "2026", "last_paid": "2026", "delivered": "2027-01", "in_service": "2027",
                     "depreciated_from": "2027-01", "depreciated_until": "2047-01"}  # fmt: skip
    assert (hall["units"], hall["price"], hall["cost"]) == pytest.approx((2.5, 10, 25))
    assert found.payments["value"].sum() == pytest.approx(199)


def test_years_are_the_periods_of_a_yearly_plan(toy):
    _, found = toy
    for name in ("revenue", "operating margin", "cash", "free cash flow"):
        assert line(found, name, "company", frame="years") == of(found, name)
    assert set(found.years["months"]) == {12}


def test_what_is_left_out_is_said(toy):
    assert toy[1].not_modelled == NOT_MODELLED and "earnings per share" in NOT_MODELLED[0]


def test_cost_of_a_gigawatt(toy):
    """A thousand chips draw 1.25 MW and use 1.25 MW of hall at 10: 800 thousand a GW, at 30 and, a third of them, at 27."""
    plan, _ = toy
    frame = cost_per_gw(plan.case, plan.tables, it=("power",))
    found = dict(frame.select("part", "value").iter_rows())
    assert found == pytest.approx({"chips": 800 * (4 * 30 + 2 * 27) / 6, "hall": 10_000, "all": 33_200})
    assert frame["ordered"].to_list() == pytest.approx([6 * 1.25 / 1000] * 3) and set(frame["unit"]) == {"MUSD2026/GW"}


def test_each_branch_has_its_own_statements():
    """Before the fork all see the same; after it each its own, and each ties with its own plan."""
    plan = barbell.plan(ROOT / "cases" / "toy-tree")
    entity = plan.case.tables.entities[0].name
    trunk, high, low = (statements(plan.case, plan.tables, name) for name in ("trunk", "high", "low"))
    seen = [found.lines["period"].n_unique() for found in (trunk, high, low)]
    assert seen[0] < seen[1] == seen[2] == len(plan.case.horizon.labels)
    revenue = [line(found, "revenue", entity) for found in (trunk, high, low)]
    spent = [line(found, "capex", entity) for found in (trunk, high, low)]
    assert sum(spent[0]) > 0
    for branch in (1, 2):
        assert spent[branch][: seen[0]] == pytest.approx(spent[0]) and revenue[branch][: seen[0]] == pytest.approx(revenue[0])
    assert sum(revenue[1]) > sum(revenue[2])
    money = plan.tables["money"].filter((pl.col("line") == "revenue") & (pl.col("scenario") != "low"))
    assert revenue[1] == pytest.approx(money["value"].to_list())


def test_an_unknown_scenario_is_refused(toy):
    plan, _ = toy
    with pytest.raises(KeyError):
        statements(plan.case, plan.tables, "boom")
