"""The published benchmark at its smallest size: counts, sums of the draws and optima that other tools found."""

from pathlib import Path

import numpy as np
import pytest

from barbell.plan.lp import Options, Solver

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"


@pytest.fixture
def v0(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from plan_v0 import instance, with_arrays, with_barbell

    return instance, with_barbell, with_arrays


def test_equations_and_bare_arrays_are_the_same_program(v0):
    instance, with_barbell, with_arrays = v0
    drawn = instance.draw("S")  # asserts the sums
    template, _ = with_barbell.build(drawn)
    bare = with_arrays.build(drawn)
    assert (len(template.row_lower), len(template.cost), len(template.value)) == instance.COUNTS["S"]
    for name, array in zip(("cost", "lower", "upper", "row_lower", "row_upper", "start", "index", "value"), bare, strict=True):
        ours = getattr(template, name)
        assert ours.shape == array.shape, name
        if name not in ("start", "index", "value", "row_lower", "row_upper"):  # the rows stand in another order
            np.testing.assert_allclose(ours, array, rtol=1e-14, err_msg=name)
    np.testing.assert_allclose(np.sort(template.value), np.sort(bare[-1]), rtol=1e-14)


@pytest.mark.parametrize("method", ["simplex", "ipm"])
def test_the_optimum_of_eight_scenarios_is_the_published_one(v0, method):
    instance, with_barbell, _ = v0
    template, _ = with_barbell.build(instance.draw("S"))
    assert Solver(template, Options(method=method)).solve().objective == pytest.approx(-5965.346493, abs=1e-6)


def test_the_optimum_of_one_scenario_is_the_published_one(v0):
    instance, with_barbell, _ = v0
    template, _ = with_barbell.build(instance.draw("S", 1))
    assert len(template.value) == 3350
    answer = Solver(template).solve()
    assert answer.objective == pytest.approx(-7027.706350, abs=1e-6)


def test_warm_answers_are_the_cold_ones_at_a_fraction_of_the_steps(v0):
    from dataclasses import replace

    instance, with_barbell, _ = v0
    drawn = instance.draw("S", 1)
    handle = Solver(with_barbell.build(drawn)[0])
    handle.solve()
    warm, cold = 0, 0
    for factor in np.linspace(0.9, 1.1, 10):
        changed = with_barbell.build(replace(drawn, budget=drawn.budget * factor))[0]
        handle.update(changed)
        ours, fresh = handle.solve(), Solver(changed).solve()
        assert ours.objective == pytest.approx(fresh.objective, rel=1e-9)
        warm, cold = warm + ours.iterations, cold + fresh.iterations
    assert warm < cold / 5
