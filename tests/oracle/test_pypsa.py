"""Barbell and PyPSA on the problems that both can state: the same optimum, and prices that hold in PyPSA's own matrix."""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

import numpy as np
import pytest

from barbell.plan import solve, write
from barbell.plan.lp import Solver
from tests.oracle.network import Twin, case_of, network_of, twin

pytest.importorskip("pypsa")
pytestmark = [
    pytest.mark.oracle,
    # PyPSA 1.4 computes with linopy's old semantics, fails under the new ones, and linopy warns of that at every step
    pytest.mark.filterwarnings("ignore::linopy.config.LinopySemanticsWarning"),
]

SEEDS = range(40)
STEP = 1e-3
FLOWS = ("power@s0", "power@s1", "tok@world")


class Matrix(NamedTuple):
    """PyPSA's problem: minimise ``c x`` with ``A x (sense) b`` and bounds; senses are ``=``, ``<`` and ``>``.

    `row` finds the balance of a bus, period and slice.
    """

    a: Any
    b: np.ndarray
    c: np.ndarray
    sense: np.ndarray
    bounds: list[tuple[float, float]]
    row: dict[tuple[str, int, int], int]

    def least(self, c: np.ndarray, b: np.ndarray, keep: np.ndarray) -> float:
        """The least cost subject to some of the rows; infinite when they cannot all hold."""
        from scipy.optimize import linprog
        from scipy.sparse import vstack

        equal, most, least = (keep & (self.sense == sign) for sign in ("=", "<", ">"))
        upper = np.concatenate([b[most], -b[least]])
        found = linprog(
            c, vstack([self.a[most], -self.a[least]]), upper, self.a[equal], b[equal], self.bounds, "highs-ds",
            options={"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9},
        )  # fmt: skip
        if found.status == 2:
            return np.inf
        assert found.status == 0, found.message
        return float(found.fun)


def network_optimum(it: Twin) -> tuple[float, Any]:
    """The least cost that PyPSA finds, and its network."""
    logging.getLogger("pypsa").setLevel(logging.ERROR)
    logging.getLogger("linopy").setLevel(logging.ERROR)
    n = network_of(it)
    precise = {"solver": "simplex", "primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9, "output_flag": False}
    status = n.optimize(solver_name="highs", multi_investment_periods=True, include_objective_constant=False, solver_options=precise)
    assert status == ("ok", "optimal")
    return float(n.objective), n


def matrix_of(it: Twin, n: Any) -> Matrix:
    """The arrays behind PyPSA's network."""
    m = n.model.matrices
    place = {int(label): row for row, label in enumerate(m.clabels)}
    labels = n.model.constraints["Bus-nodal_balance"].labels
    row = {}
    for bus in FLOWS:
        for t, year in enumerate(it.periods):
            for z in range(len(it.hours)):
                label = int(labels.sel(name=bus, snapshot=(year, f"z{z}")))
                row[bus, t, z] = place[label]
    return Matrix(m.A.tocsr(), np.asarray(m.b), np.asarray(m.c), np.asarray(m.sense), list(zip(m.lb, m.ub, strict=True)), row)


def prices_of(it: Twin) -> dict[tuple[str, int, int], float]:
    """Barbell's cost of one unit more asked of each flow in each period and slice."""
    model = write(case_of(it))
    dual = Solver(model.template).solve().row_dual
    block = model.template.rows["balance"]
    accounts = list(block.labels[0])
    return {
        (bus, t, z): float(dual[block.index[accounts.index(bus), t, z]]) for bus in FLOWS for t in range(len(it.years)) for z in range(len(it.hours))
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_the_optimum_is_that_of_pypsa_and_the_prices_hold_in_its_matrix(seed):
    it = twin(seed)
    cost, network = network_optimum(it)
    assert solve(case_of(it)).value == pytest.approx(-cost, rel=1e-8, abs=1e-8)
    matrix, price = matrix_of(it, network), prices_of(it)
    everything = np.ones(len(matrix.b), bool)
    scale = float(np.abs(matrix.c).max()) * 100
    assert matrix.least(matrix.c, matrix.b, everything) == pytest.approx(cost, rel=1e-8, abs=1e-10 * scale)
    _holds(matrix, price, cost, everything, scale)
    _brackets(matrix, price, cost, everything, np.random.default_rng(seed))


def _holds(matrix: Matrix, price: dict[tuple[str, int, int], float], cost: float, everything: np.ndarray, scale: float) -> None:
    """Dual feasible and complementary: with the balances left to their prices, nothing cheaper is left to do."""
    keep, pi = everything.copy(), np.zeros(len(matrix.b))
    for key, row in matrix.row.items():
        keep[row], pi[row] = False, price[key]
    relaxed = matrix.least(matrix.c - matrix.a.T @ pi, matrix.b, keep) + float(pi @ matrix.b)
    assert relaxed == pytest.approx(cost, rel=1e-8, abs=1e-9 * scale)


def _brackets(matrix: Matrix, price: dict[tuple[str, int, int], float], cost: float, everything: np.ndarray, random: np.random.Generator) -> None:
    """The price lies between what one unit less saves and what one unit more costs."""
    keys = list(matrix.row)
    for number in random.choice(len(keys), min(4, len(keys)), replace=False):
        more, less = (matrix.b.copy() for _ in range(2))
        more[matrix.row[keys[number]]] += STEP
        less[matrix.row[keys[number]]] -= STEP
        above = (matrix.least(matrix.c, more, everything) - cost) / STEP
        below = (cost - matrix.least(matrix.c, less, everything)) / STEP
        slack = 1e-6 * (1 + abs(price[keys[number]]))
        assert below - slack <= price[keys[number]] <= above + slack
