"""Orders held, as ceilings or exactly."""

import polars as pl
import pytest

from barbell import study
from barbell.core.errors import InfeasibleError, PlanError
from barbell.core.nouns import Limit
from barbell.core.relations import Conversion, Term
from barbell.plan import pinned, solve
from tests.conftest import ROOT
from tests.random_cases import random_block_case, random_case, random_tree_case
from tests.small import built, case, number, total


@pytest.fixture(scope="module")
def toy():
    return study.plan(ROOT / "cases" / "toy")


def scaled(orders, factor, **where):
    """Orders with some of them multiplied."""
    hit = pl.all_horizontal([pl.col(k) == v for k, v in where.items()])
    return orders.with_columns(pl.when(hit).then(pl.col("value") * factor).otherwise(pl.col("value")).alias("value"))


@pytest.mark.parametrize("sense", ["=", "<="])
@pytest.mark.parametrize("made", [random_case(30), random_case(61), random_case(75), random_tree_case(2), random_tree_case(11), random_block_case(3)])
def test_a_plan_held_at_its_own_orders_is_worth_the_same(made, sense):
    plan = solve(made)
    assert pinned(made, plan.tables["orders"], sense=sense).value == pytest.approx(plan.value, rel=1e-4 if made.tables.assets[0].block else 1e-5)


def test_exact_orders_are_met_even_where_they_cost(toy):
    less = scaled(toy.tables["orders"], 0.5, item="chip")
    found = pinned(toy.case, less)
    assert total(found.tables["orders"], item="chip", period="2026") == pytest.approx(2)
    assert found.value < toy.value - 1


def test_ceilings_may_be_left_unused(toy):
    """More hall than the grid can feed is not built although it may be."""
    more = scaled(toy.tables["orders"], 1.5, item="hall")
    assert pinned(toy.case, more, sense="<=").value == pytest.approx(toy.value)
    assert pinned(toy.case, more).value < toy.value - 1


def test_only_early_periods_are_held(toy):
    none = scaled(toy.tables["orders"], 0.0, action="order")
    found = pinned(toy.case, none, upto="2027")
    assert total(found.tables["orders"], period="2026") == 0
    assert total(found.tables["orders"], item="chip", period="2027") == pytest.approx(4), "the hall that stands takes four thousand chips"


def test_what_is_not_listed_is_not_ordered(toy):
    halls = toy.tables["orders"].filter(pl.col("item") == "hall")
    assert total(pinned(toy.case, halls, sense="<=").tables["orders"], item="chip") == 0


def test_an_action_that_is_never_mentioned_stays_free():
    tables = built(volume=5.0, prices=((1.0, 40.0),), asset={"recovery": 0.0})
    hall, spare = tables["assets"][0], tables["assets"][0].model_copy(update={"name": "shed", "capex": 1.0})
    options = (tables["options"][0].model_copy(update={"asset": "shed"}),)  # a hall comes of a shed only
    refit = Conversion(name="refit", source="shed", target="hall", months=0, capex=1.0)
    made = case(**{**tables, "assets": (hall, spare), "options": options, "conversions": (refit,)})
    orders = solve(made).tables["orders"]
    sheds = orders.filter(pl.col("action") == "order")
    assert total(pinned(made, sheds).tables["orders"], action="convert by refit") == pytest.approx(5)
    stopped = scaled(orders, 0.0, action="convert by refit")
    assert total(pinned(made, stopped).tables["orders"], action="convert by refit") == 0


def test_more_than_the_bounds_allow_is_refused(toy):
    with pytest.raises(PlanError, match=r"'order' chip@va in 2026 cannot be held at 40: at most 5 may be ordered; raise the order limit"):
        pinned(toy.case, scaled(toy.tables["orders"], 10.0, item="chip", period="2026"))


def test_an_unknown_order_is_refused(toy):
    strange = toy.tables["orders"].with_columns(pl.lit("mars").alias("place"))
    with pytest.raises(PlanError, match="hall@mars in 2026 cannot be held: the case has 0 such decisions"):
        pinned(toy.case, strange)


def test_orders_that_no_limit_allows_name_the_limit():
    made = case(**built(limits=(Limit(name="yard", unit="MW", sense="<=", bound=number(3)),),
                        terms=(Term(limit="yard", measure="order", item="hall", coefficient=1.0),)))  # fmt: skip
    orders = scaled(solve(made).tables["orders"], 2.0, period="2026")
    with pytest.raises(InfeasibleError, match=r"with the orders held, no plan(.|\n)*limit yard in 2026"):
        pinned(made, orders)
