"""How the tables of a case must fit together: one small function per rule, each yielding faults with place, value and fix."""

from __future__ import annotations

from barbell.core.case import Case
from barbell.core.check import calendar, sums, supply, trees
from barbell.core.check.names import references
from barbell.core.errors import Fault

RULES = (*trees.RULES, *calendar.RULES, *sums.RULES, *supply.RULES)
"""Rules that may take for granted that every name is known."""


def check(case: Case) -> tuple[Fault, ...]:
    """Every fault of a case; unknown names alone, while there are any, since all else hangs on them."""
    unknown = tuple(references(case))
    if unknown:
        return unknown
    broken = tuple(trees.roots(case))
    return broken or tuple(fault for rule in RULES for fault in rule(case))
