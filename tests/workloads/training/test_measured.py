"""On public rows, where they are at hand: what is answered, and how far off on models that were never fitted."""

import numpy as np
import pytest

from barbell.workloads.evaluation import score
from barbell.workloads.rows import read
from barbell.workloads.training import calibrate, judge, mark, predict, settled, shipped, target
from tests.workloads.training.build import MEASURED, facts

LEFT = ("MPT-7b", "GPT-h6144-L40", "GPT-h1024-L16", "Llama-3-70B", "DeepSeek-V3")


@pytest.fixture(scope="module")
def told():
    if not MEASURED.is_file():
        pytest.skip("measurements are not at hand: training_measured.csv")
    return read(MEASURED, "training")


@pytest.fixture(scope="module")
def good(told):
    return np.isin(told["grade"], ["A", "B"])


def test_nearly_all_good_rows_are_answered_and_no_refusal_is_silent(told, good):
    found = predict(told, facts())
    assert found.answered[good].mean() >= 0.97
    assert all(bool(reason) != np.isfinite(value) for reason, value in zip(found.refused, found.value, strict=True))


def test_the_shipped_calibration_knows_what_it_has_seen(told, good):
    seen = np.array([mark(name) in shipped(facts()).marks for name in told["row_id"]])
    assert seen[good].mean() > 0.95 and not seen[~good].any()


def test_fitted_rows_are_met(told, good):
    """In-sample, so no promise: dense within 8 % on average, chips ranked as measured."""
    measured = np.where(good, target(told, settled(told, facts())), np.nan)
    found = judge(told, predict(told, facts()), measured)
    assert found.groups["kind"]["dense"].mape < 8 and found.kendall_tau > 0.8


def test_models_left_out_are_met(told, good):
    """Five whole models at once: a fifth of the rows, dense and not."""
    out = np.isin(told["model"], LEFT)
    calibration = calibrate(told.take(~out), facts())
    rest = told.take(out & good)
    found, measured = predict(rest, facts(), calibration), target(rest, settled(rest, facts()))
    dense, routed = (score(measured, found, rest["moe"] == flag) for flag in (0, 1))
    assert dense.mape < 8 and routed.mape < 25 and dense.covered == dense.rows
    assert 65 <= dense.coverage80 <= 95
