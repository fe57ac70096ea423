"""Levels: the 99th percentile is the middle times its ratio, ranges of both in squares."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barbell.core.basis import Interval
from barbell.core.errors import FactError
from barbell.workloads.serving import Level, Tail
from barbell.workloads.serving.level import Span
from tests.workloads.serving.made import KNOWN
from tests.workloads.sheets import fact

TAIL = Tail(Interval(1.5, 1.2, 6.0), Interval(2.0, 1.0, 8.0))


def test_a_span_around_numbers_has_their_half_widths():
    made = Span.around(np.array([2.0, 5.0]), np.log([1.5, 2.0]))
    assert made.low == pytest.approx([2 / 1.5, 2.5]) and made.high == pytest.approx([3.0, 10.0])
    assert made.at(1) == Interval(5.0, pytest.approx(2.5), pytest.approx(10.0))


def test_the_percentile_multiplies_and_ranges_add_in_squares_by_hand():
    late = Level(tail=TAIL).per_token(Span.around(np.array([0.02]), np.log([4.0])))
    assert late.value == pytest.approx([0.03])
    assert late.high == pytest.approx([0.03 * np.exp(np.hypot(np.log(4), np.log(4)))])
    assert late.low == pytest.approx([0.03 * np.exp(-np.hypot(np.log(4), np.log(1.25)))])


def test_levels_in_the_middle_change_nothing():
    middle = Span.around(np.array([0.02]), np.array([0.1]))
    assert Level().per_token(middle) is middle and Level().to_first(middle) is middle
    assert (Level().percentile, Level(tail=TAIL).percentile) == (50, 99)


@settings(deadline=None)
@given(st.floats(1e-3, 10), st.floats(0, 2))
def test_the_percentile_lies_above_the_middle_with_a_wider_range(value, half):
    middle = Span.around(np.array([value]), np.array([half]))
    for late in (Level(tail=TAIL).per_token(middle), Level(tail=TAIL).to_first(middle)):
        assert late.value > middle.value and late.high / late.value >= middle.high / middle.value * (1 - 1e-12)
        assert late.low / late.value <= middle.low / middle.value * (1 + 1e-12)


def test_the_ratios_are_facts():
    known = {one.name: one for one in (fact(f"serving-tail-{what}", 2.0, "1", low="1.5", high="4") for what in ("token", "first"))}
    assert Tail.of(known).token == Interval(2.0, 1.5, 4.0)
    with pytest.raises(FactError, match="serving-tail-token"):
        Tail.of(KNOWN)
