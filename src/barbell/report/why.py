"""Why the chip that gives most per dollar is not the one that does most of the work: reasons that a run gives, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from barbell.core.horizon import Month
from barbell.report import query
from barbell.report.number import percent, told
from barbell.report.workload import MW, USD, Maker, Workload

Busy = Mapping[tuple[str, str], Mapping[int, float]]
"""Chips at work by chip and resource, by year."""
MOST = 0.5
"""Share from which on something is most of it."""


def best(load: Workload, year: int) -> Maker | None:
    """The chip that gives most per dollar at the end of a year, of those that may be ordered then or stand; None where costs are not known."""
    last = query.last_of(load.case)[year]
    fleet = query.totals(query.seen(load.source, "fleet").filter(pl.col("period") == last), ["item"])
    there = [m for m in load.makers if load.value(USD, m, year) > 0 and (load.orderable(m.chip, year) or fleet.get((m.chip,), 0.0) > 0)]
    return max(there, key=lambda m: load.value(USD, m, year), default=None)


def busiest(load: Workload, year: int) -> Maker | None:
    """The chip that does most of the work of a year; None where none is done."""
    found = max(load.makers, key=lambda m: load.work[m.chip][year])
    return found if load.work[found.chip][year] > 0 else None


def reasons(load: Workload, others: Sequence[Workload], busy: Busy, year: int) -> str:
    """A sentence on the work of a year: which chip does most of it, which gives most per dollar, and what stands between them."""
    first, most = best(load, year), busiest(load, year)
    if first is None or most is None:
        return ""
    done = f"In {year} {most.chip} does {percent(load.share(most.chip, year))} of the work"
    if first.chip == most.chip:
        return f"{done} and gives most per USD."
    ahead = load.value(USD, first, year) / load.value(USD, most, year)
    said = "; ".join(_between(load, others, busy, first, most, year)) or "no single limit says why: the plan weighs it against everything else"
    close = ", within its range" if load.interval(USD, first, year).low <= load.value(USD, most, year) else ""
    return f"{done}, though {first.chip} gives {told(ahead)} times as much per USD{close}: {said}."


def _between(load: Workload, others: Sequence[Workload], busy: Busy, first: Maker, most: Maker, year: int) -> Iterator[str]:
    """What keeps the chip that gives most per dollar from doing more of the work."""
    yield from _late(load, first.chip, year)
    yield from _limited(load, first.chip, year)
    yield from _elsewhere(load, others, busy, first, most, year)
    stood = sum(c.amount for c in load.case.tables.cohorts if c.asset == most.chip)
    period = query.last_of(load.case)[year]
    now = query.totals(query.seen(load.source, "fleet").filter((pl.col("period") == period) & (pl.col("item") == most.chip)), ["item"])
    if stood and stood >= MOST * now.get((most.chip,), 0.0):
        yield f"most of {most.chip} stood or was under way at the start, so that only running it counts"
    if load.value(MW, most, year) > load.value(MW, first, year):
        yield f"per MW of IT {most.chip} gives {told(load.value(MW, most, year) / load.value(MW, first, year))} times as much"


def _late(load: Workload, chip: str, year: int) -> Iterator[str]:
    """Whether the chip arrives only late in the year, or after it."""
    rows = [o for o in load.case.tables.options if o.asset == chip]
    if not rows or any(c.asset == chip for c in load.case.tables.cohorts):
        return
    opens = min(max(Month.parse(o.opens), load.case.horizon.start) if o.opens else load.case.horizon.start for o in rows)
    serves = opens + query.assets(load.case)[chip].lead_months
    if serves > Month.parse(f"{year}-07"):
        yield f"it can be ordered from {opens} and serves from {serves}"


def _limited(load: Workload, chip: str, year: int) -> Iterator[str]:
    """Limits on its orders, and allowances that it takes, that have a price up to that year."""
    case = load.case
    limits = {t.limit for t in case.tables.terms if t.item == chip and t.measure in ("order", "service", "fleet")}
    takes = {t.resource for t in case.tables.takes if t.asset == chip}
    frame = query.seen(load.source, "prices").filter(pl.col("price") > 1e-9)
    named = (pl.col("kind") == "limit") & pl.col("item").is_in(sorted(limits)) | (pl.col("kind") == "account") & pl.col("item").is_in(sorted(takes))
    for item in frame.filter(named)["item"].unique(maintain_order=True).to_list():
        periods = [p for p in frame.filter(pl.col("item") == item)["period"].unique().to_list() if query.year_of(p) <= year]
        if periods:
            there = sum(query.year_of(p) <= year for p in query.shown(case))
            yield f"{item} is short in {len(periods)} of {there} periods up to then"


def _elsewhere(load: Workload, others: Sequence[Workload], busy: Busy, first: Maker, most: Maker, year: int) -> Iterator[str]:
    """The other work that takes most of the chip, and how much further ahead it is there."""
    mine = {resource: values[year] for (chip, resource), values in busy.items() if chip == first.chip}
    whole = sum(mine.values())
    for other in others:
        share = mine.get(other.resource, 0.0) / whole if whole else 0.0
        rival = next((m for m in other.makers if m.chip == most.chip), None)
        if other.resource != load.resource and share >= MOST:
            same = next(m for m in other.makers if m.chip == first.chip)
            ahead = f", where it gives {told(other.value(USD, same, year) / other.value(USD, rival, year))} times as much per USD" if rival else ""
            yield f"{percent(share)} of it works in {other.resource}{ahead}"
