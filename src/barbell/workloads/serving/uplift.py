"""Software gets faster: by how much between the rows of a calibration and a later day.

What engines give on a chip of some age, as a factor of what they gave on the day of its launch:

    u(age) = 1 + most (1 - exp(-age / SETTLING))

Between two dates times fall, and rates rise, by the ratio of u. `most` is fitted to the same deployment measured on two dates, one mean for each
chip, engine and model, with a prior; the settling time is not to be told from such pairs and is taken as it is. Rows without a date, and
chips without rows, count as of the usual age of rows.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from barbell.core.basis import Known
from barbell.workloads.chip import SLUGS
from barbell.workloads.rows import Rows
from barbell.workloads.serving.deployment import Deployments
from barbell.workloads.serving.effects import Numbers

SETTLING = 1.0
"""Years in which a chip's software gains 63 % of what it ever will: judgement."""
PRIOR = (0.25, 0.20)
"""Middle and deviation of `most`: training gained 5 to 10 % (dense) and 20 to 55 % (mixture of experts) in half a year on the same racks
(Megatron-Bridge releases of 2026)."""
REPEATED = 0.12
"""Deviation of the logarithm of two runs of one deployment, of one chip, engine and model as a whole: releases go back as well as forth."""
APART = 0.04
"""Years between two runs that tell of software."""
SAME = (
    "model", "chip", "engine", "weight_precision", "n_chips", "ep", "attn_dp", "concurrency", "in_len", "out_len", "spec_decode", "serving_mode",
)  # fmt: skip
"""Columns in which two runs of one deployment agree."""


@dataclass(frozen=True)
class Uplift:
    """How far software comes on a chip, and how far it had come when the rows were measured."""

    most: float = PRIOR[0]
    doubt: float = PRIOR[1]
    """Deviation of `most`."""
    usual: float = SETTLING
    """Age of a row, in years since the launch of its chip; of a chip without dated rows too."""
    ages: Mapping[str, float] = field(default_factory=dict)
    """The same by chip."""

    def gained(self, asked: Deployments, years: float) -> tuple[Numbers, Numbers]:
        """Logarithm by which times fall in so many years after the rows, and its deviation, entry by entry."""
        ages = np.array([self.ages.get(name, self.usual) for name in asked.chip.names])[asked.chip.codes]
        higher, middle, lower = (_log(ages + years, most) - _log(ages, most) for most in (self.most + self.doubt, self.most, self.most - self.doubt))
        return middle, np.abs(higher - lower) / 2


def learned(rows: Rows, known: Known) -> Uplift:
    """What rows that were measured on two dates tell, and how old the software of each chip was."""
    born = np.array([_launch(known, str(name)) for name in rows["chip"]])
    ages = np.maximum(np.array([_year(str(text)) for text in rows["date"]]) - born, 0.0)
    dated = np.isfinite(ages) & np.isfinite(rows["tpot_ms"]) & (rows["grade"] != "D")
    if not dated.any():
        return Uplift()
    chips = np.array([_slug(str(name)) for name in rows["chip"]], dtype=object)
    by_chip = {name: float(np.median(ages[dated & (chips == name)])) for name in sorted(set(chips[dated]))}
    most, doubt = _fitted(np.array([(early, late, fall) for early, late, fall in repeated(rows, ages, dated)]).reshape(-1, 3))
    return Uplift(most, doubt, float(np.median(ages[dated])), by_chip)


def repeated(rows: Rows, ages: Numbers, which: NDArray[np.bool_]) -> list[tuple[float, float, float]]:
    """Mean first age, last age and fall of the logarithm of the time per token, of every chip, engine and model that ran again."""
    runs: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for n in np.flatnonzero(which).tolist():
        runs[tuple(str(rows[name][n]) for name in SAME)].append(n)
    found: defaultdict[tuple[str, ...], list[tuple[float, float, float]]] = defaultdict(list)
    for key, members in runs.items():
        first, last = min(members, key=lambda n: float(ages[n])), max(members, key=lambda n: float(ages[n]))
        if ages[last] - ages[first] > APART:
            found[key[:3]].append((float(ages[first]), float(ages[last]), math.log(rows["tpot_ms"][first] / rows["tpot_ms"][last])))
    means = (np.mean(found[key], axis=0) for key in sorted(found))
    return [(float(early), float(late), float(fall)) for early, late, fall in means]


def _fitted(pairs: Numbers) -> tuple[float, float]:
    """Mode and deviation of `most` on a grid: prior times what the pairs tell."""
    grid = np.linspace(0.0, 1.0, 401)
    told = _log(pairs[:, 1][:, None], grid) - _log(pairs[:, 0][:, None], grid)
    cost = (((told - pairs[:, 2][:, None]) / REPEATED) ** 2).sum(axis=0) / 2 + ((grid - PRIOR[0]) / PRIOR[1]) ** 2 / 2
    weight = np.exp(cost.min() - cost)
    weight /= weight.sum()
    mean = float(weight @ grid)
    return mean, math.sqrt(float(weight @ (grid - mean) ** 2))


def _log(age: Numbers, most: float | Numbers) -> Numbers:
    found: Numbers = np.log1p(np.maximum(most, 0.0) * (1.0 - np.exp(-age / SETTLING)))
    return found


def _slug(name: str) -> str:
    return name.lower().replace("-", "_")


def _launch(known: Known, name: str) -> float:
    fact = known.get(f"chip-{SLUGS.get(_slug(name), _slug(name))}-launch")
    return float(fact.value) if fact else math.nan


def _year(text: str) -> float:
    try:
        return 1970.0 + (date.fromisoformat(text) - date(1970, 1, 1)).days / 365.25
    except ValueError:
        return math.nan
