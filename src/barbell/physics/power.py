"""Four megawatts, from the chip to the grid, and what each chip draws.

======== ===================================================================================
rack     what compute racks draw: chips and the servers around them
IT       rack x 1.14: with network between servers and storage; halls and racks are sized by it
facility IT x PUE of the design hour: with cooling and electrical losses
grid     what the connection must carry: facility less what may be shed, more for redundancy
======== ===================================================================================

Chain of Epoch AI (2025-12): chip power x 1.53 = server power at peak, x 1.14 = IT power.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from barbell.core.basis import Basis, Interval, product
from barbell.core.errors import FactError
from barbell.core.relations import Fact

SERVER = "power-server_over_chip"
NETWORK = "power-it_over_server"
PEAK_PUE = {"air": "pue-peak-air", "liquid": "pue-peak-liquid"}

SLUGS = {"a100": "a100_80gb"}
"""Names of the facts where they differ from those of cases."""
UTILITY = {"h100": "air", "h200": "air", "b200": "air", "b300": "air"}
"""Chips with a published figure at the utility meter, everything included, by the cooling whose design PUE is taken out of it."""
RACKS = ("gb200", "gb300", "vr200")
"""Chips sold as whole racks with a published rack power."""
BY_CHIP = ("a100", "trainium1", "trainium2", "trainium3")
"""Chips of which only their own power is known."""
OTHER_SERVER = Interval(1.0, 0.85, 1.10)
"""Range of the server factor for chips that are not GPUs of the survey: own assumption."""
KIN = {"inferentia2": ("trainium1", Interval(1.0, 0.6, 1.1)), "trainium4": ("trainium3", Interval(2.0, 1.4, 2.5))}
"""Chips without a power figure: the chip they resemble and how much more they draw, own assumptions. Inferentia2 has Trainium1's
cores; Trainium4 triples FP8 throughput and quadruples bandwidth, and a new process pays for a part of that only."""
CHIPS = (*UTILITY, *RACKS, *BY_CHIP, *KIN)


def derive_power(known: Mapping[str, Fact]) -> Iterator[Fact | FactError]:
    """``it_power-<chip>`` [MW of IT per thousand chips], ``rack_share`` and ``network_share`` of IT power; errors where a fact lacks."""
    for name in CHIPS:
        basis = Basis(known)
        try:
            power, formula, assumed = _chip_power(basis, name)
            yield basis.fact(f"it_power-{name}", power, "MW/kchip", formula, assumed=assumed)
        except FactError as error:
            yield error
    for name, formula, share in (("rack_share", "1 / IT over server power", 1.0), ("network_share", "1 - 1 / IT over server power", 0.0)):
        basis = Basis(known)
        try:
            rack = 1 / basis.number(NETWORK, "1")
            yield basis.fact(name, rack if share else 1 - rack, "1", formula)
        except FactError as error:
            yield error


def _chip_power(basis: Basis, name: str) -> tuple[Interval, str, bool]:
    """kW of IT per chip, the formula in words, and whether an assumption of ours entered."""
    stem = f"chip-{SLUGS.get(name, name)}"
    if name in KIN:
        kin, ratio = KIN[name]
        power, formula, _ = _chip_power(basis, kin)
        return product(power.value * ratio.value, power, ratio), f"{ratio.value:g} x that of {kin}: {formula}", True
    if name in UTILITY:
        meter, pue = basis.interval(f"{stem}-utility_power", "kW/chip"), basis.interval(PEAK_PUE[UTILITY[name]], "1")
        inverse = Interval(1 / pue.value, 1 / pue.high, 1 / pue.low)
        return product(meter.value * inverse.value, meter, inverse), "power at the meter / design PUE", False
    network = basis.interval(NETWORK, "1")
    if name in RACKS:
        rack, chips = basis.interval(f"{stem}-rack_power", "kW"), basis.number(f"{stem}-scaleup_domain", "chip")
        return product(rack.value / chips * network.value, rack, network), "rack power / chips x IT over server power", False
    own, server = basis.interval(f"{stem}-tdp", "kW"), basis.interval(SERVER, "1")
    others = OTHER_SERVER if name.startswith("trainium") else Interval(1.0, 1.0, 1.0)
    power = product(own.value * server.value * network.value, own, server, network, others)
    return power, "chip power x server over chip power x IT over server power", name.startswith("trainium")
