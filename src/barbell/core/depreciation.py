"""The tax rule of depreciation, one place for the plan and the statements alike.

`deducted(c, age)` is the share of cost deducted within the first `age` years of service:
``bonus + (1 - bonus) * schedule(age)``. The straight schedule rises evenly over the tax life. The declining
schedule takes twice the straight rate of the opening balance of each year of service, evenly within the year,
and changes to the straight rest once that is more (the method behind the 200 % tables of IRS Publication 946,
counted from entering service, without the half-year convention).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from barbell.core.relations import DepreciationClass


def deducted(c: DepreciationClass, age: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of cost deducted by `age`, in years of service, any shape; nothing before entering service."""
    life = c.months / 12
    knots = np.append(np.arange(0.0, life), life)
    levels = knots / life if c.method == "straight" else _declining(life, knots)
    schedule = np.interp(age, knots, levels)
    share: NDArray[np.float64] = np.where(age > 0, c.bonus + (1 - c.bonus) * schedule, 0.0)
    return share


def _declining(life: float, knots: NDArray[np.float64]) -> NDArray[np.float64]:
    levels = np.zeros(len(knots))
    for k in range(1, len(knots)):
        step, left = knots[k] - knots[k - 1], 1.0 - levels[k - 1]
        levels[k] = levels[k - 1] + left * min(step * max(2.0 / life, 1.0 / (life - knots[k - 1])), 1.0)
    return levels
