"""The calendar of a case: months, periods of any length, weighted slices inside a period.

One clock serves energy, money and work: a period of `m` months lasts `m / 12` years, a year has 8,760 hours.
A quarter is thus a quarter of a year, and the energy of four quarters is the energy of their year.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import ClassVar

HOURS_PER_YEAR = 8760.0
_LABEL = re.compile(r"([0-9]{4})(?:-([0-9]{2})|Q([1-4])|H([12]))?")


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """A calendar month, counted from year 0; dates in a case are months."""

    index: int
    MIN: ClassVar[Month]

    @classmethod
    def parse(cls, text: str) -> Month:
        """First month of ``2026``, ``2026H2``, ``2026Q3`` or ``2026-07``; raises ValueError otherwise."""
        return cls(_index(text))

    def __add__(self, months: int) -> Month:
        return Month(self.index + months)

    def __sub__(self, other: Month) -> int:
        return self.index - other.index

    @property
    def year(self) -> int:
        """Calendar year."""
        return self.index // 12

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.index % 12 + 1:02d}"


Month.MIN = Month(0)


@lru_cache(maxsize=4096)
def _index(text: str) -> int:
    """Month of a label, counted from year 0: a case says the same few dates over and over."""
    match = _LABEL.fullmatch(text)
    if match is None:
        raise ValueError("not a date such as 2026, 2026H2, 2026Q3 or 2026-07")
    year, month, quarter, half = match.groups()
    first = int(month) if month else 3 * int(quarter) - 2 if quarter else 6 * int(half) - 5 if half else 1
    if not 1 <= first <= 12:
        raise ValueError("a month lies between 01 and 12")
    return 12 * int(year) + first - 1


@dataclass(frozen=True)
class Period:
    """A stretch of whole months; the unit of decision."""

    start: Month
    months: int

    @property
    def years(self) -> float:
        """Length in years."""
        return self.months / 12

    @property
    def end(self) -> Month:
        """First month after the period."""
        return self.start + self.months

    @property
    def label(self) -> str:
        """``2026``, ``2026H1``, ``2026Q1`` or ``2026-01``; other lengths read ``2026-01+5m``."""
        first = self.start.index % 12
        year = f"{self.start.year:04d}"
        if self.months == 12 and first == 0:
            return year
        if self.months == 6 and first % 6 == 0:
            return f"{year}H{first // 6 + 1}"
        if self.months == 3 and first % 3 == 0:
            return f"{year}Q{first // 3 + 1}"
        return str(self.start) if self.months == 1 else f"{self.start}+{self.months}m"


@dataclass(frozen=True)
class Slice:
    """A part of a representative day: `hours` long, in a day that stands for `weight` of the period."""

    name: str
    day: str
    hours: float
    weight: float


@dataclass(frozen=True)
class Horizon:
    """Periods in order, the slices of each period, the last month that reports show, and how long orders come in whole blocks.

    The horizon is solved longer than it is reported, so that the end does not colour what is shown. Orders of periods that begin
    before `whole_end` come in whole blocks; None: those of periods that are reported.
    """

    periods: tuple[Period, ...]
    slices: tuple[Slice, ...]
    report_end: Month
    whole_end: Month | None = None

    @property
    def start(self) -> Month:
        """First month."""
        return self.periods[0].start

    @property
    def end(self) -> Month:
        """First month after the last period."""
        return self.periods[-1].end

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Labels of the periods."""
        return tuple(period.label for period in self.periods)

    @cached_property
    def years(self) -> tuple[float, ...]:
        """Lengths of the periods in years."""
        return tuple(period.years for period in self.periods)

    @cached_property
    def middles(self) -> tuple[float, ...]:
        """Mid-points of the periods in years from the start: the dates at which money flows."""
        return tuple((period.start - self.start) / 12 + period.years / 2 for period in self.periods)

    @cached_property
    def length(self) -> float:
        """Length of the whole horizon in years."""
        return (self.end - self.start) / 12

    @cached_property
    def shares(self) -> tuple[float, ...]:
        """Share of a period's time that each slice stands for; sums to one."""
        day = {name: sum(s.hours for s in self.slices if s.day == name) for name in {s.day for s in self.slices}}
        raw = [s.weight * s.hours / day[s.day] for s in self.slices]
        return tuple(value / sum(raw) for value in raw)

    @cached_property
    def whole(self) -> tuple[bool, ...]:
        """Whether orders of each period come in whole blocks, where an asset has any."""
        end = self.report_end if self.whole_end is None else self.whole_end
        return tuple(period.start < end for period in self.periods)

    def arrival(self, month: Month) -> int:
        """Index of the first period that begins at or after `month`; `len(periods)` when none does.

        Something ordered with a lead time serves from the first period that starts after the wait is over.
        """
        for index, period in enumerate(self.periods):
            if period.start >= month:
                return index
        return len(self.periods)

    def holding(self, month: Month) -> int:
        """Index of the period that contains `month`: -1 before the start, `len(periods)` after the end."""
        if month < self.start:
            return -1
        for index, period in enumerate(self.periods):
            if month < period.end:
                return index
        return len(self.periods)

    def extended(self, *, months: int, count: int) -> Horizon:
        """The same horizon solved `count` periods of `months` months longer, reported as before."""
        more = tuple(Period(self.end + k * months, months) for k in range(count))
        return Horizon(self.periods + more, self.slices, self.report_end, self.whole_end)
