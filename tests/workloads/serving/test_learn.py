"""Calibration: a known law is found again, rows of one's own move what they speak of, the same rows give the same numbers."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from barbell.workloads.serving import calibrate, predict
from barbell.workloads.serving.calibration import assembled, mark, told
from barbell.workloads.serving.deployment import questions
from barbell.workloads.serving.fit import closed_form, samples
from barbell.workloads.serving.physics import Constants
from barbell.workloads.serving.predict import answer
from tests.workloads.serving.made import KNOWN, PLAIN, grid, measured, rows

TRUTH = replace(Constants(), bandwidth_share=0.55, routed_layer_seconds=70e-6, dense_layer_seconds=25e-6, prefill_share=0.6)


@cache
def world(noise=0.02, factor=1.0, chip=""):
    """Rows of a law with other constants, trtllm 20 % faster, and one chip slower by a factor."""
    found = grid()
    asked = questions(found, KNOWN).deployments
    rng = np.random.default_rng(5)
    law = closed_form("tpot", asked, TRUTH)[0] + np.where(np.array(asked.engine.words) == "trtllm", np.log(0.8), 0.0)
    law += np.where(np.array(asked.chip.words) == chip, np.log(factor), 0.0)
    first = closed_form("ttft", asked, TRUTH)[0]
    return measured(found, tpot_ms=1e3 * np.exp(law + noise * rng.normal(size=len(law))), ttft_ms=1e3 * np.exp(first))


@cache
def fitted():
    return calibrate(world(), KNOWN)


def off(calibration, found, quantity="tpot"):
    return np.log(predict(found, KNOWN, calibration, quantity).value / (found[f"{quantity}_ms"] * 1e-3))


def test_a_law_is_found_again():
    assert np.abs(off(PLAIN, world())).mean() > 0.1
    assert np.abs(off(fitted(), world())).mean() < 0.025
    sample = samples(world(), KNOWN)["tpot"]
    closed = [np.abs(closed_form("tpot", sample.asked, one)[0] - sample.target).mean() for one in (fitted().constants, Constants())]
    assert closed[0] < closed[1]


def test_the_same_rows_and_seed_give_the_same_numbers():
    assert told(calibrate(world(), KNOWN)) == told(fitted())


def test_a_calibration_survives_its_facts():
    back = assembled(told(fitted()), fitted().fitted)
    asked = questions(world(), KNOWN).deployments
    for quantity in ("tpot", "ttft"):
        (one, wide), (two, same) = (answer(asked, calibration, quantity) for calibration in (fitted(), back))
        assert one == pytest.approx(two, rel=5e-3) and wide == pytest.approx(same)
    assert back.fingerprint == fitted().fingerprint and back.parameters <= fitted().parameters


def test_rows_of_ones_own_move_their_chip_and_leave_the_others():
    own = world(factor=1.5, chip="h200").take(np.flatnonzero(world()["chip"] == "H200"))
    tightened = calibrate(own, KNOWN, prior=fitted())
    there, elsewhere = own, world().take(np.flatnonzero(world()["chip"] == "H100"))
    assert abs(off(tightened, there).mean()) < 0.05 < abs(off(fitted(), there).mean())
    assert np.abs(off(tightened, elsewhere)).mean() < 0.08
    assert tightened.constants == fitted().constants


def test_one_row_gone_wild_hardly_counts():
    wild = world()["tpot_ms"].copy()
    wild[7] *= 30
    spoilt = calibrate(measured(world(), tpot_ms=wild), KNOWN)
    others = world().take(np.arange(len(world())) != 7)
    assert np.abs(off(spoilt, others)).mean() < 0.05


def test_it_knows_which_rows_it_has_seen():
    assert {mark(name) for name in world()["row_id"]} == set(fitted().fitted)


def test_grade_d_and_unclear_rows_are_not_learnt_from():
    grades = np.where(np.arange(len(world())) < 10, "D", "A").astype(object)
    flags = np.where(np.arange(len(world())) == 20, "vendor_run_concurrency_meaning_unclear", "").astype(object)
    data = samples(measured(world(), grade=grades, flags=flags), KNOWN)
    assert len(data["tpot"].asked) == len(world()) - 11 and not len(data["full"].asked)


def test_no_rows_leave_the_start():
    empty = calibrate(rows(chip=["none"], model=["none"], serving_mode=["aggregated"]), KNOWN)
    assert empty.constants == Constants() and empty.parameters == PLAIN.parameters
