"""What a cell is worth to first order is what solving again finds; bounds that follow from rows hold for every plan."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barbell import plan, study
from barbell.core.path import Path
from barbell.plan.review.implied import implied
from tests.conftest import ROOT
from tests.small import built, case, horizon

STEP = 1e-6


def scaled(value, factor):
    return Path(tuple((month, v * factor) for month, v in value.steps)) if isinstance(value, Path) else value * factor


def again(found, cell):
    """Value gained per whole of a cell, by solving with a little more and a little less of it."""
    table, row, field = cell
    values = []
    for sign in (1, -1):
        rows = tuple(
            r.model_copy(update={field: scaled(getattr(r, field), 1 + sign * STEP)}) if r.id == row else r for r in found.case.tables.rows(table)
        )
        values.append(plan.solve(replace(found.case, tables=found.case.tables.with_rows(table, rows))).value)
    return (values[0] - values[1]) / (2 * STEP)


def test_slopes_of_the_toy_are_those_of_solving_again():
    """The toy's plan is not degenerate: every cell moves as its slope says, and what has none moves nothing."""
    found = plan.review(study.check(ROOT / "cases" / "toy"))
    assert len(found.slopes) > 12
    for cell, slope in found.slopes.items():
        if cell[2] != "availability":  # may not leave 0 to 1
            assert again(found.plan, cell) == pytest.approx(slope, rel=2e-3, abs=1e-3), cell


@settings(max_examples=25, deadline=None)
@given(
    capex=st.floats(0.1, 30),
    volume=st.floats(1, 50),
    price=st.floats(0.5, 40),
    lead=st.sampled_from([0, 6, 12, 24]),
    months=st.lists(st.sampled_from([3, 6, 12]), min_size=1, max_size=4),
)
def test_every_plan_lies_within_the_implied_bounds(capex, volume, price, lead, months):
    found = plan.solve(case(horizon(*months), **built(capex=capex, lead=lead, volume=volume, prices=((1.0, price),))))
    bounds, x = implied(found.forest.problem.arrays), found.solution.x
    room = 1e-6 * np.maximum(1.0, np.abs(x))
    assert (x >= bounds.lower - room).all() and (x <= bounds.upper + room).all()
