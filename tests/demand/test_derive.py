"""Prices of the markets from the rent of a chip, by hand."""

import pytest

from barbell.core.errors import FactError
from barbell.core.path import Path
from barbell.core.relations import Fact
from barbell.demand import MARKETS, derive


def fact(name, value, unit, low="", high="", grade="M", as_of="2025-12-31"):
    return Fact(name=name, value=str(value), unit=unit, low=str(low), high=str(high), as_of=as_of, source="test", grade=grade)


def known(**changed):
    facts = [
        fact("rent-h100-contract_1y", 2.0, "USD2025/chip/h", as_of="2025-10-31"),
        fact("train-h100", 0.5, "EFLOP/s/kchip"),
        fact("production-h100", 0.4, "Mtok/s/kchip"),
        fact("inference-h100", 2.0, "Mtok/s/kchip"),
        fact("core-price", 20, "MUSD2026/MW/year", 15, 25, "S"),
        fact("amzn-aws-rpo-contracts-2025Q3", 200_000, "MUSD2025"),
        fact("amzn-aws-rpo-contracts-2025Q4", 240_000, "MUSD2025", as_of="2026-02-05"),
        fact("amzn-aws-rpo_weighted_life-as_reported-2025Q4", 4, "year", as_of="2026-02-05"),
        fact("demand-later-decline", 0.05, "1/year", 0.02, 0.1, "S"),
        fact("backlog-lab_share", 0.5, "1", 0.3, 0.6, "S"),
    ]
    for market in MARKETS:
        facts += [
            fact(f"demand-{market.name}-premium", 0.9, "1", 0.7, 1.2, "S"),
            fact(f"demand-{market.name}-elasticity", 1, "1", 0.5, 2, "S"),
            fact(f"demand-{market.name}-decline", 0.1, "1/year", 0.05, 0.2, "S"),
            fact(f"demand-{market.name}-volume", "2026Q1:100 2027Q1:200", market.unit, "2026Q1:50 2027Q1:100", "2026Q1:150 2027Q1:300", "S"),
        ]
    return {f.name: f for f in facts} | changed


def derived(**changed):
    return {f.name: f for f in derive(known(**changed))}


def test_a_price_is_the_rent_of_a_chip_over_its_rate():
    """2 USD an hour are 17.52 kUSD a year; over 0.5 PFLOP/s, times 0.9: 31.536 MUSD per EFLOP/s and year at the reference."""
    price = Path.parse(derived()["demand-train-price3"].value)
    assert price.values[0] == pytest.approx(2.0 * 8760 / 1000 / 0.5 * 0.9)
    assert price.values[1] == pytest.approx(price.values[0] * 0.9)
    assert price.values[6] == pytest.approx(price.values[0] * 0.9**4 * 0.95**2), "from 2031 on prices fall at the later rate"


def test_the_range_is_that_of_the_premium():
    found = derived()["demand-train-price3"]
    low, value, high = (Path.parse(text).values[0] for text in (found.low, found.value, found.high))
    assert (low / value, high / value) == pytest.approx((0.7 / 0.9, 1.2 / 0.9))
    assert found.grade == "S"


def test_the_rent_known_last_moves_every_price():
    later = derived(**{"rent-h100-contract_1y": fact("rent-h100-contract_1y", 3.0, "USD2026/chip/h")})
    for name in ("demand-train-price1", "demand-inference-price5"):
        assert Path.parse(later[name].value).values[0] == pytest.approx(1.5 * Path.parse(derived()[name].value).values[0])


def test_steps_fall_and_shares_sum_to_one():
    found = derived()
    for market in MARKETS:
        prices = [Path.parse(found[f"demand-{market.name}-price{k}"].value).values[0] for k in range(1, 6)]
        assert prices == sorted(prices, reverse=True)
        assert sum(float(found[f"demand-{market.name}-share{k}"].value) for k in range(1, 6)) == pytest.approx(1.0)


def test_the_volume_is_widened_to_the_lowest_step():
    """At elasticity 1 and six tenths of the price, 1 / 0.6 of the volume is asked."""
    assert Path.parse(derived()["demand-train-asked"].value).values == pytest.approx((100 / 0.6, 200 / 0.6))


def test_the_newest_backlog_becomes_two_contracts():
    """240 bn at 4 years run off at 30 bn a year over 96 months; half buys training at 31.536, half general computing at 20."""
    found = derived()
    assert float(found["backlog-term"].value) == 96
    assert float(found["backlog-train-volume"].value) == pytest.approx(15_000 / 31.536)
    assert float(found["backlog-core-volume"].value) == pytest.approx(15_000 / 20)
    assert found["backlog-train-volume"].as_of == "2026-02-05"
    assert "amzn-aws-rpo-contracts-2025Q4" in found["backlog-train-volume"].source


def test_what_lacks_is_named():
    facts = known()
    del facts["demand-production-elasticity"]
    with pytest.raises(FactError, match="demand-production-elasticity"):
        derive(facts)
