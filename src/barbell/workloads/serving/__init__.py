"""Serving: time per token, time to the first token, tokens/s per chip; calibrated from measured rows."""

from barbell.workloads.serving.apart import queue
from barbell.workloads.serving.calibration import Calibration, shipped
from barbell.workloads.serving.demand import Demand, faults
from barbell.workloads.serving.judge import SPLITS, crossvalidate, judge, measured, seen
from barbell.workloads.serving.layout import Layout, Split, best, found
from barbell.workloads.serving.learn import calibrate
from barbell.workloads.serving.level import Level, Tail
from barbell.workloads.serving.micro import tightened
from barbell.workloads.serving.predict import QUANTITIES, predict

__all__ = [
    "QUANTITIES",
    "SPLITS",
    "Calibration",
    "Demand",
    "Layout",
    "Level",
    "Split",
    "Tail",
    "best",
    "calibrate",
    "crossvalidate",
    "faults",
    "found",
    "judge",
    "measured",
    "predict",
    "queue",
    "seen",
    "shipped",
    "tightened",
]
