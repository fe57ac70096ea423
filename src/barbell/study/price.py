"""What a chip-hour costs and how much power a chip draws, from facts; where none says so, by stated rules with their ranges."""

from __future__ import annotations

import numpy as np

from barbell.core.basis import Basis, Interval, Known, product
from barbell.core.errors import FactError
from barbell.workloads.chip import SLUGS

PRICES = ("capacity_block", "on_demand", "contract_1y", "rental_3y", "reserved_3y", "spot", "tco_hyperscaler", "tco_neocloud")
"""Classes of commitment in which chip-hours are priced: only one class makes a comparison."""
REFERENCE = "h100"
"""The chip whose price stands in for chips without a price, in proportion to what both have in common."""
STAND_IN = Interval(1.0, 0.6, 1.6)
"""Range of that by capex, by the price of the chip or of another class: own assumption; makers' margins and terms differ by as much between
chips that have both figures."""
BY_POWER = Interval(1.0, 0.4, 2.2)
"""Range of that by rated power, which says least: own assumption; USD per hour and watt of chips with both figures lie within it."""
OTHER_SERVER = Interval(1.0, 0.85, 1.1)
"""Range of a server's power around that of the chips in it, for makers whose servers were not measured: that of Trainium's."""


def it_kilowatts(facts: Known, chip: str) -> Interval | None:
    """IT power per chip in kW: the fact ``it_power-*``, else that at the utility meter over the design PUE, else rated power, server and network."""
    basis, stem = Basis(facts), f"chip-{SLUGS.get(chip, chip)}"
    if f"it_power-{chip}" in facts:
        return basis.interval(f"it_power-{chip}", "kW/chip")
    try:
        if f"{stem}-utility_power" in facts:
            meter, pue = basis.interval(f"{stem}-utility_power", "kW/chip"), basis.interval("pue-peak-air", "1")
            return product(meter.value / pue.value, meter, pue)
        own = basis.interval(f"{stem}-tdp", "kW")
        server, network = (basis.interval(name, "1") for name in ("power-server_over_chip", "power-it_over_server"))
    except FactError:
        return None
    return product(own.value * server.value * network.value, own, server, network, OTHER_SERVER)


def dollars_per_hour(facts: Known, chip: str, price: str) -> tuple[Interval | None, str]:
    """USD per chip-hour of one class, and ``published`` or ``assumed``; None and "" where nothing is known by which to assume (see `stand_in`)."""
    own = published(facts, SLUGS.get(chip, chip), price)
    if own:
        return own, "published"
    found = stand_in(facts, chip, price)
    return (found[0], "assumed") if found else (None, "")


def published(facts: Known, chip: str, price: str) -> Interval | None:
    """Lowest, middle and highest published price of a class, whoever asks it."""
    stem = f"rent-{chip}-{price}"
    found = sorted(float(fact.value) for name, fact in facts.items() if name == stem or name.startswith(f"{stem}-"))
    return Interval(float(np.median(found)), found[0], found[-1]) if found else None


def stand_in(facts: Known, chip: str, price: str) -> tuple[Interval, str] | None:
    """The price of the reference chip in that class times what the chip costs over what the reference costs, and by which rule in words.

    The first that both have: capex; the price of the chip; the price of another class of commitment; rated power.
    """
    reference = published(facts, REFERENCE, price)
    if reference is None:
        return None
    for name, rule in (("capex-{}", "capex"), ("chip-{}-price", "the price of the chip")):
        if ratio := _ratio(facts, name, chip):
            return _around(reference.value * ratio, STAND_IN), f"by {rule}"
    for other in PRICES:
        own, usual = published(facts, SLUGS.get(chip, chip), other), published(facts, REFERENCE, other)
        if own and usual:
            return _around(reference.value * own.value / usual.value, STAND_IN), f"by its price {other}"
    ratio = _ratio(facts, "chip-{}-tdp", chip)
    return (_around(reference.value * ratio, BY_POWER), "by rated power") if ratio else None


def _ratio(facts: Known, name: str, chip: str) -> float | None:
    """A figure of the chip over that of the reference, the first of its path where it moves; None where one lacks."""
    own, other = (facts.get(name.format(SLUGS.get(one, one) if name.startswith("chip") else one)) for one in (chip, REFERENCE))
    if own is None or other is None:
        return None
    first, second = (float(fact.value.split()[0].rpartition(":")[2]) for fact in (own, other))
    return first / second


def _around(middle: float, spread: Interval) -> Interval:
    return Interval(middle, middle * spread.low, middle * spread.high)
