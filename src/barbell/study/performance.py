"""Predictions held against measured rows, and calibrations of one's own, asked of the facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from barbell.core.basis import Known
from barbell.core.errors import FactError
from barbell.study.calibration import load_serving, load_training, newest, write
from barbell.study.known import LATEST, stored
from barbell.study.tighten import Tightened, parted, tightened_serving
from barbell.workloads import serving, training
from barbell.workloads.evaluation import Evaluation, Prediction
from barbell.workloads.micro import read as micro_rows
from barbell.workloads.rows import Rows, joined, read


@dataclass(frozen=True)
class Judgement:
    """Predictions against rows, by quantity, and what the calibration had seen."""

    evaluations: Mapping[str, Evaluation]
    seen: NDArray[np.bool_]
    rows: Rows
    predictions: Mapping[str, Prediction]
    measured: Mapping[str, NDArray[np.float64]]
    """What each row measured, in the unit of its prediction (seconds, tokens/s); NaN where it did not."""
    fingerprint: str
    parameters: int
    split: str
    """What was left out of the fit: configuration, chip or model; "" for the calibration as it ships."""


def judged(path: Path, kind: str, *, calibration: Path | None = None, split: str = "", grades: str = "") -> Judgement:
    """Evaluate the calibration that ships (or another, or one cross-validated by `split`) on the rows of a file, of some grades alone if named.

    Cross-validation fits to rows of all grades, whichever are judged.
    """
    rows = read(path, kind)
    facts = stored(LATEST)
    chosen = np.flatnonzero([not grades or (grade != "" and grade in grades) for grade in rows["grade"]])
    if not len(chosen):
        raise FactError(f"no row of {path.name} has a grade among {', '.join(grades)}: it has {', '.join(sorted(set(rows['grade']))) or 'none'}")
    if kind == "training":
        return _trained(rows, facts, split, chosen, calibration)
    if split not in ("", *serving.SPLITS):
        raise FactError(f"serving is not cross-validated by {split}. Take one of {', '.join(serving.SPLITS)}")
    used = load_serving(calibration) if calibration else serving.shipped(facts)
    if split:
        predictions = serving.crossvalidate(rows, facts, split=split)
    else:
        predictions = {quantity: serving.predict(rows, facts, used, quantity) for quantity in serving.QUANTITIES}
    rows, predictions = rows.take(chosen), {quantity: told.take(chosen) for quantity, told in predictions.items()}
    found = {quantity: serving.judge(rows, told, quantity, facts) for quantity, told in predictions.items()}
    marks = serving.seen(rows, used) if not split else np.zeros(len(rows), dtype=bool)
    measured = {quantity: serving.measured(rows, quantity) for quantity in predictions}
    return Judgement(found, marks, rows, predictions, measured, used.fingerprint, used.parameters, split)


def _trained(rows: Rows, facts: Known, split: str, chosen: NDArray[np.int64], calibration: Path | None) -> Judgement:
    """The same of training: tokens/s per chip."""
    used = load_training(calibration) if calibration else training.shipped(facts)
    if split:
        told, measured = training.crossvalidate(rows, facts, split)
    else:
        told, measured = training.predict(rows, facts, used), training.target(rows, training.settled(rows, facts))
    rows, told, measured = rows.take(chosen), told.take(chosen), measured[chosen]
    marks = np.array([not split and training.mark(name) in used.marks for name in rows["row_id"]], dtype=bool)
    quantity = "tok_s_per_chip"
    found = {quantity: training.judge(rows, told, measured, facts)}
    return Judgement(found, marks, rows, {quantity: told}, {quantity: measured}, used.fingerprint, used.parameters, split)


def calibrated(paths: list[Path], to: Path, *, seed: int, afresh: bool) -> Tightened[serving.Calibration]:
    """Calibrate serving on the rows of files, from the calibration that ships or afresh, and write it.

    Files of micro-benchmarks tighten what the others give. Its numbers are known from the latest day of them.
    """
    ordinary, micro = parted(paths)
    facts = stored(LATEST)
    readings = micro_rows(micro, facts)
    if afresh and not ordinary:
        raise FactError("--afresh has nothing to start from: give rows of serving beside the micro-benchmarks, or leave it out")
    rows = joined(ordinary, "inference") if ordinary else None
    found = None if afresh else serving.shipped(facts)
    if rows is not None:
        found = serving.calibrate(rows, facts, prior=found, seed=seed)
    if found is None or not any(fit.rows for fit in found.fits.values()):
        raise FactError("no row can be fitted: give rows of grade A, B or C with tpot_ms, ttft_ms or tokens/s, of known chips and models")
    done = tightened_serving(found, readings, facts) if readings else Tightened(found)
    begun = f"from {'nothing' if afresh else 'the calibration that ships'}, seed {seed}"
    dates = [*([] if rows is None else rows["date"]), *(one.date for one in readings)]
    residuals = f"{begun}, {len(readings)} micro-benchmarks" if readings else begun
    write(done.calibration, to, as_of=newest(dates), residuals=residuals)
    return done
