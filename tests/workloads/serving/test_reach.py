"""Reach: no distance at home, doublings away from it, and doubt that grows with them as left-out ends say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barbell.workloads.serving.calibration import GROUPS
from barbell.workloads.serving.deployment import questions
from barbell.workloads.serving.effects import shared
from barbell.workloads.serving.fit import closed_form, normal, samples
from barbell.workloads.serving.reach import FAR, MOST, boxes, distances, ends, growth, joined
from barbell.workloads.serving.spread import DOUBLING, half_widths
from tests.workloads.serving.made import KNOWN, deployment
from tests.workloads.serving.test_learn import TRUTH, fitted, world

HOME = questions(world(), KNOWN).deployments
FIT = fitted().fits["tpot"]


def away(asked):
    return tuple(float(part[0]) for part in distances(asked, boxes(HOME)))


def test_rows_are_at_home():
    own, kin = distances(HOME, boxes(HOME))
    assert not own.any() and not kin.any()


def test_each_doubling_beyond_an_end_counts_one():
    assert away(deployment("h200", flight=4 * 96)) == pytest.approx((2.0, 2.0))
    assert away(deployment("h200", flight=1)) == pytest.approx((1.0, 1.0))
    assert away(deployment("h200", flight=16 * 96, tokens=(4096 * 8, 1024)))[0] == pytest.approx(5.0)


def test_a_chip_without_rows_has_those_of_its_vendor():
    assert away(deployment("gb300", flight=2 * 96)) == pytest.approx((FAR, 1.0))
    assert away(deployment("trainium2", "deepseek_r1", chips=16)) == (FAR, FAR)


@given(st.floats(0, 8), st.floats(0, 8))
def test_farther_is_never_narrower(one, other):
    near, far = sorted((one, other))
    flights = 96 * 2.0 ** np.array([near, far])
    wide = half_widths(deployment("h200", flight=flights, memory=1e15), FIT.spread, FIT.weights, GROUPS["tpot"], FIT.reach)
    assert wide[0] <= wide[1] + 1e-12


def test_without_a_reach_nothing_widens():
    far = deployment("h200", flight=96 * 64, memory=1e15)
    told = [float(half_widths(far, FIT.spread, FIT.weights, GROUPS["tpot"], reach)[0]) for reach in ({}, FIT.reach)]
    assert told[0] < told[1]


def test_two_sets_cover_what_either_does():
    first, second = boxes(deployment("h200", flight=4)), boxes(deployment("h200", flight=64)) | boxes(deployment("h100", flight=2))
    both = joined(first, second)
    assert set(both) == {"h100", "h200"} and both["h200"][0] == 2.0 and both["h200"][4] == 6.0


def test_ends_lie_beyond_what_stays():
    for name, out in ends(HOME).items():
        chip = HOME.chip.codes == HOME.chip.names.index(name.split("|")[0])
        assert (chip & out).any() and (chip & ~out).any() and not (out & ~chip).any(), name


def test_growth_is_what_the_errors_at_the_ends_ask_for():
    """Errors that are drawn from a half-width that grows by 0.04 a doubling are found to do so; errors as at home do not grow."""
    cuts, clean, rng = ends(HOME), np.ones(len(HOME), dtype=bool), np.random.default_rng(5)
    width = np.full(len(HOME), 0.05)
    errors = {}
    for name, out in cuts.items():
        chip = HOME.chip.codes == HOME.chip.names.index(name.split("|")[0])
        far = distances(HOME, boxes(HOME.take(chip & ~out)))[0]
        errors[name] = np.where(out, np.sqrt(0.05**2 + 0.04 * far) / 1.2816 * rng.normal(size=len(HOME)), 0.0)
    assert growth(HOME, clean, width, errors, cuts)["nvidia"] == pytest.approx(0.04, rel=0.4)
    small = {name: 0.01 * np.ones(len(HOME)) for name in cuts}
    assert growth(HOME, clean, width, small, cuts)["nvidia"] < 1e-4 < MOST


def test_ends_are_left_out_as_if_fitted_without():
    sample = samples(world(), KNOWN)["tpot"]
    base, found = closed_form("tpot", sample.asked, TRUTH)
    made = normal(sample, shared(GROUPS["tpot"]), sample.target - base, found)
    out = next(iter(ends(sample.asked).values()))
    assert made.without(out)[out] == pytest.approx((made.off - made.matrix @ made.solution(out))[out])


def test_a_calibration_learns_growth_and_reach():
    assert any(name.startswith(DOUBLING) for name in FIT.spread) and set(FIT.reach) == {"b200", "h100", "h200"}
    assert not fitted().fits["full"].reach
