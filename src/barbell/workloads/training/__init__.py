"""How fast chips train language models: step time from structure, constants from measured rows, an interval for what is left."""

from barbell.workloads.training.campaign import Answer, Question, answers, energy, money
from barbell.workloads.training.effective import effective
from barbell.workloads.training.goodput import Reliability, goodput
from barbell.workloads.training.holdout import GROUPS, crossvalidate, judge
from barbell.workloads.training.learn import Calibration, calibrate, mark, target
from barbell.workloads.training.micro import tightened
from barbell.workloads.training.predict import predict, settled
from barbell.workloads.training.store import assembled, local, shipped, told

__all__ = [
    "GROUPS",
    "Answer",
    "Calibration",
    "Question",
    "Reliability",
    "answers",
    "assembled",
    "calibrate",
    "crossvalidate",
    "effective",
    "energy",
    "goodput",
    "judge",
    "local",
    "mark",
    "money",
    "predict",
    "settled",
    "shipped",
    "target",
    "tightened",
    "told",
]
