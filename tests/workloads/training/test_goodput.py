"""Goodput: limits that can be worked out by hand, and the best interval."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barbell.workloads.training.goodput import Reliability, best_interval, failures, goodput

NEVER = Reliability(chip_hours=math.inf, software_hours=math.inf)
HOURS = st.floats(1e3, 1e6)


def test_without_failures_only_writing_counts():
    assert goodput(np.array([1024.0]), NEVER, interval=1000.0) == pytest.approx(1 / (1 + 20 / 1000))


def test_by_hand():
    """1,000 chips, one failure in 50,000 chip-hours and none of software: one in 50 hours; every 1,000 s a checkpoint of 20 s."""
    how = Reliability(chip_hours=50_000, software_hours=math.inf, restart=600, write=20)
    assert goodput(np.array([1000.0]), how, interval=1000.0) == pytest.approx((1 - (600 + 510) / 180_000) / 1.02)


def test_llama_3_kept_nine_tenths():
    """Meta, 2024: more than 90 % effective time on 16,384 H100; ours is 89 %, with time for restarts that is an assumption."""
    assert goodput(np.array([16384.0]))[0] == pytest.approx(0.9, abs=0.03)


@given(st.floats(8, 1e5), HOURS, st.floats(1.0, 2.0))
def test_the_best_interval_is_best(chips, hours, off):
    how = Reliability(chip_hours=hours)
    best = best_interval(np.array([chips]), how)
    share = goodput(np.array([chips]), how)
    for other in (best * off, best / off):
        assert goodput(np.array([chips]), how, interval=other) <= share + 1e-9


def test_for_rare_failures_the_interval_is_that_of_young():
    how = Reliability(chip_hours=1e8, software_hours=math.inf, restart=0.0)
    assert best_interval(np.array([8192.0]), how) == pytest.approx(math.sqrt(2 * 20 * 1e8 * 3600 / 8192), rel=0.01)


@given(st.floats(8, 1e5), st.floats(1.0, 100.0), HOURS)
def test_more_chips_fail_more_often(chips, more, hours):
    how = Reliability(chip_hours=hours)
    assert failures(np.array([chips * more]), how) >= failures(np.array([chips]), how)
    shares = goodput(np.array([chips, chips * more]), how)
    assert 0 <= shares[1] <= shares[0] + 1e-12 <= 1


def test_software_fails_at_any_size():
    how = Reliability(chip_hours=math.inf, software_hours=100)
    assert failures(np.array([8.0]), how) == failures(np.array([8000.0]), how) == pytest.approx(1 / 360_000)


def test_a_job_that_fails_faster_than_it_restarts_does_nothing():
    assert goodput(np.array([1e9]), Reliability(chip_hours=1.0)) == 0


@pytest.mark.parametrize("wrong", [{"chip_hours": 0.0}, {"software_hours": -1.0}, {"restart": -1.0}, {"write": -1.0}])
def test_senseless_times_are_refused(wrong):
    with pytest.raises(ValueError, match="must be positive"):
        Reliability(**wrong)
