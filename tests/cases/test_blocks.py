"""Amazon's build-out in whole blocks, on a horizon short enough for every test run; benchmarks/blocks.py measures the whole one."""

import polars as pl
import pytest

from barbell import study
from barbell.plan import Options, solve
from tests.conftest import ROOT

CHANGES = {"blocks": "whole", "horizon.periods": "6 x quarter, 2 x year", "horizon.report_end": "2027-07"}
GAP = 0.005


@pytest.fixture(scope="module")
def case():
    return study.check(ROOT / "cases" / "amazon-2026", CHANGES)


@pytest.fixture(scope="module")
def found(case):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("barbell.plan.lp.options.SMALL", 0)  # short as it is, search it as the whole case is searched
        return solve(case, options=Options(gap=GAP))


def test_the_gap_is_closed_to_half_a_percent(found):
    assert found.status.method.startswith("relaxation") and found.status.gap <= GAP
    assert found.value <= found.most <= found.value * (1 + GAP)


def test_no_plan_in_whole_blocks_is_worth_more_than_the_relaxation(case, found):
    divisible = solve(study.check(ROOT / "cases" / "amazon-2026", CHANGES | {"blocks": "divisible"}))
    assert found.most == pytest.approx(divisible.value, rel=1e-6)
    assert found.value < divisible.value


def test_orders_come_in_whole_blocks_while_they_are_reported(case, found):
    blocks = {asset.name: asset.block for asset in case.tables.assets if asset.block}
    assert set(blocks) == {"land", "grid", "shell", "hall_air", "hall_liquid"}
    whole = [label for label, is_whole in zip(case.horizon.labels, case.horizon.whole, strict=True) if is_whole]
    assert whole == ["2026Q1", "2026Q2", "2026Q3", "2026Q4", "2027Q1", "2027Q2"]
    orders = found.tables["orders"].filter((pl.col("action") == "order") & pl.col("item").is_in(list(blocks)) & pl.col("period").is_in(whole))
    counts = [value / blocks[item] for item, value in orders.select("item", "value").iter_rows()]
    assert sum(counts) > 100 and all(abs(count - round(count)) < 1e-5 for count in counts)


def test_the_sizes_are_assumptions_with_ranges(case):
    facts = {fact.name: fact for fact in case.tables.facts if fact.name.startswith("block-")}
    assert set(facts) == {"block-land", "block-grid", "block-shell", "block-hall"}
    assert all(fact.grade == "S" and fact.low and fact.high for fact in facts.values())
