"""All silicon on one scale, for people, for machines and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from barbell.cli.performance import layout
from barbell.core.basis import Interval, ratio
from barbell.report.layout import number, page, table

if TYPE_CHECKING:
    from barbell.cli.record import Record
    from barbell.study.offered import Offered
    from barbell.workloads.serving import Demand

WIDE = 128
"""Columns from which one table holds everything; below, what chips do and what it costs stand in two."""
UNITS = {
    "tok_s_per_chip": "token/s", "tpot_ms": "ms", "ttft_ms": "ms", "train_flops": "FLOP/s", "kilowatts": "kW of IT per chip",
    "dollars_per_hour": "USD per chip-hour", "tok_s_per_mw": "token/s per MW of IT", "mtok_per_dollar": "million tokens per USD",
    "train_exaflop_per_dollar": "EFLOP per USD",
}  # fmt: skip
"""What the numbers of the JSON are in; `low` and `high` are the ends of the 80 % interval."""
HEADS = ("chip", "replica", "USD/chip-hour", "tok/s/chip", "Mtok/s/MW", "Mtok/USD", "training PFLOP/s")
DOES, COSTS = (0, 1, 3, 6), (0, 2, 4, 5)
"""Which of them stand together where the terminal is narrow."""


def comparison(workload: str, asked: Demand, price: str, found: Sequence[Offered]) -> Record:
    """All chips, with null where something lacks."""
    chips = [
        {
            "chip": one.chip, "refusal": one.refusal or None, "layout": layout(one.layout) if one.layout else None,
            "train_flops": _record(one.train), "train_refusal": one.untrained or None, "kilowatts": _record(one.kilowatts),
            "dollars_per_hour": _record(one.dollars), "priced": one.priced or None, "price_rule": one.rule or None,
            "tok_s_per_mw": _record(ratio(_rate(one), one.kilowatts, 1e3)), "mtok_per_dollar": _record(ratio(_rate(one), one.dollars, 3600e-6)),
            "train_exaflop_per_dollar": _record(ratio(one.train, one.dollars, 3600e-18)),
        }
        for one in found
    ]  # fmt: skip
    return {"workload": workload, "level_ms": asked.level * 1e3, "price": price, "units": UNITS, "chips": chips}


def show_comparison(workload: str, asked: Demand, price: str, found: Sequence[Offered]) -> None:
    """One row a chip, the most tokens per dollar first; refusals below."""
    console = page()
    rows = [_cells(one) for one in _ordered(found) if one.layout or one.train]
    told = f"{workload}, {asked.tokens_in:g} tokens in and {asked.tokens_out:g} out, at most {asked.level * 1e3:g} ms per token"
    if not any(one.layout for one in found):
        console.print(f"No chip serves {told}\n", style="bold", markup=False)
    elif console.width >= WIDE:
        table(console, told, HEADS, rows, words=2)
    else:
        table(console, told, [HEADS[n] for n in DOES], [[row[n] for n in DOES] for row in rows], words=2)
        console.print()
        table(console, "", [HEADS[n] for n in COSTS], [[row[n] for n in COSTS] for row in rows], words=1)
    for one in found:
        if one.refusal:
            console.say(f"Refused {one.chip}: {one.refusal}")
    _explain(price, found)


def _explain(price: str, found: Sequence[Offered]) -> None:
    """What the marks in the table mean."""
    console = page()
    console.print("\nin brackets 80 % intervals; MW of IT; training: a dense model of 70 B parameters on 1,024 chips")
    by: dict[str, list[str]] = {}
    for one in found:
        if one.rule and one.dollars:
            low, high = (end / one.dollars.value for end in (one.dollars.low, one.dollars.high))
            by.setdefault(f"{one.rule} ({low:.2g} to {high:.2g} fold)", []).append(one.chip)
    if by:
        rules = "; ".join(f"{rule}: {', '.join(chips)}" for rule, chips in by.items())
        console.say(f"~ no public price of class {price}: assumed as that of the H100 {rules}")
    lacking = [one.chip for one in found if not one.priced]
    if lacking:
        console.say(f"no price of class {price}, and nothing to assume one by: {', '.join(lacking)}")


def draw_comparison(workload: str, asked: Demand, found: Sequence[Offered], to: Path) -> None:
    """The same as a picture."""
    from barbell.report.silicon import draw, silicon

    rows = []
    for one in _ordered(found):
        measures = {
            "tokens/s per chip": _rate(one), "million tokens/s per MW of IT": ratio(_rate(one), one.kilowatts, 1e-3),
            "million tokens per USD": ratio(_rate(one), one.dollars, 3600e-6), "training, PFLOP/s per chip": one.train and one.train.times(1e-15),
        }  # fmt: skip
        for measure, told in measures.items():
            if told and told.low > 0:
                rows.append({"chip": one.chip, "measure": measure, "price": one.priced or "none", **asdict(told)})
    draw(silicon(rows, f"{workload} at {asked.level * 1e3:g} ms per token, 80 % intervals"), to)


def _cells(one: Offered) -> tuple[str, ...]:
    """A row under `HEADS`."""
    kept, mark = one.layout, "~" if one.priced == "assumed" else ""
    return (
        one.chip, f"{kept.chips} x {kept.precision}" if kept else "", mark + _cell(one.dollars), _cell(_rate(one)),
        _cell(ratio(_rate(one), one.kilowatts, 1e-3)), _cell(ratio(_rate(one), one.dollars, 3600e-6)), _cell(one.train and one.train.times(1e-15)),
    )  # fmt: skip


def _rate(one: Offered) -> Interval | None:
    return one.layout.rate if one.layout else None


def _record(found: Interval | None) -> Record | None:
    return None if found is None else asdict(found)


def _cell(found: Interval | None) -> str:
    if found is None:
        return ""
    low, middle, high = (number(float(f"{end:.3g}")) for end in (found.low, found.value, found.high))
    return middle if low == high else f"{middle} ({low}-{high})"


def _ordered(found: Sequence[Offered]) -> list[Offered]:
    """The most tokens per dollar first, then those without a price, then those that do not serve."""

    def worth(one: Offered) -> tuple[int, float]:
        told = ratio(_rate(one), one.dollars, 3600e-6)
        return (0, -told.value) if told else (1, -one.layout.rate.value) if one.layout else (2, 0.0)

    return sorted(found, key=worth)
