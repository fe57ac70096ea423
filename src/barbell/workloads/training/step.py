"""Time of one optimiser step from structure: what a chip multiplies, moves and waits for, added where it queues and overlapped where it hides.

Per micro-batch and pipeline stage, with T tokens on a tensor-parallel group (b sequences of s tokens over cp ranks):

    linear    2 c A T / (tp pp F e)            A parameters that multiply a token; c = 3 forward and backward, 2 for an adapter, 1 more with full
                                               recomputation; slowed where shards or micro-batches are small: (1 + w/(h/tp)) (1 + t b/T), t at
                                               a balance b of FLOP/s over bandwidth of `BALANCE`: a few tokens wait for the weights
    experts   the same for routed experts      with their own width and their own few tokens k T ep / E
    attention 2 c q s T / (tp pp F16 e_a)      causal; windowed layers see the window
    moving    z h T L / (pp B)                 norms, residuals, casts, permutations and activations of experts; unfused attention also heads s T / tp
    launching tau L / pp                       kernels started by the host; hidden while the chip is busy
    talking   tensor, context and expert parallel collectives over the slowest link that they cross, exposed share
    gathering sharded weights, hidden behind the arithmetic while it lasts
    sending   activations to the next stage

    step = (m + (pp - 1)/v) x stage + gradients exchanged (exposed) + optimiser + constant;   m = micro-batches per replica

Constants are dimensionless or in seconds and bytes as `constants.CONSTANTS` says; F, B and links are those of the data sheet. Sources of the form:
Narayanan et al. 2021 (pipeline, tensor parallel), Korthikanti et al. 2022 (recomputation, bytes of activations), Rajbhandari et al. 2020 (sharding).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from barbell.workloads.training.job import EPOCH, Jobs
from barbell.workloads.training.shape import WINDOW

Numbers = NDArray[np.float64]
MATURITY = 2.0
"""Years after `EPOCH` over which gains of software level off."""
COMPILED = ("maxtext", "neuron")
"""Stacks that compile a whole step: their host starts nothing while it runs."""
BALANCE = 250.0
"""FLOP/s per byte/s of memory of a usual chip in BF16 (A100 150 to 200, H100 295, B200 281); twice in FP8, whose weights are half as wide."""
BUSY_SHARE = 0.9
"""Never faster than this share of the peak, all arithmetic counted."""


@dataclass(frozen=True)
class Features:
    """What the step needs of each job, gathered once: constants change, these do not."""

    jobs: Jobs
    peak: Numbers
    """FLOP/s of the linear layers' precision."""
    peak16: Numbers
    bandwidth: Numbers
    inner: Numbers
    outer: Numbers
    domain: Numbers
    body: Numbers
    routed: Numbers
    """Parameters of all experts."""
    headroom: Numbers
    headroom8: Numbers
    active_routed: Numbers
    head: Numbers
    """Parameters of the last vocabulary matrix."""
    vocabulary: Numbers
    hidden: Numbers
    query: Numbers
    kv: Numbers
    heads: Numbers
    full: Numbers
    windowed: Numbers
    mamba: Numbers
    layers: Numbers
    moe: Numbers
    experts: Numbers
    per_token: Numbers
    expert_width: Numbers
    travel: Numbers
    total: Numbers
    blocks: Numbers
    """Blocks that tensor parallelism reduces after, forward."""
    sharers: Numbers
    """Data-parallel ranks that share one copy of the weights."""
    passes: Numbers
    """Forward passes that the arithmetic of a step is worth: 3, for an adapter 2; 1 more with full recomputation."""
    full_recompute: Numbers
    mature_dense: Numbers
    mature_experts: Numbers
    """Years of gain since `EPOCH`, levelling off at `MATURITY`; none before, and none of the other kind."""
    started: Numbers
    """1 where a host starts kernels."""
    unfused: Numbers
    """1 where attention writes its scores to memory."""


def maturity(years: Numbers) -> Numbers:
    """Years of gain since `EPOCH`, levelling off at `MATURITY`; none before."""
    levelled: Numbers = MATURITY * (1 - np.exp(-np.maximum(years - EPOCH, 0.0) / MATURITY))
    return levelled


def features(jobs: Jobs) -> Features:
    """The arrays of `jobs`, whose layout must be settled."""
    bf16, fp8, fp4 = (jobs.on(kind) for kind in ("bf16", "fp8", "fp4"))
    peak = np.choose(jobs.precision, (bf16, fp8, fp4))
    experts, per_token = jobs.of("experts"), jobs.of("per_token")
    gained = maturity(jobs.year)
    whole = (jobs.recompute == 2).astype(float)
    full, windowed, mamba, moe, layers = (jobs.of(name) for name in ("full", "windowed", "mamba", "moe_layers", "layers"))
    routed, hidden, vocabulary = jobs.of("routed"), jobs.of("hidden"), jobs.of("vocabulary")
    return Features(
        jobs=jobs, peak=peak, peak16=bf16, bandwidth=jobs.on("bandwidth"), inner=jobs.on("link"), outer=jobs.on("out"),
        domain=jobs.on("domain"), headroom=jobs.on("headroom"), headroom8=jobs.on("headroom8"),
        body=jobs.of("body"), routed=routed, active_routed=routed * per_token / np.maximum(experts, 1.0), head=vocabulary * hidden,
        vocabulary=vocabulary, hidden=hidden, query=jobs.of("query"), kv=jobs.of("kv"), heads=jobs.of("heads"), full=full,
        windowed=windowed, mamba=mamba, layers=layers, moe=moe, experts=experts, blocks=full + windowed + mamba + np.where(mamba > 0, moe, layers),
        sharers=jobs.sharers(),
        passes=np.where(jobs.adapter > 0, 2.0, 3.0) + whole, full_recompute=whole, mature_dense=np.where(experts > 0, 0.0, gained),
        mature_experts=np.where(experts > 0, gained, 0.0), started=(~jobs.runs(*COMPILED)).astype(np.float64),
        unfused=jobs.runs("megatron").astype(np.float64),
        per_token=per_token, expert_width=jobs.of("expert_width"), travel=jobs.of("travel"), total=jobs.of("total"),
    )  # fmt: skip


@dataclass(frozen=True)
class Step:
    """Seconds of one step by what takes them; the parts add up to `total`."""

    total: Numbers
    parts: Mapping[str, Numbers]
    """linear, experts, attention, moving, vocabulary, launching, talking, gathering, sending, bubble, gradients, optimiser."""


def soft(first: Numbers, second: Numbers) -> Numbers:
    """The larger of two times that overlap, a little more where they are alike: their norm of order 4."""
    larger = np.maximum(np.maximum(first, second), 1e-300)
    smaller = np.minimum(first, second)
    square = np.square(smaller / larger)
    softened: Numbers = larger * np.sqrt(np.sqrt(1 + square * square))
    return softened


def step(f: Features, c: Mapping[str, Numbers]) -> Step:
    """Seconds of one step of each job with constants `c` (one array or number per name of `constants.CONSTANTS`)."""
    j = f.jobs
    passes, tokens = f.passes, j.micro * j.tokens / j.cp
    linear, experts = _multiply(f, c, tokens, passes)
    attention = _attend(f, c, tokens, passes)
    moving = _move(f, c, tokens, passes)
    busy = linear + experts + attention + moving
    host = (c["launch"] * (1 + c["launch_tensor"] * (j.tp > 1)) * f.layers + c["launch_experts"] * f.moe) / j.pp * passes / 3
    talking = _talk(f, c, tokens)
    launching = soft(busy + talking, host) - busy - talking
    words = _words(f, c, tokens)
    worked = busy + talking + launching + words
    gathering = soft(worked, _gather(f, c)) - worked
    sending = np.where(j.pp > 1, c["send"] * 4 * tokens * f.hidden / j.tp / f.outer + c["hop"] * 2, 0.0)
    count = j.batch / (j.dp * j.micro)
    stage = worked + gathering + sending
    bubble = (j.pp - 1) / np.maximum(j.vp, 1.0) * c["bubble"]
    gradients = _exchange(f, c)
    optimiser = np.where(j.adapter > 0, 0.0, c["update"] * 16 * _held(f) / np.where(j.zero > 0, j.dp, 1.0) / f.bandwidth)
    scale = (np.maximum(j.n, 1.0) / 8) ** c["straggle"]
    per = {
        "linear": linear,
        "experts": experts,
        "attention": attention,
        "moving": moving,
        "vocabulary": words,
        "launching": launching,
        "talking": talking,
    }
    per |= {"gathering": gathering, "sending": sending}
    parts = {name: seconds * count * scale for name, seconds in per.items()}
    parts |= {"bubble": bubble * stage * scale, "gradients": gradients * scale, "optimiser": (optimiser + c["constant"]) * scale}
    return Step(sum(parts.values(), np.zeros(len(j))), parts)


def arithmetic(f: Features) -> Numbers:
    """Seconds that one step takes at least, at `BUSY_SHARE` of the peak and without recomputation: no prediction is faster."""
    j = f.jobs
    passes = np.where(j.adapter > 0, 2.0, 3.0)
    tokens = j.batch * j.tokens / j.n
    linear = 2 * passes * (f.body + f.active_routed) * tokens / f.peak
    wide = 2 * passes * (f.head + f.query * (f.full * j.tokens + f.windowed * np.minimum(2 * WINDOW, j.tokens))) * tokens / f.peak16
    return (linear + wide) / BUSY_SHARE


def _multiply(f: Features, c: Mapping[str, Numbers], tokens: Numbers, passes: Numbers) -> tuple[Numbers, Numbers]:
    """Linear layers and experts of one stage."""
    j = f.jobs
    speed = np.choose(j.precision, (c["gemm"], c["gemm"] * c["fp8"], c["gemm"] * c["fp4"])) * f.peak
    balance = np.choose(j.precision, (1.0, 0.5, 0.25)) * f.peak / f.bandwidth / BALANCE
    small = (1 + c["width"] / (f.hidden / j.tp)) * (1 + c["rows"] * balance / tokens)
    linear = 2 * passes * tokens / (j.tp * j.pp) * f.body * small / speed
    each = tokens * f.per_token * np.maximum(j.ep, 1.0) / np.maximum(f.experts, 1.0)
    few = (1 + c["expert_rows"] / np.maximum(each, 1.0)) * (1 + c["expert_width"] / np.maximum(f.expert_width, 1.0))
    experts = 2 * passes * tokens / (j.tp * j.pp) * f.active_routed * few / (speed * c["expert_gemm"])
    return linear, np.where(f.experts > 0, experts, 0.0)


def _words(f: Features, c: Mapping[str, Numbers], tokens: Numbers) -> Numbers:
    """The last vocabulary matrix and the loss: on one pipeline stage, so that others wait for a share, and after all layers: no host hides."""
    j = f.jobs
    multiply = 2 * (f.passes - f.full_recompute) * f.head / (f.peak16 * c["gemm"])
    moved = c["softmax"] * f.vocabulary / f.bandwidth
    seconds: Numbers = tokens * (multiply + moved) / (j.tp * j.pp) * (1 + c["imbalance"] * (j.pp - 1))
    return seconds


def _attend(f: Features, c: Mapping[str, Numbers], tokens: Numbers, passes: Numbers) -> Numbers:
    j = f.jobs
    pairs = f.full * j.tokens + f.windowed * np.minimum(2 * WINDOW, j.tokens)
    seconds: Numbers = 2 * passes * f.query * pairs * tokens / (j.tp * j.pp) / (f.peak16 * c["attention"])
    return seconds


def _move(f: Features, c: Mapping[str, Numbers], tokens: Numbers, passes: Numbers) -> Numbers:
    """Bytes moved by everything that does not multiply."""
    j = f.jobs
    again = passes / 3
    plain = c["elements"] * f.hidden * f.layers * (c["replicated"] + (1 - c["replicated"]) / j.tp)
    low = c["cast"] * f.hidden * f.layers / j.tp * (j.precision > 0)
    states = c["scan"] * f.hidden * f.mamba / j.tp
    permuted = c["permute"] * f.per_token * (f.travel + f.expert_width) * f.moe / j.tp
    scores = c["scores"] * f.heads * j.tokens * f.full / j.tp
    seconds: Numbers = tokens * again * (plain + low + states + permuted + scores) / j.pp / f.bandwidth
    return seconds


def _talk(f: Features, c: Mapping[str, Numbers], tokens: Numbers) -> Numbers:
    """Collectives inside the layers that arithmetic does not hide. A token goes once to each other domain and is copied to its experts there."""
    j = f.jobs
    inner, outer = f.inner * c["inner"], f.outer * c["outer"]
    wide = np.where(j.tp > f.domain, outer, inner)
    reduced = 2 * (j.tp - 1) / j.tp * 2 * tokens * f.hidden / wide * c["tensor"] + (c["latency"] * f.unfused + c["hop"]) * (j.tp - 1)
    tensor = np.where(j.tp > 1, f.blocks * (2.0 + f.full_recompute) * reduced / j.pp, 0.0)
    ring = np.where(j.tp * j.cp > f.domain, outer, inner)
    context = np.where(j.cp > 1, (f.full + f.windowed) / j.pp * 3 * 2 * tokens * f.kv / j.tp * (j.cp - 1) / ring * c["context"], 0.0)
    ep = np.maximum(j.ep, 1.0)
    inside = np.minimum(ep, np.maximum(1.0, f.domain))
    domains = ep / inside
    copies = np.maximum(f.per_token, 1.0)
    abroad = (domains - 1) * (1 - (1 - 1 / domains) ** copies) / copies
    route = (inside - 1) / inside / inner + abroad / outer
    hops = 4.0 + 2.0 * f.full_recompute
    routed = f.moe / j.pp * (hops * 2 * tokens * f.per_token * f.travel / j.tp * route * c["dispatch"] + hops * c["hop"] * np.log2(ep))
    return tensor + context + np.where(ep > 1, routed, 0.0)


def _held(f: Features) -> Numbers:
    """Parameters on one chip before any sharding over data-parallel ranks."""
    j = f.jobs
    dense = np.maximum(f.total - f.routed, 0.0)
    held: Numbers = dense / (j.tp * j.pp) + f.routed / (j.pp * np.maximum(np.maximum(j.ep, 1.0), j.tp))
    return held


def _ring(f: Features, c: Mapping[str, Numbers]) -> Numbers:
    """Bytes/s of data-parallel collectives: inside a domain where all ranks are, else the network."""
    j = f.jobs
    speed: Numbers = np.where(j.n <= f.domain, f.inner * c["inner"], f.outer * c["outer"])
    return speed


def _gather(f: Features, c: Mapping[str, Numbers]) -> Numbers:
    """Weights gathered forward and backward and gradients scattered, per micro-batch; nothing where they are not sharded."""
    j, ranks = f.jobs, f.sharers
    speed = np.where(j.sharded == 2, f.inner * c["inner"], _ring(f, c))
    seconds: Numbers = 3 * 2 * _held(f) * (ranks - 1) / ranks / speed * c["gather"]
    return seconds


def _exchange(f: Features, c: Mapping[str, Numbers]) -> Numbers:
    """Gradients reduced and weights gathered once per step, the share that no arithmetic hides."""
    j = f.jobs
    copies = j.dp / f.sharers
    part = c["exchange"] * 2 * (copies - 1) / copies * 2 * _held(f) / f.sharers / _ring(f, c)
    seconds: Numbers = np.where(j.adapter > 0, 0.0, part)
    return seconds
