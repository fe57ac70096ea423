"""Several cases, or one case with several changes, side by side: what differs in the inputs, then decisions, prices and money."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from barbell.core.case import TABLES, Case
from barbell.core.errors import BarbellError, CaseError, Fault, Where
from barbell.finance import Statements, statements
from barbell.io import read
from barbell.plan import Options, Plan, solve
from barbell.study.known import known

Say = Callable[[str], None]


@dataclass(frozen=True)
class Variant:
    """One column of a comparison: a case in a folder with changes, under a name."""

    name: str
    path: str
    changes: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """A variant's plan and statements."""

    variant: Variant
    plan: Plan
    statements: Statements


@dataclass(frozen=True)
class Comparison:
    """Answers side by side. Each frame has a column for every variant, by its name.

    `inputs`: cells that differ (table, row, field). `decisions`: orders by asset and year. `money`: group lines by year.
    `served`: by market and year. `prices`: what binds, price times amount summed over the horizon, in the case's money.
    """

    answers: tuple[Answer, ...]
    inputs: pl.DataFrame
    decisions: pl.DataFrame
    served: pl.DataFrame
    prices: pl.DataFrame
    money: pl.DataFrame

    @property
    def values(self) -> dict[str, float]:
        """Value of each variant."""
        return {answer.variant.name: answer.plan.value for answer in self.answers}


def variants(paths: Sequence[str | os.PathLike[str]], changes: Mapping[str, str], vary: Mapping[str, Sequence[str]]) -> tuple[Variant, ...]:
    """Every case with every combination of the values in `vary`, named by what differs."""
    made = []
    for path in paths:
        folder = os.fspath(path)
        for values in itertools.product(*vary.values()):
            varied = dict(zip(vary, values, strict=True))
            words = ([os.path.basename(os.path.normpath(folder))] if len(paths) > 1 else []) + list(varied.values())  # noqa: PTH119
            made.append(Variant(", ".join(words) or "base", folder, {**changes, **varied}))
    return tuple(made)


def compare(asked: Sequence[Variant], *, options: Options | None = None, progress: Say | None = None) -> Comparison:
    """Solve every variant and set them side by side.

    Raises CaseError for fewer than two, and for two of one name; else what a plan raises, with the variant's name before it.
    """
    names = [variant.name for variant in asked]
    if len(asked) < 2 or len(set(names)) < len(names):
        fix = "Name two cases, or give --vary path='one | other'"
        raise CaseError([Fault(Where("compare"), ", ".join(names), "a comparison needs two or more variants of different names", fix)])
    say = progress or (lambda _: None)
    answers = tuple(_answer(variant, options, say) for variant in asked)
    tables = [answer.plan.tables for answer in answers]
    return Comparison(
        answers,
        _inputs(answers),
        _side_by_side(answers, [_orders(a.plan) for a in answers], ("action", "item", "unit", "year")),
        _side_by_side(answers, [_served(a.plan) for a in answers], ("market", "unit", "year")),
        _side_by_side(answers, [_worth(table["prices"]) for table in tables], ("kind", "item", "place")),
        _side_by_side(answers, [_money(a) for a in answers], ("line", "unit", "year")),
    )


def _answer(variant: Variant, options: Options | None, say: Say) -> Answer:
    say(f"{variant.name}: reading and solving")
    try:
        plan = solve(read(variant.path, variant.changes, known), options=options)
    except BarbellError as error:
        error.args = (f"{variant.name}: {error}", *error.args[1:])
        raise
    return Answer(variant, plan, statements(plan.case, plan.tables))


def _side_by_side(answers: Sequence[Answer], frames: Sequence[pl.DataFrame], keys: Sequence[str]) -> pl.DataFrame:
    """Frames of keys and `value`, joined on the keys; what one does not have is 0."""
    joined = frames[0].rename({"value": answers[0].variant.name})
    for answer, frame in zip(answers[1:], frames[1:], strict=True):
        joined = joined.join(frame.rename({"value": answer.variant.name}), on=list(keys), how="full", coalesce=True, maintain_order="left_right")
    return joined.fill_null(0.0)


def _by_year(case: Case, frame: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Rows summed by calendar year, within what is reported."""
    shown = {label: p.start.year for label, p in zip(case.horizon.labels, case.horizon.periods, strict=True) if p.start < case.horizon.report_end}
    kept = frame.filter(pl.col("period").is_in(list(shown))).with_columns(pl.col("period").replace_strict(shown, return_dtype=pl.Int64).alias("year"))
    return kept.group_by(*keys, "year", maintain_order=True).agg(pl.col("value").sum())


def _orders(plan: Plan) -> pl.DataFrame:
    return _by_year(plan.case, plan.tables["orders"], ("action", "item", "unit")).filter(pl.col("value") > 1e-6)


def _served(plan: Plan) -> pl.DataFrame:
    """Mean volume served in each year, contracts included."""
    case = plan.case
    length = dict(zip(case.horizon.labels, case.horizon.years, strict=True))
    market = {contract.name: contract.market for contract in case.tables.contracts}
    sold = plan.tables["served"].select("market", "unit", "period", pl.col("served").alias("value"))
    by_market = pl.col("item").replace_strict(market, return_dtype=pl.String, default="").alias("market")
    signed = plan.tables["contracts"].select(by_market, "unit", "period", pl.col("delivered").alias("value"))
    both = pl.concat([sold, signed]).with_columns(pl.col("value") * pl.col("period").replace_strict(length, return_dtype=pl.Float64))
    return _by_year(case, both, ("market", "unit"))


def _worth(prices: pl.DataFrame) -> pl.DataFrame:
    """Worth of what binds over the horizon: price times amount, strongest first; accounts only pass it on."""
    worth = prices.filter(pl.col("kind") != "account").with_columns((pl.col("price") * pl.col("amount")).alias("value"))
    return worth.group_by("kind", "item", "place", maintain_order=True).agg(pl.col("value").sum()).sort("value", descending=True)


def _money(answer: Answer) -> pl.DataFrame:
    """Lines of the group by year."""
    case = answer.plan.case
    root = next(entity.name for entity in case.tables.entities if not entity.parent)
    rows = answer.statements.years.filter((pl.col("entity") == root) & (pl.col("scope") == "consolidated") & (pl.col("unit") == case.money))
    return rows.filter(pl.col("year") < case.horizon.report_end.year).select("line", "unit", "year", "value")


def _inputs(answers: Sequence[Answer]) -> pl.DataFrame:
    """Cells in which the cases differ: table, row, field and the text of each; empty where a case lacks the row."""
    cells = [_cells(answer.plan.case) for answer in answers]
    spots = dict.fromkeys(spot for found in cells for spot in found)
    rows = [(*spot, *(found.get(spot, "") for found in cells)) for spot in spots if len({found.get(spot) for found in cells}) > 1]
    names = [answer.variant.name for answer in answers]
    return pl.DataFrame(rows, schema=dict.fromkeys(("table", "row", "field", *names), pl.String), orient="row")


def _cells(case: Case) -> dict[tuple[str, str, str], str]:
    """Text of every value of a case."""
    found = {("case", "", "as_of"): case.as_of, ("case", "", "horizon"): f"{case.horizon.labels[0]} to {case.horizon.labels[-1]}"}
    for table in TABLES:
        if table == "facts":
            continue
        for row in case.tables.rows(table):
            found |= {(table, row.id, field): str(value) for field, value in row if field != "note"}
    return found
