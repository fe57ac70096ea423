"""``barbell workloads train``: training runs on the best layout of each chip."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from barbell.cli.app import app
from barbell.cli.options import OUTPUT, Output, above, amount

if TYPE_CHECKING:
    from barbell.cli.record import Record
    from barbell.core.basis import Interval
    from barbell.workloads.training import Answer, Question

Count = Annotated[int, Parameter(validator=above)]
UNITS = {
    "tokens": "token", "sequence": "token", "tokens_s_per_chip": "token/s", "flops_per_chip": "FLOP/s", "utilisation": "of the peak of the precision",
    "goodput": "of the time", "days": "day", "chip_hours": "chip hour", "joules_per_token": "J/token, chips alone",
    "megawatt_hours": "MWh, chips alone",
    "usd": "USD", "batch": "sequences per step", "micro": "sequences", "shards": "ranks that share one copy of the weights",
}  # fmt: skip
"""What the numbers of the JSON are in; `low` and `high` are the ends of the 80 % interval."""
Amount = Annotated[float, Parameter(validator=amount)]


@app["workloads"].command
def train(
    model: str,
    /,
    *,
    chip: Annotated[tuple[str, ...], Parameter(negative=())],
    chips: Count,
    tokens: Amount = 1e12,
    sequence: Count = 8192,
    batch: Annotated[int | None, Parameter(validator=above, show_default=False)] = None,
    precision: Literal["bf16", "fp8", "fp4"] | None = None,
    params: Annotated[float | None, Parameter(validator=amount, show_default=False)] = None,
    active: Annotated[float | None, Parameter(validator=amount, show_default=False)] = None,
    price: Annotated[float | None, Parameter(validator=amount, show_default=False)] = None,
    calibration: Path | None = None,
    output: Output = OUTPUT,
) -> None:
    """Plan a training run: the best layout on each chip, then time, chip-hours, energy and money, each with its 80 % interval.

    Parameters
    ----------
    model
        Name of a model among the facts, such as Llama-3-70B; any other name with --params is a model of that size.
    chip
        Chip, such as GB300; repeat to compare.
    chips
        How many of them.
    tokens
        Tokens to train.
    sequence
        Tokens of a sequence.
    batch
        Sequences per step; without it some 4 million tokens.
    precision
        Without it FP8 where it is faster than BF16.
    params
        Parameters of a model that the facts do not describe, such as 70e9; its widths are those usual at that size.
    active
        Those of them that work on a token, where it is a mixture of experts.
    price
        USD per chip-hour.
    calibration
        A file of barbell workloads calibrate --kind training, instead of the calibration that ships.
    """
    from barbell.cli import record
    from barbell.study.training import campaign
    from barbell.workloads.training import Question

    sizes = (math.nan if params is None else params, math.nan if active is None else active)
    asked = [Question(model, one, chips, tokens, sequence, batch or 0, precision or "", *sizes) for one in chip]
    found = campaign(asked, calibration=calibration)
    if output.json:
        record.emit({"units": UNITS, "runs": [_run(question, answer, price) for question, answer in zip(asked, found, strict=True)]})
    else:
        _show_runs(asked, found, price)


def _span(found: Interval | None, scale: float = 1.0) -> Record | None:
    return None if found is None else {"value": found.value * scale, "low": found.low * scale, "high": found.high * scale}


def _run(question: Question, answer: Answer, price: float | None) -> Record:
    from barbell.workloads.training import energy, money

    cost = money(answer, price) if price else None
    return {
        "model": question.model, "chip": question.chip, "chips": question.chips, "tokens": question.tokens, "sequence": question.sequence,
        "layout": answer.layout, "tokens_s_per_chip": _span(answer.tokens), "flops_per_chip": _span(answer.flops), "utilisation": answer.utilisation,
        "goodput": answer.goodput, "days": _span(answer.days), "chip_hours": answer.chip_hours, "joules_per_token": answer.joules_per_token,
        "megawatt_hours": _span(energy(answer, question.tokens)), "usd": _span(cost),
    }  # fmt: skip


def _show_runs(asked: list[Question], found: list[Answer], price: float | None) -> None:
    from barbell.report.layout import number, page, table
    from barbell.workloads.training import energy, money

    def told(one: Interval | None, scale: float = 1.0) -> str:
        return "" if one is None else f"{number(one.value * scale)} ({number(one.low * scale)} to {number(one.high * scale)})"

    console, first = page(), asked[0]
    rows = []
    for one, answer in zip(asked, found, strict=True):
        used = energy(answer, one.tokens)
        rows.append(
            (one.chip, _layout(answer), told(answer.tokens), f"{answer.utilisation:.0%}", f"{answer.goodput:.1%}", told(answer.days),
             number(used.value) if used else "", told(money(answer, price), 1e-6) if price else "")
        )  # fmt: skip
    heads = ("chip", "layout", "tokens/s per chip", "of peak", "goodput", "days", "MWh", "MUSD")
    chips = f"{first.chips:,} chip{'s' if first.chips > 1 else ''}"
    table(console, f"{first.model}: {first.tokens:.3g} tokens on {chips}, sequences of {first.sequence:,}", heads, rows, words=2)
    spent = f"; MUSD at {price:g} USD per chip-hour" if price else ""
    console.print(f"\nin brackets 80 % intervals; goodput: share of time left by failures, restarts and checkpoints; MWh of the chips alone{spent}")
    for why, which in _blanks(asked, found):
        if which:
            console.say(f"{why}: {', '.join(which)}")


def _blanks(asked: list[Question], found: list[Answer]) -> list[tuple[str, list[str]]]:
    """Why cells are empty, and on which chips."""
    both = list(zip(asked, found, strict=True))
    stuck = [one.chip for one, answer in both if answer.goodput <= 0]
    dark = [one.chip for one, answer in both if answer.goodput > 0 and math.isnan(answer.joules_per_token)]
    return [("so many chips fail faster than they restart, and nothing is trained", stuck), ("no power of the chip alone is known", dark)]


def _layout(answer: Answer) -> str:
    """Degrees above 1, sequences of a micro-batch, precision and what else was chosen."""
    told: dict[str, Any] = answer.layout
    degrees = [f"{name} {told[name]:.0f}" for name in ("tp", "pp", "cp", "ep", "dp") if told[name] > 1]
    shared = "sharded" if told["shards"] == told["dp"] else f"shards {told['shards']:.0f}"
    extra = [shared] * (told["shards"] > 1) + ["recomputed"] * (told["recompute"] == "full")
    return " ".join([*degrees, f"mb {told['micro']:g}", str(told["precision"]), *extra])
