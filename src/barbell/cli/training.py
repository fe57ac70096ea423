"""``barbell workloads train``: training runs on the best layout of each chip."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from barbell.cli.app import app
from barbell.cli.options import OUTPUT, Output, above

if TYPE_CHECKING:
    from barbell.cli.record import Record
    from barbell.core.basis import Interval
    from barbell.workloads.training import Answer, Question

if "workloads" not in app:
    app.command(App(name="workloads", help="What chips do: training and serving, predicted with intervals, held against measured rows."))

Count = Annotated[int, Parameter(validator=above)]
Amount = Annotated[float, Parameter(validator=above)]


@app["workloads"].command
def train(
    model: str,
    /,
    *,
    chip: Annotated[tuple[str, ...], Parameter(negative=())],
    chips: Count,
    tokens: Amount = 1e12,
    sequence: Count = 8192,
    batch: Annotated[int, Parameter(show_default=False)] = 0,
    precision: Literal["", "bf16", "fp8", "fp4"] = "",
    params: Annotated[float, Parameter(show_default=False)] = float("nan"),
    price: Annotated[float, Parameter(show_default=False)] = 0.0,
    calibration: Path | None = None,
    output: Output = OUTPUT,
) -> None:
    """Plan a training run: the best layout on each chip, then time, chip-hours, energy and money, each with its 80 % interval.

    Parameters
    ----------
    model
        Name of a model among the facts, such as Llama-3-70B; any other name with --params is a dense model of that size.
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
        Parameters of a dense model that the facts do not describe.
    price
        USD per chip-hour.
    calibration
        A file of barbell workloads calibrate --kind training, instead of the calibration that ships.
    """
    from barbell.cli import record
    from barbell.study.training import campaign
    from barbell.workloads.training import Question

    asked = [Question(model, one, chips, tokens, sequence, batch, precision, params) for one in chip]
    found = campaign(asked, calibration=calibration)
    if output.json:
        record.emit({"runs": [_run(question, answer, price) for question, answer in zip(asked, found, strict=True)]})
    else:
        _show_runs(asked, found, price)


def _span(found: Interval | None, scale: float = 1.0) -> Record | None:
    return None if found is None else {"value": found.value * scale, "low": found.low * scale, "high": found.high * scale}


def _run(question: Question, answer: Answer, price: float) -> Record:
    from barbell.workloads.training import money

    cost = money(answer, price) if price > 0 else None
    return {
        "model": question.model, "chip": question.chip, "chips": question.chips, "tokens": question.tokens, "sequence": question.sequence,
        "layout": answer.layout, "tokens_s_per_chip": _span(answer.tokens), "flops_per_chip": _span(answer.flops), "utilisation": answer.utilisation,
        "goodput": answer.goodput, "days": _span(answer.days), "chip_hours": answer.chip_hours, "joules_per_token": answer.joules_per_token,
        "usd": _span(cost),
    }  # fmt: skip


def _show_runs(asked: list[Question], found: list[Answer], price: float) -> None:
    from barbell.report.layout import number, page, table
    from barbell.workloads.training import money

    def told(one: Interval | None, scale: float = 1.0) -> str:
        return "" if one is None else f"{number(one.value * scale)} ({number(one.low * scale)} to {number(one.high * scale)})"

    console, first = page(), asked[0]
    rows = [
        (one.chip, _layout(answer), told(answer.tokens), f"{answer.utilisation:.0%}", f"{answer.goodput:.1%}", told(answer.days),
         number(answer.joules_per_token), told(money(answer, price), 1e-6) if price > 0 else "")
        for one, answer in zip(asked, found, strict=True)
    ]  # fmt: skip
    heads = ("chip", "layout", "tokens/s per chip", "of peak", "goodput", "days", "J/token", "MUSD")
    table(console, f"{first.model}: {first.tokens:.3g} tokens on {first.chips:,} chips, sequences of {first.sequence:,}", heads, rows, words=2)
    console.print("\n(80 % interval). goodput: share of time left by failures, restarts and checkpoints; J/token of the chips alone")


def _layout(answer: Answer) -> str:
    """Degrees above 1, sequences of a micro-batch, precision and what else was chosen."""
    told: dict[str, Any] = answer.layout
    degrees = [f"{name} {told[name]:g}" for name in ("tp", "pp", "cp", "ep", "dp") if told[name] > 1]
    extra = [f"shards {told['shards']:g}"] * (told["shards"] > 1) + ["recomputed"] * (told["recompute"] == "full")
    return " ".join([*degrees, f"mb {told['micro']:g}", str(told["precision"]), *extra])
