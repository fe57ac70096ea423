"""Revenue, operating income and margin of the segment, with what was reported before."""

from __future__ import annotations

from barbell.report import actual, chart, query, statement
from barbell.report.figure import Chain, Figure, Key, Section, Spec, wide
from barbell.report.number import percent, told
from barbell.report.opens import line, made
from barbell.report.source import Source

Years = dict[int, float]


def section(source: Source) -> Section:
    """Revenue and income by year, and the margin."""
    name = query.segment(source.case)
    if not planned(source, statement.REVENUE):
        return Section("segment", f"Revenue and income of {name}", ("The run holds no statements.",))
    left_out = f"Not yet modelled: {', '.join(source.not_modelled)}." if source.not_modelled else ""
    return Section("segment", f"Revenue and income of {name}", (left_out,) if left_out else (), (_amounts(source), _margin(source)))


def planned(source: Source, line: str) -> Years:
    """A line of the segment by reported year, in the case's money."""
    name = query.segment(source.case)
    scope = "consolidated" if name == query.root(source.case) else "own"
    found = query.yearly(source.years, name, line, scope)
    return {year: found[year] for year in query.years(source.case) if year in found}


def past(source: Source, line: str) -> Years:
    """What was reported of it in the years before the plan."""
    found = actual.by_year(actual.published(source, line, query.segment(source.case)))
    return {year: a.value for year, a in actual.before(source.case, found).items()}


def half(source: Source, line: str) -> actual.Actual | None:
    """What was reported of it for the first half of the plan's first year."""
    return actual.first_half(actual.published(source, line, query.segment(source.case)), query.years(source.case)[0])


def _amounts(source: Source) -> Figure:
    money, lines = query.worth(source), (statement.REVENUE, statement.INCOME)
    halves = {line: found for line in lines if (found := half(source, line))}
    kinds = {(line, kind): of(source, line) for line in lines for kind, of in ((chart.REPORTED, past), ("plan", planned))}
    kinds |= {(line, f"reported, {found.period}"): {int(found.period[:4]): found.value} for line, found in halves.items()}
    scaled = {key: {str(year): value * money.factor for year, value in found.items()} for key, found in kinds.items() if found}
    rows = [
        {"period": y, "series": line, "kind": kind, "value": round(v, 4), "told": f"{told(v, 4)} {money.unit}"}
        for (line, kind), values in scaled.items() for y, v in values.items()
    ]  # fmt: skip
    labels = [str(y) for y in sorted({*past(source, statement.REVENUE), *planned(source, statement.REVENUE)})]
    return Figure(
        "segment", _message(source),
        wide(f"Revenue and operating income of {query.segment(source.case)}, {money.told_year}", ("line", "kind"), labels, scaled,
             lambda words, year: _opens(source, words[0], words[1], year)),
        chart.drawing(rows, _layers(labels, lines, money.unit, bool(halves)), height=280),
        "Bars by calendar year: revenue beside operating income; pale where reported, full where planned.",
        ("Pale: reported, in money of its year. Full: plan.",) if past(source, statement.REVENUE) else (),
        keys=(*chart.keys(lines), *(Key(f"reported for {found.period}", "strong", "diamond") for found in list(halves.values())[:1])),
    )  # fmt: skip


def _opens(source: Source, name: str, kind: str, year: str) -> Chain:
    """What a line opens to: as planned, or as reported."""
    if kind == "plan":
        return line(source.case, name, year, query.segment(source.case))
    told_ = actual.published(source, name, query.segment(source.case))
    whole = actual.by_year(told_).get(int(year))
    found = whole if kind == chart.REPORTED else actual.first_half(told_, int(year))
    return found.address if found else ""


def _layers(labels: list[str], lines: tuple[str, ...], unit: str, halves: bool) -> list[Spec]:
    x, y = chart.time(labels, "calendar year"), chart.amount(f"revenue, income ({unit})")
    shown = chart.hints(("period", "year"), ("series", "line"), ("kind", "plan or reported"), ("told", "amount"))
    faint = {"field": "kind", "type": "ordinal", "scale": {"domain": [chart.REPORTED, "plan"], "range": [0.55, 1]}, "legend": None}
    beside = {"field": "series", "sort": list(lines)}
    bars = chart.only(chart.bars(x, y, chart.hue(lines), shown), f"datum.kind == 'plan' || datum.kind == '{chart.REPORTED}'")
    bars["encoding"] |= {"xOffset": beside, "opacity": faint}
    points = chart.only(chart.diamonds(x, y, "reported, first half"), f"datum.kind != 'plan' && datum.kind != '{chart.REPORTED}'")
    points["encoding"] |= {"xOffset": beside}
    return [bars, *([points] if halves else [])]


def _message(source: Source) -> str:
    money, found, before = query.worth(source), planned(source, statement.REVENUE), past(source, statement.REVENUE)
    first, last = min(found), max(found)
    growth = f", {percent(found[first] / before[first - 1] - 1)} more than in {first - 1}" if before.get(first - 1) else ""
    return f"Revenue of {first} is {money.say(found[first])}{growth}, and {money.say(found[last])} in {last}"


def margins(source: Source) -> dict[str, Years]:
    """Operating income over revenue by year: what was reported, and the plan."""
    found = {}
    for kind, of in ((chart.REPORTED, past), ("plan", planned)):
        revenue, income = of(source, statement.REVENUE), of(source, statement.INCOME)
        found[kind] = {year: income[year] / value for year, value in revenue.items() if value and year in income}
    return found


def _margin(source: Source) -> Figure:
    found = {kind: values for kind, values in margins(source).items() if values}
    labels = [str(y) for y in sorted({year for values in found.values() for year in values})]
    rows = [
        {"period": str(y), "series": kind, "value": round(100 * v, 3), "told": percent(v)}
        for kind, values in found.items() for y, v in values.items()
    ]  # fmt: skip
    layer = chart.curves(list(found), chart.time(labels, "calendar year"), chart.amount("operating margin (%)"), thing="plan or reported")
    plan = found.get("plan", {})
    span = f"The operating margin goes from {percent(plan[min(plan)])} in {min(plan)} to {percent(plan[max(plan)])} in {max(plan)}" if plan else ""
    table = {(kind,): {str(y): 100 * v for y, v in values.items()} for kind, values in found.items()}

    def opens(words: tuple[str, ...], year: str) -> Chain:
        if words[0] == "plan":
            return line(source.case, "operating margin", year, query.segment(source.case))
        both = [(name, str(_opens(source, name, words[0], year)), power) for name, power in ((statement.INCOME, 1.0), (statement.REVENUE, -1.0))]
        return made(source, f"operating margin reported for {year}", both, "product", "1")

    return Figure(
        "margin", span, wide("Operating margin by year, %", ("kind",), labels, table, opens),
        chart.drawing(rows, [layer], height=180), "Lines by calendar year: operating income over revenue, reported and planned, in percent.",
        keys=chart.keys(list(found), "line"),
    )  # fmt: skip
