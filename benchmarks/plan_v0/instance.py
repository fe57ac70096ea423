"""The numbers of the instance: two-stage expansion of sites with chips under uncertain demand, prices, supply and power.

A solver benchmark, not a planning case. Units: MW, thousand chips, $M, $M per quarter. The order of the draws is part of the
definition; counts and sums are asserted, so that two programs that claim to solve `v0` solve the same problem.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

SIZES = {"S": (4, 5, 8, 6, 3, 8), "M": (6, 10, 16, 6, 3, 20), "L": (6, 16, 20, 6, 3, 64)}
"""Chips, sites, quarters, demand segments, price steps, scenarios."""

COUNTS = {"S": (4_352, 7_216, 20_878), "M": (52_656, 119_040, 338_593), "L": (324_820, 681_600, 2_008_491)}
"""Rows, columns, non-zeros."""

OPTIMA = {"S": -5965.346493, "M": -31784.102891}
"""Known to the digits given; at L only a bracket is: [-85116.268, -85107.964]."""

FINGERPRINTS = {
    "S": (32121.078386, 6051.206789, 3104.418540, 301.166260),
    "M": (712366.257468, 38323.123304, 57974.951746, 3020.077347),
    "L": (4188579.564861, 179822.535697, 555830.289078, 19286.574251),
}
"""Sums of demand, price, supply and delivered power."""


@dataclass(frozen=True)
class Instance:
    """Arrays named as in the formulas; axes k chips, s sites, t quarters, d segments, j steps, w scenarios."""

    shape: tuple[int, int, int, int, int, int]
    mw: np.ndarray  # (k,) MW per thousand chips
    pue: np.ndarray  # (s,)
    lag: np.ndarray  # (k,) quarters from buying to installing
    lead_build: np.ndarray  # (s,) quarters
    lead_power: np.ndarray  # (s,) quarters
    cap0: np.ndarray  # (s,) MW
    cost_build: np.ndarray  # (s,) $M/MW
    cost_power: np.ndarray  # (s,)
    cost_cool: np.ndarray  # (s,)
    opex: np.ndarray  # (s,) $M per MW and quarter
    max_build: np.ndarray  # (s,) MW per quarter
    max_power: np.ndarray  # (s,)
    inst0: np.ndarray  # (k, s)
    keep: np.ndarray  # (k,) share that survives a quarter
    perf: np.ndarray  # (k, d), zero where a chip cannot serve a segment
    demand: np.ndarray  # (w, d, j, t)
    revenue: np.ndarray  # (d, j)
    price: np.ndarray  # (w, k, t)
    salvage: np.ndarray  # (k,)
    supply: np.ndarray  # (w, k, t)
    delivered: np.ndarray  # (w, s, t) share of contracted power
    budget: np.ndarray  # (t,)
    delta: np.ndarray  # (t,) discount factor

    @property
    def liquid(self) -> np.ndarray:
        """(k,) whether a chip needs liquid cooling."""
        return np.arange(self.shape[0]) % 2 == 0

    @property
    def pow0(self) -> np.ndarray:
        """(s,) MW."""
        return 1.2 * self.cap0

    @property
    def liq0(self) -> np.ndarray:
        """(s,) MW."""
        return 1.15 * (self.mw[:, None] * self.inst0)[self.liquid].sum(0)

    @property
    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """(chip, segment) of every compatible pair."""
        return np.nonzero(self.perf)

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Columns and rows of the first stage, columns and rows of each scenario."""
        k, s, t, d, j, _ = self.shape
        columns = 2 * k * s * t + len(self.pairs[0]) * s * t + d * j * t + t
        return 6 * s * t, 3 * s * t + t, columns, 2 * k * s * t + 3 * s * t + k * t + d * t + t


def draw(size: str, scenarios: int | None = None) -> Instance:
    """Draw a published size, or the same with another number of scenarios (another instance, see the README)."""
    shape = (*SIZES[size][:5], scenarios or SIZES[size][5])
    instance = _draw(shape)
    if shape == SIZES[size]:
        sums = (instance.demand.sum(), instance.price.sum(), instance.supply.sum(), instance.delivered.sum())
        np.testing.assert_allclose(sums, FINGERPRINTS[size], atol=1e-6, rtol=0)
    np.testing.assert_allclose(instance.mw[0], 1.473266, atol=1e-6)
    return instance


def warm_up() -> Instance:
    """A tiny one, to load what a layer loads on its first build."""
    return _draw((2, 2, 6, 2, 2, 2))


def _draw(shape: tuple[int, int, int, int, int, int]) -> Instance:
    k, s, t, d, _, w = shape
    rng = np.random.default_rng(0)
    u, time = rng.uniform, np.arange(t)
    mw, pue, lag = u(0.9, 1.8, k), u(1.08, 1.35, s), rng.integers(1, 3, k)
    lead_build, lead_power = rng.integers(2, 5, s), rng.integers(2, 6, s)
    cap0 = u(20, 60, s)
    cost_build, cost_power, cost_cool = u(8, 12, s), u(0.8, 2.5, s), u(1, 2, s)
    opex, max_build, max_power = u(0.10, 0.20, s), u(20, 60, s), u(20, 80, s)
    inst0 = u(0, 1, (k, s))
    inst0 *= 0.6 * cap0 / (mw[:, None] * inst0).sum(0)
    keep = 1 - u(0.02, 0.05, k)
    compatible = u(0, 1, (k, d)) < 0.7
    compatible[np.arange(k), np.arange(k) % d] = True
    for segment in np.flatnonzero(~compatible.any(0)):
        compatible[rng.integers(k), segment] = True
    perf = u(0.5, 2.0, (k, d)) * compatible
    base, growth = u(30, 110, d) * s / 5, 1 + u(0.04, 0.12, d)
    walk = rng.normal(0, 0.08, (w, d, t)).cumsum(2) + rng.normal(0, 0.15, (w, 1, 1))
    phi = np.array([0.5, 0.3, 0.2])[: shape[4]]
    demand = (base[:, None] * growth[:, None] ** time * np.exp(walk))[:, :, None, :] * phi[:, None]
    p0, price0 = u(3, 7, d), u(15, 38, k)
    price = price0[:, None] * 0.975**time * np.exp(rng.normal(0, 0.02, (w, k, t)).cumsum(2))
    sup0 = u(3, 10, k) * s / 3
    supply = sup0[:, None] * 1.06**time * np.exp(rng.normal(0, 0.2, (w, k, t)))
    delivered = np.clip(1 - rng.exponential(0.06, (w, s, t)), 0.8, 1.0)
    revenue, salvage = p0[:, None] * np.array([1, 0.775, 0.55])[: shape[4]], 0.35 * price0
    budget, delta = 110 * s * 1.05**time, 0.98**time
    local = locals()
    return Instance(**{field.name: local[field.name] for field in fields(Instance)})
