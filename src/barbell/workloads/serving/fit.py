"""Fit the closed form and its effects to measured rows: constants by robust least squares, effects by the mode of a normal posterior.

Rows count by grade; a row far from the rest counts less (Huber). Rows of grade D, and rows whose quantity is not stated, are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import least_squares

from barbell.core.basis import Known
from barbell.workloads.rows import Rows
from barbell.workloads.serving.calibration import FITTED, GROUPS, Fit
from barbell.workloads.serving.deployment import CAPACITY, Deployments, questions
from barbell.workloads.serving.effects import WIDTH, Group, Key, design, effect, keys
from barbell.workloads.serving.physics import Constants, Step, drafting, first_parts, full_rate, step

Numbers = NDArray[np.float64]

PRIOR = {
    "bandwidth_share": 0.2, "cache_share": 0.4, "decode_share": 0.3, "hop_seconds": 0.5, "talk_factor": 0.5, "routed_layer_seconds": 0.5,
    "dense_layer_seconds": 0.5, "step_seconds": 1.0, "sequence_seconds": 1.0, "prefill_share": 0.4, "prefill_talk": 0.5,
    "first_seconds": 1.0, "first_layer_seconds": 1.0, "first_prefill": 1.0, "first_crowd": 1.0, "first_steps": 1.0, "first_queue": 0.3,
    "full_rate": 0.5, "full_decode": 0.3, "full_prefill": 0.4, "full_cache": 0.3,
}  # fmt: skip
"""Standard deviation of the logarithm of each constant about its starting value."""
NOISE = {
    "tpot": {"A": 0.06, "B": 0.08, "C": 0.30},
    "ttft": {"A": 0.15, "B": 0.20, "C": 0.40},
    "full": {"A": 0.05, "B": 0.08, "C": 0.20},
}
"""Standard deviation of the logarithm of a measured value by quantity and grade: repeatability, and what its conditions leave open."""
QUEUED = 0.30
"""The same where a row says itself that most requests waited."""
UNCLEAR = ("vendor_run_concurrency_meaning_unclear", "outlier_4x_of_repeat_run")
"""Flags of rows that do not say what they measured: left out."""
FAR = 2.5
"""Deviations from which on a row counts less."""
ROUNDS = 4
STRANGE = 3.0
"""Deviations of its prior by which the middle of a cell may lie off the closed form; beyond, something else was measured."""
LOOSE = 5.0
"""How much looser the prior of such a cell is."""


@dataclass(frozen=True)
class Sample:
    """Rows that tell a quantity: deployments, its logarithm (seconds, or tokens/s per chip), how far each is trusted, and which rows they are."""

    asked: Deployments
    target: Numbers
    noise: Numbers
    rows: Rows

    def take(self, which: NDArray[np.bool_]) -> Sample:
        """The rows of a mask."""
        return Sample(self.asked.take(which), self.target[which], self.noise[which], self.rows.take(which))


def samples(rows: Rows, known: Known) -> dict[str, Sample]:
    """The rows that each fitted quantity can be learned from."""
    found = questions(rows, known)
    answered = rows.take(found.positions)
    capacity = np.isin(answered["serving_mode"], CAPACITY)
    values = {
        "tpot": np.where(capacity, np.nan, answered["tpot_ms"] * 1e-3),
        "ttft": np.where(capacity, np.nan, answered["ttft_ms"] * 1e-3),
        "full": np.where(capacity, throughput(answered), np.nan),
    }
    unclear = np.zeros(len(answered), dtype=bool)
    for flag in UNCLEAR:
        unclear |= answered.flagged(flag)
    made = {}
    for quantity, value in values.items():
        which = np.isfinite(value) & (answered["grade"] != "D") & ~unclear
        kept = answered.take(which)
        made[quantity] = Sample(found.deployments.take(which), np.log(value[which]), _noise(kept, quantity), kept)
    return made


def throughput(rows: Rows) -> Numbers:
    """Output tokens/s per chip as measured; from input and output together where only that is stated."""
    share = rows["out_len"] / (rows["in_len"] + rows["out_len"])
    found: Numbers = np.where(np.isfinite(rows["out_tok_s_per_chip"]), rows["out_tok_s_per_chip"], rows["total_tok_s_per_chip"] * share)
    return found


def _noise(rows: Rows, quantity: str) -> Numbers:
    """Trust by grade; of many rows of one configuration each counts less where systems repeat one another."""
    by_grade = NOISE[quantity]
    noise = np.array([by_grade.get(grade, by_grade["B"]) for grade in rows["grade"]])
    if quantity == "full":
        _, place, count = np.unique(rows["config_id"].astype(str), return_inverse=True, return_counts=True)
        return noise * np.sqrt(count[place])
    waited = rows.flagged("queueing")
    return np.where(waited, np.maximum(noise, QUEUED), noise)


def closed_form(quantity: str, asked: Deployments, constants: Constants) -> tuple[Numbers, Step]:
    """Logarithm of what the constants alone say, and the step behind it."""
    if quantity == "full":
        sized = asked.but(chips=np.where(asked.chips > 0, asked.chips, 1.0))
        return np.log(np.maximum(full_rate(asked, constants), 1e-9)), step(sized, constants, np.full(len(asked), 64.0))
    found = step(asked, constants)
    if quantity == "tpot":
        return np.log(found.total / drafting(asked, found.running)), found
    first = first_parts(asked, constants, found)
    return np.log(first.sum(axis=1)), replace(found, first=first)


def fit_constants(data: Mapping[str, Sample], start: Constants) -> Constants:
    """Constants of all quantities in the order of `FITTED`; a quantity without rows keeps its start."""
    for quantity, names in FITTED.items():
        sample = data[quantity]
        trusted = sample.take(sample.noise < QUEUED)
        if len(trusted.asked) > len(names):
            start = _constants(quantity, names, trusted, start)
    return start


def _constants(quantity: str, names: tuple[str, ...], sample: Sample, start: Constants) -> Constants:
    deviation = np.array([PRIOR[name] for name in names])
    weight = np.minimum(1.0, NOISE[quantity]["A"] / sample.noise)

    def moved(x: Numbers) -> Constants:
        return start.scaled(dict(zip(names, x * deviation, strict=True)))

    def residual(x: Numbers) -> Numbers:
        off = weight * (closed_form(quantity, sample.asked, moved(x))[0] - sample.target)
        return np.concatenate([np.nan_to_num(off), x])

    found = least_squares(residual, np.zeros(len(names)), loss="soft_l1", f_scale=0.2, diff_step=1e-3, max_nfev=30)
    return moved(found.x)


@dataclass(frozen=True)
class Normal:
    """The normal equations of a fit of effects: design, weights, and (group, key) of the columns."""

    matrix: Numbers
    weight: Numbers
    off: Numbers
    names: list[tuple[str, Key]]
    loose: Numbers
    """How many times its deviation the prior of each column has: 1 but for strange cells."""

    def solution(self, out: NDArray[np.bool_] | None = None) -> Numbers:
        """Numbers in units of their priors' deviations, with the rows of a mask left out."""
        kept = slice(None) if out is None else ~out
        matrix, weight = self.matrix[kept], self.weight[kept]
        normal = (matrix * weight[:, None]).T @ matrix
        normal[np.diag_indices(len(normal))] += 1.0
        found: Numbers = cho_solve(cho_factor(normal, overwrite_a=True), matrix.T @ (weight * self.off[kept]))
        return found

    def left_out(self, fold: NDArray[np.int64]) -> Numbers:
        """Errors of each row, measured less told, when its fold is left out."""
        errors = np.zeros(len(self.off))
        for one in np.unique(fold):
            out = fold == one
            errors[out] = self.without(out)[out]
        return errors

    def without(self, out: NDArray[np.bool_]) -> Numbers:
        """Errors of the rows of a mask, measured less told, when all of them are left out; 0 elsewhere."""
        whole, right = self._whole
        matrix, weight = self.matrix[out], self.weight[out]
        rest = whole - (matrix * weight[:, None]).T @ matrix
        found = cho_solve(cho_factor(rest, overwrite_a=True), right - matrix.T @ (weight * self.off[out]))
        errors = np.zeros(len(self.off))
        errors[out] = self.off[out] - matrix @ found
        return errors

    @cached_property
    def _whole(self) -> tuple[Numbers, Numbers]:
        """Both sides of the equations of all rows."""
        whole = (self.matrix * self.weight[:, None]).T @ self.matrix
        whole[np.diag_indices(len(whole))] += 1.0
        return whole, self.matrix.T @ (self.weight * self.off)


def normal(sample: Sample, groups: tuple[Group, ...], off: Numbers, found: Step) -> Normal:
    """The equations with weights by which a row far from the rest counts less; `off` is measured less told, in logarithms."""
    matrix, names = design(sample.asked, found, groups)
    loose = _loosened(sample.asked, groups, names, off)
    matrix, base = matrix * loose, 1.0 / sample.noise**2
    made = Normal(matrix, base, off, names, loose)
    for _ in range(ROUNDS - 1):
        far = np.abs(off - matrix @ made.solution()) / sample.noise
        made = Normal(matrix, base * np.minimum(1.0, FAR / np.maximum(far, 1e-9)), off, names, loose)
    return made


def _loosened(asked: Deployments, groups: tuple[Group, ...], names: list[tuple[str, Key]], off: Numbers) -> Numbers:
    """Looser priors for cells whose rows lie far off the closed form as a whole, so that they, and not what they share with others, take it up."""
    parts = []
    by_name = {group.name: group for group in groups}
    middles: dict[Key, float] = {}
    if "cell" in by_name:
        codes, words = keys(asked, by_name["cell"])
        middles = {words[code]: abs(float(np.median(off[codes == code]))) for code in np.unique(codes)}
    for name, key in names:
        far = middles.get(key, 0.0) if name == "cell" else 0.0
        parts.append(np.full(WIDTH[by_name[name].basis], LOOSE if far > STRANGE * by_name[name].spread else 1.0))
    return np.concatenate(parts)


def named(solution: Numbers, names: list[tuple[str, Key]], groups: tuple[Group, ...]) -> dict[str, dict[Key, Numbers]]:
    """Effects by group and key."""
    by_name = {group.name: group for group in groups}
    found: dict[str, dict[Key, Numbers]] = {group.name: {} for group in groups}
    at = 0
    for group, key in names:
        width = WIDTH[by_name[group].basis]
        found[group][key] = solution[at : at + width] * by_name[group].spread
        at += width
    return found


def predicted(quantity: str, asked: Deployments, constants: Constants, fit: Fit) -> Numbers:
    """Logarithm of a fitted quantity, entry by entry."""
    told, found = closed_form(quantity, asked, constants)
    return told + effect(asked, found, GROUPS[quantity], fit.weights)
