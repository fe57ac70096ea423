"""A plan held to what happened: the past as it was, the future as good as can be, and a word where the case cannot tell it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barbell import plan
from barbell.core.actual import Actual
from barbell.core.errors import PlanError
from barbell.core.relations import Change, Cohort, Option, PriceStep, Scenario
from tests.small import built, case, horizon, number, total


def tables(**changed):
    """A hall that pays from the first year on, four years."""
    return built(capex=10.0, volume="2026:10 2027:20", prices=((1.0, 10.0),), **changed)


def solved(**changed):
    return plan.solve(case(horizon(12, 12, 12, 12), **tables(**changed)))


def actual(metric, value, item="", first=0, stop=1, entity=""):
    return Actual(metric, item, "", entity, "2026", first, stop, value, "MW")


def fleet(found, period):
    return total(found.tables["fleet"], item="hall", period=period)


def test_what_happened_as_planned_changes_nothing():
    found = solved()
    told = (actual("in_service", 10.0, "hall"), actual("capex", 100.0, entity="co"), actual("served", 10.0, "sell"), actual("ordered", 10.0, "hall"))
    again, held = plan.follow(found, told, 1)
    assert again.value == pytest.approx(found.value, rel=1e-6)
    assert all(abs(one.miss) < 1e-6 for one in held)


def test_the_past_is_as_it_was_and_the_rest_catches_up():
    found = solved()
    again, (held,) = plan.follow(found, (actual("in_service", 4.0, "hall"),), 1)
    assert held.value == pytest.approx(4.0) and fleet(again, "2026") == pytest.approx(4.0, abs=1e-5)
    assert fleet(again, "2027") == pytest.approx(20.0, abs=1e-5)
    assert again.value < found.value
    assert total(again.tables["served"], "served", period="2026") == pytest.approx(4.0, abs=1e-5)


def test_revenue_is_held_by_serving_less_and_nothing_is_ordered_with_hindsight():
    again, (held,) = plan.follow(solved(), (actual("revenue", 30.0, entity="co"),), 1)
    assert held.value == pytest.approx(30.0)
    assert total(again.tables["served"], "served", period="2026") == pytest.approx(3.0, abs=1e-5)
    assert fleet(again, "2026") == pytest.approx(10.0, abs=1e-4)  # three would have done, but ten were planned


def test_sums_over_several_periods():
    again, (held,) = plan.follow(solved(), (actual("ordered", 14.0, "hall", 0, 2),), 2)
    assert held.value == pytest.approx(14.0)
    orders = again.tables["orders"]
    assert total(orders, period="2026") + total(orders, period="2027") == pytest.approx(14.0, abs=1e-4)
    assert fleet(again, "2028") == pytest.approx(20.0, abs=1e-4)


def test_what_the_case_cannot_tell_is_said():
    """At most 6 a year can be ordered: 9 in service cannot be; the nearest is 6."""
    found = solved(options=(Option(asset="hall", place="va", order_limit=number(6.0)),))
    again, (held,) = plan.follow(found, (actual("in_service", 9.0, "hall"),), 1)
    assert held.value == pytest.approx(6.0) and held.miss == pytest.approx(-1 / 3)
    assert fleet(again, "2026") == pytest.approx(6.0, abs=1e-4)


def test_cohorts_and_their_payments_count():
    cohort = Cohort(name="coming", asset="hall", place="va", amount=3.0, service="2026-07", price=8.0, paid=0.5)
    found = solved(cohorts=(cohort,))
    spent = -total(found.tables["money"], line="capex", period="2026")
    _, held = plan.follow(found, (actual("capex", spent, entity="co"),), 1)
    assert held[0].value == pytest.approx(spent) and abs(held[0].miss) < 1e-6


@settings(max_examples=15, deadline=None)
@given(stands=st.floats(0.0, 20.0), price=st.floats(1.0, 30.0))
def test_any_past_that_the_case_allows_is_held_and_is_worth_no_more_than_the_plan(stands, price):
    found = solved(price_steps=(PriceStep(demand="sell", step=1, share=1.0, price=number(price)),))
    again, (held,) = plan.follow(found, (actual("in_service", stands, "hall"),), 1)
    assert fleet(again, "2026") == pytest.approx(stands, abs=1e-4) and held.value == pytest.approx(stands, abs=1e-6)
    assert again.value <= found.value + 1e-4 * max(1.0, abs(found.value))


def test_a_past_that_forks_is_refused():
    forks = (Scenario(name="up", opens="2027", probability=0.5), Scenario(name="down", opens="2027", probability=0.5))
    change = Change(scenario="up", path="demands.sell.volume", factor=2.0)
    found = plan.solve(case(horizon(12, 12), **tables(), scenarios=forks, changes=(change,)))
    with pytest.raises(PlanError, match="forks"):
        plan.follow(found, (actual("in_service", 4.0, "hall", 0, 2),), 2)


def test_whole_blocks_are_held_to_whole_blocks():
    found = solved(asset={"block": 4.0})
    again, (held,) = plan.follow(found, (actual("in_service", 8.0, "hall"),), 1)
    assert held.value == pytest.approx(8.0, abs=1e-4) and fleet(again, "2026") == pytest.approx(8.0, abs=1e-4)
