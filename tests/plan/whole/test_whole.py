"""Whole blocks: the counts, rounding, moves and the search, by hand and against branch and bound."""

from dataclasses import replace

import numpy as np
import pytest

from barbell import plan
from barbell.core.horizon import Month
from barbell.core.relations import Option
from barbell.plan.lp import Options, Solver
from barbell.plan.tree import plant
from barbell.plan.whole import Search, chain
from barbell.plan.whole.descent import moved, moves
from barbell.plan.whole.rounding import SHARES, rounded
from tests.random_cases import random_block_case
from tests.small import built, case, horizon, number, total

HALL = {"block": 4.0, "recovery": 0.0}
SEEDS = range(8)


def halls(months=(12, 12), volume=10.0, **more):
    """A market of 10 MW that halls of 4 MW serve, at 9 a year and MW against a price of 1."""
    return case(horizon(*months), **built(capex=1.0, volume=volume, asset=HALL, **more))


def counts(found):
    c = chain(found.forest)
    return c, np.round(found.solution.x[c.count]).astype(int)


def test_counts_say_what_has_been_ordered_so_far():
    """The first year asks for 10 MW, the second for 14: three halls, then a fourth."""
    found = plan.solve(halls(volume="2026:10 2027:14"))
    assert [total(found.tables["orders"], period=label) for label in ("2026", "2027")] == pytest.approx([12, 4])
    assert counts(found)[1].tolist() == [3, 4]


def test_after_the_whole_months_any_amount_is_ordered():
    """Two MW that come in the second year alone: a hall of 4 when whole, the 2 that are missing when divisible."""
    made = halls(volume="2026:8 2027:10")
    cut = replace(made, horizon=replace(made.horizon, whole_end=Month.parse("2027")))
    assert total(plan.solve(made).tables["orders"], period="2027") == pytest.approx(4)
    assert total(plan.solve(cut).tables["orders"], period="2027") == pytest.approx(2)
    assert cut.horizon.extended(months=12, count=2).whole == (True, False, False, False)


def test_divisible_blocks_are_a_continuous_problem():
    made = halls()
    found = plan.solve(replace(made, horizon=replace(made.horizon, whole_end=made.horizon.start)))
    assert total(found.tables["orders"]) == pytest.approx(10) and found.status.method == "simplex"
    assert len(chain(found.forest).count) == 0


def test_whole_until_the_end_of_what_is_reported():
    made = halls()
    assert replace(made, horizon=replace(made.horizon, report_end=Month.parse("2027"))).horizon.whole == (True, False)


def test_a_block_is_ordered_where_its_share_is_asked_for():
    c = chain(plant(halls(months=(12, 12, 12))))
    wanted = np.array([0.4, 1.7, 2.0])
    assert [rounded(c, wanted, share).tolist() for share in (0.02, 0.5, 1.0)] == [[1, 2, 2], [0, 2, 2], [0, 1, 2]]


def test_rounding_keeps_the_limit_of_an_order():
    """At most 4 MW a year: one block each, whatever is asked."""
    options = (Option(asset="hall", place="va", order_limit=number(7.0)),)
    c = chain(plant(halls(months=(12, 12, 12), options=options)))
    assert c.most.tolist() == [1, 1, 1]
    assert rounded(c, np.array([2.6, 2.6, 2.6]), 0.5).tolist() == [1, 2, 3]


def test_a_move_takes_along_what_must_follow():
    """A first hall a year earlier, or a last one less; a hall more in the first year is one more in all years."""
    c = chain(plant(halls(months=(12, 12, 12))))
    assert moves(c, np.array([0, 0, 1]), np.array([0.0, 0.0, 3.0]))[0] == (3.0, -1, (2,))
    best = moves(c, np.array([0, 0, 0]), np.array([-5.0, 1.0, 1.0]))
    assert [move for move in best if move[1] > 0] == [(3.0, 1, (0, 1, 2))]
    now, later = moved(c, np.array([0, 0, 1]), moves(c, np.array([0, 0, 1]), np.array([-1.0, -2.0, 0.0])), 1)
    assert now.tolist() == [1, 1, 1] and all(set(places) & {0, 1} for _, _, places in later)


def test_moves_find_the_plan_that_rounding_missed():
    """Rounding down orders two halls of the three that pay; the price of the held count asks for the third."""
    c = chain(plant(halls(months=(12,))))
    search = Search.of(c, Options(gap=0.0))
    search.bound = search.relax(c.problem).objective
    search._offer(np.array([2]))
    search._improve(lambda _: None)
    assert search.counts.tolist() == [3]
    assert search.priced.objective == pytest.approx(Solver(c.problem).solve().objective)


HARD = 2
"""The seed whose mixture rounding finds no plan for: branch and bound has to."""


@pytest.mark.parametrize("seed", [seed for seed in SEEDS if seed != HARD])
def test_the_search_is_a_plan_between_the_best_and_its_bound(seed):
    """What branch and bound proves lies between the plan and the bound that the search tells its gap against."""
    forest = plant(random_block_case(seed))
    best = Solver(forest.problem.arrays, Options(gap=1e-7)).solve()
    found = Search.of(chain(forest), Options(gap=0.0)).run(lambda _: None)
    assert found is not None and found.accuracy.good
    slack = 1e-6 * max(1.0, abs(best.objective))
    assert found.bound - slack <= best.objective <= found.objective + slack
    assert found.gap == pytest.approx((found.objective - found.bound) / max(1.0, abs(found.objective)))


def test_where_rounding_finds_nothing_branch_and_bound_does(monkeypatch):
    made = random_block_case(HARD)
    best = plan.solve(made).value
    monkeypatch.setattr("barbell.plan.lp.options.SMALL", 0)
    found = plan.solve(made, options=Options(gap=1e-4))
    assert found.search is None and found.value == pytest.approx(best, rel=1e-4)


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_rounded_fits(seed, share):
    forest = plant(random_block_case(seed))
    c = chain(forest)
    relaxed = Search.of(c, Options()).relax(c.problem)
    assert c.fits(rounded(c, relaxed.x[c.count], share))


def test_large_plans_are_searched_and_say_so(monkeypatch):
    """The door itself: a problem beyond the size takes the search, and its plan has prices and a gap."""
    monkeypatch.setattr("barbell.plan.lp.options.SMALL", 0)
    found = plan.solve(halls(), options=Options(gap=0.5))
    assert found.status.method.startswith("relaxation") and found.search is not None
    assert total(found.tables["orders"]) == pytest.approx(12)
    assert found.value <= found.most and found.status.gap == pytest.approx((found.most - found.value) / found.value)
