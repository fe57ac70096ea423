"""Training: peak times utilisation, and whose utilisation."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barbell.core.basis import Basis
from barbell.core.errors import FactError
from barbell.workloads.chip import Chip, chip
from barbell.workloads.training.effective import effective, precision, utilisation
from tests.workloads.sheets import fact, store


def sheet(name, known=None):
    return chip(Basis(known or store()), name)


def test_by_hand():
    """1,979 TFLOP/s x 37 %."""
    done = effective(sheet("h100"))
    assert done.rate.value == pytest.approx(732.23e12) and done.precision == "fp8" and done.measured
    assert done.rate.high / done.rate.value == pytest.approx(math.exp(1.2816 * 0.25)) == done.rate.value / done.rate.low


def test_fp8_only_where_it_is_faster():
    assert {name: precision(sheet(name)) for name in ("a100", "trainium1", "h100", "trainium2")} == {
        "a100": "bf16", "trainium1": "bf16", "h100": "fp8", "trainium2": "fp8",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "share", "origin"),
    [
        ("a100", 0.53, "median MFU of a100"),
        ("h200", 0.37, "median MFU of h100"),
        ("gb300", 0.34, "median MFU of gb200"),
        ("vr200", 0.34, "median MFU of NVIDIA's chips"),
        ("trainium1", 0.28, "median MFU of trainium1"),
        ("trainium2", 0.28 * 37 / 40, "H100's ratio"),
    ],
)
def test_utilisation_comes_from_the_nearest_chip(name, share, origin):
    found, words = utilisation(sheet(name), precision(sheet(name)))
    assert found == pytest.approx(share) and origin in words


def test_only_a_measured_chip_is_no_assumption():
    names = ("a100", "h100", "h200", "b200", "vr200", "trainium1", "trainium2", "trainium4")
    assert [name for name in names if effective(sheet(name)).measured] == ["a100", "h100", "b200", "trainium1"]


def test_doubt_of_peak_and_utilisation_add():
    rubin, known = effective(sheet("vr200")).rate, effective(sheet("gb300")).rate
    assert rubin.value / rubin.low == pytest.approx(math.exp(math.hypot(math.log(1.5), 1.2816 * 0.30)))
    assert rubin.high / rubin.value == pytest.approx(known.high / known.value)


@given(st.floats(1100, 1e5), st.floats(1, 10))
def test_a_faster_chip_trains_faster(peak, more):
    def trained(value):
        return effective(sheet("h100", store() | {"chip-h100-dense_fp8": fact("chip-h100-dense_fp8", value, "TFLOP/s")})).rate.value

    assert trained(peak * more) >= trained(peak) * (1 - 1e-12)


def test_a_chip_that_cannot_train_is_refused():
    h100 = sheet("h100")
    bare = Chip("h100", {"fp4": h100.peak["fp8"]}, h100.memory, h100.bandwidth, h100.link, h100.domain)
    with pytest.raises(FactError, match="neither an FP8 nor a BF16 peak"):
        effective(bare)
