"""What stands behind a figure, and behind how many of them."""

import pytest

from barbell.facts import backed, backing, figures
from tests.facts.build import figure

PAGE = "https://www.sec.gov/Archives/edgar/data/1018724/000101872426000026/amzn-20260630.htm"


@pytest.mark.parametrize(
    ("url", "source", "grade", "kind"),
    [
        (PAGE, "a title", "B", "address"),
        ("https://example.org/?p=2292", "a title", "C", "address"),
        (PAGE, "assumption, resting on a survey", "S", "address"),
        ("https://example.org", "a title", "C", "bare"),
        ("https://example.org/", "a title", "C", "bare"),
        ("see the filing", "a title", "C", "bare"),
        ("", "Amazon Form 10-K FY2023, 2024-02-02", "A", "filing"),
        ("", "Amazon Forms 10-Q Q1 and Q2 2025", "A", "filing"),
        ("", "compilation of SEC company facts, 2026-08-14", "B", "filing"),
        ("", "compilation of capex from EDGAR", "B", "filing"),
        ("", "Amazon Q4 2025 earnings release, 2026-02-05", "A", "filing"),
        ("", "compilation of hyperscaler earnings calls, 2026-08", "B", "bare"),
        ("", "memory, unverified", "D", "bare"),
        ("", "fit of barbell workloads calibrate on 9 values", "M", "assumed"),
        ("", "Halls under construction at the end of 2025", "S", "assumed"),
    ],
)
def test_a_page_a_filing_our_own_word_or_less(url, source, grade, kind):
    assert backing(figure(url=url, source=source, grade=grade)) == kind


def test_the_share_leaves_own_assumptions_out():
    rows = (figure(url=PAGE), figure(source="Amazon Form 10-K FY2023"), figure(source="a title"), figure(grade="S", source="a guess"))
    found = backed(rows)
    assert (found.address, found.filing, found.assumed, found.bare) == (1, 1, 1, 1)
    assert found.share == pytest.approx(2 / 3) and found.share_of_all == pytest.approx(1 / 2)


def test_four_fifths_of_the_store_rest_on_an_address_or_a_filing():
    found = backed()
    assert found.address + found.filing + found.assumed + found.bare == len(figures()) >= 4700
    assert found.share >= 0.8 and found.address >= 2900


def test_addresses_are_whole():
    for row in figures():
        assert not row.url or (row.url.startswith(("http://", "https://")) and " " not in row.url and "..." not in row.url), row.name
