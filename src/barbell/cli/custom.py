"""The command ``barbell workloads custom``: from what volume on an own chip pays for its design."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Literal

from barbell.cli.app import app
from barbell.cli.options import LATEST, OUTPUT, Output
from barbell.report.layout import page, table
from barbell.report.number import column

if TYPE_CHECKING:
    from barbell.core.basis import Interval
    from barbell.workloads.custom import BreakEven


@app["workloads"].command
def custom(
    own: str, vendor: str, /, *, workload: Literal["inference", "production", "train"] = "inference", as_of: str = LATEST,
    output: Output = OUTPUT,
) -> None:  # fmt: skip
    """From what volume on an own chip pays for its design, against a chip that one can buy.

    Parameters
    ----------
    own
        The chip to design, by the name that cases use, such as trainium4.
    vendor
        The chip to buy instead, such as vr200.
    workload
        What both would do.
    as_of
        Day whose facts count, YYYY-MM-DD; by default all that is known.
    """
    from barbell.study import known
    from barbell.workloads.custom import break_even

    found = break_even(known(as_of), own, vendor, workload)
    if output.json:
        from barbell.cli import record

        record.emit(asdict(found))
    else:
        _show(found)


def _show(found: BreakEven) -> None:
    console = page()
    console.print(f"{found.own} designed, or {found.vendor} bought, for {found.workload}\n", style="bold", markup=False)
    lines: list[tuple[str, str, Interval]] = [
        (f"present cost of {found.own}", found.unit, found.cost_own),
        (f"present cost of {found.vendor}", found.unit, found.cost_vendor),
        ("saving of an own chip over its life", "MUSD2026/kchip", found.saving),
        ("design and team, once", "MUSD2026", found.fixed),
        ("own chips from which the design pays", "kchip", found.volume),
    ]
    rows = [(what, unit, *_cells(interval)) for what, unit, interval in lines]
    table(console, "", ("what", "unit", "middle", "low", "high"), rows, words=2)
    console.print(f"\nlow, high: middle 80 % of draws of all inputs. In {found.never:.0%} of them no volume pays.", markup=False)
    console.say(f"From {len(found.sources)} facts: {', '.join(found.sources)}.")


def _cells(interval: Interval) -> list[str]:
    values = (interval.value, interval.low, interval.high)
    shown = iter(column([value for value in values if math.isfinite(value)]))
    return [next(shown) if math.isfinite(value) else "never" for value in values]
