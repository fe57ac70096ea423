"""Plans in whole blocks where branch and bound is slow: relax, round, improve; the relaxation is the bound that the gap is told against."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from barbell.core.clock import Floats
from barbell.core.errors import SolverLimitError
from barbell.plan.lp import Options, Solution, Solver, Template, verify
from barbell.plan.whole.chain import Chain, Whole
from barbell.plan.whole.descent import moved, moves
from barbell.plan.whole.rounding import SHARES, rounded

BATCHES = (32, 8, 2, 1)
"""Moves that are made at once, in turn."""
TRIES = 12
"""Batches that may fail one after the other before a smaller one is tried."""

NEAR = 2
"""Moves that are tried when a changed problem is solved again."""

Say = Callable[[str], None]


@dataclass
class Search:
    """Two live handles on one problem: `free`, its relaxation, and `held`, with every count of blocks held.

    `counts` and `best` are the best plan so far; `bound` the objective of the relaxation `root`, below which no plan can be.
    """

    chain: Chain
    options: Options
    free: Solver
    held: Solver
    bound: float = -np.inf
    root: Solution | None = None
    counts: Whole = field(default_factory=lambda: np.zeros(0, np.int64))
    best: Solution | None = None
    iterations: int = 0
    begun: float = field(default_factory=time.perf_counter)

    @classmethod
    def of(cls, chain: Chain, options: Options) -> Search:
        """Handles for a problem."""
        relaxed = replace(chain.problem, integer=np.zeros_like(chain.problem.integer))
        return cls(chain, options, Solver(relaxed, options), Solver(relaxed, options))

    def run(self, say: Say) -> Solution | None:
        """The best plan found: "optimal" within the gap asked for, else "limit"; None where there is no relaxation or rounding finds no plan."""
        self.begun = time.perf_counter()
        relaxed = self.relax(self.chain.problem)
        if relaxed.status != "optimal":
            return None
        self.root, self.bound = relaxed, relaxed.objective
        self._round(relaxed.x[self.chain.count], say)
        if self.best is None:
            return None
        self._improve(say)
        return self._solution()

    @property
    def relaxed(self) -> Solution:
        """The relaxation; ValueError where it was not solved."""
        if self.root is None:
            raise ValueError("the relaxation has not been solved")
        return self.root

    @property
    def priced(self) -> Solution:
        """The best plan as a continuous problem with its counts held, so that it has duals; ValueError where there is none."""
        if self.best is None:
            raise ValueError("no plan in whole blocks has been found")
        return self.best

    @property
    def gap(self) -> float:
        """Relative distance of the best plan to the bound; infinite where there is none."""
        return np.inf if self.best is None else (self.best.objective - self.bound) / max(1.0, abs(self.best.objective))

    @property
    def enough(self) -> float:
        """The gap that is asked for."""
        return self.options.enough(self.chain.problem)

    @property
    def left(self) -> float:
        """Seconds left."""
        return self.options.seconds - (time.perf_counter() - self.begun)

    def relax(self, problem: Template) -> Solution:
        """The relaxation of a problem of the same shape."""
        return self._answer(self.free, problem)

    def hold(self, counts: Whole, problem: Template) -> Solution:
        """A problem of the same shape with the counts held."""
        lower, upper = self.chain.held(counts, problem)
        return self._answer(self.held, replace(problem, lower=lower, upper=upper))

    def again(self, problem: Template) -> float | None:
        """Objective of the best plan found for a changed problem, from the best plan of this one; None where none is found.

        Blocks that no longer fit are left out, and the few moves are tried for which the changed prices promise most.
        """
        chain = replace(self.chain, problem=problem)
        counts = self.counts if chain.fits(self.counts) else rounded(chain, self.counts.astype(float), 1.0)
        best = self.hold(counts, problem)
        if best.status != "optimal":
            return None
        offers = moves(chain, counts, best.column_dual[chain.count])
        for _ in range(NEAR):
            nearby, offers = moved(chain, counts, offers, 1)
            if np.array_equal(nearby, counts):
                break
            found = self.hold(nearby, problem)
            best = found if found.status == "optimal" and found.objective < best.objective else best
        return best.objective

    def _answer(self, handle: Solver, problem: Template) -> Solution:
        handle.update(replace(problem, integer=np.zeros_like(problem.integer)))
        found = handle.solve()
        self.iterations += found.iterations
        return found

    def _offer(self, counts: Whole) -> bool:
        """Hold counts and keep them if they are the best so far; says whether they are."""
        found = self.hold(counts, self.chain.problem)
        if found.status != "optimal" or (self.best is not None and found.objective >= self.best.objective):
            return False
        self.counts, self.best = counts, found
        return True

    def _round(self, wanted: Floats, say: Say) -> None:
        tried: list[Whole] = []
        for share in SHARES:
            counts = rounded(self.chain, wanted, share)
            if not any(np.array_equal(counts, other) for other in tried):
                say(f"rounding to whole blocks{self._told()}")
                self._offer(counts)
                tried.append(counts)
            if self.gap <= self.enough or self.left < 0:
                return

    def _improve(self, say: Say) -> None:
        """Move blocks while that helps, in ever smaller batches, until the gap asked for or the time is reached."""
        for batch in BATCHES:
            while self.left > 0 and self.gap > self.enough:
                say(f"moving blocks{self._told()}")
                if not self._pass(batch):
                    break

    def _pass(self, batch: int) -> bool:
        """Try the moves that prices offer, a batch after the other, until one of them helps; says whether one did."""
        offers = moves(self.chain, self.counts, self.priced.column_dual[self.chain.count])
        for _ in range(TRIES):
            counts, offers = moved(self.chain, self.counts, offers, batch)
            if np.array_equal(counts, self.counts) or self.left < 0:
                return False
            if self._offer(counts):
                return True
        return False

    def _told(self) -> str:
        return "" if self.best is None else f", gap {self.gap:.2%}"

    def _solution(self) -> Solution:
        """The best plan as the solver would tell of it: no duals, the relaxation as the bound."""
        x, p = self.priced.x.copy(), self.chain.problem
        x[self.chain.count] = self.counts
        accuracy = verify(p, x, None)
        if not accuracy.good:
            raise SolverLimitError(f"the plan in whole blocks holds only roughly ({accuracy}): allow a wider gap")
        objective = float(p.cost @ x)
        return Solution(
            status="optimal" if self.gap <= self.enough else "limit",
            objective=objective, x=x, row_dual=np.zeros(len(p.row_lower)), column_dual=np.zeros(len(x)), accuracy=accuracy,
            bound=min(self.bound, objective), method="relaxation, rounding and moves of blocks", iterations=self.iterations,
            seconds=time.perf_counter() - self.begun,
        )  # fmt: skip
