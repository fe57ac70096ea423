"""Whole training runs: time, money and energy follow from the rate by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barbell.core.errors import FactError
from barbell.workloads.training import Question, Reliability, answers, energy, money
from barbell.workloads.training.campaign import CHIP_SHARE, jobs_of
from tests.workloads.training.build import facts


def answer(**told):
    return answers([Question(**{"model": "Llama-3-70B", "chip": "H100", "chips": 256, "tokens": 1e12, "sequence": 8192, **told})], facts())[0]


def test_time_and_money_by_hand():
    found = answer()
    days = 1e12 / (256 * found.tokens.value * found.goodput) / 86_400
    assert found.days.value == pytest.approx(days) and found.chip_hours == pytest.approx(days * 24 * 256)
    assert money(found, 2.0).value == pytest.approx(2 * found.chip_hours)
    assert found.joules_per_token == pytest.approx(700 * CHIP_SHARE / (found.tokens.value * found.goodput))
    assert found.days.low / found.days.value == pytest.approx(found.tokens.value / found.tokens.high)


def test_utilisation_is_work_over_peak():
    """6 x 69.5 B and attention of 80 layers over 8,192 tokens: 0.45 TFLOP a token."""
    found = answer()
    work = 6 * 69.5e9 + 6 * 8192 * 80 * 8192
    assert found.flops.value == pytest.approx(found.tokens.value * work, rel=1e-3)
    assert found.utilisation == pytest.approx(found.flops.value / 1979e12) and 0.1 < found.utilisation < 0.9


@settings(deadline=None, max_examples=20)
@given(st.sampled_from(["A100-80GB", "H100", "GB200", "GB300", "VR200", "Trainium3", "TPU v7", "MI355X"]), st.sampled_from([64, 256, 1024]))
def test_no_chip_beats_its_peak(chip, chips):
    found = answer(chip=chip, chips=chips)
    assert 0 < found.utilisation < 0.9 and found.tokens.low < found.tokens.value < found.tokens.high and 0 < found.goodput < 1


@given(st.integers(1, 50_000), st.sampled_from([1024, 8192]))
def test_the_batch_suits_any_number_of_chips(chips, sequence):
    """At least a sequence per eight chips, and divisible by every odd factor of the chips."""
    batch = jobs_of([Question("Llama-3-8B", "H100", chips, 0.0, sequence)], facts()).batch[0]
    odd = chips // (chips & -chips)
    assert batch % odd == 0 and batch * 8 >= chips


def test_energy_by_hand():
    found = answer()
    used = energy(found, 1e12)
    assert used.value == pytest.approx(found.joules_per_token * 1e12 / 3.6e9)
    assert used.value == pytest.approx(found.chip_hours * 700 * CHIP_SHARE / 1e6) and used.low < used.value < used.high
    assert energy(answer(chip="Trainium4"), 1e12) is None


def test_twice_the_tokens_take_twice_the_time_the_money_and_the_energy():
    once, twice = answer(), answer(tokens=2e12)
    assert twice.days.value == pytest.approx(2 * once.days.value) and twice.tokens == once.tokens
    assert money(twice, 3.0).high == pytest.approx(2 * money(once, 3.0).high) and energy(twice, 2e12).low == pytest.approx(2 * energy(once, 1e12).low)


def test_without_tokens_there_is_no_time():
    found = answer(tokens=0.0)
    assert found.days is None and money(found, 2.0) is None


def test_failures_cost_time():
    sure = answers([Question("Llama-3-8B", "H100", 4096, 1e12)], facts(), None, Reliability(chip_hours=1e12, software_hours=1e12))[0]
    frail = answers([Question("Llama-3-8B", "H100", 4096, 1e12)], facts(), None, Reliability(chip_hours=10_000))[0]
    assert sure.goodput > 0.99 and frail.days.value / sure.days.value == pytest.approx(sure.goodput / frail.goodput)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"precision": "fp4"}, "H100 does not train in 'fp4'. Take one of bf16, fp8"),
        ({"precision": "int8"}, "does not train in 'int8'"),
        ({"chips": 0}, "chips and sequence must be 1 or more"),
        ({"chips": 2}, "GB per chip lack in the best layout"),
        ({"params": 7e9}, "the facts describe Llama-3-70B"),
        ({"model": "Own", "active": 7e9}, "must be a part of all"),
        ({"model": "Own", "params": 7e9, "active": 8e9}, "must be a part of all"),
    ],
)
def test_what_cannot_be_is_refused(told, words):
    with pytest.raises(FactError, match=words.replace("(", r"\(")):
        answer(**told)


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(FactError) as raised:
        answers([Question("Lama-3-70B", "H101", 64), Question("Lama-3-70B", "B202", 64)], facts())
    assert [words in str(raised.value) for words in ("'llama_3_70b'", "'h100'", "'b200'")] == [True] * 3
    assert len(str(raised.value).splitlines()) == 3


@pytest.mark.parametrize("chip", ["VR200", "Trainium4"])
def test_an_announced_chip_carries_the_range_of_its_peak(chip):
    """Wider than a chip of the same kind whose peak is published."""
    far = answer(chip=chip, chips=64).tokens
    near = answer(chip="GB300" if chip == "VR200" else "Trainium3", chips=64).tokens
    assert far.value / far.low > 1.05 * near.value / near.low and far.low < far.value < far.high


def test_an_unknown_model_is_told():
    with pytest.raises(FactError, match=r"number of parameters is not given\. Did you mean 'llama_3_70b'"):
        answer(model="Lama-3-70B")
    assert answer(model="My own", params=70e9).days.value == pytest.approx(answer().days.value, rel=0.15)
