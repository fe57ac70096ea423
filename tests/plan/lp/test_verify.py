"""The check is worth something only if it fails: every sort of flaw is planted and must be found."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barbell.plan.lp import Solver, verify
from barbell.plan.lp.verify import product, transposed


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**31))
def test_products_are_those_of_the_dense_matrix(feasible, dense, seed):
    problem = feasible(seed)
    table, rng = dense(problem), np.random.default_rng(seed)
    x, y = rng.normal(size=table.shape[1]), rng.normal(size=table.shape[0])
    for (total, size), vector, matrix in ((product(problem, x), x, table), (transposed(problem, y), y, table.T)):
        np.testing.assert_allclose(total, matrix @ vector, atol=1e-12)
        np.testing.assert_allclose(size, np.abs(matrix) @ np.abs(vector), atol=1e-12)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**31), st.floats(1e-4, 10.0))
def test_a_perturbed_plan_is_caught(feasible, seed, by):
    problem = feasible(seed)
    answer = Solver(problem).solve()
    assert verify(problem, answer.x, answer.row_dual).good
    over = np.where(problem.upper - answer.x < answer.x - problem.lower, problem.upper + by, problem.lower - by)
    for column in range(len(answer.x)):
        x = answer.x.copy()
        x[column] = over[column]
        assert verify(problem, x, None).primal >= by / 20


def test_a_missed_row_is_caught(matrix):
    problem = matrix([[1.0, 1.0]], cost=[1.0, 2.0], row_lower=3.0)
    assert verify(problem, np.array([3.0, 0.0]), np.array([1.0])).good
    assert verify(problem, np.array([2.0, 0.0]), np.array([1.0])).primal == pytest.approx(0.5)


def test_a_wrong_price_is_caught(matrix):
    problem = matrix([[1.0, 1.0]], cost=[1.0, 2.0], row_lower=3.0)
    x = np.array([3.0, 0.0])
    assert verify(problem, x, np.array([1.5])).dual > 0.1  # the first column would gain for ever
    assert verify(problem, x, np.array([-1.0])).dual == pytest.approx(1.0)  # leans on an upper bound that does not exist
    assert verify(problem, x, np.array([0.5])).gap == pytest.approx(0.5)  # admissible, but proves only half the cost


def test_a_worse_plan_shows_as_a_gap(matrix):
    problem = matrix([[1.0, 1.0]], cost=[1.0, 2.0], row_lower=3.0)
    worse = verify(problem, np.array([0.0, 3.0]), np.array([1.0]))
    assert (worse.primal, worse.dual) == (0.0, 0.0)
    assert worse.gap == pytest.approx(0.5)
    assert not worse.good


def test_a_fraction_of_a_block_is_caught(matrix):
    problem = matrix([[1.0]], cost=1.0, row_lower=1.0, integer=True)
    assert verify(problem, np.array([2.0]), None).good
    assert verify(problem, np.array([1.5]), None).primal == pytest.approx(0.5)


def test_not_a_number_is_never_good(matrix):
    problem = matrix([[1.0, 0.0]], cost=1.0, row_lower=1.0)
    for x in ([np.nan, 0.0], [1.0, np.nan]):
        assert not verify(problem, np.array(x), None).good
    assert not verify(problem, np.array([1.0, 0.0]), np.array([np.nan])).good


def test_nothing_at_all_is_in_order(matrix):
    problem = matrix(np.zeros((0, 2)), cost=0.0)
    assert verify(problem, np.zeros(2), np.zeros(0)).good
    assert not verify(replace(problem, lower=np.ones(2)), np.zeros(2), np.zeros(0)).good
