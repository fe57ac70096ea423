"""Depreciation against closed forms and against the table of the tax office."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barbell.core.depreciation import deducted
from barbell.core.relations import DepreciationClass

classes = st.builds(
    DepreciationClass,
    name=st.just("c"),
    months=st.integers(1, 480),
    method=st.sampled_from(["straight", "declining"]),
    bonus=st.floats(0, 1),
)


def share(age, **fields):
    return deducted(DepreciationClass(name="c", **fields), np.atleast_1d(np.asarray(age, dtype=float)))


def test_straight_line_is_age_over_life():
    assert share([-1, 0, 1, 2.5, 5, 9], months=60) == pytest.approx([0, 0, 0.2, 0.5, 1, 1])


def test_bonus_is_deducted_at_once():
    assert share([0, 1e-9, 1, 5], months=60, bonus=0.4) == pytest.approx([0, 0.4, 0.4 + 0.6 * 0.2, 1], abs=1e-8)


def test_declining_balance_by_hand():
    # 5 years: 40 % of what is left, until the straight rest is more (year 4: 0.216/2 = 0.108 > 0.4 * 0.216 = 0.0864)
    assert share([1, 2, 3, 4, 5], months=60, method="declining") == pytest.approx([0.4, 0.64, 0.784, 0.892, 1.0])


@pytest.mark.parametrize("life", [7, 10, 15, 20])
def test_declining_balance_is_geometric_until_the_switch(life):
    # twice the straight rate of the balance is more than the straight rest while fewer than life/2 years are gone
    years = np.arange(1, life // 2 + 1)
    assert share(years, months=12 * life, method="declining") == pytest.approx(1 - (1 - 2 / life) ** years)


def test_life_of_broken_years_ends_whole():
    assert share([2.5, 3], months=30, method="declining") == pytest.approx([1, 1])


def test_life_of_less_than_two_years_is_never_deducted_twice():
    assert share([0.5, 1.0, 2.0], months=12, method="declining") == pytest.approx([0.5, 1, 1])


@given(classes, st.lists(st.floats(0, 50), min_size=2, max_size=20).map(sorted))
def test_share_rises_from_nothing_to_all(c, ages):
    found = deducted(c, np.array(ages))
    assert np.all(np.diff(found) >= -1e-12)
    assert np.all((found >= 0) & (found <= 1 + 1e-12))
    assert deducted(c, np.array([0.0, c.months / 12])) == pytest.approx([0, 1])


@given(classes)
def test_declining_is_never_behind_straight(c):
    ages = np.linspace(0, c.months / 12, 50)
    straight = c.model_copy(update={"method": "straight"})
    assert np.all(deducted(c, ages) >= deducted(straight, ages) - 1e-12)
