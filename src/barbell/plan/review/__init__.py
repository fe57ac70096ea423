"""A review of a case: what makes it impossible, what is out of reach, what decides nothing and at which price it would, what looks odd."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from barbell.core.case import Case
from barbell.plan.diagnose import unbounded
from barbell.plan.lp import Options, Solver
from barbell.plan.review.asleep import asleep
from barbell.plan.review.collision import collisions, lunch
from barbell.plan.review.even import even
from barbell.plan.review.finding import Finding, ranked
from barbell.plan.review.idle import idle
from barbell.plan.review.odd import horizon, odd, slips
from barbell.plan.review.place import Cell
from barbell.plan.review.served import served
from barbell.plan.review.slack import slack
from barbell.plan.review.subject import Subject
from barbell.plan.review.worth import slopes
from barbell.plan.solve import Plan, attempt
from barbell.plan.tree import plant

__all__ = ["Finding", "Reviewed", "ranked", "review"]


@dataclass(frozen=True)
class Reviewed:
    """Findings of a review in order; the plan that they speak of, and what every cell is worth to first order, where there is a plan."""

    findings: tuple[Finding, ...]
    plan: Plan | None
    slopes: dict[Cell, float]


def review(case: Case, *, options: Options | None = None, most: int = 3, progress: Callable[[str], None] | None = None) -> Reviewed:
    """Review a case: `most` is how many contradictions are looked for where there is no plan.

    Raises SolverLimitError when time or accuracy ran out. The findings in the solver's numbers are exact, confirmed prices are solved again.
    """
    say = progress or (lambda _: None)
    forest = plant(case)
    solver = Solver(forest.problem.arrays, options)
    say("planning")
    plan = attempt(forest, solver)
    if not isinstance(plan, Plan):
        say(f"{plan}: looking for the reason")
        found = list(collisions(forest, most) if plan == "infeasible" else lunch(case, unbounded(forest, solver)))
        return Reviewed(ranked([*found, *slips(case)]), None, {})
    subject = Subject(plan)
    say("looking for what never binds, never runs and cannot be reached")
    found = [*served(subject), *slack(subject), *asleep(subject), *odd(subject), *horizon(subject), *even(subject)]
    worth = slopes(subject)
    say("asking what price would make what is never ordered")
    found += idle(subject)
    plan.solver.update(forest.problem.arrays)
    return Reviewed(ranked(found), plan, worth)
