"""Errors planted on purpose: what is seen, what is missed, what nothing guards."""

from barbell.facts import mutations
from tests.facts.build import money

QUARTERS = [money("amzn", "total", "revenue", "gaap", f"2025Q{n}", 1000 + n) for n in range(1, 5)]
YEAR = money("amzn", "total", "revenue", "gaap", "2025", 4010)
LONE = money("amzn", "total", "rpo", "as_reported", "2025Q4", 500)


def test_every_error_in_a_sum_is_seen_and_none_outside():
    found = mutations([*QUARTERS, YEAR, LONE])
    assert (found.planted, found.seen) == (6, 5) and found.share == 5 / 6
    assert found.missed == {LONE.about[:4]: (LONE.name,)} and found.unguarded == {LONE.about[:4]: 1}


def test_only_company_figures_of_grade_a_and_b_are_counted():
    rows = [
        *QUARTERS,
        YEAR,
        money("amzn", "total", "rpo", "as_reported", "2025Q3", 500, grade="C"),
        money("x", "x", "x", "x", "2025", 1, file="chips.csv"),
    ]
    assert mutations(rows).planted == 5 and mutations(rows).unguarded == {}


def test_the_same_seed_plants_the_same_errors():
    rows = [money("amzn", "total", "revenue", "gaap", f"2025Q{n}", 10) for n in range(1, 5)]
    rows.append(money("amzn", "total", "revenue", "gaap", "2025", 40))
    first, again = (mutations(rows, seed=7) for _ in range(2))
    assert first == again
    assert {mutations(rows, seed=seed).seen for seed in range(8)} > {first.seen}, "small sums hide small errors, other seeds plant others"


def test_a_value_outside_its_own_range_is_seen():
    ranged = money("amzn", "total", "rpo", "as_reported", "2025Q4", 500, low="499", high="501")
    assert mutations([ranged]).seen == 1
