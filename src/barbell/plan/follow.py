"""A plan held to what happened, and what remains free planned again.

First the past: of all that the case allows, what meets the actual figures most nearly, and among that what is nearest to what was
planned. Then the future: with the past held, what is worth most. So nothing of the past is decided with hindsight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from barbell.core.actual import Actual
from barbell.core.case import Case
from barbell.core.clock import Floats
from barbell.core.errors import InfeasibleError, PlanError, SolverLimitError
from barbell.plan.ledger import Line
from barbell.plan.lp import Solver, Template
from barbell.plan.model import Model
from barbell.plan.reach import gather, matrix
from barbell.plan.solve import Plan, answer

NEAR = 1e-3
"""Weight of what was planned, beside what happened: only where the figures leave a choice does it count."""
BANDS = ((1.0, 0.25), (2.0, 0.25), (4.0, np.inf))
"""Each decision may move a little at a low cost and more at a higher one, so that what is not told spreads over all: (cost, share of it)."""
FLOOR = 0.002
"""Share of all the spending of the past that a decision which was not planned may take as its size."""
ROOMS = (1e-7, 1e-6, 1e-5)
"""Room left around what is held, relative to it: what one problem rounded, another must be able to hold."""
DECISIONS = ("order", "convert", "retire", "sign")


@dataclass(frozen=True)
class Held:
    """An actual figure and what the plan that follows it has instead: the same, as far as the case can be held to it."""

    actual: Actual
    value: float

    @property
    def miss(self) -> float:
        """What is missing to the actual figure, as a share of it."""
        return (self.value - self.actual.value) / max(abs(self.actual.value), 1e-9)


@dataclass(frozen=True)
class _Sum:
    """A sum over columns of the problem and a constant."""

    columns: NDArray[np.int64]
    amount: Floats
    given: float


def follow(plan: Plan, actuals: Sequence[Actual], until: int) -> tuple[Plan, tuple[Held, ...]]:
    """Plan again with the periods before `until` held to what happened; how near the case came to each figure.

    Raises PlanError where the future forks before `until`, and what `solve` raises.
    """
    if until > plan.forest.branches[0].stop:
        raise PlanError("the future forks within the periods that have actual figures; plan from the branch that came true")
    sums = [_sum(plan, actual) for actual in actuals]
    past = _past(plan, until)
    try:
        x = _history(plan, _until(plan, until), actuals, sums, past)
        made = _future(plan, sums, past, x)
    except InfeasibleError:  # a history that leaves no future, such as one that spends what a year still needs
        x = _history(plan, plan.forest.problem.arrays, actuals, sums, past)
        made = _future(plan, sums, past, x)
    found = tuple(Held(actual, float(s.amount @ x[s.columns]) + s.given) for actual, s in zip(actuals, sums, strict=True))
    return made, found


def _until(plan: Plan, until: int) -> Template:
    """The problem of the periods before `until`: no row looks ahead, so it stands for itself and is small."""
    arrays, template = plan.forest.problem.arrays, plan.forest.models[0].template
    columns, rows = int(template.column_start[until]), int(template.row_start[until])
    entries = int(arrays.start[rows])
    return replace(
        arrays,
        cost=arrays.cost[:columns],
        lower=arrays.lower[:columns],
        upper=arrays.upper[:columns],
        integer=arrays.integer[:columns],
        row_lower=arrays.row_lower[:rows],
        row_upper=arrays.row_upper[:rows],
        start=arrays.start[: rows + 1],
        index=arrays.index[:entries],
        value=arrays.value[:entries],
    )


def _past(plan: Plan, until: int) -> NDArray[np.int64]:
    """Decisions of the periods before `until`."""
    blocks, seen = plan.forest.models[0].template.columns, np.append(plan.forest.columns[0], -1)
    parts = [seen[blocks[name].index[:, :until]].reshape(-1) for name in DECISIONS]
    every = np.concatenate(parts).astype(np.int64)
    return np.unique(every[every >= 0])


def _history(plan: Plan, allowed: Template, actuals: Sequence[Actual], sums: Sequence[_Sum], past: NDArray[np.int64]) -> Floats:
    """(columns,) what happened, as nearly as the case can tell it."""
    scale = np.array([max(abs(actual.value), 1e-6) for actual in actuals])
    wanted = np.array([actual.value - s.given for actual, s in zip(actuals, sums, strict=True)])
    planned = plan.solution.x[past]
    price = np.maximum(_prices(plan)[past], 1e-6)
    total = max(float(price @ np.abs(planned)), 1.0)
    reach = np.maximum(np.abs(planned), FLOOR * total / price)
    cost, width = (np.array(part) for part in zip(*BANDS, strict=True))
    costs = np.vstack([np.outer(1 / scale, np.full(len(cost), 1.0)), np.outer(NEAR * price / total, cost)])
    widths = np.vstack([np.full((len(scale), len(width)), np.inf), np.outer(reach, width)])
    ones = [_Sum(np.array([column]), np.ones(1), 0.0) for column in past]
    arrays = _missed(allowed, [*sums, *ones], np.append(wanted, planned), costs, widths)
    found = Solver(arrays, plan.solver.options).solve()
    if not found.x.size:
        raise SolverLimitError("what happened could not be set beside what the case allows: the solver found no history")
    return found.x[: len(allowed.cost)]


def _missed(arrays: Template, sums: Sequence[_Sum], wanted: Floats, cost: Floats, width: Floats) -> Template:
    """The least weighted distance of sums from what is wanted of them: above and below, in bands of `cost` and `width` (sums, bands)."""
    k, bands = cost.shape
    n = len(arrays.cost)
    beside = gather(np.repeat(np.arange(k), 2 * bands), np.arange(2 * bands * k), np.tile([-1.0, 1.0], bands * k), (k, 2 * bands * k))
    made = _with_rows(arrays, sums, wanted, wanted, beside, np.append(np.zeros(n), np.repeat(cost.reshape(-1), 2)))
    return replace(made, upper=np.append(arrays.upper, np.repeat(width.reshape(-1), 2)))


def _with_rows(arrays: Template, sums: Sequence[_Sum], lower: Floats, upper: Floats, beside: object, cost: Floats) -> Template:
    """The problem with a row for each sum, and with the columns of `beside` (sums, further columns)."""
    import scipy.sparse as sp

    n, k, m = len(arrays.cost), len(sums), len(arrays.row_lower)
    more = len(cost) - n
    row = np.repeat(np.arange(k), [len(s.columns) for s in sums])
    none = np.zeros(0)
    own = gather(row, np.concatenate([none.astype(int), *(s.columns for s in sums)]), np.concatenate([none, *(s.amount for s in sums)]), (k, n))
    above = sp.hstack([matrix(arrays), sp.csr_array((m, more))]) if more else matrix(arrays)
    below = sp.hstack([own, beside]) if more else own
    whole = sp.csr_array(sp.vstack([above, below]))
    whole.sum_duplicates()
    return replace(
        arrays,
        cost=cost,
        lower=np.append(arrays.lower, np.zeros(more)),
        upper=np.append(arrays.upper, np.full(more, np.inf)),
        integer=np.append(arrays.integer, np.zeros(more, bool)),
        row_lower=np.append(arrays.row_lower, lower),
        row_upper=np.append(arrays.row_upper, upper),
        start=whole.indptr.astype(np.int32),
        index=whole.indices.astype(np.int32),
        value=whole.data,
    )


def _future(plan: Plan, sums: Sequence[_Sum], past: NDArray[np.int64], x: Floats) -> Plan:
    """The plan of greatest value with the past held; the room around it grows where rounding asks for it."""
    base = plan.forest.problem.arrays
    reached = np.array([float(s.amount @ x[s.columns]) for s in sums])
    for room in ROOMS:
        lower, upper = base.lower.copy(), base.upper.copy()
        slack = room * np.maximum(1.0, np.abs(x[past]))
        upper[past] = np.clip(x[past] + slack, lower[past], upper[past])
        lower[past] = np.clip(x[past] - slack, lower[past], upper[past])
        space = room * np.maximum(1.0, np.abs(reached))
        arrays = _with_rows(replace(base, lower=lower, upper=upper), sums, reached - space, reached + space, None, base.cost)
        forest = replace(plan.forest, problem=replace(plan.forest.problem, arrays=arrays))
        try:
            return answer(forest, Solver(arrays, plan.solver.options))
        except InfeasibleError:
            if room == ROOMS[-1]:
                raise
    raise AssertionError  # the last room returned or raised


def _prices(plan: Plan) -> Floats:
    """(columns,) capex of one unit ordered or converted; nil for all else."""
    model, seen = plan.forest.models[0], np.append(plan.forest.columns[0], -1)
    price = np.zeros(len(plan.forest.problem.arrays.cost) + 1)
    price[seen[model.template.columns["order"].index]] = model.cash.bills.price
    price[seen[model.template.columns["convert"].index]] = model.cash.bills.conversion_price
    return price[:-1]


def _sum(plan: Plan, actual: Actual) -> _Sum:
    """What an actual figure measures, as a sum over columns of the problem."""
    model = plan.forest.models[0]
    line = _line(plan.case, model, actual)
    _, period, column, amount = line.terms
    clock, inside = model.sets.clock, range(actual.first, actual.stop)
    if actual.metric == "in_service":
        weight = (np.arange(clock.count) == actual.stop - 1).astype(float)
    else:
        weight = np.isin(np.arange(clock.count), list(inside)).astype(float)
        if actual.metric == "served":
            weight *= clock.y / clock.y[list(inside)].sum()
    seen = plan.forest.columns[0][column].astype(np.int64)
    there = (weight[period] != 0) & (seen >= 0)
    return _Sum(seen[there], (amount * weight[period])[there], float(line.given[0] @ weight))


def _line(case: Case, model: Model, actual: Actual) -> Line:
    """Terms (0, period, column of the template, amount) and constants of a metric."""
    sets, columns = model.sets, model.template.columns
    every = np.arange(sets.clock.count)
    line = Line(np.zeros((1, sets.clock.count)))
    if actual.metric in ("capex", "revenue"):
        ledger, owners = _owners(case, model, actual)
        owner, period, written, amount = ledger.terms
        here = np.isin(owner, owners)
        line.add(0, period[here], model.template.written[written[here]], amount[here])
        line.given[0] += ledger.given[owners].sum(axis=0)
    elif actual.metric == "ordered":
        for n, option in enumerate(sets.options):
            if option.asset.name == actual.item and case.inside(option.place, actual.place):
                line.add(0, every, columns["order"].index[n], 1.0)
    elif actual.metric == "in_service":
        for n, batch in enumerate(sets.batches):
            asset, place = sets.holdings[batch.holding]
            if asset == actual.item and case.inside(place, actual.place):
                line.add(0, every, columns["fleet"].index[n], 1.0)
    else:
        for n, (d, _) in enumerate(sets.steps):
            if case.tables.demands[d].name == actual.item:
                line.add(0, every[:, None], columns["served"].index[n], sets.clock.share)
        for n, contract in enumerate(case.tables.contracts):
            if contract.name == actual.item:
                line.add(0, every[:, None], columns["delivered"].index[n], sets.clock.share)
    return line


def _owners(case: Case, model: Model, actual: Actual) -> tuple[Line, list[int]]:
    """The ledger of a line of money, and the entities or programmes in it that count."""
    below = entities_below(case, actual.entity)
    if actual.metric == "revenue":
        return model.cash.lines["revenue"], [n for n, e in enumerate(case.tables.entities) if e.name in below]
    programmes = case.tables.programmes
    found = [n for n, p in enumerate(programmes) if (p.name == actual.item if actual.item else p.entity in below)]
    return model.cash.spending["capex"], found


def entities_below(case: Case, root: str) -> frozenset[str]:
    """An entity with all that it owns."""
    found = {root}
    while more := {e.name for e in case.tables.entities if e.parent in found} - found:
        found |= more
    return frozenset(found)
