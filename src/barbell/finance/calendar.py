"""Periods as arrays: what falls due when, and what a path or an index is worth in each period."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from barbell.core.horizon import Horizon
from barbell.core.path import Path
from barbell.core.relations import Index

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Calendar:
    """A horizon of T periods; months are counted as in `core.horizon.Month`."""

    horizon: Horizon

    @property
    def count(self) -> int:
        """T, the number of periods."""
        return len(self.horizon.periods)

    @cached_property
    def edges(self) -> Ints:
        """(T + 1,) first month of each period, and the first month after the last."""
        return np.array([*(p.start.index for p in self.horizon.periods), self.horizon.end.index])

    @cached_property
    def start(self) -> Ints:
        """(T,) first month of each period."""
        return self.edges[:-1]

    @cached_property
    def length(self) -> Floats:
        """(T,) length of each period in years."""
        return np.asarray(self.horizon.years)

    @cached_property
    def gap(self) -> Floats:
        """(T,) years between the money of a period and that of the one before; the first counts from the start."""
        return np.diff(np.asarray(self.horizon.middles), prepend=0.0)

    def arrival(self, month: Ints) -> Ints:
        """First period that starts at or after each month; T where none does."""
        return np.searchsorted(self.start, month, side="left")

    def holding(self, month: Ints) -> Ints:
        """Period that contains each month, which is not before the start; T after the end."""
        return np.searchsorted(self.edges, month, side="right") - 1

    def mean(self, path: Path) -> Floats:
        """(T,) mean of a path over the months of each period; a path that begins later counts with its first value before."""
        begin = np.array([min(path.steps[0][0].index, int(self.edges[0])), *(month.index for month, _ in path.steps[1:])])
        end = np.append(begin[1:], self.edges[-1])
        months = np.minimum(self.edges[1:, None], end) - np.maximum(self.edges[:-1, None], begin)
        return np.asarray(np.maximum(months, 0) @ np.asarray(path.values) / np.diff(self.edges))

    def level(self, index: Index | None) -> Floats:
        """(T,) level of an index in the first month of each period; 1 where there is none."""
        if index is None:
            return np.ones(self.count)
        return np.array([index.level(p.start, self.horizon.start) for p in self.horizon.periods])

    def label(self, period: int) -> str:
        """Name of a period; empty before the first and ``late`` after the last."""
        return "" if period < 0 else self.horizon.labels[period] if period < self.count else "late"
