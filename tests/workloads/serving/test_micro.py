"""Serving tightened by micro-benchmarks of a chip without rows."""

import numpy as np
import pytest

from barbell.core.basis import Basis
from barbell.workloads.chip import accelerator
from barbell.workloads.model import model
from barbell.workloads.serving import Demand, best, shipped, tightened
from barbell.workloads.serving.calibration import GROUPS, assembled, told
from barbell.workloads.serving.effects import MEASURED, chiefly, shared
from barbell.workloads.serving.predict import answer
from barbell.workloads.serving.spread import CLASSES
from tests.workloads.micro.build import readings
from tests.workloads.micro.build import shared as reaching
from tests.workloads.serving.made import deployment
from tests.workloads.training.build import facts

FOUND = shipped(facts())
USUAL = {"gemm_bf16": 0.83, "gemm_fp8": 0.65, "copy": 0.83}


def asked(chip, **more):
    """A deployment whose chip is one of the facts that ship."""
    made = deployment(**more)
    sheet = accelerator(Basis(facts()), chip)
    label = type(made.chip).of([chip] * len(made))
    vendor = type(made.chip).of([sheet.vendor.lower()] * len(made))
    return made.but(chip=label, vendor=vendor)


def token(chip, calibration, **more):
    """Milliseconds and half-width of the time per token."""
    value, half = answer(asked(chip, **more), calibration, "tpot")
    return 1e3 * float(value[0]), float(half[0])


@pytest.mark.parametrize("chip", ["vr200", "tpu_v6e", "mi350x"])
def test_the_interval_of_a_measured_chip_shrinks_and_stays_above_that_of_rows(tmp_path, chip):
    shares = {name: share for name, share in USUAL.items() if name != "gemm_fp8" or "fp8" in accelerator(Basis(facts()), chip).peak}
    if "bf16" not in accelerator(Basis(facts()), chip).peak:
        shares.pop("gemm_bf16")
    after, uses = tightened(FOUND, readings(tmp_path, chip, **shares), facts())
    assert all("time per token" in use.effect for use in uses)
    known = FOUND.fits["tpot"].spread[CLASSES[0]]
    assert known < token(chip, after)[1] < token(chip, FOUND)[1]


def test_a_vendor_without_rows_gains_most(tmp_path):
    gains = {}
    for chip, shares in (("vr200", {"gemm_fp8": 0.65, "copy": 0.83}), ("tpu_v6e", {"gemm_bf16": 0.83, "copy": 0.83})):
        after, _ = tightened(FOUND, readings(tmp_path, chip, **shares), facts())
        gains[chip] = token(chip, after)[1] / token(chip, FOUND)[1]
    assert gains["tpu_v6e"] < gains["vr200"] < 1


@pytest.mark.parametrize("by", [0.75, 0.9, 1.1])
def test_a_chip_of_known_efficiency_is_found_within_its_interval(tmp_path, by):
    """A TPU whose memory and products truly reach `by` of what is usual: a step is bound by them, so that it takes about 1 / by."""
    base = readings(tmp_path, "tpu_v6e", gemm_bf16=0.83, copy=0.83)
    after, _ = tightened(FOUND, [reaching(one, one.share * by) for one in base], facts())
    before = token("tpu_v6e", FOUND, flight=64.0, precision="bf16")[0]
    value, half = token("tpu_v6e", after, flight=64.0, precision="bf16")
    truth = before / by
    assert value / np.exp(half) < truth < value * np.exp(half)
    assert abs(np.log(value / truth)) < abs(np.log(before / truth))


@pytest.mark.parametrize("other", ["h100", "mi355x", "trainium2", "tpu_v7"])
def test_other_chips_stay_where_they_are(tmp_path, other):
    after, _ = tightened(FOUND, readings(tmp_path, "tpu_v6e", gemm_bf16=0.5, copy=0.5), facts())
    assert token(other, after) == token(other, FOUND)


def test_a_chip_with_rows_is_left_as_it_is(tmp_path):
    after, uses = tightened(FOUND, readings(tmp_path, "h100", gemm_bf16=0.5, copy=0.6), facts())
    assert {use.effect for use in uses} == {"not used: serving rows of this chip say more"} and told(after) == told(FOUND)


def test_each_kernel_speaks_of_its_terms(tmp_path):
    """A slower copy shows most where memory binds (few requests), a slower product where arithmetic does (many, long prompts)."""
    slow = {name: tightened(FOUND, readings(tmp_path, "tpu_v6e", **{name: 0.5}), facts())[0] for name in ("copy", "gemm_bf16")}
    few, many = {"flight": 1.0}, {"flight": 256.0, "tokens": (8192, 128)}

    def longer(name, **more):
        return token("tpu_v6e", slow[name], precision="bf16", **more)[0] / token("tpu_v6e", FOUND, precision="bf16", **more)[0]

    assert longer("copy", **few) > longer("gemm_bf16", **few) >= 1 and longer("gemm_bf16", **many) > longer("copy", **many) >= 1


def test_more_memory_bandwidth_gives_more_tokens(tmp_path):
    rates = []
    for share in (0.6, 0.8, 0.95):
        after, _ = tightened(FOUND, readings(tmp_path, "vr200", copy=share, gemm_fp8=0.65), facts())
        sheet, net = accelerator(Basis(facts()), "vr200"), model(Basis(facts()), "llama_3_70b")
        rates.append(best(sheet, net, Demand(level=0.05, precision="fp8"), after).rate.value)
    assert rates == sorted(rates) and rates[0] < rates[-1]


def test_it_survives_its_facts(tmp_path):
    after, _ = tightened(FOUND, readings(tmp_path, "vr200", copy=0.7, gemm_fp8=0.5), facts())
    back = assembled(told(after), after.fitted)
    assert token("vr200", back) == pytest.approx(token("vr200", after), rel=1e-3)
    assert len(after.fitted) == len(FOUND.fitted) + 2


def test_no_fit_moves_what_only_micro_benchmarks_tell():
    for groups in GROUPS.values():
        assert MEASURED.name in {group.name for group in groups}
        assert MEASURED.name not in {group.name for group in (*shared(groups), *chiefly(groups))}
