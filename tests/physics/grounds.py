"""A small store of facts for these tests."""

from __future__ import annotations

from barbell.core.relations import Fact
from barbell.physics.cooling import CLIMATES, PLANT

ANNUAL = {"air_legacy": 0.30, "air_contained_wet": 0.14, "dlc80_w32_dry": 0.12}
"""Computed annual overhead in the fifth of the nine climates; each climate before or after differs by a tenth of it."""


def fact(name: str, value: float, unit: str, as_of: str = "2026-01-31", **more: str) -> Fact:
    """A fact with a source that says that it is one of a test."""
    return Fact(name=name, value=repr(value), unit=unit, as_of=as_of, source="test", **{"grade": "B", **more})


def ranged(name: str, value: float, low: float, high: float, unit: str, grade: str = "S") -> Fact:
    """An assumption with its range."""
    return fact(name, value, unit, low=repr(low), high=repr(high), grade=grade)


def store() -> dict[str, Fact]:
    """What the room needs, by name."""
    rows = [
        fact("power-server_over_chip", 1.53, "1"),
        fact("power-it_over_server", 1.14, "1"),
        ranged("pue-peak-air", 1.25, 1.15, 1.4, "1"),
        ranged("pue-peak-liquid", 1.15, 1.1, 1.28, "1"),
        ranged("pue-annual-air", 1.15, 1.04, 1.3, "1"),
        ranged("pue-annual-liquid", 1.1, 1.04, 1.2, "1"),
        ranged("pue-annual-legacy", 1.4, 1.24, 1.6, "1"),
        ranged("load_factor", 0.85, 0.7, 0.95, "1"),
        ranged("facility-air-capex", 11.5, 9.3, 15.0, "MUSD2026/MW"),
        ranged("facility-liquid-capex", 13.0, 11.5, 17.0, "MUSD2026/MW"),
        *(fact(f"facility-stage-{name}", share, "%") for name, share in {"site": 10, "shell": 20, "plant": 55, "rest": 15}.items()),
        ranged("facility-escalation", 6.0, 4.0, 8.0, "%/year"),
        fact("land-price", 244_000.0, "USD2024/acre"),
        ranged("it-network_storage-capex", 5.0, 4.0, 6.0, "MUSD2026/MW"),
        *(fact(f"chip-{name}-utility_power", 1.73, "kW/chip") for name in ("h100", "h200")),
        *(fact(f"chip-{name}-utility_power", 2.17, "kW/chip") for name in ("b200", "b300")),
        *(fact(f"chip-{name}-scaleup_domain", 72, "chip") for name in ("gb200", "gb300", "vr200")),
        ranged("chip-gb200-rack_power", 126.0, 120.0, 132.0, "kW", grade="B"),
        fact("chip-gb300-rack_power", 132.0, "kW"),
        ranged("chip-vr200-rack_power", 210.0, 190.0, 230.0, "kW", grade="B"),
        *(fact(f"chip-{name}-tdp", watts, "W") for name, watts in {"a100_80gb": 400, "trainium1": 300, "trainium2": 500}.items()),
        ranged("chip-trainium3-tdp", 700.0, 700.0, 1000.0, "W", grade="C"),
    ]
    for plant, overhead in ANNUAL.items():
        for k, climate in enumerate(CLIMATES):
            annual = overhead * (1 + (k - 4) / 10)
            rows += [fact(f"pue-{plant}-{climate}-annual", 1 + annual, "1"), fact(f"pue-{plant}-{climate}-peak", 1 + 1.5 * annual, "1")]
    assert set(ANNUAL) == set(PLANT.values())
    return {row.name: row for row in rows}
