"""What limits a way to serve, in words."""

from __future__ import annotations

from barbell.workloads.serving.apart import BUSIEST
from barbell.workloads.serving.calibration import Calibration
from barbell.workloads.serving.candidate import FLIGHT
from barbell.workloads.serving.level import Level
from barbell.workloads.serving.option import Options
from barbell.workloads.serving.physics import TERMS, fitting, step

WORDS = {
    "read": "reading weights", "cache": "reading caches", "multiply": "multiplying", "talk": "talk between chips",
    "launch": "launching and scheduling", "prefill": "prefill of other requests",
}  # fmt: skip


def limit(options: Options, at: int, level: Level, calibration: Calibration) -> str:
    """Why not more requests run at once (the largest batch, memory, a level, busy readers), and the largest part of a step.

    `options` are all that were tried, the chosen one at position `at`.
    """
    one = options.one(at).asked
    shares = dict(zip(TERMS, step(one, calibration.constants).shares[0], strict=True))
    name = max(shares, key=lambda key: shares[key])
    share = f"{WORDS[name]} is {shares[name]:.0%} of a step"
    why = _why(options, at, level, float(one.flight[0]), float(fitting(one)[0]))
    return f"{why}; {share}" if why else share


def _why(options: Options, at: int, level: Level, flight: float, fit: float) -> str:
    """What the next larger number of requests runs into; "" where it serves as well, but not more."""
    larger = FLIGHT[flight < FLIGHT]
    if not len(larger):
        return "the largest batch tried"
    if fit < larger[0]:
        return f"memory: {flight:g} requests fill it"
    more, late = options.beside(at, float(larger[0])), f" at the {level.percentile}th percentile" if level.tail else ""
    if more < 0 or level.per_token(options.token).value[more] > level.token:
        return f"the level on time per token{late}"
    if level.to_first(options.first).value[more] > level.first:
        return f"the level on time to the first token{late}"
    return "" if options.rate.value[more] > 0 else f"prefill, busy {BUSIEST:.0%} of the time at most"
