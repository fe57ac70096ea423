"""The greedy baseline: never better than the optimum, the same where there is one choice, and as short-sighted as it says."""

import numpy as np
import pytest

from barbell import study
from barbell.core.nouns import Limit, Process, Programme
from barbell.core.relations import Option, PriceStep, ProcessRate, Term, Use
from barbell.plan import greedy, solve
from barbell.plan.greedy import orders
from barbell.plan.tree import plant
from tests.conftest import ROOT
from tests.random_cases import FEATURES, random_block_case, random_case, random_tree_case
from tests.small import built, case, horizon, number, total


def booked(made, **where):
    """What the planner orders."""
    return total(orders(plant(made)), **where)


RANDOM = [(random_case, s) for s in [*range(len(FEATURES) + 1), *range(100, 110)]]
RANDOM += [(random_tree_case, s) for s in range(12)] + [(random_block_case, s) for s in range(6)]


@pytest.mark.parametrize(("kind", "seed"), RANDOM)
def test_never_better_than_the_optimum(kind, seed):
    made = kind(seed)
    best = solve(made)
    tolerance = (1e-6 + best.solver.options.enough(best.forest.problem.arrays) * best.forest.problem.arrays.integer.any()) * max(1.0, abs(best.value))
    assert greedy(made).value <= best.value + tolerance


@pytest.mark.parametrize("seed", [*range(1, len(FEATURES) + 1, 3), *range(110, 116)])
def test_the_book_alone_keeps_order_limits_and_ceilings_on_orders(seed):
    """What the planner orders, before the solver runs it, breaks no row that speaks of orders only and asks for no minimum."""
    forest = plant(random_case(seed))
    frame, template = orders(forest), forest.models[0].template
    index = template.columns["order"].index
    x = np.zeros(len(template.cost))
    x[index[index >= 0]] = frame["value"].to_numpy()
    assert (x <= template.upper * (1 + 1e-9) + 1e-9).all()
    from barbell.plan.greedy.outlook import Outlook

    outlook = Outlook(forest.models[0])
    book = np.where(index >= 0, x[index], 0.0)
    small = 1e-6 * np.maximum(1.0, np.abs(outlook.bound))
    broken = (outlook.slack(book) < -small) & (outlook.slack(0 * book) >= 0) & np.isinf(template.row_lower[outlook.ceiling_rows])
    assert not (broken & outlook._orders_only).any()


def test_the_toy_leaves_no_choice():
    toy = study.plan(ROOT / "cases" / "toy")
    assert greedy(toy.case).value == pytest.approx(toy.value)


def test_who_does_not_see_the_future_builds_nothing_for_it():
    """In the tree with two leaves nobody asks before 2027, and the hall takes a year."""
    assert greedy(study.check(ROOT / "cases" / "toy-tree")).value == pytest.approx(0)


def test_one_choice_is_the_optimum():
    made = case(**built(capex=10.0, life=120, volume=8.0, cost=1.0))
    assert booked(made, period="2026") == pytest.approx(8) and booked(made, period="2027") == pytest.approx(0)
    assert greedy(made).value == pytest.approx(solve(made).value) and greedy(made).value > 0


def two_halls(dear, cheap, margin=(10.0, 10.0), **tables):
    """Two ways to serve two markets: `hall` makes good, `shed` makes ware; capex and price of each."""
    usual = built(capex=dear, volume=10.0, prices=((1.0, margin[0]),), cost=0.0)
    hall, option, use, rate = (usual[t][0] for t in ("assets", "options", "uses", "rates"))
    ware = usual["resources"][0].model_copy(update={"name": "ware"})
    pack = usual["processes"][0].model_copy(update={"name": "pack"})
    buy = usual["demands"][0].model_copy(update={"name": "buy", "resource": "ware"})
    return {
        **usual,
        "resources": (*usual["resources"], ware),
        "assets": (hall, hall.model_copy(update={"name": "shed", "capex": cheap})),
        "options": (option, option.model_copy(update={"asset": "shed"})),
        "processes": (*usual["processes"], pack),
        "uses": (use, use.model_copy(update={"process": "pack", "asset": "shed"})),
        "rates": (rate, rate.model_copy(update={"process": "pack", "resource": "ware"})),
        "demands": (*usual["demands"], buy),
        "price_steps": (*usual["price_steps"], PriceStep(demand="buy", step=1, share=1.0, price=number(margin[1]))),
        **tables,
    }


def test_margin_per_dollar_decides_who_gets_the_envelope():
    """Both earn 10 a year; the shed costs 10, the hall 20: of 120 in a year, ten sheds and one hall."""
    made = case(**two_halls(20.0, 10.0, programmes=(Programme(name="build", entity="co", envelope=number(120)),)))
    assert booked(made, period="2026", item="shed") == pytest.approx(10)
    assert booked(made, period="2026", item="hall") == pytest.approx(1)


def test_a_limit_on_spending_counts_as_an_envelope_does():
    limits = (Limit(name="board", unit="MUSD2026", sense="<=", bound=number(120), window="year"),)
    made = case(**two_halls(20.0, 10.0, limits=limits, terms=(Term(limit="board", measure="spend", item="build", coefficient=1.0),)))
    assert booked(made, period="2026", item="hall") == pytest.approx(1)


def test_what_does_not_pay_back_within_its_life_is_not_built():
    """Ten years at a margin of 1 pay for 9 but not for 11."""
    assert booked(case(**built(capex=11.0, life=120, prices=((1.0, 2.0),), cost=1.0))) == 0
    assert booked(case(**built(capex=9.0, life=120, prices=((1.0, 2.0),), cost=1.0)), period="2026") == pytest.approx(10)


def test_late_orders_are_not_placed():
    assert booked(case(**built(lead=24))) == 0


def test_parts_with_a_shorter_lead_wait_for_the_longest():
    """The hall takes a year and chips none: ordered in 2026 and in 2027, to serve in 2027."""
    tables = built(capex=5.0, lead=12, prices=((1.0, 30.0),))
    chip = tables["assets"][0].model_copy(update={"name": "chip", "lead_months": 0})
    made = case(horizon(12, 12, 12), **{
        **tables, "assets": (*tables["assets"], chip), "options": (*tables["options"], Option(asset="chip", place="va")),
        "uses": (*tables["uses"], Use(process="make", asset="chip", use=number(1.0))),
    })  # fmt: skip
    assert [booked(made, item="hall", period=p) for p in ("2026", "2027", "2028")] == pytest.approx([10, 0, 0])
    assert [booked(made, item="chip", period=p) for p in ("2026", "2027", "2028")] == pytest.approx([0, 10, 0])


def fed(**grid):
    """The hall needs power: from the grid at 0.5, up to its limit, or from engines that must be built."""
    tables = built(capex=5.0, prices=((1.0, 30.0),))
    power = tables["resources"][0].model_copy(update={"name": "power"})
    engine = tables["assets"][0].model_copy(update={"name": "engine", "capex": 2.0})
    grids = Process(name="grid", unit="MW", where="va", entity="co", variable_cost=number(0.5))
    burn = Process(name="burn", unit="MW", where="va", entity="co", variable_cost=number(1.0))
    return case(**{
        **tables, "resources": (*tables["resources"], power), "assets": (*tables["assets"], engine),
        "options": (*tables["options"], Option(asset="engine", place="va")), "processes": (*tables["processes"], grids, burn),
        "uses": (*tables["uses"], Use(process="burn", asset="engine", use=number(1.0))),
        "rates": (*tables["rates"], ProcessRate(process="make", resource="power", rate=number(-2.0)),
                  ProcessRate(process="grid", resource="power", rate=number(1.0)), ProcessRate(process="burn", resource="power", rate=number(1.0))),
        "limits": (Limit(name="line", unit="MW", sense="<=", bound=number(12)),),
        "terms": (Term(limit="line", measure="activity", item="grid", coefficient=1.0),), **grid,
    })  # fmt: skip


def test_what_feeds_a_run_is_built_with_it_once_the_cheaper_way_is_full():
    """Ten units need 20 MW of power: 12 from the grid, 8 from engines."""
    made = fed()
    assert booked(made, item="hall", period="2026") == pytest.approx(10)
    assert booked(made, item="engine", period="2026") == pytest.approx(8)
    assert greedy(made).value == pytest.approx(solve(made).value)


def test_blocks_are_ordered_whole():
    assert booked(case(**built(prices=((1.0, 30.0),), asset={"block": 4.0})), period="2026") == pytest.approx(12)


@pytest.mark.parametrize("sense", [">=", "="])
def test_what_a_limit_asks_for_is_ordered_though_it_does_not_pay(sense):
    limits = (Limit(name="promise", unit="MW", sense=sense, bound=number(3), window="horizon"),)
    made = case(**built(capex=1000.0, limits=limits, terms=(Term(limit="promise", measure="order", item="hall", coefficient=1.0),)))
    assert booked(made) == pytest.approx(3)
    assert greedy(made).value <= solve(made).value + 1e-6


def test_spending_that_is_asked_for_comes_after_what_pays():
    """At least 150 a year: the two halls take 150 in the first year as it is; in the second, the cheapest that counts."""
    limits = (Limit(name="pledge", unit="MUSD2026", sense=">=", bound=number(350), window="horizon"),)
    made = case(**two_halls(20.0, 10.0, limits=limits, terms=(Term(limit="pledge", measure="spend", item="build", coefficient=1.0),)))
    frame = orders(plant(made))
    spent = 20 * total(frame, item="hall") + 10 * total(frame, item="shed")
    assert spent == pytest.approx(350)
    assert total(frame, item="shed", period="2026") >= 10 - 1e-9 and total(frame, item="hall", period="2026") >= 10 - 1e-9
