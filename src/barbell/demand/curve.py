"""A demand curve of constant elasticity, cut into price steps.

``Q(P) = Q0 (P / P0) ** -e``: what is asked at price *P* when *Q0* is asked at the reference price *P0*. The steps of the plan
are buyers who would pay up to ``multiples x P0``; each step's share is what the curve adds between two prices.
"""

from __future__ import annotations

from dataclasses import dataclass

MULTIPLES = (1.5, 1.2, 1.0, 0.8, 0.6)
"""Prices of the steps over the reference price, falling."""


@dataclass(frozen=True)
class Curve:
    """Steps of a curve: `multiples` of the reference price, the `shares` of the volume that they ask, and `asked`,
    the volume at the lowest step over that at the reference price."""

    multiples: tuple[float, ...]
    shares: tuple[float, ...]
    asked: float


def steps(elasticity: float, multiples: tuple[float, ...] = MULTIPLES) -> Curve:
    """Cut a curve of constant `elasticity` (a positive number) at `multiples` of the reference price.

    The dearest step takes all buyers who would pay even more. Raises ValueError unless the multiples fall and all are positive.
    """
    if elasticity <= 0 or min(multiples) <= 0 or list(multiples) != sorted(set(multiples), reverse=True):
        raise ValueError("a curve needs a positive elasticity and falling, positive prices")
    asked = [m**-elasticity for m in multiples]
    whole = asked[-1]
    shares = tuple((high - low) / whole for low, high in zip((0.0, *asked), asked, strict=False))
    return Curve(multiples, shares, whole)
