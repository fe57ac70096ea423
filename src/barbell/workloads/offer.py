"""What Barbell calls inference and production: a model, a service level, formats of the weights and how busy chips are.

Choices, not measurements: which model and level speak for a market is written here, how busy its chips are is a fact of grade S with its range.
"""

from __future__ import annotations

from dataclasses import dataclass

from barbell.workloads.serving import Demand


@dataclass(frozen=True)
class Offer:
    """One kind of serving."""

    name: str
    """Begins the names of its rates: ``inference-h100``."""
    model: str
    """Slug of the reference model's facts."""
    demand: Demand
    busy: str
    """The fact that says how many output tokens chips give over the year per token that they could: daily shape, headroom, failover."""


INFERENCE = Offer("inference", "deepseek_r1", Demand(1024, 1024, 0.100), "busy-inference")
"""Elastic inference: a mixture of experts with 37 B active parameters at a relaxed 100 ms per token, in the narrowest format that a chip computes."""
PRODUCTION = Offer("production", "llama_3_70b", Demand(1024, 1024, 0.030, formats=("fp8", "bf16", "int4")), "busy-production")
"""Production workloads: a dense 70 B model at a tight 30 ms per token, in 8 bits where a chip computes them, held ready for peaks."""
OFFERS = (INFERENCE, PRODUCTION)
