"""Search of layouts: how a job is best spread over its chips, all candidates of all jobs as one array.

Candidates are products of powers of two that divide the chips and the batch; those that do not fit in memory fall away, the fastest of the rest is
taken. What a job states is never changed. A job that fits in no layout is refused, with the bytes that lack.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from barbell.workloads.training.constants import design, deviate
from barbell.workloads.training.fit import Fitted, rate
from barbell.workloads.training.job import Jobs
from barbell.workloads.training.memory import need
from barbell.workloads.training.step import features

Numbers = NDArray[np.float64]
DEGREES = {"tp": (1, 2, 4, 8), "pp": (1, 2, 4, 8, 16, 32, 64), "cp": (1, 2, 4, 8), "micro": (1, 2, 4, 8), "sharded": (0, 1, 2), "recompute": (0, 2)}
"""Tensor, pipeline and context ranks, sequences per micro-batch, weights sharded not, over all or over a domain, recomputation."""
GRID = np.array([one for one in itertools.product(*DEGREES.values()) if one[4] == 0 or one[1] == 1], dtype=float).T
"""Candidates, one column each; weights are sharded or pipelined, not both."""
VIRTUAL = 4.0
"""Virtual stages per pipeline stage, as far as there are layers."""
TOKENS = 4096.0
"""Sequence length where none is stated: that of Llama-2 and of most performance tables."""
OLD_TOKENS = 2048.0
"""The same for GPT and for models known by their size alone."""
TOKENS_PER_CHIP = 8192.0
"""Tokens per chip and step where no batch is stated."""
BLOCK = 64
"""Jobs that are searched at a time: bounds memory to some 100 MB."""
LENIENT = 1.25
"""A job that ran may need this times the memory before it is refused: up to there, what `memory` counts is too much."""


def settle(jobs: Jobs, fitted: Fitted, *, ran: bool = False) -> Jobs:
    """Jobs with every open size filled, or refused where nothing fits.

    Jobs that `ran` may take `LENIENT` times the memory, and sequences that do not divide among their chips: some rank idles for the last of them.
    """
    jobs = _usual(jobs)
    if ran:
        odd = _odd(jobs.n)
        jobs = replace(jobs, batch=np.where(jobs.tp == 0, np.ceil(jobs.batch / odd) * odd, jobs.batch))
    open_ = np.flatnonzero(((jobs.tp == 0) | (jobs.micro == 0)) & (jobs.refused == ""))
    for group in _alike(jobs, open_):
        jobs = _search(jobs, group, fitted, LENIENT if ran else 1.0)
    jobs = _complete(jobs)
    return _judge(jobs)


def _usual(jobs: Jobs) -> Jobs:
    """Sequence length and batch where none is stated."""
    old = np.array([(one.guessed and not one.experts) or one.name.startswith("GPT") for one in jobs.shapes] or [False])[jobs.model]
    tokens = np.where(jobs.tokens > 0, jobs.tokens, np.where(old, OLD_TOKENS, TOKENS))
    odd = _odd(jobs.n)
    batch = np.maximum(1.0, np.ceil(np.ceil(jobs.n * TOKENS_PER_CHIP / tokens) / odd)) * odd
    return replace(jobs, tokens=tokens, batch=np.where(jobs.batch > 0, jobs.batch, batch))


def _odd(chips: Numbers) -> Numbers:
    """The odd part of each number of chips, 1 for a broken one: data-parallel ranks are a multiple of it in every layout of powers of two."""
    whole = np.where((chips >= 1) & (chips < 2**53) & (chips == np.floor(chips)), chips, 1.0).astype(np.int64)
    odd: Numbers = (whole // (whole & -whole)).astype(float)
    return odd


def _alike(jobs: Jobs, which: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Positions in blocks of at most `BLOCK` distinct jobs; equal jobs share a block, and so a search."""
    columns = np.stack(
        [np.asarray(getattr(jobs, name), dtype=float) for name in ("model", "chip", "n", "batch", "tokens", "micro", "tp", "precision")]
    )
    if not len(which):
        return []
    _, labels = np.unique(columns[:, which], axis=1, return_inverse=True)
    return [which[labels // BLOCK == block] for block in range(int(labels.max()) // BLOCK + 1)]


def candidates(jobs: Jobs) -> tuple[Jobs, NDArray[np.bool_]]:
    """Every job in every layout of `GRID`, job by job, and which of them divide chips, batch and layers."""
    count, wide = len(jobs), GRID.shape[1]
    many = jobs.take(np.repeat(np.arange(count), wide))
    tp, pp, cp, micro, sharded, recompute = (np.tile(row, count) for row in GRID)
    tp, pp, cp, micro = (np.where(told > 0, told, free) for told, free in ((many.tp, tp), (many.pp, pp), (many.cp, cp), (many.micro, micro)))
    ranks = tp * pp * cp
    dp = np.maximum(1.0, np.floor(many.n / ranks))
    experts, layers = many.of("experts"), many.of("layers")
    ep = np.where(experts > 0, np.minimum(np.minimum(experts, dp * tp), many.on("domain")), 1.0)
    fits = (many.n % ranks == 0) & (many.batch % (dp * micro) == 0) & (tp <= many.on("domain")) & (pp <= layers) & (many.tokens % cp == 0)
    vp = np.where(pp > 1, np.maximum(1.0, np.minimum(VIRTUAL, np.floor(layers / pp))), 1.0)
    laid = replace(
        many, tp=tp, pp=pp, cp=cp, dp=dp, vp=vp, ep=np.where(many.ep > 0, many.ep, ep), micro=micro, sharded=sharded,
        recompute=recompute.astype(np.int64),
    )  # fmt: skip
    return laid, fits


def _search(jobs: Jobs, group: NDArray[np.int64], fitted: Fitted, most: float) -> Jobs:
    columns = np.stack(
        [np.asarray(getattr(jobs, name), dtype=float)[group] for name in ("model", "chip", "n", "batch", "tokens", "micro", "tp", "precision")]
    )
    _, first, back = np.unique(columns, axis=1, return_index=True, return_inverse=True)
    asked = jobs.take(group[first])
    laid, fits = candidates(asked)
    found = need(laid)
    lacking = found.lacking
    speed = rate(features(laid), fitted.logs, deviate(fitted.deviations, design(laid, fitted.kinds)))
    shape = (len(asked), GRID.shape[1])
    score = np.where(fits & (lacking <= 0), speed, 0.0).reshape(shape)
    tight = np.where(fits & (found.total <= most * found.room), speed, 0.0).reshape(shape)
    score = np.where(score.max(axis=1, keepdims=True) > 0, score, tight)
    best = score.argmax(axis=1)
    rows = np.arange(len(asked))
    chosen = laid.take(rows * shape[1] + best)
    short = np.where(fits, lacking, np.inf).reshape(shape).min(axis=1)
    refused = np.array([_reason(asked, n, short[n]) if score[n, best[n]] <= 0 else "" for n in range(len(asked))], dtype=np.object_)
    changed = {}
    for name in ("tp", "pp", "cp", "dp", "vp", "ep", "micro", "sharded", "recompute"):
        column = getattr(jobs, name).copy()
        column[group] = getattr(chosen, name)[back]
        changed[name] = column
    reasons = jobs.refused.copy()
    reasons[group] = refused[back]
    return replace(jobs, refused=reasons, **changed)


def _reason(jobs: Jobs, n: int, lacking: float) -> str:
    name, chip, count = jobs.shapes[jobs.model[n]].name, jobs.chips[jobs.chip[n]].name, jobs.n[n]
    if not np.isfinite(lacking):
        return f"no layout divides {count:g} chips and {jobs.batch[n]:g} sequences: take more sequences per step, or a power of two of chips"
    return f"{name} does not fit on {count:g} {chip}: {lacking / 1e9:.3g} GB per chip lack in the best layout; take more chips"


def _complete(jobs: Jobs) -> Jobs:
    """Degrees that a stated layout leaves out."""
    tp, pp, cp, micro = (np.where(column > 0, column, 1.0) for column in (jobs.tp, jobs.pp, jobs.cp, jobs.micro))
    dp = np.maximum(1.0, np.where(jobs.dp > 0, jobs.dp, jobs.n / (tp * pp * cp)))
    experts = jobs.of("experts") if jobs.shapes else np.zeros(len(jobs))
    ep = np.where(jobs.ep > 0, jobs.ep, np.where(experts > 0, np.minimum(np.minimum(experts, dp * tp), 8.0), 1.0))
    return replace(jobs, tp=tp, pp=pp, cp=cp, dp=dp, ep=np.where(experts > 0, ep, 1.0), micro=np.minimum(micro, np.maximum(1.0, jobs.batch / dp)))


def _judge(jobs: Jobs) -> Jobs:
    """Stated layouts that need far more than the memory are refused."""
    if not jobs.shapes or not jobs.chips:
        return jobs
    found = need(replace(jobs, recompute=np.where(jobs.open_recompute > 0, 2, jobs.recompute)))
    refused = jobs.refused.copy()
    for n in np.flatnonzero((found.total > LENIENT * found.room) & (refused == "")):
        name, chip = jobs.shapes[jobs.model[n]].name, jobs.chips[jobs.chip[n]].name
        refused[n] = f"{name} in this layout needs {found.total[n] / 1e9:.3g} GB on each {chip} of {jobs.on('memory')[n] / 1e9:.3g} GB: split it more"
    return replace(jobs, refused=refused)
