"""The share of time that trains: what checkpoints, failures and restarts leave.

Failures of chips come in proportion to their number, failures of software and of people do not. Between checkpoints every `interval` seconds, each
taking `write` seconds of standstill, a failure loses on average half an interval and a restart:

    goodput = 1 / (1 + write / interval) x max(0, 1 - rate x (restart + (interval + write) / 2)),   rate = chips / mtbf + software

With no failures that is 1 / (1 + write / interval). Without a stated interval the best of this expression is taken,
sqrt(write^2 + 2 write (1/rate - restart - write/2)) - write, which for rare failures is that of Young (1974) and Daly (2006), sqrt(2 write / rate).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
HOUR = 3600.0
CHIP_HOURS = 50_700.0
"""Chip-hours between failures that stop a job: Llama 3 405B, 419 unexpected interruptions in 54 days on 16,384 H100 (Meta, 2024)."""
SOFTWARE_HOURS = 500.0
"""Hours between stops that do not depend on the size: own assumption."""
RESTART = 600.0
"""Seconds to find the fault, start again and read the checkpoint: own assumption, 5 to 30 minutes in reports."""
WRITE = 20.0
"""Seconds for which a checkpoint stops the job, most of it written in the background: own assumption."""
LONGEST = 24 * HOUR
"""Longest interval between checkpoints, whatever the failures."""


@dataclass(frozen=True)
class Reliability:
    """How often a job stops, and what it costs; seconds unless said otherwise. Infinite hours mean never."""

    chip_hours: float = CHIP_HOURS
    software_hours: float = SOFTWARE_HOURS
    restart: float = RESTART
    write: float = WRITE

    def __post_init__(self) -> None:
        if min(self.chip_hours, self.software_hours) <= 0 or min(self.restart, self.write) < 0:
            raise ValueError("hours between failures must be positive, restart and write not negative")


def failures(chips: Numbers, how: Reliability) -> Numbers:
    """Stops per second of a job on `chips`."""
    rate: Numbers = np.asarray(chips, dtype=float) / (how.chip_hours * HOUR) + 1 / (how.software_hours * HOUR)
    return rate


def best_interval(chips: Numbers, how: Reliability) -> Numbers:
    """Seconds between checkpoints that lose least, at most `LONGEST`."""
    rate = failures(chips, how)
    with np.errstate(divide="ignore"):
        spared = np.where(rate > 0, np.maximum(1 / np.where(rate > 0, rate, 1.0) - how.restart - how.write / 2, 0.0), math.inf)
    return np.clip(np.sqrt(how.write**2 + 2 * how.write * spared) - how.write, 1.0, LONGEST)


def goodput(chips: Numbers, how: Reliability | None = None, interval: Numbers | float | None = None) -> Numbers:
    """Share of time that trains, from 0 (it fails faster than it restarts) to 1."""
    how = how or Reliability()
    every = best_interval(chips, how) if interval is None else np.asarray(interval, dtype=float)
    lost = failures(chips, how) * (how.restart + (every + how.write) / 2)
    share: Numbers = np.maximum(0.0, 1 - lost) / (1 + how.write / every)
    return share
