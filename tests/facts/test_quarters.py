"""Year-to-date values to quarters, on any year: nothing is made up, and what is made adds up."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barbell.facts.calendar import Span, label
from barbell.facts.disclosure import Disclosure
from barbell.facts.quarters import misfit, quarters
from barbell.facts.version import Version, combine, history, total

AMOUNTS = st.integers(-(10**12), 10**12)
MONTHS = st.integers(1, 12)


def known(value, day="2031-02-01", number=1):
    return Version(Decimal(value), date.fromisoformat(day), (("10-Q", f"0000000000-31-{number:06d}"),))


def end(place, year_end=12, year=2031):
    return year * 12 + year_end - 1 - 3 * (4 - place)


def to_date(amounts, year_end, places):
    """What is filed from the beginning of the fiscal year up to these quarters."""
    return {Span(end(n, year_end), 3 * n): (known(sum(amounts[:n])),) for n in places}


@given(st.lists(AMOUNTS, min_size=4, max_size=4), MONTHS)
def test_sums_to_date_give_back_every_quarter(amounts, year_end):
    filed = to_date(amounts, year_end, (1, 2, 3, 4))
    made, refused = quarters(filed, year_end)
    found = {**filed, **made}
    assert [found[Span(end(n, year_end), 3)][0].value for n in (1, 2, 3, 4)] == amounts
    assert not refused


@given(st.lists(AMOUNTS, min_size=4, max_size=4), MONTHS, st.sets(st.integers(1, 4)), st.sets(st.integers(1, 4)))
def test_whatever_is_filed_no_quarter_is_wrong(amounts, year_end, sums, singles):
    """Any sums to date and any single quarters: what is made is the truth, and what cannot be made is named."""
    filed = to_date(amounts, year_end, sums) | {Span(end(n, year_end), 3): (known(amounts[n - 1]),) for n in singles}
    made, refused = quarters(filed, year_end)
    for n in (2, 3, 4):
        single = Span(end(n, year_end), 3)
        if single in made:
            assert made[single][0].value == amounts[n - 1]
        if n in sums and single not in filed:
            assert (single in made) != (single in refused)
        if n in sums and (n - 1 in sums or all(Span(end(k, year_end), 3) in filed for k in range(1, n))):
            assert single in made or single in filed
    assert not made.keys() & filed.keys()


@given(st.lists(AMOUNTS, min_size=4, max_size=4))
def test_years_do_not_mix(amounts):
    """Nine months of one year are never taken from the year after."""
    filed = {Span(end(3, year=2030), 9): (known(sum(amounts[:3])),), Span(end(4, year=2031), 12): (known(sum(amounts)),)}
    made, refused = quarters(filed, 12)
    assert not made and set(refused) == {Span(end(3, year=2030), 3), Span(end(4, year=2031), 3)}


@given(MONTHS)
def test_half_a_year_that_does_not_begin_the_fiscal_year_gives_nothing(year_end):
    late = Span(end(4, year_end), 6)
    made, refused = quarters({late: (known(5),), Span(end(3, year_end), 3): (known(2),)}, year_end)
    assert not made and not refused


def test_a_quarter_is_known_when_the_last_of_its_parts_is():
    whole, part = (known(30, "2031-08-01"),), (known(10, "2031-05-01"),)
    (found,), reasons = combine(whole, [(-1, part)])
    assert (found.value, found.known.isoformat(), found.computed, reasons) == (20, "2031-08-01", True, ())
    (found,), _ = combine(whole, [(-1, (known(10, "2032-05-01"),))])
    assert found.known.isoformat() == "2032-05-01", "a comparative comes later than the sum that it is taken from"


@given(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS)
def test_restatements_never_mix(whole, part, new_whole, new_part):
    """Every version of a difference is old less old or new less new."""
    wholes = (known(whole, "2031-02-01"), known(new_whole, "2032-02-01"))
    for parts in [(known(part, "2030-11-01"),), (known(part, "2030-11-01"), known(new_part, "2031-11-01"))]:
        found, reasons = combine(wholes, [(-1, parts)])
        assert {version.value for version in found} <= {Decimal(whole - part), Decimal(new_whole - new_part)}
        assert found[0].value == whole - part
        assert bool(reasons) == (len(parts) == 1)


def test_a_sum_of_nothing_is_nothing():
    assert combine((), [(-1, (known(1),))]) == ((), ()) == combine((known(1),), [(-1, ())])
    assert total((), -1, (known(1),)) == ()


def test_lines_of_one_statement_are_restated_each_by_itself():
    gross, proceeds = (known(100, "2031-02-01"), known(110, "2032-02-01")), (known(4, "2031-02-01"),)
    assert [(v.value, v.known.year) for v in total(gross, -1, proceeds)] == [(96, 2031), (106, 2032)]
    assert [v.value for v in total(gross, 1, proceeds)] == [104, 114]


def told(value, filed, form="10-Q", number=1):
    end_day = date(2031, 3, 31)
    return Disclosure("us-gaap:X", "USD", date(2031, 1, 1), end_day, Decimal(value), f"0000000000-31-{number:06d}", form, date.fromisoformat(filed))


@given(st.lists(st.tuples(st.integers(0, 3), st.dates(date(2031, 4, 1), date(2034, 1, 1))), min_size=1, max_size=8, unique_by=lambda one: one[1]))
def test_versions_are_the_changes_in_the_order_of_their_days(filings):
    """Repeats do not count, whatever the order in the file; the last value is that of the last filing."""
    found, refused = history([told(value, day.isoformat(), number=n) for n, (value, day) in enumerate(filings)])
    by_day = sorted(filings, key=lambda one: one[1])
    changes = [one for n, one in enumerate(by_day) if n == 0 or one[0] != by_day[n - 1][0]]
    assert [(version.value, version.known) for version in found] == changes and not refused


def test_a_value_that_returns_is_a_version_of_its_own():
    found, _ = history([told(1, "2031-04-28"), told(2, "2031-05-28", "10-Q/A", 2), told(1, "2032-04-28", number=3)])
    assert [v.value for v in found] == [1, 2, 1]
    assert [v.note for v in found] == ["", "restates 1", "restates 2"]


@pytest.mark.parametrize(
    ("months", "month", "year_end", "wrong"), [(3, 3, 12, False), (3, 4, 12, True), (3, 2, 5, False), (3, 3, 5, True), (0, 4, 12, False)]
)
def test_a_span_fits_the_fiscal_year_or_not(months, month, year_end, wrong):
    found = Span(2031 * 12 + month - 1, months)
    assert misfit(found, year_end) is wrong
    assert months == 0 or (label(found, year_end) is None) is wrong
