"""Numbers in sentences and columns, and money in the size that reads best."""

import math

import pytest

from barbell.report.number import JOINED, MINUS, NOTHING, SPACE, column, money, percent, told


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (1234.4, "1,234"), (198.4, "198"), (19.84, "19.8"), (1.984, "1.98"), (1.9, "1.9"), (-5.24, f"{MINUS}5.24"), (0.01234, "0.0123"),
        (999.6, "1,000"), (9.996, "10"), (1e7, "10,000,000"), (math.nan, NOTHING), (math.inf, "unlimited"), (-math.inf, f"{MINUS}unlimited"),
        (1.2e-9, "1.2e-09"),
    ],
)  # fmt: skip
def test_told(value, text):
    assert told(value) == text


def test_told_with_more_digits():
    assert told(131.819, 4) == "131.8" and told(0.123456, 4) == "0.1235"


@pytest.mark.parametrize(
    ("share", "text"), [(0.5, "50"), (0.061, "6.1"), (0.992, "99"), (1.0, "100"), (1.234, "123"), (-0.27, f"{MINUS}27"), (0.0, "0")]
)
def test_percent(share, text):
    assert percent(share) == f"{text}{SPACE}%"


def test_no_percent_of_nothing():
    assert percent(math.nan) == NOTHING


def test_a_column_is_aligned_and_has_true_signs():
    assert column([-32.4, 122.66, 0.0, math.nan]) == [f"{MINUS}32.4", "122.7", NOTHING, ""]


@pytest.mark.parametrize(
    ("unit", "amounts", "value", "said", "axis"),
    [
        ("MUSD2026", [198_000.0], 198_400.0, f"$198{SPACE}bn", "USD bn"),
        ("MUSD2026", [-198_000.0], -5_240.0, f"{MINUS}{JOINED}$5.24{SPACE}bn", "USD bn"),
        ("MUSD2026", [219.2], 219.2, f"$219{SPACE}m", "USD m"),
        ("kEUR2025", [1500.0], 1500.0, f"€1.5{SPACE}m", "EUR m"),
        ("GUSD2026", [math.nan, 2.0], 2.0, f"$2{SPACE}bn", "USD bn"),
        ("CHF2026", [3e9], 1e9, f"CHF 1{SPACE}bn", "CHF bn"),
        ("beans", [3.0], 3.0, "beans 3", "beans"),
        ("MUSD2026", [], 0.0, f"$0{SPACE}m", "USD m"),
    ],
)
def test_money(unit, amounts, value, said, axis):
    found = money(unit, amounts)
    assert found.say(value) == said and found.unit == axis


def test_money_names_the_year_of_its_prices():
    assert money("MUSD2026", [5e3]).told_year == "USD bn of 2026" and money("beans", [1]).told_year == "beans"
