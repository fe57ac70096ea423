"""Markets with closed forms: who pays one price, who pays their own, who waits, who has signed."""

import math

import numpy as np
import pytest

from barbell import plan
from barbell.core.relations import Contract
from barbell.plan.equations.demand import hull
from tests.small import built, case, horizon, market, number, total

YEAR = horizon(12)
DISC = 1.1**-0.5


def linear(steps, top=100.0, slope=1.0, volume=100.0):
    """Steps of the linear demand curve price = top - slope x quantity."""
    return tuple((1 / steps, top - slope * volume * (n + 1) / steps) for n in range(steps))


def test_uniform_price_monopoly():
    """A monopolist with price = a - b q and cost c sells (a - c) / 2b and earns (a - c)^2 / 4b."""
    found = plan.solve(case(YEAR, **market(100.0, linear(100), cost=20.0, discriminates=False)))
    assert total(found.tables["served"], "served") == pytest.approx(40)
    assert found.value == pytest.approx(40 * 40 * DISC)


def test_discriminating_monopoly():
    """Who charges each buyer their own price sells until the price is the cost: n steps above it earn sum(k - 1)."""
    found = plan.solve(case(YEAR, **market(100.0, linear(100), cost=20.0)))
    assert total(found.tables["served"], "served") >= 79
    assert found.value == pytest.approx(sum(range(80)) * DISC)


def test_hull_pools_what_no_single_price_can_reach():
    """Revenue 10 at 1, 12 at 2 (price 6), 27 at 3 (price 9 is not falling, so take 8.9): the middle step is pooled."""
    slopes = hull(np.array([1.0, 1.0, 1.0]), np.array([[10.0], [6.0], [5.9]]))[:, 0]
    assert slopes == pytest.approx([10.0, (17.7 - 10) / 2, (17.7 - 10) / 2])


def test_price_falls_on_the_marginal_buyer_only_when_all_pay_one_price():
    one = plan.solve(case(YEAR, **market(10.0, ((0.5, 10.0), (0.5, 6.0)), cost=3.0, discriminates=False)))
    own = plan.solve(case(YEAR, **market(10.0, ((0.5, 10.0), (0.5, 6.0)), cost=3.0)))
    assert total(one.tables["served"], "served") == pytest.approx(5)  # the second half adds 60 - 50 of revenue, 15 of cost
    assert total(own.tables["served"], "served") == pytest.approx(10)


def test_patient_customers_wait_and_thin_out():
    """Nothing can be served in the first year; of ten that ask, 10 exp(-1) are still there in the second."""
    tables = built(capex=0.0, lead=12, volume="2026:10 2027:0", asset={"recovery": 0.0})
    demand = tables["demands"][0].model_copy(update={"patience_months": 12.0})
    found = plan.solve(case(**{**tables, "demands": (demand,)}))
    served = found.tables["served"]
    assert total(served, "waiting", period="2026") == pytest.approx(10 * math.exp(-1))
    assert total(served, "served", period="2027") == pytest.approx(10 * math.exp(-1))
    assert total(served, "lost") == pytest.approx(10 * (1 - math.exp(-1)))


def test_impatient_customers_are_lost():
    found = plan.solve(case(**built(capex=0.0, lead=12, asset={"recovery": 0.0})))
    assert total(found.tables["served"], "lost", period="2026") == pytest.approx(10)


def contract(**more):
    usual = {"name": "deal", "market": "m", "resource": "good", "place": "va", "entity": "co", "volume": number(4.0), "price": 8.0}
    return Contract(**{**usual, "term_months": 24, "penalty": 0.0, **more})


def test_signed_contract_is_served_before_nothing():
    found = plan.solve(case(**market(0.0), contracts=(contract(starts="2026"),)))
    assert found.value == pytest.approx(4 * 7 * (1.1**-0.5 + 1.1**-1.5))


def test_contract_on_offer_is_signed_when_it_pays():
    good = plan.solve(case(**market(0.0), contracts=(contract(),)))
    bad = plan.solve(case(**market(0.0), contracts=(contract(price=0.5),)))
    assert total(good.tables["contracts"], "signed", period="2026") == pytest.approx(4)
    assert bad.value == pytest.approx(0) and total(bad.tables["contracts"], "delivered") == pytest.approx(0)


def test_ramp_usage_and_take_or_pay():
    """Half is called, 80 % must be paid for; the volume rises over twelve months, so the first year sees half of it."""
    deal = contract(starts="2026", ramp_months=12, usage=0.5, take_or_pay=0.8)
    found = plan.solve(case(**market(0.0), contracts=(deal,)))
    revenue = found.tables["money"].filter(found.tables["money"]["line"] == "revenue")
    assert list(revenue["value"]) == pytest.approx([0.5 * 4 * 0.8 * 8, 4 * 0.8 * 8])


def test_prepayment_moves_money_not_revenue():
    found = plan.solve(case(**market(0.0), contracts=(contract(prepayment=0.25, closes="2026-02"),)))
    money = found.tables["money"]
    assert total(money, line="prepayments received") == pytest.approx(0.25 * 4 * 8 * 2)
    assert total(money, line="prepayments credited") == pytest.approx(-0.25 * 4 * 8 * 2)
    assert total(money, line="prepayments received", period="2026") == pytest.approx(16)


def test_undelivered_contract_pays_its_penalty():
    tables = built(capex=1000.0, volume=0.0)
    found = plan.solve(case(**tables, contracts=(contract(starts="2026", penalty=3.0),)))
    assert found.value == pytest.approx(-4 * 3 * (1.1**-0.5 + 1.1**-1.5))


def test_price_paid_is_one_for_all_unless_the_seller_discriminates():
    steps = ((0.5, 10.0), (0.5, 6.0))
    one = plan.solve(case(YEAR, **market(10.0, steps, cost=0.5, discriminates=False))).tables["served"]
    own = plan.solve(case(YEAR, **market(10.0, steps, cost=0.5))).tables["served"]
    assert one["price"].to_list() == pytest.approx([6.0, 6.0])
    assert own["price"].to_list() == pytest.approx([10.0, 6.0])


def test_a_changed_case_is_planned_on_the_same_handle():
    first = plan.solve(case(YEAR, **market(10.0)))
    changed = case(YEAR, **market(12.0, cost=2.0))
    assert plan.again(first, changed).value == pytest.approx(plan.solve(changed).value)
    assert first.value == pytest.approx(90 * DISC)
