"""Months, periods, horizon and paths."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barbell.core.horizon import Month, Period
from barbell.core.path import Path
from barbell.core.relations import Index
from tests.small import horizon

START = Month.parse("2026")
months = st.integers(12 * 2000, 12 * 2060).map(Month)
values = st.floats(-1e9, 1e9, allow_nan=False).map(lambda v: round(v, 6))
paths = st.dictionaries(months, values, min_size=1, max_size=6).map(lambda d: Path(tuple(sorted(d.items()))))


@pytest.mark.parametrize(
    ("text", "month"), [("2026", "2026-01"), ("2026H2", "2026-07"), ("2026Q3", "2026-07"), ("2026-12", "2026-12"), ("0001-02", "0001-02")]
)
def test_labels_of_dates(text, month):
    assert str(Month.parse(text)) == month


@pytest.mark.parametrize("text", ["", "2026-00", "2026-13", "2026Q5", "2026H3", "26", "2026-1", "2026-01-01", " 2026", "2026\n", "٢٠٢٦"])
def test_what_is_no_date(text):
    with pytest.raises(ValueError, match=r"month|date"):
        Month.parse(text)


def test_labels_of_periods():
    assert horizon(1, 2, 3, 6, 12, 12).labels == ("2026-01", "2026-02+2m", "2026Q2", "2026H2", "2027", "2028")
    assert Period(Month.parse("2026-02"), 12).label == "2026-02+12m"


def test_lengths_and_middles():
    found = horizon(3, 3, 6, 12)
    assert found.years == (0.25, 0.25, 0.5, 1.0)
    assert found.middles == (0.125, 0.375, 0.75, 1.5)
    assert (found.length, str(found.end)) == (2.0, "2028-01")


def test_arrival_waits_for_the_next_period_and_holding_does_not():
    found = horizon(3, 3, 6)
    cases = [
        ("2025-12", 0, -1),
        ("2026-01", 0, 0),
        ("2026-02", 1, 0),
        ("2026-04", 1, 1),
        ("2026-07", 2, 2),
        ("2026-08", 3, 2),
        ("2027-01", 3, 3),
    ]
    for text, arrival, holding in cases:
        assert (found.arrival(Month.parse(text)), found.holding(Month.parse(text))) == (arrival, holding), text


def test_horizon_is_solved_longer_than_reported():
    longer = horizon(12).extended(months=6, count=2)
    assert (longer.labels, str(longer.report_end)) == (("2026", "2027H1", "2027H2"), "2027-01")


def test_path_reads_what_it_writes():
    assert str(Path.parse("2026Q1:30 2027:45")) == "2026-01:30 2027-01:45"
    assert str(Path.parse("1_000")) == "1000"


@given(paths)
def test_path_survives_its_own_text(path):
    again = Path.parse(" ".join(f"{month}:{value!r}" for month, value in path.steps))
    assert again == path


NO_PATH = ["", "x", "nan", "inf", "-inf", "1e999", "1,5", "1.5e", "_", "2026:1 2026:2", "2027:1 2026:2", "2026:", ":1", "1 2", "٣", "0x10"]


@pytest.mark.parametrize("text", NO_PATH)
def test_what_is_no_path(text):
    with pytest.raises(ValueError, match=r"number|value|form|ascend"):
        Path.parse(text)


def test_mean_weighs_months():
    path = Path.parse("2026:30 2026-11:60")
    assert path.mean(START, 12) == pytest.approx((10 * 30 + 2 * 60) / 12)
    assert path.mean(Month.parse("2030"), 7) == 60.0
    with pytest.raises(ValueError, match="begins in 2026-01, after 2025-12"):
        path.mean(Month.parse("2025-12"), 12)


@given(paths, months, st.integers(1, 60))
def test_mean_is_that_of_the_months(path, month, length):
    month = max(month, path.steps[0][0])
    assert path.mean(month, length) == pytest.approx(sum(path.at(month + k) for k in range(length)) / length, rel=1e-9, abs=1e-5)


@given(paths, paths, months, months)
def test_splice_is_one_path_before_and_the_other_after(old, new, seam, month):
    found = old.until(seam, new)
    later = month >= seam and new.at(month) is not None
    assert found.at(month) == (new if later else old).at(month)
    starts = [start for start, _ in found.steps]
    assert starts == sorted(set(starts))


def test_index_grows_from_the_start():
    index = Index(name="i", path=Path.parse("2026:1 2028:0.5"), growth=0.1)
    assert index.level(START, START) == 1.0
    assert index.level(START + 6, START) == pytest.approx(1.1**0.5)
    assert index.level(Month.parse("2028"), START) == pytest.approx(0.5 * 1.1**2)
    with pytest.raises(ValueError, match="'i' begins after 2025-12"):
        index.level(START + -1, START)
