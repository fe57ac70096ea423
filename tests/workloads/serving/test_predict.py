"""Predictions: Little's law, refusals, intervals."""

from __future__ import annotations

import numpy as np
import pytest

from barbell.workloads.serving import QUANTITIES, predict
from barbell.workloads.serving.deployment import Label
from barbell.workloads.serving.physics import full_rate
from barbell.workloads.serving.predict import CHUNK, answer
from tests.workloads.serving.made import C_ROW, KNOWN, PLAIN, deployment, rows


def one_row(**columns):
    return rows(**{name: [value] for name, value in {**C_ROW, **columns}.items()})


def test_requests_in_flight_over_the_time_of_one_is_the_rate():
    asked = deployment(chips=2, flight=16.0)
    token, first, rate = (answer(asked, PLAIN, quantity)[0][0] for quantity in ("tpot", "ttft", "tok_s_per_chip"))
    assert rate == pytest.approx(16 * 1024 / (first + 1023 * token) / 2)


def test_chips_that_prefill_for_others_are_paid_too():
    alone, helped = (answer(deployment(mode="decode", helpers=n), PLAIN, "tok_s_per_chip")[0][0] for n in (0.0, 6.0))
    assert helped == pytest.approx(alone * 2 / 8)


def test_where_only_a_mode_is_told_it_is_the_most():
    asked = deployment(chips=2, mode="offline")
    assert answer(asked, PLAIN, "tok_s_per_chip")[0] == pytest.approx(full_rate(asked, PLAIN.constants))


def test_every_row_has_a_value_with_its_interval_or_a_reason():
    mixed = rows(
        **{
            **{name: [value] * 3 for name, value in C_ROW.items()},
            "chip": ["H200", "H101", "H200"],
            "serving_mode": ["aggregated", "aggregated", "offline"],
            "row_id": ["a", "b", "c"],
        }
    )
    for quantity in QUANTITIES:
        found = predict(mixed, KNOWN, PLAIN, quantity)
        assert found.low[0] <= found.value[0] <= found.high[0] and not found.refused[0]
        assert np.isnan(found.value[1]) and "unknown chip" in found.refused[1]
        assert bool(found.refused[2]) == (quantity != "tok_s_per_chip")


def test_a_model_that_fits_nowhere_is_refused():
    found = predict(one_row(chip="trainium1", model="DeepSeek-R1", serving_mode="offline", n_chips=2), KNOWN, PLAIN, "tok_s_per_chip")
    assert "does not fit" in found.refused[0]
    free = predict(one_row(chip="trainium1", model="DeepSeek-R1", serving_mode="offline", n_chips=64, in_len=1024), KNOWN, PLAIN, "tok_s_per_chip")
    assert "is not served by 16 trainium1: weights of" in free.refused[0] and "short by" in free.refused[0]


def test_many_at_once_are_each_as_alone():
    """Across the border of what is worked on at once, with labels mixed."""
    flights = np.tile(np.arange(1.0, 65.0), CHUNK // 64 + 2)
    asked = deployment(chips=2, flight=flights).but(engine=Label.of(["vllm", "trtllm"] * (len(flights) // 2)))
    many = answer(asked, PLAIN, "tpot")[0]
    for at in (0, CHUNK - 1, CHUNK, len(flights) - 1):
        assert many[at] == answer(asked.take(np.array([at])), PLAIN, "tpot")[0][0]


def test_more_in_flight_gives_more_tokens_and_a_longer_wait():
    asked = deployment("b200", chips=4, flight=np.array([1.0, 4, 16, 64]))
    for quantity in QUANTITIES:
        assert (np.diff(answer(asked, PLAIN, quantity)[0]) > 0).all()


def test_no_rows_no_answers():
    assert len(answer(deployment().take(np.array([], dtype=int)), PLAIN, "tpot")[0]) == 0
    none = one_row().take(np.array([], dtype=int))
    assert all(len(predict(none, KNOWN, PLAIN, quantity).value) == 0 for quantity in QUANTITIES)
