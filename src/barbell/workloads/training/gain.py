"""What micro-benchmarks of a chip take off the doubt about it: the parts of a step that they speak of are better known, the rest is not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from barbell.workloads.training.constants import assemble, design, deviate
from barbell.workloads.training.fit import Fitted
from barbell.workloads.training.job import Jobs
from barbell.workloads.training.step import features, step

Numbers = NDArray[np.float64]
HARDWARE = ("vendor", "generation", "chip")
"""Kinds of deviation that are the chip's; all others are the software's, of which a micro-benchmark tells nothing."""
PARTS = {"products": ("linear", "experts"), "bytes": ("moving",)}
"""Parts of a step that a measured deviation is the speed of."""


def gained(jobs: Jobs, fitted: Fitted, hardware: Numbers) -> Numbers:
    """Variance of each job's logarithmic error that micro-benchmarks take off `hardware`, what its chip may deviate by where no row told.

    Deviations of products, of bytes and of the rest are taken to be wrong together, so that little is gained where only one is measured.
    """
    gain = np.zeros(len(jobs))
    if PARTS.keys().isdisjoint(kind for kind, _ in fitted.kinds):
        return gain
    variance = np.append(np.diag(fitted.covariance)[len(fitted.logs) :], np.nan)
    positions = design(jobs, fitted.kinds)
    known = {kind: variance[positions[kind]] for kind in PARTS if kind in positions}
    which = np.flatnonzero((hardware > 0) & np.isfinite(np.stack([*known.values(), np.full(len(jobs), np.nan)])).any(axis=0))
    if not len(which):
        return gain
    asked = jobs.take(which)
    f = features(asked)
    made = step(f, assemble(f, fitted.logs, deviate(fitted.deviations, design(asked, fitted.kinds))))
    whole = made.total - made.parts["bubble"]
    doubt, left = np.zeros(len(which)), np.ones(len(which))
    for kind, told in known.items():
        share = np.asarray(sum(made.parts[part] for part in PARTS[kind]) / whole)
        doubt += share * np.sqrt(np.fmin(told[which], hardware[which]))
        left = left - share
    doubt += left * np.sqrt(hardware[which])
    gain[which] = hardware[which] - doubt**2
    return gain
