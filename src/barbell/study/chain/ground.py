"""What chains are worked out from: a case, the frames of its run, and what finance makes of both."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import polars as pl

from barbell.core.branch import TRUNK, chances
from barbell.core.case import Case
from barbell.core.row import Row
from barbell.finance.carried import carry
from barbell.finance.projects import COHORT, CONVERSION, ORDER, Projects, projects
from barbell.finance.view import View, look
from barbell.finance.vintages import Vintage, vintages

Key = tuple[str, ...]
SEAM = "~"
"""Between a period and the branch of the future that it belongs to; the trunk is not named."""


@lru_cache(maxsize=4096)
def slug(text: str) -> str:
    """A name as it stands in an address: lower case, hyphens for blanks, nothing after a colon but the part."""
    return re.sub(r"[ _]+", "-", text.strip().lower()).replace(":-", ":")


@dataclass(frozen=True)
class Ground:
    """A run to ask: its case and its frames by name, as the run's folder keeps them. Periods carry their branch, such as ``2027~boom``."""

    case: Case
    frames: Mapping[str, pl.DataFrame]
    memo: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """What was looked up once."""

    @cached_property
    def tables(self) -> dict[str, pl.DataFrame]:
        """The plan's tables by name."""
        return {name.removeprefix("tables/"): frame for name, frame in self.frames.items() if name.startswith("tables/")}

    def frame(self, name: str) -> pl.DataFrame:
        """A frame; an empty one without columns where the run has none of that name."""
        found = self.frames.get(name)
        return pl.DataFrame() if found is None else found

    @cached_property
    def rows(self) -> dict[str, dict[str, Row]]:
        """Rows of every table of the case by id."""
        return {name: {row.id: row for row in getattr(self.case.tables, name)} for name in type(self.case.tables).__dataclass_fields__}

    def row(self, table: str, name: str) -> Any:
        """A row of the case."""
        return self.rows[table][name]

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Labels of the periods."""
        return self.case.horizon.labels

    @cached_property
    def number(self) -> dict[str, int]:
        """Number of each period by its label."""
        return {label: n for n, label in enumerate(self.labels)}

    @cached_property
    def chance(self) -> dict[str, float]:
        """Probability of each branch."""
        return chances(self.case)

    def values(self, table: str, *keys: str, column: str = "value") -> dict[Key, float]:
        """A column of a plan's table by keys and period, the period last; rows of the same keys are summed."""
        memo: dict[Any, dict[Key, float]] = self.memo.setdefault("values", {})
        asked = table, keys, column
        if asked not in memo:
            memo[asked] = _summed(self.tables.get(table, pl.DataFrame()), keys, column)
        return memo[asked]

    def among(self, table: str, *keys: str, item: str, period: str = "") -> dict[Key, float]:
        """The part of `values` of one item (the first key), in one period or in all."""
        memo: dict[Any, dict[Key, dict[Key, float]]] = self.memo.setdefault("among", {})
        asked = table, keys
        if asked not in memo:
            memo[asked] = {}
            for key, value in self.values(table, *keys).items():
                for spot in ((key[0], key[-1]), (key[0], "")):
                    memo[asked].setdefault(spot, {})[key] = value
        return memo[asked].get((item, period), {})

    @cached_property
    def stated(self) -> dict[Key, tuple[float, str]]:
        """(Value, unit) of the statements by entity, scope, line and period or year."""
        found: dict[Key, tuple[float, str]] = {}
        for name, time in (("statements/lines", "period"), ("statements/years", "year")):
            frame = self.frame(name)
            if frame.width:
                rows = frame.select("entity", "scope", "line", time, "value", "unit").iter_rows()
                found |= {(time, entity, scope, line, str(at)): (value, unit) for entity, scope, line, at, value, unit in rows}
        return found

    @cached_property
    def view(self) -> View:
        """The plan as the trunk sees it, for finance's own questions."""
        return look(self.case, self.tables)

    @cached_property
    def projects(self) -> Projects:
        """Every purchase."""
        return projects(self.view)

    @cached_property
    def bought(self) -> dict[str, int]:
        """Number of each purchase by its name in addresses."""
        found, named = self.projects, {}
        for n, source in enumerate(found.source):
            spot, when = f"{found.asset[n]}@{found.place[n]}", self.view.clock.label(int(found.ordered[n]))
            if source == ORDER:
                name = f"{spot}/{when}"
            elif source.startswith(CONVERSION):
                name = f"convert:{source.removeprefix(CONVERSION)}@{found.place[n]}/{when}"
            else:
                name = f"cohort:{source.removeprefix(COHORT)}"
            named[name] = n
        return named

    @cached_property
    def vintages(self) -> dict[str, tuple[Vintage, float]]:
        """Every vintage by its name in addresses, with what the books carry of it in its first month."""
        stock = vintages(self.view, self.projects)
        into, _ = carry(self.view, self.projects, stock)
        placed = self.projects.cost + into
        found: dict[str, tuple[Vintage, float]] = {}
        for v in stock:
            sources = {self.projects.source[row] for row in v.rows}
            cohort = next((s.removeprefix(COHORT) for s in sources if s.startswith(COHORT)), "")
            name = f"{v.asset}@{v.place}:{cohort or self.view.clock.label(v.period)}"
            while name in found or (v.period < 0 and name.endswith(":")):  # cohorts that stood at the start have no order: they are counted
                name = f"{v.asset}@{v.place}:start{sum(key.startswith(f'{v.asset}@{v.place}:start') for key in found) + 1}"
            found[name] = v, v.cost(placed)
        return found

    @cached_property
    def carried(self) -> dict[int, float]:
        """Book value that a conversion brings into each purchase, by its number."""
        stock = vintages(self.view, self.projects)
        into, _ = carry(self.view, self.projects, stock)
        return {n: float(value) for n, value in enumerate(into) if value}


def _summed(frame: pl.DataFrame, keys: Key, column: str) -> dict[Key, float]:
    found: dict[Key, float] = {}
    if not frame.width:
        return found
    for scenario, period, *rest, value in frame.select("scenario", "period", *(pl.col(key).cast(pl.String) for key in keys), column).iter_rows():
        key = (*rest, period if scenario == TRUNK else f"{period}{SEAM}{scenario}")
        found[key] = found.get(key, 0.0) + value
    return found
