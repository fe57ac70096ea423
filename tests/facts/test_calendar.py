"""Days to spans and labels, in fiscal years of every kind."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barbell.facts.calendar import Span, fiscal, fiscal_year, label, quarter, span
from barbell.facts.figure import Figure
from tests.facts.build import ROW


def day(text):
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "end", "year_end", "expected"),
    [
        ("2026-01-01", "2026-03-31", 12, "2026Q1"),
        ("2024-01-01", "2024-03-31", 12, "2024Q1"),
        ("2025-10-01", "2025-12-31", 12, "2025Q4"),
        ("2025-07-01", "2025-12-31", 12, "2025H2"),
        ("2025-01-01", "2025-12-31", 12, "2025"),
        ("2025-07-01", "2026-06-30", 12, "ttm2026Q2"),
        ("2025-07-01", "2026-06-30", 6, "FY2026"),
        ("2025-01-01", "2025-12-31", 6, "ttm2025Q4"),
        ("2025-10-01", "2025-12-31", 6, "2025Q4"),
        ("2025-06-01", "2026-05-31", 5, "FY2026"),
        ("2026-06-01", "2026-08-31", 5, "FY27Q1"),
        ("2025-12-01", "2026-02-28", 5, "FY26Q3"),
        ("2025-06-01", "2025-11-30", 5, None),
        ("2025-03-01", "2026-02-28", 5, None),
        ("2025-01-01", "2025-09-30", 12, None),
        ("2025-01-27", "2026-01-25", 1, "FY2026"),
        ("2025-07-28", "2025-10-26", 1, "FY26Q3"),
        ("2023-10-01", "2024-09-28", 9, "FY2024"),
        ("2024-06-30", "2024-09-28", 9, "2024Q3"),
        ("2022-12-25", "2023-12-30", 12, "2023"),
        (None, "2026-06-30", 12, "2026Q2"),
        (None, "2026-08-31", 5, "2026_08"),
        (None, "2024-09-28", 9, "2024Q3"),
        (None, "2027-01-01", 12, "2026Q4"),
    ],
)
def test_labels(start, end, year_end, expected):
    found = span(day(start) if start else None, day(end))
    assert found is not None and label(found, year_end) == expected


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2025-01-01", "2025-01-31"),
        ("2025-01-01", "2025-02-28"),
        ("2025-01-01", "2025-05-31"),
        ("2024-01-01", "2025-12-31"),
        ("2025-01-15", "2025-04-15"),
        ("2025-04-01", "2025-03-31"),
        (None, "2026-07-17"),
        (None, "2026-01-10"),
    ],
)
def test_what_is_no_count_of_quarters_is_no_span(start, end):
    assert span(day(start) if start else None, day(end)) is None


@given(st.dates(date(1995, 1, 1), date(2060, 1, 1)), st.integers(0, 6), st.sampled_from([13, 14]))
def test_quarters_of_weeks_end_with_the_month_that_they_are_named_for(around, weekday, weeks):
    """Last such weekday of a month, or the one nearest to its end: both are that month."""
    last = date(around.year, around.month, 28) + timedelta(days=4)
    last -= timedelta(days=last.day)
    before = last - timedelta(days=(last.weekday() - weekday) % 7)
    nearest = before if (last - before).days <= 3 else before + timedelta(days=7)
    for end in (before, nearest):
        assert span(end - timedelta(days=7 * weeks - 1), end) == Span(last.year * 12 + last.month - 1, 3)


@given(st.integers(1900 * 12, 2100 * 12), st.integers(1, 12))
def test_four_quarters_of_a_fiscal_year_have_one_name_and_four_places(index, year_end):
    first = Span(index * 12 + year_end % 12 + 2, 3)
    places = [Span(first.end + 3 * n, 3) for n in range(4)]
    assert [quarter(found, year_end) for found in places] == [1, 2, 3, 4]
    assert len({fiscal_year(found, year_end) for found in places}) == 1
    assert fiscal_year(places[3], year_end) == places[3].year, "a fiscal year is named after the year in which it ends"


@given(st.integers(1950 * 12, 2099 * 12 + 11), st.sampled_from([0, 3, 6, 12]), st.integers(1, 12))
def test_the_store_reads_every_label(index, months, year_end):
    found = Span(index, months)
    name = label(found, year_end)
    if name is None:
        return
    figure = Figure(**(ROW | {"period": name}))
    spans = {3: {"quarter"}, 6: {"half"}, 12: {"year", "ttm"}, 0: {"quarter", "instant"}}
    assert figure.span in spans[months]


def test_fiscal_names():
    assert fiscal(Span(2025 * 12 + 11, 3), 6) == "FY26Q2"
    assert fiscal(Span(2026 * 12 + 7, 3), 5) == "FY27Q1"
    assert Span(2025 * 12 + 8, 9).words == "9 months to 2025-09" and Span(2025 * 12 + 8, 0).words == "2025-09"
