"""What became of micro-benchmarks in a calibration, for people and for machines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from barbell.report.layout import number, page, table

if TYPE_CHECKING:
    from barbell.cli.record import Record
    from barbell.core.basis import Interval
    from barbell.study.tighten import Shift
    from barbell.workloads.micro import Use

_SCALES = {"FLOP/s": (1e12, "TFLOP/s"), "byte/s": (1e12, "TB/s")}


def told(uses: Sequence[Use], shifts: Sequence[Shift]) -> Record:
    """Each reading with what became of it, and rates before and after."""
    readings = [
        {"chip": use.reading.chip, "kernel": use.reading.name, "precision": use.reading.precision, "rate": use.reading.rate,
         "share": _finite(use.reading.share), "usual_share": _finite(use.usual), "use": use.effect}
        for use in uses
    ]  # fmt: skip
    return {"micro": readings, "moved": [asdict(shift) for shift in shifts]}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def show(uses: Sequence[Use], shifts: Sequence[Shift]) -> None:
    """A row a reading, then a line a chip; nothing without micro-benchmarks."""
    if not uses:
        return
    console = page()
    rows = [
        (use.reading.chip, f"{use.reading.name} {use.reading.precision}", use.effect, *_rate(use), _percent(use.reading.share), _percent(use.usual))
        for use in uses
    ]
    table(console, "Micro-benchmarks", ("chip", "kernel", "used for", "rate", "unit", "of the data sheet", "usual"), rows, words=3)
    console.print()
    for shift in shifts:
        before = f"before {_range(shift.before)}" if shift.after != shift.before else "as before"
        words = f"{shift.chip}, {shift.what}: {_range(shift.after)} {shift.unit}; {before}"
        console.say(words)
    if shifts:
        console.print()


def _rate(use: Use) -> tuple[str, str]:
    from barbell.workloads.micro.reading import UNITS

    scale, unit = _SCALES[UNITS[use.reading.kernel]]
    return f"{use.reading.rate / scale:,.3g}" if use.reading.rate < 1e3 * scale else f"{use.reading.rate / scale:,.0f}", unit


def _percent(share: float) -> str:
    return f"{share:.0%}" if math.isfinite(share) else ""


def _range(found: Interval) -> str:
    return f"{number(found.value)} ({number(found.low)} to {number(found.high)})"
