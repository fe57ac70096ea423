"""Near-optimal plans: by hand where the slack buys a known amount, and as laws on random cases."""

import numpy as np
import pytest

from barbell import plan
from barbell.plan.near import directions, nearby
from tests.random_cases import random_block_case, random_case, random_tree_case
from tests.small import built, case, horizon

D26, D27 = 1.1**-0.5, 1.1**-1.5
HALL = {"recovery": 0.0, "index": ""}


def halls(block=0.0, volume=10.0):
    """Two years of a market of 10 MW at 9 a year; halls at 1 a MW."""
    return plan.solve(case(horizon(12, 12), **built(capex=1.0, volume=volume, asset={"block": block, **HALL})))


def ends(found, within):
    """(Least, most) of each direction by name."""
    asked = directions(found.forest)
    near = list(nearby(found, within, asked))
    return {d.name: tuple(n.direction.of(n.plan.solution.x) for n in near if n.direction is d) for d in asked}


def test_directions_count_what_the_tables_say():
    found = halls()
    values = {d.name: (d.of(found.solution.x), d.unit) for d in directions(found.forest)}
    assert values == {
        "capex 2026": (pytest.approx(10), "MUSD2026"),
        "capex 2027": (pytest.approx(0), "MUSD2026"),
        "ordered 2026 to 2027": (pytest.approx(10), "MUSD2026"),
        "hall va 2027": (pytest.approx(10), "MW"),
    }


def test_slack_buys_idle_halls_or_saves_busy_ones():
    """A hall of no use in 2026 costs 1 today; one not built forgoes 9 a year in both years and saves 1."""
    found = halls()
    slack = 0.05 * found.value
    least, most = ends(found, 0.05)["capex 2026"]
    assert most == pytest.approx(10 + slack / D26, rel=1e-6)
    # what is not built in 2026 is best built in 2027, a year later and a year of service less
    assert least == pytest.approx(10 - slack / (9 * D26 - D26 + D27), rel=1e-6)


def test_whole_plans_move_by_whole_blocks():
    """Blocks of 2 MW: five halls; 5 % of the value buys idle ones up to the last whole block."""
    found = halls(block=2.0)
    slack = 0.05 * found.value
    least, most = ends(found, 0.05)["capex 2026"]
    assert most == pytest.approx(10 + 2 * np.floor(slack / (2 * D26)), rel=1e-6)
    assert least == pytest.approx(10) or least == pytest.approx(8)


@pytest.mark.parametrize("made", [random_case(4), random_case(30), random_tree_case(2), random_block_case(1), random_block_case(5)])
@pytest.mark.parametrize("within", [0.01, 0.1])
def test_near_plans_are_plans_of_the_case_within_the_slack(made, within):
    best = plan.solve(made)
    for near in nearby(best, within, directions(best.forest)[:4]):
        assert near.plan.solution.accuracy.good
        assert near.plan.value >= best.value - within * abs(best.value) - 1e-6 * max(1.0, abs(best.value))
        assert sum(near.plan.parts.values()) == pytest.approx(near.plan.value, rel=1e-6, abs=1e-6)
        whole = near.plan.forest.problem.arrays.integer
        assert (near.plan.solution.x[whole] == np.round(near.plan.solution.x[whole])).all()


@pytest.mark.parametrize("seed", [4, 30])
def test_no_plan_found_goes_further_than_the_ends_and_the_best_lies_between(seed):
    best = plan.solve(random_case(seed))
    for name, (least, most) in ends(best, 0.05).items():
        at = next(d for d in directions(best.forest) if d.name == name).of(best.solution.x)
        slack = 1e-5 * max(1.0, abs(at), abs(most))
        assert least - slack <= at <= most + slack


def test_more_slack_goes_further():
    found = halls()
    narrow, wide = ends(found, 0.01), ends(found, 0.1)
    for name, (least, most) in narrow.items():
        assert wide[name][0] <= least + 1e-6 and most <= wide[name][1] + 1e-6
