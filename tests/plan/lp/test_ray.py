"""Proofs that there is no plan, or no best one, hold up and can fail."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barbell.plan.lp import Options, Solver
from barbell.plan.lp.ray import boxed, contradicts, elastic, escapes


def test_a_contradiction_of_two_rows(matrix):
    problem = matrix([[1.0, 1.0], [1.0, 1.0]], cost=1.0, row_lower=[3.0, -np.inf], row_upper=[np.inf, 2.0])
    assert contradicts(problem, np.array([1.0, -1.0]))
    assert not contradicts(problem, np.array([-1.0, 1.0]))  # leans on bounds that do not exist
    assert not contradicts(problem, np.array([1.0, 0.0]))  # the columns could still give without end
    assert not contradicts(problem, np.zeros(2))
    assert not contradicts(problem, np.array([np.nan, 1.0]))
    assert not contradicts(replace(problem, row_upper=np.array([np.inf, 3.0])), np.array([1.0, -1.0]))  # touching is no contradiction


def test_a_row_against_column_bounds(matrix):
    problem = matrix([[2.0, 1.0]], cost=1.0, upper=[1.0, 3.0], row_lower=6.0)
    assert contradicts(problem, np.array([1.0]))
    assert not contradicts(replace(problem, row_lower=np.array([5.0])), np.array([1.0]))


def test_a_free_lunch(matrix):
    problem = matrix([[1.0, -1.0]], cost=[-1.0, 0.5], row_upper=2.0)
    assert escapes(problem, np.array([1.0, 1.0]))
    assert not escapes(problem, np.array([1.0, 0.5]))  # the row gives out
    assert not escapes(problem, np.array([0.0, 1.0]))  # costs money
    assert not escapes(problem, np.array([-1.0, -1.0]))  # against the lower bounds
    assert not escapes(replace(problem, upper=np.array([9.0, np.inf])), np.array([1.0, 1.0]))


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**31))
def test_no_weights_contradict_a_program_with_a_plan(feasible, seed):
    problem = feasible(seed)
    rng = np.random.default_rng(seed)
    for _ in range(20):
        assert not contradicts(problem, rng.normal(size=len(problem.row_lower)))
    assert Solver(elastic(problem)).solve().objective == pytest.approx(0.0, abs=1e-6)
    assert Solver(boxed(problem)).solve().objective == pytest.approx(0.0, abs=1e-6)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**31), st.floats(0.01, 100.0))
def test_the_elastic_program_finds_the_proof(feasible, seed, by):
    problem = feasible(seed)
    answer = Solver(problem).solve()
    # ask for more profit than there is: one more row makes the program infeasible
    more = replace(
        problem,
        row_lower=np.append(problem.row_lower, -np.inf),
        row_upper=np.append(problem.row_upper, answer.objective - by),
        start=np.append(problem.start, problem.start[-1] + len(problem.cost)).astype(np.int32),
        index=np.append(problem.index, np.arange(len(problem.cost))).astype(np.int32),
        value=np.append(problem.value, problem.cost),
    )
    missed = Solver(elastic(more)).solve()
    assert missed.objective > 0
    assert contradicts(more, missed.row_dual)
    for method in ("simplex", "ipm"):
        solver = Solver(more, Options(method=method))
        assert solver.solve().status == "infeasible"
        assert contradicts(more, solver.dual_ray())


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**31))
def test_the_boxed_program_finds_the_lunch(feasible, matrix, dense, seed):
    problem = feasible(seed)
    rng = np.random.default_rng(seed)
    direction = rng.random(len(problem.cost))
    cost = rng.normal(size=len(direction))
    cost -= direction * (cost @ direction + 1.0) / (direction @ direction)  # one unit of the direction earns 1
    move = dense(problem) @ direction
    free = replace(
        problem,
        cost=cost,
        upper=np.full(len(cost), np.inf),
        row_lower=np.where(move < 0, -np.inf, problem.row_lower),
        row_upper=np.where(move > 0, np.inf, problem.row_upper),
    )
    steepest = Solver(boxed(free)).solve()
    assert steepest.objective < 0
    assert escapes(free, steepest.x)
    solver = Solver(free)
    assert solver.solve().status == "unbounded"
    assert escapes(free, solver.primal_ray())
