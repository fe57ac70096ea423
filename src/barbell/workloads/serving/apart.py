"""Prompts read by chips of their own (disaggregated): how many replicas read and how many decode.

With a readers and b decoders, f requests in flight per decoder, o tokens out, t seconds per token and s seconds of a reader per prompt:

==============  =====================================================================================
first token     F = idle + q b f s / a: idle as on a replica of the readers' size with one request
prompts         r = b f / (F + (o - 1) t) per second (Little's law)
readers keep up r s <= `BUSIEST` a
tokens/s/chip   r o / (a reader chips + b decoder chips)
==============  =====================================================================================

t is the calibrated time per token of a replica that decodes only; s the closed form of a prefill with the effects of chip, engine, model and format
at the full weight of that term. q (`queue`) is observed: of the requests in flight per reader, the share that a new prompt waits for.
All depends on the ratio a : b alone, so only ratios without a common factor are tried.
"""

from __future__ import annotations

import math

import numpy as np

from barbell.core.basis import Basis, Interval, Known
from barbell.workloads.chip import Chip
from barbell.workloads.model import Model
from barbell.workloads.serving.calibration import GROUPS, Calibration
from barbell.workloads.serving.candidate import candidates
from barbell.workloads.serving.demand import Demand
from barbell.workloads.serving.deployment import Deployments
from barbell.workloads.serving.effects import Numbers, effect
from barbell.workloads.serving.level import Span
from barbell.workloads.serving.option import Options, Pools, Positions
from barbell.workloads.serving.physics import TERMS, Step, fitting, prefill
from barbell.workloads.serving.predict import answer

BUSIEST = 0.8
"""Most that readers may be busy: public disaggregated runs keep theirs busy to 0.64 or less in 95 of 100 rows, and never beyond 0.84."""
MOST = 6
"""Replicas of either pool that are tried, in ratios without a common factor."""
RATIOS = np.array([(a, b) for a in range(1, MOST + 1) for b in range(1, MOST + 1) if math.gcd(a, b) == 1], dtype=np.float64)


def queue(known: Known) -> Interval:
    """Prompts that a new one waits for, as a share of the requests in flight per reader; raises FactError where it is not known on the day."""
    return Basis(known).interval("serving-apart-queue", "1")


def apart(sheet: Chip, net: Model, demand: Demand, precision: str, calibration: Calibration, waits: Interval) -> Options:
    """Every decoder with every reader of the same engine in every ratio."""
    decoders = _held(candidates(sheet, net, demand, precision, calibration, mode="decode", plain=True))
    readers = _held(candidates(sheet, net, demand, precision, calibration, flight=np.ones(1), plain=True))
    token = Span.around(*answer(decoders, calibration, "tpot"))
    useful = np.flatnonzero(demand.promise.per_token(token).low <= demand.level)
    useful = useful if len(useful) else np.arange(len(decoders))
    replica, reader = (grid.ravel() for grid in np.meshgrid(useful, np.arange(len(readers)), indexing="ij"))
    names = np.array(decoders.generation.words), np.array(readers.generation.words)
    same = names[0][replica] == names[1][reader] if len(replica) else np.zeros(0, dtype=bool)
    replica, reader = np.repeat(replica[same], len(RATIOS)), np.repeat(reader[same], len(RATIOS))
    ratio = np.tile(RATIOS, (int(same.sum()), 1))
    prompt, idle = prompt_seconds(readers, calibration), Span.around(*answer(readers, calibration, "ttft"))
    pools = Pools(ratio[:, 0], readers.chips[reader], ratio[:, 1], prompt.take(reader), idle.take(reader))
    return pooled(decoders, replica, token.take(replica), pools, waits)


def pooled(decoders: Deployments, replica: Positions, token: Span, pools: Pools, waits: Interval) -> Options:
    """What pools give; the formulas above at the middle and at both ends of all times."""
    flight, chips = decoders.flight[replica] * pools.decoders, decoders.chips[replica] * pools.decoders + pools.readers * pools.reader_chips
    tokens_out = decoders.tokens_out[replica]
    first, rate = {}, {}
    for end in ("value", "low", "high"):
        prompt, per_token = getattr(pools.prompt, end), getattr(token, end)
        first[end] = getattr(pools.idle, end) + getattr(waits, end) * flight * prompt / pools.readers
        prompts = flight / (first[end] + np.maximum(tokens_out - 1.0, 1.0) * per_token)
        rate[end] = np.where(prompts * prompt <= BUSIEST * pools.readers, prompts * tokens_out / chips, 0.0)
    return Options(decoders, replica, token, Span(**first), Span(rate["value"], rate["high"], rate["low"]), pools)


def busy(one: Options) -> Numbers:
    """Share of their time that readers read, entry by entry."""
    if one.pools is None:
        return np.zeros(len(one))
    chips = one.asked.chips[one.replica] * one.pools.decoders + one.pools.readers * one.pools.reader_chips
    prompts = one.rate.value * chips / one.asked.tokens_out[one.replica]
    return prompts * one.pools.prompt.value / one.pools.readers


def prompt_seconds(readers: Deployments, calibration: Calibration) -> Span:
    """Seconds of a reader per prompt: all of the step is prefill, and so are the effects."""
    count, fit = len(readers), calibration.fits["tpot"]
    alone = np.zeros((count, len(TERMS)))
    alone[:, TERMS.index("prefill")] = 1.0
    only = Step(np.ones(count), alone, np.ones(count), np.ones(count))
    seconds = prefill(readers, calibration.constants) * np.exp(effect(readers, only, GROUPS["tpot"], fit.weights))
    _, half = answer(readers, calibration, "tpot")
    return Span.around(seconds, half)


def _held(asked: Deployments) -> Deployments:
    return asked.take(fitting(asked) >= asked.flight)
