"""Steps of a demand curve, and a backlog as contracts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barbell.demand.backlog import runoff
from barbell.demand.curve import MULTIPLES, steps


def test_a_curve_of_elasticity_one_by_hand():
    """At elasticity 1 the volume is the inverse of the price: 1/2, 1, 2 at prices 2, 1, 1/2."""
    curve = steps(1.0, (2.0, 1.0, 0.5))
    assert curve.asked == pytest.approx(2.0)
    assert curve.shares == pytest.approx((0.25, 0.25, 0.5))


@given(st.floats(0.05, 5))
def test_shares_sum_to_one_and_follow_the_curve(elasticity):
    curve = steps(elasticity)
    assert sum(curve.shares) == pytest.approx(1.0)
    assert min(curve.shares) > 0
    at_reference = sum(share for share, multiple in zip(curve.shares, curve.multiples, strict=True) if multiple >= 1.0)
    assert at_reference * curve.asked == pytest.approx(1.0)


@given(st.floats(0.05, 2), st.floats(1.1, 3))
def test_elastic_buyers_leave_first(elasticity, more):
    """The dearest step holds fewer buyers where demand is more elastic."""
    assert steps(elasticity * more).shares[0] < steps(elasticity).shares[0]


@pytest.mark.parametrize(("elasticity", "multiples"), [(0.0, MULTIPLES), (-1.0, MULTIPLES), (1.0, (1.0, 1.2)), (1.0, (1.0, 0.0)), (1.0, (1.0, 1.0))])
def test_curves_that_make_no_sense(elasticity, multiples):
    with pytest.raises(ValueError, match="positive elasticity"):
        steps(elasticity, multiples)


def test_a_backlog_runs_off_evenly_over_twice_its_life():
    found = runoff(244_000.0, 4.1)
    assert found.months == 98
    assert found.revenue == pytest.approx(244_000 / 8.2)
    assert sum(found.revenue / 12 for _ in range(found.months)) == pytest.approx(244_000, rel=0.005)
    mean_life = sum(found.revenue / 12 * (month + 0.5) / 12 for month in range(found.months)) / 244_000
    assert mean_life == pytest.approx(4.1, rel=0.01)


@pytest.mark.parametrize(("backlog", "life"), [(-1.0, 4.0), (1.0, 0.0)])
def test_backlogs_that_make_no_sense(backlog, life):
    with pytest.raises(ValueError, match="backlog"):
        runoff(backlog, life)
