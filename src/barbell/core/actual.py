"""What really happened: one figure of a series, in the case's units, tied to the periods of its horizon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from barbell.core.errors import Where

Sort = Literal["flow", "stand", "mean"]
METRICS: Mapping[str, Sort] = {
    "capex": "flow", "revenue": "flow", "operating_income": "flow", "operating_cash_flow": "flow", "free_cash_flow": "flow",
    "ppe_net": "stand", "in_service": "stand", "ordered": "flow", "served": "mean",
}  # fmt: skip
"""Metrics of a series: flows add up over periods, stands count at the end of the last, means are rates over all of them."""
HELD = ("capex", "revenue", "in_service", "ordered", "served")
"""Metrics that a plan can be held to; the others follow from these and are compared only."""


@dataclass(frozen=True)
class Actual:
    """One figure: `value` in `unit` of `metric`, over the periods from `first` to before `stop`; `period` is what the series calls them.

    `item` is an asset (in_service, ordered), a demand or contract (served) or a programme (capex; empty: all of the entity);
    `entity` whose money it is, its subsidiaries included; `place` where, and below.
    """

    metric: str
    item: str
    place: str
    entity: str
    period: str
    first: int
    stop: int
    value: float
    unit: str
    source: str = ""
    where: Where = field(default_factory=Where)

    @property
    def name(self) -> str:
        """What it measures, as it reads in tables."""
        at = f"@{self.place}" if self.place else ""
        what = f"{self.item}{at}" if self.item else self.entity
        return f"{what} {self.metric.replace('_', ' ')}"
