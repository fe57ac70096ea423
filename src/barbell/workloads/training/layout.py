"""Search of layouts: how a job is best spread over its chips, all candidates of all jobs as one array.

Candidates are products of powers of two (and three where the layers ask for it) that divide the chips; those that do not fit in memory fall away, the
fastest of the rest is taken. What a job states is never changed.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from barbell.workloads.training.constants import assemble, design
from barbell.workloads.training.job import TOKENS, Jobs
from barbell.workloads.training.memory import need
from barbell.workloads.training.step import features, step

Numbers = NDArray[np.float64]
TENSOR = (1, 2, 4, 8)
PIPELINE = (1, 2, 4, 8, 16, 32)
CONTEXT = (1, 2, 4, 8)
MICRO = (1, 2, 4, 8)
GRID = np.array(
    [combo for combo in itertools.product(TENSOR, PIPELINE, CONTEXT, MICRO, (0, 1), (0, 2)) if combo[0] * combo[1] * combo[2] <= 256 and not (combo[4] and combo[1] > 1)],
    dtype=float,
)
"""Candidates: tensor, pipeline and context ranks, sequences per micro-batch, sharded or not, recomputation."""
TOKENS_PER_CHIP = 8192.0
"""Tokens per chip and step where a job states no batch."""
OLD_TOKENS = 2048.0
"""Sequence length of GPT models where none is stated."""
BLOCK = 100


def settle(jobs: Jobs, fitted: Fitted) -> Jobs:
    """Jobs with every open size filled: usual sequence and batch, then the fastest layout that fits; where none fits, the job is refused."""
    jobs = _usual(jobs)
    open_ = np.flatnonzero((jobs.tp == 0) | (jobs.micro == 0))
    open_ = open_[jobs.refused[open_] == ""]
    for start in range(0, len(open_), BLOCK):
        jobs = _search(jobs, open_[start : start + BLOCK], fitted)
    return jobs
