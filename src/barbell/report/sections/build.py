"""Build calendar: what is ordered, where and when."""

from __future__ import annotations

import polars as pl

from barbell.core.case import Case
from barbell.report import chart, query
from barbell.report.figure import Chain, Figure, Section, wide
from barbell.report.number import percent, told
from barbell.report.source import Source
from barbell.study.chain.ground import slug


def section(source: Source) -> Section:
    """Orders by asset and quarter, by site and quarter in money, and by asset and site over the years."""
    orders = query.seen(source, "orders").filter((pl.col("action") != "retire") & (pl.col("value") > 1e-6))
    figures = tuple(f for f in (_by_asset(source, orders), _by_place(source), _where(source, orders)) if f)
    return Section("build", "Build calendar", _lead(source, orders) if figures else ("Nothing is ordered.",), figures)


def _lead(source: Source, orders: pl.DataFrame) -> tuple[str, ...]:
    """First year against all: what is ordered when."""
    year = query.years(source.case)[0]
    parts = []
    for what, names in (("kchip", query.chips(source.case)), ("MW of grid", [query.GRID])):
        found = orders.filter(pl.col("item").is_in(names))
        whole, first = (float(frame["value"].sum()) for frame in (found, found.filter(pl.col("period").str.starts_with(str(year)))))
        if whole > 0:
            parts.append(f"{told(first)} of {told(whole)} {what} ({percent(first / whole)})")
    return (f"Ordered in {year}: {' and '.join(parts)}; orders already under way at the start are not counted here.",) if parts else ()


def _by_asset(source: Source, orders: pl.DataFrame) -> Figure | None:
    """Bubbles: each asset's orders by period, as a share of its largest."""
    case, labels = source.case, query.shown(source.case)
    amounts = query.totals(orders, ["item", "period"])
    names = [a.name for a in case.tables.assets if any(item == a.name for item, _ in amounts)]
    if not names:
        return None
    unit = {name: query.assets(case)[name].unit for name in names}
    top = {name: max(v for (item, _), v in amounts.items() if item == name) for name in names}
    rows = [
        {"period": p, "series": n, "value": round(v / top[n], 4), "told": f"{told(v, 4)} {unit[n]}",
         "kind": _kind(case, n)}
        for (n, p), v in amounts.items()
    ]  # fmt: skip
    size = {"field": "value", "type": "quantitative", "scale": {"domain": [0, 1], "range": [4, 150]}, "legend": None}
    shown = chart.hints(("period", "period"), ("series", "asset"), ("told", "ordered"))
    kinds = [kind for kind in ("megawatts", "chips", "other") if any(r["kind"] == kind for r in rows)]
    layer = chart.bubbles(chart.time(labels, query.clock(case)), chart.rows_of("series", names, "asset"), size, shown, chart.hue(kinds, "kind"))
    busy = max(labels, key=lambda p: sum(period == p for _, period in amounts))
    values = {(n, unit[n]): {p: v for (item, p), v in amounts.items() if item == n} for n in names}
    return Figure(
        "orders-by-asset",
        f"{len(names)} kinds of assets are ordered; most kinds at once in {busy}",
        wide("Orders by asset and period", ("asset", "unit"), labels, values, lambda words, period: f"orders/{words[0]}:all/{period}"),
        chart.drawing(rows, [layer], height={"step": 22}),
        "Circles by asset, down, and period, across; the area of a circle is the amount ordered as a share of that asset's largest order.",
        ("Area: amount ordered, as a share of the asset's largest order of a period. Conversions are counted at the asset converted from.",),
        keys=chart.keys(kinds, "circle"),
    )


def _kind(case: Case, asset: str) -> str:
    return "chips" if asset in query.chips(case) else "megawatts" if query.rung(case, asset) else "other"


def _by_place(source: Source) -> Figure | None:
    """Tiles: money ordered by place and period."""
    case, labels, money = source.case, query.shown(source.case), query.worth(source)
    projects = source.projects.filter(pl.col("ordered").is_in(labels) & (pl.col("cost") > 0))
    amounts = query.totals(projects.with_columns(pl.col("cost") * money.factor), ["place", "ordered"], "cost")
    if not amounts:
        return None
    places = sorted({p for p, _ in amounts}, key=lambda place: -sum(v for (p, _), v in amounts.items() if p == place))
    rows = [{"period": t, "series": p, "level": v, "told": f"{told(v)} {money.unit}"} for (p, t), v in amounts.items()]
    shown = chart.hints(("period", "period"), ("series", "place"), ("told", "ordered"))
    x, y = chart.time(labels, query.clock(case)), chart.rows_of("series", places, "place")
    borders = chart.edges(list(amounts.values()))
    layers = chart.heat(x, y, borders, shown)
    whole = {p: sum(v for (q, _), v in amounts.items() if q == p) for p in places}
    top = next((p for p in places if case.places[p].parent), places[0])
    values = {(p,): {t: v for (q, t), v in amounts.items() if q == p} for p in places}
    return Figure(
        "orders-by-place",
        f"{percent(whole[top] / sum(whole.values()))} of the money ordered goes to {top}, the most of any place",
        wide(
            f"Money ordered by place and period, {money.told_year}", ("place",), labels, values, lambda words, period: f"ordered/{words[0]}/{period}"
        ),
        chart.drawing(rows, layers, height={"step": 22}),
        "Tiles by place, down, and period, across; darker is more money ordered.",
        ("Price of the order, in the period in which it is ordered; when it is paid is another date (see capex).",),
        keys=chart.scale(borders, money.unit),
    )


def _where(source: Source, orders: pl.DataFrame) -> Figure | None:
    """Orders by asset and place over the years, as a table."""
    years = [str(year) for year in query.years(source.case)]
    dated = orders.with_columns(pl.col("period").map_elements(lambda p: str(query.year_of(p)), return_dtype=pl.String).alias("year"))
    amounts = query.totals(dated, ["place", "item", "action", "unit", "year"])
    values: dict[tuple[str, ...], dict[str, float]] = {}
    for (*key, year), value in amounts.items():
        values.setdefault(tuple(key), {})[year] = value
    if not values:
        return None
    message = f"{len(values)} decisions of place and asset, year by year"
    table = wide("Orders by place, asset and year", ("place", "asset", "action", "unit"), years, values, _decision)
    return Figure("orders-where", message, table)


def _decision(words: tuple[str, ...], year: str) -> Chain:
    """What a decision opens to."""
    place, asset, action, _ = words
    return f"orders/{asset}@{place}{'' if action == 'order' else f':{slug(action)}'}/{year}"
