"""Days to periods: which quarter, half or year a pair of days is, in the company's own calendar and in the store's labels.

Filings state days. The fiscal year and quarter that stand beside a figure in company facts are those of the *filing*, also for the
comparatives of the year before, so they are never used here.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

_LENGTHS = {3: (88, 99), 6: (178, 191), 9: (270, 282), 12: (363, 372)}
"""Days of a span of so many months: from calendar months or 13, 26, 39, 52 weeks to one week more, as in a year of 53 weeks."""
_EARLY, _LATE = 6, 4
"""Years of 52 or 53 weeks end on a weekday: at most so many days before, or after, the end of the month that they are named for."""


@dataclass(frozen=True, order=True)
class Span:
    """So many months up to the end of a month (counted as 12 x year + month - 1); no months: what stands then."""

    end: int
    months: int

    @property
    def year(self) -> int:
        """Calendar year in which the span ends."""
        return self.end // 12

    @property
    def month(self) -> int:
        """Calendar month with which the span ends, 1 to 12."""
        return self.end % 12 + 1

    @property
    def words(self) -> str:
        """For people: ``9 months to 2025-09``."""
        to = f"{self.year}-{self.month:02d}"
        return f"{self.months} months to {to}" if self.months else to


def span(start: date | None, end: date) -> Span | None:
    """The span between two days, the last one included; None where it is no count of quarters or ends in the middle of a month."""
    month = _month(end)
    if month is None:
        return None
    if start is None:
        return Span(month, 0)
    days = (end - start).days + 1
    for months, (least, most) in _LENGTHS.items():
        if least <= days <= most:
            return Span(month, months)
    return None


def quarter(found: Span, year_end: int) -> int | None:
    """Which quarter of the fiscal year, 1 to 4, the span ends with; None where it ends in the middle of one."""
    late = (found.month - year_end) % 12
    return None if late % 3 else late // 3 or 4


def fiscal_year(found: Span, year_end: int) -> int:
    """The fiscal year in which the span ends, named after the calendar year in which the fiscal year itself ends."""
    return (found.end + (year_end - found.month) % 12) // 12


def label(found: Span, year_end: int) -> str | None:
    """The store's name of a period; None where it has none, as for nine months.

    Calendar names wherever the span ends with a calendar quarter, also for companies with another fiscal year; fiscal names otherwise.
    """
    place = quarter(found, year_end)
    calendar = f"{found.year}Q{found.month // 3}" if found.month % 3 == 0 else ""
    if found.months == 0:
        return calendar or f"{found.year}_{found.month:02d}"
    if place is None:
        return None
    if found.months == 3:
        return calendar or fiscal(found, year_end)
    if found.months == 6:
        return f"{found.year}H{found.month // 6}" if found.month % 6 == 0 else None
    if found.months == 12 and place == 4:
        return f"{found.year}" if year_end == 12 else f"FY{fiscal_year(found, year_end)}"
    return f"ttm{calendar}" if found.months == 12 and calendar else None


def fiscal(found: Span, year_end: int) -> str:
    """The company's own name of the quarter with which the span ends: ``FY26Q2``."""
    return f"FY{fiscal_year(found, year_end) % 100:02d}Q{quarter(found, year_end)}"


def _month(day: date) -> int | None:
    if day.day <= _LATE:
        day -= timedelta(days=day.day)
    elif monthrange(day.year, day.month)[1] - day.day > _EARLY:
        return None
    return day.year * 12 + day.month - 1
