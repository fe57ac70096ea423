"""Property by hand: one vintage to the cent, payments before and after service, conversions, retirements, losses, and published sums."""

import csv

import polars as pl
import pytest

from barbell.core.errors import LedgerError
from barbell.core.nouns import Asset, Entity, Programme
from barbell.core.relations import Cohort, Conversion, DepreciationClass, Index, Option, Payment
from tests.conftest import ROOT
from tests.finance.reading import closes, column, line, money, written
from tests.small import case, horizon, number

CLASSES = (DepreciationClass(name="servers", months=60), DepreciationClass(name="buildings", months=468))
PUBLISHED = ROOT.parent / "shared" / "validation" / "finance"


def asset(name="chip", capex=1200.0, life=60, **more):
    usual = {"unit": "kchip", "programme": "build", "depreciation": "servers", "life_months": life}
    return Asset(name=name, capex=capex, **{**usual, **more})


def quarters(count, **tables):
    return case(horizon(*[3] * count), **{"classes": CLASSES, "options": (Option(asset="chip", place="va"),), **tables})


def test_a_vintage_to_the_cent():
    """Half a thousand chips at 1,234.56, dearer by 3 % in the second quarter and by a tenth here; five years from the third quarter on.

    Cost 0.5 x 1234.56 x 1.03 x 1.1 = 699.378...; 40 % is paid when ordered, 60 % five months after service; a quarter charges 3/60 of it.
    """
    made = quarters(
        5,
        assets=(asset(capex=1234.56, lead_months=3, index="price", payment="p"),),
        indices=(Index(name="price", path=number("2026:1 2026-04:1.03")),),
        options=(Option(asset="chip", place="va", capex_factor=1.1),),
        payments=(Payment(name="p", anchor="order", months=0, share=0.4), Payment(name="p", anchor="service", months=5, share=0.6)),
    )
    found = written(
        made, orders=[("2026Q2", "chip", "va", "order", 0.5, "kchip")], money=money(made, capex=[0, 279.751, 0, 419.627, 0])
    )  # a third decimal away, within a millionth
    closes(found)
    assert [round(v, 2) for v in line(found, "capex: servers")] == [0, 279.75, 0, 419.63, 0]
    assert [round(v, 2) for v in line(found, "depreciation: servers")] == [0, 0, 34.97, 34.97, 34.97]
    assert [round(v, 2) for v in column(found.capital, "closing")] == [0, 0, 664.41, 629.44, 594.47]
    assert [round(v, 2) for v in column(found.construction, "closing")] == [0, 279.75, 0, 0, 0]
    assert [round(v, 2) for v in column(found.payables, "closing")] == [0, 0, 419.63, 0, 0]


def test_depreciation_over_life_is_cost():
    """Seven quarters of life of 20 months: the last is short, and then it is charged in full."""
    made = quarters(8, assets=(asset(life=20),))
    found = written(made, orders=[("2026Q1", "chip", "va", "order", 1.0, "kchip")], money=money(made, capex=[1200, *[0] * 7]))
    assert line(found, "depreciation") == pytest.approx([180] * 6 + [120, 0])
    assert column(found.capital, "closing")[-1] == pytest.approx(0) and line(found, "write-offs") == pytest.approx([0] * 8)


def test_what_is_lost_is_written_off():
    """A fifth a year is lost: depreciation and write-offs together are still the cost."""
    made = quarters(8, assets=(asset(life=24, attrition=0.2),))
    found = written(made, orders=[("2026Q1", "chip", "va", "order", 1.0, "kchip")], money=money(made, capex=[1200, *[0] * 7]))
    closes(found)
    lost = 1200 * (1 - 0.8**0.25) * 21 / 24
    assert line(found, "write-offs")[1] == pytest.approx(lost)
    assert sum(line(found, "depreciation")) + sum(line(found, "write-offs")) == pytest.approx(1200)


def test_retirement_writes_off_at_once():
    """Half of a vintage is retired after two quarters of twenty: 1200 x 18/20 / 2."""
    made = quarters(4, assets=(asset(retirable=True),))
    fleet = [(p, "chip", "va", "chip@va 2026Q1", units, "kchip") for p, units in zip(made.horizon.labels, (1.0, 1.0, 0.5, 0.5), strict=True)]
    orders = [("2026Q1", "chip", "va", "order", 1.0, "kchip"), ("2026Q3", "chip", "va", "retire", 0.5, "kchip")]
    found = written(made, orders=orders, fleet=fleet, money=money(made, capex=[1200, 0, 0, 0]))
    closes(found)
    assert line(found, "write-offs") == pytest.approx([0, 0, 540, 0])
    assert line(found, "depreciation") == pytest.approx([60, 60, 30, 30])


def test_a_conversion_carries_the_book_value_over():
    """A hall of 1200, two quarters old, becomes another class for 100 after a quarter: 1180 moves into construction, then 1280 over ten years."""
    hall = asset("hall", life=360, depreciation="buildings", unit="MW")
    liquid = asset("liquid", life=120, capex=1.0, unit="MW")
    made = quarters(
        5,
        assets=(hall, liquid),
        options=(Option(asset="hall", place="va"),),
        conversions=(Conversion(name="refit", source="hall", target="liquid", months=3, capex=100.0),),
    )
    labels = made.horizon.labels
    fleet = [(p, "hall", "va", "hall@va 2026Q1", units, "MW") for p, units in zip(labels, (1.0, 1.0, 0.0, 0.0, 0.0), strict=True)]
    fleet += [(p, "liquid", "va", "liquid@va", 1.0, "MW") for p in labels[3:]]
    orders = [("2026Q1", "hall", "va", "order", 1.0, "MW"), ("2026Q3", "hall", "va", "convert by refit", 1.0, "MW")]
    found = written(made, orders=orders, fleet=fleet, money=money(made, capex=[1200, 0, 100, 0, 0]))
    closes(found)
    assert line(found, "write-offs") == pytest.approx([0] * 5)
    assert column(found.capital, "transfers", klass="buildings") == pytest.approx([0, 0, -1180, 0, 0])
    assert column(found.construction, "transfers", klass="servers") == pytest.approx([0, 0, 1180, 0, 0])
    assert column(found.construction, "closing", klass="servers") == pytest.approx([0, 0, 1280, 0, 0])
    assert column(found.capital, "additions", klass="servers") == pytest.approx([0, 0, 0, 1280, 0])
    assert line(found, "depreciation") == pytest.approx([10, 10, 0, 32, 32])
    assert line(found, "capex") == pytest.approx([1200, 0, 100, 0, 0])


def test_cohorts_that_stand_and_cohorts_under_way():
    """Standing two years of five: three fifths of 500 over three years. On order: 300, a third paid, the rest over six months."""
    made = quarters(
        3,
        assets=(asset(),),
        cohorts=(
            Cohort(name="old", asset="chip", place="va", amount=1.0, service="2024", price=500.0),
            Cohort(name="free", asset="chip", place="va", amount=9.0, service="2024"),
            Cohort(name="due", asset="chip", place="va", amount=2.0, service="2026-07", price=150.0, paid=1 / 3),
        ),
    )
    found = written(made, money=money(made, capex=[100, 100, 0]))
    closes(found)
    assert column(found.capital, "opening") == pytest.approx([300, 275, 250])
    assert line(found, "depreciation") == pytest.approx([25, 25, 25 + 15])
    assert column(found.construction, "opening") == pytest.approx([100, 200, 300])
    assert column(found.construction, "placed") == pytest.approx([0, 0, 300])
    due = found.projects.row(0, named=True)
    assert (due["source"], due["ordered"], due["first_paid"], due["last_paid"], due["in_service"]) == ("cohort due", "", "before", "2026Q2", "2026Q3")


def test_a_shorter_life_charges_what_the_rule_leaves():
    """One year left of five charges a fifth of the historic cost, over that year."""
    old = Cohort(name="old", asset="chip", place="va", amount=1.0, service="2024", price=500.0, remaining_months=12)
    made = quarters(5, assets=(asset(),), cohorts=(old,))
    found = written(made, money=money(made))
    assert line(found, "depreciation") == pytest.approx([25] * 4 + [0])


def test_late_orders_stay_under_construction():
    made = quarters(2, assets=(asset(lead_months=12),))
    found = written(made, orders=[("2026Q2", "chip", "va", "order", 1.0, "kchip")], money=money(made, capex=[0, 1200]))
    assert column(found.construction, "closing") == pytest.approx([0, 1200]) and line(found, "depreciation") == pytest.approx([0, 0])
    late = found.projects.row(0, named=True)
    assert (late["delivered"], late["in_service"], late["depreciated_from"]) == ("2027-04", "late", "")


def test_land_is_not_depreciated():
    made = quarters(3, assets=(asset(depreciation=""),))
    found = written(made, orders=[("2026Q1", "chip", "va", "order", 1.0, "kchip")], money=money(made, capex=[1200, 0, 0]))
    assert column(found.capital, "closing", klass="not depreciated") == pytest.approx([1200] * 3)


def test_an_expensing_programme_has_no_property():
    """What Leo spends is a cost of the quarter; it is in no capex, though the plan counts it there."""
    made = quarters(2, assets=(asset(),), programmes=(Programme(name="build", entity="co", treatment="expense"),))
    found = written(made, orders=[("2026Q1", "chip", "va", "order", 1.0, "kchip")], money=money(made, capex=[1200, 0]))
    assert line(found, "expensed spend") == pytest.approx([1200, 0]) and line(found, "capex") == pytest.approx([0, 0])
    assert line(found, "operating income") == pytest.approx([-1200, 0]) and line(found, "free cash flow") == pytest.approx([-1200, 0])
    assert found.capital.is_empty()


def test_a_plan_that_does_not_tie_is_a_bug():
    made = quarters(2, assets=(asset(),))
    orders = [("2026Q1", "chip", "va", "order", 1.0, "kchip")]
    with pytest.raises(LedgerError, match="capex of co in 2026Q1 is 1200 here and 1199 in the plan"):
        written(made, orders=orders, money=money(made, capex=[1199, 0]))
    with pytest.raises(LedgerError, match="transfers within the group of co in 2026Q2"):
        written(made, orders=orders, money=money(made, capex=[1200, 0], cash=[-1200, -1100]))


def rows(name):
    with (PUBLISHED / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="needs the published back-test beside the repository")
@pytest.mark.parametrize("firm", ["AMZN", "GOOGL", "META", "MSFT"])
def test_published_vintages(firm):
    """Back-test with fixed lives, rebuilt through the statements: monthly twelfths of filed capex, 60 % over five years from the third month
    after, 40 % over 25 years from the twelfth; the year's charge to the million."""
    spent = {int(r["fiscal_year"]): float(r["capex_used_usd_m"]) for r in rows("backtest_d_inputs.csv") if r["entity"] == firm}
    first, count = min(spent), 12 * len(spent)
    made = case(
        horizon(*[1] * count, start=str(first)),
        assets=(asset("short", 1.0, 60, lead_months=3), asset("long", 1.0, 300, lead_months=12, depreciation="buildings")),
        options=(Option(asset="short", place="va"), Option(asset="long", place="va")),
        classes=CLASSES,
        entities=(Entity(name="co", discount_rate=0.1),),
    )
    monthly = [spent[first + t // 12] / 12 for t in range(count)]
    parts = (("short", 0.6), ("long", 0.4))
    orders = [(p, a, "va", "order", share * x, "u") for p, x in zip(made.horizon.labels, monthly, strict=True) for a, share in parts]
    found = written(made, orders=orders, money=money(made, capex=monthly)).years.filter(
        (pl.col("line") == "depreciation") & (pl.col("scope") == "own")
    )
    charge = dict(found.select("year", "value").iter_rows())
    published = [r for r in rows("backtest_d_forecasts.csv") if r["entity"] == firm and r["model"] == "vintage_fixed_5y_unscaled"]
    assert published
    for row in published:
        assert charge[int(row["fiscal_year"])] == pytest.approx(float(row["forecast_usd_m"]), abs=0.51)
