"""What Barbell calls inference and production: a model, a service level, formats of the weights and how busy chips are.

Choices, not measurements: each is an assumption with its range, and the rates that follow carry it.
"""

from __future__ import annotations

from dataclasses import dataclass

from barbell.core.basis import Interval
from barbell.workloads.serving.replica import Service

SIZES = (1, 2, 4, 8, 12, 16)
"""Chips of a replica that are tried; 12 is an inf2 server. Larger replicas lie outside the fitted rows."""


@dataclass(frozen=True)
class Format:
    """How weights are stored and in which precision they multiply."""

    name: str
    peak: str
    weight_bytes: float
    """Bytes of a parameter of the feed-forward parts, scales included."""
    other_bytes: float
    """Bytes of any other parameter of a mixture of experts, which stays wider in 4-bit checkpoints."""


BF16 = Format("bf16", "bf16", 2.0, 2.0)
FP8 = Format("fp8", "fp8", 1.0, 1.0)
FP4 = Format("fp4", "fp4", 0.56, 1.6)
INT4 = Format("int4 weights", "bf16", 0.56, 1.6)


@dataclass(frozen=True)
class Offer:
    """One kind of serving."""

    name: str
    model: str
    """Slug of the reference model's facts."""
    service: Service
    formats: tuple[Format, ...]
    """In order of preference: the first that a chip computes and that lets it serve is taken."""
    busy: Interval
    """Output tokens over the year per token that the replica could serve: daily shape, headroom, failover."""


INFERENCE = Offer("inference", "deepseek_r1", Service(0.100, 1024, 1024), (FP4, FP8, BF16, INT4), Interval(0.50, 0.35, 0.70))
"""Elastic inference: a mixture of experts with 37 B active parameters at a relaxed 100 ms per token."""
PRODUCTION = Offer("production", "llama_3_70b", Service(0.030, 1024, 1024), (FP8, BF16, INT4), Interval(0.35, 0.20, 0.50))
"""Production workloads: a dense 70 B model at a tight 30 ms per token, held ready for peaks."""
OFFERS = (INFERENCE, PRODUCTION)
