"""Sites: megawatts, chips and the price of power at each."""

from __future__ import annotations

import math

import polars as pl

from barbell.core.case import Case
from barbell.report import chart, query
from barbell.report.figure import Chain, Figure, Section, grid
from barbell.report.number import percent, power, told
from barbell.report.opens import made
from barbell.report.source import Source
from barbell.study.chain.ground import slug


def section(source: Source) -> Section:
    """A matrix of sites over the years, and a table of what stands at each at the end."""
    found = standing(source)
    if not found:
        return Section("sites", "Sites", ("No place of this case has assets in megawatts.",))
    return Section("sites", "Sites", (), (_matrix(source, found), _table(source, found)))


def chosen(case: Case) -> str:
    """Rung that sizes a site: the grid, else the first rung there is."""
    names = query.rungs(case)
    return query.GRID if query.GRID in names else names[0] if names else ""


def standing(source: Source) -> dict[str, dict[int, float]]:
    """MW of the sizing rung by place at the end of each reported year, the largest place first."""
    case, name, ends = source.case, chosen(source.case), query.last_of(source.case)
    found: dict[str, dict[int, float]] = {}
    for (item, place, period), value in query.totals(query.seen(source, "fleet"), ["item", "place", "period"]).items():
        if name and query.rung(case, item) == name and ends[query.year_of(period)] == period:
            row = found.setdefault(place, dict.fromkeys(ends, 0.0))
            row[query.year_of(period)] += value * query.mega(case, item)
    last = max(ends)
    return dict(sorted(((p, v) for p, v in found.items() if any(x > 1e-6 for x in v.values())), key=lambda pair: (-pair[1][last], pair[0])))


def _matrix(source: Source, found: dict[str, dict[int, float]]) -> Figure:
    case, name = source.case, chosen(source.case)
    labels, places = [str(y) for y in query.years(case)], list(found)
    rows = [{"period": str(y), "series": p, "level": round(v, 3), "told": told(v, 3)} for p, values in found.items() for y, v in values.items()]
    shown = chart.hints(("period", "end of"), ("series", "place"), ("told", f"MW of {name}"))
    borders = chart.edges([v for values in found.values() for v in values.values()])
    x, y = chart.time(labels, "end of year"), chart.rows_of("series", places, "place")
    layers = chart.heat(x, y, borders, shown, written=True)
    last = max(query.years(case))
    whole = sum(values[last] for values in found.values())
    table = [(p, *values.values()) for p, values in found.items()]
    top = places[: min(3, len(places))]
    share = sum(found[p][last] for p in top) / whole if whole else 0.0
    return Figure(
        "sites", f"At the end of {last}, {percent(share)} of {power(whole)} of {name} stand at {', '.join(top)}",
        grid(f"MW of {name} by place at the end of each year", ("place", *labels), table,
             opens=lambda words, year: f"mw/{name}@{words[0]}/{query.last_of(case)[int(year)]}"),
        chart.drawing(rows, layers, height={"step": 24}),
        f"Tiles by place, down, and year, across, with the megawatts of {name} at the end of the year.",
    )  # fmt: skip


def _dearest(source: Source, place: str, name: str) -> Chain:
    """What the dearest price of a rung at a place opens to: the prices of its capacity and its order limit in that period."""
    frame = query.seen(source, "prices").filter((pl.col("place") == place) & pl.col("kind").is_in(["capacity", "order limit"]))
    known = query.assets(source.case)
    terms: dict[tuple[str, str], dict[str, float]] = {}
    for kind, item, period, amount in frame.select("kind", "item", "period", "price_then").iter_rows():
        if item in known and query.rung(source.case, item) == name and math.isfinite(amount):
            terms.setdefault((item, period), {})[f"prices/{slug(kind)}:{item}@{place}/{period}"] = amount
    if not terms:
        return ""
    (item, period), parts = max(terms.items(), key=lambda pair: sum(pair[1].values()))
    return made(source, f"dearest price of {item} at {place}, in {period}", [(spot.split("/")[1], spot, 1.0) for spot in parts])


def price(source: Source, place: str, name: str) -> float:
    """Dearest price of a rung's capacity or order limit at a place over the reported periods, in money of its period; 0 where nothing binds."""
    frame = query.seen(source, "prices").filter((pl.col("place") == place) & pl.col("kind").is_in(["capacity", "order limit"]))
    known = query.assets(source.case)
    of = frame.filter(pl.col("item").map_elements(lambda item: item in known and query.rung(source.case, item) == name, return_dtype=pl.Boolean))
    sums = query.totals(of, ["item", "period"], "price_then").values()
    return max((v for v in sums if math.isfinite(v)), default=0.0)


def _table(source: Source, found: dict[str, dict[int, float]]) -> Figure:
    case, last = source.case, query.shown(source.case)[-1]
    fleet = query.totals(query.seen(source, "fleet").filter(pl.col("period") == last), ["place", "item"])
    rungs = [name for name in query.rungs(case) if name != "land"]
    chips = query.chips(case)
    rows, dear = [], {place: price(source, place, chosen(case)) for place in found}
    for place in found:
        power = [sum(v * query.mega(case, a) for (p, a), v in fleet.items() if p == place and query.rung(case, a) == r) for r in rungs]
        count = sum(v for (p, a), v in fleet.items() if p == place and a in chips)
        rows.append((place, *power, count, dear[place]))
    unit = query.assets(case)[chips[0]].unit if chips else "chips"
    heads = ("place", *(f"{r} (MW)" for r in rungs), f"chips ({unit})", f"price of {chosen(case)} ({case.money}/MW)")

    def opens(words: tuple[str, ...], head: str) -> Chain:
        if head.startswith("price of"):
            return _dearest(source, words[0], chosen(case))
        return f"chips/{words[0]}/{last}" if head.startswith("chips (") else f"mw/{head.removesuffix(' (MW)')}@{words[0]}/{last}"

    top = max(dear, key=lambda place: dear[place])
    message = (
        f"{chosen(case).capitalize()} is dearest at {top}: {told(dear[top])} {case.money}/MW"
        if dear[top] > 0
        else f"No place is short of {chosen(case)}"
    )
    return Figure(
        "site-table", message, grid(f"What stands at each place in {last}", heads, rows, by="column", opens=opens), open=True,
        notes=(f"Price of {chosen(case)}: value of one more megawatt there in the period in which it is dearest, in money of that period.",),
    )  # fmt: skip
