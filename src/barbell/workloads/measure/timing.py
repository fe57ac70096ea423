"""How long a kernel takes: warmed up, waited for, repeated, and told with its spread."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from barbell.workloads.measure.kernel import Kernel

WARM = 0.3
"""Seconds of warm-up: clocks rise and libraries choose their algorithm."""
LONG = 1.0
"""Seconds of measuring, at least; a kernel is repeated until then, but `FEW` times at least and `MANY` at most."""
FEW, MANY = 10, 2000
BATCH = 5e-3
"""Seconds that calls are put together to: the wait for the device costs some microseconds, which a short kernel must not carry."""


@dataclass(frozen=True)
class Timing:
    """Seconds of one call: the median, and the middle 80 % of the repeats; `rate` is work per second at the median, of one chip."""

    seconds: float
    low: float
    high: float
    repeats: int
    rate: float


def timed(kernel: Kernel, wait: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> Timing:
    """Time a kernel; `wait` returns when the device has done all that it was given."""
    batch = _warm(kernel, wait, clock)
    found: list[float] = []
    begun = clock()
    while len(found) < FEW or (clock() - begun < LONG and len(found) < MANY):
        start = clock()
        for _ in range(batch):
            kernel.call()
        wait()
        found.append((clock() - start) / batch)
    cuts = statistics.quantiles(found, n=10, method="inclusive")
    middle = statistics.median(found)
    return Timing(middle, cuts[0], cuts[-1], len(found), kernel.task.work / middle)


def _warm(kernel: Kernel, wait: Callable[[], object], clock: Callable[[], float]) -> int:
    """Warm up, and return how many calls make a batch."""
    calls, begun = 0, clock()
    while calls < 2 or clock() - begun < WARM:
        kernel.call()
        wait()
        calls += 1
    each = (clock() - begun) / calls
    return max(1, round(BATCH / each)) if each > 0 else 1
