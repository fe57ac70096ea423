"""What is decided already: orders under way and spending that a limit asks for."""

import pytest

from barbell.core.nouns import Entity, Limit, Programme
from barbell.core.relations import Cohort, Term
from barbell.finance import statements
from barbell.plan import solve
from barbell.study.committed import committed, first_year, free_share, obliged
from tests.small import built, case, horizon, number


def stated(made):
    return made, statements(made, solve(made).tables)


def under_way(**more):
    """Four MW at 10 arrive after 18 months, a quarter paid: 30 are due in equal months, 20 in the first year."""
    late = Cohort(name="late", asset="hall", place="va", amount=4.0, service="2027-07", price=10.0, paid=0.25)
    return stated(case(horizon(6, 6, 6, 6, 12), **built(cohorts=(late,), **more)))


def by_year(frame):
    return dict(frame.select("year", "value").iter_rows())


def test_what_is_due_on_orders_under_way_is_committed():
    made, found = under_way()
    assert by_year(committed(made, found)) == pytest.approx({2026: 20, 2027: 10})
    assert committed(made, found)["unit"].unique().to_list() == ["MUSD2026"]


def test_the_rest_of_the_capex_is_free():
    """Ten MW at 10 are ordered at once: 100 of 120."""
    made, found = under_way()
    assert free_share(made, found, 2026) == pytest.approx(100 / 120)
    assert first_year(made) == 2026


def test_a_company_below_a_group_counts_once():
    """What a group consolidates is not spent again."""
    firms = (Entity(name="group", discount_rate=0.1), Entity(name="co", parent="group", discount_rate=0.1))
    made, found = under_way(entities=firms)
    assert free_share(made, found, 2026) == pytest.approx(100 / 120)


def test_a_year_without_capex_has_nothing_free():
    made, found = stated(case(**built(capex=1000.0)))
    assert free_share(made, found, 2026) == 0.0 and committed(made, found).is_empty()


def test_what_stands_is_not_due():
    old = Cohort(name="old", asset="hall", place="va", amount=4.0, service="2024", price=10.0, paid=1.0)
    made, found = stated(case(**built(cohorts=(old,))))
    assert by_year(committed(made, found)).get(2026, 0.0) == 0.0


@pytest.mark.parametrize(("sense", "bound"), [(">=", True), ("=", True), ("<=", False)])
def test_spending_that_a_limit_asks_for_is_committed(sense, bound):
    limits = (Limit(name="promise", unit="MUSD2026", sense=sense, bound=number(50), window="year"),)
    terms = (Term(limit="promise", measure="spend", item="build", coefficient=1.0),)
    made, found = stated(case(**built(limits=limits, terms=terms)))
    assert obliged(made) == (frozenset({"build"}) if bound else frozenset())
    paid = found.years.filter((found.years["line"] == "capex") & (found.years["scope"] == "own"))
    assert by_year(committed(made, found)) == (pytest.approx(by_year(paid)) if bound else {})
    assert free_share(made, found, 2026) == (pytest.approx(0) if bound else 1.0)


def test_a_limit_on_an_asset_obliges_no_programme():
    limits = (Limit(name="promise", unit="MW", sense=">=", bound=number(1)),)
    terms = (Term(limit="promise", measure="order", item="hall", coefficient=1.0),)
    programmes = (Programme(name="build", entity="co"), Programme(name="other", entity="co"))
    assert obliged(case(**built(limits=limits, terms=terms, programmes=programmes))) == frozenset()
