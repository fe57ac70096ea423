"""The closed form of one decode step, of the first token and of the best throughput, entry by entry.

One step of a replica of N chips with n running sequences of i tokens in and o out, attention split A ways over data:

==========  ========================================================================================================
read        (attention / (N/A) + vocabulary / N + (dense + touched(n) expert) / N) bytes; touched(n) = E (1 - (1 - k/E)^n)
cache       n/A (i + o/2) bytes per token / min(N/A, kv heads); windowed layers read 128 tokens
multiply    2 active n / (N F)
talk        2 L (alpha log2 N + c 4 n h (N - 1) / (N link))
launch      L tau + t0 + n tn: launching kernels, sampling, scheduling
prefill     (n - 1)/o of a prompt's prefill: every step carries what keeps the replica full; of a prompt whose share h stands in a
            prefix cache, 2 active i (1 - h) + 2 q L i^2 (1 - h^2): new tokens still attend to the whole context
step        hypot(read / (B e_bw) + cache / (B e_kv), multiply / e_flop) + talk + launch + prefill
==========  ========================================================================================================

n is the number of requests in flight, or of those whose caches fit. `Constants` are what is fitted: one number each for all chips, models and
engines; how single chips, models and engines differ is for `effects`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from barbell.workloads.serving.deployment import Deployments

Numbers = NDArray[np.float64]

USABLE_SHARE = 0.92
"""Share of memory that engines take."""
OVERHEAD_BYTES = 3e9
"""Memory of a chip that holds neither weights nor cache."""
TINY = 1e-30
"""Seconds that stand for none where one divides."""
WINDOW = 128.0
"""Tokens that layers without full attention read (sliding windows; a linear layer's state is of that size)."""
SIZES = (1, 2, 4, 8, 16)
"""Chips of a replica that are tried where the best is to be found."""
BATCHES = (4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)
"""Running sequences that are tried there."""
DRAFT = ((1.0, 2.0, 9.0, 33.0, 100.0), (1.61, 1.61, 1.43, 1.32, 1.30))
"""Sequences and the factor of speculative decoding on tokens: medians of 83 matched public pairs (InferenceX)."""
TERMS = ("read", "cache", "multiply", "talk", "launch", "prefill")


@dataclass(frozen=True)
class Constants:
    """What is fitted, as factors of these starting values; shares of the data sheet, seconds, or plain factors."""

    bandwidth_share: float = 0.69
    cache_share: float = 0.5
    decode_share: float = 0.5
    hop_seconds: float = 7.9e-6
    talk_factor: float = 1.0
    routed_layer_seconds: float = 50e-6
    dense_layer_seconds: float = 40e-6
    step_seconds: float = 5e-4
    sequence_seconds: float = 5e-6
    prefill_share: float = 0.4
    prefill_talk: float = 2.0
    first_seconds: float = 13e-3
    first_layer_seconds: float = 150e-6
    first_prefill: float = 2.5
    first_crowd: float = 0.005
    first_steps: float = 7.0
    first_queue: float = 0.9
    full_rate: float = 1.0
    full_decode: float = 0.74
    full_prefill: float = 0.64
    full_cache: float = 1.36

    def scaled(self, logs: Mapping[str, float]) -> Constants:
        """Each named constant times e to the power of its number."""
        return Constants(**{f.name: getattr(self, f.name) * float(np.exp(logs.get(f.name, 0.0))) for f in fields(self)})


@dataclass(frozen=True)
class Step:
    """Seconds of one decode step by term, and what goes with them."""

    running: Numbers
    parts: Numbers
    """Seconds, entries x `TERMS`; read, cache and multiply as if alone."""
    total: Numbers
    prefill: Numbers
    """Seconds of one prompt on an idle replica."""

    def take(self, which: NDArray[np.bool_]) -> Step:
        """The entries of a mask."""
        return Step(self.running[which], self.parts[which], self.total[which], self.prefill[which])

    @property
    def shares(self) -> Numbers:
        """How the logarithm of the step moves with that of each term: entries x `TERMS`, summing to 1."""
        memory = self.parts[:, 0] + self.parts[:, 1]
        core = np.maximum(np.hypot(memory, self.parts[:, 2]), TINY)
        found = self.parts / self.total[:, None]
        found[:, :2] *= (memory / core)[:, None]
        found[:, 2] *= self.parts[:, 2] / core
        return found


def fitting(asked: Deployments) -> Numbers:
    """Sequences whose caches fit beside the weights, in the middle of their life; below 1 where not even one does."""
    groups = np.maximum(asked.chips, 1.0) / asked.split
    weights = asked.other * asked.other_bytes * asked.split + (asked.dense + asked.experts * asked.expert) * asked.weight_bytes
    room = USABLE_SHARE * asked.chips * asked.memory - weights - OVERHEAD_BYTES * asked.chips
    copies = groups / np.minimum(groups, asked.kv_heads)
    sequence = asked.kv_elements * asked.cache_bytes * (asked.tokens_in + asked.tokens_out / 2) * copies
    return room / sequence


def running(asked: Deployments) -> Numbers:
    """Sequences that run at once: those in flight, or as many as fit."""
    fit = fitting(asked)
    return np.where(fit > 2, np.minimum(asked.flight, fit), asked.flight)


def step(asked: Deployments, constants: Constants, sequences: Numbers | None = None) -> Step:
    """One decode step, as above."""
    c, n = constants, np.maximum(running(asked) if sequences is None else sequences, 1.0)
    chips, groups = asked.chips, asked.chips / asked.split
    routed = asked.experts > 0
    miss = 1.0 - asked.experts_per_token / np.maximum(asked.experts, 1.0)
    touched = np.where(routed, asked.experts * (1.0 - np.maximum(miss, 1e-9) ** n), 0.0)
    attention = (asked.other - 2.0 * asked.embedding) * asked.other_bytes / groups + 2.0 * asked.embedding / chips
    read = attention + (asked.dense + touched * asked.expert) * asked.weight_bytes / chips
    context = np.minimum(asked.tokens_in + asked.tokens_out / 2, asked.attended)
    windowed = (asked.layers - asked.attending) * asked.kv_elements / asked.attending * WINDOW
    cached = n / asked.split * (asked.kv_elements * context + windowed) * asked.cache_bytes / np.minimum(groups, asked.kv_heads)
    passed = (chips - 1.0) / chips
    talk = 2.0 * asked.layers * (c.hop_seconds * np.log2(chips) + c.talk_factor * 4.0 * n * asked.hidden * passed / asked.link)
    layer = np.where(routed, c.routed_layer_seconds, c.dense_layer_seconds)
    launch = asked.layers * layer + c.step_seconds + n * c.sequence_seconds
    prompt = prefill(asked, c)
    carried = np.where(asked.mode.codes == _code(asked, "decode"), 0.0, (n - 1.0) / asked.tokens_out * prompt)
    parts = np.stack(
        [
            read / (asked.bandwidth * c.bandwidth_share),
            cached / (asked.bandwidth * c.cache_share),
            2.0 * asked.active * n / (chips * asked.peak * c.decode_share),
            talk,
            launch,
            carried,
        ],
        axis=1,
    )
    total = np.hypot(parts[:, 0] + parts[:, 1], parts[:, 2]) + talk + launch + carried
    return Step(n, parts, total, prompt)


def least(asked: Deployments) -> Numbers:
    """Seconds per token that no engine goes below: weights read at the whole bandwidth, sequences multiplied at the whole peak.

    Attention and vocabulary are read once per group, experts as far as the running sequences touch them; caches, talk and launches are left out.
    """
    n = np.maximum(running(asked), 1.0)
    miss = 1.0 - asked.experts_per_token / np.maximum(asked.experts, 1.0)
    touched = np.where(asked.experts > 0, asked.experts * (1.0 - np.maximum(miss, 1e-9) ** n), 0.0)
    other = (asked.other - 2.0 * asked.embedding) * np.minimum(asked.other_bytes, asked.weight_bytes)
    read = (other * asked.split + (asked.dense + touched * asked.expert) * asked.weight_bytes) / (asked.chips * asked.bandwidth)
    multiplied = 2.0 * np.maximum(asked.active - asked.embedding, 0.0) * n / (asked.chips * asked.peak)
    return np.maximum(read, multiplied) / drafting(asked, n)


def overflow(asked: Deployments) -> Numbers:
    """Bytes of weights beyond the whole memory of a replica; 0 or less where they can fit, or where its size is open."""
    weights = asked.other * asked.other_bytes + (asked.dense + asked.experts * asked.expert) * asked.weight_bytes
    return np.where(asked.chips > 0, weights - asked.chips * asked.memory, 0.0)


def prefill(asked: Deployments, constants: Constants) -> Numbers:
    """Seconds to read what no cache holds of one prompt on an idle replica: multiplications, attention counted once (causal), and talk."""
    tokens, new, chips = asked.tokens_in, asked.tokens_in * (1.0 - asked.hit), asked.chips
    work = 2.0 * asked.active * new + 2.0 * asked.query * asked.attending * tokens**2 * (1.0 - asked.hit**2)
    talk = constants.prefill_talk * 8.0 * new * asked.layers * asked.hidden * (chips - 1.0) / chips / asked.link
    return work / (chips * asked.peak * constants.prefill_share) + talk


def drafting(asked: Deployments, sequences: Numbers) -> Numbers:
    """Tokens per step and sequence: above 1 with speculative decoding."""
    return np.where(asked.drafted > 0, np.interp(np.log(sequences), np.log(DRAFT[0]), DRAFT[1]), 1.0)


def first_token(asked: Deployments, constants: Constants, found: Step) -> Numbers:
    """Seconds to the first token: a fixed part, the prompt among others that arrive, some steps, and the queue of those that do not fit."""
    c = constants
    crowd = 1.0 + c.first_crowd * np.maximum(asked.flight - 1.0, 0.0) ** 1.5
    waiting = np.maximum(asked.flight - found.running, 0.0) / found.running * asked.tokens_out * found.total
    alone = c.first_seconds + c.first_layer_seconds * asked.layers + c.first_prefill * found.prefill * crowd
    return alone + c.first_steps * found.total + c.first_queue * waiting


def full_rate(asked: Deployments, constants: Constants) -> Numbers:
    """Most output tokens/s per chip within the level, over sizes of the replica (where free) and running sequences; 0 where nothing fits."""
    c = constants.scaled({})
    c = Constants(
        **{
            **vars(c),
            "decode_share": c.decode_share * c.full_decode,
            "prefill_share": c.prefill_share * c.full_prefill,
            "cache_share": min(c.cache_share * c.full_cache, 1.0),
        }
    )
    free = asked.chips == 0
    best = np.zeros(len(asked))
    for size in SIZES:
        tried = asked.but(chips=np.where(free, float(size), asked.chips))
        fit = fitting(tried)
        for batch in BATCHES:
            n = np.clip(fit, 1.0, batch)
            seconds = step(tried, c, n).total
            serves = (fit >= 1.0) & (tried.chips <= np.maximum(asked.domain, 1.0)) & ((seconds <= asked.level) | (batch == BATCHES[0]))
            best = np.maximum(best, np.where(serves, n / (seconds * tried.chips), 0.0))
        if not free.any():
            break
    return c.full_rate * best


def _code(asked: Deployments, mode: str) -> int:
    return asked.mode.names.index(mode) if mode in asked.mode.names else -1
