"""The handle on HiGHS: arrays in, a verified answer out; kept alive, so that a changed question is answered warm.

The method is chosen explicitly by size and kind, and no status word is believed: optimality is recomputed in NumPy from the
numbers themselves (`verify`), infeasibility and unboundedness from a ray (`ray`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from barbell.core.errors import SolverLimitError
from barbell.plan.lp.options import Options, large, settings
from barbell.plan.lp.ray import boxed, contradicts, crossed, elastic, escapes
from barbell.plan.lp.template import Floats, Ints, Template
from barbell.plan.lp.verify import TOLERANCE, Accuracy, verify

PATIENCE = 1_000
"""Simplex steps that a warm start may always take; beyond these and twice the steps of the last cold start it is given up."""

LOOK = 0.05
"""Share of the seconds allowed that may go into looking for value without end before a long solve."""

Status = Literal["optimal", "infeasible", "unbounded", "limit"]
_NO_OPTIMUM = ("kInfeasible", "kUnbounded", "kUnboundedOrInfeasible")


@dataclass(frozen=True)
class Solution:
    """What the solver found: columns (n,), row and column duals (cost per unit of right-hand side), and how good they are.

    `status` "limit" is a feasible integer plan whose `gap` could not be closed in time. The arrays are empty where there is
    no plan; integer plans have no duals (see `Solver.fixed`). `certified` is False only where the solver's word had to do:
    an integer problem called infeasible twice although its relaxation is feasible, or a large problem called so without a ray.
    """

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
    certified: bool = True

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
        self._cold_steps = 0
        self._begun = 0.0
        self._last: Solution | None = None
        self._ray: Floats | None = None
        self._pass()

    @property
    def problem(self) -> Template:
        """The arrays that the handle holds now."""
        return self._problem

    def update(self, problem: Template, *, warm: bool = True) -> None:
        """Make the handle hold `problem`; where only numbers differ, the next solve starts from the last basis.

        A kept basis switches presolve off: pass ``warm=False`` when so much changed that a fresh start is the quicker one.
        """
        old, self._problem = self._problem, problem
        self._last = self._ray = None
        if not old.same_shape(problem):
            self._pass()
            return
        if not np.array_equal(old.value, problem.value):
            basis = self._highs.getBasis()
            self._pass()  # handing over everything is cheaper than changing coefficients one by one
            if basis.valid:
                self._do(self._highs.setBasis(basis))
        else:
            self._change(old, problem)
        if not warm:
            self._highs.clearSolver()

    def solve(self) -> Solution:
        """Solve, and verify what is said of the answer.

        Raises SolverLimitError when time, memory or accuracy ran out before a plan was found or a verdict was proven.
        """
        self._begun = time.perf_counter()
        self._last = self._ray = None
        warm = bool(self._highs.getBasis().valid)
        if self.options.chosen(self._problem, warm=warm) != "simplex" and (ray := self._steepest()) is not None:
            self._last = self._endless(ray)  # an interior point would take it for a hard problem, and not come to an end
            return self._last
        word = self._run()
        if word in _NO_OPTIMUM:
            self._last = self._integer_verdict(word) if self._integer else self._verdict(word)
            self._highs.clearSolver()
            return self._last
        solution = self._read(word)
        if solution is None and warm and word != "kTimeLimit":
            self._highs.clearSolver()
            word = self._run()
            solution = self._read(word)
        if solution is None and word == "kTimeLimit":
            size, method = len(self._problem.value), self._highs.getOptionValue("solver")[1]
            raise SolverLimitError(f"no plan within the {self.options.seconds:g} s allowed: {size:,} non-zeros, method {method}. Allow more time")
        if solution is None:
            raise SolverLimitError(f"the solver stopped with {word} after {self._elapsed():.1f} s; no numbers of it hold")
        self._last = solution
        return solution

    def fixed(self) -> Solution:
        """The last plan again with its integers held where they are: a continuous problem, so that it has duals.

        Raises ValueError if there is no plan yet, SolverLimitError if rounding the integers makes it infeasible.
        """
        if self._last is None or len(self._last.x) != len(self._problem.cost):
            raise ValueError("solve the problem first: there is no plan whose integers could be held")
        if not self._integer:
            return self._last
        p, whole = self._problem, self._problem.integer
        at = np.round(self._last.x)
        lower, upper = np.where(whole, at, p.lower), np.where(whole, at, p.upper)
        solution = Solver(replace(p, lower=lower, upper=upper, integer=np.zeros_like(whole)), self.options).solve()
        if solution.status != "optimal":
            raise SolverLimitError("the integer plan holds only within the solver's tolerance: rounded, it is infeasible")
        return solution

    def dual_ray(self) -> Floats:
        """(rows,) weights that prove the last answer "infeasible" (`ray.contradicts`); where bounds cross, ones at those rows.

        Raises ValueError if the last answer was another, or is not certified.
        """
        return self._proof("infeasible")

    def primal_ray(self) -> Floats:
        """(columns,) the direction that proves the last answer "unbounded" (`ray.escapes`).

        Raises ValueError if the last answer was another.
        """
        return self._proof("unbounded")

    @property
    def proven(self) -> bool:
        """Whether the last answer was that there is no optimum, with a ray that proves it."""
        return self._ray is not None

    def _proof(self, status: Status) -> Floats:
        if self._last is None or self._last.status != status or self._ray is None:
            raise ValueError(f"there is no ray: the last answer was not a certified '{status}'")
        return self._ray

    @property
    def _integer(self) -> bool:
        return bool(self._problem.integer.any())

    def _elapsed(self) -> float:
        return time.perf_counter() - self._begun

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

    def _change(self, old: Template, new: Template) -> None:
        cost = _differ(old.cost, new.cost)
        self._do(self._highs.changeColsCost(len(cost), cost, new.cost[cost]))
        column = _differ(old.lower, new.lower, old.upper, new.upper)
        self._do(self._highs.changeColsBounds(len(column), column, new.lower[column], new.upper[column]))
        row = _differ(old.row_lower, new.row_lower, old.row_upper, new.row_upper)
        self._do(self._highs.changeRowsBounds(len(row), row, new.row_lower[row], new.row_upper[row]))

    def _run(self, presolve: str = "choose") -> str:
        """Run HiGHS and return its word; a warm start that drags on is given up for a cold one."""
        warm = bool(self._highs.getBasis().valid) and not self._integer
        for option, value in settings("choose" if self._integer else self.options.chosen(self._problem, warm=warm), self.options).items():
            self._set(option, value)
        self._set("presolve", presolve)
        self._set("mip_rel_gap", self.options.enough(self._problem))
        self._set("time_limit", self._highs.getRunTime() + self.options.seconds)  # its clock runs on
        steps = max(PATIENCE, 2 * self._cold_steps) if warm else np.iinfo(np.int32).max
        self._set("simplex_iteration_limit", int(steps))
        if self._highs.run().name == "kError":
            # all handles of a process share their threads: another number of them needs a new pool
            self._highs.resetGlobalScheduler(True)  # noqa: FBT003
            self._do(self._highs.run())
        word = str(self._highs.getModelStatus().name)
        if warm and word == "kIterationLimit":
            self._highs.clearSolver()
            return self._run(presolve)
        if not warm:
            self._cold_steps = max(0, int(self._highs.getInfo().simplex_iteration_count))
        return word

    def _read(self, word: str) -> Solution | None:
        """The answer that HiGHS holds, if its numbers are as good as its kind of problem demands."""
        found, info, integer = self._highs.getSolution(), self._highs.getInfo(), self._integer
        x, row, column = (np.asarray(part, np.float64) for part in (found.col_value, found.row_dual, found.col_dual))
        if word == "kModelEmpty":  # no columns, whatever the rows ask for
            x, row, column = np.zeros(0), np.zeros(len(self._problem.row_lower)), np.zeros(0)
            if not verify(self._problem, x, None).good:
                return self._verdict("kInfeasible")
        elif not found.value_valid or len(x) != len(self._problem.cost) or not (integer or found.dual_valid):
            return None
        elif word == "kTimeLimit" and not integer and not self._highs.getBasis().valid:
            return None  # good numbers, but of the interior: time ran out before crossover found the vertex
        if integer:
            row, column = np.zeros(len(self._problem.row_lower)), np.zeros(len(x))
        accuracy = verify(self._problem, x, None if integer else row)
        objective = float(self._problem.cost @ x)
        bound = float(info.mip_dual_bound) if integer else objective
        if not accuracy.good or bound > objective + TOLERANCE * max(1.0, abs(objective)):
            return None
        return Solution(
            status="limit" if integer and word != "kOptimal" else "optimal",
            objective=objective,
            x=x,
            row_dual=row,
            column_dual=column,
            accuracy=accuracy,
            bound=bound,
            method="branch and bound" if integer else str(self._highs.getOptionValue("solver")[1]),
            iterations=max(0, int(info.simplex_iteration_count)) + max(0, int(info.ipm_iteration_count)),
            seconds=self._elapsed(),
        )

    def _verdict(self, word: str) -> Solution:
        """Prove what HiGHS says of a continuous problem without an optimum."""
        if word != "kInfeasible" and (ray := self._direction()) is not None:
            return self._endless(ray)
        self._ray = self._weights()
        if self._ray is not None:
            return self._nothing("infeasible")
        if word == "kInfeasible" and large(self._problem):
            return self._nothing("infeasible", certified=False)
        self._highs.clearSolver()
        if (again := self._run("off")) not in _NO_OPTIMUM and (solution := self._read(again)) is not None:
            return solution
        raise SolverLimitError(f"the solver says {word}, but neither a ray nor a plan bears it out")

    def _endless(self, ray: Floats) -> Solution:
        """The verdict where a direction escapes: it proves nothing where there is no plan to start from."""
        start = Solver(replace(self._problem, cost=np.zeros(len(self._problem.cost))), self.options)
        found = start.solve()
        if found.status == "infeasible":
            self._ray = start._ray
            return self._nothing("infeasible", certified=found.certified)
        self._ray = ray
        return self._nothing("unbounded")

    def _integer_verdict(self, word: str) -> Solution:
        """Prove it by the relaxation if that has no optimum either; else ask again without presolve (HiGHS issue 3258)."""
        relaxed = Solver(replace(self._problem, integer=np.zeros_like(self._problem.integer)), self.options)
        found = relaxed.solve()
        if found.status == "infeasible":
            self._ray = relaxed._ray
            return self._nothing("infeasible", certified=found.certified)
        if found.status == "unbounded":
            return self._endless(relaxed.primal_ray())
        self._highs.clearSolver()
        again = self._run("off")
        if again == "kInfeasible":
            return self._nothing("infeasible", certified=False)
        if again not in _NO_OPTIMUM and (solution := self._read(again)) is not None:
            return solution
        raise SolverLimitError(f"the solver says {word} and then {again} of an integer problem, without a plan")

    def _weights(self) -> Floats | None:
        """A proven dual ray: from HiGHS, or from the program of least misses."""
        p = self._problem
        rows = crossed(p.row_lower, p.row_upper)
        if rows.any() or crossed(p.lower, p.upper).any():
            return rows.astype(np.float64)
        _, has, ray = self._highs.getDualRay()
        if has:
            for candidate in (np.asarray(ray), -np.asarray(ray)):
                if contradicts(p, candidate):
                    return candidate
        if large(self._problem):
            return None
        helper = Solver(elastic(p), self.options)
        helper._run()
        candidate = np.asarray(helper._highs.getSolution().row_dual, np.float64)
        return candidate if contradicts(p, candidate) else None

    def _direction(self) -> Floats | None:
        """A proven primal ray: from HiGHS, or from the program of the steepest direction."""
        _, has, ray = self._highs.getPrimalRay()
        if has and escapes(self._problem, np.asarray(ray)):
            return np.asarray(ray)
        return self._steepest()

    def _steepest(self) -> Floats | None:
        """A proven primal ray from the program of the steepest direction, which is small beside the problem; none where it takes too long."""
        helper = Solver(boxed(self._problem), replace(self.options, method="simplex", seconds=LOOK * self.options.seconds))
        helper._run()
        candidate = np.asarray(helper._highs.getSolution().col_value, np.float64)
        return candidate if escapes(self._problem, candidate) else None

    def _nothing(self, status: Status, *, certified: bool = True) -> Solution:
        none, nan = np.zeros(0), float("nan")
        method = str(self._highs.getOptionValue("solver")[1])
        return Solution(status, nan, none, none, none, Accuracy(nan, nan, nan), nan, method, 0, self._elapsed(), certified)

    def _set(self, option: str, value: Any) -> None:
        self._do(self._highs.setOptionValue(option, value))

    def _do(self, status: Any) -> None:
        if status.name == "kError":
            raise SolverLimitError("HiGHS refused the problem: a number is not finite or too large, or memory ran out")


def _handle() -> Any:
    """A silent HiGHS, imported only now: writing a program does not need it, and its stubs leave half of it out."""
    import highspy

    highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.silent()
    for option, value in settings("choose", Options()).items():
        highs.setOptionValue(option, value)  # some count from the moment at which arrays are handed over
    return highs


def _differ(*pairs: Floats) -> Ints:
    """Where any pair of arrays differs."""
    changed = np.zeros(len(pairs[0]), bool)
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        changed |= old != new
    return np.flatnonzero(changed).astype(np.int32)
