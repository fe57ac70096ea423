"""A step obeys physics: never above the peak, faster with more of anything, alike in any unit."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barbell.workloads.training.constants import NAMES
from barbell.workloads.training.fit import PRIOR, rate
from barbell.workloads.training.step import BUSY_SHARE, arithmetic, features, maturity, soft, step
from tests.workloads.training.build import constants, job, seconds, sheet

MORE = st.floats(1.0, 8.0)
LAYOUTS = st.fixed_dictionaries({"tp": st.sampled_from([1, 2, 4]), "pp": st.sampled_from([1, 2, 4]), "micro": st.sampled_from([1, 2])})
MODELS = st.sampled_from(["Llama-3-70B", "Qwen3-30B-A3B", "Nemotron-3-Nano-30B-A3B", "GPT-3-175B"])


def several(model, layout):
    ep = {"ep": 8.0} if "A3B" in model else {}
    return job(model, "GB200", 64, **layout, **ep)


@given(MODELS, LAYOUTS)
def test_parts_add_up(model, layout):
    jobs = several(model, layout)
    found = step(features(jobs), constants(jobs))
    assert sum(found.parts.values()) == pytest.approx(found.total)
    assert all((part >= 0).all() for part in found.parts.values())


@given(MODELS, LAYOUTS, st.sampled_from(["bf16", "fp8", "link", "out", "bandwidth"]), MORE)
def test_more_of_anything_is_never_slower(model, layout, figure, more):
    jobs = several(model, layout)
    assert seconds(sheet(jobs, **{figure: lambda value: value * more})) <= seconds(jobs) * (1 + 1e-12)


@given(MODELS, LAYOUTS)
def test_never_above_the_peak(model, layout):
    """By hand: 6 FLOP per active parameter and token over the peak."""
    jobs = several(model, layout)
    f = features(jobs)
    least = 6 * (f.body + f.active_routed) * jobs.batch * jobs.tokens / jobs.n / f.peak
    assert arithmetic(f) >= least / BUSY_SHARE
    ideal = PRIOR.copy()
    ideal[NAMES.index("gemm")] = 0.0
    assert seconds(jobs, ideal) > least


@given(MODELS, LAYOUTS, st.floats(2.0, 100.0))
def test_time_scales_with_every_rate(model, layout, faster):
    """Where nothing takes a time of its own, a chip that is k times faster in every respect takes a k-th."""
    logs = PRIOR.copy()
    for name in ("launch", "launch_experts", "latency", "hop", "constant"):
        logs[NAMES.index(name)] = -80.0
    jobs = several(model, layout)
    figures = ("bf16", "fp8", "fp4", "bandwidth", "link", "out")
    quick = sheet(jobs, **dict.fromkeys(figures, lambda value: value * faster))
    assert seconds(quick, logs) * faster == pytest.approx(seconds(jobs, logs))


@given(MODELS, st.sampled_from([2.0, 4.0]))
def test_twice_the_chips_and_the_batch_lose_little(model, times):
    """Only the exchange of gradients and stragglers grow."""
    small = several(model, {"tp": 2})
    large = replace(small, n=small.n * times, dp=small.dp * times, batch=small.batch * times)
    slower = seconds(large) / seconds(small)
    assert 1.0 <= slower < 1.25


def test_a_bubble_is_the_idle_share_of_a_pipeline():
    """By hand, Narayanan 2021: (p - 1)/m of the time of the stages, a v-th of it with v virtual stages."""
    jobs = job(pp=4.0, tp=4.0, batch=64)
    found = step(features(jobs), {**constants(jobs), "bubble": np.asarray(1.0)})
    stages = sum(part for name, part in found.parts.items() if name not in ("bubble", "gradients", "optimiser"))
    count = 64 / 4
    assert found.parts["bubble"] == pytest.approx(stages * 3 / count)
    virtual = step(features(replace(jobs, vp=np.full(1, 5.0))), {**constants(jobs), "bubble": np.asarray(1.0)})
    assert virtual.parts["bubble"] == pytest.approx(found.parts["bubble"] / 5)


def test_recomputation_costs_a_third_of_the_layers():
    jobs = job(pp=1.0, tp=8.0)
    plain, again = (step(features(one), constants(one)).parts["linear"] for one in (jobs, replace(jobs, recompute=np.full(1, 2))))
    assert again == pytest.approx(plain * 4 / 3)


def test_an_adapter_skips_gradients_of_weights():
    jobs = job(tp=8.0)
    adapter = replace(jobs, adapter=np.ones(1))
    found = step(features(adapter), constants(adapter))
    assert found.parts["linear"] == pytest.approx(step(features(jobs), constants(jobs)).parts["linear"] * 2 / 3)
    assert found.parts["gradients"] == 0 and found.parts["optimiser"] < 0.1


def test_an_adapter_that_recomputes_goes_forward_twice():
    jobs = replace(job(tp=8.0), adapter=np.ones(1))
    plain, again = (step(features(one), constants(one)).parts for one in (jobs, replace(jobs, recompute=np.full(1, 2))))
    assert again["linear"] == pytest.approx(plain["linear"] * 3 / 2) and again["vocabulary"] == pytest.approx(plain["vocabulary"])


def test_power_speeds_arithmetic_alone():
    """By hand: twice the watts of chips of one die make products 2 ** throttle times faster, and move no byte faster."""
    jobs = job(tp=8.0)
    quick = sheet(jobs, headroom=lambda value: 2 * value, headroom8=lambda value: 2 * value)
    plain, cool = (step(features(one), constants(one)).parts for one in (jobs, quick))
    more = 2 ** np.exp(PRIOR[NAMES.index("throttle")])
    assert plain["linear"] / cool["linear"] == pytest.approx(more) and plain["attention"] / cool["attention"] == pytest.approx(more)
    assert cool["moving"] == pytest.approx(plain["moving"])


def test_few_tokens_cost_more_where_memory_is_slow():
    """The share lost to a small micro-batch doubles where the bandwidth is half, in any precision, and vanishes in a large one."""
    for precision in ("bf16", "fp8"):
        few = job(precision=precision, sequence=1024, tp=8.0)
        half = sheet(few, bandwidth=lambda value: value / 2)
        large = replace(few, micro=np.full(1, 1e9))
        most, lost, doubled = (step(features(one), constants(one)).parts["linear"][0] for one in (large, few, half))
        assert (doubled - most) / (lost - most) == pytest.approx(2, rel=1e-3)


def test_narrow_shards_and_few_tokens_are_slow():
    wide, narrow = (rate(features(one), PRIOR, {name: np.zeros(1) for name in ("speed", "attention", "routed")})
                    for one in (job("Llama-3-8B", chips=8, tp=1.0), job("Llama-3-8B", chips=8, tp=8.0)))  # fmt: skip
    assert narrow < wide


def test_weights_shared_in_a_domain_are_gathered_fast_and_exchanged_once():
    """Gathering stays on the links of the domain; what remains for the network is one exchange a step of each chip's part."""
    wide, near = (step(features(one), constants(one)) for one in (job(chips=512, tp=2.0, sharded=way) for way in (1.0, 2.0)))
    assert near.parts["gathering"] < wide.parts["gathering"] and wide.parts["gradients"] == 0 < near.parts["gradients"]


def test_experts_across_domains_wait_for_the_network():
    near, far = (job("DeepSeek-V3", chip, 256, ep=64.0, pp=4.0) for chip in ("GB200", "B200"))
    talk = [step(features(one), constants(one)).parts["talking"][0] for one in (near, far)]
    assert talk[1] > 3 * talk[0]


def test_a_token_goes_once_to_each_other_domain():
    """By hand: eight copies over two domains of eight ranks meet the other one with 1 - 2**-8, so once and not four times."""
    jobs = replace(job("Qwen3-30B-A3B", "H100", 16, ep=16.0), tokens=np.full(1, 4096.0))
    free = {**constants(jobs), "hop": np.asarray(0.0), "inner": np.asarray(1e9), "outer": np.asarray(1.0), "dispatch": np.asarray(1.0)}
    f, count = features(jobs), 256 / 16
    by_hand = f.moe * 4 * 2 * 4096 * f.travel * (1 - 2.0**-8) / f.outer * count * 2 ** constants(jobs)["straggle"]
    assert step(f, free).parts["talking"] == pytest.approx(by_hand)


@given(st.floats(0, 1e3), st.floats(1e-9, 1e3))
def test_overlap_takes_at_least_the_larger_and_at_most_both(first, second):
    found = soft(np.array([first]), np.array([second]))[0]
    assert max(first, second) * (1 - 1e-12) <= found <= (first + second) * (1 + 1e-12)


def test_software_matures_and_levels_off():
    years = maturity(np.array([2020.0, 2025.75, 2026.75, 2045.0]))
    assert years[0] == years[1] == 0 and 0.7 < years[2] < 1 and years[3] == pytest.approx(2.0, abs=1e-3)
