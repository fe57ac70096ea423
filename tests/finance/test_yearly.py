"""What a year of work costs, by hand: annuities along the chain, and energy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barbell import plan
from barbell.core.nouns import Asset, Process, Resource
from barbell.core.relations import Cohort, PriceStep, ProcessRate, Use
from barbell.finance.yearly import annuity, yearly_cost
from tests.finance.test_metrics import FLOW, chain
from tests.small import number

TEN, TWENTY, THIRTY = (0.1 / (1 - 1.1**-years) for years in (10, 20, 30))
"""Annuities at 10 %."""


def priced(name, cost):
    return Process(name=name, unit="MW", where="va", entity="co", variable_cost=number(cost))


def made(process, resource, rate):
    return ProcessRate(process=process, resource=resource, rate=number(rate))


def costs(case, *processes):
    found = plan.solve(case)
    frame = yearly_cost(found.case, found.tables, processes or ["make"], ["2026"])
    return {(process, part): value for process, part, value in frame.select("process", "part", "value").iter_rows()}


@given(st.one_of(st.just(0.0), st.floats(1e-4, 0.5)), st.integers(1, 40))
def test_an_annuity_pays_back_what_it_is_worth(rate, years):
    """Its payments, discounted one by one, are worth 1."""
    assert sum(annuity(rate, 12 * years) / (1 + rate) ** n for n in range(1, years + 1)) == pytest.approx(1)


def test_through_the_chain():
    """A chip of 20 over ten years; 2 MW of IT: a hall of 15 over 20 years that works 80 % of the time, 1.3 MW of grid of 2 over 30; 1 to run."""
    found = costs(chain())
    assert found["make", "hall"] == pytest.approx(20 * TEN + 2 * 15 / 0.8 * TWENTY), "the chip of the small case is called hall"
    assert found["make", "grid"] == pytest.approx(2 * 1.3 * 2 * THIRTY)
    assert found["make", "running"] == pytest.approx(1.0) and len(found) == 3


def test_energy_is_what_brings_power_and_upkeep_counts():
    found = costs(chain(
        chip={"fixed_opex": 3.0},
        more_resources=(Resource(name="power", **FLOW),),
        more_processes=(priced("buy", 0.5),),
        more_rates=(made("house", "power", -0.9), made("buy", "power", 1.0)),
    ))  # fmt: skip
    assert found["make", "energy"] == pytest.approx(2 * 0.9 * 0.5)
    assert found["make", "hall"] == pytest.approx(20 * TEN + 3 + 2 * 15 / 0.8 * TWENTY)


def test_what_the_plan_does_not_run_has_a_cost_on_the_same_scale():
    """A chip at twice the price that nobody buys, in the same hall."""
    found = costs(
        chain(
            more_assets=(Asset(name="dear", unit="kchip", capex=40.0, programme="build", life_months=120),),
            more_processes=(priced("other", 1.0),),
            more_uses=(Use(process="other", asset="dear", use=number(1.0)),),
            more_rates=(made("other", "good", 1.0), made("other", "it_liquid", -2.0)),
            cohorts=(Cohort(name="none", asset="dear", place="va", amount=0.0, service="2025"),),
        ),
        "make", "other",
    )  # fmt: skip
    assert found["other", "dear"] == pytest.approx(40 * TEN) and found["other", "hall"] == pytest.approx(2 * 15 / 0.8 * TWENTY)
    assert found["other", "grid"] == pytest.approx(found["make", "grid"])


def test_what_draws_on_something_that_nobody_makes_has_no_row():
    unsold = (PriceStep(demand="sell", step=1, share=1.0, price=number(0.5)),)
    assert costs(chain(price_steps=unsold)) == {}
