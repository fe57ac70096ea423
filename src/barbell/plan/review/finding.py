"""What a review finds: one remark about a case, with its place in the user's files, what it means in numbers, and what to do."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from barbell.core.errors import Where

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True)
class Finding:
    """One remark: its kind, how severe, what it speaks of, where that stands, what it says and what to do about it.

    `worth` is what is at stake, in the case's money of today; NaN where no number can be put to it.
    """

    kind: str
    severity: Severity
    what: str
    where: Where
    says: str
    fix: str
    worth: float = math.nan


def ranked(found: list[Finding]) -> tuple[Finding, ...]:
    """By severity, then by what is at stake; findings of one kind stay together, those of equal weight as they came."""
    most: dict[tuple[str, str], float] = {}
    for finding in found:
        key = finding.severity, finding.kind
        most[key] = max(most.get(key, 0.0), _size(finding))
    return tuple(sorted(found, key=lambda f: (SEVERITIES.index(f.severity), -most[f.severity, f.kind], f.kind, -_size(f))))


def _size(finding: Finding) -> float:
    return 0.0 if math.isnan(finding.worth) else abs(finding.worth)


def amount(value: float) -> str:
    """A number as sentences show it: four significant digits."""
    value = 0.0 if abs(value) < 1e-9 else value
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e9 else f"{value:.4g}"


def span(labels: list[str]) -> str:
    """Periods in words: one, or the first and the last."""
    return labels[0] if len(labels) == 1 else f"{labels[0]} to {labels[-1]}"
