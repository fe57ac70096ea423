"""Scores: by hand, and their laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from barbell.workloads.evaluation import Prediction, evaluate, ranking, score

POSITIVE = st.floats(0.01, 100)


def prediction(values, width=1.0, refused=None):
    values = np.array(values, dtype=float)
    return Prediction(values, values / width, values * width, refused or [""] * len(values))


def judged(measured, told, chips=None, workloads=None, **more):
    count = len(measured)
    return evaluate(np.array(measured, dtype=float), told, chips=chips or ["a"] * count, workloads=workloads or [0] * count, groups={}, **more)


def test_errors_by_hand():
    found = judged([1, 1, 1, 1], prediction([1.1, 0.8, 1.0, 1.4], width=1.25)).score
    assert (found.mape, found.median_ape, found.coverage80) == pytest.approx((17.5, 15.0, 75.0))
    assert found.p90_ape == pytest.approx(20 + 0.7 * 20) and found.bias == pytest.approx(math.log(1.1 * 0.8 * 1.4) / 4)


def test_rows_without_a_measured_value_do_not_count_and_refusals_do():
    told = prediction([1.0, math.nan, 2.0], refused=["", "unknown chip", ""])
    found = judged([1.0, 1.0, math.nan], told)
    assert (found.score.rows, found.score.covered, dict(found.refused)) == (2, 1, {"unknown chip": 1})


def test_nothing_answered_is_no_number():
    found = judged([1.0], prediction([math.nan], refused=["no"]))
    assert math.isnan(found.score.mape) and math.isnan(found.kendall_tau) and found.score.covered == 0


def test_groups_add_up_to_the_whole():
    measured = np.array([1.0, 2, 3, 4, 5])
    told = prediction([1.1, 2.1, 2.9, 4.4, 5.0])
    found = evaluate(measured, told, chips=list("aabbb"), workloads=[0] * 5, groups={"chip": list("aabbb")})
    groups = found.groups["chip"]
    assert sum(part.rows for part in groups.values()) == 5
    assert sum(part.rows * part.mape for part in groups.values()) == pytest.approx(5 * found.score.mape)


def test_chips_are_ranked_within_a_workload_only():
    """Two workloads of two chips: one pair right, one wrong; across workloads nothing is compared."""
    tau, pairs = ranking(np.array([1.0, 2, 10, 20]), np.array([1.0, 2, 9, 8]), list("abab"), [0, 0, 1, 1])
    assert (tau, pairs) == (0.0, 2)


def test_chips_that_measure_alike_may_be_left_out():
    measured, told = np.log([1.0, 1.05, 2.0]), np.log([1.1, 1.0, 2.0])
    assert ranking(measured, told, list("abc"), [0] * 3) == (pytest.approx(1 / 3), 3)
    assert ranking(measured, told, list("abc"), [0] * 3, least=0.1) == (1.0, 2)
    found = judged(np.exp(measured), prediction(np.exp(told)), chips=list("abc"))
    assert (found.ranked_pairs, found.pairs_apart, found.tau_apart) == (3, 2, 1.0)


def test_for_times_less_is_better():
    chips, told = ["a", "b"], prediction([2.0, 1.0])
    up, down = (judged([2.0, 1.0], told, chips=chips, rising=rising) for rising in (True, False))
    assert up.kendall_tau == down.kendall_tau == 1.0 and up.ranked_pairs == 1


@given(st.lists(st.tuples(POSITIVE, POSITIVE), min_size=2, max_size=8, unique_by=(lambda p: p[0], lambda p: p[1])))
def test_in_one_workload_it_is_kendalls_tau(points):
    measured, told = np.array(points).T
    tau, pairs = ranking(measured, told, range(len(points)), [0] * len(points))
    assert tau == pytest.approx(kendalltau(measured, told).statistic) and pairs == len(points) * (len(points) - 1) // 2


@given(st.lists(POSITIVE, min_size=1, max_size=20), st.floats(0.2, 5))
def test_a_common_factor_changes_no_score(values, by):
    true = np.array(values)
    told = prediction(np.roll(true, 1), width=1.3)
    scaled = Prediction(told.value * by, told.low * by, told.high * by, told.refused)
    every = np.ones(len(true), dtype=bool)
    before, after = score(true, told, every), score(true * by, scaled, every)
    assert (before.mape, before.p90_ape, before.bias) == pytest.approx((after.mape, after.p90_ape, after.bias), abs=1e-6)
