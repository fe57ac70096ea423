"""Rows become deployments: looked up, or refused in words."""

from __future__ import annotations

import numpy as np
import pytest

from barbell.workloads.serving.deployment import Label, generation, questions
from barbell.workloads.serving.physics import step
from tests.workloads.serving.made import C_ROW, KNOWN, grid, rows


def asked(**columns):
    return questions(rows(**{name: [value] for name, value in {**C_ROW, **columns}.items()}), KNOWN)


@pytest.mark.parametrize(
    ("engine", "version", "told"),
    [
        ("vllm", "0.19.0", "vllm_0_19"),
        ("trtllm", "1.2.0rc6.post2", "trtllm_1_2"),
        ("trtllm", "TensorRT 10.8, CUDA 12.8", "trtllm_10_8"),
        ("sglang", "nightly-dev", "sglang_nightly"),
        ("sglang", "", "sglang_unstated"),
    ],
)
def test_a_generation_is_an_engine_with_its_minor_version(engine, version, told):
    assert generation(engine, version) == told


def test_every_row_of_known_parts_is_asked():
    found = questions(grid(), KNOWN)
    assert not any(found.refused) and len(found.deployments) == len(grid())
    assert set(found.deployments.vendor.words) == {"nvidia"} and set(found.deployments.mode.words) == {"closed"}


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"chip": "H101"}, "unknown chip 'H101'. Did you mean 'h100'"),
        ({"model": "llama-3-71b"}, "unknown model 'llama-3-71b'. Did you mean 'llama_3_70b'"),
        ({"n_chips": np.nan}, "number of chips"),
        ({"serving_mode": "disaggregated"}, "prefill and decode workers"),
        ({"serving_mode": "offline", "in_len": np.nan}, "neither the lengths nor a benchmark"),
    ],
)
def test_what_cannot_be_asked_says_why(columns, told):
    found = asked(**columns)
    assert told in found.refused[0] and len(found.deployments) == 0


def test_a_benchmark_sets_the_lengths_and_the_level_that_its_rows_leave_out():
    found = asked(model="DeepSeek-R1", serving_mode="server", in_len=np.nan, out_len=np.nan, concurrency=np.nan).deployments
    assert (found.tokens_in[0], found.tokens_out[0], found.level[0], found.chips[0]) == (800, 3886, 0.080, 0)
    assert found.campaign.words == ["deepseek_r1_server"]


def test_more_chips_than_talk_to_each_other_are_several_replicas():
    """Sixteen H100 at their best are two servers: the size of a replica is open, and the answer is that of any number of them."""
    few, many = (asked(chip="H100", serving_mode="offline", n_chips=chips).deployments for chips in (8, 16))
    assert few.chips[0] == 8 and many.chips[0] == 0


def test_a_run_without_a_rate_is_taken_as_a_usual_chat():
    found = asked(concurrency=np.nan, in_len=np.nan, out_len=np.nan).deployments
    assert found.mode.words == ["open"] and found.flight[0] > 1 and found.tokens_in[0] > 0


def test_decoding_apart_counts_its_own_chips_and_those_that_prefill_for_it():
    found = asked(
        serving_mode="disaggregated", concurrency=64, prefill_workers=3, prefill_chips_per_worker=4, decode_workers=2, decode_chips_per_worker=8
    ).deployments
    assert (found.chips[0], found.helpers[0], found.flight[0]) == (8, 6, 32) and found.mode.words == ["decode"]


def test_formats_set_bytes_and_what_multiplies():
    fp4, unknown = (asked(chip="B200", weight_precision=name).deployments for name in ("fp4", "unknown"))
    assert (fp4.weight_bytes[0], fp4.cache_bytes[0], fp4.peak[0]) == (0.56, 1.0, 9000e12)
    assert (unknown.weight_bytes[0], unknown.cache_bytes[0], unknown.peak[0]) == (2.0, 2.0, 2250e12)
    assert asked(chip="H100", weight_precision="fp4").deployments.peak[0] == 989e12


def test_nothing_measured_is_read():
    plain, told = (asked(**more).deployments for more in ({}, {"tpot_ms": 1.0, "ttft_ms": 2.0, "running_seqs_est": 3.0, "out_tok_s_per_chip": 4.0}))
    for name, column in vars(plain).items():
        other = getattr(told, name)
        assert column == other if isinstance(column, str) else (column.words == other.words if isinstance(column, Label) else (column == other).all())


def test_some_deployments_are_whole_deployments():
    found = questions(grid(), KNOWN).deployments
    few = found.take(np.array([3, 5]))
    assert (
        len(few) == 2 and few.chip.words == [found.chip.words[3], found.chip.words[5]] and few.but(chips=few.chips * 2).chips[0] == 2 * few.chips[0]
    )


def test_a_routed_model_reads_more_experts_the_more_tokens_run():
    few, many = (step(asked(model="DeepSeek-R1", n_chips=8, concurrency=n).deployments, plain()).parts[0, 0] for n in (1, 64))
    assert many > 5 * few


def plain():
    from barbell.workloads.serving.physics import Constants

    return Constants()
