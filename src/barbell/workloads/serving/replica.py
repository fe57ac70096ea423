"""Output tokens per second of a replica at a time per token: a closed form with fitted constants.

One decode step of a replica of N chips with n running sequences reads the weights and the caches, multiplies, and talks;
every step also carries its share n/o of a prefill. With L layers, h hidden width, F peak FLOP/s, B memory bandwidth:

==========  =======================================================================================
touched(n)  E (1 - (1 - k/E)^n) distinct experts of E, k per token
t_mem(n)    (weight bytes(n) / N + n cache bytes / d) / (B e_bw), the cache split over d = min(N, kv heads)
t_flop(n)   2 active n / (N F e_flop)
t_comm(n)   2 L (alpha log2 N + 4 n h (N - 1) / (N link))
t(n)        sqrt(t_mem^2 + t_flop^2) + t_comm + L tau + (n - 1)/o t_prefill
t_prefill   (2 active i + 2 q L i^2) / (N F e_pre) + L tau, attention counted once (causal)
==========  =======================================================================================

t(n) rises almost linearly (W + H n), so the most sequences within a time per token T and within memory, n*, and with it
n*/(t(n*) N), is a number: plans stay linear. The constants were fitted to 1,606 public rows (aggregated serving, no
speculative decoding; H100, H200, B200, B300; ten models; three engines). Every array may have any shape that broadcasts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from barbell.workloads.model import Model

Numbers = NDArray[np.float64]

BANDWIDTH_SHARE = 0.69
"""e_bw, share of the bandwidth of the data sheet (fit 0.66 to 0.73)."""
PREFILL_SHARE = 0.40
"""e_pre, share of peak FLOP/s in prefill (fit 0.37 to 0.43)."""
DECODE_SHARE = 0.5
"""e_flop, share of peak FLOP/s in decode: not identifiable from the rows, which are never bound by it."""
LAYER_SECONDS = 53e-6
"""tau, launch, norms, routing and scheduler per layer (fit 44 to 61 us)."""
HOP_SECONDS = 7.9e-6
"""alpha, latency of an all-reduce per doubling of the chips (fit 5.6 to 10 us)."""
CACHE_BYTES = 1.0
"""Bytes of a cached element: an 8-bit cache, as in the fit."""
USABLE_SHARE = 0.9
"""Share of memory that engines take."""
OVERHEAD_BYTES = 3.5e9
"""Memory of a chip that holds neither weights nor cache (the default of AIConfigurator)."""
MOST_SEQUENCES = 512
"""Largest number of running sequences per replica among the fitted rows: nothing is promised beyond."""
CHIP_TIME = {"h100": 0.94, "h200": 1.06, "b200": 0.99, "b300": 1.02}
"""Fitted factor on time by chip. It does not part the chip from the versions of its engines and would rank H200 behind H100,
so plans take 1 for all chips; comparisons with measured rows use it."""
ENGINE_TIME = {"trtllm": 0.89, "vllm": 0.99, "sglang": 1.13}
"""Fitted factor on time of the engines; plans take 1, between them."""


@dataclass(frozen=True)
class Service:
    """What a request asks: seconds per output token at most, tokens in and out."""

    seconds_per_token: float
    tokens_in: float
    tokens_out: float

    def __post_init__(self) -> None:
        if min(self.seconds_per_token, self.tokens_in, self.tokens_out) <= 0:
            raise ValueError("seconds per token, tokens in and tokens out must be positive")


@dataclass(frozen=True)
class Machines:
    """Chips as arrays of one shape, each with the format that its weights have."""

    peak: Numbers
    """FLOP/s in the precision of the multiplications."""
    memory: Numbers
    """Bytes per chip."""
    bandwidth: Numbers
    """Bytes/s per chip."""
    link: Numbers
    """Bytes/s per chip in one direction, inside the scale-up domain."""
    domain: Numbers
    """Chips in the scale-up domain: whole replicas fill it, none is larger."""
    weight_bytes: Numbers
    """Bytes of a parameter of the feed-forward parts."""
    other_bytes: Numbers
    """Bytes of any other parameter."""
    slowness: Numbers
    """Factor on time: calibration, or the edge of an interval."""


@dataclass(frozen=True)
class Capacity:
    """What serves best, per machine: output tokens/s per chip (0 where nothing does), chips, sequences, seconds per token."""

    rate: Numbers
    chips: NDArray[np.int64]
    sequences: NDArray[np.int64]
    seconds: Numbers


def touched(model: Model, n: Numbers) -> Numbers:
    """Distinct experts that n tokens of one step read, per layer."""
    if not model.routed:
        return np.zeros_like(n)
    share = 1 - model.experts_per_token / model.experts
    distinct: Numbers = model.experts * (1 - share**n)
    return distinct


def weights(model: Model, machines: Machines) -> Numbers:
    """Bytes of the whole model in each machine's format."""
    feed_forward = model.dense + model.experts * model.expert
    total: Numbers = model.other * machines.other_bytes + feed_forward * machines.weight_bytes
    return total


def prefill_seconds(model: Model, machines: Machines, service: Service, chips: Numbers) -> Numbers:
    """Time to read one prompt on an idle replica of `chips`."""
    tokens = service.tokens_in
    operations = 2 * model.active * tokens + 2 * model.query * model.layers * tokens**2
    seconds: Numbers = machines.slowness * (operations / (chips * machines.peak * PREFILL_SHARE) + model.layers * LAYER_SECONDS)
    return seconds


def step_seconds(model: Model, machines: Machines, service: Service, chips: Numbers, n: Numbers) -> Numbers:
    """t(n): time per output token of a replica of `chips` with `n` running sequences; all shapes broadcast."""
    read = model.other * machines.other_bytes + (model.dense + touched(model, n) * model.expert) * machines.weight_bytes
    cache = model.kv_elements * CACHE_BYTES * (service.tokens_in + service.tokens_out / 2)
    memory = (read / chips + n * cache / np.minimum(chips, model.kv_heads)) / (machines.bandwidth * BANDWIDTH_SHARE)
    multiply = 2 * model.active * n / (chips * machines.peak * DECODE_SHARE)
    talk = 2 * model.layers * (HOP_SECONDS * np.log2(chips) + 4 * n * model.hidden * (chips - 1) / (chips * machines.link))
    decode = np.sqrt(memory**2 + multiply**2) + talk + model.layers * LAYER_SECONDS
    prefill = prefill_seconds(model, machines, service, chips)
    total: Numbers = machines.slowness * decode + (n - 1) / service.tokens_out * prefill
    return total


def fitting(model: Model, machines: Machines, service: Service, chips: Numbers) -> Numbers:
    """Sequences whose caches fit beside the weights; 0 where the weights do not fit or replicas do not fill the scale-up domain."""
    copies = chips / np.minimum(chips, model.kv_heads)
    sequence = model.kv_elements * CACHE_BYTES * (service.tokens_in + service.tokens_out) * copies
    room = USABLE_SHARE * chips * machines.memory - weights(model, machines) - OVERHEAD_BYTES * chips
    count: Numbers = np.where(machines.domain % chips == 0, np.clip(np.floor(room / sequence), 0, MOST_SEQUENCES), 0.0)
    return count


def capacity(model: Model, machines: Machines, service: Service, sizes: tuple[int, ...]) -> Capacity:
    """The best replica size among `sizes` for each machine, machines of shape (m,).

    For each size n* is the largest count with t(n*) <= T that fits; the best size has the most tokens/s per chip, the
    smaller one when two are equal. A machine that no size lets serve gets rate 0 with 0 chips and 0 sequences.
    """
    columns = Machines(**{name: value[:, None, None] for name, value in vars(machines).items()})
    chips = np.asarray(sizes, dtype=np.float64)[None, :, None]
    n = np.arange(1.0, MOST_SEQUENCES + 1)[None, None, :]
    seconds = step_seconds(model, columns, service, chips, n)
    allowed = (seconds <= service.seconds_per_token) & (n <= fitting(model, columns, service, chips))
    most = np.where(allowed, n, 0.0).max(axis=2)
    at_most = np.take_along_axis(seconds, np.maximum(most - 1, 0).astype(np.int64)[:, :, None], axis=2)[:, :, 0]
    rates = most / (at_most * chips[:, :, 0])
    best = rates.argmax(axis=1)
    rows = np.arange(len(best))
    serves = rates[rows, best] > 0
    return Capacity(
        rate=rates[rows, best],
        chips=np.where(serves, np.asarray(sizes)[best], 0),
        sequences=most[rows, best].astype(np.int64),
        seconds=np.where(serves, at_most[rows, best], 0.0),
    )
