"""Fitting the constants to measured rows: the most probable ones under their priors, robustly, in seconds.

Minimised is the sum over rows of a soft absolute loss of the logarithmic error over its class's `NOISE`, plus the squared distance of every
logarithm from its prior over its spread. The loss grows linearly beyond one deviation, so that a regression of a release or a mistaken row pulls little.
A source with many rows counts as `MOST` of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from barbell.workloads.training.constants import CONSTANTS, SPREAD, assemble, deviate, design
from barbell.workloads.training.job import Jobs
from barbell.workloads.training.step import Features, features, step

Numbers = NDArray[np.float64]
NOISE = {False: 0.09, True: 0.18}
"""Deviation of a row's logarithmic error that the fit expects: dense models, mixtures of experts."""
MOST = 250.0
"""Rows of one source that count in full."""
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


def rate(f: Features, logs: Numbers, speed: Numbers, host: Numbers) -> Numbers:
    """Tokens/s per chip."""
    tokens: Numbers = f.jobs.batch * f.jobs.tokens / (step(f, assemble(f.jobs, logs, speed, host)).total * f.jobs.n)
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
    width = np.concatenate([WIDTH, [SPREAD[kind] for kind, _ in kinds]])
    prior, count = np.concatenate([PRIOR, np.zeros(len(kinds))]), len(PRIOR)
    marks = _marks(positions, len(kinds))

    def errors(theta: Numbers) -> Numbers:
        off = (np.log(rate(f, theta[:count], *deviate(theta[count:], positions))) - goal) * weights
        return np.concatenate([_soften(off)[0], (theta - prior) / width])

    def slopes(theta: Numbers) -> Numbers:
        off, jacobian = _linearise(f, theta, positions, marks)
        softened = _soften((off - goal) * weights)[1]
        return np.vstack([jacobian * (softened * weights)[:, None], np.diag(1 / width)])

    first = np.concatenate([start.logs, start.deviations]) if start and start.kinds == tuple(kinds) else prior
    found = least_squares(errors, first, jac=slopes, x_scale=width, max_nfev=40, xtol=1e-4, ftol=1e-5)
    jacobian = slopes(found.x)
    covariance = np.linalg.inv(jacobian.T @ jacobian)
    return Fitted(found.x[:count], found.x[count:], tuple(kinds), covariance, len(jobs))


def _soften(off: Numbers) -> tuple[Numbers, Numbers]:
    """Signed root of the soft absolute loss, and its slope."""
    root = np.sqrt(1 + off**2)
    softened = np.sign(off) * np.sqrt(2 * (root - 1))
    slope = np.where(np.abs(off) < 1e-6, 1.0, off / np.where(np.abs(off) < 1e-6, 1.0, root * softened))
    return softened, slope


def _marks(positions: dict[str, NDArray[np.int64]], count: int) -> tuple[Numbers, Numbers]:
    """Which deviations act on each job's arithmetic, and which on its host."""
    rows = len(positions["chip"])
    speed, host = np.zeros((rows, count)), np.zeros((rows, count))
    for kind, where in positions.items():
        known = np.flatnonzero(where >= 0)
        (host if kind == "launch_stack" else speed)[known, where[known]] = 1.0
    return speed, host


def _linearise(f: Features, theta: Numbers, positions: dict[str, NDArray[np.int64]], marks: tuple[Numbers, Numbers]) -> tuple[Numbers, Numbers]:
    """Logarithm of the rate and its derivatives: one evaluation per constant, two for all deviations together."""
    count = len(PRIOR)
    logs = theta[:count]
    speed, host = deviate(theta[count:], positions)
    here = np.log(rate(f, logs, speed, host))
    columns = []
    for n in range(count):
        moved = logs.copy()
        moved[n] += STEP
        columns.append((np.log(rate(f, moved, speed, host)) - here) / STEP)
    faster = (np.log(rate(f, logs, speed + STEP, host)) - here) / STEP
    slower = (np.log(rate(f, logs, speed, host + STEP)) - here) / STEP
    return here, np.hstack([np.stack(columns, axis=1), marks[0] * faster[:, None] + marks[1] * slower[:, None]])
