"""The toy case against its solution by hand (docs/guide/toy.md), cell by cell."""

import pytest

from barbell import study
from tests.conftest import ROOT
from tests.plan.small import total

D26, D27, END = 1.1**-0.5, 1.1**-1.5, 1.1**-2


@pytest.fixture(scope="module")
def plan():
    return study.plan(ROOT / "cases" / "toy")


@pytest.mark.parametrize(("item", "period", "amount"), [("hall", "2026", 2.5), ("hall", "2027", 0), ("chip", "2026", 4), ("chip", "2027", 2)])
def test_orders(plan, item, period, amount):
    assert total(plan.tables["orders"], item=item, period=period) == pytest.approx(amount)


@pytest.mark.parametrize(("item", "period", "amount"), [("hall", "2026", 5), ("hall", "2027", 7.5), ("chip", "2026", 4), ("chip", "2027", 6)])
def test_fleet(plan, item, period, amount):
    assert total(plan.tables["fleet"], item=item, period=period) == pytest.approx(amount)


@pytest.mark.parametrize(
    ("item", "period", "served", "lost"), [("train", "2026", 2, 0), ("train", "2027", 4, 0), ("serve", "2026", 2, 4), ("serve", "2027", 2, 4)]
)
def test_served(plan, item, period, served, lost):
    assert total(plan.tables["served"], "served", item=item, period=period) == pytest.approx(served)
    assert total(plan.tables["served"], "lost", item=item, period=period) == pytest.approx(lost)


@pytest.mark.parametrize(
    ("line", "first", "second"),
    [
        ("revenue", 140, 220),
        ("variable cost", -6.5, -9.75),
        ("capex", -145, -54),
        ("tax", -20.9, -33.59),
        ("free cash flow", -32.4, 122.66),
        ("cash", -32.4, 90.26),
    ],
)
def test_money(plan, line, first, second):
    money = plan.tables["money"]
    assert total(money, line=line, period="2026") == pytest.approx(first)
    assert total(money, line=line, period="2027") == pytest.approx(second)


def test_closing(plan):
    assert plan.parts["closing: assets in service"] == pytest.approx(139.4 * END)
    assert plan.parts["closing: tax book"] == pytest.approx(34.54 * END)


def test_value(plan):
    assert plan.value == pytest.approx(-32.4 * D26 + 122.66 * D27 + 173.94 * END)


def test_limit_is_reached(plan):
    assert total(plan.tables["limits"], "used", item="grid", period="2027") == pytest.approx(7.5)


def chip(year):
    """Worth of ordering one thousand chips in a year, before what they earn."""
    if year == 2026:
        return -30 * D26 + 0.2 * 6 * (D26 + D27) + (0.8 * 27 * 0.6 + 0.2 * 18) * END
    return -27 * D27 + 0.2 * 5.4 * D27 + (0.8 * 27 * 0.8 + 0.2 * 21.6) * END


HALL = -10 * D26 + 0.2 * 1 * D27 + (0.8 * 10 * 0.95 + 0.2 * 9) * END
EARNS = 0.8 * (0.8 * 30 - 0.5 - 0.8)


def price(plan, **where):
    return total(plan.tables["prices"], "price", **where)


def test_price_of_the_grid(plan):
    """One more MW in 2027 carries 0.8 thousand chips more, in a hall ordered the year before."""
    assert price(plan, kind="limit", item="grid", period="2027") == pytest.approx(EARNS * D27 + 0.8 * chip(2027) + HALL)


def test_price_of_the_hall(plan):
    """One more MW of hall in 2026 lets 0.8 thousand chips be ordered a year earlier."""
    assert price(plan, kind="capacity", item="hall", period="2026") == pytest.approx(EARNS * D26 + 0.8 * (chip(2026) - chip(2027)))


def test_price_in_the_money_of_the_period(plan):
    found = plan.tables["prices"]
    row = found.filter((found["kind"] == "limit") & (found["period"] == "2027"))
    assert row["price_then"][0] == pytest.approx(row["price"][0] / D27)


def test_nothing_else_is_scarce(plan):
    found = plan.tables["prices"]
    kinds = set(found.filter(found["kind"] != "account")["kind"])
    assert kinds == {"limit", "capacity", "demand"}
    assert price(plan, kind="capacity", item="hall", period="2027") == pytest.approx(-HALL)


def test_explain_confirms_prices(plan):
    for b in study.explain(plan):
        assert b.low - 1e-6 <= b.price <= b.high + 1e-6
