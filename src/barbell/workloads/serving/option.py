"""Ways to serve with what each gives: time per token, time to the first token and tokens/s per chip, each with its 80 % interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from barbell.workloads.serving.calibration import Calibration
from barbell.workloads.serving.deployment import Deployments
from barbell.workloads.serving.effects import Numbers
from barbell.workloads.serving.level import Flags, Level, Span
from barbell.workloads.serving.physics import fitting
from barbell.workloads.serving.predict import answer, flow

Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Pools:
    """Replicas that read prompts beside those that decode, entry by entry."""

    readers: Numbers
    """Replicas that read, in the smallest whole unit of both pools."""
    reader_chips: Numbers
    """Chips of each of them."""
    decoders: Numbers
    """Replicas that decode in that unit."""
    prompt: Span
    """Seconds that a reading replica is busy with one prompt."""
    idle: Span
    """Seconds to the first token where nobody waits."""

    def take(self, which: Flags | Positions) -> Pools:
        """The entries of a mask or of positions."""
        return Pools(
            self.readers[which], self.reader_chips[which], self.decoders[which], self.prompt.take(which), self.idle.take(which),
        )  # fmt: skip


@dataclass(frozen=True)
class Options:
    """What can be chosen, entry by entry."""

    asked: Deployments
    """The replicas: mixed, or those that decode."""
    replica: Positions
    """Replica of each entry."""
    token: Span
    first: Span
    rate: Span
    """Output tokens/s per chip; `low` goes with slow times; 0 where the option does not serve at that end."""
    pools: Pools | None = None

    def __len__(self) -> int:
        return len(self.replica)

    def one(self, at: int) -> Options:
        """One entry alone."""
        which = np.array([at])
        pools = self.pools.take(which) if self.pools else None
        token, first, rate = (span.take(which) for span in (self.token, self.first, self.rate))
        return Options(self.asked.take(self.replica[which]), np.zeros(1, dtype=np.int64), token, first, rate, pools)

    def beside(self, at: int, flight: float) -> int:
        """Position of the same option with so many requests in flight; -1 where it is not among these."""
        asked, pools = self.asked, self.pools
        own = self.replica[at]
        engine, way = asked.generation.codes, asked.layout.codes
        same = (engine == engine[own]) & (way == way[own]) & (asked.chips == asked.chips[own]) & (asked.flight == flight)
        found: Flags = same[self.replica]
        if pools:
            ratio = pools.readers / pools.decoders
            found &= (ratio == ratio[at]) & (pools.reader_chips == pools.reader_chips[at])
        return int(found.argmax()) if found.any() else -1

    def chosen(self, level: Level) -> int:
        """Position of the option with the most tokens/s per chip that keeps a level; -1 where none does."""
        rates = np.where(self._kept(level, "value"), self.rate.value, 0.0)
        return int(rates.argmax()) if len(rates) and rates.max() > 0 else -1

    def end(self, level: Level, end: str) -> float:
        """Most tokens/s per chip at the low or the high end, where all times lie at their other end; 0 where none keeps the level then."""
        rates = np.where(self._kept(level, "high" if end == "low" else "low"), getattr(self.rate, end), 0.0)
        return float(rates.max(initial=0.0))

    def _kept(self, level: Level, end: str) -> Flags:
        token, first = getattr(level.per_token(self.token), end), getattr(level.to_first(self.first), end)
        kept: Flags = (token <= level.token) & (first <= level.first)
        return kept


def mixed(asked: Deployments, calibration: Calibration) -> Options:
    """Replicas that read and decode in the same steps, as far as their requests fit into memory."""
    asked = asked.take(fitting(asked) >= asked.flight)
    token, first = (answer(asked, calibration, quantity) for quantity in ("tpot", "ttft"))
    return Options(asked, np.arange(len(asked)), Span.around(*token), Span.around(*first), Span.around(*flow(asked, token, first)))
