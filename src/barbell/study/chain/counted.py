"""Figures that count over several results: megawatts by rung, energy, money ordered and committed, the envelope, the cost of a gigawatt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from barbell.core.horizon import Month
from barbell.core.nouns import Limit
from barbell.core.units import UnitError, factor
from barbell.finance.metrics import needs_per_gw
from barbell.study.chain import cells, stated
from barbell.study.chain.ground import Ground
from barbell.study.chain.node import PRODUCT, SUM, Input, Node
from barbell.study.committed import obliged

GRID = "grid"
CONTRACTED = "contracted"


def mw(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``mw/RUNG/PERIOD``, with ``@PLACE`` at one place: megawatts in service; ``mw/contracted``: grid in service and on order."""
    if len(parts) != 2 or parts[1] not in ground.number:
        return None
    spot, period = parts
    rung, _, place = spot.partition("@")
    if rung == CONTRACTED:
        return _contracted(ground, period)
    found = [a for a in ground.case.tables.assets if a.name.split("_", maxsplit=1)[0] == rung and _mega(a.unit)]
    total, inputs = 0.0, []
    for asset in found:
        here = ground.among("fleet", "item", "place", item=asset.name, period=period)
        units = sum(v for key, v in here.items() if place in ("", key[1]))
        if units:
            total += units * _mega(asset.unit)
            inputs.append(Input(asset.name, f"fleet/{asset.name}{f'@{place}' if place else ''}/{period}", _mega(asset.unit)))
    what = f"MW of {rung} in service{f' at {place}' if place else ''} in {period}"
    return Node("/".join(("mw", *parts)), what, total, "MW", SUM, tuple(inputs)) if found else None


def _mega(unit: str) -> float:
    try:
        return factor(unit, "MW") if unit in ("kW", "MW", "GW") else 0.0
    except UnitError:
        return 0.0


def _contracted(ground: Ground, period: str) -> Node | None:
    """Grid in service, orders not yet in service, and cohorts that are still to come."""
    whole = mw(ground, [GRID, period])
    if whole is None:
        return None
    horizon, n = ground.case.horizon, ground.number[period]
    total, inputs = whole.value, [Input("in service", whole.address)]
    for (item, place, action, when), units in ground.values("orders", "item", "place", "action").items():
        asset, option = ground.row("assets", item), ground.view.options.get((item, place))
        if item.split("_", maxsplit=1)[0] == GRID and action == "order" and option and when in ground.number and units > 1e-9:
            begin = horizon.periods[ground.number[when]].start
            if ground.number[when] <= n < horizon.arrival(begin + asset.lead_months + option.extra_lead_months):
                total += units * _mega(asset.unit)
                inputs.append(Input(f"ordered at {place} in {when}", f"orders/{item}@{place}/{when}", _mega(asset.unit)))
    for cohort in ground.case.tables.cohorts:
        month = Month.parse(cohort.service)
        if cohort.asset.split("_", maxsplit=1)[0] == GRID and month > horizon.start and n < horizon.arrival(month):
            size = _mega(ground.row("assets", cohort.asset).unit)
            total += cohort.amount * size
            inputs.append(Input(f"under way: {cohort.name}", cells.at("cohorts", cohort.id, "amount"), size))
    return Node(f"mw/{CONTRACTED}/{period}", f"MW of grid in service and on order in {period}", total, "MW", SUM, tuple(inputs))


def energy(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``headline/energy_twh_by_year/YEAR``: what processes bring into the accounts of power, over the hours of the year."""
    unit = next((r.unit for r in ground.case.tables.resources if r.name == "power"), None)
    year, horizon = parts[0], ground.case.horizon
    periods = [p for p in horizon.periods if str(p.start.year) == year and p.start < horizon.report_end]
    if unit is None or not periods:
        return None
    scale, total, inputs = factor(f"{unit}*year", "TWh"), 0.0, []
    made = {rate.process: rate for rate in ground.case.tables.rates if rate.resource == "power"}
    share = dict(zip((s.name for s in horizon.slices), horizon.shares, strict=True))
    level: dict[tuple[str, str], float] = {}
    for (item, slice_, period), v in ground.values("activity", "item", "slice").items():
        level[item, period] = level.get((item, period), 0.0) + v * share[slice_]
    for span in periods:
        for item, rate in made.items():
            times = max(rate.rate.mean(span.start, span.months), 0.0) * span.years * scale
            if times and level.get((item, span.label)):
                total += times * level[item, span.label]
                inputs.append(Input(f"{item} {span.label}", f"activity/{item}/{span.label}", times))
    return Node(f"headline/energy_twh_by_year/{year}", f"electricity drawn in {year}", total, "TWh", SUM, tuple(inputs))


def ordered(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``ordered/PLACE/PERIOD``: price of everything that is ordered at a place in a period."""
    if len(parts) != 2 or parts[0] not in ground.case.places:
        return None
    place, period = parts
    found = ground.projects
    rows = {name: n for name, n in ground.bought.items() if found.place[n] == place and ground.view.clock.label(int(found.ordered[n])) == period}
    inputs = tuple(Input(name, f"bought/{name}") for name, n in rows.items() if found.cost[n] > 0)
    what = f"money ordered at {place} in {period}"
    return Node("/".join(("ordered", *parts)), what, float(sum(found.cost[n] for n in rows.values())), ground.case.money, SUM, inputs)


def committed(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``committed/YEAR``: capex of a year that was decided before the start: what is due on orders under way, and what a limit prescribes."""
    frame = ground.frame("committed")
    years = {str(p.start.year) for p in ground.case.horizon.periods}
    if len(parts) != 1 or parts[0] not in years or not frame.width:
        return None
    amounts = {str(year): value for year, value in frame.select("year", "value").iter_rows()}
    bound, found = obliged(ground.case), ground.projects
    labels = [p.label for p in ground.case.horizon.periods if str(p.start.year) == parts[0]]
    inputs = []
    for name, n in ground.bought.items():
        if int(found.ordered[n]) < 0 or ground.row("assets", found.asset[n]).programme in bound:
            inputs += [Input(f"{name} {label}", f"paid/{name}/{label}") for label in labels if found.paid[n, ground.number[label]]]
    what = f"capex of {parts[0]} decided before the start"
    return Node(f"committed/{parts[0]}", what, amounts.get(parts[0], 0.0), ground.case.money, SUM, tuple(inputs))


def free(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``free/YEAR``: capex of a year that is still free to decide; ``free/YEAR/share``: as a share of it."""
    root = next(e.name for e in ground.case.tables.entities if not e.parent)
    whole, bound = stated.line(ground, ["years", root, "capex", parts[0]]) if parts else None, committed(ground, parts[:1])
    if whole is None or len(parts) > 2:
        return None
    address, what = "/".join(("free", *parts)), f"capex of {parts[0]} that is free to decide"
    inputs = [Input("capex", whole.address), *([Input("committed", bound.address, -1.0)] if bound else [])]
    left = whole.value - min(bound.value if bound else 0.0, whole.value)
    if len(parts) == 1:
        return Node(address, what, left, ground.case.money, SUM, tuple(inputs))
    if not whole.value:
        return Node(address, f"share of the {what}", 0.0, "1", said="there is no capex")
    inputs = [Input("free", f"free/{parts[0]}"), Input("capex", whole.address, -1.0)]
    return Node(address, f"share of the {what}", left / whole.value, "1", PRODUCT, tuple(inputs))


def chips(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``chips/PLACE/PERIOD``: chips of every kind in service at a place, as the case counts them."""
    if len(parts) != 2 or parts[0] not in ground.case.places or parts[1] not in ground.number:
        return None
    found = {a.name: sum(v for key, v in ground.among("fleet", "item", "place", item=a.name, period=parts[1]).items() if key[1] == parts[0])
             for a in ground.case.tables.assets if a.unit.endswith("chip")}  # fmt: skip
    unit = next((a.unit for a in ground.case.tables.assets if a.unit.endswith("chip")), "chip")
    inputs = tuple(Input(name, f"fleet/{name}@{parts[0]}/{parts[1]}") for name, v in found.items() if v)
    return Node("/".join(("chips", *parts)), f"chips in service at {parts[0]} in {parts[1]}", sum(found.values()), unit, SUM, inputs)


def envelope(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``envelope/YEAR``: most that may be spent in a year: a limit on all programmes, or the envelopes of all of them; the smaller holds."""
    spans = [p for p in ground.case.horizon.periods if str(p.start.year) == (parts[0] if parts else "")]
    if len(parts) != 1 or not spans:
        return None
    start, months = spans[0].start, sum(p.months for p in spans)
    found = [(limit.bound.mean(start, months), f"limits.{limit.name}.bound") for limit in _overall(ground) if _holds(limit, start)]
    rows = ground.case.tables.programmes
    paths = [row.envelope for row in rows if row.envelope]
    bounds = [(sum(path.mean(p.start, p.months) * p.years for path in paths for p in spans), "")] if rows and len(paths) == len(rows) else []
    if not (found or bounds):
        return None
    value, spot = min(found + bounds)
    what, address = f"envelope of {parts[0]}", f"envelope/{parts[0]}"
    if spot and not math.isnan(cells.number(ground, "limits", spot.split(".")[1], "bound")):
        return Node(address, what, value, ground.case.money, SUM, (Input("bound", spot),))
    inputs = (Input("bound", spot),) if spot else tuple(Input(row.name, f"programmes.{row.name}.envelope") for row in rows)
    return Node(address, what, value, ground.case.money, inputs=inputs, said="mean over the year, for the part of it that is planned")


def _overall(ground: Ground) -> list[Limit]:
    """Yearly limits on the spending of all programmes."""
    programmes = {p.name for p in ground.case.tables.programmes}
    found = []
    for limit in ground.case.tables.limits:
        terms = [t for t in ground.case.tables.terms if t.limit == limit.name]
        plain = all(t.measure == "spend" and t.coefficient == 1 and not t.place for t in terms)
        if limit.window == "year" and limit.sense != ">=" and plain and {t.item for t in terms} == programmes:
            found.append(limit)
    return found


def _holds(limit: Limit, start: Month) -> bool:
    return (not limit.starts or start >= Month.parse(limit.starts)) and (not limit.ends or start < Month.parse(limit.ends))


def cost(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``cost/CHIP/PART``: capex per GW of IT; ``cost/CHIP/PART/ASSET``: of one asset: units that a GW needs x what a unit costs on average."""
    frame = ground.frame("cost")
    if len(parts) not in (2, 3) or not frame.width:
        return None
    rows = {(chip, part): (value, unit) for chip, part, value, unit in frame.select("chip", "part", "value", "unit").iter_rows()}
    chip, part = parts[:2]
    if (chip, part) not in rows:
        return None
    (value, unit), address = rows[chip, part], "/".join(("cost", *parts))
    if part == "all" and len(parts) == 2:
        inputs = tuple(Input(name, f"cost/{chip}/{name}") for c, name in rows if c == chip and name != "all")
        return Node(address, f"capex of a GW of IT with {chip}", value, unit, SUM, inputs)
    needs = {row["asset"]: row for row in _needs(ground) if (row["chip"], row["part"]) == (chip, part)}
    if len(parts) == 2:
        inputs = tuple(Input(name, f"cost/{chip}/{part}/{name}") for name in needs)
        return Node(address, f"{part} of a GW of IT with {chip}", value, unit, SUM, inputs)
    return _need(ground, address, parts[2], needs[parts[2]], unit) if parts[2] in needs else None


def _needs(ground: Ground) -> list[dict[str, Any]]:
    memo = ground.memo.setdefault("needs", [])
    if not memo:
        memo.extend(needs_per_gw(ground.case, ground.tables).iter_rows(named=True))
    found: list[dict[str, Any]] = memo
    return found


def _need(ground: Ground, address: str, name: str, row: dict[str, Any], unit: str) -> Node:
    money, units = float(str(row["money"])), float(str(row["units"]))
    asset = ground.row("assets", name)
    what = f"{name} for a GW of IT"
    if not units or not asset.capex:
        return Node(address, what, money, unit, said="free of charge")
    inputs = (Input("units", f"{address}/units"), Input("capex", cells.at("assets", name, "capex")), Input("index and place", f"{address}/factor"))
    return Node(address, what, money, unit, PRODUCT, inputs)


def cost_part(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``cost/CHIP/PART/ASSET/units`` and ``.../factor``: units that a GW needs, and the mean of index and place factor over what is ordered."""
    if len(parts) != 4:
        return cost(ground, parts)
    chip, part, name, which = parts
    row = next((r for r in _needs(ground) if (r["chip"], r["part"], r["asset"]) == (chip, part, name)), None)
    if row is None or which not in ("units", "factor"):
        return None
    asset, address = ground.row("assets", name), "/".join(("cost", *parts))
    units, money = float(str(row["units"])), float(str(row["money"]))
    if which == "units":
        said = "from the rates and uses of the processes that run the chips, over the availability of each asset, as the plan runs them"
        return Node(address, f"{name} that a GW of IT with {chip} needs", units, f"{asset.unit}/GW", said=said)
    said = "level of the price index and factor of the place, mean over the orders of the chip"
    return Node(address, f"price of {name} over its capex at the start", money / (units * asset.capex), "1", said=said)
