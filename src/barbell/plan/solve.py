"""From a case to a plan: write, solve, verify, read the answer into tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from barbell.core.case import Case
from barbell.core.clock import Floats
from barbell.core.errors import LedgerError, SolverLimitError
from barbell.plan.lp import Options, Solution, Solver, large
from barbell.plan.tree import Forest, plant
from barbell.plan.whole import Search, chain

if TYPE_CHECKING:
    import polars as pl

TIE = 1e-6
"""Largest relative difference accepted between the solver's objective and the value recomputed from the lines."""


@dataclass(frozen=True)
class Status:
    """How the plan was found: method, seconds of solving, iterations, relative gap, size, and residuals."""

    method: str
    seconds: float
    iterations: int
    gap: float
    columns: int
    rows: int
    nonzeros: int
    accuracy: str


@dataclass(frozen=True)
class Plan:
    """An optimal plan: `value` in the case's money, its `parts`, `tables` by name, and what is needed to price it.

    Plans in whole blocks are best to within `status.gap`, and `priced` with their blocks held; `search` found them, where they are large.
    """

    case: Case
    forest: Forest
    solver: Solver
    solution: Solution
    priced: Solution
    search: Search | None = None

    @property
    def value(self) -> float:
        """Value of the plan: the objective."""
        return -self.solution.objective

    @property
    def most(self) -> float:
        """What no plan can be worth more than: the value, or for whole blocks the bound that the gap is told against."""
        return -self.solution.bound

    @property
    def status(self) -> Status:
        """How it was found."""
        s, arrays = self.solution, self.forest.problem.arrays
        size = len(arrays.cost), len(arrays.row_lower), len(arrays.value)
        return Status(s.method, s.seconds, s.iterations, s.gap, *size, str(s.accuracy))

    @cached_property
    def parts(self) -> dict[str, float]:
        """Value by part, expected over the futures, discounted; they sum to the value."""
        from barbell.plan.worth import parts

        return parts(self)

    @cached_property
    def tables(self) -> Mapping[str, pl.DataFrame]:
        """Orders, fleet, activity, served, contracts, stocks, limits, money, debts and prices, one row per number."""
        from barbell.plan.tables import tables

        return tables(self)

    def seen(self, branch: int) -> Floats:
        """Columns of the template as one branch sees them; NaN for what lies beyond it."""
        columns = self.forest.columns[branch]
        return np.where(columns >= 0, self.solution.x[columns], np.nan)


def solve(case: Case, *, options: Options | None = None, progress: Callable[[str], None] | None = None) -> Plan:
    """Plan a case.

    Raises InfeasibleError with the smallest set of limits that collide, UnboundedError with the free lunch, and
    SolverLimitError when time or accuracy ran out; LedgerError means a bug.
    """
    say = progress or _silent
    say("writing the equations")
    forest = plant(case)
    return answer(forest, Solver(forest.problem.arrays, options), say)


def again(plan: Plan, case: Case) -> Plan:
    """Plan a changed case on the handle of an earlier plan: where only numbers differ, it starts from that plan.

    The earlier plan keeps its numbers, but the handle is now the new one's. Raises what `solve` raises.
    """
    forest = plant(case)
    plan.solver.update(forest.problem.arrays)
    return answer(forest, plan.solver)


def _silent(_: str) -> None:
    """Progress that nobody wants to hear of."""


def answer(forest: Forest, solver: Solver, say: Callable[[str], None] = _silent) -> Plan:
    """Solve a written problem that a handle holds, verify the answer and tie its value. Raises what `solve` raises."""
    found = attempt(forest, solver, say)
    if isinstance(found, Plan):
        return found
    from barbell.plan.diagnose import diagnose

    say(f"{found}: looking for the reason")
    raise diagnose(forest, solver, found)


def attempt(forest: Forest, solver: Solver, say: Callable[[str], None] = _silent) -> Plan | str:
    """The answer, or what is said in place of one, for those who look for the reason in their own way."""
    arrays = forest.problem.arrays
    say(f"solving {len(arrays.cost):,} columns, {len(arrays.row_lower):,} rows, {len(arrays.value):,} non-zeros")
    if arrays.integer.any() and large(arrays):
        search = Search.of(chain(forest), solver.options)
        solution = search.run(say)
        if solution is not None:
            return _tied(Plan(forest.case, forest, solver, solution, search.priced, search))
        say("branch and bound: rounding found no plan in whole blocks")
    solution = solver.solve()
    if solution.status in ("infeasible", "unbounded"):
        return solution.status
    if not solution.x.size:
        raise SolverLimitError(f"no plan within {solver.options.seconds:g} s; allow more time or a wider gap")
    priced = solver.fixed() if arrays.integer.any() else solution
    return _tied(Plan(forest.case, forest, solver, solution, priced))


def _tied(plan: Plan) -> Plan:
    """The objective must equal the value recomputed from the lines of money, without the solver."""
    parts = plan.parts
    total, size = sum(parts.values()), sum(abs(p) for p in parts.values())
    if abs(total - plan.value) > TIE * max(1.0, size):
        raise LedgerError(f"the value {plan.value:g} is not the sum of its parts {total:g}; please report this as a bug")
    return plan
