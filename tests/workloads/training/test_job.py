"""From rows to jobs: configuration alone is read, open cells stay open, words become numbers."""

import numpy as np
import pytest

from barbell.workloads.training.job import EPOCH, STACKS, from_rows
from barbell.workloads.training.predict import predict
from tests.workloads.training.build import facts, rows

FULL = {"tp": 4, "pp": 2, "batch_seqs": 128, "micro_batch": 2, "seq_len": 4096, "framework": "megatron-bridge", "framework_version": "26.02"}


def jobs(*told, folder):
    return from_rows(rows(*told, folder=folder), facts())


def test_a_stated_layout_is_read(tmp_path):
    found = jobs(FULL, folder=tmp_path)
    assert (found.tp[0], found.pp[0], found.cp[0], found.dp[0], found.batch[0], found.micro[0], found.tokens[0]) == (4, 2, 1, 8, 128, 2, 4096)
    assert found.releases[found.release[0]] == "bridge-26.02" and STACKS[found.stack[0]] == "bridge"


def test_open_cells_stay_open(tmp_path):
    found = jobs({}, folder=tmp_path)
    assert found.tp[0] == found.micro[0] == found.batch[0] == found.tokens[0] == 0 and found.refused[0] == ""


def test_cores_of_aws_chips_are_counted_as_chips(tmp_path):
    flagged = {**FULL, "chip": "Trainium1", "tp": 32, "flags": "tp_counts_neuroncores"}
    plain = {**FULL, "chip": "Trainium2", "tp": 128, "n_chips": 64}
    found = jobs(flagged, plain, folder=tmp_path)
    assert found.tp.tolist() == [16, 32] and found.dp.tolist() == [2, 1]


@pytest.mark.parametrize(
    ("cells", "precision"),
    [
        ({"precision": "bf16"}, 0), ({"precision": "fp8"}, 1), ({"chip": "GB200", "precision": "fp4"}, 2), ({"precision": "unknown"}, 0),
        ({"precision": "unknown", "source": "MLPerf Training v5.1"}, 1),
        ({"precision": "unknown", "source": "MLPerf Training v5.1", "chip": "A100-80GB"}, 0),
    ],
)  # fmt: skip
def test_an_unknown_precision_is_the_usual_one(tmp_path, cells, precision):
    assert jobs(cells, folder=tmp_path).precision[0] == precision


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"model": "Mystery"}, "nothing is known of the model Mystery"),
        ({"chip": "H101"}, "Did you mean 'h100'"),
        ({"chip": "A100-80GB", "precision": "fp8"}, "A100-80GB does not compute in fp8"),
        ({"task": "other"}, "only language models"),
    ],
)
def test_what_cannot_be_judged_says_why(tmp_path, cells, words):
    found = jobs(FULL, {**FULL, **cells}, folder=tmp_path)
    assert found.refused[0] == "" and words in found.refused[1]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "cells", [{"model": "Mystery"}, {"chip": "H101"}, {"model": "Mystery", "chip": "H101"}, {"chip": "V100", "precision": "fp8"}]
)
def test_a_file_of_which_no_row_can_be_judged_is_refused_row_by_row(tmp_path, cells):
    told = predict(rows(cells, cells, folder=tmp_path), facts())
    assert np.isnan(told.value).all() and all(told.refused)


def test_a_model_known_by_its_counts_is_predicted(tmp_path):
    cells = [{"model": "Mystery", "params_b": 235, "active_params_b": active, "n_chips": 256, "tok_s_per_chip": ""} for active in ("", 235, 22)]
    told = predict(rows(*cells, folder=tmp_path), facts())
    assert not any(told.refused) and told.value[2] > 3 * told.value[0] == 3 * told.value[1]


def test_dates_of_any_form_become_years(tmp_path):
    found = jobs({"date": "2025"}, {"date": "2025-07"}, {"date": "2026-01-31"}, {"date": ""}, {"date": "2310.15789"}, folder=tmp_path)
    assert found.year == pytest.approx([2025.5, 2025 + 6.5 / 12, 2026 + 0.5 / 12, EPOCH, EPOCH])


def test_nothing_measured_is_read(tmp_path):
    """Changing every measured cell changes no job."""
    measured = {"measured_value": 5, "step_s": 3.0, "tok_s_per_chip": 1000, "tflops_per_chip_reported": 400, "mfu_pct_reported": 40,
                "tflops_per_chip_est": 400, "mfu_vs_bf16_peak_pct": 40, "mfu_vs_own_peak_pct": 40, "minutes_to_target": 9,
                "samples_to_target": 1e6, "chip_hours_total": 1e5}  # fmt: skip
    without, with_all = (jobs(cells, folder=tmp_path) for cells in (FULL, {**FULL, **measured}))
    for name in ("model", "chip", "n", "tp", "dp", "batch", "micro", "tokens", "precision", "recompute", "stack", "year", "refused"):
        assert np.array_equal(getattr(without, name), getattr(with_all, name)), name


def test_jobs_of_a_mask_keep_their_catalogues(tmp_path):
    found = jobs(FULL, {**FULL, "model": "Llama-3-8B"}, folder=tmp_path)
    second = found.take(np.array([False, True]))
    assert len(second) == 1 and second.of("layers")[0] == 32 and second.on("domain")[0] == 8
