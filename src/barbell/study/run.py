"""A run: one case planned, stated, explained and set beside what was reported; and its folder."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime

import polars as pl

from barbell.core.case import Case
from barbell.core.errors import CaseError, PlanError
from barbell.finance import Statements, cost_per_gw, statements
from barbell.io import read
from barbell.plan import Bottleneck, Options, Plan, explain, greedy, reasons, solve
from barbell.study.committed import committed
from barbell.study.corners import corner, ends, own
from barbell.study.kept import BOTTLENECKS, PARTS
from barbell.study.key import key
from barbell.study.known import known, shifted
from barbell.study.reported import assumptions, nowcast, reported
from barbell.study.resolved import resolved

Say = Callable[[str], None]
TOP = 12
"""Bottlenecks that are confirmed by solving again."""


@dataclass(frozen=True)
class Run:
    """Everything that one run found. Frames are polars; money counts in the case's unit.

    `low_years` and `high_years` are the statements by year with every ranged fact at its bad and its good end (none where no plan exists
    there); `greedy` is the baseline that builds by highest margin without foresight. `changes` were put over the case before it was
    read; `started` is a time in UTC.
    """

    plan: Plan
    statements: Statements
    greedy: Plan | None
    reasons: pl.DataFrame
    bottlenecks: tuple[Bottleneck, ...]
    low_years: pl.DataFrame | None
    high_years: pl.DataFrame | None
    committed: pl.DataFrame
    cost: pl.DataFrame
    reported: pl.DataFrame
    nowcast: pl.DataFrame
    assumptions: pl.DataFrame
    seconds: float
    peak_mb: float
    changes: Mapping[str, str] = field(default_factory=dict)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def case(self) -> Case:
        """The case that was planned."""
        return self.plan.case

    @property
    def key(self) -> str:
        """Key of the run: a hash of the case, the code and the solver's options (see `study.key`)."""
        return key(self.case, self.plan.solver.options)

    @property
    def frames(self) -> dict[str, pl.DataFrame]:
        """Every frame by the name under which the run's folder keeps it."""
        s = self.statements
        stated = {"lines": s.lines, "years": s.years, "capital": s.capital, "construction": s.construction, "payables": s.payables,
                  "projects": s.projects, "payments": s.payments}  # fmt: skip
        whole = {"reasons": self.reasons, "committed": self.committed, "cost": self.cost, "reported": self.reported,
                 "nowcast": self.nowcast, "assumptions": self.assumptions, "parts": _parts(self.plan),
                 "bottlenecks": pl.DataFrame([asdict(b) for b in self.bottlenecks], schema=BOTTLENECKS)}  # fmt: skip
        corners = {"years-low": self.low_years, "years-high": self.high_years}
        facts = pl.DataFrame([fact.model_dump() for fact in self.case.tables.facts], infer_schema_length=None)
        return {
            **{f"tables/{name}": frame for name, frame in self.plan.tables.items()},
            **{f"statements/{name}": frame for name, frame in stated.items()},
            **{f"statements/{name}": frame for name, frame in corners.items() if frame is not None},
            **{f"greedy/{name}": frame for name, frame in (self.greedy.tables if self.greedy else {}).items()},
            **({"greedy/parts": _parts(self.greedy)} if self.greedy else {}),
            **whole,
            **resolved(self.case),
            **({"facts": facts} if facts.width else {}),
        }


def run(
    path: str | os.PathLike[str],
    changes: Mapping[str, str] | None = None,
    *,
    options: Options | None = None,
    progress: Say | None = None,
    case: Case | None = None,
) -> Run:
    """Plan the case in a folder and work out everything that a report shows. Raises what `barbell.plan` raises.

    Whoever has read the case already, with the same changes, gives it as `case`.

    The bad and the good end of the ranges are solved in a thread beside it: the solver lets go of the interpreter while it works.
    """
    begun, started = time.perf_counter(), datetime.now(UTC)
    say = progress or (lambda _: None)
    if case is None:
        say("reading the case")
        case = read(path, changes, known)
    directions = ends(case)
    with ThreadPoolExecutor(max_workers=1) as pool:
        corners = {good: corner(directions, good=good) for good in (False, True)} if directions else {}
        sides = {good: _side(pool, path, {**(changes or {}), **own(case, moved)}, moved, options) for good, moved in corners.items()}
        plan = solve(case, options=options, progress=say)
        stated = statements(case, plan.tables)
        say("building greedily, for comparison")
        base = _greedy(case)
        say("asking why demand waits")
        why = reasons(plan)
        say("solving again with a little more and a little less of what is scarce")
        scarce = explain(plan, TOP)
        say("waiting for the bad and the good end of the ranges")
        low, high = (sides[good]() if sides else None for good in (False, True))
    found = Run(
        plan, stated, base, why, scarce, low, high, committed(case, stated), cost_per_gw(case, plan.tables),
        reported(case), nowcast(case, stated, path, changes), assumptions(case), time.perf_counter() - begun, _peak(),
        dict(changes or {}), started,
    )  # fmt: skip
    return replace(found, seconds=time.perf_counter() - begun)


def _greedy(case: Case) -> Plan | None:
    """The baseline; none where building greedily cannot meet what the case demands, or takes too long."""
    try:
        return greedy(case)
    except PlanError:
        return None


def _side(
    pool: Executor, path: str | os.PathLike[str], changes: Mapping[str, str], moved: Mapping[str, str], options: Options | None
) -> Callable[[], pl.DataFrame | None]:
    """Start a corner; the answer waits for it."""
    return pool.submit(_years, os.fspath(path), changes, moved, options).result


def _years(path: str, changes: Mapping[str, str], moved: Mapping[str, str], options: Options | None) -> pl.DataFrame | None:
    """Statements by year of a case with some facts moved; None where the ends together make no case (debt above its limit) or have no plan."""
    try:
        case = read(path, changes, shifted(moved))
        return statements(case, solve(case, options=options).tables).years
    except (CaseError, PlanError):
        return None


def _parts(plan: Plan) -> pl.DataFrame:
    return pl.DataFrame(list(plan.parts.items()), schema=PARTS, orient="row")


def _peak() -> float:
    """Most memory that this process has held, in MB; unknown (NaN) where the system does not tell, as on Windows."""
    try:
        import resource
    except ImportError:
        return float("nan")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
