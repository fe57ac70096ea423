"""Ways to serve that are tried: every engine that was measured, size and layout of the replica, and requests in flight."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from barbell.workloads.chip import SLUGS, Chip, slug, vendor
from barbell.workloads.model import Model
from barbell.workloads.serving.calibration import Calibration
from barbell.workloads.serving.demand import Demand
from barbell.workloads.serving.deployment import WEIGHT_BYTES, WIDE_BYTES, Deployments, Label, assemble
from barbell.workloads.serving.effects import NATIVE, Numbers
from barbell.workloads.serving.physics import OVERHEAD_BYTES, USABLE_SHARE

SIZES = (1, 2, 4, 8, 12, 16, 32, 64)
"""Chips of a replica that are tried: those that fill the scale-up domain without a rest."""
FLIGHT = np.unique(np.round(np.geomspace(1, 512, 61)))
"""Requests in flight that are tried; measured rows seldom go further."""
WIDEST = 8
"""Chips of the largest replica whose rows split experts or attention: no layout but the plain one is tried beyond."""
PLAIN = "tp"


@dataclass(frozen=True)
class Place:
    """One engine, size and layout, of which every number of requests in flight is a candidate."""

    engine: str
    chips: int
    layout: str


def candidates(
    sheet: Chip, net: Model, demand: Demand, precision: str, calibration: Calibration, *,
    mode: str = "closed", flight: Numbers = FLIGHT, plain: bool = False,
) -> Deployments:  # fmt: skip
    """Every place with every number of requests in flight, in one format; the requests run fastest. `plain` for the plain layout alone."""
    places = _places(sheet, net, demand, precision, calibration, plain=plain)
    repeated = np.repeat(np.arange(len(places)), len(flight))
    count = len(repeated)

    def word(names: Sequence[str]) -> Label:
        label = Label.of(names)
        return Label(label.codes[repeated], label.names)

    sizes = np.array([place.chips for place in places], dtype=np.float64)[repeated]
    split = np.array([place.layout.startswith("dp") for place in places], dtype=bool)[repeated]
    columns = {"chips": sizes, "split": np.where(split, sizes, 1.0), "flight": np.tile(flight, len(places))}
    one, same = np.ones(1), np.zeros(count, dtype=np.int64)
    made = assemble(
        [sheet], [net], [precision],
        engine=Label.of(["any"]), generation=Label.of(["any"]), layout=Label.of([PLAIN]), mode=Label.of([mode]), campaign=Label.of(["table"]),
        chips=one, split=one, helpers=0.0 * one, flight=one, tokens_in=demand.tokens_in * one, tokens_out=demand.tokens_out * one,
        level=demand.level * one, drafted=float(demand.drafted) * one, hit=demand.hit * one,
    )  # fmt: skip
    return made.take(same).but(
        engine=word([_maker(place.engine) for place in places]), generation=word([place.engine for place in places]),
        layout=word([place.layout for place in places]), **columns,
    )  # fmt: skip


def computes(sheet: Chip, precision: str) -> bool:
    """Whether a chip multiplies weights of a format; 4-bit integers in 16 bits."""
    return ("bf16" if precision == "int4" else precision) in sheet.peak


def misfit(sheet: Chip, net: Model, demand: Demand, precision: str) -> str:
    """By how much a model does not fit in the largest replica."""
    size = max(_sizes(sheet, demand))
    narrow = WIDE_BYTES if net.routed and precision in ("fp4", "int4") else WEIGHT_BYTES[precision]
    need = net.other * narrow + (net.dense + net.experts * net.expert) * WEIGHT_BYTES[precision]
    room = size * (USABLE_SHARE * sheet.memory.value - OVERHEAD_BYTES)
    by = f"short by {(need - room) / 1e9:,.0f} GB" if need > room else "which leaves no room for one request"
    return (
        f"{net.name} in {precision} does not fit into {size} {sheet.name}: weights of {need / 1e9:,.0f} GB, room for {room / 1e9:,.0f} GB, {by}. "
        "Take more chips, a narrower format or a smaller model"
    )


def _places(sheet: Chip, net: Model, demand: Demand, precision: str, calibration: Calibration, *, plain: bool) -> list[Place]:
    ways = [PLAIN] if plain else _layouts(sheet, net, calibration)
    sizes, engines = _sizes(sheet, demand), _engines(sheet, net, demand, precision, calibration)
    return [Place(engine, size, way) for engine in engines for size in sizes for way in ways if way == PLAIN or 1 < size <= WIDEST]


def _layouts(sheet: Chip, net: Model, calibration: Calibration) -> list[str]:
    """The plain layout, and those of which the chip's vendor has rows: only mixtures of experts on chips of the vendor of most rows do."""
    if not net.routed or sheet.vendor.lower() not in NATIVE:
        return [PLAIN]
    return [PLAIN, *sorted(key[0] for key in calibration.fits["tpot"].weights.get("layout_terms", {}) if key[0] != PLAIN)]


def _sizes(sheet: Chip, demand: Demand) -> Sequence[int]:
    if demand.chips:
        return [demand.chips]
    return [size for size in SIZES if sheet.domain % size == 0] or [1]


def _engines(sheet: Chip, net: Model, demand: Demand, precision: str, calibration: Calibration) -> list[str]:
    """Generations of engines to try: the one asked for, or those that were measured with this model, or none in particular.

    Measured on this chip, in this format if there are any; else on other chips of its vendor, whose engines run on it as well.
    """
    if demand.engine:
        return [slug(demand.engine)]
    cells = [key for key in calibration.fits["tpot"].weights.get("cell", {}) if key[0] == net.name]
    own = [key for key in cells if key[1] == SLUGS.get(sheet.name, sheet.name)]
    kin = [key for key in cells if vendor(key[1]) == sheet.vendor]
    for found in (own, kin):
        if found:
            return sorted({key[2] for key in found if key[3] == precision} or {key[2] for key in found})
    return ["any"]


def _maker(generation: str) -> str:
    """The engine of a generation: its name without the version."""
    return re.sub(r"_(\d+_\d+|nightly|unstated)$", "", generation)
