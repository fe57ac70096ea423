"""Laws that hold whatever was fitted: predictions of whole questions, with the calibrations that ship."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from barbell.core.basis import Basis, Interval
from barbell.core.errors import FactError
from barbell.core.relations import Fact
from barbell.workloads import serving, training
from barbell.workloads.chip import accelerator
from barbell.workloads.model import model
from barbell.workloads.serving.physics import running
from barbell.workloads.serving.predict import answer, predict
from tests.workloads.serving import made
from tests.workloads.serving.made import deployment, rows
from tests.workloads.training.build import facts

SHIPPED = serving.shipped(facts())
CHIP = st.sampled_from(["h100", "h200", "b200", "gb300", "mi355x", "trainium2", "tpu_v7", "vr200", "a100_80gb", "mi455x"])
MODEL = st.sampled_from(["llama_3_8b", "llama_3_70b", "deepseek_r1", "gpt_oss_120b", "qwen3_235b_a22b", "glm_5"])
PRECISION = st.sampled_from(["fp4", "fp8", "bf16"])
FLIGHT = st.integers(1, 512)
TRAINS = st.sampled_from(["H100", "GB200", "MI355X", "TPU v7", "Trainium3", "VR200", "MI455X"])
LAWS = settings(deadline=None, max_examples=60)


def asked(chip, name, precision, chips, flight, **columns):
    basis = Basis(facts())
    sheet, net = accelerator(basis, chip), model(basis, name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(made, "KNOWN", facts())
        return deployment(chip, name, chips=chips, flight=float(flight), precision=precision, **columns), sheet, net


def seconds(found):
    return float(answer(found, SHIPPED, "tpot")[0][0])


@LAWS
@given(CHIP, MODEL, PRECISION, st.sampled_from([1, 2, 4, 8]), FLIGHT)
def test_serving_is_never_above_the_roofline(chip, name, precision, chips, flight):
    """Whatever engine and chip are fitted to do: not faster than weights are read, nor than tokens are multiplied."""
    found, _, net = asked(chip, name, precision, chips, flight)
    token, n = seconds(found), float(running(found)[0])
    one_expert = net.expert * net.experts_per_token
    read = float(((net.dense + one_expert) * found.weight_bytes / (chips * found.bandwidth))[0])
    assert token >= read * (1 - 1e-9)
    assert token >= 2 * (net.active - net.embedding) * n / (chips * float(found.peak[0])) * (1 - 1e-9)
    rate = float(answer(found, SHIPPED, "tok_s_per_chip")[0][0])
    assert rate * 2 * (net.active - net.embedding) <= float(found.peak[0])


@LAWS
@given(CHIP, MODEL, PRECISION, st.sampled_from([1, 2, 4, 8]), FLIGHT, st.sampled_from(["bandwidth", "peak", "link"]), st.floats(1.0, 4.0))
def test_a_better_chip_never_serves_slower(chip, name, precision, chips, flight, figure, more):
    found, _, _ = asked(chip, name, precision, chips, flight)
    assert seconds(found.but(**{figure: more * getattr(found, figure)})) <= seconds(found) * (1 + 1e-9)


@LAWS
@given(CHIP, MODEL, PRECISION, st.floats(5.0, 300.0), st.floats(1.0, 3.0))
def test_a_looser_level_never_serves_less(chip, name, precision, level, more):
    _, sheet, net = asked(chip, name, precision, 1, 1)
    assume(precision in sheet.peak)
    rates = []
    for milliseconds in (level, level * more):
        try:
            rates.append(serving.best(sheet, net, serving.Demand(level=milliseconds * 1e-3, precision=precision), SHIPPED).rate.value)
        except FactError:  # no layout keeps the level
            rates.append(0.0)
    assert rates[1] >= rates[0] * (1 - 1e-9)


@LAWS
@given(MODEL, PRECISION, st.sampled_from([1, 2, 4]), st.sampled_from(["H100", "L40S", "MI300X"]))
def test_what_does_not_fit_is_refused_by_how_much(name, precision, chips, chip):
    row = {"chip": [chip], "model": [name], "n_chips": [chips], "serving_mode": ["aggregated"], "weight_precision": [precision], "concurrency": [4.0]}
    told = predict(rows(**row), facts(), SHIPPED, "tpot")
    found, sheet, net = asked(chip.lower(), name, precision, chips, 4)
    weights = float((net.other * found.other_bytes + (net.dense + net.experts * net.expert) * found.weight_bytes)[0])
    beyond = weights - chips * sheet.memory.value
    assert bool(told.refused[0]) == (beyond > 0) == math.isnan(told.value[0])
    if beyond > 0:
        assert f"{beyond / 1e9:,.0f} GB more than the memory" in told.refused[0]


@LAWS
@given(TRAINS, st.sampled_from(["Llama-3-8B", "Llama-3-70B", "Qwen3-30B-A3B", "DeepSeek-V3", "Kimi-K2"]), st.sampled_from([64, 256, 768, 1024]))
def test_training_is_never_above_the_peak(chip, name, chips):
    try:
        found = training.answers([training.Question(name, chip, chips, 0.0, 4096)], facts())[0]
    except FactError:  # too few chips for the model
        return
    assert 0 < found.utilisation <= 0.9 and found.tokens.low < found.tokens.value < found.tokens.high


@LAWS
@given(
    TRAINS,
    st.sampled_from(["Llama-3-8B", "Qwen3-30B-A3B"]),
    st.sampled_from(["dense_bf16", "dense_fp8", "bandwidth", "scaleup", "hbm"]),
    st.floats(1.05, 3.0),
)
def test_a_better_sheet_trains_at_most_a_little_slower(chip, name, figure, more):
    """The step time of a layout never rises; the local function may change with the layout, by 3 % as the guide says."""
    slug = chip.lower().replace(" ", "_")
    fact = facts().get(f"chip-{slug}-{figure}")
    assume(fact is not None)
    better = facts() | {fact.name: fact.model_copy(update={"value": f"{float(fact.value) * more:.12g}", "low": "", "high": ""})}
    question = [training.Question(name, chip, 64, 0.0, 4096)]
    now, then = (training.answers(question, known)[0].tokens.value for known in (facts(), better))
    assert then >= now * 0.97


@pytest.mark.parametrize(("unit", "by"), [("Gbyte/s", 1e3), ("byte/s", 1e12), ("Tbyte/s", 1.0)])
def test_units_do_not_matter(unit, by):
    """The same bandwidth in another unit predicts the same, in serving and in training."""
    fact = facts()["chip-h200-bandwidth"]
    other = facts() | {fact.name: Fact(**{**fact.model_dump(), "value": f"{float(fact.value) * by:.12g}", "unit": unit})}
    row = {
        "chip": ["H200"],
        "model": ["Llama-3-70B"],
        "n_chips": [2],
        "serving_mode": ["aggregated"],
        "weight_precision": ["fp8"],
        "concurrency": [16.0],
    }
    tokens = [predict(rows(**row), known, SHIPPED, "tpot").value[0] for known in (facts(), other)]
    rates = [training.answers([training.Question("Llama-3-8B", "H200", 64)], known)[0].tokens.value for known in (facts(), other)]
    assert tokens[1] == pytest.approx(tokens[0], rel=1e-9) and rates[1] == pytest.approx(rates[0], rel=1e-9)


@LAWS
@given(st.sampled_from(["Llama-3-8B", "Llama-3-70B"]), st.sampled_from([64, 128, 512]), st.sampled_from([256, 512]))
def test_twice_the_chips_at_twice_the_batch_do_nearly_twice_the_work(name, chips, batch):
    """Never more than twice, and a tenth less at most: links and stragglers cost what they cost."""
    once, twice = training.answers([training.Question(name, "H100", n * chips, 1e12, 8192, n * batch) for n in (1, 2)], facts())
    assert 0.9 < twice.tokens.value / once.tokens.value < 1.06
    assert twice.days.value / once.days.value == pytest.approx(once.tokens.value * once.goodput / (2 * twice.tokens.value * twice.goodput), rel=1e-9)


@LAWS
@given(st.integers(1, 100_000), st.floats(1.0, 1e4), st.floats(0.1, 1000.0))
def test_without_failures_goodput_is_what_writing_leaves(chips, interval, write):
    never = training.Reliability(chip_hours=math.inf, software_hours=math.inf, write=write)
    assert training.goodput(np.array([float(chips)]), never, interval=interval)[0] == pytest.approx(1 / (1 + write / interval))


def test_ranges_of_a_sheet_widen_and_never_move_the_middle():
    basis = Basis(facts())
    sheet, net = accelerator(basis, "vr200"), model(basis, "llama_3_70b")
    sure = replace(sheet, peak={name: Interval(one.value, one.value, one.value) for name, one in sheet.peak.items()})
    wide, narrow = (serving.best(one, net, serving.Demand(level=0.03), SHIPPED).rate for one in (sheet, sure))
    assert wide.value == narrow.value and wide.low <= narrow.low and narrow.high <= wide.high
