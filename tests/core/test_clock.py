"""The horizon as arrays says what months say one by one, and what follows by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barbell.core.clock import Clock
from barbell.core.horizon import Month
from barbell.core.path import Path
from barbell.core.relations import Index
from tests.small import horizon

SHAPES = [(12, 12), (3, 3, 3, 3, 12, 24), (1, 6, 7, 18), (24,)]


def clock(*months, start="2026"):
    return Clock(horizon(*months, start=start))


@pytest.mark.parametrize("months", SHAPES)
@pytest.mark.parametrize("start", ["2026", "2026-08"])
def test_arrays_say_what_the_horizon_says_of_each_month(months, start):
    made = clock(*months, start=start)
    every = np.arange(made.edges[0] - 2, made.end + 30)
    assert made.arrival(every).tolist() == [made.horizon.arrival(Month(int(m))) for m in every]
    assert made.holding(every).tolist() == [made.horizon.holding(Month(int(m))) for m in every]
    assert made.y == pytest.approx(made.horizon.years) and made.y.sum() == pytest.approx(made.horizon.length)
    assert np.cumsum(made.gap) == pytest.approx(made.horizon.middles) and made.between[1:] == pytest.approx(made.horizon.years[:-1])
    index = Index(name="i", path=Path.parse("2020:1 2027:1.5"), growth=-0.2)
    assert made.level(index, made.start) == pytest.approx([index.level(p.start, made.horizon.start) for p in made.horizon.periods])


@given(st.lists(st.tuples(st.integers(0, 40), st.floats(-1e6, 1e6)), min_size=1, max_size=5, unique_by=lambda s: s[0]))
def test_mean_of_a_path_is_the_mean_of_its_months(steps):
    made = clock(7, 12)
    start = made.horizon.start
    path = Path(tuple((start + m if k else Month.MIN, v) for k, (m, v) in enumerate(sorted(steps))))
    months = [[path.at(p.start + k) for k in range(p.months)] for p in made.horizon.periods]
    assert made.mean(path) == pytest.approx([np.mean(m) for m in months], abs=1e-6)
    assert made.mean(path, first=np.array([0]), last=np.array([1])) == pytest.approx([np.mean([*months[0], *months[1]])], abs=1e-6)


def test_what_falls_when():
    """Quarters from January: what is due in February serves from April and is paid in the first quarter; what is due in 2027 is late."""
    made = clock(3, 3, 3, 3)
    first = int(made.start[0])
    due = np.array([first, first + 1, first + 3, first + 12])
    assert made.arrival(due).tolist() == [0, 1, 1, 4] and made.holding(due).tolist() == [0, 0, 1, 4]
    assert [made.label(t) for t in (-1, 0, 3, 4)] == ["", "2026Q1", "2026Q4", "late"]


def test_levels_and_means():
    """Ten until July, then twenty: a mean of fifteen. Twice as dear each year, read on the first of January."""
    made = clock(12, 12)
    assert made.mean(Path.parse("2026:10 2026-07:20")).tolist() == [15, 20]
    assert made.level(Index(name="i", growth=1.0), made.start).tolist() == [1, 2] and made.level(None, made.start).tolist() == [1, 1]


def test_windows():
    """Two years of halves and a third year whole: a year ends with the last period that starts in it."""
    made = clock(6, 6, 6, 6, 12)
    assert made.last("year").tolist() == [1, 1, 3, 3, 4] and made.first("year").tolist() == [0, 0, 2, 2, 4]
    assert made.last("horizon").tolist() == [4] * 5 and made.first("period").tolist() == [0, 1, 2, 3, 4]
