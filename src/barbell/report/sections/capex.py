"""Capex by class against the envelope, committed and free apart, with what was reported before."""

from __future__ import annotations

from barbell.report import actual, chart, query
from barbell.report.figure import Chain, Figure, Key, Section, Spec, grid, wide
from barbell.report.number import percent, told
from barbell.report.opens import line, made
from barbell.report.source import Source


def section(source: Source) -> Section:
    """Two figures by calendar year: by class, and by what was decided before the start."""
    figures = tuple(f for f in (_by_class(source), _by_freedom(source)) if f)
    return Section("capex", "Capex against the envelope", () if figures else ("The run holds no statements.",), figures)


def planned(source: Source) -> dict[int, float]:
    """Capex of the whole group by reported year, in the case's money."""
    found = query.yearly(source.years, query.root(source.case), "capex")
    return {year: abs(found[year]) for year in query.years(source.case) if year in found}


def committed(source: Source) -> dict[int, float]:
    """What of it was decided before the start."""
    found = dict(zip(source.committed["year"].to_list(), source.committed["value"].to_list(), strict=True))
    return {year: min(found.get(year, 0.0), value) for year, value in planned(source).items()}


def _by_class(source: Source) -> Figure | None:
    case, money, whole = source.case, query.worth(source), planned(source)
    if not whole:
        return None
    reported = actual.published(source, "capex", query.root(case))
    past, half = actual.before(case, actual.by_year(reported)), actual.first_half(reported, query.years(case)[0])
    parts = query.split(source.years, query.root(case), "capex") or {"capex": dict(whole)}
    classes = {name: {str(y): abs(v) * money.factor for y, v in values.items() if y in whole} for name, values in parts.items()}
    kept, rest = query.leading(classes, 7)
    series = {name: classes[name] for name in kept}
    if rest:
        series[chart.OTHERS] = {y: sum(classes[name].get(y, 0.0) for name in rest) for y in map(str, whole)}
    if past:
        series[chart.REPORTED] = {str(year): a.value * money.factor for year, a in past.items()}
    labels = [str(year) for year in (*past, *whole)]
    rows = [
        {"period": y, "series": n, "rank": k, "value": round(v, 4), "told": f"{told(v, 4)} {money.unit}", "mark": "bar"}
        for k, (n, values) in enumerate(series.items()) for y, v in values.items() if v
    ]  # fmt: skip
    limits = {str(y): v * money.factor for y, v in query.envelope(case).items()}
    rows += [{"period": y, "value": round(v, 4), "told": f"{told(v, 4)} {money.unit}", "mark": "envelope"} for y, v in limits.items()]
    if half:
        told_half = f"{told(half.value * money.factor, 4)} {money.unit}"
        rows.append({"period": half.period[:4], "value": round(half.value * money.factor, 4), "told": told_half, "mark": "half"})
    table = {(n,): v for n, v in series.items()} | ({("envelope",): limits} if limits else {})
    if half:
        table[(f"reported, {half.period}",)] = {half.period[:4]: half.value * money.factor}

    def opens(words: tuple[str, ...], year: str) -> Chain:
        name = words[0]
        if name == chart.REPORTED:
            return past[int(year)].address if int(year) in past else ""
        if name == chart.OTHERS:
            return made(source, f"other capex of {year}", [(n, line(case, f"capex: {n}", year), 1.0) for n in rest if classes[n].get(year)])
        if half and name == f"reported, {half.period}":
            return half.address
        return f"envelope/{year}" if name == "envelope" else line(case, "capex" if name == "capex" else f"capex: {name}", year)

    return Figure(
        "capex-by-class", _message(source, whole), wide(f"Capex by class and year, {money.told_year}", ("class",), labels, table, opens),
        chart.drawing(rows, _layers(labels, list(series), money.unit, bool(limits), bool(half)), height=300),
        "Stacked bars of capex by class of depreciation and calendar year; a thick line is the envelope, grey is what was reported.",
        _notes(source, half, list(past.values())),
        keys=(*chart.keys(list(series)), *_marks(bool(limits), half)),
    )  # fmt: skip


def _layers(labels: list[str], names: list[str], unit: str, limits: bool, half: bool) -> list[Spec]:
    x, y = chart.time(labels, "calendar year"), chart.amount(f"capex ({unit})")
    layers = [chart.only(chart.stack(names, x, y, thing="class"), "datum.mark == 'bar'")]
    if limits:
        layers.append(chart.only(chart.ticks(x, y, "envelope"), "datum.mark == 'envelope'"))
    if half:
        layers.append(chart.only(chart.diamonds(x, y, "reported, first half"), "datum.mark == 'half'"))
    return layers


def _message(source: Source, whole: dict[int, float]) -> str:
    year, money, limits = next(iter(whole)), query.worth(source), query.envelope(source.case)
    if not limits.get(year):
        return f"Capex of {year} is {money.say(whole[year])}"
    return f"Capex of {year} is {money.say(whole[year])}, {percent(whole[year] / limits[year])} of an envelope of {money.say(limits[year])}"


def _marks(limits: bool, half: actual.Actual | None) -> list[Key]:
    envelope = [Key("envelope", "strong", "line")] if limits else []
    return [*envelope, *([Key(f"reported for {half.period}", "strong", "diamond")] if half else [])]


def _notes(source: Source, half: actual.Actual | None, past: list[actual.Actual]) -> tuple[str, ...]:
    money = query.worth(source)
    notes = [f"Plan: capex of {query.root(source.case)} on the dates of payment, in {money.told_year}."]
    if past:
        notes.append(f"Reported: {actual.words(past[0].basis)}, in money of its year ({past[-1].source}).")
    if half:
        notes.append(f"{half.period}: {actual.words(half.basis)} ({half.source}).")
    return tuple(notes)


def _freedom(words: tuple[str, ...], year: str) -> Chain:
    """What a cell of the table of what is committed and free opens to."""
    return {"free": f"free/{year}", "free, share": f"free/{year}/share"}.get(words[0], f"committed/{year}")


def _by_freedom(source: Source) -> Figure | None:
    case, money, whole = source.case, query.worth(source), planned(source)
    bound = committed(source)
    if not any(bound.values()):
        return None
    labels = [str(year) for year in whole]
    parts = {
        "committed before the start": {str(y): v * money.factor for y, v in bound.items()},
        "free": {str(y): (whole[y] - bound[y]) * money.factor for y in whole},
    }
    rows = [
        {"period": y, "series": n, "rank": k, "value": round(v, 4), "told": f"{told(v, 4)} {money.unit}", "mark": "bar"}
        for k, (n, values) in enumerate(parts.items()) for y, v in values.items()
    ]  # fmt: skip
    limits = {str(y): v * money.factor for y, v in query.envelope(case).items()}
    rows += [{"period": y, "value": round(v, 4), "told": f"{told(v, 4)} {money.unit}", "mark": "envelope"} for y, v in limits.items()]
    first = next(iter(whole))
    share = [(name, *(values[y] for y in labels)) for name, values in parts.items()]
    share.append(("free, share", *((whole[y] - bound[y]) / whole[y] if whole[y] else 0.0 for y in whole)))
    return Figure(
        "capex-free",
        f"{percent((whole[first] - bound[first]) / whole[first] if whole[first] else 0.0)} of the capex of {first} is still free to decide",
        grid(f"Capex committed and free by year, {money.told_year}", ("what", *labels), share, opens=_freedom),
        chart.drawing(rows, _layers(labels, list(parts), money.unit, bool(limits), half=False), height=240),
        "Stacked bars by calendar year: capex committed before the start, and capex that the plan decides; a thick line is the envelope.",
        ("Committed: payments for what is on order at the start, and spending that a limit prescribes.",),
        keys=(*chart.keys(list(parts)), *_marks(bool(limits), None)),
    )
