"""Equation 1, the fleet: what stands = what stood and survives + what arrived - worn out, retired or converted.

::

    fleet[b, t] = keep(t) fleet[b, t-1] + arrived[b, t] - worn[b, t] - retired[b, t] - converted[b, t]
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from barbell.core.clock import Floats, Ints, month
from barbell.plan.lp import Axis, Program, Rows, Variable
from barbell.plan.sets import Sets


@dataclass(frozen=True)
class Fleet:
    """Decisions on the fleet: order (O, T), fleet and retire (B, T), convert (conversion of a batch, T)."""

    sets: Sets
    order: Variable
    fleet: Variable
    retire: Variable
    convert: Variable

    @cached_property
    def arrivals(self) -> tuple[Ints, Ints, Ints]:
        """(Option, period of order, period of service) of every order that enters service within the horizon."""
        option, t = np.nonzero((self.order.index >= 0) & (self.sets.order_arrival < self.sets.clock.count))
        return option, t, self.sets.order_arrival[option, t]

    @cached_property
    def late(self) -> tuple[Ints, Ints]:
        """(Option, period of order) of every order that enters service after the horizon."""
        option, t = np.nonzero((self.order.index >= 0) & (self.sets.order_arrival == self.sets.clock.count))
        return option, t

    @cached_property
    def delivery(self) -> Ints:
        """(conversions, T) period in which a conversion begun in a period delivers; T where it is late."""
        clock = self.sets.clock
        months = np.array([c.months for c, _ in self.sets.conversions], int).reshape(-1, 1)
        return clock.arrival(clock.start + months)

    @cached_property
    def conversion_target(self) -> Ints:
        """(conversions,) holding of the target."""
        place = [self.sets.holdings[self.sets.batches[b].holding][1] for _, b in self.sets.conversions]
        pairs = [(c.target, p) for (c, _), p in zip(self.sets.conversions, place, strict=True)]
        return np.array([self.sets.holding_of[pair] for pair in pairs], int)

    @cached_property
    def conversion_gain(self) -> Floats:
        """(conversions,) units of the target per unit of the source."""
        return np.array([c.gain for c, _ in self.sets.conversions])

    @cached_property
    def option_holding(self) -> Ints:
        """(O,) holding that an option adds to."""
        return np.array([self.sets.holding_of[o.asset.name, o.place] for o in self.sets.options], int)


def write(program: Program, sets: Sets) -> Fleet:
    """Add the fleet and its decisions."""
    fleet = _variables(program, sets)
    rows = program.rows("fleet", fleet.fleet.axes, equal=_given(sets), where=fleet.fleet.index >= 0)
    rows.add(1.0, fleet.fleet)
    keep = _keep(sets)
    rows.add(-keep[:, 1:], fleet.fleet[:, :-1], at=np.s_[:, 1:])
    rows.add(1.0, fleet.retire)
    _orders(rows, fleet)
    _conversions(program, rows, fleet)
    return fleet


def _variables(program: Program, sets: Sets) -> Fleet:
    clock = sets.clock
    begin = clock.start[None, :]
    opens = np.array([month(o.row.opens, 0) for o in sets.options], int).reshape(-1, 1)
    closes = np.array([month(o.row.closes, clock.end) for o in sets.options], int).reshape(-1, 1)
    order = program.variable("order", (sets.option_axis, sets.period), upper=_order_limit(sets), where=(begin >= opens) & (begin < closes))
    _blocks(program, sets, order)
    batches = Axis("batch", tuple(b.label for b in sets.batches))
    exists, later = standing(sets), _after_arrival(sets)
    fleet = program.variable("fleet", (batches, sets.period), where=exists)
    retirable = np.array([sets.assets[sets.holdings[b.holding][0]].retirable for b in sets.batches], bool).reshape(-1, 1)
    retire = program.variable("retire", (batches, sets.period), where=later & retirable)
    source = np.array([b for _, b in sets.conversions], int)
    labels = tuple(f"{c.name} of {sets.batches[b].label}" for c, b in sets.conversions)
    convert = program.variable("convert", (Axis("conversion", labels), sets.period), where=later[source])
    return Fleet(sets, order, fleet, retire, convert)


def _order_limit(sets: Sets) -> Floats:
    limits = [o.row.order_limit for o in sets.options]
    rows = [np.full(sets.clock.count, np.inf) if p is None else sets.clock.mean(p) * sets.clock.y for p in limits]
    return np.array(rows).reshape(-1, sets.clock.count)


def _blocks(program: Program, sets: Sets, order: Variable) -> None:
    """Orders in whole blocks: all orders up to a period = block x a whole number.

    The whole numbers count what has been ordered so far, not what each period orders: a solver that branches on them then decides
    when the next block comes, and leaves the later ones open.
    """
    size = sets.block
    if not size.any():
        return
    where = (size > 0) & (order.index >= 0)
    count = program.variable("blocks", order.axes, where=where, integer=True)
    rows = program.rows("blocks", order.axes, equal=0.0, where=where)
    rows.add(1.0, order).add(-size, count).add(size[:, 1:], count[:, :-1], at=np.s_[:, 1:])


def standing(sets: Sets) -> NDArray[np.bool_]:
    """(B, T) whether a batch may stand."""
    t = np.arange(sets.clock.count)
    first, stop = (np.array([getattr(b, key) for b in sets.batches], int).reshape(-1, 1) for key in ("first", "stop"))
    return (t >= first) & (t < stop)


def _after_arrival(sets: Sets) -> NDArray[np.bool_]:
    """(B, T) whether a batch may be retired or converted: it stood at the start, or arrived in an earlier period."""
    arrived = [b.first if b.standing else b.first + 1 for b in sets.batches]
    return standing(sets) & (np.arange(sets.clock.count) >= np.array(arrived, int).reshape(-1, 1))


def attrition(sets: Sets) -> Floats:
    """(B,) share of each batch lost per year."""
    return np.array([sets.assets[sets.holdings[b.holding][0]].attrition for b in sets.batches])


def _keep(sets: Sets) -> Floats:
    """(B, T) what is left of each unit since the period before."""
    keep: Floats = (1 - attrition(sets)[:, None]) ** sets.clock.between
    return keep


def cohort_arrivals(sets: Sets) -> Floats:
    """(H, T) units of cohorts under way that enter service."""
    table = np.zeros((len(sets.holdings), sets.clock.count))
    for cohort in sets.case.tables.cohorts:
        arrival, _ = sets.cohort_span(cohort)
        if 0 <= arrival < sets.clock.count:
            table[sets.holding_of[cohort.asset, cohort.place], arrival] += cohort.amount
    return table


def _given(sets: Sets) -> Floats:
    """(B, T) what cohorts add: those that stand at the start, those under way as they arrive, less those worn out."""
    given = np.zeros((len(sets.batches), sets.clock.count))
    for number, batch in enumerate(sets.batches):
        if batch.lumped:
            given[number] = _lumped(sets, number)
            given[number, 0] += batch.standing
        elif batch.cohort is not None:
            given[number, batch.first] = batch.cohort.amount
    return given


def _lumped(sets: Sets, number: int) -> Floats:
    clock, pair = sets.clock, sets.holdings[sets.batches[number].holding]
    asset, given = sets.assets[pair[0]], np.zeros(clock.count)
    for c in sets.cohorts_at.get(pair, ()):
        arrival, stop = sets.cohort_span(c)
        if max(arrival, 0) >= min(stop, clock.count):
            continue
        if arrival >= 0:
            given[arrival] += c.amount
        if stop < clock.count:
            given[stop] -= c.amount * (1 - asset.attrition) ** ((clock.start[stop] - clock.start[max(arrival, 0)]) / 12)
    return given


def _orders(rows: Rows, fleet: Fleet) -> None:
    option, t, u = fleet.arrivals
    holding = fleet.option_holding[option]
    rows.add(-1.0, fleet.order[option, t], at=(fleet.sets.batch_of[holding, u], u))
    _wear(rows, fleet.sets, holding, u, np.ones(len(u)), fleet.order[option, t])


def _wear(rows: Rows, sets: Sets, holding: Ints, u: Ints, amount: Floats, columns: NDArray[np.int32]) -> None:
    """Take out of a lumped batch what arrived in `u`, when its life is over."""
    clock = sets.clock
    batch = sets.batch_of[holding, u]
    lumped = np.array([b.lumped for b in sets.batches], bool)[batch] if len(batch) else np.zeros(0, bool)
    life = np.array([sets.assets[a].life_months for a, _ in sets.holdings], int)[holding]
    over = clock.arrival(clock.start[u] + life)
    worn = lumped & (over < clock.count)
    batch, over, u = batch[worn], over[worn], u[worn]
    left = (1 - attrition(sets)[batch]) ** ((clock.start[over] - clock.start[u]) / 12)
    rows.add(left * amount[worn], columns[worn], at=(batch, over))


def _conversions(program: Program, rows: Rows, fleet: Fleet) -> None:
    """Out of the source when begun, into the target when delivered, and no more than the limit begun at a place."""
    sets = fleet.sets
    source = np.array([b for _, b in sets.conversions], int)
    rows.add(1.0, fleet.convert, at=source)
    pair, t = np.nonzero((fleet.convert.index >= 0) & (fleet.delivery < sets.clock.count))
    u = fleet.delivery[pair, t]
    target, gain = fleet.conversion_target[pair], fleet.conversion_gain[pair]
    rows.add(-gain, fleet.convert[pair, t], at=(sets.batch_of[target, u], u))
    _wear(rows, sets, target, u, gain, fleet.convert[pair, t])
    spots = [(c.name, sets.holdings[sets.batches[b].holding][1]) for c, b in sets.conversions if c.limit is not None]
    keys = {spot: number for number, spot in enumerate(dict.fromkeys(spots))}
    named = {c.name: c for c, _ in sets.conversions}
    paths = [named[name].limit for name, _ in keys]
    bound = np.array([sets.clock.mean(p) * sets.clock.y for p in paths if p is not None]).reshape(-1, sets.clock.count)
    most = program.rows("conversion limit", (Axis("conversion", tuple(f"{c}@{p}" for c, p in keys)), sets.period), upper=bound)
    for number, (c, b) in enumerate(sets.conversions):
        if c.limit is not None:
            most.add(1.0, fleet.convert[number], at=keys[c.name, sets.holdings[sets.batches[b].holding][1]])
