"""Serving rates of many chips at once: every chip, format and edge of its interval is one machine of one array."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from barbell.core.basis import Interval, product
from barbell.workloads.calibration import Z80, deviation
from barbell.workloads.chip import Chip
from barbell.workloads.model import Model
from barbell.workloads.offer import SIZES, Format, Offer
from barbell.workloads.serving.replica import CHIP_TIME, Machines, capacity

MEASURED = frozenset(CHIP_TIME)
"""Chips whose serving was fitted."""
EDGES = (0, 1, -1)
"""The middle, the slow and the fast end of the interval of time."""


@dataclass(frozen=True)
class Quote:
    """What one chip gives for one offer."""

    rate: Interval
    """Output tokens/s per chip at the level of the offer, times how busy it is; range of 80 %."""
    precision: str
    chips: int
    """Of the best replica."""
    sequences: int
    seconds: float
    """Per output token when the replica is full."""


def quotes(chips: Sequence[Chip], model: Model, offer: Offer) -> dict[str, Quote]:
    """Quotes by chip; a chip that cannot serve the model within the level, in any format and size, has none.

    The slow end takes the slow edge of the interval of time and the low ends of the data sheet, and then its best format
    and size anew; it may be 0.
    """
    asked = [(chip, kind, edge) for chip in chips for kind in offer.formats if kind.peak in chip.peak for edge in EDGES]
    if not asked:
        return {}
    found = capacity(model, _machines(asked, routed=model.routed), offer.service, SIZES)
    rate = {(chip.name, kind.name, edge): float(found.rate[k]) for k, (chip, kind, edge) in enumerate(asked)}
    result = {}
    for k, (chip, kind, edge) in enumerate(asked):
        if edge == 0 and found.rate[k] > 0 and chip.name not in result:
            low, high = (next((r for r in (rate.get((chip.name, f.name, e), 0.0) for f in offer.formats) if r > 0), 0.0) for e in (1, -1))
            middle = Interval(float(found.rate[k]), min(low, float(found.rate[k])), max(high, float(found.rate[k])))
            busy = product(middle.value * offer.busy.value, middle, offer.busy)
            result[chip.name] = Quote(busy, kind.name, int(found.chips[k]), int(found.sequences[k]), float(found.seconds[k]))
    return result


def _machines(asked: Sequence[tuple[Chip, Format, int]], *, routed: bool) -> Machines:
    def end(figure: Interval, edge: int) -> float:
        return (figure.value, figure.low, figure.high)[edge]

    def slowness(chip: Chip, edge: int) -> float:
        return math.exp(edge * Z80 * deviation(chip, MEASURED))

    return Machines(
        peak=np.array([end(chip.peak[kind.peak], edge) for chip, kind, edge in asked]),
        memory=np.array([end(chip.memory, edge) for chip, _, edge in asked]),
        bandwidth=np.array([end(chip.bandwidth, edge) for chip, _, edge in asked]),
        link=np.array([end(chip.link, edge) for chip, _, edge in asked]),
        domain=np.array([float(chip.domain) for chip, _, _ in asked]),
        weight_bytes=np.array([kind.weight_bytes for _, kind, _ in asked]),
        other_bytes=np.array([kind.other_bytes if routed else kind.weight_bytes for _, kind, _ in asked]),
        slowness=np.array([slowness(chip, edge) for chip, _, edge in asked]),
    )
