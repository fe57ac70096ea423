"""Demand and contracts that nobody can reach: no route at all, none before their patience ends, or none that is cheap enough."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from barbell.core.clock import Floats
from barbell.core.nouns import Demand
from barbell.core.relations import Contract
from barbell.plan.reason import reasons
from barbell.plan.review.finding import Finding, Severity, amount
from barbell.plan.review.subject import NONE, Subject, name


class Routes:
    """What could flow into each account at most, whatever is built."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    @cached_property
    def supply(self) -> Floats:
        """(accounts, T) the most that runs can make of each account on average, each run for itself."""
        sets = self.subject.sets
        made = np.zeros((len(sets.accounts), sets.clock.count))
        for flow in sets.flows:
            if flow.rate.max() > 0:
                most = self.subject.most(self.subject.columns("activity", flow.run)).reshape(sets.clock.count, -1)
                made[flow.account] += np.maximum(flow.rate, 0.0) * (most @ sets.clock.share)
        return made

    def to(self, resource: str, place: str) -> Floats:
        """(T,) the most that can be made of an account."""
        found: Floats = self.supply[self.subject.sets.account(resource, place)]
        return found

    def makers(self, resource: str, place: str) -> list[str]:
        """Processes that make an account wherever they may run."""
        sets = self.subject.sets
        account = sets.account(resource, place)
        runs = [sets.runs[flow.run] for flow in sets.flows if flow.account == account and flow.rate.max() > 0]
        return list(dict.fromkeys(process.name for process, _ in runs))


def served(subject: Subject) -> Iterator[Finding]:
    """Findings on demands, then on signed contracts, then on demand that no route can serve at its price."""
    routes = Routes(subject)
    dead = set()
    for demand in subject.case.tables.demands:
        for finding in _demand(subject, routes, demand):
            dead.add(demand.name)
            yield finding
    for number, contract in enumerate(subject.case.tables.contracts):
        yield from _contract(subject, routes, number, contract)
    yield from _too_dear(subject, dead)


def _demand(subject: Subject, routes: Routes, demand: Demand) -> Iterator[Finding]:
    clock, labels = subject.sets.clock, subject.sets.period.labels
    asked, reach = clock.mean(demand.volume), routes.to(demand.resource, demand.place)
    wanted = np.flatnonzero(asked > NONE)
    reached = np.flatnonzero(reach > NONE)
    before = wanted[wanted < (reached[0] if len(reached) else clock.count)]
    if not len(before):
        return
    what, unit = name(demand.name, demand.place), subject.sets.resources[demand.resource].unit
    step = subject.sets.prices[demand.name][0]
    worth = float((clock.mean(step.price) * asked * clock.y)[before].sum())
    where = subject.where("demands", demand.name, "resource")
    if not len(reached):
        how = _missing(routes, demand.resource, demand.place)
        says = f"{amount(float(asked.max()))} {unit} asked and none can ever be served: {how}"
        yield Finding("demand out of reach", "error", what, where, says, "Add a process that makes it, and what that needs", worth)
        return
    wait = int(clock.start[reached[0]] - clock.start[wanted[0]])
    patience = demand.patience_months
    late = f"waits {patience:g} months on average, the first route comes after {wait}" if patience else "does not wait"
    says = f"no route before {labels[reached[0]]}: what is asked from {labels[wanted[0]]} on {late}"
    where = subject.where("demands", demand.name, "patience_months")
    severity: Severity = "note" if patience >= wait else "warning"
    yield Finding(
        "demand before its first route", severity, what, where, says, "Let it begin later, or add what stands already in cohorts.csv", worth
    )


def _missing(routes: Routes, resource: str, place: str) -> str:
    """Why an account gets nothing: nobody makes it, or those who do can never run."""
    makers = routes.makers(resource, place)
    if makers:
        return f"{', '.join(makers)} would make it but can never run for want of what {'they use' if len(makers) > 1 else 'it uses'}"
    tables = routes.subject.case.tables
    names = [rate.process for rate in tables.rates if rate.resource == resource and max(rate.rate.values) > 0]
    if names:
        return f"{', '.join(dict.fromkeys(names))} would make it, but not for {place}, or not without an asset that stands nowhere"
    return f"no process makes {resource}"


def _contract(subject: Subject, routes: Routes, number: int, contract: Contract) -> Iterator[Finding]:
    """Signed contracts that call more than could be delivered, however much is built."""
    if not contract.starts:
        return
    sets = subject.sets
    called, reach = subject.model.sales.signed[number], routes.to(contract.resource, contract.place)
    short = np.flatnonzero(called > reach + NONE * np.maximum(called, 1.0))
    if not len(short):
        return
    unit, t = sets.resources[contract.resource].unit, int(short[np.argmax((called - reach)[short])])
    worth = float(((called - reach) * sets.clock.y)[short].sum() * (contract.penalty + contract.price))
    says = (
        f"{amount(float(called[t]))} {unit} called in {sets.period.labels[t]} where at most {amount(float(reach[t]))} can stand; "
        f"{len(short)} period{'s' if len(short) > 1 else ''} from {sets.period.labels[short[0]]}"
    )
    never = not (reach[called > NONE] > NONE).any()
    where = subject.where("contracts", contract.name, "starts")
    fix = "Let it start later, or add what stands or is on order in cohorts.csv"
    kind = "contract before anything can stand"
    yield Finding(kind, "error" if never else "warning", name(contract.name, contract.place), where, says, fix, worth)


def _too_dear(subject: Subject, dead: set[str]) -> Iterator[Finding]:
    """Demand of which nothing is ever served because no price step pays for its route."""
    served_of = subject.plan.tables["served"].select("item", "served").iter_rows()
    totals: dict[str, float] = {}
    for item, value in served_of:
        totals[item] = totals.get(item, 0.0) + value
    if all(totals.get(demand.name, 0.0) > NONE for demand in subject.case.tables.demands):
        return
    why = reasons(subject.plan)
    for demand in subject.case.tables.demands:
        if demand.name in dead or totals.get(demand.name, 0.0) > NONE:
            continue
        rows = [row for row in why.iter_rows(named=True) if row["demand"] == demand.name and row["reason"] == "price" and row["lost"] > NONE]
        if not rows:
            continue
        near = max(rows, key=lambda row: row["pays"] / row["costs"] if row["costs"] else 0.0)
        unit = f"{subject.money}/({near['unit']}*year)"
        says = f"none is served: one more brings in {amount(near['pays'])} and costs {amount(near['costs'])} {unit} (nearest in {near['period']})"
        where = subject.where("demands", demand.name, "resource")
        yield Finding("demand below cost", "warning", name(demand.name, demand.place), where, says, "Check prices and rates, or leave it out")
