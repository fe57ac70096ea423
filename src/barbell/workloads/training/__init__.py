"""How fast chips train language models: step time from structure, constants from measured rows, an interval for what is left."""

from barbell.workloads.training.holdout import GROUPS, crossvalidate
from barbell.workloads.training.learn import Calibration, calibrate, mark
from barbell.workloads.training.predict import predict, settled
from barbell.workloads.training.store import load, save, shipped

__all__ = ["GROUPS", "Calibration", "calibrate", "crossvalidate", "load", "mark", "predict", "save", "settled", "shipped"]
