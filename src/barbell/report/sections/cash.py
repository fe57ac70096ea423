"""Free cash flow: the bridge of each year, and the range that the ranges of the facts give."""

from __future__ import annotations

from barbell.report import actual, chart, query, statement
from barbell.report.figure import Chain, Choice, Figure, Key, Section, Spec, grid, wide
from barbell.report.number import told
from barbell.report.opens import line, made
from barbell.report.source import Source

SHOWN = 5
"""Classes of capex that the bridge shows one by one; the smaller are drawn together."""


def section(source: Source) -> Section:
    """The bridge, with a year to choose, and low, base and high by year."""
    if not free(source):
        return Section("cash", "Free cash flow", ("The run holds no statements.",))
    return Section("cash", "Free cash flow", (), (_bridge(source), _range(source)))


def free(source: Source) -> dict[int, float]:
    """Free cash flow of the group by reported year, in the case's money."""
    found = query.yearly(source.years, query.root(source.case), statement.FREE)
    return {year: found[year] for year in query.years(source.case) if year in found}


def bridge(source: Source, year: int) -> list[tuple[str, float, float]]:
    """(Step, from, to) of a year in the case's money; the sums start from nothing."""
    level, rows = 0.0, []
    for name, value in statement.steps(source, year):
        rows.append((name, level, level + value))
        level += value
    rows.append((statement.OPERATING, 0.0, level))
    spent = statement.spent(source, year) or [(statement.CAPEX, -abs(query.yearly(source.years, query.root(source.case), "capex").get(year, 0.0)))]
    if len(spent) > SHOWN:
        spent = [*spent[: SHOWN - 1], ("capex: others", sum(value for _, value in spent[SHOWN - 1 :]))]
    for name, value in spent:
        rows.append((name, level, level + value))
        level += value
    return [*rows, (statement.FREE, 0.0, level)]


def _bridge(source: Source) -> Figure:
    money, years = query.worth(source), list(free(source))
    found = {year: bridge(source, year) for year in years}
    names = list(dict.fromkeys(line for year in years for line, _, _ in found[year]))
    names = sorted(names, key=lambda name: _place(name, names))
    rows = []
    for year, steps in found.items():
        for name, start, stop in steps:
            total = name in (statement.OPERATING, statement.FREE)
            kind = "sum" if total else "adds" if stop >= start else "takes"
            rows.append({
                "year": str(year), "series": name, "start": round(start * money.factor, 4), "stop": round(stop * money.factor, 4),
                "kind": kind, "told": f"{told((stop - start) * money.factor, 4)} {money.unit}",
            })  # fmt: skip
    values = {(name,): {str(y): (b - a) * money.factor for y, steps in found.items() for line, a, b in steps if line == name} for name in names}

    def opens(words: tuple[str, ...], year: str) -> Chain:
        return _step(source, words[0], year, [step for step, _, _ in found[int(year)]])

    first = years[0]
    ends = {line: stop for line, _, stop in found[first]}
    return Figure(
        "bridge",
        f"In {first} operations bring {money.say(ends[statement.OPERATING])}; after capex {money.say(ends[statement.FREE])} are free",
        wide(f"From operations to free cash flow by year, {money.told_year}", ("line",), [str(y) for y in years], values, opens),
        _waterfall(rows, names, money.unit, str(first)),
        "Bars that start where the one above ends: from revenue to operating cash flow, less capex by class, to free cash flow of one year.",
        ("Free cash flow as Amazon defines it: operating cash flow less purchases of property and equipment, net of proceeds.",),
        Choice("Year", "year", tuple(map(str, years)), str(first)),
    )


def _step(source: Source, name: str, year: str, steps: list[str]) -> Chain:
    """What a step of the bridge opens to; the rest and the small classes are sums that the page makes."""
    case = source.case
    if name == statement.REST:
        signed = [(n, line(case, n, year), float(-sign)) for n, sign in statement.STEPS.items() if n in steps]
        return made(source, f"other cash of {year}", [(statement.OPERATING, line(case, statement.OPERATING, year), 1.0), *signed])
    if name == "capex: others":
        small = [n for n, _ in statement.spent(source, int(year)) if n not in steps]
        return made(source, f"other capex of {year}", [(n, line(case, n, year), 1.0) for n in small])
    return line(case, name, year)


def _place(name: str, names: list[str]) -> tuple[int, int]:
    """Order of the bridge: steps, operating cash flow, capex, free cash flow."""
    part = 1 if name == statement.OPERATING else 3 if name == statement.FREE else 2 if name.startswith(statement.CAPEX) else 0
    return part, names.index(name) + (len(names) if name == "capex: others" else 0)


def _waterfall(rows: list[dict[str, object]], names: list[str], unit: str, year: str) -> Spec:
    y = chart.rows_of("series", names, "line")
    del y["scale"]  # only the lines of the chosen year
    x = chart.amount(f"cash ({unit})", "start", titleAnchor="end")
    colour = {"field": "kind", "type": "nominal", "legend": None,
              "scale": {"domain": ["adds", "takes", "sum"], "range": ["var(--c3)", "var(--c6)", "var(--c1)"]}}  # fmt: skip
    shown = chart.hints(("series", "line"), ("told", "amount"))
    bar: Spec = {"mark": {"type": "bar"}, "encoding": {"y": y, "x": x, "x2": {"field": "stop"}, "color": colour, "tooltip": shown}}
    text: Spec = {"mark": {"type": "text", "align": "left", "dx": 5, "clip": False},
                  "encoding": {"y": y, "x": {"field": "right", "type": "quantitative"}, "text": {"field": "amount"}, "tooltip": shown},
                  "transform": [{"calculate": "max(datum.start, datum.stop)", "as": "right"}]}  # fmt: skip
    short = [{**row, "amount": str(row["told"]).rsplit(" ", unit.count(" ") + 1)[0]} for row in rows]
    spec = chart.drawing(short, [bar, text], height={"step": 24})
    return {
        **spec,
        "params": [{"name": "year", "value": year}],
        "transform": [{"filter": "datum.year == year"}],
        "padding": {"left": 4, "top": 4, "bottom": 4, "right": 52},
    }


def _range(source: Source) -> Figure:
    case, money, base = source.case, query.worth(source), free(source)
    entity = query.root(case)
    ends = {name: query.yearly(frame, entity, statement.FREE) for name, frame in (("low", source.low_years), ("high", source.high_years))}
    past = actual.before(case, actual.by_year(actual.published(source, statement.FREE, entity)))
    labels = [str(year) for year in (*past, *base)]
    rows = []
    for year, value in base.items():
        low, high = (ends[name].get(year, value) for name in ("low", "high"))
        rows.append({
            "period": str(year), "series": "plan", "value": round(value * money.factor, 4), "low": round(low * money.factor, 4),
            "high": round(high * money.factor, 4), "told": f"{told(value * money.factor, 4)} {money.unit}",
            "span": f"{told(low * money.factor, 3)} to {told(high * money.factor, 3)} {money.unit}",
        })  # fmt: skip
    rows += [
        {"period": str(y), "series": chart.REPORTED, "value": round(a.value * money.factor, 4), "low": None, "high": None,
         "told": f"{told(a.value * money.factor, 4)} {money.unit}", "span": "reported"} for y, a in past.items()
    ]  # fmt: skip
    half = actual.first_half(actual.published(source, statement.FREE, entity), min(base))
    if half:
        told_half = f"{told(half.value * money.factor, 4)} {money.unit}"
        rows.append({"period": half.period[:4], "value": round(half.value * money.factor, 4), "low": None, "told": told_half, "mark": "half"})
    table = [("base", *(base.get(int(y), float("nan")) * money.factor for y in labels))]
    table += [(name, *(ends[name].get(int(y), float("nan")) * money.factor for y in labels)) for name in ("low", "high") if ends[name]]
    if half:
        table.append((f"reported, {half.period}", *(half.value * money.factor if y == half.period[:4] else float("nan") for y in labels)))
    if past:
        table.append((chart.REPORTED, *((past[int(y)].value if int(y) in past else float("nan")) * money.factor for y in labels)))

    def opens(words: tuple[str, ...], year: str) -> Chain:
        if words[0] in ends:
            return line(case, statement.FREE, year).replace("years/", f"{words[0]}/", 1)
        told_ = {chart.REPORTED: past.get(int(year))} | ({f"reported, {half.period}": half} if half else {})
        return line(case, statement.FREE, year) if words[0] == "base" else found.address if (found := told_.get(words[0])) else ""

    notes = [f"Reported: {actual.words(next(iter(past.values())).basis)}, in money of its year."] if past else []
    if ends["low"]:
        notes.insert(0, "Line: every fact with a range at its bad end, and at its good end, all at once and planned anew.")
    return Figure(
        "free-cash-flow", _message(source, base, ends),
        grid(f"Free cash flow by year, {money.told_year}", ("case", *labels), table, opens=opens),
        _ranges(rows, labels, money.unit, ranged=bool(ends["low"]), past=bool(past), half=bool(half)),
        "Bars by calendar year: free cash flow, with a line from its low to its high; grey is what was reported.",
        tuple(notes),
        keys=(*chart.keys(["plan", *([chart.REPORTED] if past else [])]), *([Key("low to high", "strong", "line")] if ends["low"] else []),
              *([Key(f"reported for {half.period}", "strong", "diamond")] if half else [])),
    )  # fmt: skip


def _message(source: Source, base: dict[int, float], ends: dict[str, dict[int, float]]) -> str:
    money, first = query.worth(source), next(iter(base))
    span = f", between {money.say(ends['low'][first])} and {money.say(ends['high'][first])}" if first in ends["low"] and first in ends["high"] else ""
    back = next((year for year, value in base.items() if value > 0), None)
    turn = "" if base[first] > 0 else f"; above nothing from {back}" if back else "; below nothing in every year shown"
    return f"Free cash flow of {first} is {money.say(base[first])}{span}{turn}"


def _ranges(rows: list[dict[str, object]], labels: list[str], unit: str, *, ranged: bool, past: bool, half: bool) -> Spec:
    x, y = chart.time(labels, "calendar year"), chart.amount(f"free cash flow ({unit})")
    shown = chart.hints(("period", "year"), ("told", "free cash flow"), ("span", "range"))
    layers = [chart.only(chart.bars(x, y, chart.hue(["plan", *([chart.REPORTED] if past else [])]), shown), "!datum.mark")]
    if ranged:
        span: Spec = {"mark": {"type": "rule", "strokeWidth": 2.5, "color": "var(--strong)"},
                      "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "tooltip": shown}}  # fmt: skip
        layers.append(chart.only(span, "datum.low != null"))
    if half:
        layers.append(chart.only(chart.diamonds(x, y, "reported, first half"), "datum.mark == 'half'"))
    return chart.drawing(rows, layers)
