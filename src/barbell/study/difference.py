"""Two kept runs side by side: what was asked and made differently, what was known, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from barbell.core.branch import leaves
from barbell.core.case import TABLES
from barbell.study.compare import Answer, Comparison, Variant, same_money, side_by_side
from barbell.study.kept import Kept
from barbell.study.years import calendar, stated_by_year

CLOSE = 1e-9
"""Relative difference below which two figures are the same."""


@dataclass(frozen=True)
class Difference:
    """What differs between two runs. Each frame has a column for each run, by its name, and holds only rows that differ.

    `asked`: question, changes, and how it was solved (what). `made`: versions of code, solver and libraries (what). `facts`: fact and
    field, of what each case used as known on its day; `texts`: cells of the same value that stand there in other words or rest on
    another fact. `comparison` holds the cells that differ, and decisions, volumes, prices and money whether they differ or not.
    """

    runs: tuple[Kept, Kept]
    names: tuple[str, str]
    asked: pl.DataFrame
    made: pl.DataFrame
    facts: pl.DataFrame
    texts: pl.DataFrame
    comparison: Comparison

    @property
    def inputs(self) -> pl.DataFrame:
        """Cells that differ, and rows that only one has."""
        return self.comparison.inputs

    @property
    def answers(self) -> dict[str, pl.DataFrame]:
        """What came of it, by name of the frame of `Comparison`; rows that differ."""
        return {name: self._apart(getattr(self.comparison, name)) for name in ("decisions", "served", "prices", "money")}

    @property
    def nothing(self) -> bool:
        """Whether the runs are the same in all of this."""
        frames = (self.asked, self.made, self.facts, self.texts, self.inputs, *self.answers.values())
        return all(frame.is_empty() for frame in frames) and not self.moved

    @property
    def moved(self) -> bool:
        """Whether the value differs."""
        first, second = self.comparison.values.values()
        return abs(first - second) > CLOSE * max(abs(first), abs(second))

    def _apart(self, frame: pl.DataFrame) -> pl.DataFrame:
        first, second = (pl.col(name) for name in self.names)
        size = pl.max_horizontal(first.abs(), second.abs())
        return frame.filter(((first - second).abs() > CLOSE * size).fill_null(first.is_null() != second.is_null()))


def difference(first: Kept, second: Kept) -> Difference:
    """What differs between two kept runs. Raises CaseError where they count in different money."""
    names = _names(first, second)
    both = (first, second)
    same_money(names, [run.case for run in both])
    answers = [Answer(Variant(name, run.folder.as_posix(), {}), run, _years(run)) for name, run in zip(names, both, strict=True)]
    return Difference(
        both,
        names,
        _table(names, ("what",), *(_flat(_asked(run)) for run in both)),
        _table(names, ("what",), *(_flat(run.manifest["versions"]) for run in both)),
        _table(names, ("fact", "field"), *_facts(both)),
        _table(names, ("cell",), *_texts(both)),
        side_by_side(tuple(answers)),
    )


def _names(first: Kept, second: Kept) -> tuple[str, str]:
    """Keys; where these are the same, folders; where it is one run, the key with a number."""
    if first.key != second.key:
        return first.key, second.key
    if first.folder.resolve() != second.folder.resolve():
        return first.folder.as_posix(), second.folder.as_posix()
    return f"{first.key} (1)", f"{first.key} (2)"


def _years(run: Kept) -> pl.DataFrame:
    """Lines of money by year as they were stated; where the future forks, the mean over all futures is made anew."""
    if len(leaves(run.case)) > 1:
        return stated_by_year(run.case, run.tables)
    years = sorted(set(calendar(run.case).values()))
    kept = run.under("statements")["years"].filter((pl.col("unit") == run.case.money) & pl.col("year").is_in(years))
    return kept.select("entity", "scope", "year", "line", "unit", "value")


def _asked(run: Kept) -> dict[str, str]:
    changes = {f"--set {path}": value for path, value in run.manifest["changes"].items()}
    options = {f"solver {name}": "by size" if value in (None, "") else value for name, value in run.manifest["options"].items()}
    return {"case": run.case.name, "question": run.case.question, **changes, **options}


def _flat(content: Mapping[str, Any]) -> dict[tuple[str, ...], str]:
    return {(name,): str(value) for name, value in content.items()}


def _facts(runs: tuple[Kept, Kept]) -> list[dict[tuple[str, ...], str]]:
    """Fields of every fact in use, the latest known on the day of the case; a fact that only one uses stands as one row."""
    latest = [{fact.name: fact for fact in sorted(run.case.tables.facts, key=lambda fact: fact.as_of) if fact.as_of <= _day(run)} for run in runs]
    both = latest[0].keys() & latest[1].keys()
    tables: list[dict[tuple[str, ...], str]] = []
    for found in latest:
        tables.append({(name, ""): "in use" for name in found if name not in both})
        for fact in (found[name] for name in found if name in both):
            tables[-1].update({(fact.name, field): str(value) for field, value in fact if field not in ("name", "note")})
    return tables


def _day(run: Kept) -> str:
    return run.case.as_of or "9999"


def _texts(runs: tuple[Kept, Kept]) -> list[dict[tuple[str, ...], str]]:
    """Texts of the cells that have the same value in both."""
    texts = [{spot: origin.text for spot, origin in run.case.origins.items() if spot[2] and spot[0] != "facts"} for run in runs]
    values = [{(table, row.id, field): value for table in TABLES for row in run.case.tables.rows(table) for field, value in row} for run in runs]
    same = {spot for spot in texts[0].keys() & texts[1].keys() if values[0].get(spot) == values[1].get(spot)}
    return [{(".".join(spot),): text for spot, text in found.items() if spot in same} for found in texts]


def _table(
    names: tuple[str, str], keys: tuple[str, ...], first: Mapping[tuple[str, ...], str], second: Mapping[tuple[str, ...], str]
) -> pl.DataFrame:
    """Rows in which two tables of words differ; what one has not is empty there."""
    rows = [(*spot, first.get(spot, ""), second.get(spot, "")) for spot in dict.fromkeys([*first, *second])]
    return pl.DataFrame([row for row in rows if row[-2] != row[-1]], schema=dict.fromkeys((*keys, *names), pl.String), orient="row")
