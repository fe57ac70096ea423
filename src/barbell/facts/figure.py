"""One row of the store, with the spot where it stands."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, fields
from typing import get_args

from barbell.core.relations import Fact

GRADES: tuple[str, ...] = get_args(Fact.model_fields["grade"].annotation)
"""The one scale: A primary, B cross-checked, C single secondary or estimate, D unverified, M own computation, S own assumption."""
_YEAR = re.compile(r"(ttm|FY)?([0-9]{4}|[0-9]{2})(?:(Q|H)([1-4]))?(?:_.*)?")


@dataclass(frozen=True, slots=True)
class Figure:
    """A fact and what it is about.

    The first nine columns are those of `core.relations.Fact` and the address; `entity`, `segment`, `metric`, `basis` and `period`
    say what is counted, so that figures of one series stand together: ``amzn``, ``aws``, ``revenue``, ``segment``, ``2026Q1``.
    """

    name: str
    value: str
    unit: str
    low: str
    high: str
    as_of: str
    source: str
    url: str
    grade: str
    entity: str
    segment: str
    metric: str
    basis: str
    period: str
    note: str
    file: str = ""
    line: int = 0

    @property
    def number(self) -> float:
        """The value as a number, in the figure's unit; not a number where the text is none."""
        try:
            return float(self.value)
        except ValueError:
            return math.nan

    @property
    def fact(self) -> Fact:
        """As the core type that cells refer to; the address follows the title of the source. Raises pydantic's error on a bad grade or name."""
        source = f"{self.source}, {self.url}" if self.url else self.source
        return Fact(
            name=self.name,
            value=self.value,
            unit=self.unit,
            as_of=self.as_of,
            source=source,
            grade=self.grade,  # type: ignore[arg-type]
            low=self.low,
            high=self.high,
            note=self.note,
        )

    @property
    def about(self) -> tuple[str, str, str, str, str]:
        """Entity, segment, metric, basis and period: what the figure is about, whoever says it and whenever."""
        return self.entity, self.segment, self.metric, self.basis, self.period

    @property
    def span(self) -> str:
        """The kind of period: quarter (also for what stands at its end), half, year, ttm (four quarters up to the one named) or instant."""
        found = _YEAR.fullmatch(self.period)
        if found is None or "_" in self.period:
            return "instant"
        if found[1] == "ttm":
            return "ttm"
        return {"Q": "quarter", "H": "half", None: "year"}[found[3]]

    @property
    def order(self) -> tuple[str, ...]:
        """Sorts figures by period, then by the day from which they were known."""
        found = _YEAR.fullmatch(self.period)
        if found is None:
            return "", "", self.period, self.as_of
        year = found[2] if len(found[2]) == 4 else f"20{found[2]}"
        return year, found[4] or "9", self.period, self.as_of


COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(Figure))[:15]
"""Columns of the data files, in their order."""
