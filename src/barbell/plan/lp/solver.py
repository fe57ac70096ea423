"""The handle on HiGHS: arrays in, a verified solution out; kept alive, so that a changed question is answered warm.

The method is chosen explicitly by size and kind, and no status word is believed: feasibility and optimality are
recomputed in NumPy from the numbers themselves (`verify`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any, Literal

import highspy
import numpy as np

from barbell.core.errors import SolverLimitError
from barbell.plan.lp.template import Floats, Ints, Template
from barbell.plan.lp.verify import Accuracy, proves_infeasible, proves_unbounded, verify

SMALL = 50_000
"""Non-zeros up to which dual simplex is faster than interior point (measured, see benchmarks/)."""

Status = Literal["optimal", "infeasible", "unbounded", "limit"]
_STATUS: dict[Any, Status] = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kModelEmpty: "optimal",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnbounded: "unbounded",
}


@dataclass(frozen=True)
class Options:
    """How to solve: seconds at most, relative gap of integer plans, threads, and the method (empty: by size and kind)."""

    seconds: float = 600.0
    gap: float = 1e-4
    threads: int = 1
    method: Literal["", "simplex", "ipm"] = ""


@dataclass(frozen=True)
class Solution:
    """What the solver found: columns (n,), row and column duals (cost per unit of right-hand side), and how good they are."""

    status: Status
    objective: float
    x: Floats
    row_dual: Floats
    column_dual: Floats
    accuracy: Accuracy
    bound: float
    method: str
    iterations: int
    seconds: float

    @property
    def gap(self) -> float:
        """Relative distance to the best bound; zero for a continuous problem at its optimum."""
        return abs(self.objective - self.bound) / max(1.0, abs(self.objective))


class Solver:
    """One problem in HiGHS. `update` changes numbers in place; `solve` starts from the last basis."""

    def __init__(self, problem: Template, options: Options | None = None) -> None:
        self.options = options or Options()
        self._problem = problem
        self._rays: dict[str, Floats] = {}
        self._highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        self._highs.silent()
        self._highs.setOptionValue("small_matrix_value", 1e-12)  # by default it drops what is below 1e-9
        self._pass()

    @property
    def problem(self) -> Template:
        """The arrays that the handle holds now."""
        return self._problem

    def update(self, problem: Template) -> None:
        """Make the handle hold `problem`; where only numbers differ they are changed in place and the basis is kept."""
        old, self._problem = self._problem, problem
        if not old.same_shape(problem):
            self._pass()
            return
        cost = _differ(old.cost, problem.cost)
        self._do(self._highs.changeColsCost(len(cost), cost, problem.cost[cost]))
        column = _differ(old.lower, problem.lower, old.upper, problem.upper)
        self._do(self._highs.changeColsBounds(len(column), column, problem.lower[column], problem.upper[column]))
        row = _differ(old.row_lower, problem.row_lower, old.row_upper, problem.row_upper)
        self._do(self._highs.changeRowsBounds(len(row), row, problem.row_lower[row], problem.row_upper[row]))
        for entry in _differ(old.value, problem.value):
            at = int(np.searchsorted(problem.start, entry, side="right")) - 1
            self._do(self._highs.changeCoeff(at, int(problem.index[entry]), float(problem.value[entry])))

    def solve(self) -> Solution:
        """Solve and verify; raises SolverLimitError when the solver's word does not hold in its own numbers.

        A continuous problem called infeasible or unbounded must come with a certificate (`dual_ray`, `primal_ray`).
        A whole-number problem that ran out of time keeps the best plan found, with its gap and status "limit".
        """
        begun = time.perf_counter()
        method = self._choose()
        status = self._run()
        info = self._highs.getInfo()
        found = self._highs.getSolution()
        integer = bool(self._problem.integer.any())
        if status != "optimal" and not (integer and status == "limit" and found.value_valid):
            if status in ("infeasible", "unbounded") and not integer:
                self._rays[status] = self._certificate(status)
            self._highs.clearSolver()
            return _nothing(status, method, time.perf_counter() - begun)
        x, row, column = (np.asarray(part, float) for part in (found.col_value, found.row_dual, found.col_dual))
        if integer:
            row, column = np.zeros(len(self._problem.row_lower)), np.zeros(len(x))
        accuracy = verify(self._problem, x, None if integer else row)
        if not accuracy.good:
            raise SolverLimitError(f"the solver says optimal, but its numbers do not hold: {accuracy}")
        return Solution(
            status=status,
            objective=float(self._problem.cost @ x),
            x=x,
            row_dual=row,
            column_dual=column,
            accuracy=accuracy,
            bound=float(info.mip_dual_bound) if integer else float(self._problem.cost @ x),
            method="branch and bound" if integer else method,
            iterations=int(info.simplex_iteration_count) + max(0, int(info.ipm_iteration_count)),
            seconds=time.perf_counter() - begun,
        )

    def dual_ray(self) -> Floats:
        """(rows,) multipliers that prove the last problem infeasible: their combination of the rows cannot be met within the bounds."""
        return self._rays["infeasible"]

    def primal_ray(self) -> Floats:
        """(columns,) direction in which the last problem gains without end."""
        return self._rays["unbounded"]

    def fixed(self) -> Solution:
        """The last solution with its whole numbers held fast, solved as a continuous problem: where its duals come from."""
        whole = self._problem.integer
        x = np.round(np.asarray(self._highs.getSolution().col_value))
        lower, upper = (np.where(whole, x, bound) for bound in (self._problem.lower, self._problem.upper))
        problem = replace(self._problem, lower=lower, upper=upper, integer=np.zeros(len(whole), bool))
        return Solver(problem, self.options).solve()

    def _certificate(self, status: Status) -> Floats:
        """The solver's ray if it holds, else one of our own; raises SolverLimitError if neither proves the status."""
        read = self._highs.getDualRay if status == "infeasible" else self._highs.getPrimalRay
        proves = proves_infeasible if status == "infeasible" else proves_unbounded
        _, there, ray = read()
        candidates = [np.asarray(ray, float)] if there else []
        for found in [*candidates, *(-c for c in candidates)]:
            if proves(self._problem, found):
                return found
        own = self._elastic() if status == "infeasible" else self._boxed()
        if not proves(self._problem, own):
            raise SolverLimitError(f"the solver says {status}, but no certificate of it holds")
        return own

    def _elastic(self) -> Floats:
        """Duals of the least total violation of the rows: a proof of infeasibility if that is not nil."""
        p, m = self._problem, len(self._problem.row_lower)
        keys = np.concatenate([np.repeat(np.arange(m), np.diff(p.start)), np.arange(m), np.arange(m)])
        order = np.argsort(keys, kind="stable")
        slack = np.arange(2 * m, dtype=np.int32) + len(p.cost)
        signs = np.repeat([1.0, -1.0], m)
        elastic = Template(
            np.append(np.zeros(len(p.cost)), np.ones(2 * m)),
            np.append(p.lower, np.zeros(2 * m)), np.append(p.upper, np.full(2 * m, np.inf)),
            np.zeros(len(p.cost) + 2 * m, bool), p.row_lower, p.row_upper, (p.start + 2 * np.arange(m + 1)).astype(np.int32),
            np.concatenate([p.index, slack])[order].astype(np.int32), np.concatenate([p.value, signs])[order],
            np.array([0, len(p.cost) + 2 * m]), np.array([0, m]),
        )  # fmt: skip
        return Solver(elastic, self.options).solve().row_dual

    def _boxed(self) -> Floats:
        """The best direction within a box that no bound or row stops."""
        p = self._problem
        stops = [np.where(np.isfinite(bound), 0.0, sign) for bound, sign in ((p.lower, -1.0), (p.upper, 1.0))]
        walls = [np.where(np.isfinite(bound), 0.0, sign * np.inf) for bound, sign in ((p.row_lower, -1.0), (p.row_upper, 1.0))]
        problem = replace(p, lower=stops[0], upper=stops[1], row_lower=walls[0], row_upper=walls[1], integer=np.zeros(len(p.cost), bool))
        return Solver(problem, self.options).solve().x

    def _pass(self) -> None:
        p = self._problem
        n, m = len(p.cost), len(p.row_lower)
        self._highs.clearModel()
        kind = p.integer.astype(np.int32)  # an empty array is read as garbage: always pass n values
        row_wise, minimise = 2, 1
        self._do(
            self._highs.passModel(
                n, m, len(p.value), row_wise, minimise, 0.0,
                p.cost, p.lower, p.upper, p.row_lower, p.row_upper, p.start, p.index, p.value, kind,
            )
        )  # fmt: skip

    def _choose(self) -> str:
        large = len(self._problem.value) > SMALL and not self._highs.getBasis().valid
        method = self.options.method or ("ipm" if large else "simplex")
        self._highs.setOptionValue("solver", "choose" if self._problem.integer.any() else method)
        self._highs.setOptionValue("run_crossover", "on")  # the plan shown is a vertex
        self._highs.setOptionValue("mip_rel_gap", self.options.gap)
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + self.options.seconds)  # its clock runs on
        self._highs.setOptionValue("threads", self.options.threads)
        self._highs.setOptionValue("primal_feasibility_tolerance", 1e-9)
        self._highs.setOptionValue("dual_feasibility_tolerance", 1e-9)
        return method

    def _run(self) -> Status:
        self._highs.run()
        status = self._highs.getModelStatus()
        if status == highspy.HighsModelStatus.kUnboundedOrInfeasible:
            self._highs.setOptionValue("presolve", "off")
            self._highs.run()
            self._highs.setOptionValue("presolve", "choose")
            status = self._highs.getModelStatus()
        return _STATUS.get(status, "limit")

    def _do(self, status: Any) -> None:
        if status == highspy.HighsStatus.kError:
            raise SolverLimitError("HiGHS refused the problem: a number is too large, or memory ran out")


def _differ(*pairs: Floats) -> Ints:
    """Where any pair of arrays differs."""
    changed = np.zeros(len(pairs[0]), bool)
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        changed |= old != new
    return np.flatnonzero(changed).astype(np.int32)


def _nothing(status: Status, method: str, seconds: float) -> Solution:
    none = np.zeros(0)
    return Solution(status, np.nan, none, none, none, Accuracy(np.nan, np.nan, np.nan), np.nan, method, 0, seconds)
