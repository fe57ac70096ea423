"""Software gets faster: nothing at once, something later, most on the youngest chips, and as far as repeated runs say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barbell.study import known
from barbell.workloads.serving.calibration import assembled, told
from barbell.workloads.serving.predict import answer
from barbell.workloads.serving.uplift import PRIOR, Uplift, learned
from tests.workloads.serving.made import deployment, measured, rows
from tests.workloads.serving.test_learn import fitted

MOVING = Uplift(0.3, 0.1, 1.0, {"h200": 3.0})
FACTS = known("9999-12-31")


def gained(chip, years):
    return float(MOVING.gained(deployment(chip), years)[0][0])


@given(st.floats(0, 10), st.floats(0, 10))
def test_more_years_never_gain_less_and_none_gain_nothing(one, other):
    less, more = sorted((one, other))
    assert gained("b200", 0.0) == 0.0
    assert gained("b200", less) <= gained("b200", more) + 1e-12 <= np.log(1.3) + 1e-9


def test_an_old_chip_has_little_to_gain():
    assert 0 < gained("h200", 1.0) < gained("b200", 1.0)


def test_later_is_faster_and_less_certain():
    asked = deployment("b200", flight=16.0)
    for quantity, faster in (("tpot", -1), ("ttft", -1), ("tok_s_per_chip", 1)):
        (now, sure), (then, doubt) = (answer(asked, fitted().later(years), quantity) for years in (0.0, 2.0))
        assert np.sign(then[0] - now[0]) == faster and doubt[0] > sure[0]


def test_no_years_change_nothing():
    asked = deployment("b200", flight=16.0)
    assert answer(asked, fitted().later(0.0), "tpot")[0] == pytest.approx(answer(asked, fitted(), "tpot")[0], rel=0)


def test_it_survives_its_facts():
    back = assembled(told(fitted().later(3.0)), fitted().fitted)
    assert back.uplift.most == fitted().uplift.most and back.uplift.ages == fitted().uplift.ages and back.years == 0.0


def pairs(fall):
    """Two models that ran again on a B200 half a year later, with the time per token that many logarithms lower."""
    count = 4
    found = rows(
        chip=["B200"] * count, model=["llama_3_70b", "llama_3_70b", "deepseek_r1", "deepseek_r1"], engine=["vllm"] * count, grade=["A"] * count,
        date=["2025-03-01", "2025-09-01"] * 2, serving_mode=["aggregated"] * count, concurrency=[16] * count,
    )  # fmt: skip
    return measured(found, tpot_ms=np.array([20.0, 20.0 * np.exp(-fall)] * 2))


def test_what_is_learned_follows_the_pairs_and_starts_from_the_prior():
    slow, fast = (learned(pairs(fall), FACTS) for fall in (-0.1, 0.2))
    assert slow.most < PRIOR[0] < fast.most and max(slow.doubt, fast.doubt) < PRIOR[1]


def test_rows_without_dates_leave_the_prior():
    assert learned(rows(chip=["B200"], model=["llama_3_70b"], date=["2025-2026"], tpot_ms=[20.0]), FACTS) == Uplift()
