"""The stated baseline: build by highest margin per scarce dollar, without foresight.

Period by period, a planner who knows today's prices, volumes and costs, what stands and what is under way, looks at every
process at every place that could serve somebody: what one more unit would earn, less its running costs and those of the
processes that feed it; what of its assets is missing; and what these cost. Cash is what envelopes make scarce, so the rank is
margin per dollar of capex. The best is ordered until its buyers are served or a limit is reached, then the next.

How the planner works, in words that the code follows:

* What stands is counted at the date at which an order of today would arrive: standing and under way, less worn out by then.
* Parts of a bundle are ordered to arrive together: one with a shorter lead waits until its turn.
* A bundle is bought if its margin exceeds its capex spread evenly over the lives of its parts (a simple payback within the life).
* Markets are seen as they are today; a contract signed already, with what it will call when today's slowest order arrives;
  one on offer, as if all offers so far had been signed. Slices count as their average; tax, financing and waiting work not at all.
* Limits on orders, entering service, spending and the standing fleet, envelopes and allowances hold for all periods that an
  order touches; those on activity as of the arrival. Orders that a limit asks for at least come first, spending asked for last.
* Orders that would arrive after the horizon are placed only where a limit asks for them. Conversions and retirements are not the planner's.

The plan is then run as well as possible: its orders are the most that may be ordered, and everything else (what is really
ordered of them, conversions, operation, contracts, cash) is solved for with full foresight. That favours the baseline.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from barbell.core.case import Case
from barbell.core.clock import Floats
from barbell.plan.greedy.outlook import Outlook
from barbell.plan.greedy.planner import order_period
from barbell.plan.pin import held
from barbell.plan.solve import Plan
from barbell.plan.tree import Branch, Forest, plant

if TYPE_CHECKING:
    import polars as pl

__all__ = ["greedy", "orders"]


def greedy(case: Case) -> Plan:
    """The greedy plan of a case: `orders` as the most that may be ordered, the rest solved. Raises what `plan.pin.pinned` raises."""
    forest = plant(case)
    return held(forest, orders(forest), sense="<=")


def orders(forest: Forest) -> pl.DataFrame:
    """What the greedy planner orders: a frame like ``plan.tables["orders"]``, with the action ``order`` only."""
    import polars as pl

    from barbell.plan.tables import SCHEMA

    books: dict[str, Floats] = {}
    records: list[dict[str, Any]] = []
    for branch, model in zip(forest.branches, forest.models, strict=True):
        outlook = Outlook(model)
        book = books[branch.parent].copy() if branch.parent else np.zeros(outlook.order.shape)
        for t in range(branch.first, branch.stop):
            order_period(outlook, book, t)
        books[branch.name] = book
        records.extend(_records(branch, outlook, book))
    return pl.DataFrame(records, schema=SCHEMA["orders"])


def _records(branch: Branch, outlook: Outlook, book: Floats) -> Iterator[dict[str, Any]]:
    sets = outlook.sets
    for o, option in enumerate(sets.options):
        for t in range(branch.first, branch.stop):
            if outlook.order[o, t] >= 0:
                yield {
                    "scenario": branch.name, "period": sets.period.labels[t], "item": option.asset.name, "place": option.place,
                    "action": "order", "value": float(book[o, t]), "unit": option.asset.unit,
                }  # fmt: skip
