"""Prices of plans in whole blocks: one block more and one less, by hand, with what the gaps hide."""

import math

import pytest

from barbell import plan
from barbell.core.nouns import Limit
from barbell.core.relations import Term
from barbell.plan.lp import Options
from tests.small import built, case, horizon, number

ANNUAL = 9 / 1.1**0.5
"""Worth today of one MW served for the year: price 10 less cost 1."""


def capped(most, block=4.0, **options):
    """One year of a market of 20 MW; at most so many MW of halls, in blocks, at a price of 1."""
    cap = Limit(name="grid", unit="MW", sense="<=", bound=number(most))
    term = Term(limit="grid", measure="fleet", item="hall", coefficient=1.0)
    tables = built(capex=1.0, volume=20.0, asset={"block": block, "recovery": 0.0}, limits=(cap,), terms=(term,))
    return plan.solve(case(horizon(12), **tables), options=Options(**options))


def grid(found):
    return next(b for b in plan.explain(found) if b.item == "hall" and b.kind == "capacity")


@pytest.mark.parametrize("searched", [False, True])
def test_a_block_of_capacity_is_worth_what_it_serves(monkeypatch, searched):
    """12 MW of halls stand in three blocks; 4 MW more, or less, of capacity serve 4 MW more, or less: 9 a year for each MW."""
    if searched:
        monkeypatch.setattr("barbell.plan.lp.options.SMALL", 0)
    found = capped(12.0, gap=1e-9)
    assert (found.search is not None) == searched
    b = grid(found)
    assert b.step == 4.0 and b.told
    assert (b.low, b.high) == pytest.approx((ANNUAL, ANNUAL), rel=1e-6)
    assert b.least <= b.low + 1e-9 and b.high <= b.most + 1e-9


def test_within_a_wide_gap_nothing_is_told(monkeypatch):
    """14 MW of grid carry three halls of 4; the relaxation, which builds 3.5, leaves a gap as wide as what half a block serves."""
    monkeypatch.setattr("barbell.plan.lp.options.SMALL", 0)
    found = capped(14.0, gap=0.5)
    assert found.most - found.value == pytest.approx(2 * (ANNUAL - 1 / 1.1**0.5), rel=1e-3)
    hidden = [b for b in plan.explain(found) if not b.told]
    assert all(b.least <= 0 <= b.most for b in hidden)
    assert all(b.least <= b.low + 1e-9 and b.high <= b.most + 1e-9 for b in plan.explain(found))


def test_continuous_prices_are_told_to_a_point():
    found = capped(12.0, block=0.0)
    for b in plan.explain(found):
        assert b.told and b.least == pytest.approx(b.low) and b.most == pytest.approx(b.high) and math.isfinite(b.step)
