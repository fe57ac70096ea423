"""Served, waiting and lost demand by market, and why."""

from __future__ import annotations

import re
from collections import defaultdict

import polars as pl

from barbell.report import chart, query
from barbell.report.figure import Chain, Figure, Key, Section, grid, wide
from barbell.report.number import percent, told
from barbell.report.source import Source

PARTS = ("under contract", "served", "waiting", "lost")
Asked = tuple[str, str]
"""Market and unit."""


def section(source: Source) -> Section:
    """A figure for each market, and a table of reasons."""
    found = balance(source)
    figures = [_figure(source, key, parts, name) for (key, parts), name in zip(found.items(), _names(list(found)), strict=True)]
    why = _reasons(source)
    return Section("demand", "Demand served, waiting and lost", () if found else ("The case has no demand.",), (*figures, *([why] if why else ())))


def balance(source: Source) -> dict[Asked, dict[str, dict[str, float]]]:
    """By market and unit: what is delivered under contract, served, waiting and lost in each reported period, as average rates."""
    found: dict[Asked, dict[str, dict[str, float]]] = defaultdict(lambda: {part: defaultdict(float) for part in PARTS})
    for row in query.seen(source, "served").iter_rows(named=True):
        for part in ("served", "waiting", "lost"):
            found[row["market"], row["unit"]][part][row["period"]] += row[part]
    markets = {c.name: c.market for c in source.case.tables.contracts}
    for row in query.seen(source, "contracts").iter_rows(named=True):
        key = markets[row["item"]], row["unit"]
        found[key]["under contract"][row["period"]] += row["delivered"]
        found[key]["lost"][row["period"]] += row["called"] - row["delivered"]
    return {key: {part: dict(values) for part, values in parts.items()} for key, parts in found.items()}


def share_served(source: Source, key: Asked) -> float:
    """Share of what was asked newly that is served or delivered, over the reported periods, weighted by time; NaN where nothing is asked."""
    years = dict(zip(source.case.horizon.labels, source.case.horizon.years, strict=True))
    parts = balance(source)[key]
    got = sum(parts[part].get(p, 0.0) * y for part in PARTS[:2] for p, y in years.items())
    lost = sum(parts["lost"].get(p, 0.0) * y for p, y in years.items())
    last = query.shown(source.case)[-1]
    left = parts["waiting"].get(last, 0.0) * years[last]
    return got / (got + lost + left) if got + lost + left > 0 else float("nan")


def _names(keys: list[Asked]) -> list[str]:
    """A name for each figure: its market, numbered where a market is counted in several units."""
    markets = [market for market, _ in keys]
    return [f"demand-{market}" if markets.count(market) == 1 else f"demand-{market}-{n}" for n, market in enumerate(markets, 1)]


def _figure(source: Source, key: Asked, parts: dict[str, dict[str, float]], name: str) -> Figure:
    market, unit = key
    labels = query.shown(source.case)
    used = [part for part in PARTS if any(v > 1e-9 for v in parts[part].values())] or ["served"]
    rows = [
        {"period": p, "series": part, "rank": k, "value": round(v, 5), "told": f"{told(v, 4)} {unit}"}
        for k, part in enumerate(used) for p, v in parts[part].items() if v > 1e-9
    ]  # fmt: skip
    layer = chart.stack(used, chart.time(labels, query.clock(source.case)), chart.amount(f"average rate ({unit})"))
    colours = {"under contract": "c1", "served": "c5", "waiting": "c2", "lost": "c4"}
    layer["encoding"]["color"] = chart.hue(used) | {"scale": {"domain": used, "range": [f"var(--{colours[part]})" for part in used]}}
    return Figure(
        name,
        f"{market}: {percent(share_served(source, key))} of what is asked is served, up to {told(_peak(parts))} {unit}",
        wide(
            f"{market}: served, waiting and lost, average rate in {unit}",
            ("what",),
            labels,
            {(part,): parts[part] for part in used},
            lambda words, period: _rate(source, key, words[0], period),
        ),
        chart.drawing(rows, [layer], height=220),
        f"Stacked bars by period for the market {market}: delivered under contract, served, waiting and lost, in {unit}.",
        _why(source, market),
        keys=tuple(Key(part, colours[part]) for part in used),
    )


def _rate(source: Source, key: Asked, part: str, period: str) -> Chain:
    """What a rate opens to; a market that is counted in several units is asked by the resource."""
    market, unit = key
    units = {r.name: r.unit for r in source.case.tables.resources}
    wanted = [d.resource for d in source.case.tables.demands if d.market == market] + [
        c.resource for c in source.case.tables.contracts if c.market == market
    ]
    named = f"{market}:{next(r for r in wanted if units[r] == unit)}" if len({units[r] for r in wanted}) > 1 else market
    return f"market/{named}/{'contract' if part == PARTS[0] else part}/{period}"


def _peak(parts: dict[str, dict[str, float]]) -> float:
    labels = {p for part in PARTS[:2] for p in parts[part]}
    return max((parts["under contract"].get(p, 0.0) + parts["served"].get(p, 0.0) for p in labels), default=0.0)


def _weighed(source: Source) -> pl.DataFrame:
    """Reasons of the reported periods with what they cost: waiting and lost, times the length of the period."""
    years = dict(zip(source.case.horizon.labels, source.case.horizon.years, strict=True))
    labels = query.shown(source.case)
    frame = source.reasons.filter((pl.col("scenario") == query.TRUNK) & pl.col("period").is_in(labels))
    length = pl.col("period").replace_strict(years, default=0.0, return_dtype=pl.Float64)
    return frame.with_columns(((pl.col("lost") + pl.col("waiting")) * length).alias("weight"))


def _why(source: Source, market: str, most: int = 2) -> tuple[str, ...]:
    """The reasons that keep most of a market waiting."""
    frame = _weighed(source).filter((pl.col("market") == market) & (pl.col("weight") > 1e-9))
    whole: dict[str, float] = defaultdict(float)
    for row in frame.iter_rows(named=True):
        whole[_cause(row)] += row["weight"]
    top = sorted(whole, key=lambda cause: (-whole[cause], cause))[:most]
    said = [f"{cause} ({percent(whole[cause] / sum(whole.values()))})" for cause in top]
    return (f"What keeps demand waiting or loses it: {'; '.join(said)}.",) if said else ()


def _cause(row: dict[str, str]) -> str:
    """Why, in a few words: the thing that is short and why there is no more of it, wherever and whenever."""
    if row["reason"] != "scarce":
        return "it is better served later" if row["reason"] == "later" else "buyers pay less than serving costs"
    thing = row["thing"] if row["thing_kind"] == "capacity" else f"{row['thing_kind']} {row['thing']}"
    cause = re.sub(r"@\S+", "", row["cause"].partition(" in ")[0]).removesuffix(f" {row['thing']}")
    return f"{thing} ({cause})" if cause else thing


def _reasons(source: Source, most: int = 40) -> Figure | None:
    frame = _weighed(source).filter(pl.col("weight") > 1e-9)
    if not frame.height:
        return None
    ranked = frame.sort(["weight", "demand", "period"], descending=[True, False, False]).head(most)
    rows = [
        (row["demand"], row["place"], row["period"], row["words"], row["unit"], row["waiting"], row["lost"])
        for row in ranked.iter_rows(named=True)
    ]  # fmt: skip
    worst, signed = rows[0], {c.name for c in source.case.tables.contracts}

    def opens(words: tuple[str, ...], column: str) -> Chain:
        return f"contracts/{words[0]}/{words[2]}/missing" if words[0] in signed else f"served/{words[0]}/{words[2]}/{column}"

    heads = ("demand", "place", "period", "reason", "unit", "waiting", "lost")
    message = f"Most is lost or waits in {worst[2]}: {worst[0]}, {told(worst[5] + worst[6])} {worst[4]}"
    return Figure("reasons", message, grid("Why demand waits or is lost, the largest first", heads, rows, words=5, by="column", opens=opens))
