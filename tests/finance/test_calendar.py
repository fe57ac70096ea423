"""The room's own calendar says what the plan's says, on calendars of every shape; and what it says by hand."""

import numpy as np
import pytest

from barbell.core.path import Path
from barbell.core.relations import Index
from barbell.finance.calendar import Calendar
from barbell.plan.clock import Clock
from tests.plan.small import horizon

SHAPES = [(12, 12), (3, 3, 3, 3, 12, 24), (1, 6, 7, 18), (24,)]


@pytest.mark.parametrize("months", SHAPES)
@pytest.mark.parametrize("start", ["2026", "2026-08"])
def test_two_calendars_agree(months, start):
    made = horizon(*months, start=start)
    ours, theirs = Calendar(made), Clock(made)
    assert ours.count == theirs.count
    for name, other in (("edges", "edges"), ("start", "start"), ("length", "y"), ("gap", "gap")):
        assert getattr(ours, name) == pytest.approx(getattr(theirs, other))
    every = np.arange(ours.edges[0], ours.edges[-1] + 30)
    assert (ours.arrival(every) == theirs.arrival(every)).all()
    assert (np.minimum(ours.holding(every), ours.count) == np.minimum(theirs.holding(every), theirs.count)).all()
    for text in ("5", "2020:1 2026-11:4 2027-03:2"):
        assert ours.mean(Path.parse(text)) == pytest.approx(theirs.mean(Path.parse(text)))
    index = Index(name="i", path=Path.parse("2020:1 2027:1.5"), growth=-0.2)
    assert ours.level(index) == pytest.approx(theirs.level(index, theirs.start))


def test_what_falls_when():
    """Quarters from January: what is due in February serves from April and is paid in the first quarter; what is due in 2027 is late."""
    ours = Calendar(horizon(3, 3, 3, 3))
    first = int(ours.start[0])
    due = np.array([first, first + 1, first + 3, first + 12])
    assert ours.arrival(due).tolist() == [0, 1, 1, 4] and ours.holding(due).tolist() == [0, 0, 1, 4]
    assert [ours.label(t) for t in (-1, 0, 3, 4)] == ["", "2026Q1", "2026Q4", "late"]


def test_levels_and_means():
    """Ten until July, then twenty: a mean of fifteen. Twice as dear each year, read on the first of January."""
    ours = Calendar(horizon(12, 12))
    assert ours.mean(Path.parse("2026:10 2026-07:20")).tolist() == [15, 20]
    assert ours.level(Index(name="i", growth=1.0)).tolist() == [1, 2] and ours.level(None).tolist() == [1, 1]
