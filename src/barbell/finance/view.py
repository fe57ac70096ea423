"""A plan's tables as one branch of the future sees them: its own rows and those of the branches it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from barbell.core.branch import TRUNK, line, seen_by
from barbell.core.case import Case
from barbell.core.clock import Clock, Floats
from barbell.core.nouns import Asset
from barbell.core.relations import Index, Option


@dataclass(frozen=True)
class View:
    """A case and its result tables as a scenario sees them; every table has the number of its period in column `t`."""

    case: Case
    tables: Mapping[str, pl.DataFrame]
    clock: Clock

    @cached_property
    def seen(self) -> int:
        """Number of periods that the scenario lives to see: all of them, unless the future forks before the end."""
        return int(self.tables["money"]["t"].n_unique())

    @cached_property
    def entities(self) -> Mapping[str, int]:
        """Number of each entity."""
        return {e.name: n for n, e in enumerate(self.case.tables.entities)}

    @cached_property
    def assets(self) -> Mapping[str, Asset]:
        """Assets by name."""
        return {a.name: a for a in self.case.tables.assets}

    @cached_property
    def capitalised(self) -> Mapping[str, bool]:
        """Whether each asset's programme capitalises."""
        treatment = {p.name: p.treatment == "capitalise" for p in self.case.tables.programmes}
        return {a.name: treatment[a.programme] for a in self.case.tables.assets}

    @cached_property
    def owner(self) -> Mapping[str, int]:
        """Number of the entity that pays for each asset."""
        entity = {p.name: self.entities[p.entity] for p in self.case.tables.programmes}
        return {a.name: entity[a.programme] for a in self.case.tables.assets}

    @cached_property
    def options(self) -> Mapping[tuple[str, str], Option]:
        """Option by asset and place."""
        return {(o.asset, place): o for o in self.case.tables.options for place in self.case.spread(o.place)}

    @cached_property
    def levels(self) -> Mapping[str, Floats]:
        """(T,) level of each index in the first month of each period; ones for no name."""
        rows: dict[str, Index | None] = {"": None, **{i.name: i for i in self.case.tables.indices}}
        return {name: self.clock.level(row, self.clock.start) for name, row in rows.items()}

    @cached_property
    def _batches(self) -> tuple[Mapping[str, int], Floats]:
        """Number of each batch, and (B, T) what of it stands."""
        fleet = self.tables["fleet"].with_columns(pl.col("batch").rank("dense").alias("n"))
        names = fleet["batch"].unique().sort().to_list()
        table = np.zeros((len(names), self.clock.count))
        table[fleet["n"].to_numpy().astype(int) - 1, fleet["t"].to_numpy()] = fleet["value"].to_numpy()
        return {name: n for n, name in enumerate(names)}, table

    def stands(self, batch: str) -> Floats | None:
        """(T,) units of a batch that stand in each period; None where there is no batch of that name."""
        number, table = self._batches
        return table[number[batch]] if batch in number else None

    def empty(self) -> Floats:
        """(entities, T) of nothing."""
        return np.zeros((len(self.entities), self.clock.count))


def look(case: Case, tables: Mapping[str, pl.DataFrame], scenario: str = TRUNK) -> View:
    """See a plan with the eyes of one scenario. Raises KeyError for a scenario that the case does not have."""
    names = [TRUNK, *(branch.name for branch in line(case, scenario))]
    number = pl.DataFrame({"period": list(case.horizon.labels), "t": np.arange(len(case.horizon.labels))})
    found = {
        name: frame.filter(pl.col("scenario").is_in(names)).join(number, on="period", how="left")
        for name, frame in tables.items()
        if name in ("orders", "fleet", "activity", "served", "contracts", "money", "debts")
    }
    return View(seen_by(case, scenario), found, Clock(case.horizon))
