"""Effects: what the design multiplies is what the sum adds, and the unknown adds nothing."""

from __future__ import annotations

import numpy as np
import pytest

from barbell.workloads.serving.deployment import Label, questions
from barbell.workloads.serving.effects import FULL, REACH, STEP, WIDTH, design, effect, keys, shape
from barbell.workloads.serving.fit import named
from barbell.workloads.serving.physics import Constants, step
from tests.workloads.serving.made import KNOWN, deployment, grid

ASKED = questions(grid(), KNOWN).deployments
FOUND = step(ASKED, Constants())


@pytest.mark.parametrize("groups", [STEP, FULL])
def test_the_sum_is_the_design_times_the_numbers(groups):
    matrix, names = design(ASKED, FOUND, groups)
    numbers = np.random.default_rng(1).normal(size=matrix.shape[1])
    assert effect(ASKED, FOUND, groups, named(numbers, names, groups)) == pytest.approx(matrix @ numbers)


def test_every_column_has_its_name():
    matrix, names = design(ASKED, FOUND, STEP)
    width = {group.name: WIDTH[group.basis] for group in STEP}
    assert matrix.shape == (len(ASKED), sum(width[name] for name, _ in names)) and len(set(names)) == len(names)


def test_there_is_no_number_per_configuration():
    _, names = design(ASKED, FOUND, STEP)
    cells = {key for name, key in names if name == "cell"}
    assert len(cells) == 12 < len(set(ASKED.tokens_in)) * 12


def test_what_is_not_known_adds_nothing():
    matrix, names = design(ASKED, FOUND, STEP)
    weights = named(np.ones(matrix.shape[1]), names, STEP)
    weights["surface"] = {}
    stranger = deployment("trainium2", "deepseek_r1", chips=16).but(
        engine=Label.of(["own"]), generation=Label.of(["own_9_9"]), precision=Label.of(["odd"]), mode=Label.of(["odd"]), layout=Label.of(["odd"])
    )
    without = {**weights, "bend": {}}
    assert effect(stranger, step(stranger, Constants()), STEP, without)[0] == 0.0


def test_keys_are_all_combinations():
    codes, words = keys(ASKED, next(group for group in STEP if group.name == "cell"))
    assert [words[code] for code in codes[:2]] == [
        (ASKED.model.words[n], ASKED.chip.words[n], ASKED.generation.words[n], ASKED.precision.words[n]) for n in (0, 1)
    ]


def test_nothing_bends_beyond_the_rows():
    wild = deployment(chips=64, flight=1e6, tokens=(1e6, 1e6), memory=1e18)
    assert np.abs(shape(wild, step(wild, Constants()))).max() == REACH
