"""From measured rows to a calibration: constants, what they leave, and how far both miss on models that they never saw.

The noise of each class of jobs (`Noise`) is taken from cross-validation over groups of models, not from the fit's own residuals: an interval is to
hold for what was not fitted.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from barbell.core.basis import Known
from barbell.core.errors import FactError
from barbell.workloads.evaluation import Prediction
from barbell.workloads.rows import Rows
from barbell.workloads.training.constants import EFFECTS, design, deviate, effects, labels
from barbell.workloads.training.fit import NOISE, PRIOR, WIDTH, Fitted, fit, rate, weigh
from barbell.workloads.training.gain import HARDWARE, gained
from barbell.workloads.training.job import STACKS, Jobs, from_rows
from barbell.workloads.training.layout import settle
from barbell.workloads.training.residual import Residual, correct, learn
from barbell.workloads.training.step import arithmetic, features

Numbers = NDArray[np.float64]
Z80 = 1.2816
MARK = 10
"""Characters of a mark."""
LEAST = 0.04
"""Smallest noise of a class: configurations repeated on other days differ by that much."""
BELIEF = 12.0
"""Rows that the noise of all jobs counts for in the noise of a class."""
FEWEST = 20
"""Rows below which nothing is fitted."""
FOLDS = 6
CHUNK = 16384
"""Jobs predicted at a time, so that their arrays stay in the processor's cache."""
GUESSED = 0.08
"""Deviation added where a model's widths are only those usual at its size."""
LOCAL_NOISE = 0.07
"""Deviation of one row's residual that the local function does not follow; twice that for mixtures of experts."""


@dataclass(frozen=True)
class Calibration:
    """Everything that a prediction needs beside facts about models and chips."""

    fitted: Fitted
    residual: Residual
    noise: Mapping[str, float]
    """Standard deviation of the logarithmic error on unseen models by class (`classes`), "" for all."""
    marks: frozenset[str]
    """Marks of the rows that were fitted (`mark`)."""

    @property
    def parameters(self) -> int:
        """Numbers fitted to rows: constants, deviations and noises; the local function's weights are apart."""
        return self.fitted.parameters + len(self.noise)

    @property
    def fingerprint(self) -> str:
        """Twelve characters that stand for the rows that were fitted."""
        return hashlib.sha256("".join(sorted(self.marks)).encode()).hexdigest()[:12]


def mark(row_id: str) -> str:
    """What stands for the id of a row among those fitted: it tells rows apart without naming them."""
    return hashlib.sha256(row_id.encode()).hexdigest()[:MARK]


def target(rows: Rows, jobs: Jobs) -> Numbers:
    """Measured tokens/s per chip of each row, NaN where it gives none: stated, else from seconds per step, else from FLOP/s at 6 N a token."""
    params = np.where(np.isfinite(rows["active_params_b"]), rows["active_params_b"], rows["params_b"]) * 1e9
    stepped = rows["batch_seqs"] * jobs.tokens / (rows["step_s"] * rows["n_chips"])
    flops = rows["tflops_per_chip_est"] * 1e12 / (6 * params)
    return np.where(np.isfinite(rows["tok_s_per_chip"]), rows["tok_s_per_chip"], np.where(np.isfinite(stepped), stepped, flops))


def usable(rows: Rows, jobs: Jobs, measured: Numbers) -> NDArray[np.bool_]:
    """Rows that constants may be fitted to: judged, measured, of grade A or B (or ungraded: a user's own)."""
    fit_for_it: NDArray[np.bool_] = (jobs.refused == "") & np.isfinite(measured) & np.isin(rows["grade"], ("A", "B", ""))
    return fit_for_it


def classes(jobs: Jobs) -> tuple[NDArray[np.int64], list[str]]:
    """The class of noise of each job, and the names of classes: its stack, and whether it has experts."""
    return 2 * jobs.stack + (jobs.of("experts") > 0), [f"{stack}-{kind}" for stack in STACKS for kind in ("dense", "experts")]


def calibrate(rows: Rows, known: Known, *, seed: int = 0) -> Calibration:
    """Fit to `rows`; reproducible for one `seed`, which only deals models into groups. Raises FactError with fewer than `FEWEST` usable rows."""
    jobs = from_rows(rows, known)
    settled = settle(jobs, blank(), ran=True)
    measured = target(rows, settled)
    use = np.flatnonzero(usable(rows, settled, measured))
    kinds = tuple(effects(settled.take(use)))
    if len(use) < FEWEST:
        raise FactError(
            f"{len(use)} rows can be fitted, and {FEWEST} are needed: give more rows of grade A or B with tokens/s, seconds per step or FLOP/s"
        )
    first = learnt(settled.take(use), measured[use], rows["source"][use], kinds)
    settled = settle(jobs, first[0], ran=True)
    fitted, residual = learnt(settled.take(use), measured[use], rows["source"][use], kinds, start=first[0])
    off, far = held_out(settled, measured, rows["source"], use, rows["model"], kinds=kinds, start=fitted, folds=deal(rows["model"][use], seed))
    return Calibration(fitted, residual, noises(settled.take(use), off[use], far[use]), frozenset(mark(name) for name in rows["row_id"][use]))


def blank() -> Fitted:
    """Constants before any row was seen."""
    return Fitted(PRIOR, np.zeros(0), (), np.diag(WIDTH**2), 0)


def learnt(
    jobs: Jobs, measured: Numbers, sources: NDArray[np.object_], kinds: Sequence[tuple[str, str]], start: Fitted | None = None
) -> tuple[Fitted, Residual]:
    """Constants of settled jobs and the local function of what they leave."""
    fitted = fit(jobs, measured, sources, kinds=kinds, start=start)
    f = features(jobs)
    off = np.log(measured / rate(f, fitted.logs, deviate(fitted.deviations, design(jobs, kinds))))
    routed = jobs.of("experts") > 0
    pull = np.sqrt(1 + (off * weigh(sources, routed)) ** 2)
    return fitted, learn(f, off, LOCAL_NOISE * np.where(routed, NOISE[True] / NOISE[False], 1.0) * np.sqrt(pull))


def expect(jobs: Jobs, fitted: Fitted, residual: Residual) -> tuple[Numbers, Numbers]:
    """Tokens/s per chip of settled jobs, never above what the peak allows, and the variance of the local function."""
    f = features(jobs)
    local, variance = correct(f, residual)
    speed = rate(f, fitted.logs, deviate(fitted.deviations, design(jobs, fitted.kinds))) * np.exp(local)
    return np.minimum(speed, jobs.batch * jobs.tokens / (arithmetic(f) * jobs.n)), variance


def deal(models: NDArray[np.object_], seed: int) -> dict[str, int]:
    """Models dealt into `FOLDS` groups."""
    names = sorted(set(models))
    order = np.random.default_rng(seed).permutation(len(names))
    return {name: int(place) % FOLDS for name, place in zip(names, order, strict=True)}


def held_out(
    jobs: Jobs,
    measured: Numbers,
    sources: NDArray[np.object_],
    use: NDArray[np.int64],
    by: NDArray[np.object_],
    *,
    kinds: Sequence[tuple[str, str]],
    start: Fitted,
    folds: Mapping[str, int],
) -> tuple[Numbers, Numbers]:
    """Logarithm of measured over predicted of each row of `use`, each predicted by a fit that never saw its group, and the variance of its local
    function there; NaN elsewhere."""
    off, far = np.full((2, len(jobs)), np.nan)
    fold = np.array([folds[label] for label in by[use]])
    for group in sorted(set(fold)):
        kept, left = use[fold != group], use[fold == group]
        fitted, residual = learnt(jobs.take(kept), measured[kept], sources[kept], kinds, start=start)
        speed, far[left] = expect(jobs.take(left), fitted, residual)
        off[left] = np.log(measured[left] / speed)
    return off, far


def noises(jobs: Jobs, off: Numbers, far: Numbers) -> dict[str, float]:
    """Standard deviation by class that, beside the local function's variance `far`, lets an 80 % interval hold 80 % of the errors `off`.

    It is drawn towards that of all jobs where rows are few.
    """
    codes, names = classes(jobs)
    needed = (off / Z80) ** 2 - far

    def level(which: NDArray[np.bool_]) -> float:
        return math.sqrt(max(LEAST**2, float(np.quantile(needed[which], 0.8))))

    overall = level(np.ones(len(off), dtype=bool))
    found = {"": overall}
    for code in np.unique(codes):
        share = (codes == code).sum() / ((codes == code).sum() + BELIEF)
        found[names[code]] = float(share * level(codes == code) + (1 - share) * overall)
    return found


def spread(jobs: Jobs, calibration: Calibration, far: Numbers) -> Numbers:
    """Standard deviation of the logarithmic error of each job: its class's noise, the local function's variance `far`, and what its chip and software
    may add where no row told."""
    codes, names = classes(jobs)
    noise = np.array([calibration.noise.get(name, calibration.noise[""]) for name in names])[codes]
    seen = set(calibration.fitted.kinds)
    unseen, hardware = np.zeros(len(jobs)), np.zeros(len(jobs))
    for kind, (positions, told) in labels(jobs).items():
        if EFFECTS[kind][0] == "speed":
            part = np.array([EFFECTS[kind][1] ** 2 if name and (kind, name) not in seen else 0.0 for name in told])[positions]
            unseen, hardware = unseen + part, hardware + part * (kind in HARDWARE)
    unseen = unseen - gained(jobs, calibration.fitted, hardware)
    deviation: Numbers = np.sqrt(noise**2 + far + unseen + jobs.of("guessed") * GUESSED**2)
    return deviation


def predicted(jobs: Jobs, calibration: Calibration) -> Prediction:
    """Tokens/s per chip of settled jobs with its 80 % interval."""
    parts = [_predicted(jobs.take(slice(start, start + CHUNK)), calibration) for start in range(0, len(jobs), CHUNK)]
    value, factor = np.concatenate(parts, axis=1) if parts else np.empty((2, 0))
    silent = (jobs.refused == "") & ~(np.isfinite(value) & (value > 0))
    refused = np.where(silent, "its layout gives no rate: check ranks, sequences and micro-batch", jobs.refused)
    value = np.where(refused == "", value, np.nan)
    return Prediction(value, value / factor, value * factor, list(refused))


def _predicted(jobs: Jobs, calibration: Calibration) -> Numbers:
    speed, far = expect(jobs, calibration.fitted, calibration.residual)
    return np.stack([speed, np.exp(Z80 * spread(jobs, calibration, far))])
