"""The tree with two leaves against its solution by hand (docs/guide/toy-tree.md)."""

from dataclasses import replace

import pytest

from barbell import study
from tests.conftest import ROOT
from tests.small import total

CASE = ROOT / "cases" / "toy-tree"
D26, D27 = 1.1**-0.5, 1.1**-1.5


def worth(built, asked):
    """One future by hand: margin 9 on what is sold in 2027, less the halls paid in 2026."""
    return 9 * min(built, asked) * D27 - 3 * built * D26


def mean(built):
    return 0.5 * worth(built, 10) + 0.5 * worth(built, 2)


def planned(**changes):
    return study.plan(CASE, {path.replace("__", "."): value for path, value in changes.items()})


def ordered(plan):
    return total(plan.tables["orders"], item="hall")


@pytest.fixture(scope="module")
def plan():
    return study.plan(CASE)


@pytest.fixture(scope="module")
def forecast():
    """The case without its branches: the trunk's own numbers are the means."""
    case = study.check(CASE)
    return study.plan(replace(case, tables=replace(case.tables, scenarios=(), changes=())))


def test_ten_are_built_before_anyone_knows(plan):
    orders = plan.tables["orders"].filter(plan.tables["orders"]["value"] != 0)
    assert orders.rows() == [("trunk", "2026", "hall", "va", "order", pytest.approx(10), "MW")]


def test_value(plan):
    assert plan.value == pytest.approx(54 * D27 - 30 * D26) == pytest.approx(18.2025, abs=1e-4)
    assert plan.value == pytest.approx(max(mean(n) for n in range(13)))


def test_parts(plan):
    parts = {name: value for name, value in plan.parts.items() if value}
    assert parts == {"revenue": pytest.approx(60 * D27), "variable cost": pytest.approx(-6 * D27), "capex": pytest.approx(-30 * D26)}


@pytest.mark.parametrize(("scenario", "sold", "lost"), [("high", 10, 0), ("low", 2, 0)])
def test_each_branch(plan, scenario, sold, lost):
    there = {"scenario": scenario, "period": "2027"}
    assert total(plan.tables["fleet"], item="hall", **there) == pytest.approx(10)
    assert total(plan.tables["activity"], item="run", **there) == pytest.approx(sold)
    assert total(plan.tables["served"], "asked", **there) == pytest.approx(sold + lost)
    assert total(plan.tables["served"], "served", **there) == pytest.approx(sold)
    assert total(plan.tables["served"], "lost", **there) == pytest.approx(lost, abs=1e-9)
    money = {line: total(plan.tables["money"], line=line, **there) for line in ("revenue", "variable cost", "capex", "free cash flow", "cash")}
    assert money == pytest.approx({"revenue": 10 * sold, "variable cost": -sold, "capex": 0, "free cash flow": 9 * sold, "cash": 9 * sold - 30})


def test_the_trunk_pays(plan):
    assert total(plan.tables["money"], scenario="trunk", period="2026", line="free cash flow") == pytest.approx(-30)
    assert set(plan.tables["money"].filter(plan.tables["money"]["scenario"] == "trunk")["period"]) == {"2026"}


def test_value_of_perfect_information(plan, forecast):
    known = [study.plan(replace(forecast.case, tables=with_volume(forecast.case, asked))) for asked in (10.0, 2.0)]
    assert [ordered(k) for k in known] == pytest.approx([10, 2])
    assert sum(k.value for k in known) / 2 == pytest.approx(54 * D27 - 18 * D26)
    assert sum(k.value for k in known) / 2 - plan.value == pytest.approx(12 * D26) == pytest.approx(11.4416, abs=1e-4)


def with_volume(case, asked):
    (demand,) = case.tables.demands
    steps = tuple((month, asked if value else value) for month, value in demand.volume.steps)
    return replace(case.tables, demands=(demand.model_copy(update={"volume": replace(demand.volume, steps=steps)}),))


def test_value_of_the_stochastic_solution(plan, forecast):
    assert ordered(forecast) == pytest.approx(6)
    assert forecast.value == pytest.approx(worth(6, 6)), "what the forecast promises"
    kept = planned(**{"options.hall/va.order_limit": "6 MW/year"})
    assert ordered(kept) == pytest.approx(6) and kept.value == pytest.approx(mean(6)), "what comes of it"
    assert plan.value - kept.value == pytest.approx(18 * D27 - 12 * D26) == pytest.approx(4.1606, abs=1e-4)


@pytest.mark.parametrize(("weight", "built"), [("0.26", 10), ("0.27", 2), ("1", 2)])
def test_price_of_risk(weight, built):
    """The worse half of futures turns the plan at a weight of 4/15."""
    found = planned(risk__weight=weight, risk__tail="0.5")
    assert ordered(found) == pytest.approx(built)
    assert found.value == pytest.approx((1 - float(weight)) * mean(built) + float(weight) * worth(built, 2))


@pytest.mark.parametrize(
    ("kind", "scenario", "price", "then"),
    [("capacity", "high", 6 * D26, 6.6), ("capacity", "low", 0, 0), ("demand", "high", 9 * D27 - 6 * D26, 2.4), ("demand", "low", 9 * D27, 9)],
)
def test_prices(plan, kind, scenario, price, then):
    there = {"kind": kind, "scenario": scenario, "period": "2027"}
    assert total(plan.tables["prices"], "price", **there) == pytest.approx(price, abs=1e-9)
    assert total(plan.tables["prices"], "price_then", **there) == pytest.approx(then, abs=1e-9)


def test_prices_are_confirmed_by_solving_again(plan):
    confirmed = {(b.kind, b.scenario): (b.low, b.high) for b in study.explain(plan) if b.period == "2027"}
    assert confirmed["capacity", "high"] == pytest.approx((6 * D26, 6 * D26))
    assert confirmed["demand", "high"] == pytest.approx((9 * D27 - 6 * D26, 9 * D27 - 6 * D26))
    assert confirmed["demand", "low"] == pytest.approx((9 * D27, 9 * D27))
