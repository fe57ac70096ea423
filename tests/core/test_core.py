"""Calendar, paths, units, depreciation and branches against closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barbell.core.depreciation import deducted
from barbell.core.horizon import Horizon, Month, Period, Slice
from barbell.core.path import Path
from barbell.core.relations import DepreciationClass
from barbell.core.units import UnitError, declare, factor


@pytest.mark.parametrize(
    ("have", "want", "times"),
    [
        ("kW", "MW", 1e-3),
        ("MUSD2026/MW", "kUSD2026/kW", 1),
        ("BUSD2026", "MUSD2026", 1e3),
        ("USD2026/MWh", "MUSD2026/(MW*year)", 8760e-6),
        ("MWh", "MW*year", 1 / 8760),
        ("chip/quarter", "kchip/year", 4e-3),
        ("percent", "1", 0.01),
        ("Mtok/s", "Mtok/h", 3600),
        ("acre", "ha", 0.40468564224),
    ],
)
def test_units(have, want, times):
    assert factor(have, want) == pytest.approx(times, rel=1e-12)


@pytest.mark.parametrize("have", ["MUSD/MW", "$", "blob", "MW; import os", "", "chip", "9**9**9", "MW**9999", "MW**(9**9)", "9" * 400])
def test_units_that_do_not_fit(have):
    with pytest.raises(UnitError):
        factor(have, "MW")


def test_units_of_ones_own():
    own = declare("pod16", "16 * chip")
    assert factor("pod16", "chip", own) == pytest.approx(16)
    with pytest.raises(UnitError, match="exists already"):
        declare("pod16", "17 * chip", own)


@pytest.mark.parametrize(
    ("text", "label"), [("2026", "2026-01"), ("2026H2", "2026-07"), ("2026Q3", "2026-07"), ("2026-11", "2026-11"), ("2026Q4", "2026-10")]
)
def test_dates(text, label):
    assert str(Month.parse(text)) == label


@pytest.mark.parametrize("text", ["26", "2026-00", "2026-13", "2026Q5", "2026H3", "soon", ""])
def test_dates_that_are_none(text):
    with pytest.raises(ValueError, match=r"date|month"):
        Month.parse(text)


def test_labels_and_arrivals():
    start = Month.parse("2026")
    periods = (Period(start, 3), Period(start + 3, 3), Period(start + 6, 6), Period(start + 12, 12), Period(start + 24, 5))
    horizon = Horizon(periods, (Slice("a", "d", 8.0, 1.0), Slice("b", "d", 16.0, 1.0)), start + 29)
    assert horizon.labels == ("2026Q1", "2026Q2", "2026H2", "2027", "2028-01+5m")
    assert [horizon.arrival(start + m) for m in (0, 1, 3, 12, 13, 29)] == [0, 1, 1, 3, 4, 5]
    assert [horizon.holding(start + m) for m in (-1, 0, 5, 6, 28, 29)] == [-1, 0, 1, 2, 4, 5]
    assert horizon.shares == pytest.approx((1 / 3, 2 / 3))


@given(st.lists(st.floats(-1e9, 1e9, allow_nan=False), min_size=1, max_size=4))
def test_a_path_reads_back_what_it_prints(values):
    start = Month.parse("2026")
    path = Path(tuple((start + 3 * k, float(f"{v:g}")) for k, v in enumerate(values)))
    assert Path.parse(str(path)) == path


def test_straight_line():
    row = DepreciationClass(name="s", months=60)
    assert deducted(row, np.array([0.0, 1.0, 2.5, 5.0, 9.0])) == pytest.approx([0, 0.2, 0.5, 1, 1])


def test_bonus():
    row = DepreciationClass(name="b", months=60, bonus=0.4)
    assert deducted(row, np.array([0.0, 1e-9, 5.0])) == pytest.approx([0, 0.4, 1], abs=1e-6)


def test_double_declining_changes_to_straight():
    """Five years: 40 %, 24 %, 14.4 %, then the rest evenly: 10.8 % twice."""
    row = DepreciationClass(name="d", months=60, method="declining")
    assert np.diff(deducted(row, np.arange(6.0))) == pytest.approx([0.4, 0.24, 0.144, 0.108, 0.108])


@given(st.integers(1, 400), st.sampled_from(["straight", "declining"]), st.floats(0, 1))
def test_everything_is_deducted_once_and_never_back(months, method, bonus):
    share = deducted(DepreciationClass(name="x", months=months, method=method, bonus=bonus), np.linspace(0, months / 12 + 1, 50))
    assert share[0] == 0 and share[-1] == pytest.approx(1) and (np.diff(share) >= -1e-12).all()


def test_until_splices():
    path, then = Path.parse("2026:1 2028:3"), Path.parse("2025:7 2029:9")
    assert str(path.until(Month.parse("2027"), then)) == "2026-01:1 2027-01:7 2029-01:9"
