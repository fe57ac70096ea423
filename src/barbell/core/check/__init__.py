"""Whether a case makes sense: pure functions from a case to faults, one per rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from barbell.core.case import TABLES, Case
from barbell.core.check import accounts, board, dates, sites, sums, trees
from barbell.core.check.refs import keys, references
from barbell.core.column import columns
from barbell.core.errors import Fault


@dataclass(frozen=True)
class Rule:
    """A rule and the tables that it reads (`horizon` among them), on whose references it may rely."""

    find: Callable[[Case], Iterator[Fault]]
    reads: frozenset[str]


def _rule(find: Callable[[Case], Iterator[Fault]], *reads: str) -> Rule:
    return Rule(find, frozenset(reads))


_STANDING = ("assets", "options", "cohorts", "conversions", "places")
_RUNNING = (*_STANDING, "processes", "uses")
_BOOKED = (*_RUNNING, "resources", "rates", "takes", "demands", "contracts")

RULES: tuple[Rule, ...] = (
    _rule(trees.places, "places"),
    _rule(trees.entities, "entities"),
    _rule(trees.scenarios, "scenarios"),
    _rule(trees.openings, "scenarios", "horizon"),
    _rule(trees.changes, *TABLES),
    _rule(sums.payments, "payments"),
    _rule(sums.price_steps, "demands", "price_steps"),
    _rule(sums.slices, "slices"),
    _rule(sums.profiles, "profiles", "slices"),
    _rule(sums.availability, "assets", "profiles"),
    _rule(sites.where, "options", "processes", "resources", "places"),
    _rule(sites.options, "options", "places"),
    _rule(sites.assets, *_STANDING),
    _rule(sites.processes, *_RUNNING),
    _rule(sites.gates, *_STANDING, "gates"),
    _rule(accounts.resources, "resources"),
    _rule(accounts.accounts, "resources", "accounts", "places", "horizon"),
    _rule(accounts.sales, "resources", "demands", "contracts"),
    _rule(accounts.levels, *_BOOKED),
    _rule(accounts.supply, *_BOOKED, "accounts"),
    _rule(dates.spans, "limits", "options", "contracts"),
    _rule(dates.paths, "horizon"),
    _rule(dates.gains, "assets", "cohorts", "indices"),
    _rule(dates.cohorts, "cohorts", "horizon"),
    _rule(dates.contracts, "contracts", "horizon"),
    _rule(dates.gates, "gates", "horizon"),
    _rule(board.limits, "limits", "terms"),
    _rule(board.terms, "terms", "assets", "processes", "demands", "contracts", "programmes", "entities", "debts"),
    _rule(board.debts, "debts", "horizon"),
    _rule(board.conversions, "conversions"),
)
"""Every rule; a rule runs only when the tables that it reads are whole."""


def check(case: Case, skip: frozenset[str] = frozenset()) -> tuple[Fault, ...]:
    """Every fault of a case; empty when it makes sense.

    A rule is left out when a table that it reads is in `skip` or names rows that are not there: half a table makes
    false alarms. The word ``horizon`` in `skip` leaves out what depends on the calendar.
    """
    faults: list[Fault] = []
    broken = set(skip)
    for table, model in TABLES.items():
        found = list(keys(case, table))
        if not skip & {table, *(column.ref for column in columns(model).values())}:
            found += references(case, table)
        if found:
            broken.add(table)
        faults += found
    if undated := [fault for table in TABLES if table not in broken for fault in dates.required(case, table)]:
        return (*faults, *undated)  # a rule may read a date without asking again
    for rule in RULES:
        if not broken & rule.reads:
            faults += rule.find(case)
    return tuple(faults)
