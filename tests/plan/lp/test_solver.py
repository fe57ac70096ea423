"""The handle: every status is proven, a changed question gives the cold answer, and HiGHS's known traps stay shut."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from barbell.core.errors import SolverLimitError
from barbell.plan.lp import Change, Options, Solver, Template, Tree, options, tile
from barbell.plan.lp.ray import contradicts, escapes


def knapsack(matrix, items: int) -> Template:
    """A hard little integer problem: several knapsacks, correlated worth."""
    rng = np.random.default_rng(3)
    weight = rng.integers(100, 999, (8, items)).astype(float)
    return matrix(weight, cost=-weight.mean(0).round() - 50, upper=1.0, row_upper=weight.sum(1) / 2, integer=True)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**31), st.sampled_from(["", "simplex", "ipm"]))
def test_the_optimum_is_scipys(feasible, dense, seed, method):
    p = feasible(seed)
    answer = Solver(p, Options(method=method)).solve()
    table = dense(p)
    finite_lower, finite_upper = np.isfinite(p.row_lower), np.isfinite(p.row_upper)
    least = linprog(
        p.cost,
        A_ub=np.vstack([table[finite_upper], -table[finite_lower]]),
        b_ub=np.concatenate([p.row_upper[finite_upper], -p.row_lower[finite_lower]]),
        bounds=list(zip(p.lower, p.upper, strict=True)),
    )
    assert answer.status == "optimal"
    assert answer.objective == pytest.approx(least.fun, abs=1e-7)
    assert answer.gap == 0.0
    assert np.allclose(answer.column_dual, p.cost - table.T @ answer.row_dual, atol=1e-7)


def test_a_price_is_cost_per_unit_of_the_right_hand_side(matrix):
    p = matrix([[1.0, 1.0], [1.0, 0.0]], cost=[1.0, 4.0], row_lower=[5.0, -np.inf], row_upper=[np.inf, 2.0])
    answer = Solver(p).solve()
    assert answer.objective == pytest.approx(14.0)
    assert answer.row_dual.tolist() == pytest.approx([4.0, -3.0])


def test_infeasible_is_proven(matrix):
    p = matrix([[1.0, 1.0], [1.0, 1.0]], cost=1.0, row_lower=[3.0, -np.inf], row_upper=[np.inf, 2.0])
    handle = Solver(p)
    answer = handle.solve()
    assert (answer.status, answer.certified, len(answer.x)) == ("infeasible", True, 0)
    assert contradicts(p, handle.dual_ray())
    with pytest.raises(ValueError, match="not a certified 'unbounded'"):
        handle.primal_ray()


def test_unbounded_is_proven(matrix):
    p = matrix([[1.0, -1.0]], cost=[-1.0, 0.5], row_upper=2.0)
    handle = Solver(p)
    assert handle.solve().status == "unbounded"
    assert escapes(p, handle.primal_ray())
    with pytest.raises(ValueError, match="not a certified 'infeasible'"):
        handle.dual_ray()


def test_a_ray_without_a_plan_is_infeasible(matrix):
    p = matrix([[1.0, -1.0, 0.0], [0.0, 0.0, 1.0]], cost=[-1.0, 0.0, 0.0], upper=[np.inf, np.inf, 1.0], row_lower=[-np.inf, 2.0], row_upper=[0, 3])
    handle = Solver(p)
    assert handle.solve().status == "infeasible"
    assert contradicts(p, handle.dual_ray())


def test_a_ray_without_a_plan_is_infeasible_in_large_problems_as_well(matrix, monkeypatch):
    """There the word of the solver has to do, where it has no proof at hand: that is said, and is no error."""
    rows, upper = [[1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, -1.0]], [np.inf, np.inf, 3.0, 3.0]
    monkeypatch.setattr(options, "SMALL", 0)
    for integer in (False, True):
        p = matrix(rows, cost=[-1.0, 0.0, 0.0, 0.0], upper=upper, row_lower=[-np.inf, 4.0, 3.0], row_upper=[0.0, np.inf, np.inf], integer=integer)
        handle = Solver(p)
        answer = handle.solve()
        assert answer.status == "infeasible" and answer.certified == handle.proven


def test_bounds_that_cross_are_infeasible(matrix):
    rows = Solver(matrix([[1.0]], cost=1.0, row_lower=2.0, row_upper=1.0))
    assert rows.solve().status == "infeasible"
    assert rows.dual_ray().tolist() == [1.0]
    assert Solver(matrix([[1.0]], cost=1.0, lower=2.0, upper=1.0)).solve().status == "infeasible"


def test_rays_are_found_without_the_help_of_highs(matrix, monkeypatch):
    bad = matrix([[1.0, 1.0], [1.0, 1.0]], cost=1.0, row_lower=[3.0, -np.inf], row_upper=[np.inf, 2.0])
    free = matrix([[1.0, -1.0]], cost=[-1.0, 0.5], row_upper=2.0)
    for ray in (np.zeros(0), np.ones(2)):  # none, and a wrong one
        handles = Solver(bad), Solver(free)
        for handle in handles:
            handle._highs = _Stubborn(handle._highs, ray)
        assert [handle.solve().status for handle in handles] == ["infeasible", "unbounded"]
        assert contradicts(bad, handles[0].dual_ray())
        assert escapes(free, handles[1].primal_ray())


class _Stubborn:
    """HiGHS, with rays and a status word of our choosing."""

    def __init__(self, highs, ray, word=None):
        self._highs, self._ray, self._word = highs, ray, word

    def __getattr__(self, name):
        return getattr(self._highs, name)

    def getDualRay(self):
        return None, len(self._ray) > 0, self._ray

    getPrimalRay = getDualRay

    def getModelStatus(self):
        return type("Status", (), {"name": self._word}) if self._word else self._highs.getModelStatus()


@pytest.mark.parametrize("word", ["kInfeasible", "kUnbounded", "kUnboundedOrInfeasible"])
def test_a_lie_about_a_feasible_program_is_no_verdict(feasible, word):
    handle = Solver(feasible(5))
    handle._highs = _Stubborn(handle._highs, np.zeros(0), word)
    with pytest.raises(SolverLimitError, match="neither a ray nor a plan"):
        handle.solve()


def test_optimal_is_not_believed_either(matrix):
    handle = Solver(matrix([[1.0, 1.0]], cost=[1.0, 2.0], row_lower=3.0))
    handle._problem = matrix([[1.0, 1.0]], cost=[1.0, 2.0], row_lower=4.0)  # what HiGHS does not know
    with pytest.raises(SolverLimitError, match="no numbers of it hold"):
        handle.solve()


def test_numbers_count_more_than_the_word(feasible):
    handle = Solver(feasible(5))
    handle._highs = _Stubborn(handle._highs, np.zeros(0), "kUnknown")  # HiGHS 2110: right to 1e-9, yet "unknown"
    assert handle.solve().status == "optimal"


def test_an_integer_problem_is_infeasible_by_its_relaxation(matrix):
    p = matrix([[2.0, 2.0]], cost=1.0, upper=1.0, row_lower=5.0, integer=True)
    handle = Solver(p)
    answer = handle.solve()
    assert (answer.status, answer.certified) == ("infeasible", True)
    assert contradicts(p, handle.dual_ray())


def test_an_integer_problem_infeasible_only_as_such_is_not_certified(matrix):
    handle = Solver(matrix([[2.0, 2.0]], cost=1.0, upper=5.0, row_lower=3.0, row_upper=3.0, integer=True))
    answer = handle.solve()
    assert (answer.status, answer.certified) == ("infeasible", False)
    with pytest.raises(ValueError, match="certified"):
        handle.dual_ray()


def test_an_unbounded_integer_problem(matrix):
    handle = Solver(matrix([[1.0, -1.0]], cost=[-1.0, 0.5], row_upper=2.0, integer=True))
    assert handle.solve().status == "unbounded"
    assert handle.primal_ray().min() > 0


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**31))
def test_integer_plans_hold_and_their_bound_is_below(feasible, seed):
    p = feasible(seed, integers=True)
    answer = Solver(p, Options(gap=0.0)).solve()
    relaxed = Solver(replace(p, integer=np.zeros_like(p.integer))).solve()
    assert answer.status == "optimal"
    assert relaxed.objective <= answer.objective + 1e-6
    assert answer.bound <= answer.objective + 1e-6
    assert np.abs(answer.x - answer.x.round())[p.integer].max(initial=0.0) <= 1e-6


def test_a_time_limit_returns_the_plan_with_its_gap(matrix):
    p = knapsack(matrix, 150)
    answer = Solver(p, Options(seconds=0.5, gap=1e-9)).solve()
    assert answer.status == "limit"
    assert 0 < answer.gap < 0.1
    assert answer.accuracy.good
    assert answer.bound <= answer.objective == pytest.approx(p.cost @ answer.x)


def test_no_plan_in_time_is_an_error(matrix):
    for p in (knapsack(matrix, 150), chain(matrix, 200)):
        with pytest.raises(SolverLimitError, match=f"no plan within the 0 s allowed: {len(p.value):,} non-zeros, method .*Allow more time"):
            Solver(p, Options(seconds=0.0)).solve()


class _Hurried:
    """HiGHS that is out of time when the interior point is done, before crossover."""

    def __init__(self, highs):
        self._highs = highs

    def __getattr__(self, name):
        return getattr(self._highs, name)

    def setOptionValue(self, option, value):
        return self._highs.setOptionValue(option, "off" if option == "run_crossover" else value)

    def getModelStatus(self):
        return type("Status", (), {"name": "kTimeLimit"})


def test_an_interior_point_is_no_plan(feasible):
    handle = Solver(feasible(3), Options(method="ipm", seconds=9.0))
    handle._highs = _Hurried(handle._highs)
    with pytest.raises(SolverLimitError, match="no plan within the 9 s allowed"):
        handle.solve()


def test_value_without_end_is_told_before_a_long_solve(matrix, monkeypatch):
    """An interior point takes it for a hard problem, and is out of time."""
    monkeypatch.setattr(options, "SMALL", 0)
    for integer in (False, True):
        p = matrix([[1.0, -1.0]], cost=[-1.0, 0.5], row_upper=2.0, integer=integer)
        handle = Solver(p)
        handle._highs = _Hurried(handle._highs)
        assert handle.solve().status == "unbounded" and escapes(p, handle.primal_ray())


def test_large_problems_are_factorised_where_that_is_installed(matrix, monkeypatch):
    problem = matrix([[1.0, 1.0]], cost=[1.0, 2.0], row_lower=3.0)
    monkeypatch.setattr(options, "SMALL", 0)
    monkeypatch.setattr(options, "LARGE", 1)
    for installed, method in ((False, "ipm"), (True, "hipo")):
        monkeypatch.setattr(options, "has_hipo", lambda installed=installed: installed)
        assert Options().chosen(problem, warm=False) == method
        assert Options().chosen(problem, warm=True) == "simplex"
    monkeypatch.setattr(options, "has_hipo", lambda: False)
    with pytest.raises(ValueError, match="highspy-extras"):
        Options(method="hipo")


@pytest.mark.skipif(not options.has_hipo(), reason="highspy-extras is not installed")
def test_hipo_finds_the_same_vertex_as_simplex(feasible):
    for seed in range(5):
        answers = [Solver(feasible(seed), Options(method=method)).solve() for method in ("hipo", "simplex")]
        assert answers[0].objective == pytest.approx(answers[1].objective, rel=1e-9)
        assert answers[0].method == "hipo"


def test_the_clock_starts_anew_with_every_question(feasible):
    p = feasible(2)
    handle = Solver(p, Options(seconds=0.1))
    for factor in np.linspace(0.5, 2.0, 300):  # more than 0.1 s in all
        handle.update(replace(p, cost=p.cost * factor), warm=False)
        assert handle.solve().status == "optimal"
    assert handle._highs.getRunTime() > 0.0


def test_a_coarse_gap_is_kept(matrix):
    answer = Solver(knapsack(matrix, 60), Options(gap=0.05)).solve()
    assert answer.status == "optimal"
    assert answer.gap <= 0.05


def test_fixed_integers_give_duals(matrix):
    # blocks of 10 at 30, single units at 4: two blocks and three units; a further unit costs 4
    p = matrix([[10.0, 1.0]], cost=[30.0, 4.0], upper=[9.0, 5.0], row_lower=23.0, integer=[True, False])
    handle = Solver(p)
    with pytest.raises(ValueError, match="solve the problem first"):
        handle.fixed()
    answer = handle.solve()
    assert answer.row_dual.tolist() == [0.0]
    held = handle.fixed()
    assert held.x.tolist() == pytest.approx([2.0, 3.0])
    assert held.row_dual.tolist() == pytest.approx([4.0])
    assert held.objective == pytest.approx(answer.objective)
    handle.update(replace(p, row_lower=np.array([24.0])))
    with pytest.raises(ValueError, match="solve the problem first"):
        handle.fixed()


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**31), st.booleans(), st.sampled_from(["cost", "upper", "row", "value", "all"]))
def test_a_changed_question_gets_the_cold_answer(feasible, seed, warm, part):
    p = feasible(seed)
    handle = Solver(p)
    handle.solve()
    rng = np.random.default_rng(seed)
    changed = {
        "cost": p.cost * rng.uniform(0.5, 2, len(p.cost)),
        "upper": p.upper + rng.integers(0, 3, len(p.upper)),
        "row_upper": p.row_upper + rng.random(len(p.row_upper)),
        "value": p.value * rng.uniform(0.9, 1.1, len(p.value)),
    }
    parts = {"row": ["row_upper"], "all": list(changed)}.get(part, [part])
    new = replace(p, **{name: changed[name] for name in parts})
    handle.update(new, warm=warm)
    answer, cold = handle.solve(), Solver(new).solve()
    assert answer.status == cold.status
    assert answer.objective == pytest.approx(cold.objective, abs=1e-7, nan_ok=True)
    handle.update(p)
    assert handle.solve().objective == pytest.approx(Solver(p).solve().objective, abs=1e-7)


def test_another_shape_is_handed_over_whole(matrix):
    handle = Solver(matrix([[1.0, 1.0]], cost=[1.0, 2.0], row_lower=3.0))
    handle.solve()
    for p in (matrix([[0.0, 1.0]], cost=[1.0, 2.0], row_lower=3.0), matrix([[1.0], [2.0]], cost=5.0, row_lower=[3.0, 8.0])):
        handle.update(p)
        assert handle.solve().objective == pytest.approx(Solver(p).solve().objective)
    whole = replace(p, integer=np.ones(1, bool), row_lower=np.array([3.0, 9.0]))
    handle.update(whole)
    assert handle.solve().x.tolist() == [5.0]


def chain(matrix, length: int) -> Template:
    """A stock carried over many periods, dearer and dearer, against a varied demand: some hundred simplex steps."""
    rng = np.random.default_rng(0)
    table = np.hstack([np.eye(length), np.eye(length, k=-1) - np.eye(length)])
    cost = np.append(rng.uniform(1, 9, length), np.full(length, 0.1))
    demand = rng.uniform(1, 3, length)
    return matrix(table, cost=cost, upper=np.repeat([4.0, np.inf], length), row_lower=demand, row_upper=demand)


@pytest.mark.parametrize("what", ["row", "value"])
def test_a_small_change_is_answered_from_the_kept_basis(matrix, what):
    p = chain(matrix, 200)
    handle = Solver(p)
    first = handle.solve()
    new = {
        "row": replace(p, row_lower=p.row_lower * 1.0001, row_upper=p.row_upper * 1.0001),
        "value": replace(p, value=np.where(np.arange(len(p.value)) % 7 == 0, p.value * 1.0001, p.value)),
    }[what]
    handle.update(new)
    warm = handle.solve()
    handle.update(p, warm=False)
    handle.update(new, warm=False)
    cold = handle.solve()
    assert warm.objective == pytest.approx(cold.objective)
    assert warm.iterations < 0.2 * min(first.iterations, cold.iterations) + 1


def test_a_warm_start_that_drags_on_is_given_up(matrix, monkeypatch):
    p = chain(matrix, 200)
    handle = Solver(p)
    handle.solve()
    monkeypatch.setattr("barbell.plan.lp.solver.PATIENCE", 1)
    handle._cold_steps = 0
    rng = np.random.default_rng(1)
    new = replace(p, cost=p.cost[rng.permutation(len(p.cost))])
    handle.update(new)
    assert handle.solve().objective == pytest.approx(Solver(new).solve().objective)


def test_interior_point_ends_at_a_corner(matrix):
    # every point with x + y = 1 is optimal: only the two ends are vertices
    answer = Solver(matrix([[1.0, 1.0]], cost=1.0, row_lower=1.0), Options(method="ipm")).solve()
    assert sorted(answer.x.tolist()) == [0.0, 1.0]


def test_handles_with_other_threads_live_side_by_side(feasible):
    p = feasible(4)
    one, two = Solver(p, Options(threads=1)), Solver(p, Options(threads=2))
    for handle in (one, two, one):
        handle.update(replace(p, cost=handle.problem.cost * 1.5), warm=False)
        assert handle.solve().status == "optimal"


def test_half_the_cores_is_no_number_of_threads():
    with pytest.raises(ValueError, match="0 threads"):
        Options(threads=0)


def test_a_continuous_problem_stays_continuous(matrix):
    # HiGHS reads garbage from an empty array of kinds
    p = matrix([[2.0]], cost=1.0, row_lower=1.0)
    assert [Solver(p).solve().x.tolist() for _ in range(20)] == [[0.5]] * 20


def test_empty_problems(matrix):
    none = matrix(np.zeros((0, 0)), cost=0.0)
    assert (Solver(none).solve().status, Solver(none).solve().objective) == ("optimal", 0.0)
    no_rows = matrix(np.zeros((0, 2)), cost=[1.0, -1.0], upper=3.0)
    assert Solver(no_rows).solve().x.tolist() == [0.0, 3.0]
    assert Solver(replace(no_rows, upper=np.full(2, np.inf))).solve().status == "unbounded"
    for lower, status in ((0.0, "optimal"), (1.0, "infeasible")):
        assert Solver(matrix(np.zeros((1, 0)), cost=0.0, row_lower=lower, row_upper=2.0)).solve().status == status
        assert Solver(matrix(np.zeros((1, 2)), cost=1.0, row_lower=lower, row_upper=2.0)).solve().status == status


def test_numbers_that_highs_cannot_hold_are_refused(matrix):
    with pytest.raises(SolverLimitError, match="refused"):
        Solver(matrix([[1.0]], cost=1.0, lower=np.inf))


def two_stages(feasible, matrix, dense, seed: int) -> Template:
    """A feasible program made two-stage: the first half of its columns is decided first."""
    p = feasible(seed)
    half = len(p.cost) // 2
    return replace(p, column_start=np.array([0, half, len(p.cost)]), row_start=np.array([0, 0, len(p.row_lower)]))


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**31), st.integers(1, 5))
def test_identical_scenarios_cost_what_one_costs(feasible, matrix, dense, seed, count):
    template = two_stages(feasible, matrix, dense, seed)
    one = Solver(template).solve().objective
    assert Solver(tile(Tree.fan(count), template).arrays).solve().objective == pytest.approx(one, abs=1e-6)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**31), st.integers(2, 5))
def test_the_order_of_scenarios_does_not_matter(feasible, matrix, dense, seed, count):
    template = two_stages(feasible, matrix, dense, seed)
    rng = np.random.default_rng(seed)
    at = np.arange(template.column_start[1], template.column_start[2])
    costs = template.cost[at] * rng.uniform(0.5, 2.0, (count, len(at)))
    order = rng.permutation(count)
    found = [Solver(tile(Tree.fan(count), template, [Change(1, "cost", at, c)]).arrays).solve() for c in (costs, costs[order])]
    assert found[0].objective == pytest.approx(found[1].objective, abs=1e-6)
