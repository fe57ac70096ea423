"""Learning: constants that made rows are found again, from the same rows the same numbers, and intervals hold what they promise."""

from dataclasses import replace

import numpy as np
import pytest

from barbell.core.errors import FactError
from barbell.workloads.training import GROUPS, calibrate, crossvalidate, judge, predict, shipped
from barbell.workloads.training.constants import NAMES
from barbell.workloads.training.fit import PRIOR, fit, rate, weigh
from barbell.workloads.training.job import from_rows
from barbell.workloads.training.layout import settle
from barbell.workloads.training.learn import LEAST, UNSEEN, Z80, blank, noises, predicted, spread, target
from barbell.workloads.training.residual import AMPLITUDE, COLUMNS, coordinates, correct, learn
from barbell.workloads.training.step import features
from tests.workloads.training.build import facts, rows

NONE = ("speed", "attention", "routed")
MODELS = ("Llama-3-8B", "Llama-3-70B", "MPT-7b", "MPT-13b", "GPT-22B", "Qwen3-30B-A3B")
CHIPS = ("A100-80GB", "H100", "GB200")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Rows that these formulas made with constants of their own, 3 % of noise and one row five times too fast."""
    cells = [
        {"model": model, "chip": chip, "n_chips": chips, "tp": 4, "pp": pp, "ep": 4 if model.startswith("Qwen") else "", "batch_seqs": batch,
         "micro_batch": micro, "seq_len": 4096, "framework": "megatron-bridge", "date": "2026-02", "moe": int(model.startswith("Qwen"))}
        for model in MODELS for chip in CHIPS for chips, pp in ((64, 4), (128, 8)) for batch, micro in ((128, 1), (512, 2))
    ]  # fmt: skip
    folder = tmp_path_factory.mktemp("made")
    jobs = settle(from_rows(rows(*cells, folder=folder), facts()), blank())
    logs = PRIOR.copy()
    logs[NAMES.index("gemm")] += 0.12
    logs[NAMES.index("elements")] -= 0.3
    speed = rate(features(jobs), logs, {name: np.zeros(len(jobs)) for name in NONE})
    noisy = speed * np.exp(0.03 * np.random.default_rng(1).standard_normal(len(speed)))
    noisy[5] *= 5
    told = [{**cell, "tok_s_per_chip": f"{value:.6g}"} for cell, value in zip(cells, noisy, strict=True) if value > 0]
    return rows(*told, folder=folder), speed


@pytest.fixture(scope="module")
def calibration(made):
    return calibrate(made[0], facts())


def test_what_made_the_rows_is_found(made, calibration):
    told, speed = made
    off = np.abs(predict(told, facts(), calibration).value / speed - 1)
    fine = np.isfinite(off)
    assert np.median(off[fine]) < 0.02 and np.quantile(off[fine], 0.95) < 0.05


def test_a_wild_row_pulls_little(made, calibration):
    told, speed = made
    assert predict(told, facts(), calibration).value[5] == pytest.approx(speed[5], rel=0.15)


def test_the_same_rows_give_the_same_calibration(made, calibration):
    again = calibrate(made[0], facts())
    assert np.array_equal(again.fitted.logs, calibration.fitted.logs) and again.noise == calibration.noise
    assert again.fingerprint == calibration.fingerprint and np.array_equal(again.residual.weights, calibration.residual.weights)


def test_few_rows_are_refused(made):
    with pytest.raises(FactError, match="5 rows can be fitted, and 20 are needed"):
        calibrate(made[0].take(np.arange(5)), facts())


def test_the_shipped_calibration_is_capped():
    """Far fewer numbers than rows, and none for a single configuration."""
    found = shipped(facts())
    assert found.parameters <= 120 and len(found.residual.weights) <= 128 and found.fitted.rows > 10 * found.parameters
    assert len(found.residual.centres[0]) == len(COLUMNS)


def test_more_from_one_source_counts_no_more():
    sources = np.array(["a"] * 1000 + ["b"] * 10, dtype=object)
    weights = weigh(sources, np.zeros(1010, dtype=bool))
    assert (weights[:1000] ** 2).sum() == pytest.approx(25 * (weights[1000:] ** 2).sum())


def test_the_start_does_not_matter(made):
    told = made[0]
    jobs = settle(from_rows(told, facts()), blank())
    measured = target(told, jobs)
    use = np.flatnonzero((jobs.refused == "") & np.isfinite(measured))
    args = (jobs.take(use), measured[use], told["source"][use])
    first = fit(*args, kinds=())
    far = fit(*args, kinds=(), start=replace(first, logs=first.logs + 0.2))
    assert np.abs(far.logs - first.logs).max() < 0.05


def test_the_local_function_fades(made):
    jobs = settle(from_rows(made[0], facts()), blank())
    near = jobs.take(np.flatnonzero(jobs.refused == ""))
    off = np.full(len(near), 0.1)
    found = learn(features(near), off, np.full(len(near), 0.02))
    there, sure = correct(features(near), found)
    assert np.median(there) == pytest.approx(0.1, abs=0.02)
    away, unsure = correct(features(replace(near, tokens=near.tokens * 4096, micro=near.micro * 64)), found)
    assert np.abs(away).max() < 1e-3 and unsure.min() > sure.max() and unsure.max() < AMPLITUDE**2


def test_coordinates_count_doublings(made):
    jobs = settle(from_rows(made[0], facts()), blank()).take(slice(0, 1))
    moved = coordinates(features(replace(jobs, tokens=jobs.tokens * 2))) - coordinates(features(jobs))
    assert sorted(np.flatnonzero(moved[0])) == [COLUMNS.index("tokens"), COLUMNS.index("sequence")]


def test_noise_is_what_the_intervals_need(made):
    jobs = settle(from_rows(made[0], facts()), blank())
    off = 0.2 * np.random.default_rng(2).standard_normal(len(jobs))
    found = noises(jobs, off, np.zeros(len(jobs)))
    assert found[""] == pytest.approx(0.2, rel=0.25) and min(found.values()) >= LEAST


def test_intervals_are_wider_where_nothing_was_seen(made, calibration):
    jobs = settle(from_rows(made[0], facts()), calibration.fitted)
    few = jobs.take(np.flatnonzero(jobs.refused == "")[:1])
    other = replace(few, chips=[replace(chip, slug="new", generation="new", vendor="new") for chip in few.chips])
    assert spread(other, calibration, np.zeros(1)) > spread(few, calibration, np.zeros(1))
    told = predicted(few, calibration)
    assert told.high / told.value == pytest.approx(told.value / told.low) and told.high[0] / told.value[0] >= np.exp(Z80 * LEAST) * (1 - 1e-9)


def test_each_kind_that_no_row_told_widens(made, calibration):
    """By hand: what is unseen adds its variance, and what is seen adds none."""
    jobs = settle(from_rows(made[0], facts()), calibration.fitted)
    few = jobs.take(np.flatnonzero(jobs.refused == "")[:1])
    plain = spread(few, calibration, np.zeros(1))[0] ** 2
    for changed, kinds in (({"slug": "new"}, ("chip",)), ({"generation": "new"}, ("generation", "pairing")), ({"vendor": "new"}, ("vendor",))):
        other = replace(few, chips=[replace(chip, **changed) for chip in few.chips])
        assert spread(other, calibration, np.zeros(1))[0] ** 2 - plain == pytest.approx(sum(UNSEEN[kind] ** 2 for kind in kinds))


def test_rows_are_predicted_without_their_group(made):
    told, speed = made
    found, measured = crossvalidate(told, facts(), "chip")
    score = judge(told, found, measured).score
    assert score.covered == np.isfinite(measured).sum() and score.median_ape < 8
    assert np.nanmedian(np.abs(found.value / speed - 1)) < 0.08


def test_groups_have_names(made):
    with pytest.raises(FactError, match=", ".join(GROUPS)):
        crossvalidate(made[0], facts(), "row")
