"""Hold predictions of serving against measured rows, and cross-validate a calibration on rows it has not seen."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from barbell.core.basis import Known
from barbell.workloads.chip import maker, slug
from barbell.workloads.evaluation import Evaluation, Labels, Prediction, evaluate
from barbell.workloads.rows import Rows
from barbell.workloads.serving.calibration import Calibration, mark
from barbell.workloads.serving.deployment import CAPACITY
from barbell.workloads.serving.effects import NATIVE, Numbers
from barbell.workloads.serving.fit import throughput
from barbell.workloads.serving.learn import calibrate
from barbell.workloads.serving.predict import QUANTITIES, predict

WORKLOAD = {
    "tpot": ("model", "serving_mode", "weight_precision", "in_len", "out_len", "concurrency", "n_chips", "spec_decode"),
    "ttft": ("model", "serving_mode", "weight_precision", "in_len", "out_len", "concurrency", "n_chips", "spec_decode"),
    "tok_s_per_chip": ("model", "serving_mode", "in_len", "out_len", "concurrency", "spec_decode"),
}
"""Columns that must be equal for two rows to be one workload: chips are ranked within these."""
SPLITS = {"configuration": "config_id", "chip": "chip", "model": "model", "end": ""}
"""What cross-validation leaves out, by column; ends of curves by rule."""
LEAST = 8
"""Rows of a chip below which its curves have no end to leave out."""
FOLDS = 5


def measured(rows: Rows, quantity: str) -> Numbers:
    """What a row measured, in the unit of the prediction; NaN where it did not."""
    if quantity == "tok_s_per_chip":
        return throughput(rows)
    value: Numbers = rows["tpot_ms" if quantity == "tpot" else "ttft_ms"] * 1e-3
    return np.where(np.isin(rows["serving_mode"], CAPACITY), math.nan, value)


def judge(rows: Rows, prediction: Prediction, quantity: str, known: Known) -> Evaluation:
    """Errors, ranking and coverage of one quantity, by chip, kind of model, engine and source."""
    kind = ["moe" if f"model-{slug(name)}-experts" in known else "dense" for name in rows["model"]]
    keys = [tuple(str(rows[name][n]) for name in WORKLOAD[quantity]) for n in range(len(rows))]
    named = {"chip": "chip", "model": "model", "engine": "engine", "mode": "serving_mode", "source": "source", "grade": "grade"}
    groups: dict[str, Labels] = {"kind": kind, **{name: rows[column] for name, column in named.items()}}
    return evaluate(measured(rows, quantity), prediction, chips=rows["chip"], workloads=keys, groups=groups, rising=quantity == "tok_s_per_chip")


def seen(rows: Rows, calibration: Calibration) -> NDArray[np.bool_]:
    """Which rows the calibration was fitted to."""
    return np.array([mark(name) in calibration.fitted for name in rows["row_id"]], dtype=bool)


def crossvalidate(rows: Rows, known: Known, *, split: str, seed: int = 0) -> Mapping[str, Prediction]:
    """Every row predicted by a calibration of the other folds, constants included, by quantity.

    `split` is configuration (folds of whole configurations), chip or model (each left out in turn), or end (`upper_halves`; others are refused).
    """
    columns = {quantity: [np.full(len(rows), math.nan) for _ in range(3)] for quantity in QUANTITIES}
    inside = "not among the more requests in flight of its chip" if split == "end" else "in no fold"
    reasons = {quantity: [inside] * len(rows) for quantity in QUANTITIES}
    for out, judged in upper_halves(rows) if split == "end" else _folds(rows, split, seed):
        calibration = calibrate(rows.take(np.flatnonzero(~out)), known, seed=seed)
        at = np.flatnonzero(judged)
        for quantity in QUANTITIES:
            part = predict(rows.take(at), known, calibration, quantity)
            for whole, column in zip(columns[quantity], (part.value, part.low, part.high), strict=True):
                whole[at] = column
            for n, reason in zip(at, part.refused, strict=True):
                reasons[quantity][n] = reason
    return {name: Prediction(value, low, high, reasons[name]) for name, (value, low, high) in columns.items()}


def _folds(rows: Rows, split: str, seed: int) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Rows to leave out and to judge, the same: folds of configurations, or every chip or model alone."""
    words = rows[SPLITS[split]].astype(str)
    names = sorted(set(words))
    count = FOLDS if split == "configuration" else len(names)
    place = dict(zip(names, np.random.default_rng(seed).permutation(len(names)) % count, strict=True))
    fold = np.array([place[word] for word in words])
    return [(fold == one, fold == one) for one in np.unique(fold)]


def upper_halves(rows: Rows) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Rows to leave out and to judge: of each chip those with more requests in flight than the middle of its rows.

    Of a vendor other than the native one its other chips' rows beyond are left out too, but not judged.
    """
    flight, makers = rows["concurrency"], np.array([maker(slug(name)).lower() for name in rows["chip"]])
    found = []
    for name in sorted(set(rows["chip"])):
        chip = (rows["chip"] == name) & np.isfinite(flight)
        if chip.sum() < LEAST:
            continue
        beyond = flight > np.median(flight[chip])
        kin = chip if makers[chip][0] in NATIVE else makers == makers[chip][0]
        if (chip & beyond).any():
            found.append((kin & beyond, chip & beyond))
    return found
