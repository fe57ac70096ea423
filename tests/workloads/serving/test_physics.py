"""The closed form: by hand, its bounds and its order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barbell.workloads.serving.physics import Constants, drafting, first_token, fitting, full_rate, prefill, running, step
from tests.workloads.serving.made import deployment

C = Constants()
IDEAL = replace(C, bandwidth_share=1.0, cache_share=1.0, decode_share=1.0)
CHIP, MODEL = st.sampled_from(["h100", "h200", "b200", "gb300", "trainium2"]), st.sampled_from(["llama_3_70b", "deepseek_r1"])
SIZE, FLIGHT = st.sampled_from([8, 16]), st.floats(1, 200)


def one(number):
    return float(np.ravel(number)[0])


def total(asked, constants=C):
    return one(step(asked, constants).total)


def test_one_sequence_on_one_chip_by_hand():
    asked = deployment(chips=1, flight=1.0, memory=1e12)
    read = (70.552e9 * 1.0) / (4.8e12 * 0.69) + 163840 * 1536 / (4.8e12 * 0.5)
    expected = np.hypot(read, 2 * 70.552e9 / (1979e12 * 0.5)) + 80 * 40e-6 + 5e-4 + 5e-6
    assert total(asked) == pytest.approx(expected)


def test_chips_share_reading_and_talk():
    asked = deployment(chips=4, flight=32.0, memory=1e12)
    found = step(asked, C)
    talk = 2 * 80 * (7.9e-6 * 2 + 4 * 32 * 8192 * 3 / 4 / 450e9)
    assert found.parts[0, 3] == pytest.approx(talk)
    assert found.parts[0, 0] == pytest.approx(70.552e9 / 4 / (4.8e12 * 0.69))
    assert found.parts[0, 1] == pytest.approx(32 * 163840 * 1536 / 4 / (4.8e12 * 0.5))


def test_attention_over_data_reads_weights_more_often_and_caches_less():
    plain, split = (step(deployment(name="deepseek_r1", chips=8, flight=64.0, split=ways, memory=1e12), C).parts[0] for ways in (1, 8))
    assert split[0] > plain[0] and split[1] < plain[1]


def test_shares_add_up_to_the_step():
    found = step(deployment(chips=2, flight=np.array([1.0, 8, 64])), C)
    assert found.shares.sum(axis=1) == pytest.approx(1.0) and (found.shares >= 0).all()


@given(CHIP, MODEL, SIZE, FLIGHT)
def test_never_above_the_roofline(chip, name, chips, flight):
    """No constant is needed: what is read over the whole bandwidth, and what is multiplied at the whole peak, bound a step from below."""
    asked = deployment(chip, name, chips=chips, flight=flight)
    n = running(asked)
    bytes_read = one(step(asked, IDEAL).parts[0, 0] + step(asked, IDEAL).parts[0, 1])
    assert total(asked) >= bytes_read
    assert total(asked) >= one(2 * asked.active * n / (asked.chips * asked.peak))
    least = one((asked.dense + asked.experts_per_token * asked.expert) * asked.weight_bytes / (asked.chips * asked.bandwidth))
    assert total(asked) >= least


@given(CHIP, MODEL, SIZE, FLIGHT, st.sampled_from(["bandwidth", "peak", "link"]), st.floats(1.0, 4.0))
def test_a_better_chip_is_never_slower(chip, name, chips, flight, figure, more):
    asked = deployment(chip, name, chips=chips, flight=flight)
    assert total(asked.but(**{figure: getattr(asked, figure) * more})) <= total(asked) * (1 + 1e-12)


@given(CHIP, MODEL, SIZE, st.floats(1.0, 4.0))
def test_more_memory_never_runs_fewer_sequences(chip, name, chips, more):
    asked = deployment(chip, name, chips=chips, flight=300.0)
    assert one(fitting(asked.but(memory=asked.memory * more))) >= one(fitting(asked))


@given(MODEL, st.floats(1, 200))
def test_a_chip_twice_as_good_in_all_halves_what_it_does(name, flight):
    """Bandwidth, peak and link doubled: all that is not latency takes half the time."""
    bare = replace(C, hop_seconds=0.0, routed_layer_seconds=0.0, dense_layer_seconds=0.0, step_seconds=0.0, sequence_seconds=0.0)
    asked = deployment(name=name, chips=8, flight=flight, memory=1e13)
    twice = asked.but(bandwidth=asked.bandwidth * 2, peak=asked.peak * 2, link=asked.link * 2)
    assert total(twice, bare) == pytest.approx(total(asked, bare) / 2)


@given(MODEL, SIZE, FLIGHT)
def test_a_step_grows_with_sequences_but_less_than_in_proportion(name, chips, flight):
    asked = deployment("b200", name, chips=chips, flight=np.array([flight, flight * 1.5]), memory=1e13)
    before, after = step(asked, C).total
    assert before < after <= 1.5 * before


def test_requests_that_do_not_fit_wait():
    asked = deployment(chips=1, flight=400.0)
    assert one(running(asked)) == pytest.approx(one(fitting(asked))) and 2 < one(fitting(asked)) < 400
    found = step(asked, C)
    roomy = asked.but(memory=asked.memory * 100)
    assert one(first_token(asked, C, found)) > 3 * one(first_token(roomy, C, step(roomy, C)))


def test_a_prompt_takes_longer_the_longer_it_is_and_more_than_in_proportion():
    short, long = (one(prefill(deployment(tokens=(n, 64)), C)) for n in (4096, 16384))
    assert long > 4 * short


def test_a_cached_prefix_is_not_read_but_attended_to_by_hand():
    """Half of 4,096 tokens new on one chip: half the multiplications, three quarters of the attention."""
    whole, half = deployment(chips=1, tokens=(4096, 64)), deployment(chips=1, tokens=(4096, 64), hit=0.5)
    attention = 2 * 64 * 128 * 80 * 4096**2
    work = 2 * 70.552e9 * 2048 + attention * 0.75
    assert one(prefill(whole, C)) == pytest.approx((2 * 70.552e9 * 4096 + attention) / (1979e12 * 0.4), rel=1e-14)
    assert one(prefill(half, C)) == pytest.approx(work / (1979e12 * 0.4))
    assert one(prefill(deployment(chips=4, hit=1.0), C)) == 0 and one(fitting(half)) == one(fitting(whole))


@settings(deadline=None)
@given(MODEL, SIZE, st.floats(0, 1), st.floats(0, 1))
def test_a_fuller_cache_never_takes_longer(name, chips, first, second):
    less, more = sorted((first, second))
    assert one(prefill(deployment(name=name, chips=chips, hit=more), C)) <= one(prefill(deployment(name=name, chips=chips, hit=less), C))


def test_drafting_gives_more_tokens_a_step_and_less_so_under_load():
    few, many = (one(drafting(deployment(drafted=1.0), np.array([n]))) for n in (2.0, 200.0))
    assert few > many > 1 == one(drafting(deployment(), np.array([2.0])))


def test_a_decoding_replica_carries_no_prefill():
    assert step(deployment(flight=64.0, mode="decode"), C).parts[0, 5] == 0 < step(deployment(flight=64.0), C).parts[0, 5]


@settings(max_examples=25)
@given(CHIP, MODEL, st.floats(0.02, 0.3), st.floats(1.0, 3.0), st.sampled_from(["bandwidth", "peak", "link", "level"]))
def test_throughput_rises_with_the_chip_and_with_a_looser_level(chip, name, level, more, figure):
    asked = deployment(chip, name, chips=0, mode="offline", level=level)
    better = asked.but(**{figure: getattr(asked, figure) * more})
    assert one(full_rate(better, C)) >= one(full_rate(asked, C)) * (1 - 1e-9)


def test_nothing_fits_gives_no_throughput():
    assert one(full_rate(deployment("trainium1", "deepseek_r1", chips=2, mode="offline"), C)) == 0.0
