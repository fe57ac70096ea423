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
from barbell.workloads.serving.physics import OVERHEAD_BYTES, SIZES, USABLE_SHARE, least, overflow
from barbell.workloads.serving.spread import half_widths

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
    for n, chips, beyond in zip(found.positions, found.deployments.chips, overflow(found.deployments), strict=True):
        refused[n] = refused[n] or (_misfit(rows, int(n), float(chips), beyond=float(beyond)) if beyond > 0 else "")
    none = np.array([bool(reason) for reason in refused], dtype=bool)
    asked = ~none[found.positions]
    at = found.positions[asked]
    value[at], half[at] = answer(found.deployments.take(asked), calibration, quantity)
    lacks = ~none & ~(np.isfinite(value) & (value > 0))
    where = dict(zip(found.positions.tolist(), range(len(found.positions)), strict=True))
    refused = [_roomless(rows, n, found.deployments.take(np.array([where[n]]))) if lacks[n] else reason for n, reason in enumerate(refused)]
    value[lacks] = math.nan
    return interval(value, half, refused)


def _misfit(rows: Rows, n: int, chips: float, *, beyond: float) -> str:
    what = f"{rows['model'][n]} in {rows['weight_precision'][n] or 'an unknown format'}"
    short = f"its weights alone are {beyond / 1e9:,.0f} GB more than the memory"
    return f"{what} does not fit into {chips:g} {rows['chip'][n]}: {short}. Check chips and format"


def _roomless(rows: Rows, n: int, asked: Deployments) -> str:
    """Why no replica serves at all: weights and what the largest one holds."""
    chips = max(SIZES) if asked.chips[0] == 0 else asked.chips[0]
    held = asked.but(chips=np.array([min(chips, max(float(asked.domain[0]), 1.0))]))
    weights, room = (overflow(held) + held.chips * held.memory)[0], (USABLE_SHARE * held.memory - OVERHEAD_BYTES)[0] * held.chips[0]
    what = f"{rows['model'][n]} in {rows['weight_precision'][n] or 'an unknown format'} is not served by {held.chips[0]:g} {rows['chip'][n]}"
    left = f"short by {(weights - room) / 1e9:,.0f} GB" if weights > room else "which leaves too little for a request"
    return f"{what}: weights of {weights / 1e9:,.0f} GB, room for {room / 1e9:,.0f} GB, {left}"


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
    value = np.exp(predicted(quantity, asked, calibration.constants, fit))
    if quantity == "tpot":
        value = np.maximum(value, least(asked))
    return value, half_widths(asked, fit.spread, fit.weights, groups)


def _full(asked: Deployments, calibration: Calibration) -> tuple[Numbers, Numbers]:
    value, half = _fitted(asked, calibration, "full")
    return np.where(value > 1e-6, value, math.nan), half


def _flow(asked: Deployments, calibration: Calibration) -> tuple[Numbers, Numbers]:
    return flow(asked, _fitted(asked, calibration, "tpot"), _fitted(asked, calibration, "ttft"))


def flow(asked: Deployments, per_token: tuple[Numbers, Numbers], to_first: tuple[Numbers, Numbers]) -> tuple[Numbers, Numbers]:
    """Output tokens/s per chip by Little's law from both times with their half-widths; doubt by their shares of the whole."""
    (token, doubt), (first, vague) = per_token, to_first
    decoding = np.maximum(asked.tokens_out - 1.0, 1.0) * token
    share = decoding / (first + decoding)
    rate = asked.flight * asked.tokens_out / (first + decoding) / (asked.chips + asked.helpers)
    return rate, share * doubt + (1.0 - share) * vague
