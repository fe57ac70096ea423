"""What changed in what is known between two days."""

import pytest

from barbell.core.errors import FactError
from barbell.facts import diff, known


def changes(start, end):
    return {change.name: change for change in diff(start, end)}


def test_a_ladder_of_guidance():
    found = changes("2026-07-01", "2026-08-01")["amzn-capex_guide-2026"]
    assert (found.kind, found.before.value, found.after.value) == ("changed", "200000", "220000")
    new = changes("2026-02-04", "2026-02-05")["amzn-capex_guide-2026"]
    assert (new.kind, new.before, new.after.value) == ("new", None, "200000")


def test_useful_lives_step_at_the_right_days():
    steps = {day: changes(*days)["amzn-servers-life"] for day, *days in (("2022", "2021-12-31", "2022-03-31"), ("2025", "2024-12-31", "2025-03-31"))}
    assert [(c.before.value, c.after.value) for c in steps.values()] == [("4", "5"), ("6", "5")]
    assert "amzn-servers-life" not in changes("2025-03-31", "2026-11-25")


@pytest.mark.parametrize(("start", "end"), [("2024-12-31", "2026-02-10"), ("2026-02-10", "2026-11-25"), ("2019-01-01", "2020-12-31")])
def test_what_was_known_and_the_changes_make_what_is_known(start, end):
    before, after, found = known(start), known(end), changes(start, end)
    assert {name for name, change in found.items() if change.kind == "new"} == set(after) - set(before)
    same = [name for name in before if name not in found]
    assert same and all(before[name].as_of == after[name].as_of for name in same)
    assert all(start < change.after.as_of <= end for change in found.values())
    assert all(change.before.as_of <= start for change in found.values() if change.before)


def test_a_later_version_that_says_the_same_confirms():
    kinds = {change.kind for change in diff("1990-01-01", "2026-11-25")}
    assert kinds == {"new"}, "against nothing everything is new"
    confirmed = [c for c in diff("2024-01-31", "2026-11-25") if c.kind == "confirmed"]
    assert all((c.before.value, c.before.unit) == (c.after.value, c.after.unit) and c.before.as_of < c.after.as_of for c in confirmed)
    changed = [c for c in diff("2024-01-31", "2026-11-25") if c.kind == "changed"]
    assert changed and all(
        (c.before.value, c.before.unit, c.before.low, c.before.high) != (c.after.value, c.after.unit, c.after.low, c.after.high) for c in changed
    )


def test_the_same_day_twice_changes_nothing():
    assert diff("2026-02-10", "2026-02-10") == ()


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2026-08-01", "2026-07-01", "'2026-08-01' lies after '2026-07-01'. Give the earlier day first: --from 2026-07-01 --to 2026-08-01"),
        ("2026-8-1", "2026-09-01", "'2026-8-1' is not a day"),
        ("2026-08-01", "", "'' is not a day"),
    ],
)
def test_days_that_make_no_span_are_refused(start, end, words):
    with pytest.raises(FactError) as raised:
        diff(start, end)
    assert words in str(raised.value)
