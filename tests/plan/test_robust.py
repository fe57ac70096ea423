"""The horizon test: what early orders lose because the horizon ends."""

from dataclasses import replace

import pytest

from barbell import study
from barbell.core.errors import PlanError
from barbell.plan import early_loss, solve
from barbell.plan.robust import extended
from tests.conftest import ROOT
from tests.small import built, case, horizon


def short_sighted(recovery):
    """A hall that earns 4 a year for 10 in one year pays only if it is worth something at the end, or the horizon is longer."""
    return case(horizon(12), **built(capex=10.0, cost=6.0, life=120, asset={"recovery": recovery}))


def test_extension_keeps_the_kind_of_the_last_period():
    longer = extended(case(horizon(6, 12), **built()), 2)
    assert longer.horizon.labels == ("2026H1", "2026-07+12m", "2027-07+12m", "2028-07+12m")
    assert longer.horizon.report_end == case(horizon(6, 12), **built()).horizon.report_end


def test_nothing_is_lost_where_assets_keep_their_worth():
    found = early_loss(short_sighted(1.0), 4, "2027")
    assert found.loss == pytest.approx(0, abs=1e-6) and found.free == found.held > 0


def test_a_worthless_end_costs_what_is_not_built_in_time():
    """Without recovery the year builds nothing; five years would build ten MW at once."""
    made = short_sighted(0.0)
    found = early_loss(made, 4, "2027")
    d = [1.1 ** -(t + 0.5) for t in range(5)]
    assert solve(made).value == 0
    assert found.free == pytest.approx(10 * (4 * sum(d) - 10 * d[0]))
    assert found.held == pytest.approx(10 * max(4 * sum(d[1:]) - 10 * d[1], 0))
    assert found.relative == pytest.approx((found.free - found.held) / found.free) and found.relative > 0.2


def test_a_plan_that_is_there_is_not_solved_again():
    toy = study.plan(ROOT / "cases" / "toy")
    assert early_loss(toy.case, 2, "2027", plan=toy) == early_loss(toy.case, 2, "2027")


def test_a_tree_is_extended_in_every_branch():
    found = early_loss(study.check(ROOT / "cases" / "toy-tree"), 1, "2027")
    assert found.free >= found.held - 1e-6 and found.months == 12


@pytest.mark.parametrize(("extra", "first", "words"), [(0, "2027", "one or more"), (1, "2026", "no period starts before"), (1, "soon", "not a date")])
def test_senseless_questions_are_refused(extra, first, words):
    with pytest.raises(PlanError, match=words):
        early_loss(case(**built()), extra, first)


def test_orders_that_do_not_fit_the_longer_problem_say_so():
    """A yard that is large for two years and small over three cannot take what was ordered."""
    made = case(horizon(12, 12), **built(prices=((1.0, 40.0),)))
    option = made.tables.options[0]
    limited = replace(made, tables=replace(made.tables, options=(option.model_copy(update={"closes": "2026"}),)))
    orders = solve(made)
    with pytest.raises(PlanError, match="cannot be held"):
        early_loss(limited, 1, "2027", plan=orders)
