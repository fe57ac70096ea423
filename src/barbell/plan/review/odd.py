"""Numbers that look wrong beside their peers: slips of a unit, things free or at once, more out than in, coefficients far apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from barbell.core.case import TABLES, Case
from barbell.core.nouns import Asset
from barbell.core.path import Path
from barbell.core.row import Row
from barbell.plan.review.finding import Finding, amount, span
from barbell.plan.review.subject import Subject

SLIP = 300.0
"""How many times the median of its peers, or a fraction of it, a number must be to look like a slip."""
ALONE = 100.0
"""And how far away from the nearest of them."""
PEERS = 3
"""Fewer others say nothing."""
WIDE = 1e10
"""Coefficients further apart than this make a plan hard to solve to the last digit."""
POWER = ("W", "kW", "MW", "GW", "TW")


@dataclass(frozen=True)
class _Cell:
    """A number in a table: its row, field and size."""

    row: Row
    field: str
    size: float


def odd(subject: Subject) -> Iterator[Finding]:
    """Findings that need the numbers alone, not the plan, but for the size of its coefficients."""
    yield from slips(subject.case)
    yield from _free(subject)
    yield from _gains(subject)
    yield from _apart(subject)


def slips(case: Case) -> Iterator[Finding]:
    """Numbers about a thousand times away from all others in their column that count in the same unit."""
    groups: dict[tuple[str, str, str], list[_Cell]] = {}
    for table in TABLES:
        for row in case.tables.rows(table) if table not in ("facts", "changes", "slices") else ():
            for field in type(row).model_fields:
                size = _size(getattr(row, field))
                if size:
                    groups.setdefault((table, field, _unit(case, table, row)), []).append(_Cell(row, field, size))
    for (table, field, unit), cells in groups.items():
        for cell in cells:
            others = sorted(other.size for other in cells if other is not cell)
            if len(others) >= PEERS and _alone(cell.size, others):
                middle = median(others)
                ratio = max(cell.size / middle, middle / cell.size)
                way = "more" if cell.size > middle else "less"
                of = f" per {unit}" if unit else ""
                says = f"{field} is {amount(cell.size)}, {amount(ratio)} times {way} than the median {amount(middle)} of {len(others)} others{of}"
                where = case.where(table, cell.row.id, field)
                yield Finding("slip of a unit?", "warning", f"{table} {cell.row.id}", where, says, "Check its unit")


def _size(value: Any) -> float:
    """The size of a number or the mean of a path; nil for what is none."""
    if isinstance(value, bool) or value is None:
        return 0.0
    if isinstance(value, Path):
        return abs(float(np.mean(value.values)))
    return abs(float(value)) if isinstance(value, int | float) else 0.0


def _alone(size: float, others: list[float]) -> bool:
    middle = median(others)
    near = min(max(size / other, other / size) for other in others)
    return max(size / middle, middle / size) >= SLIP and near >= ALONE


def _unit(case: Case, table: str, row: Row) -> str:
    """What the numbers of a row count in, as far as rows of a table differ."""
    tables = case.tables
    assets, resources = {a.name: a.unit for a in tables.assets}, {r.name: r.unit for r in tables.resources}
    processes = {p.name: p.unit for p in tables.processes}
    if table in ("assets", "processes", "limits"):
        return str(getattr(row, "unit"))  # noqa: B009
    parts = []
    for field, units in (("process", processes), ("asset", assets), ("source", assets), ("resource", resources)):
        if hasattr(row, field):
            parts.append(units.get(getattr(row, field), ""))
    if table in ("demands", "contracts"):
        parts = [resources[getattr(row, "resource")]]  # noqa: B009
    if table == "price_steps":
        parts = [resources[d.resource] for d in tables.demands if d.name == getattr(row, "demand")]  # noqa: B009
    if table == "terms":
        parts = [f"{getattr(row, 'limit')} of {getattr(row, 'measure')}"]  # noqa: B009
    return " and ".join(parts)


def _free(subject: Subject) -> Iterator[Finding]:
    """Assets on offer for nothing or at once while their peers take money and time; price steps that pay nothing."""
    case = subject.case
    offered = [asset for asset in case.tables.assets if any(row.asset == asset.name for row in case.tables.options)]
    for asset in offered:
        if not asset.capex and not asset.fixed_opex:
            where = case.where("assets", asset.name, "capex")
            says = "costs nothing to build and nothing to keep"
            yield Finding("free of cost", "warning", asset.name, where, says, "Give it a capex or a fixed opex, or say in its note why it has none")
    leads = {asset.name: _lead(case, asset) for asset in offered}
    if sum(lead > 0 for lead in leads.values()) >= PEERS:
        for asset in (asset for asset in offered if leads[asset.name] == 0):
            where = case.where("assets", asset.name, "lead_months")
            says = f"stands in the period of its order, where {sum(lead > 0 for lead in leads.values())} other assets take months"
            yield Finding("no lead time", "note", asset.name, where, says, "Give its lead time in months, if it has one")
    for step in case.tables.price_steps:
        if step.share and not any(step.price.values):
            where = case.where("price_steps", step.id, "price")
            yield Finding(
                "free of cost", "note", step.id, where, f"{step.share:.0%} of the demand pays nothing", "Give a price, or leave the step out"
            )


def _lead(case: Case, asset: Asset) -> int:
    return asset.lead_months + min(row.extra_lead_months for row in case.tables.options if row.asset == asset.name)


def _gains(subject: Subject) -> Iterator[Finding]:
    """Processes that make more power than they take."""
    case = subject.case
    power = {resource.name for resource in case.tables.resources if resource.unit in POWER and resource.kind == "flow"}
    for process in case.tables.processes:
        rates = [rate for rate in case.tables.rates if rate.process == process.name and rate.resource in power]
        units = {case.tables.resources[n].unit for n, r in enumerate(case.tables.resources) if r.name in {rate.resource for rate in rates}}
        made = [max(rate.rate.values) for rate in rates if max(rate.rate.values) > 0]
        taken = [-min(rate.rate.values) for rate in rates if min(rate.rate.values) < 0]
        if len(units) == 1 and made and taken and sum(made) > max(taken) * (1 + 1e-6):
            first = next(rate for rate in rates if max(rate.rate.values) > 0)
            says = f"makes {amount(sum(made))} {units.pop()} of every {amount(max(taken))} that it takes"
            where = case.where("rates", first.id, "rate")
            yield Finding("more out than in", "warning", process.name, where, says, "No machine does: check the signs and the efficiency")


def _apart(subject: Subject) -> Iterator[Finding]:
    """The largest and the smallest coefficient, where they are too far apart."""
    arrays = subject.arrays
    size = np.abs(arrays.value)
    size = size[size > 0]
    if not len(size) or size.max() / size.min() <= WIDE:
        return
    row = np.repeat(np.arange(len(arrays.row_lower)), np.diff(arrays.start))
    ends = [int(np.argmin(np.where(arrays.value == 0, np.inf, np.abs(arrays.value)))), int(np.argmax(np.abs(arrays.value)))]
    least, most = (f"{abs(arrays.value[k]):.3g} ({_name(subject, int(row[k]), int(arrays.index[k]))})" for k in ends)
    says = f"coefficients from {least} to {most}: {np.log10(size.max() / size.min()):.0f} orders of magnitude"
    fix = "Count in larger or smaller units, so that numbers lie nearer to one"
    yield Finding("numbers far apart", "note", "the problem", subject.where("", "", ""), says, fix)


def _name(subject: Subject, row: int, column: int) -> str:
    """What a coefficient of the problem joins: its equation and its variable."""
    forest = subject.plan.forest
    for branch in range(len(forest.branches)):
        rows, columns = np.flatnonzero(forest.rows[branch] == row), np.flatnonzero(forest.columns[branch] == column)
        if len(rows) and len(columns):
            template = subject.model.template
            return f"{_of(template.columns, int(columns[0]))} in {_of(template.rows, int(rows[0]))}"
    return "?"


def _of(blocks: Any, number: int) -> str:
    for block in blocks.values():
        spots = np.argwhere(block.index == number)
        if len(spots):
            labels = [block.labels[axis][at] for axis, at in enumerate(spots[0])]
            return f"{block.name} {' '.join(labels)}".strip()
    return "?"


def horizon(subject: Subject) -> Iterator[Finding]:
    """A note where much of the value lies beyond the end because what is ordered outlives the horizon."""
    sets, parts = subject.sets, subject.plan.parts
    closing = sum(value for name, value in parts.items() if name.startswith("closing"))
    value, clock = subject.plan.value, sets.clock
    if value <= 0 or closing <= 0.5 * value:
        return
    length = clock.end - int(clock.edges[0])
    long = [
        o for n, o in enumerate(sets.options) if subject.total(subject.columns("order", n)) > 0 and o.asset.lead_months + o.asset.life_months > length
    ]
    names = list(dict.fromkeys(o.asset.name for o in long))
    if not names:
        return
    shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    says = (
        f"{closing / value:.0%} of the value is what stands, is owed or is signed at the end; "
        f"over {span(list(sets.period.labels))} ({length} months) {shown} outlive the horizon"
    )
    where = subject.where("", "", "")
    fix = "Extend the horizon and see whether the early decisions stay (horizon in case.yaml)"
    yield Finding("horizon shorter than what is built", "note", "the horizon", where, says, fix, closing)
