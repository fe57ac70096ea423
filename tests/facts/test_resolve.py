"""Several sources for one thing: which is taken, why, and what range comes of it."""

import pytest

from barbell.core.errors import FactError
from barbell.facts import conflicts, fact, figures, known, resolve, resolved
from tests.facts.build import figure


def source(value, grade="B", as_of="2026-01-31", alt="", **changes):
    return figure(name=f"x{alt}", value=str(value), grade=grade, as_of=as_of, unit="W", basis="", **changes)


@pytest.mark.parametrize(
    ("first", "second", "taken", "reason"),
    [
        (("5", "C"), ("6", "A"), "6", "grade A before C"),
        (("5", "A"), ("6", "C"), "5", "grade A before C"),
        (("5", "B", "2025-01-31"), ("6", "B", "2026-01-31"), "6", "of grade B the newest, 2026-01-31 after 2025-01-31"),
        (("5", "B", "2026-01-31"), ("6", "B", "2025-01-31"), "5", "of grade B the newest, 2026-01-31 after 2025-01-31"),
        (("5", "B"), ("6", "B"), "5", "of equal grade B and day, the preferred source"),
        (("5", "A", "2020-01-31"), ("6", "C", "2026-01-31"), "5", "grade A before C"),
        (("5", "S"), ("6", "M"), "6", "grade M before S"),
        (("5", "D"), ("6", "S"), "6", "grade S before D"),
    ],
)
def test_grade_first_then_recency(first, second, taken, reason):
    found = resolve("x", (source(*first), source(*second, alt="-alt2")))
    assert (found.taken.value, found.reason) == (taken, reason)
    assert {found.taken.value, *(other.value for other in found.others)} == {"5", "6"}
    assert resolve("x", (source(*second, alt="-alt2"), source(*first))) == found, "whatever the order of the rows"


def test_the_span_of_the_sources_is_the_range():
    rows = (source(5), source(7, "C", alt="-alt2"), source(4, "C", alt="-alt3"))
    found = resolve("x", rows)
    assert (found.low, found.high, found.spread) == ("4", "7", pytest.approx(0.4))
    assert (found.fact.name, found.fact.low, found.fact.high) == ("x", "4", "7")
    assert "others say 7 (C), 4 (C)" in found.fact.note


def test_a_range_of_its_own_stays():
    found = resolve("x", (source(5, low="4.5", high="6"), source(9, "C", alt="-alt2")))
    assert (found.low, found.high) == ("4.5", "6")


def test_what_a_better_source_contradicts_is_shown_but_makes_no_range():
    found = resolve("x", (source(5, "A"), source(50, "D", alt="-alt2")))
    assert [other.value for other in found.others] == ["50"] and (found.low, found.high) == ("", "")
    assert resolve("x", (source(5, "D"), source(6, "D", alt="-alt2"))).high == "", "two guesses span nothing"


def test_another_definition_or_other_money_is_no_conflict():
    raw = figure(name="x-alt2", value="9", grade="A", unit="W", basis="raw")
    found = resolve("x", (source(5, "C"), raw))
    assert found.taken.value == "5" and found.others == () and found.apart == (raw,)
    assert found.reason == "the others count by another definition or in other money" and found.spread != found.spread
    dear = figure(name="x-alt2", value="9", grade="A", unit="USD2026", basis="")
    assert resolve("x", (source(5, "C"), dear)).apart == (dear,)


def test_the_store_knows_the_taken_value_under_the_plain_name():
    found = {conflict.name: conflict for conflict in conflicts("2026-11-25")}
    assert len(found) >= 25
    then = known("2026-11-25")
    for name, conflict in found.items():
        assert then[name].value == conflict.taken.value == fact(name, "2026-11-25").value
        assert all(other.name in then for other in (*conflict.others, *conflict.apart)), "the others keep their own names"


def test_on_the_shipped_store_no_preferred_row_lost():
    """A change here is a change of a case's inputs: say so in the changelog."""
    assert [conflict.name for conflict in conflicts() if conflict.taken.name != conflict.name] == []


def test_the_widest_spread_stands_first_and_pure_differences_of_definition_last():
    spreads = [conflict.spread for conflict in conflicts()]
    real = [spread for spread in spreads if spread > 0]
    assert real == sorted(real, reverse=True) and spreads[: len(real)] == real


def test_a_day_sees_only_the_sources_of_its_time():
    assert resolved("starlink-subscribers-2025", "2025-10-31") is None, "only the estimate is known, under its own name"
    assert resolved("starlink-subscribers-2025", "2026-01-31").taken.value == "9200000"
    assert resolved("amzn-servers-life") is None, "one source in several versions is no conflict"
    assert conflicts("2019-01-01") == ()
    with pytest.raises(FactError, match="not a day"):
        conflicts("2026")


def test_every_alternative_of_the_store_is_in_a_conflict():
    alternatives = {row.name for row in figures() if "-alt" in row.name}
    assert alternatives == {row.name for c in conflicts() for row in (c.taken, *c.others, *c.apart) if "-alt" in row.name}
