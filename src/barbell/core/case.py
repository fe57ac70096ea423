"""The case: every table, a horizon and the way money is counted. Frozen; made by `io`, changed only into another case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from barbell.core import nouns, relations
from barbell.core.errors import Where
from barbell.core.horizon import Horizon
from barbell.core.row import Row

TABLES: dict[str, type[Row]] = {row.table: row for row in (*nouns.NOUNS, *relations.RELATIONS)}
"""Every table of a case by name: the registry that reading, templates and reference pages are made from."""


@dataclass(frozen=True)
class Risk:
    """Price of risk: value counts as (1 - weight) x mean + weight x mean of the worst `tail` share of futures."""

    weight: float = 0.0
    tail: float = 0.05


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a cell came from: its spot in the files, its text there and the fact behind it, if any."""

    where: Where
    text: str
    fact: str = ""


@dataclass(frozen=True)
class Tables:
    """The rows of every table, in the order of the files."""

    resources: tuple[nouns.Resource, ...] = ()
    places: tuple[nouns.Place, ...] = ()
    entities: tuple[nouns.Entity, ...] = ()
    assets: tuple[nouns.Asset, ...] = ()
    processes: tuple[nouns.Process, ...] = ()
    demands: tuple[nouns.Demand, ...] = ()
    limits: tuple[nouns.Limit, ...] = ()
    programmes: tuple[nouns.Programme, ...] = ()
    options: tuple[relations.Option, ...] = ()
    rates: tuple[relations.ProcessRate, ...] = ()
    uses: tuple[relations.Use, ...] = ()
    takes: tuple[relations.Take, ...] = ()
    conversions: tuple[relations.Conversion, ...] = ()
    cohorts: tuple[relations.Cohort, ...] = ()
    contracts: tuple[relations.Contract, ...] = ()
    price_steps: tuple[relations.PriceStep, ...] = ()
    payments: tuple[relations.Payment, ...] = ()
    indices: tuple[relations.Index, ...] = ()
    profiles: tuple[relations.Profile, ...] = ()
    slices: tuple[relations.SliceRow, ...] = ()
    classes: tuple[relations.DepreciationClass, ...] = ()
    accounts: tuple[relations.Account, ...] = ()
    terms: tuple[relations.Term, ...] = ()
    debts: tuple[relations.Debt, ...] = ()
    gates: tuple[relations.Gate, ...] = ()
    scenarios: tuple[relations.Scenario, ...] = ()
    changes: tuple[relations.Change, ...] = ()
    facts: tuple[relations.Fact, ...] = ()

    def rows(self, table: str) -> tuple[Row, ...]:
        """Rows of a table by its name."""
        rows: tuple[Row, ...] = getattr(self, table)
        return rows

    def with_rows(self, table: str, rows: tuple[Row, ...]) -> Tables:
        """The same tables with the rows of one of them replaced."""
        changed: dict[str, Any] = {table: rows}
        return replace(self, **changed)


@dataclass(frozen=True)
class Case:
    """A planning question, complete.

    `money` is the unit that all money counts in, such as ``MUSD2026``; `as_of` the day (YYYY-MM-DD) whose
    facts it may see; `origins` maps (table, row id, field) to where the cell came from.
    """

    name: str
    question: str
    money: str
    as_of: str
    horizon: Horizon
    risk: Risk
    tables: Tables
    origins: Mapping[tuple[str, str, str], Origin] = field(default_factory=dict, repr=False, compare=False)

    @property
    def title(self) -> str:
        """Name and question."""
        return f"{self.name}: {self.question}" if self.question else self.name

    @cached_property
    def places(self) -> Mapping[str, nouns.Place]:
        """Places by name."""
        return {place.name: place for place in self.tables.places}

    @cached_property
    def assets(self) -> Mapping[str, nouns.Asset]:
        """Assets by name."""
        return {asset.name: asset for asset in self.tables.assets}

    @cached_property
    def lineage(self) -> Mapping[str, tuple[str, ...]]:
        """Each place with its ancestors, itself first, the root last."""
        line: dict[str, tuple[str, ...]] = {}
        for name in self.places:
            chain = [name]
            while (parent := self.places[chain[-1]].parent) and parent not in chain:
                chain.append(parent)
            line[name] = tuple(chain)
        return line

    def inside(self, place: str, outer: str) -> bool:
        """Whether `place` is `outer` or lies in it; an empty `outer` holds everything."""
        return not outer or outer in self.lineage[place]

    def spread(self, where: str) -> tuple[str, ...]:
        """The places that `where` means: one place by name, or all places of a kind."""
        return (where,) if where in self.places else tuple(p.name for p in self.places.values() if p.kind == where)

    def where(self, table: str, row: str, cell: str) -> Where:
        """Spot of a cell in the user's files, for messages."""
        origin = self.origins.get((table, row, cell))
        if origin:
            return origin.where
        whole = self.origins.get((table, row, ""))
        return replace(whole.where, field=cell) if whole else Where("", 0, ".".join(part for part in (table, row, cell) if part))
