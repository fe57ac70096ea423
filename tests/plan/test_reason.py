"""Why demand is not served, against what the toy case says by hand."""

import pytest

from barbell import study
from barbell.core.nouns import Limit
from barbell.core.relations import Cohort, Profile, SliceRow, Term
from barbell.plan import reasons, solve
from tests.conftest import ROOT
from tests.plan.test_toy import D26, D27, PRICES
from tests.random_cases import random_case
from tests.small import built, case, horizon, market, number


def found(plan):
    """Rows by demand and period."""
    return {(row["demand"], row["period"]): row for row in reasons(plan).iter_rows(named=True)}


def toy(**changes):
    return found(study.plan(ROOT / "cases" / "toy", {path.replace("__", "."): value for path, value in changes.items()}))


def test_the_toy_lacks_a_hall_and_then_the_grid():
    rows = toy()
    assert set(rows) == {("serve", "2026"), ("serve", "2027")}
    first, then = rows["serve", "2026"], rows["serve", "2027"]
    assert (first["reason"], first["thing_kind"], first["thing"], first["thing_place"]) == ("scarce", "capacity", "hall", "va")
    assert first["share"] == pytest.approx(1.25 * PRICES["capacity", "hall", "2026"] / (0.8 * 30 * D26))
    assert (then["reason"], then["thing_kind"], then["thing"]) == ("scarce", "limit", "grid")
    assert then["share"] == pytest.approx(1.25 * PRICES["limit", "grid", "2027"] / (0.8 * 30 * D27))
    for row in (first, then):
        assert (row["lost"], row["waiting"], row["unit"], row["market"]) == (pytest.approx(4), 0, "kchip", "inference")
        assert row["pays"] == pytest.approx(30) and row["costs"] == pytest.approx(30)


def test_the_words_of_the_toy():
    rows = toy()
    assert rows["serve", "2026"]["words"] == (
        "serve@world in 2026: 4 kchip lost, because hall@va is short and nothing ordered from the start on stands by then: "
        "one more brings in 30 and costs 30 MUSD2026/(kchip*year), 59% of that for this scarcity."
    )
    assert "because limit grid is reached" in rows["serve", "2027"]["words"]


def test_with_room_the_price_is_too_low():
    """With 30 MW of grid the second half of enterprises would add 10 to revenue, less than a unit costs in running and building."""
    row = toy(limits__grid__bound="30 MW")["serve", "2027"]
    assert (row["reason"], row["thing"], row["pays"]) == ("price", "", pytest.approx(10)) and row["costs"] > 11
    assert "price is no higher than the cost of serving" in row["words"]


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"options__chip/site__order_limit": "1 kchip/year"}, "order limit chip@va in 2026"),
        ({"programmes__build__envelope": "60 MUSD2026/year"}, "envelope build in 2026"),
    ],
)
def test_a_capacity_held_back_names_what_holds_it(change, cause):
    row = toy(limits__grid__bound="30 MW", **change)["train", "2026"]
    assert (row["thing_kind"], row["thing"], row["cause"]) == ("capacity", "chip", cause)
    assert "held back by" in row["words"]


def test_a_limit_on_orders_is_found_through_the_capacity():
    limits = (Limit(name="yard", unit="MW", sense="<=", bound=number(4), window="horizon"),)
    terms = (Term(limit="yard", measure="order", item="hall", coefficient=1.0),)
    rows = found(solve(case(**built(prices=((1.0, 30.0),), limits=limits, terms=terms))))
    assert {row["cause"] for row in rows.values()} == {"limit yard"}
    assert all(row["lost"] == pytest.approx(6) and row["words"].endswith("of that for this scarcity.") for row in rows.values())


def test_an_asset_that_closes_cannot_be_ordered():
    tables = built(prices=((1.0, 30.0),))
    closed = tables["options"][0].model_copy(update={"closes": "2026"})
    row = found(solve(case(**{**tables, "options": (closed,)})))["sell", "2026"]
    assert row["cause"] == "closed hall@va in 2026" and "no more of it can be ordered" in row["words"]


def test_a_limit_on_sales_stands_for_itself():
    limits = (Limit(name="quota", unit="MW", sense="<=", bound=number(4)),)
    terms = (Term(limit="quota", measure="served", item="sell", coefficient=1.0),)
    row = found(solve(case(**market(volume=10.0, cost=1.0), limits=limits, terms=terms)))["sell", "2026"]
    assert (row["thing_kind"], row["thing"], row["share"]) == ("limit", "quota", pytest.approx(0.9))
    assert row["costs"] == pytest.approx(10) and "limit quota is reached" in row["words"]


def test_what_is_short_by_day_alone_is_asked_of_the_day():
    """Halls for eight, asked twelve by day and four by night: one more by day brings in 10, for 1 and a hall that earns 9."""
    rows = tuple(SliceRow(name=name, day="d", hours=12.0, weight=1.0) for name in ("day", "night"))
    shape = tuple(Profile(name="load", slice=name, value=value) for name, value in (("day", 1.5), ("night", 0.5)))
    tables = built(volume=8.0, capex=1000.0, cohorts=(Cohort(name="old", asset="hall", place="va", amount=8.0, service="2025"),))
    asked = tables["demands"][0].model_copy(update={"profile": "load"})
    halves = (("day", "d", 12.0, 1.0), ("night", "d", 12.0, 1.0))
    made = case(horizon(12, slices=halves), **{**tables, "demands": (asked,)}, slices=rows, profiles=shape)
    row = found(solve(made))["sell", "2026"]
    assert (row["reason"], row["thing"], row["lost"]) == ("price", "hall", pytest.approx(2))
    assert (row["pays"], row["costs"], row["share"]) == (pytest.approx(10), pytest.approx(10), pytest.approx(0.9))


def test_everything_served_needs_no_reason():
    plan = solve(case(**market(volume=10.0, cost=1.0)))
    assert reasons(plan).is_empty() and "words" in reasons(plan).columns


def test_a_price_below_running_cost_needs_no_scarcity():
    row = found(solve(case(**market(volume=10.0, cost=11.0))))["sell", "2026"]
    assert row["reason"] == "price" and (row["pays"], row["costs"]) == (pytest.approx(10), pytest.approx(11))


def test_more_of_a_capacity_that_would_not_pay_is_named():
    """Halls for five stand; one more would cost 200 for two years of 10."""
    tables = built(capex=200.0, asset={"recovery": 0.0})
    row = found(solve(case(**tables, cohorts=(Cohort(name="old", asset="hall", place="va", amount=5.0, service="2025"),))))["sell", "2026"]
    assert (row["reason"], row["thing"], row["cause"]) == ("price", "hall", "worth hall@va in 2026") and row["lost"] == pytest.approx(5)
    assert row["words"].endswith("too little for more hall@va.")


@pytest.mark.parametrize("seed", [*range(0, 54, 4), *range(60, 90, 3)])
def test_nothing_is_refused_that_would_pay(seed):
    """What cannot wait and is not served never pays more than it costs; shares are shares; every row has its sentence."""
    plan = solve(random_case(seed))
    for row in reasons(plan).iter_rows(named=True):
        assert row["lost"] + row["waiting"] > 0 and row["words"].startswith(f"{row['demand']}@{row['place']} in {row['period']}: ")
        if row["waiting"] == 0:
            assert row["pays"] <= row["costs"] * (1 + 1e-5)
        if row["reason"] == "scarce":
            assert 0 < row["share"] <= 1 + 1e-9 and row["thing"]


def test_what_can_wait_may_be_better_served_later():
    kinds = {row["reason"] for seed in (85, 145) for row in reasons(solve(random_case(seed))).iter_rows(named=True)}
    assert "later" in kinds
