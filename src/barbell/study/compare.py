"""Several cases, or one case with several changes, side by side: what differs in the inputs, then decisions, prices and money."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from barbell.core.case import TABLES, Case
from barbell.core.errors import BarbellError, CaseError, Fault, Where
from barbell.core.path import Path as Steps
from barbell.io import read
from barbell.plan import Options, Status, solve
from barbell.study.known import known
from barbell.study.resolved import exact
from barbell.study.years import by_year, calendar, expected, mean_by_year, stated_by_year

Say = Callable[[str], None]
SMALL = 1e-6
"""Orders and worth below this are rounding."""


@dataclass(frozen=True)
class Variant:
    """One column of a comparison: a case in a folder with changes, under a name."""

    name: str
    path: str
    changes: Mapping[str, str]


class Planned(Protocol):
    """What a comparison reads of a plan, whether it was just solved or kept."""

    @property
    def case(self) -> Case:
        """The case that was planned."""

    @property
    def value(self) -> float:
        """Value in the case's money."""

    @property
    def most(self) -> float:
        """What no plan can be worth more than."""

    @property
    def status(self) -> Status:
        """How the plan was found."""

    @property
    def tables(self) -> Mapping[str, pl.DataFrame]:
        """Result tables."""


@dataclass(frozen=True)
class Answer:
    """A variant's plan and its lines of money by year (entity, scope, year, line, unit, value)."""

    variant: Variant
    plan: Planned
    years: pl.DataFrame


@dataclass(frozen=True)
class Comparison:
    """Answers side by side. Each frame has a column for every variant, by its name.

    `inputs`: cells that differ (table, row, field), and rows that only some have (no field). `varied`: price today of one more unit of
    what differs, by period. `decisions`: orders by asset and year. `served`: by market, the mean of each year. `prices`: what binds,
    price times amount summed over the horizon, in the case's money. `money`: group lines by year. Where the future forks, figures are
    means over all futures. What a variant has not is 0; a year that it does not report is null.
    """

    answers: tuple[Answer, ...]
    inputs: pl.DataFrame
    varied: pl.DataFrame
    decisions: pl.DataFrame
    served: pl.DataFrame
    prices: pl.DataFrame
    money: pl.DataFrame

    @property
    def values(self) -> dict[str, float]:
        """Value of each variant."""
        return {answer.variant.name: answer.plan.value for answer in self.answers}


def variants(paths: Sequence[str | os.PathLike[str]], changes: Mapping[str, str], vary: Mapping[str, Sequence[str]]) -> tuple[Variant, ...]:
    """Every case with every combination of the values in `vary`, named by what differs. Raises CaseError for a cell in `changes` and `vary`."""
    both = [Fault(Where("compare"), cell, "is set and varied", "Set it or vary it") for cell in changes if cell in vary]
    if both:
        raise CaseError(both, folder="the command")
    made = []
    for path in paths:
        for values in itertools.product(*vary.values()):
            words = ([_named(Path(path))] if len(paths) > 1 else []) + list(values)
            made.append(Variant(", ".join(words) or "base", os.fspath(path), {**changes, **dict(zip(vary, values, strict=True))}))
    return tuple(made)


def _named(path: Path) -> str:
    """Name of the folder of a case."""
    where = path.resolve()
    return (where.parent if where.is_file() else where).name


def compare(
    asked: Sequence[Variant | str | os.PathLike[str]],
    vary: Mapping[str, Sequence[str]] | None = None,
    *,
    options: Options | None = None,
    progress: Say | None = None,
) -> Comparison:
    """Solve every variant and set them side by side; `vary` gives values by cell, of which `variants` makes variants of the folders asked for.

    Raises CaseError for fewer than two, for two of one name and for two that count in different money; else what a plan raises, with
    the variant's name before it.
    """
    folders = [one for one in asked if not isinstance(one, Variant)]
    wanted = (*(one for one in asked if isinstance(one, Variant)), *variants(folders, {}, vary or {}))
    names = [variant.name for variant in wanted]
    if len(wanted) < 2 or len(set(names)) < len(names):
        fix = "Name two cases, or give --vary path='one | other'"
        raise CaseError([Fault(Where("compare"), ", ".join(names), "a comparison needs two or more variants of different names", fix)], "the command")
    say = progress or (lambda _: None)
    cases = [_read(variant) for variant in wanted]
    same_money(names, cases)
    return side_by_side(tuple(_answer(variant, case, options, say) for variant, case in zip(wanted, cases, strict=True)))


def same_money(names: Sequence[str], cases: Sequence[Case]) -> None:
    """Raise CaseError where cases count in different money."""
    money = ", ".join(f"{name} in {case.money}" for name, case in zip(names, cases, strict=True))
    if len({case.money for case in cases}) > 1:
        raise CaseError([Fault(Where("compare"), money, "variants that count in different money", "Let `money` be the same in each")], "the command")


@contextmanager
def _naming(variant: Variant) -> Iterator[None]:
    """An error names the variant first."""
    try:
        yield
    except BarbellError as error:
        error.args = (f"{variant.name}: {error}", *error.args[1:])
        raise


def _read(variant: Variant) -> Case:
    with _naming(variant):
        return read(variant.path, variant.changes, known)


def _answer(variant: Variant, case: Case, options: Options | None, say: Say) -> Answer:
    say(f"{variant.name}: solving")
    with _naming(variant):
        plan = solve(case, options=options)
    return Answer(variant, plan, stated_by_year(case, plan.tables))


def side_by_side(answers: tuple[Answer, ...]) -> Comparison:
    """What differs between answers of different names that count in the same money."""
    prices = _joined(answers, [_worth(answer.plan) for answer in answers], ("kind", "item", "place"))
    inputs = _inputs(answers)
    named = sorted({row.partition("/")[0] for row in inputs["row"]})
    return Comparison(
        answers,
        inputs,
        _joined(answers, [_prices(answer.plan, named) for answer in answers], ("kind", "item", "place", "period", "unit")),
        _joined(answers, [_orders(answer.plan) for answer in answers], ("action", "item", "unit", "year")),
        _joined(answers, [_served(answer.plan) for answer in answers], ("market", "unit", "year")),
        prices.sort(pl.max_horizontal(answer.variant.name for answer in answers), descending=True, maintain_order=True),
        _joined(answers, [_money(answer) for answer in answers], ("line", "unit", "year")),
    )


def _joined(answers: Sequence[Answer], frames: Sequence[pl.DataFrame], keys: Sequence[str]) -> pl.DataFrame:
    """Frames of keys and `value`, joined on the keys, with a column for each answer."""
    names = [answer.variant.name for answer in answers]
    joined = frames[0].rename({"value": names[0]})
    for name, frame in zip(names[1:], frames[1:], strict=True):
        joined = joined.join(frame.rename({"value": name}), on=list(keys), how="full", coalesce=True, maintain_order="left_right")
    filled = [pl.col(name).fill_null(0.0) for name in names]
    if "year" in keys:
        spans = [sorted(set(calendar(answer.plan.case).values())) for answer in answers]
        filled = [pl.when(pl.col("year").is_in(span)).then(column) for span, column in zip(spans, filled, strict=True)]
    return joined.with_columns(filled)


def _orders(plan: Planned) -> pl.DataFrame:
    return by_year(plan.case, plan.tables["orders"], ("action", "item", "unit")).filter(pl.col("value") > SMALL)


def _served(plan: Planned) -> pl.DataFrame:
    """Mean volume served in each year, contracts included."""
    market = {contract.name: contract.market for contract in plan.case.tables.contracts}
    sold = plan.tables["served"].select("market", "unit", "scenario", "period", pl.col("served").alias("value"))
    by_market = pl.col("item").replace_strict(market, return_dtype=pl.String, default="").alias("market")
    signed = plan.tables["contracts"].select(by_market, "unit", "scenario", "period", pl.col("delivered").alias("value"))
    return mean_by_year(plan.case, pl.concat([sold, signed]), ("market", "unit"))


def _worth(plan: Planned) -> pl.DataFrame:
    """Worth of what binds over the horizon: price times amount; accounts only pass it on, and what is without end has none."""
    worth = plan.tables["prices"].filter(pl.col("kind") != "account").with_columns((pl.col("price") * pl.col("amount")).alias("value"))
    total = expected(plan.case, worth.filter(pl.col("value").is_finite())).group_by("kind", "item", "place", maintain_order=True)
    return total.agg(pl.col("value").sum()).filter(pl.col("value").abs() > SMALL)


def _prices(plan: Planned, named: Sequence[str]) -> pl.DataFrame:
    """Price today of one more unit of the things named, in every period that has one; the mean where the future forks."""
    rows = plan.tables["prices"].filter((pl.col("kind") != "account") & pl.col("item").is_in(named)).with_columns(pl.col("price").alias("value"))
    return expected(plan.case, rows).group_by("kind", "item", "place", "period", "unit", maintain_order=True).agg(pl.col("value").sum())


def _money(answer: Answer) -> pl.DataFrame:
    """Lines of the group by year."""
    root = next(entity.name for entity in answer.plan.case.tables.entities if not entity.parent)
    rows = answer.years.filter((pl.col("entity") == root) & (pl.col("scope") == "consolidated"))
    return rows.select("line", "unit", "year", "value")


def _inputs(answers: Sequence[Answer]) -> pl.DataFrame:
    """Cells in which the cases differ: table, row, field and the text of each; rows that only some have stand as one."""
    cells = [_cells(answer.plan.case) for answer in answers]
    rows: list[tuple[str, ...]] = []
    for table, row in dict.fromkeys(spot for found in cells for spot in found):
        found = [case.get((table, row)) for case in cells]
        if None in found:
            rows.append((table, row, "", *("absent" if fields is None else "present" for fields in found)))
            continue
        texts = {field: [(fields or {})[field] for fields in found] for field in found[0] or {}}
        rows += [(table, row, field, *values) for field, values in texts.items() if len(set(values)) > 1]
    names = [answer.variant.name for answer in answers]
    return pl.DataFrame(rows, schema=dict.fromkeys(("table", "row", "field", *names), pl.String), orient="row")


def _cells(case: Case) -> dict[tuple[str, str], dict[str, str]]:
    """Text of every value of a case, by table and row; facts count where they are used."""
    horizon, risk = case.horizon, case.risk
    whole = [period for period, blocks in zip(horizon.periods, horizon.whole, strict=True) if blocks]
    blocks = f"whole before {whole[-1].end}" if whole else "divisible"
    settings = {
        "as_of": case.as_of,
        "horizon": f"{len(horizon.labels)} periods from {horizon.labels[0]} to {horizon.labels[-1]}",
        "report_end": str(horizon.report_end),
        "blocks": blocks,
        "risk.weight": f"{risk.weight:g}",
        "risk.tail": f"{risk.tail:g}",
    }
    found = {("case", ""): settings}
    for table in TABLES:
        for row in case.tables.rows(table) if table != "facts" else ():
            found[table, row.id] = {field: _text(value) for field, value in row if field not in ("note", *row.key)}
    return found


def _text(value: object) -> str:
    """A cell in a few digits, unless these would hide a difference."""
    text = "" if value is None else str(value)
    return exact(value) if isinstance(value, Steps) and Steps.parse(text) != value else text
