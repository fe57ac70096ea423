"""How good predictions are on what was never fitted: whole models, chips, generations of chips or configurations left out in turn.

Each group of rows is predicted by constants, local function and noise that never saw it; its noise comes from models left out among the other
rows. Layouts that rows leave open are searched once, with the
constants of all rows: a choice among layouts, not a fit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from barbell.core.basis import Known
from barbell.core.errors import FactError
from barbell.workloads.chip import slug
from barbell.workloads.evaluation import Evaluation, Prediction, evaluate
from barbell.workloads.rows import Rows
from barbell.workloads.training.constants import effects
from barbell.workloads.training.fit import Fitted
from barbell.workloads.training.job import FRAMEWORKS, Jobs, from_rows
from barbell.workloads.training.layout import settle
from barbell.workloads.training.learn import Calibration, calibrate, deal, expect, held_out, learnt, noises, predicted, target, usable
from barbell.workloads.training.residual import Residual
from barbell.workloads.training.shape import DENSE_SHARE

Numbers = NDArray[np.float64]
GROUPS = ("model", "chip", "generation", "configuration")
FOLDS = 10
"""Into which configurations are dealt; models, chips and generations are left out one by one."""


def crossvalidate(rows: Rows, known: Known, by: str = "model", *, seed: int = 0) -> tuple[Prediction, Numbers]:
    """The prediction of every row by a calibration that never saw its group, and the measured tokens/s per chip (NaN where a row gives none).

    `by` is one of `GROUPS`. Raises FactError for another, or with too few rows.
    """
    if by not in GROUPS:
        raise FactError(f"rows are left out by {', '.join(GROUPS)}, not by '{by}'. Take one of these")
    full = calibrate(rows, known, seed=seed)
    jobs = settle(from_rows(rows, known), full.fitted, ran=True)
    measured = target(rows, jobs)
    use = usable(rows, jobs, measured)
    groups = _groups(rows, jobs, by, seed)
    columns = np.full((3, len(rows)), np.nan)
    labels = sorted(set(groups[use]))
    fits = {label: _fit(rows, jobs, measured, np.flatnonzero(use & (groups != label)), full) for label in labels}
    off, far = np.full((2, len(rows)), np.nan)
    for label in labels if by == "model" else ():
        left = np.flatnonzero(use & (groups == label))
        speed, far[left] = expect(jobs.take(left), *fits[label])
        off[left] = np.log(measured[left] / speed)
    for label in labels:
        kept, left = np.flatnonzero(use & (groups != label)), np.flatnonzero(groups == label)
        if by != "model":
            folds = deal(rows["model"][kept], seed)
            kinds = fits[label][0].kinds
            off, far = held_out(jobs, measured, rows["source"], kept, rows["model"], kinds=kinds, start=fits[label][0], folds=folds)
        told = predicted(jobs.take(left), Calibration(*fits[label], noises(jobs.take(kept), off[kept], far[kept]), frozenset()))
        columns[:, left] = told.value, told.low, told.high
    silent = (jobs.refused == "") & ~np.isfinite(columns[0])
    reasons = np.where(silent, "its group has no row to judge by", jobs.refused)
    value, low, high = columns
    return Prediction(value, low, high, list(reasons)), measured


def _fit(rows: Rows, jobs: Jobs, measured: Numbers, kept: NDArray[np.int64], full: Calibration) -> tuple[Fitted, Residual]:
    return learnt(jobs.take(kept), measured[kept], rows["source"][kept], tuple(effects(jobs.take(kept))), start=full.fitted)


def judge(rows: Rows, told: Prediction, measured: Numbers, known: Known | None = None) -> Evaluation:
    """Errors, ranking of chips and coverage of a prediction; chips are ranked within a model, task and sequence length.

    `known` tells mixtures of experts where the rows do not.
    """
    workloads = [(rows["model"][n], rows["task"][n], rows["seq_len"][n]) for n in range(len(rows))]
    multi = np.array([name.startswith(("vTrain MICRO-57 multi", "Korthikanti")) for name in rows["source"]])
    groups = {name: rows[name] for name in ("chip", "source", "model", "framework", "grade")} | {
        "engine": _engines(rows),
        "kind": _kinds(rows, known or {}),
        "set": np.where(multi, "A100 multi-node", "other"),
    }
    return evaluate(measured, told, chips=rows["chip"], workloads=workloads, groups=groups)


def _kinds(rows: Rows, known: Known) -> NDArray[np.object_]:
    """moe or dense, of each row's model."""
    routed = {name for name in set(rows["model"]) if f"model-{slug(name)}-experts" in known}
    few = rows["active_params_b"] < DENSE_SHARE * rows["params_b"]
    return np.where((rows["moe"] > 0) | few | np.isin(rows["model"], list(routed)), "moe", "dense")


def _engines(rows: Rows) -> NDArray[np.object_]:
    """The software of each row: benchmarks, whose rows print many names of it, are one."""
    benchmark = np.array([source.startswith("MLPerf") for source in rows["source"]], dtype=bool)
    return np.where(benchmark & ~np.isin(rows["framework"], list(FRAMEWORKS)), "mlperf", rows["framework"])


def _groups(rows: Rows, jobs: Jobs, by: str, seed: int) -> NDArray[np.object_]:
    if by == "configuration":
        columns = (rows["model"], rows["chip"], rows["precision"], jobs.n, jobs.tp, jobs.pp, jobs.cp, jobs.ep, jobs.tokens)
        names = np.array(["|".join(str(part) for part in row) for row in zip(*columns, strict=True)], dtype=object)
        order = {name: n for n, name in enumerate(sorted(set(names)))}
        place = np.random.default_rng(seed).permutation(len(order)) % FOLDS
        return np.array([f"fold {place[order[name]]}" for name in names], dtype=object)
    return {"model": rows["model"], "chip": rows["chip"], "generation": jobs.named("generation")}[by]
