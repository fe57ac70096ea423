"""Round the relaxation: a block is ordered when the relaxation has asked for a share of it, as far as limits and ceilings allow."""

from __future__ import annotations

import numpy as np

from barbell.core.clock import Floats
from barbell.plan.whole.chain import TINY, Chain, Whole

SHARES = (0.02, 0.3, 0.5, 1.0)
"""Shares of a block from which on it is ordered, in the order in which they are tried: capacity too early costs less than capacity too late."""


def rounded(chain: Chain, wanted: Floats, share: float) -> Whole:
    """(K,) counts near the `wanted` ones (K,), each block ordered where `share` of it is asked for; stage by stage, the fullest blocks first."""
    counts = np.zeros(len(wanted), np.int64)
    draws, there = chain.ceilings
    room = there + TINY * np.maximum(np.abs(there), 1.0)
    target = np.floor(wanted + 1 - max(share, TINY))
    for stage in np.unique(chain.stage):
        places = np.flatnonzero(chain.stage == stage)
        first = np.where(chain.before[places] >= 0, counts[chain.before[places]], 0)
        counts[places] = first
        for place in places[np.argsort(-(wanted[places] - first), kind="stable")]:
            part = slice(draws.indptr[place], draws.indptr[place + 1])
            rows, drawn = draws.indices[part], draws.data[part]
            steps = min(int(target[place]) - int(counts[place]), int(chain.most[place]))
            if len(rows) and steps > 0:
                steps = min(steps, int(np.min(np.floor(room[rows] / np.maximum(drawn, 1e-300)))))
            if steps > 0:
                counts[place] += steps
                room[rows] -= steps * drawn
    return counts
