"""What limits a way to serve, in words."""

from __future__ import annotations

import numpy as np

from barbell.core.basis import Interval
from barbell.workloads.serving.apart import BUSIEST, pooled
from barbell.workloads.serving.calibration import Calibration
from barbell.workloads.serving.candidate import FLIGHT
from barbell.workloads.serving.level import Level, Span
from barbell.workloads.serving.option import Options, mixed
from barbell.workloads.serving.physics import TERMS, fitting, step
from barbell.workloads.serving.predict import answer

WORDS = {
    "read": "reading weights", "cache": "reading caches", "multiply": "multiplying", "talk": "talk between chips",
    "launch": "launching and scheduling", "prefill": "prefill of other requests",
}  # fmt: skip


def limit(one: Options, level: Level, calibration: Calibration, waits: Interval | None) -> str:
    """Why not more requests run at once on the replica of an option (the largest batch, memory, a level, prefill), and the largest part of a step."""
    shares = dict(zip(TERMS, step(one.asked, calibration.constants).shares[0], strict=True))
    name = max(shares, key=lambda key: shares[key])
    share = f"{WORDS[name]} is {shares[name]:.0%} of a step"
    why = _why(one, level, calibration, waits)
    return f"{why}; {share}" if why else share


def _why(one: Options, level: Level, calibration: Calibration, waits: Interval | None) -> str:
    """What the next larger number of requests runs into; "" where it serves as well, but not more."""
    flight = float(one.asked.flight[0])
    larger = FLIGHT[flight < FLIGHT]
    if not len(larger):
        return "the largest batch tried"
    if float(fitting(one.asked)[0]) < larger[0]:
        return f"memory: {flight:g} requests fill it"
    more = _with(one, float(larger[0]), calibration, waits)
    if level.per_token(more.token).value[0] > level.token:
        return f"the level on time per token{_percentile(level)}"
    if level.to_first(more.first).value[0] > level.first:
        return f"the level on time to the first token{_percentile(level)}"
    return "" if more.rate.value[0] > 0 else f"prefill, busy {BUSIEST:.0%} of the time at most"


def _with(one: Options, flight: float, calibration: Calibration, waits: Interval | None) -> Options:
    """The same with so many requests in flight."""
    asked = one.asked.but(flight=np.array([flight]))
    if one.pools is None or waits is None:
        return mixed(asked, calibration)
    return pooled(asked, one.replica, Span.around(*answer(asked, calibration, "tpot")), one.pools, waits)


def _percentile(level: Level) -> str:
    return f" at the {level.percentile}th percentile" if level.tail else ""
