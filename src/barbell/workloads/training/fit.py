"""Fitting the constants to measured rows: the most probable ones under their priors, robustly, in seconds.

Minimised is the sum over rows of a soft absolute loss of the logarithmic error over its class's `NOISE`, plus the squared distance of every
logarithm from its prior over its spread. The loss grows linearly beyond one deviation: a regression of a release or a mistaken row pulls little.
A source with many rows counts as `MOST` of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from barbell.workloads.training.constants import CHANNELS, CONSTANTS, EFFECTS, assemble, design, deviate
from barbell.workloads.training.job import Jobs
from barbell.workloads.training.step import Features, features, step

Numbers = NDArray[np.float64]
NOISE = {False: 0.09, True: 0.15}
"""Deviation of a row's logarithmic error that the fit expects: dense models, mixtures of experts."""
MOST = 250.0
"""Rows of one source that count in full."""
ITERATIONS = 40
TOLERANCE = 1e-4
STEP = 1e-4
"""Of the one-sided difference that a derivative is taken from."""
PRIOR = np.log([constant.prior for constant in CONSTANTS])
WIDTH = np.array([constant.spread for constant in CONSTANTS])


@dataclass(frozen=True)
class Fitted:
    """Logarithms of the constants and of the deviations of `kinds`, and their joint covariance."""

    logs: Numbers
    deviations: Numbers
    kinds: tuple[tuple[str, str], ...]
    covariance: Numbers
    rows: int

    @property
    def parameters(self) -> int:
        """How many numbers were fitted."""
        return len(self.logs) + len(self.deviations)


def rate(f: Features, logs: Numbers, off: Mapping[str, Numbers]) -> Numbers:
    """Tokens/s per chip with constants `logs` and deviations `off` by channel."""
    tokens: Numbers = f.jobs.batch * f.jobs.tokens / (step(f, assemble(f, logs, off)).total * f.jobs.n)
    return tokens


def weigh(sources: NDArray[np.object_], routed: NDArray[np.bool_]) -> Numbers:
    """Weight of each row's logarithmic error."""
    names, counts = np.unique(sources.astype(str), return_counts=True)
    share = dict(zip(names, np.sqrt(np.minimum(1.0, MOST / counts)), strict=True))
    return np.array([share[str(source)] for source in sources]) / np.where(routed, NOISE[True], NOISE[False])


def fit(jobs: Jobs, measured: Numbers, sources: NDArray[np.object_], *, kinds: Sequence[tuple[str, str]], start: Fitted | None = None) -> Fitted:
    """The most probable constants given `measured` tokens/s per chip; deterministic. `start` only saves time."""
    f, positions, goal = features(jobs), design(jobs, kinds), np.log(measured)
    weights = weigh(sources, jobs.of("experts") > 0)
    width = np.concatenate([WIDTH, [EFFECTS[kind][1] for kind, _ in kinds]])
    prior, count = np.concatenate([PRIOR, np.zeros(len(kinds))]), len(PRIOR)
    marks = _marks(positions, len(kinds))

    def cost(theta: Numbers) -> float:
        off = (np.log(rate(f, theta[:count], deviate(theta[count:], positions))) - goal) * weights
        return float(2 * (np.sqrt(1 + off**2) - 1).sum() + (((theta - prior) / width) ** 2).sum())

    def curve(theta: Numbers) -> tuple[Numbers, Numbers]:
        """Half gradient and curvature of the cost, the loss replaced by the parabola that lies on it."""
        here, jacobian = _linearise(f, theta, positions, marks)
        off = (here - goal) * weights
        pull = weights / np.sqrt(1 + off**2)
        return jacobian.T @ (pull * off) + (theta - prior) / width**2, (jacobian * (pull * weights)[:, None]).T @ jacobian + np.diag(width**-2)

    theta = np.concatenate([start.logs, start.deviations]) if start and start.kinds == tuple(kinds) else prior
    theta = _descend(theta, cost, curve)
    covariance = np.asarray(np.linalg.inv(curve(theta)[1]), dtype=np.float64)
    return Fitted(theta[:count], theta[count:], tuple(kinds), covariance, len(jobs))


def _descend(theta: Numbers, cost: Callable[[Numbers], float], curve: Callable[[Numbers], tuple[Numbers, Numbers]]) -> Numbers:
    """Levenberg and Marquardt: damped steps on the local parabola until the cost falls by less than `TOLERANCE`."""
    value, damping = cost(theta), 1e-3
    for _ in range(ITERATIONS):
        slope, bend = curve(theta)
        while damping < 1e6:
            moved = theta - np.linalg.solve(bend + damping * np.diag(np.diag(bend)), slope)
            fallen = value - cost(moved)
            if fallen > 0:
                break
            damping *= 6
        else:
            break
        theta, value, damping = moved, value - fallen, max(damping / 6, 1e-6)
        if fallen < TOLERANCE * value:
            break
    return theta


def _marks(positions: Mapping[str, NDArray[np.int64]], count: int) -> dict[str, Numbers]:
    """For each channel, which deviations act on each job."""
    marks = {channel: np.zeros((len(positions["chip"]), count)) for channel in CHANNELS}
    for kind, where in positions.items():
        known = np.flatnonzero(where >= 0)
        marks[EFFECTS[kind][0]][known, where[known]] = 1.0
    return marks


def _linearise(f: Features, theta: Numbers, positions: Mapping[str, NDArray[np.int64]], marks: Mapping[str, Numbers]) -> tuple[Numbers, Numbers]:
    """Logarithm of the rate and its derivatives: one evaluation per constant, one for all deviations of a channel together."""
    count = len(PRIOR)
    logs, off = theta[:count], deviate(theta[count:], positions)
    here = np.log(rate(f, logs, off))
    columns = []
    for n in range(count):
        moved = logs.copy()
        moved[n] += STEP
        columns.append((np.log(rate(f, moved, off)) - here) / STEP)
    deviating = np.zeros((len(here), len(theta) - count))
    for channel, mark in marks.items():
        moved_off = {**off, channel: off[channel] + STEP}
        deviating += mark * ((np.log(rate(f, logs, moved_off)) - here) / STEP)[:, None]
    return here, np.hstack([np.stack(columns, axis=1), deviating])
