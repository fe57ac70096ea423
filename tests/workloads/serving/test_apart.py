"""Two pools of chips: the balance by hand, its laws, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barbell.core.basis import Basis, Interval
from barbell.core.errors import FactError
from barbell.workloads.chip import accelerator
from barbell.workloads.model import model
from barbell.workloads.serving import Demand, best, queue
from barbell.workloads.serving.apart import BUSIEST, RATIOS, apart, busy, pooled, prompt_seconds
from barbell.workloads.serving.level import Span
from barbell.workloads.serving.option import Pools
from barbell.workloads.serving.physics import Constants, prefill
from tests.workloads.serving.made import KNOWN, PLAIN, deployment
from tests.workloads.serving.test_learn import fitted
from tests.workloads.sheets import fact

LLAMA, H200 = model(Basis(KNOWN), "llama_3_70b"), accelerator(Basis(KNOWN), "h200")
WAITS = Interval(0.5, 0.1, 4.0)
DEMAND = Demand(apart=WAITS)


def exact(value):
    return Span(*(np.array([value]) for _ in range(3)))


def pools(*, readers, prompt=0.1):
    return Pools(np.array([float(readers)]), np.array([1.0]), np.array([2.0]), exact(prompt), exact(0.5))


def made(*, readers, flight=60.0, prompt=0.1):
    """Two decoders of two chips, 101 tokens out at 20 ms each."""
    asked = deployment(chips=2, flight=flight, tokens=(1024, 101), mode="decode")
    return pooled(asked, np.zeros(1, dtype=np.int64), exact(0.02), pools(readers=readers, prompt=prompt), Interval(0.5, 0.5, 0.5))


def test_a_balance_by_hand():
    """120 in flight: 0.5 s and half of 30 prompts per reader of 0.1 s, 100 tokens of 20 ms: 30 prompts/s, 3,030 tokens/s on 8 chips."""
    found = made(readers=4)
    assert found.first.value == pytest.approx([2.0]) and found.rate.value == pytest.approx([30 * 101 / 8])
    assert busy(found) == pytest.approx([0.75])


def test_readers_that_would_be_too_busy_do_not_serve():
    """Three: 2.5 s to the first token, 26.7 prompts/s, 0.89 of their time."""
    found = made(readers=3)
    assert found.first.value == pytest.approx([2.5]) and found.rate.value == [0.0]
    assert BUSIEST < 120 / 4.5 * 0.1 / 3


def test_ratios_have_no_common_factor_and_only_the_ratio_counts():
    assert len({a / b for a, b in RATIOS}) == len(RATIOS)
    asked = deployment(chips=2, flight=60.0, tokens=(1024, 101), mode="decode")
    both = Pools(np.array([4.0, 8.0]), np.ones(2), np.array([2.0, 4.0]), exact(0.1).take(np.array([0, 0])), exact(0.5).take(np.array([0, 0])))
    found = pooled(asked, np.zeros(2, dtype=np.int64), exact(0.02).take(np.array([0, 0])), both, WAITS)
    assert found.rate.value[0] == pytest.approx(found.rate.value[1]) and found.first.value[0] == pytest.approx(found.first.value[1])


@settings(deadline=None)
@given(st.integers(1, 6), st.floats(1, 500), st.floats(0.001, 0.5), st.floats(1.0, 3.0))
def test_littles_law_and_the_limit_on_readers_hold(readers, flight, prompt, slower):
    found = made(readers=readers, flight=flight, prompt=prompt)
    if found.rate.value[0]:
        prompts = found.rate.value[0] * (4 + readers) / 101
        assert prompts * (found.first.value[0] + 100 * 0.02) == pytest.approx(2 * flight)
        assert busy(found)[0] == pytest.approx(prompts * prompt / readers) and busy(found)[0] <= BUSIEST * (1 + 1e-9)
    assert made(readers=readers, flight=flight, prompt=prompt * slower).first.value[0] >= found.first.value[0]


def test_a_reader_takes_the_closed_form_where_nothing_was_fitted_and_the_chips_effects_where_it_was():
    reader = deployment(flight=1.0)
    assert prompt_seconds(reader, PLAIN).value == pytest.approx(prefill(reader, Constants()))
    learnt = prompt_seconds(reader, fitted())
    assert learnt.value != pytest.approx(prefill(reader, fitted().constants)) and learnt.low < learnt.value < learnt.high


def test_the_best_pools_keep_the_level_and_are_told():
    told = best(H200, LLAMA, replace(DEMAND, level=0.03, first=2.0), PLAIN)
    split = told.split
    assert told.token.value <= 0.03 and told.first.value <= 2.0 and 0 < split.busy <= BUSIEST
    assert told.chips == split.readers * split.reader_chips + split.decoders * split.decoder_chips
    assert told.rate.value == pytest.approx(told.flight * 1024 / (told.first.value + 1023 * told.token.value) / told.chips)
    assert told.rate.low < told.rate.value < told.rate.high and told.first.low < told.first.value < told.first.high


def test_a_decoder_carries_no_prefill_and_every_option_has_readers_of_its_engine():
    options = apart(H200, LLAMA, replace(DEMAND, level=0.05), "fp8", PLAIN, WAITS)
    assert set(options.asked.mode.words) == {"decode"} and options.pools is not None and len(options) % len(RATIOS) == 0
    assert set(options.pools.reader_chips) <= {1.0, 2.0, 4.0, 8.0}


@settings(max_examples=8, deadline=None)
@given(st.floats(0.015, 0.1), st.floats(0.5, 20.0), st.floats(1.0, 3.0), st.sampled_from(["level", "first"]))
def test_a_looser_level_never_gives_less(level, first, more, which):
    tight = replace(DEMAND, level=level, first=first)
    loose = replace(tight, **{which: getattr(tight, which) * more})
    rates = []
    for demand in (tight, loose):
        try:
            rates.append(best(H200, LLAMA, demand, PLAIN).rate.value)
        except FactError:
            rates.append(0.0)
    assert rates[0] <= rates[1] * (1 + 1e-9)


def test_a_prompt_that_is_cached_needs_no_readers_time():
    whole, none = (best(H200, LLAMA, replace(DEMAND, level=0.03, hit=hit), PLAIN) for hit in (0.0, 1.0))
    assert none.rate.value > whole.rate.value and none.split.busy == 0 < whole.split.busy


def test_a_first_token_out_of_reach_is_refused_with_the_best():
    with pytest.raises(FactError, match=r"h200 does not give llama_3_70b the first token within 1 ms; .* with \d+ and \d+ chips and 1 request"):
        best(H200, LLAMA, replace(DEMAND, first=0.001), PLAIN)


def test_how_long_prompts_queue_is_a_fact():
    known = {"serving-apart-queue": fact("serving-apart-queue", 0.5, "1", low="0.1", high="4")}
    assert queue(known) == WAITS
    with pytest.raises(FactError, match="serving-apart-queue"):
        queue(KNOWN)
