"""What a branch of the future sees."""

from __future__ import annotations

from barbell.core.case import Case

TRUNK = "trunk"


def seen_by(case: Case, scenario: str) -> Case:
    """The case as a branch sees it."""
    return case if scenario == TRUNK else case
