"""Processes, conversions and contracts that are never chosen: those that can never run, and by how much the others miss it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from barbell.core.clock import Floats
from barbell.core.nouns import Process
from barbell.plan.review.finding import Finding, amount
from barbell.plan.review.subject import NONE, Subject


def asleep(subject: Subject) -> Iterator[Finding]:
    """One finding for every process, conversion and contract on offer that nothing in the plan makes use of."""
    runs: dict[str, list[int]] = {}
    for number, (process, _) in enumerate(subject.sets.runs):
        runs.setdefault(process.name, []).append(number)
    for process in subject.case.tables.processes:
        yield from _process(subject, process, runs.get(process.name, []))
    yield from _conversions(subject)
    yield from _contracts(subject)


def _process(subject: Subject, process: Process, runs: list[int]) -> Iterator[Finding]:
    where = subject.where("processes", process.name, "where")
    if not runs:
        assets = ", ".join(use.asset for use in subject.case.tables.uses if use.process == process.name)
        says = f"can run nowhere: at no place of '{process.where}' does {assets or 'it'} stand or is on offer"
        yield Finding("process that can never run", "warning", process.name, where, says, "Add an option or a cohort for it, or leave it out")
        return
    columns = [subject.columns("activity", run) for run in runs]
    if any(subject.total(found) > NONE for found in columns):
        return
    if all(subject.most(found).max() < NONE for found in columns):
        yield Finding("process that can never run", "warning", process.name, where, _lack(subject, runs), "Add what is missing, or leave it out")
        return
    waits = _waits(subject, runs)
    if waits:
        says = f"waits for {', '.join(waits)}, of which nothing stands in this plan"
        yield Finding("process never run", "note", process.name, where, says, "See what is never ordered, and at which price it would be")
        return
    loss = min(_loss(subject, process, found) for found in columns)
    unit = f"{subject.money}/({process.unit}*year)"
    says = f"one unit at work would lose {amount(loss)} {unit} at its best place and time" if loss > NONE else "to first order it would lose nothing"
    yield Finding("process never run", "note", process.name, where, says, "Leave it out, or look for the dearest thing it uses")


def _lack(subject: Subject, runs: list[int]) -> str:
    """What a process lacks wherever it may run."""
    sets = subject.sets
    empty = {h for h in {use.holding for use in sets.uses if use.run in runs} if _stands(subject, h) < NONE}
    lacking = dict.fromkeys(sets.holdings[holding][0] for holding in sorted(empty))
    if lacking:
        return f"can never run: no {', '.join(lacking)} can stand where it may run within the horizon"
    inputs = dict.fromkeys(sets.accounts[flow.account][0] for flow in sets.flows if flow.run in runs and flow.rate.min() < 0)
    return f"can never run: what it takes ({', '.join(inputs)}) cannot be had, or a limit leaves no room for it"


def _waits(subject: Subject, runs: list[int]) -> list[str]:
    """Assets for want of which none of the runs can work in the plan, though they might be ordered."""
    sets, lacking = subject.sets, dict[str, None]()
    fleets: dict[int, float] = {}
    for number, batch in enumerate(sets.batches):
        fleets[batch.holding] = fleets.get(batch.holding, 0.0) + subject.total(subject.columns("fleet", number))
    for run in runs:
        missing = [use.holding for use in sets.uses if use.run == run and fleets.get(use.holding, 0.0) < NONE]
        if not missing:
            return []
        lacking |= dict.fromkeys(sets.holdings[holding][0] for holding in missing)
    return list(lacking)


def _stands(subject: Subject, holding: int) -> float:
    """The most that can stand of a holding."""
    batches = [n for n, batch in enumerate(subject.sets.batches) if batch.holding == holding]
    return max((float(subject.most(subject.columns("fleet", n)).max()) for n in batches), default=0.0)


def _loss(subject: Subject, process: Process, columns: np.ndarray) -> float:
    """Least loss of one unit at work, in money of its period per year."""
    sets, plan = subject.sets, subject.plan
    margin = subject.rows("margin", sets.entity_of[process.entity])
    money: Floats = np.where(margin >= 0, -np.append(plan.priced.row_dual, 0.0)[margin], np.nan)
    lost: Floats = np.where(columns >= 0, np.append(plan.priced.column_dual, 0.0)[columns], np.nan)
    per_year = lost.reshape(len(lost), sets.clock.count, -1) / (money * sets.clock.y)[:, :, None] / sets.clock.share
    return max(float(np.nanmin(per_year)), 0.0)


def _conversions(subject: Subject) -> Iterator[Finding]:
    groups: dict[str, list[int]] = {}
    for number, (conversion, _) in enumerate(subject.sets.conversions):
        groups.setdefault(conversion.name, []).append(number)
    for row in subject.case.tables.conversions:
        columns = [subject.columns("convert", number) for number in groups.get(row.name, [])]
        where = subject.where("conversions", row.name, "source")
        if not columns or all((subject.most(found) < NONE).all() for found in columns):
            says = f"can never be done: no {row.source} stands or is on offer where it might"
            yield Finding("cannot be chosen", "warning", row.name, where, says, "Add a cohort or an option of its source, or leave it out")
        elif all(subject.total(found) < NONE for found in columns):
            yield Finding(
                "conversion never done", "note", row.name, where, _forgone(subject, columns, row.source), "Leave it out: it decides nothing"
            )


def _contracts(subject: Subject) -> Iterator[Finding]:
    for number, contract in enumerate(subject.case.tables.contracts):
        columns = subject.columns("sign", number)
        if contract.starts or subject.total(columns) > NONE:
            continue
        where = subject.where("contracts", contract.name, "price")
        if (columns < 0).all():
            says = "on offer in no period: it opens after the end or closes before the start"
            yield Finding("cannot be chosen", "warning", contract.name, where, says, "Check its dates, or leave it out")
        else:
            unit = subject.sets.resources[contract.resource].unit
            yield Finding(
                "contract never signed", "note", contract.name, where, _forgone(subject, [columns], f"{unit} signed"), "Ask for more, or leave it"
            )


def _forgone(subject: Subject, columns: list[np.ndarray], unit: str) -> str:
    """What one unit of the cheapest of these decisions would cost the plan."""
    flat = np.concatenate([found.reshape(-1) for found in columns])
    loss = float(subject.plan.priced.column_dual[flat[flat >= 0]].min(initial=np.inf))
    if loss <= NONE:
        return "to first order it would cost nothing: others are as good"
    return f"the first {unit} would cost the plan {amount(loss)} {subject.money} of today"
