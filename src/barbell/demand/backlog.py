"""Backlog (remaining performance obligations) as contracts: how fast it is recognised, and what that takes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Runoff:
    """An even run-off: `revenue` per year over `months`."""

    revenue: float
    months: int


def runoff(backlog: float, weighted_life: float) -> Runoff:
    """Run-off of a `backlog` (money) whose mean remaining life is `weighted_life` (years).

    An even stream that ends after *T* years has a mean life of *T / 2*, so it lasts twice the weighted life.
    """
    if backlog < 0 or weighted_life <= 0:
        raise ValueError("a backlog is not negative and its life is positive")
    return Runoff(backlog / (2 * weighted_life), round(24 * weighted_life))
