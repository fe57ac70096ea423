"""Judgement: scores by group, cross-validation that does not peek, and the public rows where they are at hand."""

from __future__ import annotations

import numpy as np
import pytest

from barbell.study import known
from barbell.workloads.rows import read
from barbell.workloads.serving import QUANTITIES, calibrate, crossvalidate, judge, predict, seen, shipped
from barbell.workloads.serving.judge import measured as true
from tests.conftest import ROOT
from tests.workloads.serving.made import KNOWN, grid, measured, rows
from tests.workloads.serving.test_learn import fitted, world

OPEN = ROOT.parent / "shared/validation/silicon/inference_measured.csv"


def test_what_a_row_measured_comes_in_the_unit_of_the_prediction():
    found = rows(
        chip=["H200"] * 3, model=["m"] * 3, serving_mode=["aggregated", "offline", "aggregated"], tpot_ms=[20.0, 20.0, np.nan],
        out_tok_s_per_chip=[np.nan, 50.0, np.nan], total_tok_s_per_chip=[300.0, 300.0, 300.0], in_len=[1024, 1024, np.nan], out_len=[512, 512, 512],
    )  # fmt: skip
    assert true(found, "tpot")[0] == pytest.approx(0.020) and np.isnan(true(found, "tpot")[1:]).all()
    assert true(found, "tok_s_per_chip")[:2] == pytest.approx([100.0, 50.0]) and np.isnan(true(found, "tok_s_per_chip")[2])


def test_scores_come_by_chip_kind_and_engine():
    found = judge(world(), predict(world(), KNOWN, fitted(), "tpot"), "tpot", KNOWN)
    assert set(found.groups["kind"]) == {"dense", "moe"} and set(found.groups["engine"]) == {"vllm", "trtllm"}
    assert sum(part.rows for part in found.groups["chip"].values()) == found.score.rows == len(world())
    assert found.kendall_tau > 0.9


def test_it_says_which_rows_were_fitted():
    assert seen(world(), fitted()).all()
    assert not seen(rows(row_id=["new"], chip=["H200"], model=["m"]), fitted()).any()


def test_cross_validation_does_not_peek():
    """A row's own measurement, made absurd, moves its own prediction by nothing when its configuration is left out."""
    base = crossvalidate(world(), KNOWN, split="configuration")["tpot"].value
    spoilt = world()["tpot_ms"].copy()
    own = np.array(world()["config_id"] == world()["config_id"][0])
    spoilt[own] *= 3
    moved = crossvalidate(measured(world(), tpot_ms=spoilt), KNOWN, split="configuration")["tpot"].value
    assert moved[own] == pytest.approx(base[own], rel=1e-9) and not np.allclose(moved[~own], base[~own], rtol=1e-9)


def test_chips_left_out_are_predicted_all_the_same():
    found = crossvalidate(world(), KNOWN, split="chip")
    assert all(np.isfinite(found[quantity].value).all() for quantity in ("tpot", "ttft"))
    assert len(found["tpot"].refused) == len(grid())


def public():
    if not OPEN.is_file():
        pytest.skip("measurements are not at hand")
    return read(OPEN, "inference")


def test_nearly_all_public_rows_are_answered_and_refusals_have_reasons():
    found = public()
    good = found.take(np.flatnonzero(np.isin(found["grade"], ("A", "B"))))
    facts = known("9999-12-31")
    for quantity in QUANTITIES:
        told = predict(good, facts, shipped(facts), quantity)
        asked = np.isfinite(true(good, quantity))
        assert told.answered[asked].mean() >= 0.97
    everything = predict(found, facts, shipped(facts), "tpot")
    assert all(np.isfinite(value) != bool(reason) for value, reason in zip(everything.value, everything.refused, strict=True))


def test_configurations_left_out_are_predicted_as_well_as_the_guide_says():
    """A fifth of the configurations, unseen: a loose edge about the figures of the guide, so that a worse model is noticed."""
    found = public()
    names = np.array(sorted(set(found["config_id"])))
    left_out = np.isin(found["config_id"].astype(str), names[np.random.default_rng(3).permutation(len(names)) % 5 == 0])
    calibration = calibrate(found.take(np.flatnonzero(~left_out)), known("9999-12-31"))
    tested = found.take(np.flatnonzero(left_out & np.isin(found["grade"], ("A", "B"))))
    for quantity, mean, median in (("tpot", 15, 8), ("tok_s_per_chip", 15, 10), ("ttft", 80, 25)):
        score = judge(tested, predict(tested, known("9999-12-31"), calibration, quantity), quantity, known("9999-12-31")).score
        assert score.mape < mean and score.median_ape < median and 68 < score.coverage80 < 92, quantity


def test_ends_are_judged_by_what_lies_before_them():
    found = crossvalidate(world(), KNOWN, split="end")["tpot"]
    judged = np.isfinite(found.value)
    assert (world()["concurrency"][judged] > np.median(world()["concurrency"])).all() and 0 < judged.sum() < len(judged)
    assert all(bool(reason) != bool(one) for reason, one in zip(found.refused, judged, strict=True))
