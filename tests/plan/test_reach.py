"""Sums with the defined columns put in are the sums of the equations."""

import numpy as np
import pytest

from barbell.plan import solve
from barbell.plan.lp.verify import product
from barbell.plan.reach import reach
from tests.random_cases import FEATURES, random_case


@pytest.mark.parametrize("seed", [*range(len(FEATURES) + 1), 70, 81, 95])
def test_every_row_is_the_same_in_terms_of_decisions(seed):
    plan = solve(random_case(seed))
    template, x = plan.forest.models[0].template, plan.seen(0)
    found = reach(template)
    rows, size = product(template, x)
    assert np.abs(found.constant + found.coefficients @ x - rows).max() <= 1e-6 * max(1.0, size.max())
    assert found.given + found.moved @ x == pytest.approx(x[found.defined], abs=1e-6 * max(1.0, np.abs(x).max()))


def test_defined_columns_have_gone():
    found = reach(solve(random_case(47)).forest.models[0].template)
    assert len(found.defined) and not found.coefficients[:, found.defined].nnz
