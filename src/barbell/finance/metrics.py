"""What a GW of IT costs all in: the chips that a plan orders and everything that they need in turn, at full use.

From a chip the chain runs through the processes that the plan runs: what a process uses, and what makes the accounts that it draws on,
in the mix in which the plan makes them where and when the chips enter service. Every asset of the chain counts at the price, index and
factor of its place on the day on which the chips are ordered, and for what stands idle on average (availability).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from barbell.core.branch import TRUNK
from barbell.core.case import Case
from barbell.core.clock import Floats
from barbell.core.relations import ProcessRate, Use
from barbell.finance.operations import mean_over_slices
from barbell.finance.projects import ORDER, projects
from barbell.finance.view import View, look

Run = tuple[str, str]
ALL = "all"
CHIPS = "chips"
_IT = "IT"
"""Name under which MW of IT are counted beside the assets."""
_LEAST = 1e-9
"""Activity and availability below which nothing runs."""
_SCHEMA: dict[str, Any] = {"chip": pl.String, "part": pl.String, "value": pl.Float64, "unit": pl.String, "ordered": pl.Float64}


def cost_per_gw(
    case: Case, tables: Mapping[str, pl.DataFrame], scenario: str = TRUNK, *, it: Sequence[str] = (), chips: Sequence[str] = ()
) -> pl.DataFrame:
    """Capex per GW of IT of each chip that the plan orders: columns chip, part, value, unit, ordered (GW of IT ordered and run).

    `it` names the resources that count MW of IT (default: ``it`` and those that begin with ``it_``), `chips` the assets that are chips
    (default: those counted in chips). A part is an asset, or several whose names share the word before the first ``_``; ``chips`` is the
    chip itself and ``all`` the sum. Chips that no process runs, or that draw no IT, have no row.
    """
    view = look(case, tables, scenario)
    known = tuple(it) or tuple(r.name for r in case.tables.resources if r.name == "it" or r.name.startswith("it_"))
    counted = tuple(chips) or tuple(a.name for a in case.tables.assets if a.unit.endswith("chip"))
    chain = _Chain(view, known)
    spent: dict[str, dict[str, float]] = {}
    for chip, place, ordered, service, units in _ordered(view, counted):
        for name, amount in chain.of_chip(chip, place, service, ordered).items():
            part = name if name == _IT else CHIPS if name == chip else name.partition("_")[0]
            total = spent.setdefault(chip, defaultdict(float))
            total[part] += units * amount
    rows = [(chip, part, value, f"{case.money}/GW", gw) for chip, parts in spent.items() for part, value, gw in _per_gw(parts)]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def needs_per_gw(case: Case, tables: Mapping[str, pl.DataFrame], scenario: str = TRUNK) -> pl.DataFrame:
    """The cost of `cost_per_gw` asset by asset: columns chip, part, asset, money (per GW of IT) and units (of the asset per GW of IT)."""
    view = look(case, tables, scenario)
    it = tuple(r.name for r in case.tables.resources if r.name == "it" or r.name.startswith("it_"))
    counted = tuple(a.name for a in case.tables.assets if a.unit.endswith("chip"))
    chains = {"money": _Chain(view, it), "units": _Counted(view, it)}
    spent: dict[str, dict[str, dict[str, float]]] = {}
    for chip, place, ordered, service, units in _ordered(view, counted):
        for column, chain in chains.items():
            for name, amount in chain.of_chip(chip, place, service, ordered).items():
                total = spent.setdefault(chip, {}).setdefault(name, dict.fromkeys(chains, 0.0))
                total[column] += units * amount
    rows = [
        (chip, CHIPS if name == chip else name.partition("_")[0], name, *(amounts[column] / parts[_IT]["money"] * 1000 for column in chains))
        for chip, parts in spent.items() if parts.get(_IT, {}).get("money", 0.0) > 0 for name, amounts in sorted(parts.items()) if name != _IT
    ]  # fmt: skip
    schema = {"chip": pl.String, "part": pl.String, "asset": pl.String, "money": pl.Float64, "units": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _per_gw(parts: Mapping[str, float]) -> Iterator[tuple[str, float, float]]:
    gw = parts.get(_IT, 0.0) / 1000
    if gw > 0:
        money = {part: value / gw for part, value in parts.items() if part != _IT}
        for part in sorted(money):
            yield part, money[part], gw
        yield ALL, sum(money.values()), gw


def _ordered(view: View, chips: Sequence[str]) -> Iterator[tuple[str, str, int, int, float]]:
    """Chip, place, period of the order and of service (the last that is seen, if later), units."""
    found = projects(view)
    for n, source in enumerate(found.source):
        if source == ORDER and found.asset[n] in chips and found.units[n] > 0:
            yield found.asset[n], found.place[n], int(found.ordered[n]), min(int(found.service[n]), view.seen - 1), float(found.units[n])


class _Chain:
    """What one unit of activity needs: money by asset, and MW of IT. What feeds on itself counts once around the loop."""

    def __init__(self, view: View, it: Sequence[str]) -> None:
        self.view, self.it = view, frozenset(it)
        self.assets = view.assets
        self.memory: dict[tuple[Run, int, int], Mapping[str, float]] = {}
        self.uses: dict[str, list[tuple[Use, Floats]]] = defaultdict(list)
        self.users: dict[str, list[tuple[Use, Floats]]] = defaultdict(list)
        self.rates: dict[str, list[tuple[ProcessRate, Floats]]] = defaultdict(list)
        self.sources: dict[str, list[tuple[ProcessRate, Floats]]] = defaultdict(list)
        for use in view.case.tables.uses:
            used = use, view.clock.mean(use.use)
            self.uses[use.process].append(used)
            self.users[use.asset].append(used)
        for rate in view.case.tables.rates:
            made = rate, view.clock.mean(rate.rate)
            self.rates[rate.process].append(made)
            self.sources[rate.resource].append(made)

    def of_chip(self, chip: str, place: str, t: int, priced: int) -> Mapping[str, float]:
        """Money by asset and MW of IT per unit of a chip, mean over the processes that run it in period `t`; nothing if none does."""
        total: dict[str, float] = defaultdict(float)
        chips = 0.0
        for use, amounts in self.users[chip]:
            for run, levels in self.runs.get(use.process, {}).items():
                if levels[t] > _LEAST and self.holder(chip, use.place or run[1]) == place:
                    chips += levels[t] * amounts[t] / self.works[chip][t]
                    for name, amount in self.needs(run, t, priced).items():
                        total[name] += levels[t] * amount
        return {name: amount / chips for name, amount in total.items()} if chips > 0 else {}

    def needs(self, run: Run, t: int, priced: int) -> Mapping[str, float]:
        """The same per unit of activity of a run, assets priced as if ordered in period `priced`."""
        key = run, t, priced
        if key not in self.memory:
            self.memory[key] = {}
            self.memory[key] = self._needs(run, t, priced)
        return self.memory[key]

    def _needs(self, run: Run, t: int, priced: int) -> Mapping[str, float]:
        total: dict[str, float] = defaultdict(float)
        process, place = run
        for use, amounts in self.uses[process]:
            units = amounts[t] / max(self.works[use.asset][t], _LEAST)
            total[use.asset] += units * self.price(use.asset, self.holder(use.asset, use.place or place), priced)
        for rate, amounts in self.rates[process]:
            drawn = max(-amounts[t], 0.0)
            total[_IT] += drawn * (rate.resource in self.it)
            makers = self.makers(rate.resource, self.account(rate.resource, rate.place or place), t) if drawn > 0 else []
            made = sum(amount for _, _, amount in makers)
            for maker, level, _ in makers:
                for name, amount in self.needs(maker, t, priced).items():
                    total[name] += drawn * level / made * amount * (name != _IT)
        return total

    def makers(self, resource: str, account: str, t: int) -> list[tuple[Run, float, float]]:
        """Runs that make a resource at an account in a period: run, its activity, what it makes."""
        return [
            (run, float(levels[t]), float(amounts[t] * levels[t]))
            for rate, amounts in self.sources[resource]
            if amounts[t] > 0
            for run, levels in self.runs.get(rate.process, {}).items()
            if levels[t] > _LEAST and self.account(resource, rate.place or run[1]) == account
        ]

    def account(self, resource: str, place: str) -> str:
        """Place of the account to which something at a place is booked."""
        case = self.view.case
        return next(p for p in case.lineage[place] if case.places[p].kind == self.level[resource])

    def holder(self, asset: str, place: str) -> str:
        """The nearest place, itself or above, at which an asset stands or may stand."""
        return next((p for p in self.view.case.lineage[place] if (asset, p) in self.holdings), place)

    def price(self, asset: str, place: str, t: int) -> float:
        """Price of a unit ordered in a period; without a factor where it cannot be ordered."""
        option, row = self.view.options.get((asset, place)), self.assets[asset]
        return float(row.capex * self.view.levels[row.index][t] * (option.capex_factor if option else 1.0))

    @cached_property
    def level(self) -> Mapping[str, str]:
        """Kind of place at which each resource balances."""
        return {r.name: r.level for r in self.view.case.tables.resources}

    @cached_property
    def holdings(self) -> frozenset[tuple[str, str]]:
        """(asset, place) in the plan's fleet."""
        return frozenset(self.view.tables["fleet"].select("item", "place").unique().iter_rows())

    @cached_property
    def runs(self) -> Mapping[str, Mapping[Run, Floats]]:
        """(T,) mean activity of each run, by process."""
        frame = self.view.tables["activity"].group_by("item", "place", "t").agg(mean_over_slices(self.view))
        found: dict[str, dict[Run, Floats]] = {}
        for item, place, t, value in frame.iter_rows():
            found.setdefault(item, {}).setdefault((item, place), np.zeros(self.view.clock.count))[t] = value
        return found

    @cached_property
    def works(self) -> Mapping[str, Floats]:
        """(T,) share of the standing units of each asset that works."""
        return {a.name: self.view.clock.mean(a.availability) for a in self.assets.values()}


class _Counted(_Chain):
    """The same chain in units of each asset in place of money."""

    def price(self, asset: str, place: str, t: int) -> float:  # noqa: ARG002
        """One for every unit."""
        return 1.0
