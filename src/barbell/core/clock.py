"""The horizon as arrays: what lasts how long, what falls due when, what a path or an index is worth in each period."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from barbell.core.horizon import Horizon, Month
from barbell.core.path import Path
from barbell.core.relations import Index

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Clock:
    """Arrays of a horizon with `T` periods and `Z` slices; months are counted as in `core.horizon.Month`."""

    horizon: Horizon

    @cached_property
    def edges(self) -> Ints:
        """(T + 1,) first month of each period, and the month after the last."""
        return np.array([*(p.start.index for p in self.horizon.periods), self.horizon.end.index])

    @property
    def count(self) -> int:
        """Number of periods."""
        return len(self.horizon.periods)

    @property
    def start(self) -> Ints:
        """(T,) first month of each period."""
        return self.edges[:-1]

    @property
    def end(self) -> int:
        """First month after the horizon."""
        return int(self.edges[-1])

    @cached_property
    def y(self) -> Floats:
        """(T,) length of each period in years."""
        return np.diff(self.edges) / 12

    @cached_property
    def mid(self) -> Floats:
        """(T,) date of each period's money, in years from the start."""
        return np.asarray(self.horizon.middles)

    @cached_property
    def gap(self) -> Floats:
        """(T,) years between the money of one period and that of the period before; the first counts from the start."""
        return np.diff(self.mid, prepend=0.0)

    @cached_property
    def between(self) -> Floats:
        """(T,) years between the starts of a period and the one before; 0 for the first."""
        return np.diff(self.start, prepend=self.start[0]) / 12

    @cached_property
    def share(self) -> Floats:
        """(Z,) share of a period's time that each slice stands for."""
        return np.asarray(self.horizon.shares)

    @cached_property
    def last_of_year(self) -> Ints:
        """(T,) last period that starts in the calendar year in which each period starts."""
        return np.searchsorted(self.start // 12, self.start // 12, side="right") - 1

    def last(self, window: str) -> Ints:
        """(T,) the last period of the window to which each period belongs."""
        every = np.arange(self.count)
        return {"year": self.last_of_year, "horizon": np.full(self.count, self.count - 1)}.get(window, every)

    def first(self, window: str) -> Ints:
        """(T,) the first period of the window to which each period belongs."""
        last = self.last(window)
        return np.searchsorted(last, last, side="left")

    def since(self, month: int) -> float:
        """Years from the start of the horizon to a month."""
        return (month - int(self.edges[0])) / 12

    def arrival(self, month: Ints) -> Ints:
        """First period that starts at or after each month; `T` where none does."""
        return np.searchsorted(self.start, month, side="left")

    def holding(self, month: Ints) -> Ints:
        """Period that contains each month: -1 before the start, `T` after the end."""
        return np.searchsorted(self.edges, month, side="right") - 1

    def mean(self, path: Path, *, first: Ints | None = None, last: Ints | None = None) -> Floats:
        """(T,) mean over the months of each period, or of the stretch from period `first` to period `last`; not to be written to."""
        if first is not None or last is not None:
            return self._mean(path, first, last)
        if path not in self._means:
            self._means[path] = self._mean(path, None, None)
            self._means[path].flags.writeable = False
        return self._means[path]

    @cached_property
    def _means(self) -> dict[Path, Floats]:
        """Means over each period: many rows share a path, and one row many places."""
        return {}

    def label(self, period: int) -> str:
        """Name of a period; empty before the first and ``late`` after the last."""
        return "" if period < 0 else self.horizon.labels[period] if period < self.count else "late"

    def _mean(self, path: Path, first: Ints | None, last: Ints | None) -> Floats:
        total: Floats = np.concatenate([[0.0], np.cumsum(self._monthly(path))])
        begin = (self.start if first is None else self.start[first]) - self.edges[0]
        stop = (self.edges[1:] if last is None else self.edges[1:][last]) - self.edges[0]
        mean: Floats = (total[stop] - total[begin]) / (stop - begin)
        return mean

    def level(self, index: Index | None, month: Ints | int) -> Floats:
        """Level of an index in each month; 1 where there is none."""
        months = np.asarray(month)
        if index is None:
            return np.ones(months.shape)
        steps = np.array([m.index for m, _ in index.path.steps])
        values = np.asarray(index.path.values)
        at = np.maximum(np.searchsorted(steps, months, side="right") - 1, 0)
        growth = (1 + index.growth) ** ((months - int(self.edges[0])) / 12)
        return np.asarray(values[at] * growth)

    def _monthly(self, path: Path) -> Floats:
        months = np.arange(self.edges[0], self.end)
        steps = np.array([m.index for m, _ in path.steps])
        values: Floats = np.asarray(path.values, float)
        return values[np.maximum(np.searchsorted(steps, months, side="right") - 1, 0)]


def month(text: str, default: int) -> int:
    """Month number of a date; `default` for an empty one."""
    return Month.parse(text).index if text else default
