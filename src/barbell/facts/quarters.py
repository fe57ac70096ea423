"""Quarters out of what is filed year to date: six months less three, nine less six, the year less nine."""

from __future__ import annotations

from collections.abc import Mapping

from barbell.facts.calendar import Span, fiscal_year, quarter
from barbell.facts.version import History, combine


def quarters(filed: Mapping[Span, History], year_end: int) -> tuple[dict[Span, History], dict[Span, tuple[str, ...]]]:
    """Quarters that were not filed themselves, and why some are missing or not up to date.

    `filed` are the spans of one series that adds up over time; `year_end` is the month in which the fiscal year ends. A quarter is what
    was filed from the beginning of the fiscal year less the same up to the quarter before, or less the quarters before where that was
    not filed. Where neither is there, the quarter is missing and named: what is known of half a year is never called a quarter.
    """
    made: dict[Span, History] = {}
    refused: dict[Span, tuple[str, ...]] = {}
    for year in sorted({fiscal_year(span, year_end) for span in filed}):
        for place in (2, 3, 4):
            end = year * 12 + year_end - 1 - 3 * (4 - place)
            whole, single = Span(end, 3 * place), Span(end, 3)
            if single in filed or whole not in filed:
                continue
            before = Span(end - 3, 3 * (place - 1))
            singles = [Span(end - 3 * n, 3) for n in range(place - 1, 0, -1)]
            parts = [before] if before in filed else singles
            known = {**made, **filed}
            missing = [span for span in parts if not known.get(span)]
            if missing:
                refused[single] = (f"{before.words} is not in the file to take from {whole.words}",)
                continue
            note = f"{whole.words} less {before.words if parts == [before] else 'the quarters before'}"
            versions, reasons = combine(filed[whole], [(-1, known[span]) for span in parts], note)
            made[single] = versions
            if reasons:
                refused[single] = reasons
    return made, refused


def misfit(span: Span, year_end: int) -> bool:
    """Whether the span ends in the middle of a quarter of this fiscal year."""
    return span.months > 0 and quarter(span, year_end) is None
