"""Sets of limits that collide, none of which can be left out: found among ten thousand in a few dozen questions to the solver.

Every question is "is there a plan if only these are held?", asked without a cost, which the simplex method answers with a proof. Whole kinds
are let go first, nature before what a planner can change; then, of what a proof speaks of, halves, quarters and single things.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from barbell.core.clock import Floats
from barbell.core.errors import SolverLimitError
from barbell.plan.lp import Options, Solver, Template
from barbell.plan.lp.verify import transposed
from barbell.plan.scarce import Scarce, scarce
from barbell.plan.tree import Forest

Mask = NDArray[np.bool_]
ORDER = (
    "demand", "ceiling", "capacity", "conversion limit", "order limit", "draw limit", "payment limit", "debt limit",
    "contract on offer", "allowance", "gate", "envelope", "cash floor", "limit",
)  # fmt: skip
"""What is let go first, so that what stays is what a planner can change: limits before nature."""
PATIENCE = 8.0
"""Seconds for one question; what cannot be shown to be needless by then stays in the set."""


@dataclass(frozen=True)
class Conflict:
    """One member of a set of limits that cannot all hold: `relax` is how far its `bound` must move if it alone gives way.

    `relax` counts in `unit`; positive: the bound must rise; NaN: no shift of this one alone is enough.
    """

    kind: str
    item: str
    place: str
    scenario: str
    period: str
    bound: float
    relax: float
    unit: str
    words: str

    def __str__(self) -> str:
        way = "raise" if self.relax > 0 else "lower"
        how = f"{way} it by {abs(self.relax):.6g} {self.unit}" if np.isfinite(self.relax) else "not enough to relax alone"
        there = "" if self.kind == "capacity" else f" ({self.bound:.6g} {self.unit})"
        return f"{self.words}{there}: {how}"


class Held:
    """The problem without costs, as it is when some scarce things are held and all others are let go."""

    def __init__(self, forest: Forest) -> None:
        self.arrays = replace(forest.problem.arrays, cost=np.zeros(len(forest.problem.arrays.cost)))
        every = np.ones(len(self.arrays.row_lower), bool), np.ones(len(self.arrays.cost), bool)
        found = [thing for thing in scarce(forest, *every) if thing.kind != "account"]
        self.things: list[Scarce] = sorted(found, key=lambda thing: ORDER.index(thing.kind))
        self.rank = np.array([ORDER.index(thing.kind) for thing in self.things], int)
        self._solver: Solver | None = None

    @cached_property
    def _rows(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows of all things, and the thing of each."""
        return _flat([thing.rows for thing in self.things])

    @cached_property
    def _columns(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Bounded columns of all things, and the thing of each."""
        return _flat([thing.columns for thing in self.things])

    def only(self, kept: Mask) -> Template:
        """The problem with only the things `kept` (things,) held."""
        lower, upper, row_lower, row_upper = (getattr(self.arrays, name).copy() for name in ("lower", "upper", "row_lower", "row_upper"))
        rows, of = self._rows
        row_lower[rows[~kept[of]]], row_upper[rows[~kept[of]]] = -np.inf, np.inf
        columns, of = self._columns
        above = np.array([thing.held == "upper" for thing in self.things], bool)[of]
        upper[columns[~kept[of] & above]] = np.inf
        lower[columns[~kept[of] & ~above]] = -np.inf
        return replace(self.arrays, row_lower=row_lower, row_upper=row_upper, lower=lower, upper=upper)

    def proof(self, kept: Mask) -> Mask | None:
        """The things of `kept` that a proof of their contradiction speaks of; None where there is a plan, or no verdict in time."""
        arrays = self.only(kept)
        if self._solver is None:
            self._solver = Solver(arrays, Options(seconds=PATIENCE, method="simplex"))
        else:
            self._solver.update(arrays, warm=False)
        try:
            found = self._solver.solve()
        except SolverLimitError:
            return None
        if found.status != "infeasible":
            return None
        if found.certified:
            return self._spoken(kept, arrays, self._solver.dual_ray())
        return kept if found.seconds < PATIENCE / 2 else None  # a word on the way; `certain` asks again about what comes of it

    def certain(self, kept: Mask) -> bool:
        """Whether a proof, or both methods of the solver, say that `kept` cannot all hold."""
        if self._solver is not None and self.proof(kept) is not None and self._solver.proven:
            return True
        try:
            return Solver(self.only(kept), Options(seconds=4 * PATIENCE, method="ipm")).solve().status == "infeasible"
        except SolverLimitError:
            return False

    def _spoken(self, kept: Mask, arrays: Template, ray: Floats) -> Mask:
        """Things whose rows or bounds carry a ray; all of them where bounds cross, which carries none."""
        reduced, _ = transposed(arrays, ray)
        small = 1e-9 * max(1.0, float(np.abs(ray).max(initial=0.0)))
        spoken = np.zeros(len(self.things), bool)
        rows, of = self._rows
        spoken[of[np.abs(ray[rows]) > small]] = True
        columns, of = self._columns
        spoken[of[np.abs(reduced[columns]) > small]] = True
        spoken &= kept
        return spoken if spoken.any() else kept


def _flat(parts: list[NDArray[np.int64]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    none = np.zeros(0, np.int64)
    return np.concatenate([none, *parts]), np.repeat(np.arange(len(parts)), [len(part) for part in parts])


def conflicts(forest: Forest, most: int = 1) -> Iterator[tuple[Conflict, ...]]:
    """Contradictions of a problem without a plan, one after the other, at most `most`: each is irreducible.

    After each, the member that a planner changes most easily is let go in all periods, and what still collides comes next.
    """
    held = Held(forest)
    kept = np.ones(len(held.things), bool)
    for number in range(most):
        found = irreducible(held, kept, sure=number == 0)
        if not found.any():
            return
        members = tuple(_relax(held, found, int(n)) for n in np.flatnonzero(found))
        yield members
        yielding = _yielding(members)
        alike = [(t.kind, t.item, t.place) == (yielding.kind, yielding.item, yielding.place) for t in held.things]
        kept &= ~np.array(alike, bool)


def _yielding(members: tuple[Conflict, ...]) -> Conflict:
    """The member that gives way: of the kind that a planner changes most easily, the one that must move least."""

    def move(member: Conflict) -> float:
        return abs(member.relax) / max(1.0, abs(member.bound)) if np.isfinite(member.relax) else np.inf

    return min(members, key=lambda member: (-ORDER.index(member.kind), move(member)))


def irreducible(held: Held, kept: Mask, *, sure: bool = True) -> Mask:
    """(things,) a smallest set of `kept` that collides; none where they all can hold. `sure`: it is known that they collide."""
    kept, proven = _kinds(held, kept)
    proof = proven if proven is not None else held.proof(kept)
    if proof is None:
        if not sure:
            return np.zeros_like(kept)
        proof = kept
    pending, size = list(np.flatnonzero(proof)), max(1, int(proof.sum()) // 2)
    needed = np.zeros_like(kept)
    while pending:
        rest = needed.copy()
        rest[pending[size:]] = True
        proof = held.proof(rest)
        if proof is not None:
            pending, size = [n for n in pending[size:] if proof[n]], 2 * size
        elif size == 1:
            needed[pending.pop(0)] = True
        size = max(1, min(size if proof is not None else size // 2, len(pending)))
    if not held.certain(needed):
        raise SolverLimitError("the solver calls the case infeasible, but what it names as the reason does not bear it out")
    return needed


def _kinds(held: Held, kept: Mask) -> tuple[Mask, Mask | None]:
    """What is left when every kind is let go that the contradiction can do without, and what the last proof speaks of."""
    proven = None
    for rank in np.unique(held.rank[kept]):
        rest = kept & (held.rank != rank)
        if proven is not None and not (proven & ~rest).any():
            kept = rest  # the last proof does not speak of this kind
            continue
        proof = held.proof(rest) if rest.any() else None
        if proof is not None:
            kept, proven = rest, proof
    return kept, proven


def _relax(held: Held, found: Mask, number: int) -> Conflict:
    """How far one member must move if the others hold: the least reach of its own sum once it is free."""
    thing, others = held.things[number], found.copy()
    others[number] = False
    arrays = held.only(others)
    bound, signs, cost = _side(held.arrays, thing)
    ends = [Solver(replace(arrays, cost=sign * cost), Options(seconds=PATIENCE, method="simplex")) for sign in signs]
    gaps = [gap for solver in ends if np.isfinite(gap := _reached(solver, cost) - bound)]
    relax = min(gaps, key=abs, default=np.nan)
    return Conflict(thing.kind, thing.item, thing.place, thing.scenario, thing.period, bound, relax, thing.unit, str(thing))


def _reached(solver: Solver, cost: Floats) -> float:
    """The sum at its least or most; NaN where it has no end or none was found."""
    try:
        end = solver.solve()
    except SolverLimitError:
        return np.nan
    return float(cost @ end.x) if end.x.size else np.nan


def _side(arrays: Template, thing: Scarce) -> tuple[float, tuple[float, ...], Floats]:
    """The bound of a scarce thing, the ends from which it can be missed (1: above, -1: below), and the sum that it holds, as costs."""
    cost = np.zeros(len(arrays.cost))
    if thing.rows.size:
        row = int(thing.rows[0])
        entries = slice(arrays.start[row], arrays.start[row + 1])
        cost[arrays.index[entries]] = arrays.value[entries]
        lower, upper = arrays.row_lower[row], arrays.row_upper[row]
        signs = tuple(sign for sign, end in ((1.0, upper), (-1.0, lower)) if np.isfinite(end))
        return float(upper if np.isfinite(upper) else lower), signs, cost
    column = int(thing.columns[0])
    cost[column] = 1.0
    return float(getattr(arrays, thing.held)[column]), (1.0 if thing.held == "upper" else -1.0,), cost
