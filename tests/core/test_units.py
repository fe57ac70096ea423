"""Units at the door."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barbell.core.units import UnitError, declare, factor, is_money

FACTORS = [
    ("MW", "kW", 1000.0),
    ("year", "month", 12.0),
    ("year", "h", 8760.0),
    ("quarter", "month", 3.0),
    ("MWh", "MW*year", 1 / 8760),
    ("USD2026/MWh", "MUSD2026/(MW*year)", 8760 / 1e6),
    ("BUSD2026", "MUSD2026", 1000.0),
    ("GUSD2026", "BUSD2026", 1.0),
    ("%", "1", 0.01),
    ("1", "%", 100.0),
    ("Mtok/h", "tok/s", 1e6 / 3600),
    ("kW/chip", "MW/kchip", 1.0),
    ("MW^2/MW", "kW", 1000.0),
    ("", "1", 1.0),
    ("H100e", "gpu_equivalent", 1.0),
    ("PFLOP", "FLOP", 1e15),
]


@pytest.mark.parametrize(("have", "want", "value"), FACTORS)
def test_factor(have, want, value):
    assert factor(have, want) == pytest.approx(value, rel=1e-12)


WRONG = [
    ("MW", "MWh", "does not fit", "converts to it"),
    ("chip", "rack", "does not fit", "converts to it"),
    ("USD2025", "USD2026", "money of USD2025 where the case counts in USD2026", "Restate"),
    ("EUR2026", "USD2026", "money of EUR2026", "exchange rate"),
    ("USD", "USD2026", "without a year", "USD2026"),
    ("$", "USD2026", "without a year", "USD2026"),
    ("frobs", "MW", "unknown unit 'frobs'", "units:"),
    ("MW; import os", "MW", "is not a unit", "MUSD2026/MW"),
    ("MW**9**9**9", "MW", "too large", "small powers"),
    ("10**10**10", "MW", "too large", "small powers"),
    ("(" * 300, "MW", "too large", "short unit"),
    ("MW/", "MW", "unknown unit", "units:"),
    ("MW/0", "MW", "unknown unit", "units:"),
    ("0", "1", "is nothing", "1 for a pure number"),
    ("-1 MW", "MW", "is nothing", "MUSD2026/MW"),
]


@pytest.mark.parametrize(("have", "want", "problem", "fix"), WRONG)
def test_what_does_not_convert(have, want, problem, fix):
    with pytest.raises(UnitError) as caught:
        factor(have, want)
    assert problem in caught.value.problem
    assert fix in caught.value.fix


@given(st.lists(st.sampled_from(["MW", "kW", "GW", "W", "h*kW/h"]), min_size=3, max_size=3))
def test_factors_chain(units):
    first, second, third = units
    assert factor(first, second) * factor(second, third) == pytest.approx(factor(first, third), rel=1e-12)


def test_units_of_ones_own_are_values():
    pods = declare("pod", "16 * chip")
    assert factor("pod", "chip", pods) == pytest.approx(16)
    assert factor("pod", "chip", declare("pod", "72*chip")) == pytest.approx(72)
    assert factor("kwidget", "widget", declare("widget")) == pytest.approx(1000)
    with pytest.raises(UnitError, match="unknown unit"):
        factor("pod", "chip")


@pytest.mark.parametrize(
    ("name", "meaning", "problem"), [("MW", "", "exists already"), ("a b", "", "cannot name"), ("pod", "16*chop", "unknown unit")]
)
def test_what_cannot_be_declared(name, meaning, problem):
    with pytest.raises(UnitError, match=problem):
        declare(name, meaning)


@pytest.mark.parametrize(("text", "answer"), [("MUSD2026", True), ("USD2026", True), ("MUSD", False), ("MUSD2026/MW", False), ("MW", False)])
def test_is_money(text, answer):
    assert is_money(text) is answer
