"""A GPU cloud on debt: what a dollar of debt is worth decides between buying and leasing."""

import re

import polars as pl
import pytest

from barbell.study import plan, run
from tests.conftest import ROOT

CASE = ROOT / "cases" / "neocloud"
LIMIT = "debts.delayed_draw.limit"


def ordered(found, item):
    rows = found.tables["orders"].filter((pl.col("action") == "order") & (pl.col("item") == item))
    return rows["value"].sum()


@pytest.fixture(scope="module")
def tight():
    return plan(CASE)


@pytest.fixture(scope="module")
def loose():
    return plan(CASE, {LIMIT: "40000 MUSD2026"})


def test_debt_binds_and_a_loose_limit_has_no_price(tight, loose):
    prices = tight.tables["prices"].filter(pl.col("kind") == "debt limit")
    assert prices.height >= 1 and prices["price_then"].max() > 0.05
    assert loose.tables["prices"].filter(pl.col("kind") == "debt limit").is_empty()
    assert loose.value > tight.value


def test_lease_where_debt_is_short_buy_where_it_is_not(tight, loose):
    leased = [ordered(found, "vr200_leased") + ordered(found, "gb300_leased") for found in (tight, loose)]
    assert leased[0] > leased[1] + 5 and ordered(tight, "vr200_leased") > 5 and ordered(loose, "vr200_leased") == pytest.approx(0, abs=1e-6)
    assert ordered(loose, "vr200") > ordered(tight, "vr200")


def test_shells_are_leased_until_rents_are_high(tight):
    dear = plan(CASE, {LIMIT: "40000 MUSD2026", "assets.colo.fixed_opex": "2.2 MUSD2026/MW/year"})
    assert ordered(tight, "colo") > 500 and ordered(tight, "campus") == pytest.approx(0, abs=1e-6)
    assert ordered(dear, "campus") > 100


def test_it_starts_at_the_size_reported(tight):
    """0.85 GW active at the end of 2025, of contracted grid: IT in leased halls times their PUE lies near it."""
    standing = sum(c.amount for c in tight.case.tables.cohorts if c.asset == "colo" and c.service < "2026")
    assert 600 < standing < 850


def test_every_number_is_a_fact(tight):
    numeric, plain = re.compile(r"-?[0-9][0-9.]*( .*)?"), re.compile(r"-?(0|1)( .*)?")
    words = ("name", "service", "starts", "ends", "opens", "closes", "note", "step", "months")
    bare = {
        (table, row, field)
        for (table, row, field), origin in tight.case.origins.items()
        if numeric.fullmatch(origin.text) and not plain.fullmatch(origin.text) and field not in words and table != "payments"
    }
    assert bare == set()


def test_the_run_goes_all_the_way():
    found = run(CASE)
    assert found.greedy is not None and found.greedy.value <= found.plan.value
    assert found.statements.years.filter(pl.col("line") == "free cash flow").height > 0
    assert not found.reported.is_empty(), "figures of the company stand beside it"
