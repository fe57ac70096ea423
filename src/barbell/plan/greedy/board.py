"""What one more unit takes (a run, the cheapest runs that feed it, the assets that they use) and what of it is missing today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from barbell.core.clock import Floats
from barbell.plan.greedy.outlook import Outlook

TINY = 1e-9
"""What is left counts as nothing below this share of what there is."""


@dataclass(frozen=True)
class Recipe:
    """Activity of runs, units of holdings used, and running cost per year, all for one unit of something."""

    runs: Mapping[int, float]
    uses: Mapping[int, float]
    cost: float


@dataclass
class Board:
    """What the planner has decided so far in one period.

    `stands` (H,) counts each holding at the date at which an order of today would arrive, `later` (H, T) at all dates, and
    `used` (H,) what bundles use of it. `plan` (O, T) is the book with the orders of today and those that wait for their turn;
    `slack` (ceilings,) what orders leave of each ceiling, and `worked` what activity uses of it. Runs that are `blocked` and
    options that are `exhausted` have met a ceiling.
    """

    outlook: Outlook
    t: int
    stands: Floats
    later: Floats
    used: Floats
    plan: Floats
    slack: Floats
    worked: Floats
    blocked: set[int] = field(default_factory=set)
    exhausted: set[int] = field(default_factory=set)
    _cheapest: dict[int, Recipe | None] = field(default_factory=dict)

    @classmethod
    def of(cls, outlook: Outlook, book: Floats, t: int) -> Board:
        """A clean board for the orders of one period."""
        later = outlook.capacity(book)
        stands = later[:, t:].max(axis=1)
        for holding, option in outlook.option_at.items():
            if outlook.limit[option, t] > 0:
                stands[holding] = later[holding, outlook.arrival[option, t]]
        slack = outlook.slack(book)
        return cls(outlook, t, stands, later, np.zeros(len(stands)), book.copy(), slack, np.zeros(len(slack)))

    def idle(self, holding: int) -> float:
        """Working units of a holding that nothing uses yet; nothing if it is but a rounding error."""
        left = float(self.stands[holding] - self.used[holding])
        return left if left > TINY * max(1.0, float(self.stands[holding])) else 0.0

    def changed(self) -> None:
        """Forget which runs were cheapest."""
        self._cheapest.clear()

    def recipe(self, run: int, above: frozenset[int] = frozenset()) -> Recipe | None:
        """What one unit of activity of a run takes; None if something that it needs cannot be had."""
        feed, t = self.outlook.feeds[run], self.t
        if run in self.blocked:
            return None
        runs, uses, cost = {run: 1.0}, {h: float(rate[t]) for h, rate in feed.uses if rate[t]}, float(feed.cost[t])
        if any(self.idle(h) <= 0 and not self.can_order(h) for h in uses):
            return None
        for account, rate in feed.needs:
            if rate[t] > 0:
                below = self._supply(account, above)
                if below is None:
                    return None
                _merge(runs, below.runs, float(rate[t]))
                _merge(uses, below.uses, float(rate[t]))
                cost += float(rate[t]) * below.cost
        return Recipe(runs, uses, cost)

    def can_order(self, holding: int) -> bool:
        """Whether more of a holding could be ordered today."""
        option = self.outlook.option_at.get(holding)
        return option is not None and option not in self.exhausted and self.outlook.effect[option, self.t] > 0

    def _supply(self, account: int, above: frozenset[int]) -> Recipe | None:
        """The cheapest way to one unit of an account, building what is missing; a thing is not made from itself."""
        if account in above:
            return None
        if not above and account in self._cheapest:
            return self._cheapest[account]
        best, least = None, np.inf
        for run in self.outlook.makers.get(account, ()):
            rate = next(float(r[self.t]) for a, r in self.outlook.feeds[run].makes if a == account)
            found = self.recipe(run, above | {account}) if rate > 0 else None
            if found is not None and (cost := self.yearly(found) / rate) < least:
                best, least = _scaled(found, 1 / rate), cost
        if not above:
            self._cheapest[account] = best
        return best

    def parts(self, recipe: Recipe) -> dict[int, float]:
        """Units to order of each option for one unit of a recipe: what nothing idle can give."""
        found: dict[int, float] = {}
        for holding, units in recipe.uses.items():
            if self.idle(holding) <= 0:
                option = self.outlook.option_at[holding]
                found[option] = found.get(option, 0.0) + units / float(self.outlook.effect[option, self.t])
        return found

    def yearly(self, recipe: Recipe) -> float:
        """Running cost of a recipe with the capex of its missing parts spread evenly over their lives."""
        return recipe.cost + sum(units * self._burden(option) for option, units in self.parts(recipe).items())

    def _burden(self, option: int) -> float:
        return self.opex(option) + self.capex(option) * 12 / self.outlook.sets.options[option].asset.life_months

    def capex(self, option: int) -> float:
        """Today's price of one unit."""
        return float(self.outlook.price[option, self.t])

    def opex(self, option: int) -> float:
        """Fixed cost per year of one unit."""
        return float(self.outlook.opex[option, self.t])

    def worth_new(self, recipe: Recipe) -> float:
        """What the assets of a recipe would cost new: the scarce dollars that something idle stands for."""
        options = {holding: self.outlook.option_at.get(holding) for holding in recipe.uses}
        return sum(units * self.capex(o) for h, units in recipe.uses.items() if (o := options[h]) is not None)

    def usable(self, recipe: Recipe, parts: Iterable[int]) -> int:
        """Period in which all that a recipe uses stands: its parts arrive, and what is idle is there."""
        at = [self.t, *(int(self.outlook.arrival[option, self.t]) for option in parts)]
        for holding in recipe.uses:
            if self.idle(holding) > 0:
                ready = self.later[holding, self.t :] > self.used[holding] + TINY * max(1.0, float(self.stands[holding]))
                at.append(self.t + int(np.argmax(ready)))
        return max(at)

    def free(self, holding: int, arrival: int) -> float:
        """Idle units of a holding that stand in a period already; all of them if they have gone again by then."""
        there = float(self.later[holding, arrival] - self.used[holding])
        return min(there, self.idle(holding)) if there > TINY * max(1.0, float(self.stands[holding])) else self.idle(holding)

    def turn(self, option: int, arrival: int) -> int:
        """Last period in which an order still arrives in time; never before today."""
        return max(int(np.searchsorted(self.outlook.arrival[option], arrival, side="right")) - 1, self.t)

    def room(self, option: int, t: int) -> float:
        """Units that may still be ordered in a period."""
        limit = float(self.outlook.limit[option, t])
        left = limit - float(self.plan[option, t])
        return left if left > TINY * max(1.0, limit if np.isfinite(limit) else 1.0) else 0.0


def _merge(total: dict[int, float], part: Mapping[int, float], scale: float) -> None:
    for key, value in part.items():
        total[key] = total.get(key, 0.0) + scale * value


def _scaled(recipe: Recipe, scale: float) -> Recipe:
    runs, uses = ({k: scale * v for k, v in part.items()} for part in (recipe.runs, recipe.uses))
    return Recipe(runs, uses, scale * recipe.cost)
