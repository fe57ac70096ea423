"""A limit on a pace: the same yearly rate whatever the length of the periods."""

import pytest

from barbell.core.nouns import Entity, Limit
from barbell.core.relations import Cohort, Debt, Term
from barbell.plan import solve
from tests.small import built, case, horizon, number


def paced(window, bound="12", months=(3, 3, 6, 12), **tables):
    limit = Limit(name="pace", unit="MW", sense="<=", bound=number(bound), window=window)
    return case(horizon(*months), **built(life=600, volume=1000.0, capex=0.1, limits=(limit,), **tables))


def orders(plan):
    return plan.tables["orders"]["value"].to_list()


def test_a_rate_counts_amounts_per_year():
    plan = solve(paced("rate", terms=(Term(limit="pace", measure="order", item="hall", coefficient=1.0),)))
    assert orders(plan) == pytest.approx([3.0, 3.0, 6.0, 12.0])
    assert plan.tables["limits"]["used"].to_list() == pytest.approx([12.0] * 4)


def test_a_period_counts_amounts_as_they_are():
    plan = solve(paced("period", terms=(Term(limit="pace", measure="order", item="hall", coefficient=1.0),)))
    assert orders(plan) == pytest.approx([12.0] * 4)


def test_what_is_under_way_counts_at_the_same_pace():
    cohort = Cohort(name="coming", asset="hall", place="va", amount=2.0, service="2026Q2", price=0.0)
    plan = solve(paced("rate", cohorts=(cohort,), terms=(Term(limit="pace", measure="service", item="hall", coefficient=1.0),)))
    assert orders(plan) == pytest.approx([3.0, 1.0, 6.0, 12.0])


def test_averages_are_no_amounts():
    plan = solve(paced("rate", terms=(Term(limit="pace", measure="fleet", item="hall", coefficient=1.0),)))
    assert plan.tables["fleet"]["value"].to_list() == pytest.approx([12.0] * 4)


def test_levels_at_the_end_are_no_amounts():
    """Debt of 12 at the end of a quarter is 12, not 48 a year."""
    debt = Debt(name="bond", entity="co", rate=0.05, fair_rate=0.05)
    floor = {"entities": (Entity(name="co", discount_rate=0.1, cash_floor=number(0.0)),)}
    terms = (Term(limit="pace", measure="debt", item="bond", coefficient=1.0),)
    plans = [solve(paced(window, debts=(debt,), terms=terms, **floor)) for window in ("rate", "period")]
    assert plans[0].value == pytest.approx(plans[1].value)
    assert max(plans[0].tables["debts"]["debt"]) == pytest.approx(12.0)
