"""The plan against the second build of the seven equations: the same value, feature by feature and mixed, on one path and on trees."""

from __future__ import annotations

import pytest

from barbell.core.check import check
from barbell.plan import Options, solve
from tests.oracle.second import optimum
from tests.random_cases import FEATURES, features_of, random_block_case, random_case, random_tree_case

pytest.importorskip("linopy")
pytestmark = pytest.mark.oracle

SINGLE = range(len(FEATURES) + 1)
MIXED = range(len(FEATURES) + 1, len(FEATURES) + 81)
TREES = range(40)
WHOLE = range(8)


def agrees(case, *, rel: float = 1e-8) -> None:
    assert not check(case)
    assert solve(case).value == pytest.approx(optimum(case), rel=rel, abs=rel)


@pytest.mark.parametrize("seed", SINGLE, ids=lambda seed: f"{seed}-{'-'.join(features_of(seed)) or 'plain'}")
def test_one_feature_is_worth_the_same_in_both(seed):
    agrees(random_case(seed))


@pytest.mark.parametrize("seed", MIXED)
def test_mixed_features_are_worth_the_same_in_both(seed):
    agrees(random_case(seed))


@pytest.mark.parametrize("seed", TREES)
def test_branching_futures_are_worth_the_same_in_both(seed):
    agrees(random_tree_case(seed))


@pytest.mark.parametrize("seed", WHOLE)
def test_whole_blocks_are_worth_the_same_in_both(seed):
    case = random_block_case(seed)
    best = optimum(case)
    assert solve(case, options=Options(gap=1e-9)).value == pytest.approx(best, rel=1e-6, abs=1e-6)
