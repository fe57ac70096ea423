"""The handle on the solver: right answers, warm ones, and none that is taken on trust."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barbell.core.errors import SolverLimitError
from barbell.plan.lp import Axis, Options, Program, Solver, Tree, tile, verify
from barbell.plan.lp.verify import proves_infeasible, proves_unbounded


def knapsack(seed=0, count=8, rows=3, integer=False, budget=None):
    """Buy what is worth most within a few budgets."""
    rng = np.random.default_rng(seed)
    program = Program(1)
    items = Axis("item", tuple(str(n) for n in range(count)))
    x = program.variable("x", (items,), upper=3.0, cost=-rng.uniform(1, 5, count), integer=integer)
    bounds = Axis("row", tuple(str(n) for n in range(rows)))
    limit = rng.uniform(3, 9, rows) if budget is None else budget
    program.rows("budget", (bounds,), upper=limit).add(rng.uniform(0.5, 2, (rows, count)), x[None, :], at=np.arange(rows)[:, None])
    return program.freeze()


def test_verify_catches_a_wrong_point_and_a_wrong_dual():
    template = knapsack()
    solution = Solver(template).solve()
    assert verify(template, solution.x, solution.row_dual).good
    assert not verify(template, solution.x + 0.1, solution.row_dual).good
    assert not verify(template, solution.x * 0.5, solution.row_dual).good
    assert not verify(template, solution.x, solution.row_dual * 0.5).good
    assert not verify(template, solution.x, -solution.row_dual).good


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_warm_equals_cold(seed):
    rng = np.random.default_rng(seed)
    template = knapsack(seed)
    other = replace(
        template, cost=template.cost * rng.uniform(0.5, 2), row_upper=template.row_upper * rng.uniform(0.5, 2, 3), value=template.value * 1.5
    )
    solver = Solver(template)
    first = solver.solve()
    solver.update(other)
    assert solver.solve().objective == pytest.approx(Solver(other).solve().objective, rel=1e-9)
    solver.update(template)
    assert solver.solve().objective == pytest.approx(first.objective, rel=1e-9)


def test_another_shape_is_passed_anew():
    solver = Solver(knapsack(count=8))
    solver.solve()
    solver.update(knapsack(count=5))
    assert solver.solve().objective == pytest.approx(Solver(knapsack(count=5)).solve().objective)


def test_infeasible_comes_with_a_proof():
    template = replace(knapsack(), row_lower=np.full(3, 1000.0), row_upper=np.full(3, np.inf))
    solver = Solver(template)
    assert solver.solve().status == "infeasible"
    assert proves_infeasible(template, solver.dual_ray())
    assert not proves_infeasible(knapsack(), solver.dual_ray())
    assert not proves_infeasible(template, -solver.dual_ray())


def test_unbounded_comes_with_a_direction():
    template = replace(knapsack(), upper=np.full(8, np.inf), row_upper=np.full(3, np.inf))
    solver = Solver(template)
    assert solver.solve().status == "unbounded"
    assert proves_unbounded(template, solver.primal_ray())
    assert not proves_unbounded(knapsack(), solver.primal_ray())
    assert not proves_unbounded(template, -solver.primal_ray())


def test_own_certificates_hold_when_the_solver_gives_none():
    infeasible = replace(knapsack(), row_lower=np.full(3, 1000.0), row_upper=np.full(3, np.inf))
    unbounded = replace(knapsack(), upper=np.full(8, np.inf), row_upper=np.full(3, np.inf))
    assert proves_infeasible(infeasible, Solver(infeasible)._elastic())
    assert proves_unbounded(unbounded, Solver(unbounded)._boxed())


def test_a_status_without_proof_is_refused():
    with pytest.raises(SolverLimitError, match="no certificate"):
        Solver(knapsack())._certificate("infeasible")


def test_whole_numbers_have_a_gap_and_duals_when_held():
    template = knapsack(seed=3, integer=True)
    solver = Solver(template, Options(gap=0.0))
    whole, relaxed = solver.solve(), Solver(replace(template, integer=np.zeros(8, bool))).solve()
    assert whole.x == pytest.approx(np.round(whole.x))
    assert whole.objective >= relaxed.objective and whole.gap <= 1e-6
    assert solver.fixed().objective == pytest.approx(whole.objective)


def test_nothing_to_decide():
    template = knapsack(count=0)
    assert Solver(template).solve().objective == 0


@pytest.mark.parametrize("method", ["simplex", "ipm"])
def test_methods_agree(method):
    found = Solver(knapsack(1), Options(method=method)).solve()
    assert found.method == method and found.objective == pytest.approx(Solver(knapsack(1)).solve().objective)


def fan(order):
    """Two stages: buy now, sell in one of three futures."""
    axis = Axis("t", ("0", "1"), (0, 1))
    templates = []
    for asked in order:
        program = Program(2)
        buy = program.variable("buy", (), cost=1.0, stage=0)
        sell = program.variable("sell", (axis,), cost=-3.0, upper=[0.0, asked])
        program.rows("stock", (axis,), upper=0.0).add(1.0, sell).add(-1.0, buy)
        templates.append(program.freeze())
    tree = Tree.fan(len(order))
    return tile(tree, [templates[0], *templates]).arrays


def test_order_and_copies_of_futures_do_not_matter():
    values = [Solver(fan(order)).solve().objective for order in ((1.0, 4.0, 9.0), (9.0, 1.0, 4.0))]
    assert values[0] == pytest.approx(values[1], rel=1e-12)
    assert Solver(fan((4.0,))).solve().objective == pytest.approx(Solver(fan((4.0,) * 5)).solve().objective, rel=1e-12)
