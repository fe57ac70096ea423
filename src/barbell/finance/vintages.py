"""Property in service by vintage: its cost, how much of it still stands, and its book value, straight line and by the month.

A vintage of cost K that enters service in month m and lives L months is worth K x standing x (1 - (month - m) / L) in the books.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barbell.core.clock import Floats, Ints
from barbell.core.horizon import Month
from barbell.core.nouns import Asset
from barbell.core.relations import Cohort
from barbell.finance.projects import COHORT, Projects
from barbell.finance.view import View

_LEAST = 1e-9
"""Units below which a batch says nothing about how much of a vintage still stands."""


@dataclass(frozen=True)
class Vintage:
    """What entered service together, in `period` (-1: it stood before the start) and `month`, for `months` in the books.

    Its cost is `opening` (what the books carry of a cohort that stood at the start) and what is placed in service of the projects `rows`.
    `stands` (T,) is the share of it that stands in each period, 1 on entering service.
    """

    asset: str
    place: str
    period: int
    month: int
    months: int
    stands: Floats
    depreciated: bool
    opening: float = 0.0
    rows: tuple[int, ...] = ()

    def cost(self, placed: Floats) -> float:
        """What the books carry of it in its first month; `placed` (P,) is what is placed in service of each project."""
        return self.opening + float(placed[list(self.rows)].sum())

    def left(self, month: Ints) -> Floats:
        """Share of the cost not yet charged at the beginning of each month, of any shape."""
        if not self.depreciated:
            return np.ones(month.shape)
        return np.clip(1 - (month - self.month) / self.months, 0.0, 1.0)

    @property
    def before(self) -> Floats:
        """(T,) share that stood at the end of the period before; nothing until it is in service."""
        return np.concatenate([[1.0 if self.period < 0 else 0.0], self.stands[:-1]])

    @property
    def gone(self) -> Floats:
        """(T,) share that leaves at the start of each period, after the period in which it entered service."""
        gone = self.before - self.stands
        gone[: self.period + 1] = 0.0
        return gone


def vintages(view: View, found: Projects) -> list[Vintage]:
    """Everything capitalised that stands or enters service within the horizon: first what stood at the start."""
    begin = int(view.clock.start[0])
    old = [c for c in view.case.tables.cohorts if Month.parse(c.service).index < begin and view.capitalised[c.asset]]
    return [*(_standing(view, c) for c in old), *_bought(view, found)]


def _standing(view: View, cohort: Cohort) -> Vintage:
    """A cohort that stands at the start: its price is historic cost, of which the share of life that is left is not yet charged."""
    asset, begin = view.assets[cohort.asset], int(view.clock.start[0])
    rest = Month.parse(cohort.service).index + asset.life_months - begin if cohort.remaining_months is None else cohort.remaining_months
    share = min(rest / asset.life_months, 1.0) if asset.depreciation else 1.0
    stands = _share(view, asset, cohort.place, cohort.name, 0, begin + rest, cohort.amount)
    opening = cohort.price * cohort.amount * share if rest > 0 else 0.0
    return Vintage(asset.name, cohort.place, -1, begin, max(rest, 1), stands, bool(asset.depreciation), opening)


def _bought(view: View, found: Projects) -> list[Vintage]:
    """Orders and conversions that enter service together are one vintage; each cohort is its own."""
    keys: dict[tuple[str, str, int, str], list[int]] = {}
    for number, (source, asset, place, u) in enumerate(zip(found.source, found.asset, found.place, found.service.tolist(), strict=True)):
        if u < view.clock.count and view.capitalised[asset]:
            name = source.removeprefix(COHORT) if source.startswith(COHORT) else view.clock.label(u)
            keys.setdefault((asset, place, u, name), []).append(number)
    made = []
    for (item, spot, first, batch), rows in keys.items():
        owned, month, worn = view.assets[item], int(view.clock.edges[first]), int(found.worn[rows[0]])
        stands = _share(view, owned, spot, batch, first, worn, float(found.units[rows].sum()))
        stands[first] = 1.0  # whole in its first period, even if the plan never lets it stand because its life is shorter than the wait
        made.append(Vintage(item, spot, first, month, max(worn - month, 1), stands, bool(owned.depreciation), rows=tuple(rows)))
    return made


def _share(view: View, asset: Asset, place: str, name: str, first: int, worn: int, units: float) -> Floats:
    """(T,) share of a vintage that stands: what its own batch says, or where batches are lumped what attrition leaves until it is worn out."""
    clock = view.clock
    t = np.arange(clock.count)
    batch = view.stands(f"{asset.name}@{place} {name}")
    if batch is not None and units > _LEAST:
        share = batch / units
    else:
        kept = (1 - asset.attrition) ** ((clock.start - clock.start[first]) / 12)
        share = np.where(t < clock.arrival(np.array([worn]))[0], kept, 0.0)
    share = np.where(t < first, 0.0, share)
    share[first:] = np.minimum.accumulate(np.clip(share[first:], 0.0, 1.0))
    return np.asarray(share)


def kept(view: View, asset: Asset) -> Floats:
    """(T,) share of units that attrition leaves from one period to the next."""
    rest: Floats = (1 - asset.attrition) ** view.clock.between
    return rest
