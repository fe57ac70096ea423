"""A calibration as facts and back, and the tie between its numbers and its local function."""

from dataclasses import replace

import numpy as np
import pytest

from barbell.core.errors import FactError
from barbell.core.units import factor
from barbell.workloads.training import Question, answers, assembled, local, shipped, told
from barbell.workloads.training.constants import CONSTANTS, EFFECTS, NAMES
from barbell.workloads.training.learn import Z80
from tests.workloads.training.build import facts

FOUND = shipped(facts())
ASKED = [Question("Llama-3-70B", "H100", 256, 1e12), Question("DeepSeek-V3", "GB200", 256, 1e12), Question("Llama-3-8B", "TPU v5p", 64, 1e12)]


def test_what_ships_is_made_of_facts():
    """Value, 80 % interval, unit and meaning of a constant; a deviation is a factor."""
    gemm = facts()["training-constant-gemm"]
    assert (float(gemm.value), gemm.unit, gemm.grade) == (pytest.approx(np.exp(FOUND.fitted.logs[NAMES.index("gemm")])), "1", "M")
    assert gemm.note == next(one.meaning for one in CONSTANTS if one.name == "gemm")
    width = np.sqrt(FOUND.fitted.covariance[0, 0])
    assert float(gemm.high) / float(gemm.value) == pytest.approx(np.exp(Z80 * width), rel=1e-4)
    for kind, label in FOUND.fitted.kinds:
        one = facts()[f"training-{kind}-{label}"]
        assert 0 < float(one.low) < float(one.value) < float(one.high) and EFFECTS[kind][0] in one.note
    for constant in CONSTANTS:
        assert factor(facts()[f"training-constant-{constant.name}"].unit, constant.unit) == 1


def test_facts_and_back_are_the_same():
    back = assembled(told(FOUND), local(FOUND), FOUND.marks)
    assert [(one.name, one.value, one.unit) for one in told(back)] == [(one.name, one.value, one.unit) for one in told(FOUND)]
    assert np.array_equal(back.residual.centres, FOUND.residual.centres) and np.array_equal(back.residual.weights, FOUND.residual.weights)
    for one, two in zip(answers(ASKED, facts(), FOUND), answers(ASKED, facts(), back), strict=True):
        assert one.tokens.value == pytest.approx(two.tokens.value, rel=1e-5) and one.tokens.low == pytest.approx(two.tokens.low, rel=1e-5)


def test_names_are_names_of_facts_and_their_order_does_not_matter():
    numbers = told(FOUND)
    assert [number.name for number in numbers] == sorted({number.name for number in numbers})
    back = assembled(numbers[::-1], local(FOUND), FOUND.marks)
    assert [(one.name, one.value) for one in told(back)] == [(one.name, one.value) for one in numbers]


@pytest.mark.parametrize("name", ["training-constant-gemm", "training-chip-h100", "training-noise-all"])
def test_constants_do_not_come_apart_from_their_local_function(name):
    """Whichever number is moved, if only its range."""
    for side in ("value", "high"):
        one = facts()[name]
        moved = one.model_copy(update={side: f"{1.01 * float(getattr(one, side) or one.value):.6g}"})
        with pytest.raises(FactError, match=r"are of two fits.*Calibrate again"):
            shipped({**facts(), name: moved})


def test_a_local_function_does_not_come_apart_from_its_constants():
    text = local(FOUND)
    lines = text.splitlines()
    for other in (text.replace("fit,", "fit,0", 1), "\n".join([*lines[:-1], lines[-1].replace("1", "2")]) + "\n", "\n".join(lines[1:]) + "\n"):
        with pytest.raises(FactError, match=r"two fits|none of this version"):
            assembled(told(FOUND), other, FOUND.marks)


def test_a_deviation_that_was_lost_is_missed():
    with pytest.raises(FactError, match="two fits"):
        shipped({name: one for name, one in facts().items() if name != "training-chip-h100"})


def test_a_day_before_any_calibration_is_told():
    with pytest.raises(FactError, match=r"training-constant-gemm lacks\. Ask for a later day"):
        shipped({})


def test_what_is_no_number_is_told():
    numbers = [replace(one, value="fast") if one.name == "training-constant-hop" else one for one in told(FOUND)]
    with pytest.raises(FactError, match=r"none of this version.*fast"):
        assembled(numbers, local(FOUND), FOUND.marks)
