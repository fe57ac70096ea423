"""Calibrate serving from measured rows, and say by cross-validation what to expect of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from barbell.core.basis import Known
from barbell.workloads.rows import Rows
from barbell.workloads.serving.calibration import GROUPS, Calibration, Fit, mark
from barbell.workloads.serving.effects import Key, Numbers, chiefly, effect, shared
from barbell.workloads.serving.fit import Sample, closed_form, fit_constants, named, normal, samples
from barbell.workloads.serving.physics import Constants
from barbell.workloads.serving.reach import boxes, joined
from barbell.workloads.serving.spread import measured_spread
from barbell.workloads.serving.uplift import learned


def calibrate(rows: Rows, known: Known, *, prior: Calibration | None = None, seed: int = 0) -> Calibration:
    """Constants, effects and intervals from rows.

    With a `prior` its constants stand and its effects are where the fit starts from: few rows of one's own move what they speak of
    (this chip, this model on this engine) and leave the rest. The same rows and seed give the same calibration.
    """
    data = samples(rows, known)
    constants = prior.constants if prior else fit_constants(data, Constants())
    fits = {}
    for quantity, sample in data.items():
        before = prior.fits[quantity] if prior else Fit()
        fits[quantity] = _fit(quantity, sample, constants, before, seed)
    seen = {mark(name) for sample in data.values() for name in sample.rows["row_id"]}
    moving = prior.uplift if prior else learned(rows, known)
    return Calibration(constants, fits, frozenset(seen) | (prior.fitted if prior else frozenset()), moving)


def _fit(quantity: str, sample: Sample, constants: Constants, before: Fit, seed: int) -> Fit:
    groups = GROUPS[quantity]
    if not len(sample.asked):
        return before
    told, found = closed_form(quantity, sample.asked, constants)
    off = sample.target - told - effect(sample.asked, found, groups, before.weights)
    moved = chiefly(groups) if before.rows else shared(groups)
    made = normal(sample, moved, off, found)
    gained = named(made.solution() * made.loose, made.names, moved)
    weights = {group.name: _sum(before.weights.get(group.name, {}), gained.get(group.name, {})) for group in groups}
    weights = {name: members for name, members in weights.items() if members}
    spread = measured_spread(sample, groups, made, seed)
    if before.rows:
        spread = {**before.spread, **{name: width for name, width in spread.items() if name.startswith("known_")}}
    covered = joined(before.reach, boxes(sample.asked)) if quantity != "full" else {}
    return Fit(weights, spread, before.rows + len(off), covered)


def _sum(first: Mapping[Key, Numbers], second: Mapping[Key, Numbers]) -> dict[Key, Numbers]:
    return {key: np.asarray(first.get(key, 0.0)) + np.asarray(second.get(key, 0.0)) for key in sorted({*first, *second})}
