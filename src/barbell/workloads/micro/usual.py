"""What chips usually reach in micro-benchmarks, and how far that tells what engines reach: published readings beside what was fitted.

A micro-benchmark is an upper bound on what an engine makes of a chip. Held against other chips' it still tells how a chip deviates: on chips with
published readings and with rows, d = ln(share of the data sheet) less the fitted deviation is nearly the same from chip to chip. Its mean is what a
chip without deviation usually reaches, its standard deviation the spread from micro to macro, no smaller than `LEAST` and with the doubt of so few.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from barbell.core.basis import Basis, Known
from barbell.core.errors import FactError
from barbell.workloads.chip import accelerator
from barbell.workloads.micro.reading import UNITS, Reading

STEM, BEST = "micro", "best"
LEAST = 0.10
"""Least spread (of the logarithm) from micro to macro: four or five chips, of two vendors, are too few to believe in less."""


@dataclass(frozen=True)
class Usual:
    """Share of the data sheet of a chip without deviation, and the spread from micro to macro, in logarithms."""

    share: float
    spread: float
    chips: tuple[str, ...]
    """Whose readings tell it."""

    def deviation(self, share: float) -> float:
        """Logarithm by which a chip deviates whose micro-benchmark reaches `share`."""
        return math.log(share / self.share)


UNTOLD = "not used: nothing published beside fitted rows says what it is worth"
UNHELD = "not used: the facts have no figure to hold it against"
SLOWER = "not used: a faster shape was measured"
"""Why a reading was not used."""


@dataclass(frozen=True)
class Use:
    """What became of one reading, in words."""

    reading: Reading
    usual: float
    """Share of the data sheet that a chip usually reaches; NaN where unknown."""
    effect: str


def usual(known: Known, kernel: str, precision: str, deviations: Mapping[str, float]) -> Usual | None:
    """What chips of `deviations` (logarithms, by chip as facts spell it) usually reach.

    None where fewer than two of them have a published reading.
    """
    metric = f"gemm_{precision}" if kernel == "gemm" else kernel
    told = {chip: _share(known, chip, metric, kernel, precision) for chip in deviations}
    found = {chip: share for chip, share in told.items() if share is not None}
    if len(found) < 2:
        return None
    gaps = np.array([math.log(share) - deviations[chip] for chip, share in found.items()])
    spread = float(gaps.std(ddof=1)) * math.sqrt(1 + 1 / len(gaps))
    return Usual(math.exp(float(gaps.mean())), max(spread, LEAST), tuple(found))


def _share(known: Known, chip: str, metric: str, kernel: str, precision: str) -> float | None:
    """Published share of a chip; of a product with squares as they are measured here, else with the best of all shapes less what squares lose."""
    name = f"{STEM}-{chip}-{metric}"
    if name not in known and f"{name}_{BEST}" not in known:
        return None
    basis = Basis(known)
    sheet = accelerator(basis, chip)
    figure = {"copy": sheet.bandwidth, "all_reduce": sheet.link}.get(kernel) or sheet.peak.get(precision)
    if figure is None:
        raise FactError(f"{STEM}-{chip}-{metric} has no figure of the data sheet beside it: give chip-{chip}-dense_{precision}")
    if name in known:
        return basis.number(name, UNITS[kernel]) / figure.value
    return _squares(known) * basis.number(f"{name}_{BEST}", UNITS[kernel]) / figure.value


def _squares(known: Known) -> float:
    """What squares reach of the best shape, on chips of which both are published; 1 where there are none."""
    pairs = [(name, f"{name}_{BEST}") for name in known if name.startswith(f"{STEM}-") and f"{name}_{BEST}" in known]
    basis = Basis(known)
    ratios = [math.log(basis.number(one, "FLOP/s") / basis.number(best_, "FLOP/s")) for one, best_ in pairs]
    return math.exp(sum(ratios) / len(ratios)) if ratios else 1.0


def best(readings: Sequence[Reading]) -> dict[tuple[str, str, str], Reading]:
    """The reading with the highest rate of each chip, kernel and precision: the shape that fits a chip best, as published ones are."""
    found: dict[tuple[str, str, str], Reading] = {}
    for one in readings:
        key = (one.chip, one.kernel, one.precision if one.kernel == "gemm" else "")
        if key not in found or one.rate > found[key].rate:
            found[key] = one
    return found
