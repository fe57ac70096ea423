"""Cases, plans and reasons as people read them in a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from barbell.cli.record import strongest
from barbell.core.case import TABLES, Case
from barbell.report.layout import SMALL, Page, aligned, matrix, number, page, table, within

if TYPE_CHECKING:
    import polars as pl

    from barbell.plan import Bottleneck, Plan
    from barbell.study import Comparison

_PRICE = "price: value today of one more unit in that period; then: the same in that period's money"
_RANGE = "range: from the worth of the next unit to that of the last one, each found by solving again, where they are not the price"

_WHOLE = "range: worth of a unit in one block less and one block more (or a hundredth, where nothing comes in blocks), each planned again"
_CERTAIN = "certain: whatever the gaps of both plans hide; within the gap: no price of planning all again can be told"

_ACCOUNT, _UNIT = "what", "unit"
_MATRICES = (
    ("Decisions", "orders", ("action", _ACCOUNT, _UNIT), "value"),
    ("Fleet", "fleet", (_ACCOUNT, _UNIT), "value"),
    ("Served", "served", ("market", _ACCOUNT, _UNIT), "served"),
    ("Waiting", "served", ("market", _ACCOUNT, _UNIT), "waiting"),
    ("Lost", "served", ("market", _ACCOUNT, _UNIT), "lost"),
    ("Delivered under contract", "contracts", (_ACCOUNT, _UNIT), "delivered"),
    ("Money", "money", ("entity", "line", _UNIT), "value"),
)


def case(found: Case) -> None:
    """A case that is in order: its question, calendar and sizes."""
    console = page()
    console.print(Text(found.title, style="bold"))
    labels, slices = found.horizon.labels, len(found.horizon.slices)
    console.print(f"{_count(len(labels), 'period')} {labels[0]} to {labels[-1]}, {_count(slices, 'slice')} each, money in {found.money}\n")
    rows = [(name, f"{len(found.tables.rows(name)):,}") for name in TABLES if found.tables.rows(name)]
    table(console, "", ("table", "rows"), rows, words=1)
    console.print("\nNo faults found.")


def plan(found: Plan) -> None:
    """A plan: how it was found, its value, what to do, what comes of it and what binds."""
    console, status, money = page(), found.status, found.case.money
    console.print(Text(found.case.title, style="bold"))
    gap = f", gap {status.gap:.2%}" if status.gap > SMALL else ""
    size = f"{status.columns:,} columns, {status.rows:,} rows, {status.nonzeros:,} non-zeros"
    console.print(f"Solved by {status.method} in {status.seconds:.2f} s{gap}: {size}; residuals {status.accuracy}\n")
    parts = {name: value for name, value in found.parts.items() if abs(value) > SMALL}
    rows = list(zip(parts, aligned(list(parts.values())), strict=True))
    table(console, f"Value {number(found.value)} {money}{within(status.gap)}", ("discounted", money), rows, words=1)
    console.print()
    for title, name, heads, column in _MATRICES:
        _matrix(console, found, title, found.tables[name], heads, column)
    _scarce(console, found)


def bottlenecks(found: Plan, reasons: Sequence[Bottleneck]) -> None:
    """Bottlenecks in order of worth, each with the range of its price."""
    console, money = page(), found.case.money
    console.print(Text(found.case.title, style="bold"))
    console.print(f"Value {number(found.value)} {money}{within(found.status.gap)}. What binds, in order of worth:\n")
    many = len({b.scenario for b in reasons}) > 1
    whole = bool(found.forest.problem.arrays.integer.any())
    open_gap = found.status.gap > SMALL
    certain = ("certain",) if open_gap else ()
    heads = ("what", *(("scenario",) if many else ()), "period", "unit", "price", "range", *certain, "then", "there is", f"worth {money}")
    rows = []
    for b in reasons:
        words = (_thing(b.kind, b.item, b.place), *((b.scenario,) if many else ()), f"{b.period} {b.slice}".strip(), b.unit)
        sure = (_certain(b),) if open_gap else ()
        rows.append((*words, number(b.price), _span(b), *sure, number(b.price_then), number(b.amount), number(b.worth)))
    if not rows:
        console.print("Nothing is scarce.")
        return
    table(console, "", heads, rows, words=4 if many else 3)
    console.print(f"\n{_PRICE}")
    if any(_span(b) for b in reasons):
        console.print(_WHOLE if whole else _RANGE)
    if open_gap:
        console.print(_CERTAIN)


def comparison(found: Comparison, top: int = 12) -> None:
    """Variants side by side: what differs in the inputs, then what is decided, served, scarce and earned."""
    console = page()
    names = tuple(answer.variant.name for answer in found.answers)
    cases = {(case.name, case.question): case for answer in found.answers for case in [answer.plan.case]}
    for case in cases.values():
        console.print(Text(case.title, style="bold"))
    money = found.answers[0].plan.case.money
    console.print()
    cells = [(".".join(part for part in (t, row, field) if part), *values) for t, row, field, *values in found.inputs.head(top).iter_rows()]
    if cells:
        more = f" (the first {top} of {found.inputs.height})" if found.inputs.height > top else ""
        table(console, f"Inputs that differ{more}", ("cell", *names), cells, words=1 + len(names))
        console.print()
    values = [(("value",), [found.values[name] for name in names])]
    gaps = [(("not above",), [answer.plan.most for answer in found.answers])] if any(a.plan.status.gap > SMALL for a in found.answers) else []
    columns(console, f"Value, {money}", ("what",), names, values + gaps)
    prices = rows(found.varied.head(top), 5)
    columns(console, "Price today of one more of what differs", ("kind", "item", "place", "period", "unit"), names, prices)
    for title, frame, heads in (
        ("Orders and conversions by year", found.decisions, ("action", "item", "unit", "year")),
        ("Served, mean of the year", found.served, ("market", "unit", "year")),
    ):
        columns(console, title, heads, names, differing(frame, len(heads)))
    columns(console, f"What binds, worth over the horizon, {money}", ("kind", "item", "place"), names, rows(found.prices.head(top), 3))
    lines = ("revenue", "operating income", "operating cash flow", "capex", "free cash flow", "cash", "debt")
    kept = [(key, values) for key, values in rows(found.money, 3) if key[0] in lines and any(abs(value) > SMALL for value in values)]
    columns(console, "The group's money by year", ("line", "unit", "year"), names, kept)


def rows(frame: pl.DataFrame, keys: int) -> list[tuple[tuple[str, ...], list[float]]]:
    """Rows of a frame: the words of its first `keys` columns, and the numbers of the others."""
    return [(tuple(str(k) for k in row[:keys]), [math.nan if v is None else v for v in row[keys:]]) for row in frame.iter_rows()]


def differing(frame: pl.DataFrame, keys: int) -> list[tuple[tuple[str, ...], list[float]]]:
    """Rows in which the variants are not the same to the eye."""
    return [(key, values) for key, values in rows(frame, keys) if len({number(value) for value in values}) > 1]


def columns(console: Page, title: str, heads: Sequence[str], names: Sequence[str], lines: Sequence[tuple[tuple[str, ...], Sequence[float]]]) -> None:
    """Print numbers side by side, a column for each name; nothing where there is none."""
    if not lines:
        return
    texts = [aligned([values[n] for _, values in lines]) for n in range(len(names))]
    cells = [(*key, *(column[n] for column in texts)) for n, (key, _) in enumerate(lines)]
    table(console, title, (*heads, *names), cells, words=len(heads))
    console.print()


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' if count != 1 else ''}"


def _matrix(console: Page, found: Plan, title: str, frame: pl.DataFrame, heads: Sequence[str], column: str) -> None:
    """Things down, periods across; a row for each branch that has its own; rows of nothing left out."""
    periods = found.case.horizon.labels
    several = frame["scenario"].n_unique() > 1
    keys = ("scenario", *heads) if several else tuple(heads)
    rows: dict[tuple[str, ...], list[float]] = {}
    for record in frame.iter_rows(named=True):
        cells = record | {_ACCOUNT: f"{record['item']}@{record['place']}"} if _ACCOUNT in heads else record
        row = rows.setdefault(tuple(str(cells[key]) for key in keys), [math.nan] * len(periods))
        at = periods.index(record["period"])
        row[at] = record[column] + (0.0 if math.isnan(row[at]) else row[at])
    rows = {key: row for key, row in rows.items() if any(abs(v) > SMALL for v in row)}
    if rows:
        matrix(console, title, keys, periods, rows)


def _scarce(console: Page, found: Plan) -> None:
    top = strongest(found)
    if not top:
        return
    several = found.tables["prices"]["scenario"].n_unique() > 1
    heads = ("what", *(("scenario",) if several else ()), "period", "unit", "price", "then")
    rows = []
    for r in top:
        words = (_thing(r["kind"], r["item"], r["place"]), *((r["scenario"],) if several else ()), f"{r['period']} {r['slice']}".strip(), r["unit"])
        rows.append((*words, number(r["price"]), number(r["price_then"])))
    table(console, "Scarce (`barbell explain` confirms and ranks more)", heads, rows, words=len(heads) - 2)
    console.print(_PRICE)


def _thing(kind: str, item: str, place: str) -> str:
    return f"{kind} {item}@{place}" if place else f"{kind} {item}"


def _certain(b: Bottleneck) -> str:
    """What a block is worth for certain, unless that may be nothing."""
    return f"{number(b.least)} .. {number(b.most)}" if b.told else "within the gap"


def _span(b: Bottleneck) -> str:
    """The range of a price, unless what was found by solving again is the price itself."""
    if all(math.isclose(end, b.price, rel_tol=1e-4, abs_tol=SMALL) for end in (b.low, b.high)):
        return ""
    return " .. ".join("0" if abs(end) < SMALL else f"{end:g}" if math.isinf(end) else number(end) for end in (b.low, b.high))
