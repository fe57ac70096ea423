"""Whether published statements hold against the facts: verdicts by rule, judgements kept apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from barbell.core.errors import CaseError, Fault
from barbell.core.spelling import suggestion
from barbell.core.units import UnitError
from barbell.facts.claim import Claim, bounds, evidence
from barbell.facts.figure import Figure
from barbell.facts.formula import Formula, FormulaError, lines, parse
from barbell.facts.quantity import Quantity
from barbell.facts.reckon import LATEST, Desk, unique

_WEAK = ("C", "D", "S")
"""Grades on which alone nothing is called true."""
_NOISE = 1e-9  # relative: what floating-point numbers may add to a value
Counts = dict[str, dict[str, int]]
"""How many are ``computed`` and ``judged``, by verdict."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line held against the facts."""

    claim: Claim
    verdict: str
    """true, needs care or false; of a judged line what the judge says."""
    why: str
    """What keeps it from being true, where a rule decides; that it is judged, where none does."""
    value: float | None
    """What the formula comes to, in the line's unit; None where a judged line has none."""
    stated: tuple[float, float] | None
    """Ends of what is said, in the line's unit; equal where it is one value."""
    now: float | None
    """The value with all that is known by now, where that is another."""
    now_verdict: str
    """Its verdict, where the value is another."""
    facts: tuple[Figure, ...]
    """Every fact behind it, those of the lines that it refers to included."""


@dataclass(frozen=True, slots=True)
class Review:
    """A table of claims held against the facts: its lines, and the verdict on each claim."""

    lines: tuple[Finding, ...]

    @property
    def claims(self) -> dict[str, tuple[str, bool]]:
        """Verdict of each claim, and whether it is computed: every line decided by rule. Lines that differ make a claim that needs care."""
        found: dict[str, list[Finding]] = {}
        for line in self.lines:
            found.setdefault(line.claim.of, []).append(line)
        return {name: (_together(group), not any(line.claim.judged for line in group)) for name, group in found.items()}

    @property
    def counts(self) -> dict[str, Counts]:
        """Claims and lines, computed and judged apart."""
        return {
            "claims": _counted(self.claims.values()),
            "lines": _counted((line.verdict, not line.claim.judged) for line in self.lines),
        }


@dataclass(frozen=True, slots=True)
class _Read:
    """A line as formulas."""

    formula: Formula | None
    stated: Formula | None
    evidence: tuple[Formula, ...]

    @property
    def needs(self) -> set[str]:
        return {line.id for formula in (self.formula, self.stated) if formula for line in lines(formula)}


@dataclass(frozen=True, slots=True)
class _Outcome:
    """A line reckoned, in its own unit."""

    value: float | None
    stated: tuple[float, float] | None
    facts: tuple[Figure, ...]


def review(claims: Iterable[Claim]) -> Review:
    """Hold claims against the facts known on the day of each; raises CaseError with every fault found.

    Rules, with v the recomputed value, t the tolerance: *true* if the comparison holds when v may move by t and no fact behind it is of grade
    C, D or S; *needs care* if it holds only when v may move by 2 t, or stands on such a fact; *false* otherwise.
    """
    table = {claim.id: claim for claim in claims}
    faults: list[Fault] = []
    read = {name: found for name, claim in table.items() if (found := _parsed(claim, faults))}
    order = _order(table, read, faults)
    then = _outcomes(table, read, order, faults)
    if faults:
        raise CaseError(faults, folder=next(iter(table.values())).file)
    now = _outcomes(table, read, order, [], day=LATEST)
    return Review(tuple(_finding(claim, then[name], now.get(name)) for name, claim in table.items()))


def _parsed(claim: Claim, faults: list[Fault]) -> _Read | None:
    field = "formula"
    try:
        formula = parse(claim.formula) if claim.formula else None
        field = "stated"
        stated = parse(claim.stated) if claim.stated and bounds(claim) is None else None
        field = "evidence"
        return _Read(formula, stated, tuple(evidence(claim)))
    except FormulaError as error:
        faults.append(claim.fault(field, error.problem, error.fix, error.at))
        return None


def _order(table: Mapping[str, Claim], read: Mapping[str, _Read], faults: list[Fault]) -> tuple[str, ...]:
    """Lines so that each comes after those that it refers to; nothing where they go in circles."""
    for name, found in read.items():
        for other in sorted(found.needs):
            if other not in table:
                faults.append(table[name].fault("formula", f"there is no line '{other}'", suggestion(other, table, "lines")))
            elif not table[other].formula:
                faults.append(table[name].fault("formula", f"the line '{other}' has no value", "Refer to a line that has a formula"))
    sorter = TopologicalSorter({name: sorted(found.needs & read.keys()) for name, found in read.items()})
    try:
        return tuple(sorter.static_order())
    except CycleError as error:
        circle = [str(name) for name in reversed(error.args[1])]
        fix = "Let at least one of them rest on facts alone"
        faults.append(table[circle[0]].fault("formula", f"goes in a circle: {' -> '.join(circle)}", fix))
        return ()


def _outcomes(table: Mapping[str, Claim], read: Mapping[str, _Read], order: Iterable[str], faults: list[Fault], day: str = "") -> dict[str, _Outcome]:
    """Every line that can be reckoned, as known on its own day or on `day`; what goes wrong is added to `faults`."""
    done: dict[str, Quantity] = {}
    found: dict[str, _Outcome] = {}
    for name in order:
        if not read[name].needs <= done.keys():
            continue  # what it refers to is at fault, and has said so
        desk = Desk(day or table[name].day, done)
        desk.read.extend(figure for other in read[name].needs for figure in found[other].facts)
        outcome = _outcome(table[name], read[name], desk, done, faults)
        if outcome:
            found[name] = outcome
    return found


def _outcome(claim: Claim, read: _Read, desk: Desk, done: dict[str, Quantity], faults: list[Fault]) -> _Outcome | None:
    field, total, value, stated = "formula", None, None, bounds(claim)
    try:
        if read.formula:
            total = desk.value(read.formula)
            field = "unit"
            value = total.counted_in(claim.unit)
        if read.stated:
            field = "stated"
            said = desk.value(read.stated).counted_in(claim.unit)
            stated = said, said
        field = "evidence"
        for part in read.evidence:
            desk.values(part)
    except FormulaError as error:
        faults.append(claim.fault(field, error.problem, error.fix, error.at))
        return None
    except UnitError as error:
        faults.append(claim.fault(field, error.problem, error.fix))
        return None
    if total:
        done[claim.id] = total
    return _Outcome(value, stated, unique(desk.read))


def _finding(claim: Claim, then: _Outcome, now: _Outcome | None) -> Finding:
    verdict, why = _judge(claim, then)
    if now is None or now.value is None or then.value is None or _same(now.value, then.value):
        return Finding(claim, verdict, why, then.value, then.stated, None, "", then.facts)
    later = "" if claim.judged else _judge(claim, now)[0]
    return Finding(claim, verdict, why, then.value, then.stated, now.value, later, then.facts)


def _judge(claim: Claim, found: _Outcome) -> tuple[str, str]:
    """Verdict and reason."""
    if claim.judged or found.value is None or found.stated is None:
        return claim.judgement, "judged"
    miss = _miss(claim.comparison, found.value, *found.stated)
    if not _holds(claim.comparison, found.value, found.stated, room=2 * claim.within):
        return "false", f"misses by {miss:.3g}"
    if not _holds(claim.comparison, found.value, found.stated, room=claim.within):
        return "needs care", f"misses by {miss:.3g}"
    weak = sorted({figure.grade for figure in found.facts if figure.grade in _WEAK})
    return ("needs care", f"grade {', '.join(weak)}") if weak else ("true", "")


def _miss(comparison: str, value: float, low: float, high: float) -> float:
    """How far the value is from where the comparison holds."""
    match comparison:
        case "<" | "<=":
            return max(0.0, value - high)
        case ">" | ">=":
            return max(0.0, low - value)
    return max(0.0, low - value, value - high)


def _holds(comparison: str, value: float, stated: tuple[float, float], *, room: float) -> bool:
    """Whether the comparison holds when the value may move by `room`; a strict one does not hold at its very end."""
    miss = _miss(comparison, value, *stated)
    if comparison in ("<", ">") and not room:
        return miss == 0 and not _same(value, stated[0])
    return miss <= room + _NOISE * max(1.0, abs(value))


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= _NOISE * max(abs(one), abs(other))


def _together(group: Iterable[Finding]) -> str:
    verdicts = {line.verdict for line in group}
    return verdicts.pop() if len(verdicts) == 1 else "needs care"


def _counted(verdicts: Iterable[tuple[str, bool]]) -> Counts:
    found = Counter(verdicts)
    return {
        kind: {verdict: found[verdict, computed] for verdict in ("true", "needs care", "false")}
        for kind, computed in (("computed", True), ("judged", False))
    }
