"""What a derived fact rests on."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barbell.core.basis import Basis, Interval, product, ratio
from barbell.core.errors import FactError
from barbell.core.relations import Fact


def fact(name="speed", value="2", unit="kW", as_of="2026-01-31", grade="A", low="", high=""):
    return Fact(name=name, value=value, unit=unit, as_of=as_of, source="test", grade=grade, low=low, high=high)


def known(*facts):
    return {f.name: f for f in facts}


def test_numbers_come_in_the_unit_asked_for():
    basis = Basis(known(fact(low="1", high="4")))
    assert basis.number("speed", "MW") == pytest.approx(0.002)
    assert basis.interval("speed", "W") == Interval(2000, 1000, 4000)
    assert basis.unit("speed") == "kW" and basis.has("speed") and not basis.has("spead")


def test_a_fact_without_a_range_is_its_own_range():
    assert Basis(known(fact())).interval("speed", "kW") == Interval(2, 2, 2)


@pytest.mark.parametrize(
    ("name", "unit", "row", "words"),
    [
        ("spead", "kW", fact(), "Did you mean 'speed'"),
        ("speed", "kg/s", fact(), "unit 'kW' does not fit"),
        ("speed", "kW", fact(value="1 two"), "is no number"),
        ("speed", "kW", fact(low="few"), "is no number"),
        ("speed", "kW", fact(value="2026-01:1 2027-01:2"), "changes over time"),
        ("speed", "kW", fact(low="3", high="4"), "inside its range"),
        ("speed", "kW", fact(value="inf"), "'speed'"),
    ],
)
def test_what_cannot_be_read_is_named(name, unit, row, words):
    with pytest.raises(FactError, match=f"fact '{name}'") as error:
        Basis(known(row)).number(name, unit)
    assert words in str(error.value)


def test_a_derived_fact_names_formula_and_facts_and_is_as_young_as_the_youngest():
    basis = Basis(known(fact(), fact("time", "3", "h", as_of="2026-03-31"), fact("idle", as_of="2026-09-30")))
    value = basis.number("speed", "kW") * basis.number("time", "h")
    result = basis.fact("energy", value, "kWh", "speed x time")
    assert (result.value, result.unit, result.as_of, result.grade) == ("6", "kWh", "2026-03-31", "M")
    assert result.source == "speed x time; from speed, time"
    assert (result.low, result.high) == ("", "")


@pytest.mark.parametrize(("grade", "assumed", "expected"), [("A", False, "M"), ("D", False, "M"), ("S", False, "S"), ("A", True, "S")])
def test_an_assumption_makes_an_assumption(grade, assumed, expected):
    basis = Basis(known(fact(grade=grade, low="1", high="3")))
    result = basis.fact("twice", basis.interval("speed", "kW"), "kW", "speed", assumed=assumed)
    assert result.grade == expected and (result.low, result.high) == ("1", "3")


@pytest.mark.parametrize(("grade", "assumed"), [("S", False), ("A", True)])
def test_an_assumption_without_a_range_is_refused(grade, assumed):
    basis = Basis(known(fact(grade=grade, low="1", high="3")))
    with pytest.raises(FactError, match="range"):
        basis.fact("half", basis.number("speed", "kW") / 2, "kW", "speed / 2", assumed=assumed)


def test_a_number_that_rests_on_nothing_is_refused():
    with pytest.raises(FactError, match="rests on no fact"):
        Basis(known(fact())).fact("one", 1.0, "1", "1")


def test_one_range_is_kept_and_two_add_in_squares():
    once = Interval(1.0, 0.5, 2.0)
    assert product(10.0, once) == Interval(10.0, pytest.approx(5.0), pytest.approx(20.0))
    both = product(10.0, once, once)
    assert both.high == pytest.approx(10 * 2 ** math.sqrt(2)) and both.low == pytest.approx(10 / 2 ** math.sqrt(2))


def test_nothing_has_no_relative_range():
    with pytest.raises(FactError, match="not above 0"):
        product(3.0, Interval(0.0, 0.0, 1.0))


def test_what_may_fail_altogether_has_no_low_end():
    assert product(3.0, Interval(1.0, 0.0, 2.0)).low == 0.0


@given(st.lists(st.tuples(st.floats(0.01, 1), st.floats(1, 100)), max_size=4))
def test_more_doubt_never_narrows(ends):
    parts = [Interval(1.0, low, high) for low, high in ends]
    ranges = [product(1.0, *parts[:k]) for k in range(len(parts) + 1)]
    for narrow, wide in pairwise(ranges):
        assert wide.low <= narrow.low * (1 + 1e-12) and wide.high >= narrow.high * (1 - 1e-12)
        assert wide.low <= wide.value <= wide.high


def test_intervals_in_another_unit_and_turned_over():
    found = Interval(4.0, 2.0, 10.0)
    assert found.times(0.5) == Interval(2.0, 1.0, 5.0) and found.inverse() == Interval(0.25, 0.1, 0.5)
    assert Interval(4.0, 0.0, 10.0).inverse().high == math.inf


def test_a_ratio_of_independent_ranges():
    sure, wide = Interval(6.0, 6.0, 6.0), Interval(4.0, 2.0, 8.0)
    one = ratio(sure, wide, 2.0)
    assert one is not None and (one.value, one.low, one.high) == pytest.approx((3.0, 1.5, 6.0))
    both = ratio(wide, wide)
    assert both is not None and both.high == pytest.approx(2.0 ** math.sqrt(2)) and both.low == pytest.approx(1 / both.high)
    assert ratio(None, wide) is None and ratio(wide, None) is None
