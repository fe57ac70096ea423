"""The handle on HiGHS: arrays in, a verified solution out; kept alive, so that a changed question is answered warm.

The method is chosen explicitly by size and kind, and no status word is believed: feasibility and optimality are
recomputed in NumPy from the numbers themselves (`verify`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from barbell.core.errors import SolverLimitError
from barbell.plan.lp.template import Floats, Ints, Template
from barbell.plan.lp.verify import Accuracy, verify

SMALL = 50_000
"""Non-zeros up to which dual simplex is faster than interior point (measured, see benchmarks/)."""

Status = Literal["optimal", "infeasible", "unbounded", "limit"]
_STATUS: dict[str, Status] = {"kOptimal": "optimal", "kInfeasible": "infeasible", "kUnbounded": "unbounded"}


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
        self._highs = _handle()
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
        """Solve and verify; raises SolverLimitError when time or accuracy ran out before a verified answer."""
        begun = time.perf_counter()
        method = self._choose()
        status = self._run()
        info = self._highs.getInfo()
        found = self._highs.getSolution()
        integer = bool(self._problem.integer.any())
        if status != "optimal":
            self._highs.clearSolver()
            return _nothing(status, method, time.perf_counter() - begun)
        x, row, column = (np.asarray(part) for part in (found.col_value, found.row_dual, found.col_dual))
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
        status = self._highs.getModelStatus().name
        if status == "kUnboundedOrInfeasible":
            self._highs.setOptionValue("presolve", "off")
            self._highs.run()
            self._highs.setOptionValue("presolve", "choose")
            status = self._highs.getModelStatus().name
        return _STATUS.get(status, "limit")

    def _do(self, status: Any) -> None:
        if status.name == "kError":
            raise SolverLimitError("HiGHS refused the problem: a number is too large, or memory ran out")


def _handle() -> Any:
    """A silent HiGHS, imported only now: writing a program does not need it, and its stubs leave half of it out."""
    import highspy

    highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.silent()
    return highs


def _differ(*pairs: Floats) -> Ints:
    """Where any pair of arrays differs."""
    changed = np.zeros(len(pairs[0]), bool)
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        changed |= old != new
    return np.flatnonzero(changed).astype(np.int32)


def _nothing(status: Status, method: str, seconds: float) -> Solution:
    none = np.zeros(0)
    return Solution(status, np.nan, none, none, none, Accuracy(np.nan, np.nan, np.nan), np.nan, method, 0, seconds)
