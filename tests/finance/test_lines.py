"""Lines of income, cash and funding, by hand or against what a solved plan must give."""

import polars as pl
import pytest

from barbell import plan
from barbell.core.branch import seen_by
from barbell.core.errors import LedgerError
from barbell.core.nouns import Entity, Programme
from barbell.core.relations import Change, Debt, Gate, Index, Profile, Scenario, SliceRow
from barbell.finance import statements
from tests.finance.reading import line
from tests.plan.test_markets import contract
from tests.small import built, case, horizon, market, number

HALVES = horizon(6, 6, 12)


def told(made, scenario="trunk"):
    found = plan.solve(made)
    return found, statements(made, found.tables, scenario)


def test_revenue_by_market_with_contracts():
    """A market of 10 at 10, and a deal of 4 at 8 of which half is called and 80 % is paid for: 4 x 0.5 x 8 x 1.6 a year."""
    deal = contract(starts="2026", usage=0.5, take_or_pay=0.8).model_copy(update={"market": "labs"})
    _, found = told(case(HALVES, **market(10.0), contracts=(deal,)))
    assert line(found, "revenue: m") == pytest.approx([50, 50, 100])
    assert line(found, "revenue: labs") == pytest.approx([12.8, 12.8, 25.6])
    assert line(found, "contract revenue") == line(found, "revenue: labs")
    assert line(found, "variable cost") == pytest.approx([6, 6, 12])
    assert line(found, "operating income") == pytest.approx([56.8, 56.8, 113.6])
    assert line(found, "operating margin") == pytest.approx([56.8 / 62.8] * 3)


def test_prepayments_are_cash_when_signed_and_revenue_when_delivered():
    """Four at 8 over two years, a quarter ahead: 16 when signed, recognised evenly; operating income does not see it."""
    _, found = told(case(**market(0.0), contracts=(contract(prepayment=0.25, closes="2027", volume=number("2026:4 2027:0")),)))
    assert line(found, "prepayments received") == pytest.approx([16, 0]) and line(found, "prepayments recognised") == pytest.approx([8, 8])
    assert line(found, "operating income") == pytest.approx([28, 28])
    assert line(found, "operating cash flow") == pytest.approx([36, 20])


def test_a_ramp_is_half_of_its_length():
    """Over a year of ramp and one in full, 4 at 8: 16, then 32; a quarter of 48 is paid ahead."""
    deal = contract(prepayment=0.25, ramp_months=12, closes="2027", volume=number("2026:4 2027:0"))
    _, found = told(case(**market(0.0), contracts=(deal,)))
    assert line(found, "revenue") == pytest.approx([16, 32])
    assert line(found, "prepayments received") == pytest.approx([12, 0])


def test_penalties_of_customers_contracts_and_gates():
    """Nothing can be built in time: 10 lost at 2, a deal of 4 undelivered at 3, and a gate that wants 5 at 1, for a year each."""
    tables = built(capex=0.0, lead=12)
    demand = tables["demands"][0].model_copy(update={"penalty": 2.0})
    deal = contract(starts="2026", penalty=3.0, term_months=12)
    gate = Gate(name="first", programme="build", asset="hall", place="va", amount=5.0, by="2026", penalty=1.0)
    _, found = told(case(**{**tables, "demands": (demand,)}, contracts=(deal,), gates=(gate,)))
    assert line(found, "penalties")[0] == pytest.approx(20 + 12 + 5)


def test_upkeep_grows_with_age_and_index():
    """Ten halls at 2 a year, 10 % dearer a year by index and 20 % by age; those ordered in 2027 are new."""
    tables = built(capex=0.1, volume="2026:10 2027:15", asset={"fixed_opex": 2.0, "opex_index": "wages", "ageing": 0.2})
    _, found = told(case(**tables, indices=(Index(name="wages", growth=0.1),)))
    assert line(found, "fixed opex") == pytest.approx([20, 10 * 2 * 1.1 * 1.2 + 5 * 2 * 1.1])


def test_costs_are_means_over_the_slices():
    """Eighteen hours at half load and six at full: the mean is 6.25 of 10."""
    shape = tuple(Profile(name="load", slice=name, value=level) for name, level in (("low", 0.5), ("high", 1.0)))
    rows = tuple(SliceRow(name=name, day="day", hours=hours, weight=1.0) for name, hours in (("low", 18.0), ("high", 6.0)))
    day = horizon(12, slices=(("low", "day", 18.0, 1.0), ("high", "day", 6.0, 1.0)))
    _, found = told(case(day, **market(10.0, profile="load"), profiles=shape, slices=rows))
    assert line(found, "revenue") == pytest.approx([62.5]) and line(found, "variable cost") == pytest.approx([6.25])


def family(**more):
    """A parent with a base business and a child that must be paid for by it."""
    return (
        Entity(name="top", discount_rate=0.1, cash=50.0, base_cash=number("2026:30 2027:60"), cash_yield=0.1),
        Entity(name="co", parent="top", discount_rate=0.1, cash_floor=number(0.0), draws=number(200.0), pays=number(0.0), **more),
    )


def test_a_child_is_paid_by_its_parent_and_the_group_nets_out():
    """Ten halls at 10 before a first year's margin of 90: the parent puts in 10, and its cash earns a return until mid-year and from there."""
    made = case(**built(capex=10.0, prices=((1.0, 10.0),)), entities=family())
    _, shown = told(made)
    child, top = (line(shown, "transfers received", name) for name in ("co", "top"))
    assert child[0] == pytest.approx(-top[0]) and child[0] >= 10 - 1e-6
    assert line(shown, "transfers received", "top", "consolidated") == pytest.approx([0, 0], abs=1e-6)
    assert line(shown, "return on cash", "top")[0] == pytest.approx(50 * (1.1**0.5 - 1))
    assert line(shown, "base business cash", "top") == pytest.approx([30, 60])
    both = [a + b for a, b in zip(line(shown, "cash", "top"), line(shown, "cash", "co"), strict=True)]
    assert line(shown, "cash", "top", "consolidated") == pytest.approx(both)
    assert line(shown, "free cash flow", "top", "consolidated") == pytest.approx(
        [30 + 90 - 100 + 50 * (1.1**0.5 - 1), line(shown, "free cash flow", "top")[1] + 90]
    )
    assert line(shown, "revenue", "co", "consolidated") == []
    assert line(shown, "operating margin", "top") == [] and line(shown, "operating margin", "top", "consolidated") != []


def test_interest_fees_and_debt():
    """A hundred is needed and nothing is at hand: draw with a fee of 5 %, pay interest from mid-year to mid-year on what is owed."""
    firm = Entity(name="co", discount_rate=0.1, cash_floor=number(0.0))
    loan = Debt(name="loan", entity="co", rate=0.08, fair_rate=0.08, fee=0.05, opening=40.0)
    found, shown = told(case(**built(capex=30.0, prices=((1.0, 10.0),)), entities=(firm,), debts=(loan,)))
    drawn, owed = line(shown, "borrowed"), line(shown, "debt")
    interest = [(1.08**0.5 - 1) * 40, 0.08 * owed[0]]
    assert drawn[0] == pytest.approx((300 - 90 + interest[0]) / 0.95) and line(shown, "financing fees")[0] == pytest.approx(0.05 * drawn[0])
    assert line(shown, "interest") == pytest.approx(interest)
    assert owed[0] == pytest.approx(40 + drawn[0])
    assert line(shown, "free cash flow")[0] == pytest.approx(90 - interest[0] - 300)
    assert line(shown, "free cash flow of the programmes")[0] == pytest.approx(-210)
    assert found.tables["debts"]["debt"].to_list() == pytest.approx(owed)
    without = {name: frame for name, frame in found.tables.items() if name != "debts"}
    with pytest.raises(LedgerError, match="hand over all tables"):
        statements(found.case, without)


def test_expensing_is_in_operating_cash_flow():
    made = case(**built(capex=1.0), programmes=(Programme(name="build", entity="co", treatment="expense"),))
    _, found = told(made)
    assert line(found, "expensed spend")[0] == pytest.approx(10)
    assert line(found, "operating cash flow")[0] == pytest.approx(80) and line(found, "capex")[0] == 0


def test_years_gather_quarters_and_say_how_many_months():
    """Amounts add up, levels are those of the last quarter, a margin is income over revenue; the last year is one quarter."""
    _, found = told(case(horizon(3, 3, 3, 3, 3), **market("2026:10 2026Q3:20")))
    assert line(found, "revenue", frame="years") == pytest.approx([150, 50])
    assert line(found, "cash", frame="years") == pytest.approx([135, 180])
    assert line(found, "operating margin", frame="years") == pytest.approx([0.9, 0.9])
    assert found.years.filter(pl.col("line") == "revenue")["months"].unique().sort().to_list() == [3, 12]


def test_a_branch_is_told_with_what_it_sees():
    """Prices of inputs double in one branch: its statements say so, and the other's do not."""
    made = case(**market(10.0), scenarios=tuple(Scenario(name=n, opens="2027", probability=0.5) for n in ("dear", "cheap")),
                changes=(Change(scenario="dear", path="processes.make.variable_cost", factor=2.0),))  # fmt: skip
    found = plan.solve(made)
    cost = {name: line(statements(made, found.tables, name), "variable cost") for name in ("trunk", "dear", "cheap")}
    assert cost == {"trunk": pytest.approx([10]), "dear": pytest.approx([10, 20]), "cheap": pytest.approx([10, 10])}
    assert seen_by(made, "dear").tables.processes[0].variable_cost != made.tables.processes[0].variable_cost
