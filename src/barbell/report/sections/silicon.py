"""Which chip for what: chips at work by kind of work, and for each of them all chips on one scale, beside what the plan chose."""

from __future__ import annotations

from collections.abc import Sequence

from barbell.core.basis import Interval
from barbell.core.horizon import Month
from barbell.core.path import Path
from barbell.report import chart, query
from barbell.report.figure import Chain, Choice, Figure, Grid, Key, Section, Spec, grid
from barbell.report.number import column, percent, told
from barbell.report.opens import made
from barbell.report.source import Source
from barbell.report.why import Busy, best, busiest, reasons
from barbell.report.workload import CHIP, MEASURES, MW, USD, Maker, Workload, at_work, weights, workloads

COUNTED = (
    "Per USD: of the cost of a year, every unit at the annuity of its price over its life, with halls, grid, energy and upkeep, before tax; "
    "at the prices of the end of the year and in the mix of sites that the plan runs then, also for chips that it does not buy."
)
MARKS = (
    "Points over those of the chip that does most of the work over all years. Bars: 80 % interval of the rate; per MW with the range of the IT "
    "power, per USD with that of the chip's price, taken as independent. At the right: share of the work of the year. Pale: cannot be ordered then."
)
COLOURS = {CHIP: "c1", MW: "c3", USD: "c2"}


def section(source: Source) -> Section | None:
    """Chips at work, and a figure for each kind of work that several kinds of chips do; nothing where there is none."""
    found = workloads(source)
    if not found or not any(load.used and any(load.work[load.used].values()) for load in found):
        return None
    busy = at_work(source, found)
    figures = (_at_work(source, found, busy), *(_scale(load, found, busy) for load in found))
    return Section("silicon", "Which chip for what", (COUNTED, MARKS), figures)


def _at_work(source: Source, found: Sequence[Workload], busy: Busy) -> Figure:
    """Lying bars by chip of what it works on in a year."""
    case, part = source.case, weights(source.case)
    years, names = query.years(case), [load.resource for load in found]
    chips = [chip for chip in query.chips(case) if any(key[0] == chip for key in busy)]
    unit = query.assets(case)[chips[0]].unit
    rows = [
        {"year": str(y), "series": chip, "kind": resource, "rank": names.index(resource), "value": round(v, 3), "told": f"{told(v)} {unit}"}
        for (chip, resource), values in busy.items() for y, v in values.items() if v > 1e-6
    ]  # fmt: skip
    layer = chart.bars(chart.amount(f"at work, mean of the year ({unit})", titleAnchor="end"), chart.rows_of("series", chips, "chip"),
                       chart.hue(names, "kind"), chart.hints(("series", "chip"), ("kind", "works in"), ("told", "at work")))  # fmt: skip
    layer["encoding"] |= {"order": {"field": "rank", "type": "quantitative"}}
    processes = {(m.chip, load.resource): m for load in found for m in load.makers}

    def opens(words: tuple[str, ...], year: str) -> Chain:
        maker = processes[words[0], words[1]]
        terms = [
            (p, f"activity/{maker.process}/{p}", part[p] * maker.use.use.values[0])
            for p in query.shown(case) if query.year_of(p) == int(year) and source.book and source.book.find(f"activity/{maker.process}/{p}")
        ]  # fmt: skip
        return made(source, f"{words[0]} at work in {words[1]} in {year}", terms, unit=unit) if terms else ""

    last = years[-1]
    whole = {name: sum(values[last] for (_, r), values in busy.items() if r == name) for name in names}
    top = max(whole, key=lambda name: whole[name])
    return Figure(
        "chips-at-work", f"In {last} {told(whole[top])} of {told(sum(whole.values()))} {unit} at work are in {top}",
        grid(f"Chips at work by kind of work, mean of the year, {unit}", ("chip", "works in", *map(str, years)),
             [(*key, *values.values()) for key, values in busy.items()], words=2, opens=opens),
        chart.drawing(rows, [layer], height={"step": 24})
        | {"params": [{"name": "year", "value": str(last)}], "transform": [{"filter": "datum.year == year"}]},
        "Lying bars by chip: chips at work in one year, by what they work on.",
        ("What stands idle, for repair or for want of use, is not in it.",),
        Choice("Year", "year", tuple(map(str, years)), str(last)),
        keys=chart.keys(names),
    )  # fmt: skip


def _scale(load: Workload, found: Sequence[Workload], busy: Busy) -> Figure:
    """All chips on one scale for one kind of work, with a year to choose."""
    years = [year for year in query.years(load.case) if best(load, year) or busiest(load, year)]
    last = years[-1]
    order = sorted(load.makers, key=lambda m: -(load.value(USD, m, last) if load.value(USD, m, last) > 0 else 0.0))
    first = best(load, last)
    units = ", ".join(load.measures[name].unit for name in MEASURES)
    said = [sentence for year in dict.fromkeys((years[0], last)) if (sentence := reasons(load, found, busy, year))]
    price = f": {told(load.value(USD, first, last))} {load.measures[USD].unit}" if first else ""
    top = f"{first.chip} gives most per USD in {last}{price}" if first else f"{load.used} does most of the work"
    return Figure(
        f"silicon-{load.resource}", f"{load.resource}: {top}",
        _table(load, order, years),
        _dots(load, order, years),
        f"Points with their ranges by chip, down, on one logarithmic scale: {', '.join(MEASURES)}, over those of {load.used}.",
        (*said, *_assumed(load), f"In the table: {units}."),
        Choice("Year", "year", tuple(map(str, years)), str(last)),
        keys=tuple(Key(name, COLOURS[name], "circle") for name in MEASURES),
    )  # fmt: skip


def _assumed(load: Workload) -> tuple[str, ...]:
    """Chips whose price nobody publishes."""
    found = [m.chip for m in load.makers if (fact := load.fact("assets", m.chip, "capex")) and fact.grade == "S"]
    if not found:
        return ()
    named = "all of them" if len(found) == len(load.makers) else ", ".join(found)
    return (f"Prices that are assumptions with a range of their own: {named}.",)


def _dots(load: Workload, order: Sequence[Maker], years: Sequence[int]) -> Spec:
    rows, shares = [], []
    base = next(m for m in load.makers if m.chip == load.used)
    for year in years:
        for maker in order:
            clear = 1.0 if load.orderable(maker.chip, year) else 0.45
            part = load.share(maker.chip, year)
            shares.append({"year": str(year), "series": maker.chip, "share": percent(part) if part > 0.0005 else ""})
            for name in MEASURES:
                found, whole = load.interval(name, maker, year), load.value(name, base, year)
                if found.value > 0 and whole > 0:
                    unit = load.measures[name].unit
                    rows.append({
                        "year": str(year), "series": maker.chip, "measure": name, "value": round(found.value / whole, 4),
                        "low": round(found.low / whole, 4), "high": round(found.high / whole, 4), "clear": clear,
                        "told": f"{told(found.value)} ({told(found.low)} to {told(found.high)}) {unit}",
                    })  # fmt: skip
    y = chart.rows_of("series", [m.chip for m in order], "chip")
    spec = chart.drawing(rows, chart.ranges(f"over {load.used} (ratio)", y, {n: COLOURS[n] for n in MEASURES}, shares), height=36 * len(order))
    return {
        **spec,
        "params": [{"name": "year", "value": str(years[-1])}],
        "transform": [{"filter": "datum.year == year"}],
        "padding": {"left": 4, "top": 4, "bottom": 4, "right": 56},
    }


def _table(load: Workload, order: Sequence[Maker], years: Sequence[int]) -> Grid:
    """Words on orders and ranges, then the measures and the shares of the work."""
    last = years[-1]
    units = {name: measure.unit for name, measure in load.measures.items()}
    heads = ["chip", "may be ordered", *(f"{name}, 80 %" for name in MEASURES), f"{CHIP} ({units[CHIP]})", f"{MW} ({units[MW]})",
             *(f"{USD} {year} ({units[USD]})" for year in years), *(f"share of work {year} (%)" for year in years)]  # fmt: skip
    rows = []
    for maker in order:
        ranges = [_range(load.interval(name, maker, last)) for name in MEASURES]
        rows.append((maker.chip, _open(load, maker.chip), *ranges, load.value(CHIP, maker, last), load.value(MW, maker, last),
                     *(load.value(USD, maker, year) for year in years), *(100 * load.share(maker.chip, year) for year in years)))  # fmt: skip
    known = {m.chip: m for m in load.makers}
    return grid(f"{load.resource}: all chips on one scale; ranges are those of {last}", heads, rows, words=2 + len(MEASURES), by="column",
                opens=lambda words, head: _opens(load, known[words[0]], head, last))  # fmt: skip


def _range(found: Interval) -> str:
    """A range in words, such as ``0.27 to 0.51``."""
    texts = column([found.low, found.high])
    return f"{texts[0]} to {texts[1]}" if found.low > 0 else ""


def _open(load: Workload, chip: str) -> str:
    """When a chip may be ordered, in words."""
    rows = [o for o in load.case.tables.options if o.asset == chip]
    if not rows:
        return "no more"
    opens = "" if any(not o.opens for o in rows) else min((o.opens for o in rows), key=Month.parse)
    closes = "" if any(not o.closes for o in rows) else max((o.closes for o in rows), key=Month.parse)
    return " ".join(([f"from {opens}"] if opens else []) + ([f"until {closes}"] if closes else [])) or "any time"


def _opens(load: Workload, maker: Maker, head: str, last: int) -> Chain:
    """What a cell of the table opens to."""
    case, source = load.case, load.source
    if head.startswith("share of work"):
        year = head.split()[3]
        terms = [("work", f"work/{load.resource}/{maker.chip}/{year}", 1.0), ("all", f"work/{load.resource}/{year}", -1.0)]
        return made(source, f"share of {maker.chip} in {load.resource} in {year}", terms, "product", "1") if load.work[maker.chip][int(year)] else ""
    name = next(name for name in (USD, MW, CHIP) if head.startswith(name))
    period = query.last_of(case)[int(head.split()[2]) if name == USD else last]
    rate = ("rate", _cell("rates", maker.rate.id, "rate", maker.rate.rate, period), 1.0)
    size = f"{load.measures[name].factor!r} * rate"
    if name == CHIP:
        terms = [rate, ("use", _cell("uses", maker.use.id, "use", maker.use.use, period), 1.0)]
        return made(source, f"{load.resource} {name} of {maker.chip}", terms, f"{size} / use", load.measures[name].unit)
    if name == USD:
        terms = [rate, ("cost", f"year-cost/{maker.process}/{period}", 1.0)]
        return made(source, f"{load.resource} {name} of {maker.chip} in {period}", terms, f"{size} / cost", load.measures[name].unit)
    loads = [(f"load_{n}", _cell("rates", one.id, "rate", one.rate, period), 1.0) for n, one in enumerate(maker.loads)]
    below = " - ".join(["0", *(one[0] for one in loads)])
    return made(source, f"{load.resource} {name} of {maker.chip}", [rate, *loads], f"{size} / ({below})", load.measures[name].unit)


def _cell(table: str, row: str, field: str, path: Path, period: str) -> str:
    """Address of a cell, or of its mean over a period where it changes."""
    return f"{table}.{row}.{field}" + ("" if len(set(path.values)) == 1 else f"/{period}")
