"""Megawatts by rung of the ladder: contracted, grid, shell, hall, rack."""

from __future__ import annotations

from collections import defaultdict

import polars as pl

from barbell.core.case import Case
from barbell.core.horizon import Month
from barbell.report import chart, query
from barbell.report.figure import Figure, Section, wide
from barbell.report.number import power, told
from barbell.report.source import Source
from barbell.report.theme import SERIES

CONTRACTED = "contracted"
_OF_IT = ("shell", "hall", "rack", "server")


def section(source: Source) -> Section:
    """One figure: each rung over time."""
    found = standing(source)
    if not found:
        return Section("ladder", "Megawatts by rung", ("Nothing in this case is counted in megawatts.",))
    return Section("ladder", "Megawatts by rung", _lead(source, found), (_figure(source, found),))


def standing(source: Source) -> dict[str, dict[str, float]]:
    """MW in service by rung and reported period, with what is contracted: grid in service and on order."""
    case = source.case
    found: dict[str, dict[str, float]] = {name: defaultdict(float) for name in query.rungs(case)}
    for (item, period), value in query.totals(query.seen(source, "fleet"), ["item", "period"]).items():
        name = query.rung(case, item)
        if name:
            found[name][period] += value * query.mega(case, item)
    found = {name: dict(values) for name, values in found.items() if any(v > 1e-6 for v in values.values())}
    if query.GRID in found:
        waiting = under_way(source, query.GRID)
        found = {CONTRACTED: {p: v + waiting[p] for p, v in found[query.GRID].items()}, **found}
    return found


def under_way(source: Source, name: str) -> dict[str, float]:
    """MW of a rung on order and not yet in service, by reported period."""
    case = source.case
    found = dict.fromkeys(query.shown(case), 0.0)
    labels = list(case.horizon.labels)
    for order, service, megawatts in _orders(source, name):
        for label in found:
            if order <= labels.index(label) < service:
                found[label] += megawatts
    return found


def _orders(source: Source, name: str) -> list[tuple[int, int, float]]:
    """(Period of the order, period of service, MW) of a rung's orders, those under way at the start from period 0."""
    case = source.case
    labels = list(case.horizon.labels)
    taken = source.tables["orders"].filter((pl.col("scenario") == query.TRUNK) & (pl.col("action") == "order") & (pl.col("value") > 1e-9))
    rows = []
    for row in taken.iter_rows(named=True):
        if query.rung(case, row["item"]) == name:
            period = case.horizon.periods[labels.index(row["period"])]
            service = case.horizon.arrival(period.start + _wait(case, row["item"], row["place"]))
            rows.append((labels.index(row["period"]), service, row["value"] * query.mega(case, row["item"])))
    coming = [c for c in case.tables.cohorts if query.rung(case, c.asset) == name and Month.parse(c.service) > case.horizon.start]
    rows += [(0, case.horizon.arrival(Month.parse(c.service)), c.amount * query.mega(case, c.asset)) for c in coming]
    return rows


def _wait(case: Case, asset: str, place: str) -> int:
    """Months from the order to service."""
    option = next((o for o in case.tables.options if o.asset == asset and place in case.spread(o.place)), None)
    return query.assets(case)[asset].lead_months + (option.extra_lead_months if option else 0)


def _lead(source: Source, found: dict[str, dict[str, float]]) -> tuple[str, ...]:
    """The grid and the racks at the ends of the first and the last year."""
    ends = query.last_of(source.case)
    first, last = ends[min(ends)], ends[max(ends)]
    said = [f"{name} {told(v[first])} → {told(v[last])} MW" for name, v in found.items() if first in v and last in v]
    return (f"From {first} to {last}: {'; '.join(said)}.",)


def _figure(source: Source, found: dict[str, dict[str, float]]) -> Figure:
    case, labels = source.case, query.shown(source.case)
    names = list(found)[:SERIES]
    size, unit = (1000, "GW") if max(v for values in found.values() for v in values.values()) >= 1000 else (1, "MW")
    rows = [
        {"period": p, "series": n, "value": round(v / size, 5), "told": f"{told(v, 4)} MW"} for n in names for p, v in found[n].items()
    ]  # fmt: skip
    layer = chart.curves(names, chart.time(labels, query.clock(case)), chart.amount(f"in service ({unit})"), thing="rung")
    return Figure(
        "ladder",
        _message(source, found),
        wide("MW by rung and period", ("rung",), labels, {(n,): v for n, v in found.items()}, lambda words, period: f"mw/{words[0]}/{period}"),
        chart.drawing(rows, [layer, chart.ends(rows, labels[-1], names, 300)], height=300)
        | {"padding": {"left": 4, "top": 4, "bottom": 4, "right": 76}},
        f"Lines by rung of the ladder over time, in {unit}.",
        _notes(found),
    )


def _message(source: Source, found: dict[str, dict[str, float]]) -> str:
    """The grid at the end, and the last rung of IT that stands on it: racks of chips and servers, else halls, else shells."""
    last = query.shown(source.case)[-1]
    racks = [name for name in ("rack", "server") if found.get(name, {}).get(last)]
    it = racks or [name for name in ("hall", "shell") if found.get(name, {}).get(last)][:1]
    if query.GRID in found and it:
        amount = sum(found[name][last] for name in it)
        return f"By {last} {power(found[query.GRID][last])} of grid feed {power(amount)} of {' and '.join(f'{name}s' for name in it)}"
    top = max(found, key=lambda name: found[name].get(last, 0.0))
    return f"By {last} {power(found[top].get(last, 0.0))} of {top} stand"


def _notes(found: dict[str, dict[str, float]]) -> tuple[str, ...]:
    notes = []
    if CONTRACTED in found:
        notes.append("Contracted: grid in service and on order.")
    of_it = [name for name in _OF_IT if name in found]
    if of_it:
        notes.append(f"MW of IT: {', '.join(of_it)}; the other rungs count MW at the connection. They differ by losses and cooling.")
    return tuple(notes)
