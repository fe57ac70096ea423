"""A case reviewed: what its problem says of it, and what is to be said of the facts behind its numbers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean

from barbell import facts
from barbell.core.case import Case
from barbell.core.errors import Where
from barbell.core.path import Path
from barbell.core.relations import Fact
from barbell.io import read
from barbell.plan import Finding, Options, Plan, ranked
from barbell.plan import review as examine
from barbell.plan.review.finding import amount
from barbell.study.known import known

TOP = 12
"""Assumptions named, those that move the value most first."""
OLD = 2
"""Years after which a sourced figure is called old."""
Slopes = Mapping[tuple[str, str, str], float]


@dataclass(frozen=True)
class Review:
    """A case, the findings on it in order, and the plan that they speak of (none where no plan exists)."""

    case: Case
    findings: tuple[Finding, ...]
    plan: Plan | None

    def count(self, severity: str) -> int:
        """How many findings are so severe."""
        return sum(finding.severity == severity for finding in self.findings)

    @property
    def exit_code(self) -> int:
        """0 where nothing is wrong, 1 with errors, 2 where no plan exists."""
        return 2 if self.plan is None else 1 if self.count("error") else 0


def review(
    path: str | os.PathLike[str],
    changes: Mapping[str, str] | None = None,
    *,
    options: Options | None = None,
    most: int = 3,
    progress: Callable[[str], None] | None = None,
) -> Review:
    """Review the case in a folder; `most` contradictions are looked for where there is no plan.

    Raises CaseError with every fault where it is no case, and SolverLimitError.
    """
    case = read(path, changes, known)
    found = examine(case, options=options, most=most, progress=progress)
    behind = in_use(case)
    extra = [*_assumed(case, behind, found.slopes), *superseded(case, behind, found.slopes), *_old(case, behind)]
    return Review(case, ranked([*found.findings, *extra]), found.plan)


@dataclass(frozen=True)
class Used:
    """A fact in use: its version as the case sees it, and the cells that refer to it with their sign."""

    fact: Fact
    cells: tuple[tuple[tuple[str, str, str], int], ...]

    def spot(self, case: Case) -> Where:
        """The first cell that uses it."""
        return case.where(*self.cells[0][0])

    def gain(self, slopes: Slopes, other: str) -> float:
        """Value gained to first order if the fact were another value; nil where that cannot be told."""
        now, then = _mean(self.fact.value), _mean(other)
        if now is None or then is None or now == 0:
            return 0.0
        return (then / now - 1) * sum(slopes.get(cell, 0.0) for cell, _ in self.cells)


def in_use(case: Case) -> list[Used]:
    """Every fact that a cell of the case refers to."""
    cells: dict[str, list[tuple[tuple[str, str, str], int]]] = {}
    for cell, origin in case.origins.items():
        if origin.fact:
            cells.setdefault(origin.fact, []).append((cell, -1 if origin.text.startswith("-") else 1))
    latest = {fact.name: fact for fact in sorted(case.tables.facts, key=lambda f: f.as_of) if fact.as_of <= (case.as_of or "9999")}
    return [Used(latest[name], tuple(found)) for name, found in cells.items() if name in latest]


def _mean(text: str) -> float | None:
    """A number, or the mean of the values of a path."""
    try:
        return fmean(Path.parse(text).values)
    except ValueError:
        return None


def _assumed(case: Case, behind: list[Used], slopes: Slopes) -> Iterator[Finding]:
    """The assumptions whose range moves the value most, to first order."""
    moves = []
    for used in behind:
        if used.fact.grade == "S" and used.fact.low and used.fact.high:
            low, high = (used.gain(slopes, end) for end in (used.fact.low, used.fact.high))
            moves.append((abs(high - low), low, high, used))
    for size, low, high, used in sorted(moves, key=lambda move: -move[0])[:TOP]:
        if size > 0:
            fact, count = used.fact, len(used.cells)
            says = f"{_range(fact)}: value {low:+,.0f} to {high:+,.0f} {case.money} to first order"
            says += f", through {count} cells" if count > 1 else ""
            yield Finding(
                "assumption that moves the value", "note", fact.name, used.spot(case), says, "Find a source, or plan with both ends (--set)", size
            )


def _range(fact: Fact) -> str:
    """A fact with its range; a path by its mean, its range in percent of that."""
    value, low, high = (_mean(text) for text in (fact.value, fact.low, fact.high))
    if value is None or low is None or high is None:
        return fact.value
    if ":" not in fact.value:
        return f"{amount(value)} {fact.unit} ({amount(low)} to {amount(high)})"
    return f"{amount(value)} {fact.unit} on average ({low / value - 1:+.0%} to {high / value - 1:+.0%})" if value else fact.value


def superseded(case: Case, behind: list[Used], slopes: Slopes) -> Iterator[Finding]:
    """Facts of which a later version is known that the case's day hides from it."""
    if not case.as_of:
        return
    newest = max((figure.as_of for figure in facts.figures()), default="")
    if newest <= case.as_of:
        return
    now = known(newest)
    for used in behind:
        later = now.get(used.fact.name)
        if later is not None and ("facts", used.fact.id, "value") not in case.origins and _differs(used.fact, later):
            gain = used.gain(slopes, later.value)
            old, new = (amount(_mean(fact.value) or 0.0) for fact in (used.fact, later))
            says = f"{old} {used.fact.unit} as of {case.as_of}; {new} {later.unit} by {newest}"
            says += f", worth {gain:+,.0f} {case.money} to first order" if gain else ""
            where, fix = used.spot(case), f"Plan with as_of {newest}, unless the day is meant"
            yield Finding("fact superseded", "note", used.fact.name, where, says, fix, abs(gain))


def _differs(old: Fact, new: Fact) -> bool:
    mine, theirs = _mean(old.value), _mean(new.value)
    return mine is not None and theirs is not None and abs(mine - theirs) > 1e-9 * max(abs(mine), abs(theirs))


def _old(case: Case, behind: list[Used]) -> Iterator[Finding]:
    """Sourced figures that were years old on the day of the case."""
    if not case.as_of:
        return
    limit = f"{int(case.as_of[:4]) - OLD}{case.as_of[4:]}"
    for used in behind:
        fact = used.fact
        if fact.grade not in ("S", "M") and fact.as_of < limit and ("facts", fact.id, "value") not in case.origins:
            says = f"{amount(_mean(fact.value) or 0.0)} {fact.unit}, known since {fact.as_of} and not renewed by {case.as_of}"
            yield Finding("fact past its day", "note", fact.name, used.spot(case), says, "Look for a newer figure (barbell facts show)")
