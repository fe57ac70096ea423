"""Plans as people read them in a terminal, and as one JSON object."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from barbell.core.case import TABLES, Case

if TYPE_CHECKING:
    import polars as pl

    from barbell.plan import Bottleneck, Plan

_PRICE = "Price: value today of one more unit in that period; price then: the same in that period's money"

SMALL = 1e-9
"""Amounts below this are shown as nothing."""


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=140)


def number(value: float) -> str:
    """Four significant digits, thousands apart, nothing as a dash."""
    if math.isnan(value):
        return ""
    if math.isinf(value):
        return "none" if value > 0 else "-none"
    if abs(value) < SMALL:
        return "-"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{float(f'{value:.4g}'):g}"


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], texts: int) -> Table:
    """A table whose first `texts` columns are words and the rest numbers."""
    table = Table(title=title, title_justify="left", title_style="bold", header_style="", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for position, head in enumerate(heads):
        table.add_column(head, justify="left" if position < texts else "right", no_wrap=position >= texts, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def case(found: Case) -> None:
    """A case that is in order: its question, calendar and sizes."""
    console = _console()
    console.print(Text(f"{found.name}: {found.question}", style="bold"))
    periods = found.horizon.labels
    console.print(f"{len(periods)} periods {periods[0]} to {periods[-1]}, {len(found.horizon.slices)} slices, money in {found.money}")
    rows = [(name, str(len(found.tables.rows(name)))) for name in TABLES if found.tables.rows(name)]
    console.print(_table("Rows", ("table", "rows"), rows, 1))
    console.print("No faults found.")


def case_object(found: Case) -> dict[str, Any]:
    """A case in brief, for machines."""
    return {
        "case": found.name,
        "question": found.question,
        "money": found.money,
        "as_of": found.as_of,
        "periods": list(found.horizon.labels),
        "rows": {name: len(found.tables.rows(name)) for name in TABLES},
        "faults": [],
    }


def plan(found: Plan) -> None:
    """A plan: value, decisions, service, money and what binds."""
    console = _console()
    status = found.status
    console.print(Text(f"{found.case.name}: {found.case.question}", style="bold"))
    gap = f", gap {status.gap:.2%}" if status.gap else ""
    size = f"{status.columns:,} columns, {status.rows:,} rows, {status.nonzeros:,} non-zeros"
    console.print(f"Solved by {status.method} in {status.seconds:.2f} s{gap}: {size}; residuals {status.accuracy}\n")
    parts = [(name, number(value)) for name, value in found.parts.items() if abs(value) > SMALL]
    money = found.case.money
    console.print(_table(f"Value {number(found.value)} {money}", ("part", f"{money}, discounted"), parts, 1), "")
    for title, name, keys, value in _MATRICES:
        table = _matrix(found, title, found.tables[name], keys, value)
        if table is not None:
            console.print(table, "")
    top = _strongest(found)
    if top:
        heads = ("what is scarce", "place", "period", "price", "price then", "unit")
        console.print(_table("Scarce (`barbell explain` confirms and ranks more)", heads, top, 3))
        console.print(_PRICE)


_MATRICES = (
    ("Orders", "orders", ("action", "item", "place", "unit"), "value"),
    ("Fleet", "fleet", ("item", "place", "unit"), "value"),
    ("Served", "served", ("market", "item", "place", "unit"), "served"),
    ("Waiting", "served", ("market", "item", "place", "unit"), "waiting"),
    ("Lost", "served", ("market", "item", "place", "unit"), "lost"),
    ("Delivered under contract", "contracts", ("item", "place", "unit"), "delivered"),
    ("Money", "money", ("entity", "line", "unit"), "value"),
)


def _matrix(found: Plan, title: str, frame: pl.DataFrame, keys: Sequence[str], value: str) -> Table | None:
    """Items down, periods across; a block for each branch; rows of nothing left out."""
    periods = list(found.case.horizon.labels)
    branches = frame["scenario"].unique(maintain_order=True).to_list()
    more = ("scenario",) if len(branches) > 1 else ()
    heads = (*more, *keys)
    sums: dict[tuple[str, ...], dict[str, float]] = {}
    for record in frame.iter_rows(named=True):
        row = sums.setdefault(tuple(str(record[key]) for key in heads), {})
        row[record["period"]] = row.get(record["period"], 0.0) + record[value]
    rows = [(*key, *(number(row.get(p, math.nan)) for p in periods)) for key, row in sums.items() if any(abs(v) > SMALL for v in row.values())]
    return _table(title, (*heads, *periods), rows, len(heads)) if rows else None


def _strongest(found: Plan, top: int = 5) -> list[tuple[str, ...]]:
    frame = found.tables["prices"]
    records = [r for r in frame.iter_rows(named=True) if r["kind"] != "account"]
    records.sort(key=lambda r: -abs(r["price"] * r["amount"]))
    return [(f"{r['kind']} {r['item']}", r["place"], r["period"], number(r["price"]), number(r["price_then"]), r["unit"]) for r in records[:top]]


def bottlenecks(found: Plan, reasons: Sequence[Bottleneck]) -> None:
    """Bottlenecks in order of worth."""
    console = _console()
    console.print(Text(f"{found.case.name}: what binds, in order of worth", style="bold"))
    console.print(f"{_PRICE}; from the last unit to the next where the two differ.\n")
    many = len(found.forest.branches) > 1
    branches = ("scenario",) if many else ()
    heads = ("what", "place", *branches, "period", "price", "last .. next", "price then", "there is", "worth", "unit of price")
    rows = []
    for b in reasons:
        same = abs(b.high - b.low) <= 1e-4 * max(abs(b.high), abs(b.low), 1e-12)
        span = "" if same else f"{number(b.low)} .. {number(b.high)}"
        branch = (b.scenario,) if many else ()
        when = f"{b.period} {b.slice}".strip()
        amounts = (number(b.price), span, number(b.price_then), number(b.amount), number(b.worth), b.unit)
        rows.append((f"{b.kind} {b.item}", b.place, *branch, when, *amounts))
    if rows:
        console.print(_table("", heads, rows, 4 if many else 3))
    else:
        console.print("Nothing is scarce.")


def _finite(value: Any) -> Any:
    """JSON has no infinity and no NaN: null stands for no bound."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value


def plan_object(found: Plan) -> dict[str, Any]:
    """A plan with all its tables, for machines."""
    tables = {name: frame.to_dicts() for name, frame in found.tables.items()}
    content = {
        "case": found.case.name, "question": found.case.question, "status": asdict(found.status), "value": found.value,
        "money": found.case.money, "parts": found.parts, "tables": tables,
    }  # fmt: skip
    cleaned: dict[str, Any] = _finite(content)
    return cleaned


def explain_object(found: Plan, reasons: Sequence[Bottleneck]) -> dict[str, Any]:
    """Bottlenecks for machines."""
    content = {"case": found.case.name, "value": found.value, "money": found.case.money, "bottlenecks": [asdict(b) for b in reasons]}
    cleaned: dict[str, Any] = _finite(content)
    return cleaned
