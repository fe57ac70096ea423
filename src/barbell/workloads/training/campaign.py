"""A whole training run: the best layout on so many chips, then time, money and energy for so many tokens, each with its 80 % interval."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from barbell.core.basis import Basis, Interval, Known, product
from barbell.core.errors import FactError
from barbell.workloads.chip import accelerator, slug
from barbell.workloads.training.goodput import Reliability, goodput
from barbell.workloads.training.job import PRECISIONS, RECOMPUTES, STACKS, Jobs
from barbell.workloads.training.layout import settle
from barbell.workloads.training.learn import Calibration, predicted
from barbell.workloads.training.shape import WINDOW, Shape, shape
from barbell.workloads.training.silicon import Silicon, silicon
from barbell.workloads.training.step import features
from barbell.workloads.training.store import shipped

Numbers = NDArray[np.float64]
YEAR = 2026.6
"""Software of this year: that of the newest rows that were fitted (Megatron-Bridge 26.08)."""
STACK_OF = {"aws": "neuron", "google": "maxtext", "amd": "mlperf"}
"""Software of vendors other than NVIDIA, whose is Megatron-Bridge; of AMD only rows of a benchmark are public."""
DAY = 86_400.0
CHIP_SHARE = 0.85
"""Power of a training chip over its rated power: own assumption, 0.7 to 1.0 in reports."""
BATCH_TOKENS = 4e6
"""Tokens per step over all chips, as large models are trained with; at least one sequence per eight chips."""


@dataclass(frozen=True)
class Question:
    """What is asked: this model on so many of this chip."""

    model: str
    chip: str
    chips: int
    tokens: float = 0.0
    """Tokens to train; 0 to ask for the rate alone."""
    sequence: int = 4096
    batch: int = 0
    """Sequences per step; 0 for `BATCH_TOKENS`."""
    precision: str = ""
    """bf16, fp8 or fp4; "" for FP8 where it is faster than BF16."""
    params: float = math.nan
    """Parameters of a model that facts do not describe."""
    active: float = math.nan
    """Those that work on a token, where it is a mixture of experts."""


@dataclass(frozen=True)
class Answer:
    """One layout and what it gives; rates with their 80 % interval, per chip unless said otherwise."""

    tokens: Interval
    """Tokens/s per chip while it trains."""
    flops: Interval
    """FLOP/s per chip that the model needs (6 per parameter and token, attention included)."""
    utilisation: float
    """Of the peak of the precision."""
    goodput: float
    layout: dict[str, float | str]
    days: Interval | None
    """To train the tokens asked for, stops included; None without tokens."""
    chip_hours: float
    joules_per_token: float
    """Of the chips alone; NaN where their power is unknown."""


def jobs_of(questions: Sequence[Question], known: Known) -> Jobs:
    """The questions as jobs whose layouts are open. Raises FactError for all unknown models and chips at once, for a
    size given of a model that is known, and for what cannot be asked.
    """
    shapes, chips, wrong = [], [], []
    for one in questions:
        if not (math.isnan(one.params) and math.isnan(one.active)) and f"model-{slug(one.model)}-hidden" in known:
            wrong.append(f"the facts describe {one.model}: leave out the number of its parameters, or give the model another name")
        if not math.isnan(one.active) and not one.active <= one.params:
            wrong.append(f"the active parameters of {one.model} must be a part of all of them: give both numbers, the active one not the larger")
        try:
            shapes.append(shape(known, one.model, params=one.params, active=one.active))
        except FactError as error:
            wrong.append(str(error))
        try:
            chips.append(silicon(known, one.chip))
        except FactError as error:
            wrong.append(str(error))
    if wrong:
        raise FactError("\n".join(dict.fromkeys(wrong)))
    return open_jobs(questions, shapes, chips)


def open_jobs(questions: Sequence[Question], shapes: Sequence[Shape], chips: Sequence[Silicon]) -> Jobs:
    """The same with the shape and the chip of each question at hand; software is that of the chip's vendor (`STACK_OF`) in `YEAR`."""
    count = len(questions)
    if wrong := [reason for one, sheet in zip(questions, chips, strict=True) for reason in _senseless(one, sheet)]:
        raise FactError("\n".join(dict.fromkeys(wrong)))
    precision = [one.precision or ("fp8" if sheet.fp8 > 1.2 * sheet.bf16 else "bf16") for one, sheet in zip(questions, chips, strict=True)]
    zeros, ones = np.zeros(count), np.ones(count)
    return Jobs(
        model=np.arange(count), chip=np.arange(count), n=np.array([float(one.chips) for one in questions]), tp=zeros, pp=zeros, dp=zeros, cp=zeros,
        vp=ones, ep=zeros, sharded=zeros, zero=ones, batch=np.array([float(one.batch or _batch(one)) for one in questions]), micro=zeros,
        tokens=np.array([float(one.sequence) for one in questions]),
        precision=np.array([PRECISIONS.index(kind) for kind in precision], dtype=np.int64),
        recompute=np.zeros(count, dtype=np.int64), open_recompute=ones, adapter=zeros,
        stack=np.array([STACKS.index(STACK_OF.get(sheet.vendor, "bridge")) for sheet in chips], dtype=np.int64),
        year=np.full(count, YEAR), release=np.zeros(count, dtype=np.int64), dropping=zeros, shapes=shapes, chips=chips, releases=[""],
        refused=np.array([""] * count, dtype=object),
    )  # fmt: skip


def _senseless(one: Question, sheet: Silicon) -> Iterator[str]:
    """Why a question cannot be asked."""
    if one.precision and (one.precision not in PRECISIONS or getattr(sheet, one.precision) <= 0):
        able = ", ".join(kind for kind in PRECISIONS if getattr(sheet, kind) > 0)
        yield f"{sheet.name} does not train in '{one.precision}'. Take one of {able}"
    if min(one.chips, one.sequence) < 1 or one.batch < 0 or one.tokens < 0:
        yield f"{one.model} on {one.chips} {one.chip}: chips and sequence must be 1 or more, batch and tokens not negative"


def _batch(one: Question) -> float:
    """A multiple of the chips' data-parallel ranks whatever the layout: a power of two times the odd part of the number of chips."""
    odd = one.chips
    while odd % 2 == 0:
        odd //= 2
    sequences = max(BATCH_TOKENS / one.sequence, one.chips / 8)
    return odd * 2.0 ** max(0, math.ceil(math.log2(sequences / odd)))


def answers(
    questions: Sequence[Question], known: Known, calibration: Calibration | None = None, reliability: Reliability | None = None
) -> list[Answer]:
    """The best layout of each question and what it gives. Raises FactError where a model fits in no layout, with what lacks.

    The 80 % interval holds the range of the chip's peak, where its data sheet is announced or leaves it open.
    """
    calibration = calibration or shipped(known)
    jobs = settle(jobs_of(questions, known), calibration.fitted)
    refused = [reason for reason in jobs.refused if reason]
    if refused:
        raise FactError("\n".join(dict.fromkeys(refused)))
    told, f, work = predicted(jobs, calibration), features(jobs), operations(jobs)
    share = goodput(jobs.n, reliability)
    rates = [Interval(float(told.value[n]), float(told.low[n]), float(told.high[n])) for n in range(len(questions))]
    rates = [product(rate.value, rate, _peak(jobs, n, known)) for n, rate in enumerate(rates)]
    return [_answer(one, jobs, n, rates[n], float(work[n]), float(f.peak[n]), float(share[n])) for n, one in enumerate(questions)]


def _peak(jobs: Jobs, n: int, known: Known) -> Interval:
    """The peak of a job's chip in the job's precision, with its range; without one where its data sheet gives none for serving."""
    sheet, kind = jobs.chips[jobs.chip[n]], PRECISIONS[jobs.precision[n]]
    try:
        peak = accelerator(Basis(known), sheet.slug).peak
    except FactError:
        peak = {}
    return peak.get(kind, Interval(1.0, 1.0, 1.0))


def operations(jobs: Jobs) -> Numbers:
    """FLOP that a model needs per token, forward and backward: 6 per parameter that works on it, and causal attention counted once."""
    f = features(jobs)
    pairs = f.full * jobs.tokens + f.windowed * np.minimum(2 * WINDOW, jobs.tokens)
    work: Numbers = 6 * (f.body + f.active_routed + f.head) + 6 * f.query * pairs
    return work


def _answer(one: Question, jobs: Jobs, n: int, rate: Interval, work: float, peak: float, share: float) -> Answer:
    lasting = one.tokens / (one.chips * share * DAY) if one.tokens and share > 0 else 0.0
    days = Interval(lasting / rate.value, lasting / rate.high, lasting / rate.low) if lasting else None
    degrees = {name: float(getattr(jobs, name)[n]) for name in ("tp", "pp", "dp", "cp", "ep", "vp", "micro", "batch")}
    words = {"precision": PRECISIONS[jobs.precision[n]], "recompute": RECOMPUTES[jobs.recompute[n]]}
    watts = jobs.chips[jobs.chip[n]].watts * CHIP_SHARE
    return Answer(
        tokens=rate, flops=rate.times(work), utilisation=rate.value * work / peak, goodput=share, days=days,
        layout={**degrees, "shards": float(jobs.sharers()[n]), **words}, chip_hours=(days.value * 24 * one.chips if days else 0.0),
        joules_per_token=watts / (rate.value * share) if share > 0 else math.nan,
    )  # fmt: skip


def money(answer: Answer, usd_per_chip_hour: float) -> Interval | None:
    """USD to train the tokens asked for at a price per chip-hour; None without tokens."""
    if answer.days is None:
        return None
    hours = answer.chip_hours / answer.days.value
    return Interval(*(side * hours * usd_per_chip_hour for side in (answer.days.value, answer.days.low, answer.days.high)))


def energy(answer: Answer, tokens: float) -> Interval | None:
    """MWh that the chips alone take to train so many tokens, slower runs taking more; None where their power is unknown or nothing is trained."""
    if answer.days is None or math.isnan(answer.joules_per_token):
        return None
    hours = answer.joules_per_token * tokens / 3.6e9 / answer.days.value
    return Interval(*(side * hours for side in (answer.days.value, answer.days.low, answer.days.high)))
