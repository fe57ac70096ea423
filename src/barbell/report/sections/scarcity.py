"""The price of each bottleneck over time, and what it is worth."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from barbell.report import chart, query
from barbell.report.figure import Cell, Figure, Grid, Section, wide
from barbell.report.number import column, told
from barbell.report.source import Source
from barbell.study.chain.ground import slug

if TYPE_CHECKING:
    from barbell.plan import Bottleneck

TOP = 12
BORDERS = (1e-6, 0.2, 0.4, 0.6, 0.8, 0.95)
"""Steps of colour, as shares of a thing's own highest price."""
Thing = tuple[str, str]


def section(source: Source) -> Section:
    """A heat map of prices, and the bottlenecks that solving again confirmed."""
    figures = tuple(f for f in (_over_time(source), _confirmed(source)) if f)
    said = (
        "A price is what one more unit in that period adds to the value, in that period's money. It holds for small changes; the range says how far.",
    )
    return Section("scarcity", "What binds, and what it is worth", said if figures else ("Nothing is scarce.",), figures)


def ranked(source: Source) -> dict[Thing, dict[str, tuple[float, float]]]:
    """(Price then, worth today) by scarce thing and reported period, dearest first; what is prescribed comes last, with negative prices.

    Accounts only pass on the scarcity of others.
    """
    frame = query.seen(source, "prices").filter((pl.col("kind") != "account") & pl.col("price").is_finite())
    price: dict[Thing, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    worth: dict[Thing, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in frame.iter_rows(named=True):
        thing = named(row["kind"], row["item"], row["place"]), row["unit"]
        then, amount = row["price_then"], row["amount"]
        price[thing][row["period"]] += then if math.isfinite(then) else row["price"]
        worth[thing][row["period"]] += row["price"] * amount if math.isfinite(amount) else 0.0
    order = sorted(price, key=lambda thing: (-sum(worth[thing].values()), thing))
    return {thing: {p: (v, worth[thing][p]) for p, v in price[thing].items()} for thing in order}


def scarce(source: Source) -> dict[Thing, dict[str, tuple[float, float]]]:
    """Those of which more would be better."""
    return {thing: values for thing, values in ranked(source).items() if sum(worth for _, worth in values.values()) > 0}


def _prescribed(source: Source) -> tuple[str, ...]:
    """What is asked for at least, and what that costs."""
    money = query.worth(source)
    costs = {name: sum(worth for _, worth in values.values()) for (name, _), values in ranked(source).items()}
    said = [f"{name} ({money.say(cost)})" for name, cost in sorted(costs.items(), key=lambda pair: pair[1]) if cost < 0]
    return (f"Prescribed, and of which less would be better: {', '.join(said)}.",) if said else ()


def named(kind: str, item: str, place: str) -> str:
    """A scarce thing in words: ``capacity gb300@va``."""
    return f"{kind} {item}" + (f"@{place}" if place else "")


def _over_time(source: Source) -> Figure | None:
    case, money, labels = source.case, query.worth(source), query.shown(source.case)
    top = dict(list(scarce(source).items())[:TOP])
    if not top:
        return None
    peak = {thing: max(abs(v) for v, _ in values.values()) or 1.0 for thing, values in top.items()}
    rows = [
        {"period": p, "series": thing[0], "level": round(abs(price) / peak[thing], 4), "told": f"{told(price, 4)} {thing[1]}",
         "worth": money.say(worth)} for thing, values in top.items() for p, (price, worth) in values.items()
    ]  # fmt: skip
    shown = chart.hints(("period", "period"), ("series", "what"), ("told", "price"), ("worth", "worth of all there is"))
    x, y = chart.time(labels, query.clock(case)), chart.rows_of("series", [thing[0] for thing in top], "what binds")
    layers = chart.heat(x, y, BORDERS, shown)
    whole = {thing: sum(w for _, w in values.values()) for thing, values in top.items()}
    rows_ = query.seen(source, "prices").select("kind", "item", "place").unique().iter_rows()
    spots = {named(*row): f"{slug(row[0])}:{row[1]}" + (f"@{row[2]}" if row[2] else "") for row in rows_}
    first = next(iter(top))
    return Figure(
        "prices",
        f"Dearest is {first[0]}: its price times what there is adds up to {money.say(whole[first])} over the periods shown",
        wide("Price of what binds by period, in money of that period", ("what", "unit"), labels,
             {thing: {p: v for p, (v, _) in values.items()} for thing, values in top.items()},
             lambda words, period: f"prices/{spots.get(words[0], '')}/{period}"),
        chart.drawing(rows, layers, height={"step": 24}),
        f"Tiles by scarce thing, down, and period, across, for the {len(top)} that are worth most; darker is nearer to its own highest price.",
        ("Dearest first, by price times amount. Each row has its own unit, so colour compares periods, not rows.", *_prescribed(source)),
        keys=chart.scale(BORDERS, "of its highest price"),
    )  # fmt: skip


def _untold(found: Sequence[Bottleneck]) -> tuple[str, ...]:
    """What the gap of a plan in whole blocks hides."""
    hidden = sum(not b.told for b in found)
    if not hidden:
        return ()
    those = "none of these prices" if hidden == len(found) else f"{hidden} of these prices not"
    return (f"Blocks elsewhere stay as they are: when all is planned again, {those} can be told from nothing within the gap of the plan.",)


def _confirmed(source: Source) -> Figure | None:
    """Bottlenecks with the range of their price."""
    found = [b for b in source.bottlenecks if b.scenario == query.TRUNK]
    if not found:
        return None
    money = query.worth(source)
    worth = column([b.worth * money.factor for b in found])
    rows = []
    for b, text in zip(found, worth, strict=True):
        at = f"bottlenecks/{1 + list(source.bottlenecks).index(b)}"
        price, low, high, there = ([told(v, 4), v] for v in (b.price, b.low, b.high, b.amount))
        numbers = (
            Cell(str(price[0]), b.price, f"{at}/price"), Cell(str(low[0]), b.low, f"{at}/low"), Cell(str(high[0]), b.high, f"{at}/high"),
            Cell(str(there[0]), b.amount, f"{at}/amount"),
        )  # fmt: skip
        words = (named(b.kind, b.item, b.place), f"{b.period} {b.slice}".strip(), b.unit)
        rows.append((*(Cell(word) for word in words), *numbers, Cell(text, b.worth * money.factor, f"{at}/worth")))
    heads = ("what", "period", "unit", "price today", "lowest", "highest", "there is", f"price times amount ({money.unit})")
    return Figure(
        "bottlenecks",
        f"{len(found)} bottlenecks confirmed by solving again with a little more and a little less of each",
        Grid("Bottlenecks by worth, with the range of each price", heads, tuple(rows), 3),
        notes=(
            "Price today: value now of one more unit in that period; lowest and highest: of the last unit and of the next.",
            *_untold(found),
        ),
        open=True,
    )
