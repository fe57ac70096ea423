"""Predict tokens/s per chip of training jobs from their configuration, each with its 80 % interval or the reason why not."""

from __future__ import annotations

from barbell.core.basis import Known
from barbell.workloads.evaluation import Prediction
from barbell.workloads.rows import Rows
from barbell.workloads.training.job import Jobs, from_rows
from barbell.workloads.training.layout import settle
from barbell.workloads.training.learn import Calibration, predicted
from barbell.workloads.training.store import shipped


def predict(rows: Rows, known: Known, calibration: Calibration | None = None) -> Prediction:
    """Tokens/s per chip of each row by `calibration` (that of the facts, without one).

    Only columns of configuration are read: nothing that was measured. Sizes that a row leaves open are those of the fastest layout that fits.
    """
    calibration = calibration or shipped(known)
    return predicted(settle(from_rows(rows, known), calibration.fitted, ran=True), calibration)


def settled(rows: Rows, known: Known, calibration: Calibration | None = None) -> Jobs:
    """The jobs of rows with their layouts, as `predict` takes them."""
    return settle(from_rows(rows, known), (calibration or shipped(known)).fitted, ran=True)
