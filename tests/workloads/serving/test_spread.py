"""Intervals: wider the less is known, and as wide as what was left out lay off."""

from __future__ import annotations

import numpy as np
import pytest

from barbell.workloads.serving import predict
from barbell.workloads.serving.calibration import GROUPS
from barbell.workloads.serving.deployment import questions
from barbell.workloads.serving.effects import shared
from barbell.workloads.serving.fit import closed_form, normal, samples
from barbell.workloads.serving.spread import CLASSES, FOREIGN, classes, folds, half_widths, novelty
from tests.workloads.serving.made import KNOWN, deployment
from tests.workloads.serving.test_learn import TRUTH, fitted, world

FIT = fitted().fits["tpot"]


def width(asked):
    return float(half_widths(asked, FIT.spread, FIT.weights, GROUPS["tpot"], FIT.reach)[0])


def told(asked):
    return CLASSES[int(novelty(asked, FIT.weights, GROUPS["tpot"])[0])]


def test_classes_say_what_is_known():
    assert told(deployment("h200", "llama_3_70b")) == "known"
    assert told(deployment("h200", "llama_3_70b", precision="bf16")) == "cell"
    assert told(deployment("gb300", "llama_3_70b")) == "chip"
    assert told(deployment("h200", "llama_3_70b", chips=1, flight=500.0)) == "queue"


def test_the_less_is_known_the_wider():
    wide = [width(asked) for asked in (deployment("h200"), deployment("h200", precision="bf16"), deployment("gb300"))]
    assert wide[0] <= wide[1] and wide[0] <= wide[2]


def test_a_vendor_without_rows_is_least_certain():
    assert width(deployment("trainium2", "deepseek_r1", chips=16)) >= FOREIGN


def test_intervals_hold_about_four_fifths_of_rows():
    found = predict(world(), KNOWN, fitted(), "tpot")
    inside = (found.low <= world()["tpot_ms"] * 1e-3) & (world()["tpot_ms"] * 1e-3 <= found.high)
    assert 0.7 <= inside.mean() <= 1.0


def test_folds_keep_configurations_chips_and_models_whole():
    sample = samples(world(), KNOWN)["tpot"]
    cut = folds(sample, 0)
    for name, words in (("configuration", sample.rows["config_id"]), ("chip", sample.asked.chip.words), ("model", sample.asked.model.words)):
        assert all(len({int(f) for f, w in zip(cut[name], words, strict=True) if w == word}) == 1 for word in set(words))
    assert len(set(cut["configuration"])) > 1


def test_left_out_is_as_if_fitted_without():
    sample = samples(world(), KNOWN)["tpot"]
    base, found = closed_form("tpot", sample.asked, TRUTH)
    made = normal(sample, shared(GROUPS["tpot"]), sample.target - base, found)
    fold = folds(sample, 0)["chip"]
    errors = made.left_out(fold)
    out = fold == fold[0]
    assert errors[out] == pytest.approx(made.off[out] - made.matrix[out] @ made.solution(out))


def test_what_is_left_out_is_new():
    sample = samples(world(), KNOWN)["tpot"]
    cut = folds(sample, 0)
    assert set(classes(sample.asked, GROUPS["tpot"], cut["chip"])) == {CLASSES.index("chip")}
    assert set(classes(sample.asked, GROUPS["tpot"], cut["model"])) == {CLASSES.index("model")}
    assert CLASSES.index("known") in classes(sample.asked, GROUPS["tpot"], cut["configuration"])


def test_questions_and_classes_have_one_length():
    asked = questions(world(), KNOWN).deployments
    assert len(novelty(asked, FIT.weights, GROUPS["tpot"])) == len(asked) == len(np.unique(np.arange(len(asked))))
