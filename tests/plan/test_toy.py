"""The toy case against its solution by hand (docs/guide/toy.md): every cell of every table."""

import math

import pytest

from barbell import study
from tests.conftest import ROOT
from tests.small import total

D26, D27, END = 1.1**-0.5, 1.1**-1.5, 1.1**-2


@pytest.fixture(scope="module")
def plan():
    return study.plan(ROOT / "cases" / "toy")


def cells(frame, *columns):
    """Rows of a table as {(item, period): values}, after a look at what must be the same everywhere."""
    assert set(frame["scenario"]) == {"trunk"}
    return {(row["item"], row["period"]): tuple(row[c] for c in columns) for row in frame.iter_rows(named=True)}


def near(expected):
    return {key: tuple(v if isinstance(v, str) else pytest.approx(v, abs=1e-9) for v in values) for key, values in expected.items()}


def test_orders(plan):
    assert cells(plan.tables["orders"], "value", "unit", "place", "action") == near({
        ("hall", "2026"): (2.5, "MW", "va", "order"),
        ("hall", "2027"): (0, "MW", "va", "order"),
        ("chip", "2026"): (4, "kchip", "va", "order"),
        ("chip", "2027"): (2, "kchip", "va", "order"),
    })  # fmt: skip


def test_fleet(plan):
    assert cells(plan.tables["fleet"], "value", "unit", "place") == near({
        ("hall", "2026"): (5, "MW", "va"),
        ("hall", "2027"): (7.5, "MW", "va"),
        ("chip", "2026"): (4, "kchip", "va"),
        ("chip", "2027"): (6, "kchip", "va"),
    })  # fmt: skip


def test_activity(plan):
    assert cells(plan.tables["activity"], "value", "unit", "place") == near({
        ("grid", "2026"): (5, "MW", "va"),
        ("grid", "2027"): (7.5, "MW", "va"),
        ("run", "2026"): (4, "kchip", "va"),
        ("run", "2027"): (6, "kchip", "va"),
    })  # fmt: skip


def test_served(plan):
    columns = ("price", "asked", "served", "waiting", "lost", "market")
    found = {(r["item"], r["step"], r["period"]): tuple(r[c] for c in columns) for r in plan.tables["served"].iter_rows(named=True)}
    assert found == near({
        ("train", 1, "2026"): (40, 2, 2, 0, 0, "frontier"),
        ("train", 1, "2027"): (40, 4, 4, 0, 0, "frontier"),
        ("serve", 1, "2026"): (30, 3, 2, 0, 1, "inference"),
        ("serve", 1, "2027"): (30, 3, 2, 0, 1, "inference"),
        ("serve", 2, "2026"): (30, 3, 0, 0, 3, "inference"),  # the price that buyers pay is that of the last step served
        ("serve", 2, "2027"): (30, 3, 0, 0, 3, "inference"),
    })  # fmt: skip


def test_no_contracts_and_no_stocks(plan):
    assert plan.tables["contracts"].is_empty() and plan.tables["stocks"].is_empty()


def test_limits(plan):
    assert cells(plan.tables["limits"], "used", "lower", "upper", "unit") == {
        ("grid", "2026"): (pytest.approx(5), -math.inf, 7.5, "MW"),
        ("grid", "2027"): (pytest.approx(7.5), -math.inf, 7.5, "MW"),
    }


def test_money(plan):
    money = plan.tables["money"]
    assert set(money["entity"]) == {"company"} and set(money["unit"]) == {"MUSD2026"}
    rows = {(r["line"], r["period"]): r["value"] for r in money.iter_rows(named=True) if r["value"]}
    assert rows == pytest.approx({
        ("revenue", "2026"): 140, ("revenue", "2027"): 220,
        ("variable cost", "2026"): -6.5, ("variable cost", "2027"): -9.75,
        ("capex", "2026"): -145, ("capex", "2027"): -54,
        ("tax", "2026"): -20.9, ("tax", "2027"): -33.59,
        ("free cash flow", "2026"): -32.4, ("free cash flow", "2027"): 122.66,
        ("cash", "2026"): -32.4, ("cash", "2027"): 90.26,
    })  # fmt: skip


def test_parts_and_value(plan):
    parts = {name: value for name, value in plan.parts.items() if value}
    assert parts == pytest.approx({
        "revenue": 140 * D26 + 220 * D27,
        "variable cost": -6.5 * D26 - 9.75 * D27,
        "capex": -145 * D26 - 54 * D27,
        "tax": -20.9 * D26 - 33.59 * D27,
        "closing: assets in service": 139.4 * END,
        "closing: tax book": 34.54 * END,
    })  # fmt: skip
    assert plan.value == pytest.approx(-32.4 * D26 + 122.66 * D27 + 173.94 * END) == pytest.approx(219.1796, abs=1e-4)


MW = 0.8 * (0.8 * 30 - 0.8 * 1 - 0.5)
"""One MW runs 0.8 thousand chips: sold at 30, less running and energy, after tax."""
CHIP26 = 30 * D26 - 1.2 * (D26 + D27) - (0.8 * 27 * 0.6 + 0.2 * 18) * END
"""A thousand chips ordered in 2026: the price, less tax saved on 6 a year, less what they sell for and their tax book of 18 at the end."""
CHIP27 = 27 * D27 - 1.08 * D27 - (0.8 * 27 * 0.8 + 0.2 * 21.6) * END
"""The same a year later."""
HALL26 = 10 * D26 - 0.2 * D27 - (0.8 * 10 * 0.95 + 0.2 * 9) * END
"""A MW of hall ordered in 2026: it serves from 2027."""

PRICES = {
    ("account", "power", "2026"): 0.4 * D26,
    ("account", "power", "2027"): MW * D27 - 0.8 * CHIP27 - HALL26 + 0.4 * D27,
    ("account", "compute", "2026"): 0.8 * 30 * D26,
    ("account", "compute", "2027"): 0.8 * 30 * D27,
    ("capacity", "hall", "2026"): MW * D26 - 0.8 * (CHIP26 - CHIP27),
    ("capacity", "hall", "2027"): HALL26,
    ("capacity", "chip", "2026"): CHIP26 - CHIP27,
    ("capacity", "chip", "2027"): CHIP27,
    ("limit", "grid", "2027"): MW * D27 - 0.8 * CHIP27 - HALL26,
    ("demand", "train", "2026"): 0.8 * (40 - 30) * D26,
    ("demand", "train", "2027"): 0.8 * (40 - 30) * D27,
}
"""Everything that is scarce, and what one more unit of it is worth today."""


def test_prices(plan):
    found = {(r["kind"], r["item"], r["period"]): r["price"] for r in plan.tables["prices"].iter_rows(named=True)}
    assert found == pytest.approx(PRICES)


def test_prices_in_the_money_of_their_period(plan):
    for row in plan.tables["prices"].iter_rows(named=True):
        assert row["price_then"] == pytest.approx(row["price"] / {"2026": D26, "2027": D27}[row["period"]])


@pytest.mark.parametrize("there", [k for k in PRICES if k[0] != "account"], ids="-".join)
def test_explain_confirms_each_price_on_both_sides(plan, there):
    (found,) = [b for b in study.explain(plan) if (b.kind, b.item, b.period) == there]
    assert (found.low, found.high) == pytest.approx((PRICES[there], PRICES[there]))
    assert found.worth == pytest.approx(PRICES[there] * found.amount)


def test_limit_is_reached_only_where_it_has_a_price(plan):
    assert total(plan.tables["prices"], "price", kind="limit", period="2026") == 0


def test_the_second_half_of_enterprises_is_not_served_even_with_room():
    """At a marginal revenue of 10 a MW earns 5.36 in 2027, less than its chips and hall cost."""
    room = {"limits.grid.bound": "30 MW", "options.chip/site.order_limit": "50 kchip/year", "programmes.build.envelope": "2000 MUSD2026/year"}
    found = study.plan(ROOT / "cases" / "toy", room)
    assert (0.8 * CHIP27 + HALL26) / D27 > 0.8 * (0.8 * 10 - 0.8 - 0.5)
    assert total(found.tables["served"], "served", item="serve", period="2027") == pytest.approx(3)
