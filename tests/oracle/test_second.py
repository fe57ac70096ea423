"""The plan against the second build, which was written from the specification alone."""

import pytest

from barbell import plan
from barbell.core.errors import InfeasibleError
from tests.random_cases import random_case, random_tree_case

linopy = pytest.importorskip("linopy")
pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("default")]

SEEDS = range(140)
"""Seed 0 has no feature, the next ones one each, all others a mixture."""
TREES = range(40)


def agree(case):
    from tests.oracle.second import Reading, optimum

    reading = Reading(service_anchor="start", compound_late=False)
    try:
        expected = optimum(case, reading)
    except AssertionError:
        with pytest.raises(InfeasibleError):
            plan.solve(case)
        return
    assert plan.solve(case).value == pytest.approx(expected, rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("seed", SEEDS)
def test_one_path(seed):
    agree(random_case(seed))


@pytest.mark.parametrize("seed", TREES)
def test_trees(seed):
    agree(random_tree_case(seed))
