"""Power and energy: IT load, what sites draw, energy, what it costs, and the overhead that follows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from barbell.core.horizon import Period
from barbell.core.units import UnitError, factor
from barbell.study import electricity
from barbell.study.chain import cells, spent
from barbell.study.chain.ground import Ground
from barbell.study.chain.node import PRODUCT, SUM, Input, Node

TOLD = {
    "it": "IT load",
    "draw": "drawn at the hour for which the connection is sized",
    "meter": "drawn through the meter of the grid at that hour",
    "plant": "drawn from own plant at that hour",
    "mean": "mean power",
}
"""What each kind of megawatts is, by its word in addresses."""


def power(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``power/KIND/PERIOD`` in MW, with ``@PLACE`` at one place; ``power/energy/YEAR`` in TWh, ``power/cost/YEAR``, ``power/price/YEAR`` of a
    MWh, ``power/pue-peak/PERIOD`` and ``power/pue/YEAR``."""
    if len(parts) != 2:
        return None
    spot, time = parts
    kind, _, place = spot.partition("@")
    if place and place not in ground.case.places:
        return None
    if kind in TOLD and time in ground.number:
        return _megawatts(ground, kind, place, time)
    if kind == "energy":
        return _energy(ground, place, time)
    if kind == "cost" and not place:
        return _cost(ground, time)
    if kind in _RATIOS and not place:
        return _RATIOS[kind](ground, time)
    return None


def _makers(ground: Ground, kind: str) -> electricity.Makers:
    memo: dict[str, electricity.Makers] = ground.memo.setdefault("makers of power", {})
    if not memo:
        case = ground.case
        grid, plant = electricity.sources(case)
        memo |= {"it": electricity.makers(case, electricity.loads(case)), "draw": {**grid, **plant}, "meter": grid, "plant": plant,
                 "mean": electricity.makers(case, electricity.mean(case))}  # fmt: skip
    return memo[kind]


def _megawatts(ground: Ground, kind: str, place: str, period: str) -> Node | None:
    """What processes bring into the accounts, by process."""
    found = _makers(ground, kind)
    if not found:
        return None
    inputs, total = [], 0.0
    for name, rates in found.items():
        each = sum(electricity.times(ground.case, rate, period) for rate in rates)
        runs = level(ground, name, place, period)
        if each and runs:
            inputs.append(Input(name, f"activity/{name}{f'@{place}' if place else ''}/{period}", each))
            total += each * runs
    what = f"{TOLD[kind]}{f' at {place}' if place else ''} in {period}"
    return Node(f"power/{kind}{f'@{place}' if place else ''}/{period}", what, total, "MW", SUM, tuple(inputs))


def level(ground: Ground, process: str, place: str, period: str) -> float:
    """Mean activity of a process at a place, or at all."""
    horizon = ground.case.horizon
    share = dict(zip((s.name for s in horizon.slices), horizon.shares, strict=True))
    here = ground.among("activity", "item", "place", "slice", item=process, period=period)
    return sum(v * share[key[2]] for key, v in here.items() if place in ("", key[1]))


def spans(ground: Ground, year: str) -> list[Period]:
    """Reported periods that start in a year."""
    horizon = ground.case.horizon
    return [p for p in horizon.periods if str(p.start.year) == year and p.start < horizon.report_end]


def _energy(ground: Ground, place: str, year: str) -> Node | None:
    """Mean power times the hours of the year."""
    if not spans(ground, year) or not _makers(ground, "mean"):
        return None
    scale, inputs, total = factor("MW*year", "TWh"), [], 0.0
    for span in spans(ground, year):
        node = _megawatts(ground, "mean", place, span.label)
        if node and node.value:
            inputs.append(Input(span.label, node.address, span.years * scale))
            total += node.value * span.years * scale
    what = f"energy drawn{f' at {place}' if place else ''} in {year}"
    return Node(f"power/energy{f'@{place}' if place else ''}/{year}", what, total, "TWh", SUM, tuple(inputs))


def _cost(ground: Ground, year: str) -> Node | None:
    """Variable cost of what brings power."""
    if not spans(ground, year) or not _makers(ground, "mean"):
        return None
    found = list(_running(ground, [span.label for span in spans(ground, year)]))
    inputs = tuple(Input(f"{node.address.split('/')[1]} {node.address.split('/')[2]}", node.address) for node in found)
    what = f"cost of energy in {year}, without connections and own plant"
    return Node(f"power/cost/{year}", what, sum(node.value for node in found), ground.case.money, SUM, inputs)


def _running(ground: Ground, labels: Sequence[str]) -> Iterator[Node]:
    for name in _makers(ground, "mean"):
        for label in labels:
            node = spent.running(ground, ["running", name, label])
            if node and node.value:
                yield node


def _price(ground: Ground, year: str) -> Node | None:
    """Cost over energy, in whole money a MWh."""
    cost, energy = _cost(ground, year), _energy(ground, "", year)
    if not cost or not energy or not energy.value:
        return None
    unit = f"{ground.case.money.lstrip('kMGBT')}/MWh"
    try:
        scale = factor(f"{ground.case.money}/TWh", unit)
    except UnitError:  # a unit of the user's own
        unit, scale = f"{ground.case.money}/TWh", 1.0
    inputs = (Input("cost", cost.address), Input("energy", energy.address))
    formula = "cost / energy" if scale == 1 else f"cost / energy * {scale!r}"
    return Node(f"power/price/{year}", f"cost of a MWh in {year}", cost.value / energy.value * scale, unit, formula, inputs)


def _peak(ground: Ground, period: str) -> Node | None:
    """What sites draw over the IT load, at the hour for which connections are sized."""
    if period not in ground.number:
        return None
    draw, it = _megawatts(ground, "draw", "", period), _megawatts(ground, "it", "", period)
    if not draw or not it or not it.value:
        return None
    inputs = (Input("drawn", draw.address), Input("IT load", it.address, -1.0))
    return Node(f"power/pue-peak/{period}", f"PUE at the design hour in {period}", draw.value / it.value, "1", PRODUCT, inputs)


def _annual(ground: Ground, year: str) -> Node | None:
    """Energy over that of the IT equipment, whose load factor is a fact of the case."""
    energy = _energy(ground, "", year)
    load = cells.fact_row(ground, electricity.LOAD) if any(fact.name == electricity.LOAD for fact in ground.case.tables.facts) else None
    if load is None or not energy:
        return None
    scale = factor("MW*year", "TWh")
    terms, total = [], 0.0
    for n, span in enumerate(spans(ground, year)):
        node = _megawatts(ground, "it", "", span.label)
        if node and node.value:
            terms.append((f"it_{n}", node.address, span.years * scale))
            total += node.value * span.years * scale
    if not total:
        return None
    told = " + ".join(f"{times!r} * {name}" for name, _, times in terms)
    inputs = (Input("energy", energy.address), Input("load", f"@{electricity.LOAD}"), *(Input(name, address) for name, address, _ in terms))
    value = energy.value / (float(load.value) * total)
    return Node(f"power/pue/{year}", f"PUE over the year {year}", value, "1", f"energy / (load * ({told}))", inputs)


_RATIOS = {"price": _price, "pue-peak": _peak, "pue": _annual}
