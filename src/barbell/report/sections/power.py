"""Power: what sites draw against what they may, what one megawatt more is worth, and energy with its cost."""

from __future__ import annotations

import math

import polars as pl

from barbell.core.units import factor
from barbell.report import chart, electricity, query
from barbell.report.electricity import ALL, Power
from barbell.report.figure import Chain, Choice, Figure, Key, Section, Spec, wide
from barbell.report.number import money, percent, told
from barbell.report.number import power as watts
from barbell.report.opens import made
from barbell.report.sections.scarcity import ranked
from barbell.report.source import Source
from barbell.report.theme import SERIES

IT, OVER, SITE, METER, GRID, PLANT = "IT load", "cooling and losses", "site draw", "through the meter", "connection", "own plant"
TOP = 16
"""Prices drawn; the table has them all."""
FULL = 0.999
"""Share of a connection from which on it is full."""
Loads = dict[str, dict[str, dict[str, float]]]


def section(source: Source) -> Section | None:
    """What is drawn, what binds, and energy; nothing where a case counts neither IT load nor power."""
    power = Power(source)
    found = measured(power)
    if not found:
        return None
    figures = [figure for figure in (_drawn(power, found), _prices(power), _energy(power)) if figure]
    return Section("power", "Power and energy", _lead(power, found), tuple(figures))


def measured(power: Power) -> Loads:
    """MW by place (all sites first), by what they are, and by reported period; what a case does not count is left out."""
    last, size = power.labels[-1], power.draw or power.it
    order = sorted({**power.draw, **power.it}, key=lambda p: (p != ALL, -size.get(p, {}).get(last, 0.0), p))
    found: Loads = {}
    for place in order:
        rows = {IT: power.it.get(place), SITE: power.draw.get(place), GRID: power.connected.get(place), PLANT: power.engines.get(place)}
        if place in power.plant:
            rows[METER] = {p: v - power.plant[place][p] for p, v in power.draw[place].items()}
        found[place] = {name: values for name in (IT, SITE, METER, GRID, PLANT) if (values := rows.get(name))}
    return found


def _places(found: Loads) -> Loads:
    """Places to show: the sum alone where there is one site."""
    return found if len(found) > 2 else {ALL: found[ALL]}


def _drawn(power: Power, found: Loads) -> Figure:
    """Stacked bars of one site or all, with what may be drawn as steps above them."""
    case, labels = power.case, power.labels
    it = any(IT in rows for rows in found.values())
    draw = any(SITE in rows for rows in found.values())
    bars = [IT, OVER] if it and draw else [IT] if it else [SITE]
    lines = [name for name in (GRID, PLANT) if any(name in rows for rows in found.values())]
    return Figure(
        "power",
        _message(power, found),
        wide(f"MW by site and {query.clock(case)}", ("site", "what"), labels,
             {(place, name): v for place, kinds in _places(found).items() for name, v in kinds.items()},
             lambda words, p: _opens(power, words, p)),
        _spec(_rows(_places(found), labels, bars, lines), bars, lines, chart.time(labels, query.clock(case))),
        f"Stacked bars by period of one site or of all: {' and '.join(bars)}, in MW; {_above(lines)}.",
        _notes(found),
        Choice("Site", "site", tuple(found), ALL) if len(_places(found)) > 1 else None,
        keys=(*(Key(name, colour) for name, colour in zip(bars, ("c1", "c5"), strict=False)),
              *(Key(_told_line(name), _COLOUR[name], "line") for name in lines)),
    )  # fmt: skip


def _rows(found: Loads, labels: list[str], bars: list[str], lines: list[str]) -> list[dict[str, object]]:
    """One row a site and period: what the bars show, and how high the lines stand; a site without a connection of its own has none."""
    rows = []
    for place, kinds in found.items():
        for p in labels:
            load, whole = kinds.get(IT, {}).get(p, 0.0), kinds.get(SITE, {}).get(p, 0.0)
            row: dict[str, object] = {"site": place, "period": p, bars[0]: round(whole if bars[0] == SITE else load, 2)}
            if OVER in bars:
                row[OVER] = round(max(whole - load, 0.0), 2)
            above = 0.0
            for name in lines if set(lines) & set(kinds) else ():
                above += kinds.get(name, {}).get(p, 0.0)
                row[name] = round(above, 2)
            rows.append(row)
    return rows


_COLOUR = {GRID: "strong", PLANT: "c6"}


def _told_line(name: str) -> str:
    return "connection" if name == GRID else "connection and own plant"


def _above(lines: list[str]) -> str:
    return f"lines for {' and for '.join(_told_line(name) for name in lines)}" if lines else "no connection is counted"


def _spec(rows: list[dict[str, object]], bars: list[str], lines: list[str], x: Spec) -> Spec:
    """Bars folded out of one row a period; lines in steps."""
    y = chart.amount("power (MW)")
    fold = {"fold": bars, "as": ["series", "value"]}
    rank = {"calculate": f"indexof({bars!r}, datum.series)", "as": "rank"}
    shown = [*chart.hints(("site", "site"), ("period", "period")), *({"field": n, "title": f"{n} (MW)", "format": ",.0f"} for n in [*bars, *lines])]
    bar: Spec = chart.stack(bars, x, y)
    hue = chart.hue(bars) | {"scale": {"domain": bars, "range": ["var(--c1)", "var(--c5)"][: len(bars)]}}
    bar["encoding"] |= {"color": hue, "tooltip": shown}
    layers: list[Spec] = [bar | {"transform": [fold, rank]}]
    for name in lines:
        line = {"type": "line", "interpolate": "step", "color": f"var(--{_COLOUR[name]})", **({"strokeDash": [5, 3]} if name == PLANT else {})}
        layers.append({"mark": line, "encoding": {"x": x, "y": chart.amount("power (MW)", name), "tooltip": shown}})
    spec = chart.drawing(rows, layers, height=300)
    return {**spec, "params": [{"name": "site", "value": ALL}], "transform": [{"filter": "datum.site == site"}]}


def _opens(power: Power, words: tuple[str, ...], period: str) -> Chain:
    """What a cell of the loads opens to."""
    place, name = words
    at = "" if place == ALL else f"@{place}"
    kinds = {IT: "it", SITE: "draw", METER: "meter"}
    if name in kinds:
        return f"power/{kinds[name]}{at}/{period}"
    if name == GRID:
        return f"limits.{power.connection.name}.bound/{period}" if power.connection else f"mw/{query.GRID}{at}/{period}"
    terms = [(rung, f"mw/{rung}{at}/{period}", 1.0) for rung in power.rungs]
    return terms[0][1] if len(terms) == 1 else made(power.source, f"{name} at {place} in {period}", terms)


def full(found: Loads, period: str) -> list[str]:
    """Sites that draw all that their connection gives in a period."""
    sites = {place: kinds for place, kinds in found.items() if place != ALL and kinds.get(GRID, {}).get(period)}
    return [p for p, kinds in sites.items() if kinds.get(METER, kinds.get(SITE, {})).get(period, 0.0) >= FULL * kinds[GRID][period]]


def _message(power: Power, found: Loads) -> str:
    whole, last = found[ALL], power.labels[-1]
    if IT not in whole or SITE not in whole:
        name = SITE if SITE in whole else IT
        said = f"By {last} sites draw {watts(whole[name][last])}" if name == SITE else f"By {last} the IT load is {watts(whole[name][last])}"
        return said + (f" of {watts(whole[GRID][last])} that they may" if GRID in whole and name == SITE else "")
    said = f"By {last} {watts(whole[IT][last])} of IT draw {watts(whole[SITE][last])} at the design hour"
    sites = [place for place, kinds in found.items() if place != ALL and kinds.get(GRID, {}).get(last)]
    return f"{said}; {len(full(found, last))} of {len(sites)} connections are full" if sites else said


def _notes(found: Loads) -> tuple[str, ...]:
    notes = []
    if any(SITE in kinds for kinds in found.values()):
        notes.append("Drawn at the hour for which the connection is sized: IT load with cooling and losses of that hour, not the mean of the year.")
    if any(METER in kinds for kinds in found.values()):
        notes.append("Through the meter: what comes from the grid; own plant gives the rest.")
    return tuple(notes)


def _prices(power: Power) -> Figure | None:
    """A heat map of what one more megawatt is worth for a year: of connections and limits, or of whatever there is."""
    case, found = power.case, power.prices
    if not found:
        return None
    labels, unit = [str(year) for year in query.years(case)], f"{case.money}/MW/year"
    names = {(item, place): f"{item}@{place}" if place else item for item, place in found}
    kept = [t for t in found if t[0] not in query.assets(case) or query.rung(case, t[0]) == query.GRID][:TOP] or list(found)[:TOP]
    digits = max(0, 1 - math.floor(math.log10(max(v for years in found.values() for v, _ in years.values()))))
    rows = [
        {"period": str(y), "series": names[thing], "level": round(v, 6), "told": f"{v:,.{digits}f}"}
        for thing in kept for y, (v, _) in found[thing].items()
    ]  # fmt: skip
    borders = chart.edges([v for thing in kept for v, _ in found[thing].values()])
    shown = chart.hints(("period", "year"), ("series", "one more MW of"), ("told", unit))
    y = chart.rows_of("series", [names[t] for t in kept], "one more MW of")
    table = {(names[t],): {y: years.get(int(y), (0.0, []))[0] for y in labels} for t, years in found.items()}
    added = "the prices of the periods of a year added up, which is what the plan gains from one more megawatt there for that year"
    left = (f"The table has all {len(found)}, own plant as well.",) if len(kept) < len(found) else ()
    return Figure(
        "power-prices", _dearest(power, names),
        wide(f"Price of one more MW for a year, {unit}, in money of that year", ("one more MW of",), labels, table,
             lambda words, year: _price(power, words[0], year)),
        chart.drawing(rows, chart.heat(chart.time(labels, "year"), y, borders, shown, written=True), height={"step": 24}),
        f"Tiles by connection, down, and year, across, with the price of one more megawatt for the year in {unit}.",
        (f"In {unit}: {added}. Blank: nothing.", *left, *_binding(power)),
        keys=chart.scale(borders, unit),
    )  # fmt: skip


def _dearest(power: Power, names: dict[tuple[str, str], str]) -> str:
    """The dearest megawatt, beside what it costs in energy to draw one."""
    thing, years = next(iter(power.prices.items()))
    year = max(years, key=lambda y: years[y][0])
    price, unit = years[year][0], power.case.money
    said = f"One more MW for a year is worth most of {names[thing]} in {year}: {money(unit, [price]).say(price)}"
    energy = power.energy.get(ALL, {}).get(year, 0.0)
    if not energy:
        return said
    drawn = power.cost.get(year, 0.0) / energy * factor("MW*year", "TWh")
    return f"{said}; the energy of a MW costs {money(unit, [drawn]).say(drawn)}"


def _price(power: Power, name: str, year: str) -> Chain:
    """What a price for a year opens to: the prices of its periods."""
    case, (item, _, place) = power.case, name.partition("@")
    value, periods = power.prices[item, place].get(int(year), (0.0, []))
    whole = power.length(int(year), dict(zip(case.horizon.labels, case.horizon.years, strict=True)))
    kind = "capacity" if item in query.assets(case) else "limit"
    terms = [(p, f"prices/{kind}:{name}/{p}", 1 / whole) for p in periods]
    return made(power.source, f"price of one more MW of {name} for the year {year}", terms, unit=f"{case.money}/MW/year") if value else ""


def _binding(power: Power) -> tuple[str, ...]:
    """Which rung binds most at each site, by the price of one more megawatt over all reported periods."""
    case, worst = power.case, dict[str, tuple[str, float]]()
    frame = query.seen(power.source, "prices").filter((pl.col("kind") == "capacity") & (pl.col("place") != ""))
    for (item, place), price in query.totals(frame, ["item", "place"], "price_then").items():
        if item in query.assets(case) and query.rung(case, item) not in ("", "rack", "server") and price > worst.get(place, ("", 0.0))[1]:
            worst[place] = item, price
    if not worst:
        return ()
    by: dict[str, list[str]] = {}
    for place, (item, _) in worst.items():
        by.setdefault(item, []).append(place)
    said = "; ".join(f"{item} at {', '.join(places)}" for item, places in sorted(by.items(), key=lambda pair: (-len(pair[1]), pair[0])))
    return (f"Of land, grid, plant, shells and halls, what one more MW is worth most of over the periods shown: {said}.",)


def _energy(power: Power) -> Figure | None:
    """Stacked bars of energy by market, over the table of energy, cost and overhead."""
    case, found = power.case, power.energy
    if not found:
        return None
    years = query.years(case)
    labels, places = [str(y) for y in years], electricity.markets(case, list(found))
    parts = {m: {str(y): sum(found[p].get(y, 0.0) for p in sites) for y in years} for m, sites in places.items()}
    kept, rest = query.leading(parts, SERIES)
    series = {name: parts[name] for name in kept}
    if rest:
        series[chart.OTHERS] = {y: sum(parts[name][y] for name in rest) for y in labels}
    rows = [
        {"period": y, "series": n, "rank": k, "value": round(v, 4), "told": f"{told(v)} TWh"}
        for k, (n, values) in enumerate(series.items()) for y, v in values.items() if v > 1e-9
    ]  # fmt: skip
    layer = chart.stack(list(series), chart.time(labels, "year"), chart.amount("energy (TWh a year)"), thing="market")
    table = _table(power, parts)
    notes = [f"Others: {', '.join(rest)}."] if rest else []
    notes.append("Cost: what the energy costs to buy or to make, without connections and own plant, which are capex.")
    if ANNUAL in table:
        notes.append("PUE at the design hour sizes the connection; PUE over the year follows from energy, IT load and its load factor.")
    return Figure(
        "energy", _bill(power),
        wide("Energy, what it costs, and overhead, by year", ("what", "unit"), labels, table,
             lambda words, year: _figure_of(power, words[0], year, places)),
        chart.drawing(rows, [layer], height=240),
        "Stacked bars by year: energy drawn, by the market in which it is bought, in TWh.",
        tuple(notes), keys=chart.keys(list(series)),
    )  # fmt: skip


ANNUAL = "PUE over the year", "1"


def _bill(power: Power) -> str:
    """Energy at both ends, and what that of the last year costs."""
    whole, (first, *_, last) = power.energy[ALL], (*query.years(power.case), query.years(power.case)[-1])
    spent, (scale, unit) = power.cost.get(last, 0.0), electricity.per_mwh(power.case)
    each = f": {told(spent / whole[last] * scale)} {unit}" if whole[last] else ""
    return (
        f"From {told(whole[first])} TWh in {first} to {told(whole[last])} in {last}, which cost {money(power.case.money, [spent]).say(spent)}{each}"
    )


def _table(power: Power, parts: dict[str, dict[str, float]]) -> dict[tuple[str, str], dict[str, float]]:
    """Rows of the table under the energy: by market and together, cost, cost of a MWh, overheads."""
    whole, money = power.energy[ALL], query.worth(power.source)
    scale, unit = electricity.per_mwh(power.case)
    peak, annual = power.overheads
    rows: dict[tuple[str, str], dict[str, float]] = {(name, "TWh"): values for name, values in parts.items()} if len(parts) > 1 else {}
    rows["all energy", "TWh"] = {str(y): v for y, v in whole.items()}
    rows["cost of energy", money.told_year] = {str(y): v * money.factor for y, v in power.cost.items()}
    rows["cost of a MWh", unit] = {str(y): v / whole[y] * scale for y, v in power.cost.items() if whole.get(y)}
    if peak:
        rows["PUE at the design hour", "1"] = {str(y): v for y, v in peak.items()}
    if annual:
        rows[ANNUAL] = {str(y): v for y, v in annual.items()}
    return rows


def _figure_of(power: Power, what: str, year: str, places: dict[str, list[str]]) -> Chain:
    """What a cell of the energy table opens to."""
    heads = {"all energy": "energy", "cost of energy": "cost", "cost of a MWh": "price", ANNUAL[0]: "pue"}
    if what in heads:
        return f"power/{heads[what]}/{year}"
    if what == "PUE at the design hour":
        return f"power/pue-peak/{query.last_of(power.case)[int(year)]}"
    return made(power.source, f"energy in {what} in {year}", [(p, f"power/energy@{p}/{year}", 1.0) for p in places[what]])


def _lead(power: Power, found: Loads) -> tuple[str, ...]:
    """What the shortage of power does to the plan, in a sentence."""
    source, priced = power.source, power.prices
    if not priced:
        counted = power.connected or power.engines
        said = (
            "Power does not hold the plan back: one more megawatt would add nothing." if counted else "This case counts IT load, but no connection."
        )
        return (said,)
    worth = {name: sum(w for _, w in values.values()) for (name, _), values in ranked(source).items()}
    names = {f"{kind} {item}" + (f"@{place}" if place else "") for item, place in priced for kind in ("capacity", "limit")}
    mine, whole = (sum(v for name, v in worth.items() if v > 0 and (name in names or every)) for every in (False, True))
    rungs = dict.fromkeys(query.rung(power.case, item) for item, _ in priced if item in query.assets(power.case))
    said = f"What is short of {' and '.join(rungs) or 'power'} is worth {query.worth(source).say(mine)}, {percent(mine / whole)} of all that binds"
    share = _kept_waiting(power)
    said += f"; for want of it {percent(share)} of what waits or is lost is not served, on average over the markets" if share > 0 else ""
    return f"{said}.", *_bridged(power, found)


def _kept_waiting(power: Power) -> float:
    """Share of what waits or is lost for want of power, mean over the markets, each counted in its own unit."""
    things, whole, mine = {item for item, _ in power.prices}, dict[str, float](), dict[str, float]()
    for row in power.source.reasons.iter_rows(named=True):
        if row["scenario"] == query.TRUNK and row["period"] in power.labels:
            whole[row["market"]] = whole.get(row["market"], 0.0) + row["lost"] + row["waiting"]
            mine[row["market"]] = mine.get(row["market"], 0.0) + (row["lost"] + row["waiting"]) * (row["thing"] in things)
    shares = [mine[market] / value for market, value in whole.items() if value > 0]
    return sum(shares) / len(shares) if shares else 0.0


def _bridged(power: Power, found: Loads) -> tuple[str, ...]:
    """What own plant gives at the end."""
    last, whole = power.labels[-1], found[ALL]
    if METER not in whole or not power.plant[ALL][last] > 1e-6:
        return ()
    top = max((p for p in power.plant if p != ALL), key=lambda p: power.plant[p][last])
    given = f"{watts(power.plant[ALL][last])} of {watts(whole[SITE][last])} in {last}, most at {top}"
    return (f"Where the grid is late, {' and '.join(power.rungs)} stand in: {given}.",)
