"""Hold predictions of serving against measured rows, and cross-validate a calibration on rows it has not seen."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from barbell.core.basis import Known
from barbell.workloads.chip import slug
from barbell.workloads.evaluation import Evaluation, Labels, Prediction, evaluate
from barbell.workloads.rows import Rows
from barbell.workloads.serving.calibration import Calibration, mark
from barbell.workloads.serving.deployment import CAPACITY
from barbell.workloads.serving.effects import Numbers
from barbell.workloads.serving.fit import throughput
from barbell.workloads.serving.learn import calibrate
from barbell.workloads.serving.predict import QUANTITIES, predict

WORKLOAD = {
    "tpot": ("model", "serving_mode", "weight_precision", "in_len", "out_len", "concurrency", "n_chips", "spec_decode"),
    "ttft": ("model", "serving_mode", "weight_precision", "in_len", "out_len", "concurrency", "n_chips", "spec_decode"),
    "tok_s_per_chip": ("model", "serving_mode", "in_len", "out_len", "concurrency", "spec_decode"),
}
"""Columns that must be equal for two rows to be one workload: chips are ranked within these."""
SPLITS = {"configuration": "config_id", "chip": "chip", "model": "model"}
"""What cross-validation leaves out, by column."""
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

    `split` is configuration (folds of whole configurations), chip or model (each left out in turn).
    """
    words = rows[SPLITS[split]].astype(str)
    names = sorted(set(words))
    count = FOLDS if split == "configuration" else len(names)
    place = dict(zip(names, np.random.default_rng(seed).permutation(len(names)) % count, strict=True))
    fold = np.array([place[word] for word in words])
    columns = {quantity: [np.full(len(rows), math.nan) for _ in range(3)] for quantity in QUANTITIES}
    reasons = {quantity: [""] * len(rows) for quantity in QUANTITIES}
    for one in np.unique(fold):
        out = np.flatnonzero(fold == one)
        calibration = calibrate(rows.take(np.flatnonzero(fold != one)), known, seed=seed)
        for quantity in QUANTITIES:
            part = predict(rows.take(out), known, calibration, quantity)
            for whole, column in zip(columns[quantity], (part.value, part.low, part.high), strict=True):
                whole[out] = column
            for n, reason in zip(out, part.refused, strict=True):
                reasons[quantity][n] = reason
    return {name: Prediction(value, low, high, reasons[name]) for name, (value, low, high) in columns.items()}
