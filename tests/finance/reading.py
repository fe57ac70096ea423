"""How tests read statements, and plans written by hand instead of solved."""

import polars as pl
import pytest

from barbell.finance import statements

THING = ("scenario", "period", "item", "place")
COLUMNS = {
    "orders": (*THING, "action", "value", "unit"),
    "fleet": (*THING, "batch", "value", "unit"),
    "activity": (*THING, "slice", "value", "unit"),
    "served": (*THING, "market", "step", "price", "asked", "served", "waiting", "lost", "unit"),
    "contracts": (*THING, "signed", "called", "delivered", "unit"),
    "money": ("scenario", "period", "entity", "line", "value", "unit"),
}
TEXTS = {*THING, "action", "unit", "batch", "slice", "market", "entity", "line"}


def line(found, name, entity="co", scope="own", frame="lines"):
    """Values of a line in order; an absent line is empty."""
    rows = getattr(found, frame).filter((pl.col("line") == name) & (pl.col("entity") == entity) & (pl.col("scope") == scope))
    return rows["value"].to_list()


def column(frame, name, **where):
    """A column of the rows that match; `klass` stands for class."""
    for key, value in where.items():
        frame = frame.filter(pl.col("class" if key == "klass" else key) == value)
    return frame[name].to_list()


def closes(found):
    """Every roll-forward closes and carries on, row by row."""
    signs = {
        "capital": {"additions": 1, "transfers": 1, "depreciation": -1, "disposals": -1},
        "construction": {"paid": 1, "transfers": 1, "placed": -1},
        "payables": {"accrued": 1, "settled": -1},
    }
    for name, flows in signs.items():
        frame = getattr(found, name)
        for _, rows in frame.group_by("entity", "class", maintain_order=True):
            change = sum(sign * rows[flow] for flow, sign in flows.items())
            assert (rows["opening"] + change).to_list() == pytest.approx(rows["closing"].to_list(), rel=1e-9, abs=1e-6)
            assert rows["opening"][1:].to_list() == pytest.approx(rows["closing"][:-1].to_list(), rel=1e-9, abs=1e-6)
            assert min(rows["closing"].to_list()) >= -1e-6


def written(case, **rows):
    """Statements of a plan written by hand: rows of its tables without the leading scenario."""
    tables = {}
    for name, names in COLUMNS.items():
        schema = {n: pl.String if n in TEXTS else pl.Int64 if n == "step" else pl.Float64 for n in names}
        tables[name] = pl.DataFrame([("trunk", *row) for row in rows.get(name, ())], schema=schema, orient="row")
    return statements(case, tables)


def money(case, entity="co", capex=(), cash=()):
    """The plan's money of an entity that only spends: capex and cash by period."""
    spent = list(capex) or [0.0] * len(case.horizon.labels)
    held = list(cash) or [-sum(spent[: t + 1]) for t in range(len(spent))]
    found = []
    for label, out, level in zip(case.horizon.labels, spent, held, strict=True):
        for name, value in (("capex", -out), ("tax", 0.0), ("free cash flow", -out), ("cash", level)):
            found.append((label, entity, name, value, case.money))
    return found
