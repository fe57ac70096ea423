"""What a year of work costs: every unit that it takes at the annuity of its price, and what running it takes, before tax.

The chain is that of `finance.metrics`: what a process uses, and what makes the accounts that it draws on, in the mix in which the plan
makes them. So chips that the plan does not buy have a cost as well, on one scale with those that it buys.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import polars as pl

from barbell.core.branch import TRUNK
from barbell.core.case import Case
from barbell.finance.metrics import _Chain
from barbell.finance.view import look

ENERGY, RUNNING = "energy", "running"
POWER = "power"
"""Resource that counts mean power, by convention: what making it costs is energy."""
_SCHEMA: dict[str, Any] = {"process": pl.String, "period": pl.String, "part": pl.String, "value": pl.Float64, "unit": pl.String}


def annuity(rate: float, months: int) -> float:
    """Equal payments at the end of each year of a life that are worth 1 today, at an effective rate per year."""
    years = months / 12
    return 1 / years if rate == 0 else -rate / math.expm1(-years * math.log1p(rate))


def yearly_cost(
    case: Case, tables: Mapping[str, pl.DataFrame], processes: Sequence[str], periods: Sequence[str], scenario: str = TRUNK
) -> pl.DataFrame:
    """Cost of a unit of activity for a year, by process, period and part: columns process, period, part, value, unit [money/year].

    Parts: assets by the word before the first ``_``, those that the process itself uses by their whole name; ``energy`` for what brings
    power, ``running`` for every other variable cost. Prices are those of an order placed in the period; what the process draws on is made
    in the mix of all places in that period. A process that draws on what nothing makes then has no row.
    """
    chain = Yearly(look(case, tables, scenario), ())
    labels = list(case.horizon.labels)
    rows = []
    for process in processes:
        for period in periods:
            found = chain.of_process(process, labels.index(period))
            rows += [(process, period, part, value, case.money) for part, value in found.items() if value]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


class Yearly(_Chain):
    """The chain with annuities and upkeep in place of prices, and with what running costs; made of a view, it remembers what it worked out."""

    def of_process(self, process: str, t: int) -> Mapping[str, float]:
        """Cost by part per unit of activity of a process, wherever it may run; nothing where something that it draws is not made."""
        total: dict[str, float] = defaultdict(float)
        for use, amounts in self.uses[process]:
            works = self.works[use.asset][t]
            total[use.asset] += amounts[t] / works * self.price(use.asset, "", t) if works > 0 else 0.0
        total[RUNNING] += self._running(process, t)
        for rate, amounts in self.rates[process]:
            drawn = max(-amounts[t], 0.0)
            made = self._made(rate.resource, t) if drawn else {}
            if drawn and not made:
                return {}
            for part, value in made.items():
                total[part] += drawn * value
        return total

    def _made(self, resource: str, t: int) -> Mapping[str, float]:
        """Cost by part of one unit of a resource, mean over everywhere that it is made; nothing where it is not."""
        if (resource, t) not in self._mixes:
            total: dict[str, float] = defaultdict(float)
            amount = 0.0
            for rate, amounts in self.sources[resource]:
                for run, levels in self.runs.get(rate.process, {}).items() if amounts[t] > 0 else ():
                    amount += float(amounts[t] * levels[t])
                    for name, value in self.needs(run, t, t).items() if levels[t] > 0 else ():
                        total[_part(name)] += float(levels[t]) * value
            self._mixes[resource, t] = {part: value / amount for part, value in total.items()} if amount > 0 else {}
        return self._mixes[resource, t]

    @cached_property
    def _mixes(self) -> dict[tuple[str, int], Mapping[str, float]]:
        return {}

    def _needs(self, run: tuple[str, str], t: int, priced: int) -> Mapping[str, float]:
        """What the run uses and draws on, and what running it costs."""
        total = defaultdict(float, super()._needs(run, t, priced))
        process = run[0]
        total[f"{ENERGY if process in self._makers else RUNNING}:"] += self._running(process, t)
        return total

    @cached_property
    def _makers(self) -> frozenset[str]:
        """Processes that bring power."""
        return frozenset(rate.process for rate in self.view.case.tables.rates if rate.resource == POWER and max(rate.rate.values) > 0)

    def _running(self, process: str, t: int) -> float:
        row = self._rows[process]
        return float(self.view.clock.mean(row.variable_cost)[t] * self.view.levels[row.index][t])

    @cached_property
    def _rows(self) -> Mapping[str, Any]:
        return {row.name: row for row in self.view.case.tables.processes}

    def price(self, asset: str, place: str, t: int) -> float:
        """Annuity of a unit's price at the cost of capital of its owner, and its upkeep."""
        row = self.assets[asset]
        return super().price(asset, place, t) * self.annuities[asset] + float(row.fixed_opex * self.view.levels[row.opex_index][t])

    @cached_property
    def annuities(self) -> Mapping[str, float]:
        """Annuity of each asset over its life."""
        rates = {e.name: e.discount_rate for e in self.view.case.tables.entities}
        owners = {p.name: p.entity for p in self.view.case.tables.programmes}
        return {a.name: annuity(rates[owners[a.programme]], a.life_months) for a in self.assets.values()}


def _part(name: str) -> str:
    """Part to which an asset, or the running cost of a process, counts: the first word of its name."""
    return name.removesuffix(":") if name.endswith(":") else name.partition("_")[0]
