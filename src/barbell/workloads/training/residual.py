"""What the closed form leaves: a smooth function of the job, learnt from residuals of nearby jobs, that fades to nothing far from all of them.

A Gaussian process with one kernel for all jobs over logarithms of sizes (`SCALES`), in the Nystroem form on at most `CENTRES` measured jobs, so
that a million predictions stay cheap. Its variance widens the interval where no job is near.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from barbell.workloads.training.job import EPOCH, STACKS
from barbell.workloads.training.step import Features

Numbers = NDArray[np.float64]
SCALES: Mapping[str, float] = {
    "tensor": 0.7, "pipeline": 1.0, "tokens": 1.0, "count": 2.0, "hidden": 1.0, "layers": 1.0, "sequence": 1.5, "chips": 3.0, "local": 0.7,
    "experts": 1.0, "each": 2.0, "parallel": 1.5, "precision": 0.7, "sharded": 1.0, "recompute": 1.0, "adapter": 0.7, "year": 1.0, "stack": 0.5,
    "line": 1.0,
}  # fmt: skip
"""How much of each coordinate makes jobs strangers; sizes count in doublings, labels as 0 or 1."""
LINES = ("ampere", "hopper", "blackwell", "cdna3", "cdna4", "google", "aws")
"""Generations of chips, or vendors that have few rows, as labels."""
COLUMNS = (
    *(name for name in SCALES if name not in ("stack", "line")),
    *(f"stack {name}" for name in STACKS),
    *(f"line {name}" for name in LINES),
)  # fmt: skip
AMPLITUDE = 0.12
"""Standard deviation of the function before rows were seen."""
FAR_SHARE = 0.3
"""Of the variance that a nearest centre leaves, what errors on unseen models show; the noise of the class covers the rest."""
CENTRES = 128
JITTER = 1e-5
"""Added to the covariance of the centres with themselves, so that their weights stay small and single precision suffices."""


@dataclass(frozen=True)
class Residual:
    """Centres, one row each in scaled coordinates (`COLUMNS`), and their weights."""

    centres: Numbers
    weights: Numbers


def coordinates(f: Features) -> Numbers:
    """Scaled coordinates of each job, one row each, in the order of `COLUMNS`."""
    j = f.jobs
    each = j.micro * j.tokens * f.per_token * np.maximum(j.ep, 1.0) / np.maximum(f.experts, 1.0)
    sizes = {
        "tensor": j.tp, "pipeline": j.pp, "tokens": j.micro * j.tokens, "count": j.batch / (j.dp * j.micro), "hidden": f.hidden, "layers": f.layers,
        "sequence": j.tokens, "chips": j.n, "local": f.hidden / j.tp, "experts": 1 + f.experts, "each": 1 + each, "parallel": np.maximum(j.ep, 1.0),
    }  # fmt: skip
    columns = {name: np.log2(size) / SCALES[name] for name, size in sizes.items()}
    columns |= {
        "precision": j.precision / SCALES["precision"],
        "sharded": (j.sharded > 0) / SCALES["sharded"],
        "adapter": j.adapter / SCALES["adapter"],
    }
    columns |= {"recompute": (j.recompute > 0) / SCALES["recompute"], "year": np.where(f.experts > 0, j.year - EPOCH, 0.0) / SCALES["year"]}
    columns |= {f"stack {name}": j.runs(name) / SCALES["stack"] for name in STACKS}
    for name in LINES:
        columns[f"line {name}"] = np.array([name in (one.generation, one.vendor) for one in j.chips])[j.chip] / SCALES["line"]
    return np.stack([np.asarray(columns[name], dtype=float) for name in COLUMNS], axis=1)


def kernel(first: Numbers, second: Numbers) -> Numbers:
    """Covariance of the function between two sets of jobs."""
    squares = (first**2).sum(axis=1)[:, None] + (second**2).sum(axis=1)[None, :] - 2 * (first @ second.T)
    covariance: Numbers = AMPLITUDE**2 * np.exp(-0.5 * np.maximum(squares, 0.0))
    return covariance


def learn(f: Features, off: Numbers, noise: Numbers) -> Residual:
    """The function given residuals `off` (logarithm of measured over predicted) with standard deviations `noise`."""
    points = coordinates(f)
    centres = points[_spread(points)]
    between = kernel(centres, centres) + JITTER * np.eye(len(centres))
    across = kernel(centres, points)
    weights = np.linalg.solve(between + (across / noise**2) @ across.T, across @ (off / noise**2))
    return Residual(centres, np.asarray(weights, dtype=np.float64))


def correct(f: Features, residual: Residual) -> tuple[Numbers, Numbers]:
    """The function at each job, and how uncertain it is there: a share of the variance that the nearest centre leaves.

    In single precision and in place: this is where a million predictions spend their time.
    """
    points, centres = coordinates(f).astype(np.float32), residual.centres.astype(np.float32)
    near = points @ centres.T
    near -= (points**2).sum(axis=1)[:, None] / 2
    near -= (centres**2).sum(axis=1)[None, :] / 2
    np.minimum(near, 0.0, out=near)
    np.exp(near, out=near)
    local = near @ (AMPLITUDE**2 * residual.weights).astype(np.float32)
    return local.astype(np.float64), FAR_SHARE * AMPLITUDE**2 * (1.0 - near.max(axis=1).astype(np.float64) ** 2)


def _spread(points: Numbers) -> NDArray[np.int64]:
    """Positions of points that lie far apart, each the farthest from those before it."""
    chosen = [0]
    distance = ((points - points[0]) ** 2).sum(axis=1)
    while len(chosen) < min(CENTRES, len(points)) and distance.max() > 1e-6:
        chosen.append(int(distance.argmax()))
        distance = np.minimum(distance, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
    return np.array(chosen, dtype=np.int64)
