"""Layouts: what is found fits and divides; what is stated stays; what cannot be is refused with what lacks."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barbell.workloads.training.campaign import Question, jobs_of
from barbell.workloads.training.fit import rate
from barbell.workloads.training.layout import settle
from barbell.workloads.training.learn import blank
from barbell.workloads.training.memory import need
from barbell.workloads.training.step import features
from tests.workloads.training.build import facts, job, sheet

NONE = {name: np.zeros(1) for name in ("speed", "host", "attention", "routed")}


def asked(model="Llama-3-70B", chip="H100", chips=64, batch=64, sequence=8192):
    return jobs_of([Question(model, chip, chips, 0.0, sequence, batch)], facts())


def speed(jobs):
    return rate(features(jobs), blank().logs, NONE)[0]


@settings(deadline=None, max_examples=30)
@given(
    st.sampled_from(["Llama-3-8B", "Llama-3-70B", "Qwen3-30B-A3B"]), st.sampled_from(["H100", "GB200", "Trainium2"]), st.sampled_from([16, 64, 256])
)
def test_what_is_found_divides_and_fits(model, chip, chips):
    found = settle(asked(model, chip, chips, batch=256), blank())
    assert found.refused[0] == ""
    assert found.tp * found.pp * found.cp * found.dp == chips
    assert 256 % (found.dp * found.micro) == 0
    assert need(found).lacking <= 0


def test_no_stated_layout_of_the_grid_is_faster():
    best = speed(settle(asked(), blank()))
    for sizes in ({"tp": 8.0}, {"tp": 4.0, "pp": 4.0, "vp": 4.0}, {"tp": 2.0, "cp": 4.0, "sharded": 1.0}):
        stated = job(chips=64, batch=64, **sizes)
        assert need(stated).lacking > 0 or speed(stated) <= best * (1 + 1e-9)


@settings(deadline=None, max_examples=15)
@given(st.floats(1.0, 4.0), st.sampled_from(["memory", "bf16", "fp8", "bandwidth", "link", "out"]))
def test_a_better_chip_is_never_slower(more, figure):
    """Memory opens layouts; the rest makes all of them faster."""
    base = asked("Llama-3-70B", "H100", 32)
    better = sheet(base, **{figure: lambda value: value * more})
    assert speed(settle(better, blank())) >= speed(settle(base, blank())) * (1 - 1e-9)


def test_a_stated_layout_stays():
    stated = job(tp=4.0, pp=4.0, micro=2.0)
    found = settle(stated, blank())
    assert all(np.array_equal(getattr(found, name), getattr(stated, name)) for name in ("tp", "pp", "cp", "dp", "micro", "sharded", "recompute"))


def test_stated_ranks_leave_the_micro_batch_to_the_search():
    found = settle(replace(job(tp=8.0, pp=4.0), micro=np.zeros(1)), blank())
    assert (found.tp, found.pp) == (8, 4) and found.micro > 0


def test_too_large_is_refused_with_what_lacks():
    found = settle(asked("GPT-1T", "H100", 16), blank())
    assert found.refused[0].startswith("GPT-1T does not fit on 16 H100: ") and "GB per chip lack in the best layout" in found.refused[0]


def test_a_stated_layout_that_cannot_have_been_run_is_refused():
    found = settle(job("GPT-3-175B", "H100", 8, batch=8), blank())
    assert "in this layout needs" in found.refused[0] and "of 80 GB: split it more" in found.refused[0]


def test_chips_that_nothing_divides_are_refused():
    found = settle(asked("Llama-3-70B", "H100", 63, batch=2), blank())
    assert "no layout divides 63 chips and 2 sequences" in found.refused[0]


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 3000), st.sampled_from([0.0, 2048.0, 8192.0, 131072.0]))
def test_a_batch_that_nobody_states_suits_the_chips(chips, sequence):
    jobs = replace(asked("Llama-3-8B", "GB200", chips), batch=np.zeros(1), tokens=np.array([sequence]))
    assert "no layout divides" not in settle(jobs, blank(), ran=True).refused[0]


def test_what_ran_need_not_divide():
    """Twelve chips and 64 sequences: as good as 66 of them, where a plan would be told to take another batch."""
    told = asked("Llama-3-8B", "H100", 12, batch=64)
    assert "no layout divides" in settle(told, blank()).refused[0]
    ran = settle(told, blank(), ran=True)
    assert ran.refused[0] == "" and ran.batch[0] == 66 and ran.tp * ran.pp * ran.cp * ran.dp == 12


def test_equal_jobs_get_equal_layouts():
    many = jobs_of([Question("Llama-3-8B", chip, 64) for chip in ("H100", "GB200", "H100")], facts())
    found = settle(many, blank())
    assert found.tp[0] == found.tp[2] and found.micro[0] == found.micro[2]


@pytest.mark.parametrize(("name", "tokens"), [("GPT-h6144-L40", 2048), ("Llama-2-70B", 4096)])
def test_open_sequence_and_batch_are_those_usual(name, tokens):
    found = settle(replace(asked(name, "H100", 256), tokens=np.zeros(1), batch=np.zeros(1)), blank())
    assert found.tokens == tokens and found.batch == 256 * 8192 / tokens


def test_what_ran_is_believed_a_little():
    """A job whose best layout lacks some of the memory is refused as a plan, answered as a measured row, and refused when far too large."""
    close = sheet(asked("Llama-3-70B", "H100", 16), memory=lambda value: value * 0.93)
    assert "lack in the best layout" in settle(close, blank()).refused[0]
    assert settle(close, blank(), ran=True).refused[0] == ""
    assert settle(asked("GPT-1T", "H100", 16), blank(), ran=True).refused[0]
