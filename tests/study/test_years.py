"""Results by calendar year, expected over the futures."""

import polars as pl
import pytest

from barbell.core.branch import chances, foreseen, leaves
from barbell.core.relations import Scenario
from barbell.study.years import by_year, calendar, mean_by_year
from tests.small import case, horizon, market

FORKS = (
    Scenario(name="up", opens="2026H2", probability=0.25),
    Scenario(name="down", opens="2026H2", probability=0.75),
    Scenario(name="best", parent="up", opens="2027", probability=0.4),
    Scenario(name="good", parent="up", opens="2027", probability=0.6),
)


@pytest.fixture(scope="module")
def forked():
    return case(horizon(6, 6, 12), **market(), scenarios=FORKS)


def rows(made, *values):
    """(Scenario, number of the period, value)."""
    labels = made.horizon.labels
    return pl.DataFrame([{"scenario": s, "period": labels[t], "item": "hall", "value": v} for s, t, v in values])


def test_chances_multiply_along_the_branches(forked):
    assert chances(forked) == pytest.approx({"trunk": 1, "up": 0.25, "down": 0.75, "best": 0.1, "good": 0.15})
    assert sum(chances(forked)[leaf] for leaf in leaves(forked)) == pytest.approx(1)
    assert set(leaves(forked)) == {"down", "best", "good"} and leaves(case(**market())) == ("trunk",)


def test_a_branch_before_its_parent_in_the_table_is_found(forked):
    turned = case(horizon(6, 6, 12), **market(), scenarios=FORKS[::-1])
    assert chances(turned) == pytest.approx(chances(forked))


def test_all_futures_share_what_comes_before_the_first_fork(forked):
    assert [period.label for period in foreseen(forked)] == ["2026H1"]
    assert len(foreseen(case(horizon(6, 6, 12), **market()))) == 3


def test_sums_and_means_are_expected(forked):
    values = rows(forked, ("trunk", 0, 4.0), ("up", 1, 8.0), ("down", 1, 4.0), ("best", 2, 10.0), ("good", 2, 20.0), ("down", 2, 4.0))
    assert by_year(forked, values, ["item"]).rows() == [("hall", 2026, pytest.approx(4 + 2 + 3)), ("hall", 2027, pytest.approx(1 + 3 + 3))]
    assert mean_by_year(forked, values, ["item"]).rows() == [("hall", 2026, pytest.approx(4.5)), ("hall", 2027, pytest.approx(7))]


def test_what_is_only_solved_is_not_reported():
    from dataclasses import replace

    from barbell.core.horizon import Month

    made = case(horizon(12, 12), **market())
    cut = replace(made, horizon=replace(made.horizon, report_end=Month.parse("2027")))
    assert calendar(cut) == {"2026": 2026}
    assert by_year(cut, rows(cut, ("trunk", 0, 1.0), ("trunk", 1, 5.0)), ["item"]).rows() == [("hall", 2026, 1.0)]
