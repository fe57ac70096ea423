"""What a layout needs of each chip's memory, and by how much it does not fit.

Bytes per parameter: weights 2, gradients 4 (2 where weights are sharded), optimiser 12 (two moments and the master copy in 32 bits).
Activations per layer and micro-batch after Korthikanti et al. 2022: 34 s b h / tp, with attention scores 5 a s^2 b / tp more where attention is
not fused (stack ``megatron``); 2 s b h where all is recomputed, and then one layer in full. The first of pp stages holds up to pp micro-batches.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from barbell.workloads.training.job import Jobs

Numbers = NDArray[np.float64]
RESERVE = 4e9
"""Bytes per chip for the runtime, collectives' buffers and fragmentation."""
USABLE = 0.97
GATHERED = 2.0
"""Layers whose weights a sharded job holds in full at a time."""
ADAPTER_SHARE = 0.01
"""Parameters of a low-rank adapter over those of the model."""


@dataclass(frozen=True)
class Need:
    """Bytes per chip."""

    weights: Numbers
    gradients: Numbers
    optimiser: Numbers
    activations: Numbers
    reserve: Numbers
    room: Numbers

    @property
    def total(self) -> Numbers:
        """All of it."""
        return self.weights + self.gradients + self.optimiser + self.activations + self.reserve

    @property
    def lacking(self) -> Numbers:
        """Bytes per chip by which the job does not fit; 0 or less where it does."""
        return self.total - self.room


def need(jobs: Jobs) -> Need:
    """What each job needs; the layout must be settled."""
    total, routed, layers = jobs.of("total"), jobs.of("routed"), jobs.of("layers")
    dense = np.maximum(total - routed, 0.0)
    held = dense / (jobs.tp * jobs.pp) + routed / (jobs.pp * np.maximum(jobs.ep, jobs.tp))
    spread = jobs.sharers()
    trained = np.where(jobs.adapter > 0, ADAPTER_SHARE, 1.0)
    weights = 2 * held / spread + np.where(jobs.sharded > 0, 2 * GATHERED * total / layers / jobs.tp, 0.0)
    gradients = np.where(jobs.sharded > 0, 2.0, 4.0) * held / spread * trained
    optimiser = 12 * held * trained / np.where((jobs.sharded == 1) | (jobs.zero > 0), jobs.dp, spread)
    return Need(weights, gradients, optimiser, _activations(jobs), np.full(len(jobs), RESERVE), USABLE * jobs.on("memory"))


def _activations(jobs: Jobs) -> Numbers:
    hidden, layers, pp = jobs.of("hidden"), jobs.of("layers"), jobs.pp
    tokens = jobs.micro * jobs.tokens / jobs.cp
    unfused = jobs.runs("megatron") & (jobs.recompute == 0)
    each = tokens * (34 * hidden + np.where(unfused, 5 * jobs.of("heads") * jobs.tokens, 0.0)) / jobs.tp
    each += tokens * jobs.of("per_token") * (4 * jobs.of("travel") + 8 * jobs.of("expert_width")) / jobs.tp * jobs.of("moe_layers") / layers
    kept = np.where(jobs.recompute == 2, 2 * tokens * hidden / jobs.tp, each)
    held = np.minimum(jobs.batch / (jobs.dp * jobs.micro), pp) * np.where(pp > 1, 1 + (pp - 1) / (pp * jobs.vp), 1.0)
    words = 6 * tokens * jobs.of("vocabulary") / jobs.tp
    activations: Numbers = layers / pp * kept * held + np.where(jobs.recompute == 2, each, 0.0) + words
    return activations
