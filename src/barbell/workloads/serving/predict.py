"""Predict time per token, time to the first token and tokens/s per chip of deployments, each with its 80 % interval.

With so many requests in flight Little's law gives the throughput: each of them takes the time to the first token and then a step for every other
one. Where only a mode is told (offline, server, interactive), the throughput is the most that the chip gives within the level.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from barbell.core.basis import Known
from barbell.workloads.evaluation import Prediction
from barbell.workloads.rows import Rows
from barbell.workloads.serving.calibration import GROUPS, Calibration
from barbell.workloads.serving.deployment import CAPACITY, Deployments, questions
from barbell.workloads.serving.effects import Numbers
from barbell.workloads.serving.fit import predicted
from barbell.workloads.serving.spread import half_widths
from barbell.workloads.serving.uplift import Z80

QUANTITIES = ("tpot", "tok_s_per_chip", "ttft")
"""What can be asked: seconds per output token, output tokens/s per chip, seconds to the first token."""
CHUNK = 65_536
"""Entries that are worked on at once, so that they stay in the processor's cache."""


def predict(rows: Rows, known: Known, calibration: Calibration, quantity: str) -> Prediction:
    """One value per row: seconds (``tpot``, ``ttft``) or tokens/s per chip. Nothing that was measured is read."""
    found = questions(rows, known)
    told = np.isin(rows["serving_mode"], CAPACITY)
    refused = [
        reason or ("throughput at its best has no time of a request" if told[n] and quantity != "tok_s_per_chip" else "")
        for n, reason in enumerate(found.refused)
    ]
    value, half = (np.full(len(rows), math.nan) for _ in range(2))
    none = np.array([bool(reason) for reason in refused], dtype=bool)
    asked = ~none[found.positions]
    at = found.positions[asked]
    value[at], half[at] = answer(found.deployments.take(asked), calibration, quantity)
    lacks = ~none & ~(np.isfinite(value) & (value > 0))
    refused = ["the model does not fit into any replica of this chip" if lacks[n] else reason for n, reason in enumerate(refused)]
    value[lacks] = math.nan
    return interval(value, half, refused)


def interval(value: Numbers, half: Numbers, refused: Sequence[str]) -> Prediction:
    """Values with intervals of these half-widths in logarithms."""
    return Prediction(value, value * np.exp(-half), value * np.exp(half), tuple(refused))


def answer(asked: Deployments, calibration: Calibration, quantity: str) -> tuple[Numbers, Numbers]:
    """Value and half-width (in logarithms) of one quantity, entry by entry; NaN where nothing fits."""
    parts = [_answer(asked.take(np.arange(at, min(at + CHUNK, len(asked)))), calibration, quantity) for at in range(0, len(asked), CHUNK)]
    if not parts:
        return np.zeros(0), np.zeros(0)
    return np.concatenate([value for value, _ in parts]), np.concatenate([half for _, half in parts])


def _answer(asked: Deployments, calibration: Calibration, quantity: str) -> tuple[Numbers, Numbers]:
    if quantity != "tok_s_per_chip":
        return _fitted(asked, calibration, quantity)
    value, half = np.full(len(asked), math.nan), np.full(len(asked), math.nan)
    capacity = np.isin(asked.mode.codes, [n for n, name in enumerate(asked.mode.names) if name in CAPACITY])
    for which, ask in ((capacity, _full), (~capacity, _flow)):
        if which.any():
            value[which], half[which] = ask(asked.take(which), calibration)
    return value, half


def _fitted(asked: Deployments, calibration: Calibration, quantity: str) -> tuple[Numbers, Numbers]:
    fit, groups = calibration.fits[quantity], GROUPS[quantity]
    logs = predicted(quantity, asked, calibration.constants, fit)
    half = half_widths(asked, fit.spread, fit.weights, groups, fit.reach)
    if calibration.years:
        gained, doubt = calibration.uplift.gained(asked, calibration.years)
        logs = logs + gained if quantity == "full" else logs - gained
        half = np.hypot(half, Z80 * doubt)
    return np.exp(logs), half


def _full(asked: Deployments, calibration: Calibration) -> tuple[Numbers, Numbers]:
    value, half = _fitted(asked, calibration, "full")
    return np.where(value > 1e-6, value, math.nan), half


def _flow(asked: Deployments, calibration: Calibration) -> tuple[Numbers, Numbers]:
    """Little's law; doubt of the two times by their shares of the whole."""
    token, doubt = _fitted(asked, calibration, "tpot")
    first, vague = _fitted(asked, calibration, "ttft")
    decoding = np.maximum(asked.tokens_out - 1.0, 1.0) * token
    share = decoding / (first + decoding)
    rate = asked.flight * asked.tokens_out / (first + decoding) / (asked.chips + asked.helpers)
    return rate, share * doubt + (1.0 - share) * vague
