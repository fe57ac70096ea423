"""A calibration of training tightened by micro-benchmarks: how a chip without rows deviates, as far as they tell it.

With U the variance of what the chip may deviate by (its vendor, generation and own, as far as no row told), m what rows of its vendor and
generation say, s the spread from micro to macro (`usual`) and d = ln(share / usual share), the deviation of matrix products of one precision, of
bytes and of the link is that of a normal posterior: K (d - m) with K = U / (U + s^2), and U (1 - K) is left of its variance. A chip with rows of its
own is left as it is: they say more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from barbell.core.basis import Known
from barbell.workloads.chip import SLUGS
from barbell.workloads.micro.reading import Reading
from barbell.workloads.micro.usual import SLOWER, UNHELD, UNTOLD, Use, Usual, best, usual
from barbell.workloads.training.constants import CONSTANTS, EFFECTS, MEASURED
from barbell.workloads.training.fit import Fitted
from barbell.workloads.training.gain import HARDWARE
from barbell.workloads.training.learn import Calibration, mark
from barbell.workloads.training.silicon import Silicon, silicon

KINDS = {"gemm": "products", "copy": "bytes", "all_reduce": "wires"}
"""Kind of deviation that a kernel tells."""
LINK = next(constant.spread for constant in CONSTANTS if constant.name == "inner")
"""What the link of a chip may deviate by, in logarithms: what its share was taken to before rows were seen."""


def tightened(calibration: Calibration, readings: Sequence[Reading], known: Known) -> tuple[Calibration, tuple[Use, ...]]:
    """The calibration with what `readings` tell of their chips, and what became of each reading.

    Readings of a chip replace what earlier ones told of the same kind.
    """
    found: dict[tuple[str, str], tuple[float, float]] = {}
    uses: list[Use] = []
    used: set[str] = set()
    chosen = best(readings)
    seen = dict(zip(calibration.fitted.kinds, calibration.fitted.deviations, strict=True))
    for one in readings:
        sheet = silicon(known, SLUGS.get(one.chip, one.chip))
        kind = KINDS.get(one.kernel)
        reference = usual(known, one.kernel, one.precision, _deviations(seen, known, linked=one.kernel == "all_reduce")) if kind else None
        share = reference.share if reference else math.nan
        if kind is None or reference is None:
            effect = UNTOLD
        elif not math.isfinite(one.share):
            effect = UNHELD
        elif one is not chosen[one.chip, one.kernel, one.precision if one.kernel == "gemm" else ""]:
            effect = SLOWER
        elif ("chip", sheet.slug) in seen:
            effect = "not used: training rows of this chip say more"
        else:
            label = f"{sheet.slug}+{one.precision}" if kind == "products" else sheet.slug
            found[kind, label] = _posterior(sheet, seen, kind, reference, one.share)
            effect = f"{MEASURED[kind]}{f' in {one.precision}' if kind == 'products' else ''}: speed x {np.exp(found[kind, label][0]):.3f}"
            used.add(mark(one.row_id))
        uses.append(Use(one, share, effect))
    fitted = _joined(calibration.fitted, found)
    return replace(calibration, fitted=fitted, marks=calibration.marks | used), tuple(uses)


def _deviations(seen: dict[tuple[str, str], float], known: Known, *, linked: bool) -> dict[str, float]:
    """By how much each chip with rows deviates, by chip; of links nothing is fitted by chip."""
    chips = [label for kind, label in seen if kind == "chip"]
    return {chip: 0.0 if linked else _fitted(silicon(known, chip), seen) for chip in chips}


def _fitted(sheet: Silicon, seen: dict[tuple[str, str], float]) -> float:
    return sum(seen.get(pair, 0.0) for pair in _labels(sheet))


def _labels(sheet: Silicon) -> tuple[tuple[str, str], ...]:
    return tuple(zip(HARDWARE, (sheet.vendor, sheet.generation, sheet.slug), strict=True))


def _posterior(sheet: Silicon, seen: dict[tuple[str, str], float], kind: str, reference: Usual, share: float) -> tuple[float, float]:
    """Mean and variance of a deviation beside those that rows told."""
    doubt = LINK**2 if kind == "wires" else sum(EFFECTS[one[0]][1] ** 2 for one in _labels(sheet) if one not in seen)
    told = 0.0 if kind == "wires" else _fitted(sheet, seen)
    weight = doubt / (doubt + reference.spread**2)
    return weight * (reference.deviation(share) - told), doubt * (1 - weight)


def _joined(fitted: Fitted, found: dict[tuple[str, str], tuple[float, float]]) -> Fitted:
    """The fit with these deviations beside its own; an older one of the same label goes."""
    keep = np.array([n for n, pair in enumerate(fitted.kinds) if pair not in found], dtype=np.int64)
    at = np.concatenate([np.arange(len(fitted.logs)), len(fitted.logs) + keep])
    size = len(at) + len(found)
    covariance = np.zeros((size, size))
    covariance[: len(at), : len(at)] = fitted.covariance[np.ix_(at, at)]
    covariance[range(len(at), size), range(len(at), size)] = [variance for _, variance in found.values()]
    return replace(
        fitted, kinds=(*(fitted.kinds[n] for n in keep), *found), covariance=covariance,
        deviations=np.concatenate([fitted.deviations[keep], [mean for mean, _ in found.values()]]),
    )  # fmt: skip
