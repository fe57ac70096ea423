"""What is asked of a chip that serves."""

from __future__ import annotations

from dataclasses import dataclass

from barbell.core.basis import Interval
from barbell.workloads.serving.deployment import FREE, WEIGHT_BYTES
from barbell.workloads.serving.level import Level, Tail

FORMATS = ("fp4", "fp8", "bf16", "int4")
"""Formats in order of preference; the first that a chip computes and that can serve gives the layout, unless one is asked for."""


@dataclass(frozen=True)
class Demand:
    """What is asked of a chip."""

    tokens_in: float = 1024.0
    tokens_out: float = 1024.0
    level: float = FREE
    """Seconds per output token that may not be exceeded."""
    chips: int = 0
    """Chips of the replica, of every replica of both pools where prefill is apart; 0 for the best."""
    precision: str = ""
    engine: str = ""
    """Engine, with version if it matters; "" for the best of those measured for this chip and model."""
    formats: tuple[str, ...] = FORMATS
    """Formats of weights that are allowed, in order of preference; not looked at where `precision` asks for one."""
    first: float = FREE
    """Seconds to the first token that may not be exceeded."""
    tail: Tail | None = None
    """Where both times are meant at the 99th percentile: how far it lies above the middle (`Tail.of`)."""
    hit: float = 0.0
    """Share of the prompt that stands in a prefix cache."""
    drafted: bool = False
    """Whether speculative decoding is on."""
    apart: Interval | None = None
    """Where prompts are read by chips of their own (disaggregated): the prompts that a new one waits for, as a share of the requests in flight
    per replica that reads (`apart.queue`)."""

    @property
    def promise(self) -> Level:
        """Its service level."""
        return Level(self.level, self.first, self.tail)

    @property
    def wanted(self) -> tuple[str, ...]:
        """Formats to try, in order."""
        return (self.precision,) if self.precision else self.formats


def faults(demand: Demand) -> list[str]:
    """Everything that makes a demand none, in words."""
    above = {
        "tokens in": (demand.tokens_in, ""), "tokens out": (demand.tokens_out, ""), "time per token": (demand.level, " s"),
        "time to the first token": (demand.first, " s"),
    }  # fmt: skip
    found = [f"{name} of {value:g}{unit}: give a number above 0" for name, (value, unit) in above.items() if not value > 0]
    if not 0 <= demand.hit <= 1:
        found.append(f"a share of {demand.hit:g} of the prompt found in the cache: give a share from 0 to 1")
    if demand.chips < 0:
        found.append(f"{demand.chips} chips a replica: give 1 or more, or 0 for the best number")
    unknown = [name for name in demand.wanted if name not in WEIGHT_BYTES or name == "unknown"]
    return found + [f"'{name}' is no format of weights: give one of {', '.join(FORMATS)}" for name in unknown]
