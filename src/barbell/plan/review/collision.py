"""No plan, or no best one: each contradiction and each free lunch as findings, with how far every member must move."""

from __future__ import annotations

import time
from collections.abc import Iterator

from barbell.core.case import Case
from barbell.core.errors import UnboundedError
from barbell.plan.conflict import Conflict, conflicts
from barbell.plan.diagnose import Lunch
from barbell.plan.review.finding import Finding, span
from barbell.plan.review.place import spot
from barbell.plan.tree import Forest

SECONDS = 45.0
"""No further contradiction is looked for after this time."""


def collisions(forest: Forest, most: int) -> Iterator[Finding]:
    """Findings on up to `most` contradictions, one for every member in all its periods."""
    begun = time.perf_counter()
    for number, members in enumerate(conflicts(forest, most), 1):
        yield from _members(forest.case, members, number)
        if time.perf_counter() - begun > SECONDS:
            return


def _members(case: Case, members: tuple[Conflict, ...], number: int) -> Iterator[Finding]:
    groups: dict[tuple[str, ...], list[Conflict]] = {}
    for member in members:
        groups.setdefault((member.kind, member.item, member.place, member.scenario, f"{member.bound:.6g} {member.relax:.6g}"), []).append(member)
    kind = f"conflict {number}: these {len(groups)} cannot all hold" if len(groups) > 1 else f"conflict {number}: this cannot hold"
    for found in groups.values():
        first = found[0]
        at = f" at {first.place}" if first.place else ""
        branch = f" of {first.scenario}" if first.scenario != "trunk" else ""
        what = f"{first.kind} {first.item}{at}"
        says = f"in {span([member.period for member in found])}{branch}{_bound(first)}"
        yield Finding(kind, "error", what, spot(case, first.kind, first.item, first.place), says, str(first).rpartition(": ")[2])


def _bound(member: Conflict) -> str:
    return "" if member.kind == "capacity" else f": {member.bound:,.6g} {member.unit}"


_TABLES = {"order": "options", "activity": "processes", "served": "demands", "sign": "contracts", "delivered": "contracts",
           "draw": "debts", "repay": "debts", "drawn": "entities", "paid": "entities"}  # fmt: skip


def lunch(case: Case, error: UnboundedError) -> Iterator[Finding]:
    """Findings on what grows without end, one for every part in all its periods."""
    groups: dict[tuple[str, str], list[Lunch]] = {}
    for part in error.lunch:
        if isinstance(part, Lunch):
            groups.setdefault((part.kind, part.item), []).append(part)
    for (kind, item), found in groups.items():
        pace = max(abs(part.pace) for part in found)
        says = f"grows without end in {span([part.period for part in found])}, at a pace of {pace:.4g}"
        table = _TABLES.get(kind, "")
        row = item.partition(" step ")[0] if kind == "served" else item.partition("@")[0] if kind == "activity" else item.replace("@", "/")
        where = case.where(table, row, "") if table else case.where("", "", "")
        yield Finding("free lunch", "error", f"{kind} {item}", where, says, "Something is missing a cost, a limit or an input")
