"""Training tightened by micro-benchmarks of a chip without rows: made from known efficiencies, found again within the interval."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from barbell.core.basis import Basis
from barbell.workloads.chip import accelerator
from barbell.workloads.training import Question, answers, assembled, local, mark, shipped, tightened, told
from barbell.workloads.training.campaign import jobs_of
from barbell.workloads.training.constants import EFFECTS, design, deviate
from barbell.workloads.training.layout import settle
from barbell.workloads.training.learn import Z80, predicted
from tests.workloads.micro.build import readings, shared
from tests.workloads.training.build import facts

FOUND = shipped(facts())
USUAL = {"gemm_bf16": 0.75, "gemm_fp8": 0.65, "copy": 0.85}
CHIPS = ("gb300", "vr200", "trainium3", "h20")
"""Without rows of training: of a known generation, of a new one, of another vendor, of one with BF16 alone."""


def measured(folder, chip, **shares):
    """Readings of a chip, in the precisions that its data sheet has."""
    peak = accelerator(Basis(facts()), chip).peak
    told = {name: share for name, share in (shares or USUAL).items() if name == "copy" or name.removeprefix("gemm_") in peak}
    return readings(folder, chip, **told)


def rate(chip, calibration, model="Llama-3-70B", chips=256):
    return answers([Question(model, chip, chips)], facts(), calibration)[0].tokens


def width(found):
    return np.log(found.high / found.low)


@pytest.mark.parametrize("chip", CHIPS)
def test_the_interval_of_a_measured_chip_shrinks(tmp_path, chip):
    after, uses = tightened(FOUND, measured(tmp_path, chip), facts())
    assert all("speed x" in use.effect for use in uses)
    assert width(rate(chip, after)) < width(rate(chip, FOUND))


@pytest.mark.parametrize("chip", CHIPS)
def test_but_by_less_than_rows_would(tmp_path, chip):
    """Rows of the chip would leave nothing of what it may deviate by."""
    after, _ = tightened(FOUND, measured(tmp_path, chip), facts())
    jobs = settle(jobs_of([Question("Llama-3-70B", chip, 256)], facts()), FOUND.fitted)
    sheet = jobs.chips[0]
    known = tuple(
        pair for pair in (("vendor", sheet.vendor), ("generation", sheet.generation), ("chip", sheet.slug)) if pair not in FOUND.fitted.kinds
    )
    size = len(FOUND.fitted.covariance) + len(known)
    covariance = np.zeros((size, size))
    covariance[: -len(known), : -len(known)] = FOUND.fitted.covariance
    rows = replace(
        FOUND.fitted, kinds=(*FOUND.fitted.kinds, *known), deviations=np.append(FOUND.fitted.deviations, np.zeros(len(known))), covariance=covariance
    )
    spreads = [float(predicted(jobs, one).high[0] / predicted(jobs, one).value[0]) for one in (replace(FOUND, fitted=rows), after, FOUND)]
    assert spreads[0] < spreads[1] < spreads[2]


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["vr200", "trainium3"]), st.floats(-1.0, 1.0), st.floats(-0.08, 0.08))
def test_a_chip_of_known_speed_is_found_within_its_interval(tmp_path, chip, deviation, noise):
    """The truth deviates by up to 1.28 deviations of what is believed, the reading from it by less than its spread (0.01: `USUAL` is rounded)."""
    sheet = jobs_of([Question("Llama-3-70B", chip, 64)], facts()).chips[0]
    pairs = [("vendor", sheet.vendor), ("generation", sheet.generation), ("chip", sheet.slug)]
    seen = dict(zip(FOUND.fitted.kinds, FOUND.fitted.deviations, strict=True))
    told_by_rows = sum(seen.get(pair, 0.0) for pair in pairs)
    extra = deviation * Z80 * np.sqrt(sum(EFFECTS[kind][1] ** 2 for kind, name in pairs if (kind, name) not in seen))
    reached = {name: min(share * np.exp(told_by_rows + extra + noise), 1.0) for name, share in USUAL.items()}
    after, _ = tightened(FOUND, measured(tmp_path, chip, **reached), facts())
    kinds = (*FOUND.fitted.kinds, ("chip", sheet.slug))
    covariance = np.pad(FOUND.fitted.covariance, (0, 1))
    truth = replace(FOUND, fitted=replace(FOUND.fitted, kinds=kinds, deviations=np.append(FOUND.fitted.deviations, extra), covariance=covariance))
    true, found = rate(chip, truth).value, rate(chip, after)
    assert found.low < true < found.high
    assert abs(np.log(found.value / true)) <= abs(np.log(rate(chip, FOUND).value / true)) + abs(noise) + 0.01


def test_a_slower_reading_makes_a_slower_chip(tmp_path):
    base = measured(tmp_path, "vr200")
    values = []
    for by in (0.7, 0.85, 1.0, 1.15):
        after, _ = tightened(FOUND, [shared(one, one.share * by) for one in base], facts())
        values.append(rate("vr200", after).value)
    assert values == sorted(values) and values[-1] > 1.2 * values[0]


@pytest.mark.parametrize(("chip", "other"), [("trainium3", "H100"), ("vr200", "MI355X"), ("vr200", "GB300"), ("trainium3", "Trainium2")])
def test_other_chips_stay_where_they_are(tmp_path, chip, other):
    after, _ = tightened(FOUND, measured(tmp_path, chip, gemm_fp8=0.4, copy=0.6), facts())
    assert rate(other, after) == rate(other, FOUND) and rate(chip, after).value < rate(chip, FOUND).value


def test_a_chip_with_rows_is_left_as_it_is(tmp_path):
    """H100 has them, and they say more."""
    after, uses = tightened(FOUND, measured(tmp_path, "h100", gemm_bf16=0.5, copy=0.6), facts())
    assert {use.effect for use in uses} == {"not used: training rows of this chip say more"}
    assert told(after) == told(FOUND) and after.marks == FOUND.marks


def test_precisions_are_apart(tmp_path):
    """A reading in BF16 says nothing of FP8 by itself."""
    after, _ = tightened(FOUND, measured(tmp_path, "vr200", gemm_fp8=0.4), facts())
    jobs = jobs_of([Question("Llama-3-70B", "VR200", 64, precision=kind) for kind in ("bf16", "fp8")], facts())
    off = deviate(after.fitted.deviations, design(jobs, after.fitted.kinds))["products"]
    assert off[0] == 0.0 and off[1] < -0.1


def test_only_the_fastest_shape_counts(tmp_path):
    (one,) = measured(tmp_path, "vr200", gemm_fp8=0.6)
    slow = replace(shared(one, 0.5), row_id="slow", name="gemm-4096")
    after, uses = tightened(FOUND, [slow, one], facts())
    assert told(after) == told(tightened(FOUND, [one], facts())[0])
    assert uses[0].effect == "not used: a faster shape was measured" and mark("slow") not in after.marks


def test_a_later_reading_replaces_an_earlier_one(tmp_path):
    (one,) = measured(tmp_path, "vr200", gemm_fp8=0.6)
    twice, _ = tightened(tightened(FOUND, [shared(one, 0.4)], facts())[0], [one], facts())
    assert told(twice) == told(tightened(FOUND, [one], facts())[0])


def test_the_link_speaks_of_talk_alone(tmp_path):
    after, _ = tightened(FOUND, readings(tmp_path, "vr200", all_reduce=0.4), facts())
    jobs = jobs_of([Question("Llama-3-70B", "VR200", 64)], facts())
    off = deviate(after.fitted.deviations, design(jobs, after.fitted.kinds))
    assert off["wires"][0] < 0 == off["products"][0] == off["bytes"][0]
    assert rate("VR200", after).value <= rate("VR200", FOUND).value


def test_it_survives_its_facts(tmp_path):
    after, _ = tightened(FOUND, measured(tmp_path, "vr200"), facts())
    back = assembled(told(after), local(after), after.marks)
    one, two = rate("VR200", after), rate("VR200", back)
    assert (one.low, one.value, one.high) == pytest.approx((two.low, two.value, two.high), rel=1e-4)
