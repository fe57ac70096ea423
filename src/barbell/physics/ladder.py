"""Capex of the rungs of a site, from facility cost and its split, so that nothing is paid twice.

The published cost of a facility per MW of IT, land left out, falls on three rungs: site development on the grid rung, the
building on the shell rung, plant and white space on the hall rung. For each hall class

    grid x design PUE + shell + hall = facility cost of the class

holds exactly: grid and shell are common to both classes, so the premium of liquid cooling lies in its hall. Land comes on
top, and so do network and storage, which operators furnish themselves. All for the average US market: a site's cost factor
is for the case to apply.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from barbell.core.basis import Basis, Interval, product
from barbell.core.errors import FactError
from barbell.core.relations import Fact

CLASSES = ("air", "liquid")
FACILITY = {"air": "facility-air-capex", "liquid": "facility-liquid-capex"}
STAGES = {"site": "facility-stage-site", "shell": "facility-stage-shell", "plant": "facility-stage-plant", "rest": "facility-stage-rest"}
PEAK_PUE = {"air": "pue-peak-air", "liquid": "pue-peak-liquid"}
ESCALATION = "facility-escalation"
LAND = "land-price"
NETWORK_STORAGE = "it-network_storage-capex"
PRICES_OF = 2026
"""Year whose money the rungs are in."""
UNIT = f"MUSD{PRICES_OF}/MW"
ACRES_PER_MW = Interval(0.8, 0.4, 1.6)
"""Land per MW of IT, own assumption: campuses of several GW on one to two thousand acres, and parcels bought ahead of need."""


@dataclass(frozen=True)
class Ladder:
    """MUSD per MW: of grid for `grid`, of IT for the others; halls by class."""

    grid: Interval
    shell: Interval
    hall: Mapping[str, Interval]

    def facility(self, hall: str, design_pue: float) -> float:
        """MUSD per MW of IT that the three rungs of a hall class add up to."""
        return self.grid.value * design_pue + self.shell.value + self.hall[hall].value


def restated(basis: Basis, name: str, per: str) -> Interval:
    """A price in MUSD of `PRICES_OF` per `per`, from any year's dollars at the escalation of building cost.

    Raises FactError when the fact lacks or is not in dollars of one year.
    """
    found = re.search(r"USD([0-9]{4})", basis.unit(name))
    if found is None:
        raise FactError(f"the fact '{name}' is in '{basis.unit(name)}': give dollars of a year, such as MUSD2026/{per}")
    price = basis.interval(name, f"MUSD{found[1]}/{per}")
    years = PRICES_OF - int(found[1])
    if years == 0:
        return price
    rate = basis.interval(ESCALATION, "1/year")
    growth = Interval(*((1 + edge) ** years for edge in (rate.value, rate.low, rate.high)))
    return product(price.value * growth.value, price, growth)


def rungs(basis: Basis) -> Ladder:
    """The rungs that add up to the facility; raises FactError for the fact that lacks, or when the split is not whole."""
    facility = {hall: restated(basis, FACILITY[hall], "MW") for hall in CLASSES}
    share = {stage: basis.number(name, "1") for stage, name in STAGES.items()}
    if abs(sum(share.values()) - 1) > 1e-9:
        raise FactError(f"the stages of facility cost add up to {sum(share.values()):.4g}: mend {', '.join(STAGES.values())}")
    pue = {hall: basis.number(PEAK_PUE[hall], "1") for hall in CLASSES}
    grid = _times(facility["air"], share["site"] / pue["air"])
    shell = _times(facility["air"], share["shell"])
    hall = {name: _less(facility[name], _times(grid, pue[name]), shell) for name in CLASSES}
    if min(figure.low for figure in hall.values()) <= 0:
        raise FactError(f"grid and shell cost more than the whole facility: mend {', '.join(FACILITY.values())}")
    return Ladder(grid, shell, hall)


def _times(figure: Interval, by: float) -> Interval:
    return Interval(figure.value * by, figure.low * by, figure.high * by)


def _less(total: Interval, *parts: Interval) -> Interval:
    """What is left of a total: prices rise and fall together, so that the ends subtract as the middles do."""
    value, low, high = (edge - sum(cut) for edge, cut in zip(_edges(total), zip(*(_edges(part) for part in parts), strict=True), strict=True))
    return Interval(value, min(low, value), max(high, value))


def _edges(figure: Interval) -> tuple[float, float, float]:
    return figure.value, figure.low, figure.high


def derive_ladder(known: Mapping[str, Fact]) -> Iterator[Fact | FactError]:
    """``capex-land``, ``-grid``, ``-shell``, ``-hall_air``, ``-hall_liquid``, ``-rack_air``, ``-rack_liquid``; an error where a fact lacks."""
    steps = (_facility_facts, _land_fact, _rack_facts)
    for step in steps:
        try:
            yield from step(Basis(known))
        except FactError as error:
            yield error


def _facility_facts(basis: Basis) -> Iterator[Fact]:
    ladder = rungs(basis)
    rows = (
        ("grid", ladder.grid, "site development share x facility cost of air / design PUE of air", "per MW of grid"),
        ("shell", ladder.shell, "shell share x facility cost of air", "per MW of IT"),
        ("hall_air", ladder.hall["air"], "facility cost of air - grid x design PUE - shell", "per MW of IT"),
        ("hall_liquid", ladder.hall["liquid"], "facility cost of liquid - grid x design PUE - shell", "per MW of IT"),
    )
    for name, figure, formula, note in rows:
        yield basis.fact(f"capex-{name}", figure, UNIT, formula, note=note)


def _land_fact(basis: Basis) -> Iterator[Fact]:
    acre = restated(basis, LAND, "acre")
    land = product(acre.value * ACRES_PER_MW.value, acre, ACRES_PER_MW)
    formula = f"price per acre, restated to {PRICES_OF}, x {ACRES_PER_MW.value:g} acres per MW"
    yield basis.fact("capex-land", land, UNIT, formula, assumed=True, note="per MW of IT")


def _rack_facts(basis: Basis) -> Iterator[Fact]:
    network = restated(basis, NETWORK_STORAGE, "MW")
    note = "per MW of IT; servers, and the liquid parts inside their racks, belong to the price of chips"
    for hall in CLASSES:
        yield basis.fact(f"capex-rack_{hall}", network, UNIT, "network and storage per MW of IT", note=note)
