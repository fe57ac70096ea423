"""What an identity between figures is: two sides that must agree."""

from __future__ import annotations

from dataclasses import dataclass

Book = dict[tuple[str, str, str, str, str], float]
"""Values by entity, segment, metric, basis and period."""


@dataclass(frozen=True)
class Identity:
    """Two sides that must agree within `tolerance`: in millions of dollars, per share or as pure numbers, as `kind` asks."""

    kind: str
    subject: str
    left: float
    right: float
    tolerance: float = 1.0

    @property
    def holds(self) -> bool:
        """Whether the sides agree; companies round, so a sum may miss by one in the last place."""
        return abs(self.left - self.right) <= self.tolerance
