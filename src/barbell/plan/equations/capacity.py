"""Equation 3, capacity: what runs occupy is at most what works of what stands.

::

    sum(use x activity) <= availability x profile x (sum(capability x fleet) - sum(outage x conversions under way))
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barbell.core.clock import Floats
from barbell.plan.equations.fleet import Fleet
from barbell.plan.lp import Axis, Program, Rows, Variable
from barbell.plan.sets import Sets


@dataclass(frozen=True)
class Activity:
    """activity (R, T, Z): the level at which each run works."""

    activity: Variable


def write(program: Program, sets: Sets, fleet: Fleet) -> Activity:
    """Add activity and hold it to the fleet."""
    activity = program.variable("activity", (sets.run_axis, sets.period, sets.slice))
    place = {holding: number for number, holding in enumerate(sets.used)}
    labels = tuple("@".join(sets.holdings[h]) for h in sets.used)
    rows = program.rows("capacity", (Axis("holding", labels), sets.period, sets.slice), upper=0.0)
    for use in sets.uses:
        rows.add(use.rate[:, None], activity[use.run], at=place[use.holding])
    works = _works(sets)
    able = capability(sets)
    for number, batch in enumerate(sets.batches):
        if batch.holding in place:
            rows.add(-able[number][:, None] * works[batch.holding], fleet.fleet[number][:, None], at=place[batch.holding])
    _outages(rows, sets, fleet, place, works)
    return Activity(activity)


def _works(sets: Sets) -> Floats:
    """(H, T, Z) share of the standing units that works."""
    assets = [sets.assets[a] for a, _ in sets.holdings]
    share = [sets.clock.mean(a.availability)[:, None] * sets.profile(a.profile) for a in assets]
    return np.array(share).reshape(-1, sets.clock.count, len(sets.slice))


def capability(sets: Sets) -> Floats:
    """(B, T) capacity of one unit: its vintage's gain, less what has faded."""
    clock = sets.clock
    rows = []
    for batch in sets.batches:
        asset = sets.assets[sets.holdings[batch.holding][0]]
        gain = 1.0 if batch.lumped else clock.level(sets.index(asset.gain), batch.born)
        rows.append(gain * (1 - asset.fade) ** age(sets, batch.born))
    return np.array(rows).reshape(-1, clock.count)


def age(sets: Sets, born: int) -> Floats:
    """(T,) years in service at the start of each period."""
    return np.maximum((sets.clock.start - born) / 12, 0.0)


def _outages(rows: Rows, sets: Sets, fleet: Fleet, place: dict[int, int], works: Floats) -> None:
    """Neighbours of what is being converted stand still from the start of the conversion until its delivery."""
    for number, (conversion, batch) in enumerate(sets.conversions):
        holding = sets.batches[batch].holding
        if not conversion.outage or holding not in place:
            continue
        for t, delivery in enumerate(fleet.delivery[number]):
            during = np.s_[t:delivery]
            rows.add(conversion.outage * works[holding, during], fleet.convert[number, t], at=(place[holding], during))
