"""The rate that plans use: a reference run by the calibrated step, for chips of the fleet."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barbell.core.basis import Basis, Interval
from barbell.core.errors import FactError
from barbell.workloads.chip import Chip, chip
from barbell.workloads.training import Question, answers, shipped
from barbell.workloads.training.effective import BATCH, CHIPS, SEQUENCE, effective, precision, record
from barbell.workloads.training.silicon import headroom
from tests.workloads.sheets import fact, store
from tests.workloads.training.build import facts


def sheet(name, known=None):
    return chip(Basis(known or store()), name)


def rated(chip, **more):
    return effective(chip, shipped(facts()), **more)


def width(name):
    found = rated(sheet(name)).rate
    return found.high / found.low


def test_it_is_the_rate_of_a_run_that_can_be_asked_for():
    """A dense model of 70 B by its size alone, on 1,024 chips with 16 million tokens a step."""
    asked = answers([Question("any", "B200", CHIPS, 0.0, SEQUENCE, BATCH, "fp8", 70e9)], facts())[0]
    found = rated(chip(Basis(facts()), "b200"), out=100e9, room=headroom(facts(), "b200"))
    assert found.rate.value == pytest.approx(asked.flops.value, rel=1e-6)


def test_it_is_of_the_size_of_published_medians():
    """Median utilisations of public rows of dense models: H100 37 % in FP8, GB200 34 % in FP8, A100 53 % in BF16; a third either way."""
    for name, share in (("h100", 0.37), ("gb200", 0.34), ("a100", 0.53)):
        found = sheet(name)
        assert rated(found, out=50e9).rate.value / found.peak[precision(found)].value == pytest.approx(share, rel=1 / 3)


def test_fp8_only_where_it_is_faster():
    assert {name: precision(sheet(name)) for name in ("a100", "trainium1", "h100", "trainium2")} == {
        "a100": "bf16", "trainium1": "bf16", "h100": "fp8", "trainium2": "fp8",
    }  # fmt: skip


def test_only_a_measured_chip_is_no_assumption():
    names = ("a100", "h100", "h200", "gb300", "vr200", "trainium1", "trainium2", "trainium4")
    assert [name for name in names if rated(sheet(name)).measured] == ["a100", "h100", "h200", "trainium1"]


def test_doubt_grows_with_distance_from_what_was_measured():
    assert width("b200") < width("gb300") < width("trainium2") < width("trainium4")


def test_the_range_of_the_peak_is_added():
    """In squares, so that not all is bad at once."""
    known = sheet("gb300")
    vague = replace(known, peak={**known.peak, "fp8": Interval(5e15, 2.5e15, 5e15)})
    sure, doubted = rated(known).rate, rated(vague).rate
    assert doubted.value == sure.value and doubted.high == pytest.approx(sure.high) and doubted.value / doubted.low > sure.value / sure.low


@settings(deadline=None, max_examples=15)
@given(st.floats(1.0, 8.0), st.sampled_from(["dense_fp8", "bandwidth", "hbm"]))
def test_a_better_chip_trains_faster(more, figure):
    base = {"dense_fp8": (1979.0, "TFLOP/s"), "bandwidth": (3.35, "Tbyte/s"), "hbm": (80.0, "Gbyte")}[figure]

    def trained(value):
        name = f"chip-h100-{figure}"
        return rated(sheet("h100", store() | {name: fact(name, value, base[1])})).rate.value

    assert trained(base[0] * more) >= trained(base[0]) * 0.97
    """Less than 3 % down: the local function may change with the layout that more memory opens."""


def test_a_missing_bf16_peak_is_half_the_fp8_peak():
    assert record(sheet("trainium4")).bf16 == record(sheet("trainium4")).fp8 / 2


def test_a_chip_that_cannot_train_is_refused():
    h100 = sheet("h100")
    bare = Chip("h100", {"fp4": h100.peak["fp8"]}, h100.memory, h100.bandwidth, h100.link, h100.domain)
    with pytest.raises(FactError, match="neither an FP8 nor a BF16 peak"):
        rated(bare)


def test_a_chip_without_memory_to_train_is_refused():
    with pytest.raises(FactError, match="give the fact chip-h100-hbm"):
        rated(replace(sheet("h100"), memory=Interval(1e9, 1e9, 1e9)))
