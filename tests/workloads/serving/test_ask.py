"""What a planner asks: levels on both times and their tail, prefix caches, drafts and layouts; each with its law."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barbell.core.basis import Basis, Interval
from barbell.core.errors import FactError
from barbell.workloads.chip import accelerator
from barbell.workloads.model import model
from barbell.workloads.serving import Calibration, Demand, Tail, best, faults
from barbell.workloads.serving.calibration import Fit
from barbell.workloads.serving.candidate import FLIGHT, WIDEST, candidates
from barbell.workloads.serving.option import mixed
from tests.workloads.serving.made import KNOWN, PLAIN
from tests.workloads.serving.test_learn import fitted

LLAMA, DEEPSEEK = (model(Basis(KNOWN), name) for name in ("llama_3_70b", "deepseek_r1"))
H200, TRAINIUM = (accelerator(Basis(KNOWN), name) for name in ("h200", "trainium2"))
TAIL = Tail(Interval(1.59, 1.23, 5.5), Interval(2.4, 1.4, 5.7))
SPREAD = Calibration(PLAIN.constants, {**PLAIN.fits, "tpot": Fit({"layout_terms": {(way,): np.zeros(6) for way in ("tp", "ep", "dp_tp", "dp_ep")}})})
"""The closed form with rows of every layout."""


def rate(demand, calibration=PLAIN):
    """Rate of the best way and its low end; nothing where there is none."""
    try:
        found = best(H200, LLAMA, demand, calibration).rate
    except FactError:
        return 0.0, 0.0, 0.0
    return found.value, found.low, found.high


def test_a_level_on_the_first_token_is_kept_and_binds():
    free, kept = (best(H200, LLAMA, Demand(8192, 512, level=0.08, first=first), PLAIN) for first in (1e6, 2.0))
    assert kept.first.value <= 2.0 < free.first.value and kept.rate.value < free.rate.value
    assert kept.limit.startswith("the level on time to the first token") and free.limit.startswith("the level on time per token")


def test_the_limit_names_what_more_requests_run_into():
    assert best(H200, LLAMA, Demand(8, 1024), PLAIN).limit.startswith("the largest batch tried")
    assert best(H200, LLAMA, Demand(level=0.03, tail=TAIL), PLAIN).limit.startswith("the level on time per token at the 99th percentile; ")
    told = best(H200, LLAMA, Demand(level=0.03), PLAIN)
    larger = np.array([FLIGHT[told.flight < FLIGHT][0]])
    more = mixed(candidates(H200, LLAMA, Demand(chips=told.chips), told.precision, PLAIN, flight=larger), PLAIN)
    assert told.limit.startswith("the level on time per token; ") and more.token.value > 0.03


def test_the_99th_percentile_is_kept_with_its_range():
    told = best(H200, LLAMA, Demand(level=0.05, first=3.0, tail=TAIL), fitted())
    assert told.token_tail.value == pytest.approx(1.59 * told.token.value) and told.token_tail.value <= 0.05
    assert told.first_tail.value == pytest.approx(2.4 * told.first.value) and told.first_tail.value <= 3.0
    assert told.token_tail.high / told.token_tail.value > 5.5 / 1.59 and told.token_tail.low > told.token.low
    middle = best(H200, LLAMA, Demand(level=0.05, first=3.0), fitted())
    assert middle.token_tail is None and middle.rate.low > told.rate.low


@settings(max_examples=15, deadline=None)
@given(st.floats(0.008, 0.1), st.floats(0.1, 10.0), st.floats(1.0, 3.0), st.sampled_from(["level", "first"]), st.booleans())
def test_a_looser_level_never_gives_less_in_the_middle_and_at_both_ends(level, first, more, which, late):
    tight = Demand(level=level, first=first, tail=TAIL if late else None)
    before, after = rate(tight, fitted()), rate(replace(tight, **{which: getattr(tight, which) * more}), fitted())
    assert all(one <= other * (1 + 1e-9) for one, other in zip(before[:2], after[:2], strict=True))


@settings(max_examples=10, deadline=None)
@given(st.floats(0.01, 0.1), st.floats(0.2, 10.0))
def test_a_level_at_the_99th_percentile_is_never_easier(level, first):
    middle = Demand(level=level, first=first)
    assert rate(replace(middle, tail=TAIL))[0] <= rate(middle)[0]


@settings(max_examples=15, deadline=None)
@given(st.floats(0.015, 0.1), st.floats(0, 1), st.floats(0, 1), st.sampled_from([1024.0, 16384.0]))
def test_a_fuller_cache_never_gives_less(level, one, other, tokens):
    less, more = sorted((one, other))
    asked = Demand(tokens, level=level)
    assert rate(replace(asked, hit=less))[0] <= rate(replace(asked, hit=more))[0] * (1 + 1e-9)


@settings(max_examples=10, deadline=None)
@given(st.floats(0.015, 0.1), st.sampled_from([1, 2, 4, 8]))
def test_a_size_that_is_asked_never_gives_more_than_the_best(level, chips):
    assert rate(Demand(level=level, chips=chips))[0] <= rate(Demand(level=level))[0] * (1 + 1e-9)


def test_a_cache_saves_no_memory():
    full = Demand(chips=1, precision="bf16", tokens_in=2048)
    plain, cached = (best(accelerator(Basis(KNOWN), "b300"), LLAMA, replace(full, hit=hit), PLAIN) for hit in (0.0, 1.0))
    assert plain.limit.startswith("memory") and cached.flight == plain.flight


def test_drafts_give_more_within_the_level():
    assert rate(Demand(level=0.03, drafted=True))[0] > rate(Demand(level=0.03))[0]


def test_layouts_of_which_there_are_rows_are_tried_for_mixtures_of_experts_alone():
    def ways(sheet, net, calibration):
        found = candidates(sheet, net, Demand(), "fp8", calibration)
        return set(zip(found.layout.words, found.chips, found.split, strict=True))

    tried = ways(H200, DEEPSEEK, SPREAD)
    assert {way for way, _, _ in tried} == {"tp", "ep", "dp_tp", "dp_ep"}
    assert all(split == (chips if way.startswith("dp") else 1) and (way == "tp" or 1 < chips <= WIDEST) for way, chips, split in tried)
    for alone in (ways(H200, LLAMA, SPREAD), ways(TRAINIUM, DEEPSEEK, SPREAD), ways(H200, DEEPSEEK, PLAIN)):
        assert {way for way, _, _ in alone} == {"tp"}


def test_attention_over_data_is_taken_where_copies_of_the_cache_fill_memory():
    long = Demand(32768, 1024, chips=8, precision="fp8")
    plain, spread = (best(H200, DEEPSEEK, long, one) for one in (PLAIN, SPREAD))
    assert plain.way == "tp" and spread.way.startswith("dp") and spread.rate.value > plain.rate.value and spread.flight > plain.flight


def test_every_level_that_cannot_be_kept_is_told_with_the_best_within_reach():
    with pytest.raises(FactError, match=r"a token every 0.1 ms; .*; nor the first token within 0.2 ms; the best it reaches is") as raised:
        best(H200, LLAMA, Demand(level=1e-4, first=2e-4), PLAIN)
    token, first = (float(text) * 1.01e-3 for text in re.findall(r"reaches is ([0-9.]+) ms", str(raised.value)))
    assert best(H200, LLAMA, Demand(level=token), PLAIN).token.value <= token
    assert best(H200, LLAMA, Demand(first=first), PLAIN).first.value <= first


def test_levels_that_exclude_each_other_are_told_with_the_best_of_the_second():
    """16 chips give the soonest next token, 64 the soonest first."""
    token, first = Demand(65536, 1024, precision="fp8", level=0.012), Demand(65536, 1024, precision="fp8", first=3.9)
    assert best(TRAINIUM, LLAMA, token, PLAIN).token.value <= 0.012 and best(TRAINIUM, LLAMA, first, PLAIN).first.value <= 3.9
    with pytest.raises(FactError, match=r"a token every 12 ms or the first token within 3900 ms, not both; .* it reaches is (\d+) ms") as raised:
        best(TRAINIUM, LLAMA, replace(token, first=3.9), PLAIN)
    reach = float(re.search(r"reaches is (\d+) ms", str(raised.value))[1]) * 1.01e-3
    assert best(TRAINIUM, LLAMA, replace(token, first=reach), PLAIN).first.value <= reach


def test_all_faults_of_a_demand_are_told_at_once():
    wrong = Demand(tokens_in=0, tokens_out=float("nan"), level=-1, chips=-2, first=0, hit=1.5, precision="fp2")
    told = faults(wrong)
    assert len(told) == 7 and all(
        any(word in text for text in told) for word in ("tokens in", "tokens out", "per token", "first", "1.5", "-2", "fp2")
    )
    with pytest.raises(FactError) as raised:
        best(H200, LLAMA, wrong, PLAIN)
    assert all(text in str(raised.value) for text in told)
    assert faults(Demand(hit=1.0)) == faults(Demand()) == []
