"""How far a chip may differ from the closed forms: what was measured, and the interval for what was not.

Standard deviations of the logarithm. The first is the residual of the serving fit on unseen configurations (cross-validated),
the second that of leaving a whole chip out (0.22 to 0.31); the third, for a chip of a vendor with hardly any rows, is judgement.
"""

from __future__ import annotations

import math

from barbell.core.basis import Interval
from barbell.workloads.chip import Chip

KNOWN_CHIP = 0.25
UNSEEN_CHIP = 0.30
UNSEEN_VENDOR = 0.45
Z80 = 1.2816
"""Standard deviations from the middle to the edge of an 80 % interval."""


def deviation(chip: Chip, measured: frozenset[str]) -> float:
    """Log standard deviation of a rate of `chip` where the chips of `measured` have rows."""
    if chip.name in measured:
        return KNOWN_CHIP
    return UNSEEN_CHIP if chip.vendor == "NVIDIA" else UNSEEN_VENDOR


def around(value: float, spread: float) -> Interval:
    """`value` with the 80 % interval of a log-normal error of standard deviation `spread`."""
    edge = math.exp(Z80 * spread)
    return Interval(value, value / edge, value * edge)
