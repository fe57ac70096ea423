"""The best layout: the level is kept, order is kept, refusals say what is short."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barbell.core.basis import Basis, Interval
from barbell.core.errors import FactError
from barbell.workloads.chip import accelerator
from barbell.workloads.model import model
from barbell.workloads.serving import Demand, best, found
from tests.workloads.serving.made import KNOWN, PLAIN
from tests.workloads.serving.test_learn import fitted

LLAMA, DEEPSEEK = (model(Basis(KNOWN), name) for name in ("llama_3_70b", "deepseek_r1"))


def sheet(name):
    return accelerator(Basis(KNOWN), name)


def test_the_level_is_kept_and_used():
    tight, loose = (best(sheet("h200"), LLAMA, Demand(level=level), PLAIN) for level in (0.02, 0.05))
    assert tight.token.value <= 0.02 and loose.token.value <= 0.05 and tight.rate.value < loose.rate.value


def test_the_answer_lies_in_its_interval_and_is_the_rate_of_its_layout():
    told = best(sheet("h200"), LLAMA, Demand(level=0.03), fitted())
    assert told.rate.low < told.rate.value < told.rate.high
    assert told.rate.value == pytest.approx(told.flight * 1024 / (told.first.value + 1023 * told.token.value) / told.chips)
    assert told.engine in ("vllm_1_2", "trtllm_1_2") and told.known.startswith("measured")


def test_the_narrowest_format_is_taken_unless_one_is_asked():
    assert best(sheet("b200"), LLAMA, Demand(), PLAIN).precision == "fp4"
    assert best(sheet("h200"), LLAMA, Demand(), PLAIN).precision == "fp8"
    assert best(sheet("b200"), LLAMA, Demand(precision="bf16"), PLAIN).precision == "bf16"


def test_only_formats_that_are_allowed_are_taken_in_their_order():
    allowed = Demand(formats=("fp8", "bf16", "int4"))
    assert best(sheet("b200"), LLAMA, allowed, PLAIN).precision == "fp8"
    assert best(sheet("h200"), LLAMA, replace(allowed, formats=("bf16", "fp8")), PLAIN).precision == "bf16"
    assert best(sheet("h100"), LLAMA, replace(allowed, formats=("bf16", "int4"), chips=1), PLAIN).precision == "int4"
    with pytest.raises(FactError, match="h100 computes none of the formats fp4"):
        best(sheet("h100"), LLAMA, replace(allowed, formats=("fp4",)), PLAIN)


def test_a_size_and_an_engine_can_be_asked():
    told = best(sheet("h200"), LLAMA, Demand(chips=4, engine="own 1.0"), PLAIN)
    assert told.chips == 4 and told.engine == "own_1_0"


def test_a_chip_without_rows_takes_the_engines_of_its_vendor_and_none_of_another_s():
    """The fit has rows of vLLM and TensorRT-LLM on chips of one vendor."""
    assert best(sheet("gb300"), LLAMA, Demand(level=0.05), fitted()).engine in ("vllm_1_2", "trtllm_1_2")
    assert best(sheet("trainium2"), LLAMA, Demand(level=0.05), fitted()).engine == "any"
    assert best(sheet("gb300"), LLAMA, Demand(level=0.05), PLAIN).engine == "any"


def test_a_model_that_does_not_fit_is_refused_by_how_much():
    with pytest.raises(FactError, match=r"weights of 671 GB, room for [0-9,]+ GB, short by [0-9,]+ GB") as raised:
        best(sheet("h200"), DEEPSEEK, Demand(chips=2, precision="fp8"), PLAIN)
    need, room, short = (float(text.replace(",", "")) for text in re.findall(r"([0-9,]+) GB", str(raised.value)))
    assert need - room == pytest.approx(short, abs=1)


def test_an_impossible_level_is_refused_with_the_best_within_reach():
    with pytest.raises(FactError, match=r"the best it reaches is ([0-9.]+) ms") as raised:
        best(sheet("h100"), LLAMA, Demand(level=0.001), PLAIN)
    reach = float(re.search(r"reaches is ([0-9.]+) ms", str(raised.value))[1])
    assert best(sheet("h100"), LLAMA, Demand(level=reach * 1.01e-3), PLAIN).token.value <= reach * 1.01e-3


@pytest.mark.parametrize(("what", "text", "near"), [("chip", "H201", "h200"), ("model", "llama-3-71b", "llama_3_70b")])
def test_an_unknown_name_is_answered_with_the_nearest(what, text, near):
    with pytest.raises(FactError, match=near):
        found(KNOWN, what, text)
    assert found(KNOWN, "chip", "H200") == "h200" and found(KNOWN, "model", "Llama-3-70B") == "llama_3_70b"


def test_what_limits_is_told():
    full = best(sheet("h100"), LLAMA, Demand(chips=1, precision="int4"), PLAIN).limit
    level = best(sheet("h200"), LLAMA, Demand(level=0.03), PLAIN).limit
    assert full.startswith("memory") and level.startswith("the level") and "of a step" in full


def test_an_uncertain_sheet_widens_the_interval():
    plain = sheet("h200")
    unsure = replace(plain, bandwidth=Interval(plain.bandwidth.value, plain.bandwidth.value / 2, plain.bandwidth.value * 1.5))
    one, two = (best(chip, LLAMA, Demand(level=0.03), fitted()).rate for chip in (plain, unsure))
    assert two.value == one.value and two.low < one.low and two.high > one.high


@settings(max_examples=15, deadline=None)
@given(st.floats(0.02, 0.2), st.floats(1.0, 3.0), st.sampled_from(["bandwidth", "memory", "level"]))
def test_a_better_chip_or_a_looser_level_never_serves_less(level, more, figure):
    chip = sheet("h200")
    value = getattr(chip, figure, Interval(0, 0, 0)).value * more
    better = chip if figure == "level" else replace(chip, **{figure: Interval(value, value, value)})
    easier = Demand(level=level * more) if figure == "level" else Demand(level=level)
    assert best(better, LLAMA, easier, PLAIN).rate.value >= best(chip, LLAMA, Demand(level=level), PLAIN).rate.value * (1 - 1e-9)
