"""Prices and power of chips: as published, else by rules whose ranges are said."""

import pytest

from barbell.core.relations import Fact
from barbell.study.known import LATEST, known
from barbell.study.price import BY_POWER, PRICES, STAND_IN, dollars_per_hour, it_kilowatts, published, stand_in


def fact(name, value, unit="USD2026/chip/h"):
    return Fact(name=name, value=str(value), unit=unit, as_of="2026-01-01", source="made for this test", grade="C")


def store():
    told = {"rent-h100-spot": 2.0, "rent-h100-on_demand": 6.0, "capex-h100": 30, "chip-h100-price": 25_000, "chip-h100-tdp": 700}
    return {name: fact(name, value) for name, value in told.items()}


def test_what_is_published_is_the_middle_of_what_is_asked():
    facts = store() | {name: fact(name, value) for name, value in (("rent-x-spot-a", 1.0), ("rent-x-spot-b", 4.0), ("rent-x-spot-c", 2.0))}
    found, how = dollars_per_hour(facts, "x", "spot")
    assert (found.value, found.low, found.high, how) == (2.0, 1.0, 4.0, "published") and published(facts, "x", "on_demand") is None


@pytest.mark.parametrize(
    ("known", "ratio", "rule", "spread"),
    [
        ({"capex-x": 45, "chip-x-price": 50_000, "chip-x-tdp": 1400}, 1.5, "by capex", STAND_IN),
        ({"chip-x-price": 50_000, "chip-x-tdp": 1400}, 2.0, "by the price of the chip", STAND_IN),
        ({"rent-x-on_demand-a": 3.0, "chip-x-tdp": 1400}, 0.5, "by its price on_demand", STAND_IN),
        ({"chip-x-tdp": 1400}, 2.0, "by rated power", BY_POWER),
    ],
)
def test_the_best_rule_that_is_known_is_taken(known, ratio, rule, spread):
    facts = store() | {name: fact(name, value) for name, value in known.items()}
    found, words = stand_in(facts, "x", "spot")
    assert words == rule and (found.value, found.low, found.high) == pytest.approx([2.0 * ratio * part for part in (1, spread.low, spread.high)])
    assert dollars_per_hour(facts, "x", "spot") == (found, "assumed")


def test_nothing_known_is_no_price():
    assert dollars_per_hour(store(), "x", "spot") == (None, "") and stand_in(store(), "x", "rental_3y") is None


def test_the_rules_hold_where_both_are_known():
    """Chips with a published price lie inside the range that would have been assumed, in four cases of five."""
    facts = known(LATEST)
    inside = []
    for chip in ("h200", "b200", "b300", "gb200", "gb300", "mi300x", "mi325x", "mi355x"):
        for price in PRICES:
            own, found = published(facts, chip, price), stand_in(facts, chip, price)
            if own and found:
                inside.append(found[0].low <= own.value <= found[0].high)
    assert len(inside) > 20 and sum(inside) / len(inside) >= 0.8


def test_power_of_a_server_is_more_than_that_of_its_chips():
    facts = known(LATEST)
    for chip, watts in (("mi355x", 1400), ("tpu_v7", 960), ("l40s", 350), ("h100", 700)):
        found = it_kilowatts(facts, chip)
        assert 1.1 * watts < 1e3 * found.value < 2.6 * watts and found.low < found.value < found.high
    assert it_kilowatts(facts, "inferentia1") is None
