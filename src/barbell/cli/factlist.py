"""Lists of facts, conflicts and changes, for people and for machines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from barbell.report.layout import number, page, table

if TYPE_CHECKING:
    from barbell.cli.record import Record
    from barbell.core.relations import Fact
    from barbell.facts import Change, Conflict, Figure

GRADES = {
    "A": "primary", "B": "cross-checked", "C": "single secondary or estimate", "D": "unverified",
    "M": "own computation", "S": "own assumption",
}  # fmt: skip
"""What each grade means, in short."""


def fact(found: Fact) -> Record:
    """A fact by its fields."""
    return {name: getattr(found, name) for name in ("name", "value", "unit", "low", "high", "as_of", "grade", "source", "note")}


def figure(found: Figure) -> Record:
    """A row of the store by its fields, with the spot where it stands."""
    subject = ("url", "entity", "segment", "metric", "basis", "period", "file", "line")
    return {**fact(found.fact), "source": found.source, **{name: getattr(found, name) for name in subject}}


def conflict(found: Conflict) -> Record:
    """A conflict: what is taken and why, the others, the range."""
    return {
        "name": found.name,
        "taken": figure(found.taken),
        "reason": found.reason,
        "low": found.low,
        "high": found.high,
        "spread": found.spread,
        "others": [figure(other) for other in found.others],
        "apart": [figure(other) for other in found.apart],
    }


def change(found: Change) -> Record:
    """A change: its kind, the version superseded (null where the fact is new) and the one that holds now."""
    return {"name": found.name, "kind": found.kind, "before": figure(found.before) if found.before else None, "after": figure(found.after)}


def hits(words: Sequence[str], found: Sequence[Fact], top: int) -> Record:
    """What was found, the first `top` of it in full."""
    return {"words": list(words), "found": len(found), "facts": [fact(one) for one in found[:top]]}


def show_hits(words: Sequence[str], found: Sequence[Fact], top: int) -> None:
    """A table of the first `top` facts found."""
    console = page()
    if not found:
        console.print(f"No fact has the words {', '.join(words)}. Try fewer or other words.", markup=False)
        return
    rows = [(one.name, one.grade, one.as_of, one.unit, one.value) for one in found[:top]]
    table(console, "", ("fact", "grade", "known since", "unit", "value"), rows, words=4)
    more = f"; the first {top} are shown, --top shows more" if len(found) > top else ""
    console.print(f"\n{len(found):,} found{more}. barbell facts show NAME opens one.")


def show_conflicts(found: Sequence[Conflict]) -> None:
    """A table of conflicts, and those whose sources count different things apart."""
    console = page()
    rows = [
        (one.name, one.taken.unit, one.reason, ", ".join(f"{o.value} ({o.grade})" for o in one.others), f"{one.taken.value} ({one.taken.grade})",
         "" if math.isnan(one.spread) else f"{one.spread:.0%}")
        for one in found if one.others
    ]  # fmt: skip
    table(console, "", ("fact", "unit", "why", "others say", "taken", "spread"), rows, words=4)
    apart = [one.name for one in found if one.apart]
    console.print(f"\n{len(rows)} facts on which sources disagree.")
    if apart:
        console.print(f"Counted by another definition or in other money, so not compared: {', '.join(apart)}", markup=False)


def show_changes(found: Sequence[Change], top: int) -> None:
    """Changes in full, new facts up to `top`, confirmations counted."""
    console = page()
    new, changed, confirmed = ([one for one in found if one.kind == kind] for kind in ("new", "changed", "confirmed"))
    rows = [(c.name, c.after.as_of, c.after.unit, c.before.value if c.before else "", c.after.value, _move(c)) for c in changed]
    if rows:
        table(console, "Changed (the value before is superseded)", ("fact", "known since", "unit", "before", "now", "by"), rows, words=3)
        console.print()
    if new:
        fresh = [(c.name, c.after.as_of, c.after.grade, c.after.unit, c.after.value) for c in new[:top]]
        shown = f" (the first {top} of {len(new):,})" if len(new) > top else ""
        table(console, f"New{shown}", ("fact", "known since", "grade", "unit", "value"), fresh, words=4)
        console.print()
    console.print(f"{len(new):,} became known, {len(changed):,} changed, {len(confirmed):,} were confirmed.")


def _move(found: Change) -> str:
    """Relative change, where both values are numbers in one unit."""
    if found.before is None or found.before.unit != found.after.unit or not found.before.number:
        return ""
    move = 100 * (found.after.number / found.before.number - 1)
    return "" if math.isnan(move) else f"{'+' if move > 0 else ''}{number(move)}%"
