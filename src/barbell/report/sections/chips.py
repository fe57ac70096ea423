"""Chips in service by kind."""

from __future__ import annotations

from barbell.report import chart, query
from barbell.report.figure import Figure, Section, wide
from barbell.report.number import percent, told
from barbell.report.source import Source
from barbell.report.theme import SERIES


def section(source: Source) -> Section:
    """One figure: chips in service, stacked by kind."""
    found = standing(source)
    if not found:
        return Section("chips", "Chips in service", ("This case counts no chips.",))
    return Section("chips", "Chips in service", (), (_figure(source, found),))


def standing(source: Source) -> dict[str, dict[str, float]]:
    """Chips in service by kind and reported period, in the asset's unit."""
    chips = query.chips(source.case)
    amounts = query.totals(query.seen(source, "fleet"), ["item", "period"])
    found = {name: {p: v for (item, p), v in amounts.items() if item == name} for name in chips}
    return {name: values for name, values in found.items() if any(v > 1e-6 for v in values.values())}


def _figure(source: Source, found: dict[str, dict[str, float]]) -> Figure:
    case, labels = source.case, query.shown(source.case)
    units = {query.assets(case)[name].unit for name in found}
    unit = next(iter(units)) if len(units) == 1 else "chips as the case counts them"
    kept, rest = query.leading(found, SERIES)
    series = {name: found[name] for name in kept}
    if rest:
        series[chart.OTHERS] = {p: sum(found[name].get(p, 0.0) for name in rest) for p in labels}
    rows = [
        {"period": p, "series": n, "rank": k, "value": round(v, 4), "told": f"{told(v, 4)} {unit}"}
        for k, (n, values) in enumerate(series.items()) for p, v in values.items() if v > 1e-9
    ]  # fmt: skip
    layer = chart.stack(list(series), chart.time(labels, query.clock(case)), chart.amount(f"in service ({unit})"), thing="chip")
    first, last = labels[0], labels[-1]
    whole = {p: sum(values.get(p, 0.0) for values in found.values()) for p in (first, last)}
    top = max(found, key=lambda name: found[name].get(last, 0.0))
    share = found[top].get(last, 0.0) / whole[last] if whole[last] else 0.0
    return Figure(
        "chips",
        f"From {told(whole[first])} {unit} in {first} to {told(whole[last])} in {last}; {top} is then {percent(share)} of them",
        wide(
            f"Chips in service by kind and period, {unit}",
            ("chip",),
            labels,
            {(n,): v for n, v in found.items()},
            lambda words, period: f"fleet/{words[0]}/{period}",
        ),
        chart.drawing(rows, [layer], height=300),
        f"Stacked bars by period: chips in service by kind, in {unit}.",
        (f"Others: {', '.join(rest)}.",) if rest else (),
        keys=chart.keys(list(series)),
    )
