"""Sums: shares that have to make a whole, prices that have to fall, shapes that have to be complete."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from barbell.core.case import Case
from barbell.core.check.told import told
from barbell.core.errors import Fault
from barbell.core.relations import Payment, PriceStep, Profile, SliceRow

_CLOSE = 1e-9


def payments(case: Case) -> Iterator[Fault]:
    """The shares of a payment profile sum to one."""
    profiles: dict[str, list[Payment]] = defaultdict(list)
    for row in case.tables.payments:
        profiles[row.name].append(row)
    for name, rows in profiles.items():
        if abs((total := sum(row.share for row in rows)) - 1) > _CLOSE:
            yield told(case, rows[-1], "share", f"the shares of '{name}' sum to {total:g}", "Let them sum to 1")


def price_steps(case: Case) -> Iterator[Fault]:
    """Every demand has price steps, whose shares sum to one and whose prices never rise."""
    steps: dict[str, list[PriceStep]] = defaultdict(list)
    for row in sorted(case.tables.price_steps, key=lambda row: row.step):
        steps[row.demand].append(row)
    for demand in case.tables.demands:
        rows = steps[demand.name]
        if not rows:
            yield told(case, demand, "name", "the demand has no price steps", "Add a row to price_steps.csv, such as one step with share 1")
        elif abs((total := sum(row.share for row in rows)) - 1) > _CLOSE:
            yield told(case, rows[-1], "share", f"the shares of '{demand.name}' sum to {total:g}", "Let them sum to 1")
        for high, low in pairwise(rows):
            months = sorted({month for row in (high, low) for month, _ in row.price.steps})
            rises = [m for m in months if (high.price.at(m) or 0.0) < (low.price.at(m) or 0.0) and high.price.at(m) is not None]
            if rises:
                since = f" in {rises[0]}" if rises[0].index else ""
                problem = f"the price rises from step {high.step} to step {low.step}{since}"
                yield told(case, low, "price", problem, "Number the steps from the highest price to the lowest")


def slices(case: Case) -> Iterator[Fault]:
    """All slices of a day have one weight."""
    first: dict[str, SliceRow] = {}
    for row in case.tables.slices:
        day = first.setdefault(row.day, row)
        if row.weight != day.weight:
            problem = f"the slice '{day.name}' of the same day weighs {day.weight:g}"
            yield told(case, row, "weight", problem, "Give all slices of a day the weight of the day")


def profiles(case: Case) -> Iterator[Fault]:
    """A profile has a value in every slice."""
    shapes: dict[str, list[Profile]] = defaultdict(list)
    for row in case.tables.profiles:
        shapes[row.name].append(row)
    for name, rows in shapes.items():
        lacking = [s.name for s in case.tables.slices if s.name not in {row.slice for row in rows}]
        if lacking:
            yield told(case, rows[-1], "slice", f"the profile '{name}' says nothing of {', '.join(lacking)}", "Add a row for each slice")


def availability(case: Case) -> Iterator[Fault]:
    """Never more of an asset works than stands."""
    peaks: dict[str, float] = defaultdict(float)
    for row in case.tables.profiles:
        peaks[row.name] = max(peaks[row.name], row.value)
    for asset in case.tables.assets:
        peak = peaks.get(asset.profile, 1.0) * max(asset.availability.values)
        if peak > 1 + _CLOSE:
            problem = f"availability times profile reaches {peak:g}: more would work than stands"
            yield told(case, asset, "profile", problem, "Scale the profile down to 1 at most")
