"""``barbell workloads evaluate | predict | compare | calibrate``: what chips do, how well that is known, and what it costs."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from barbell.cli.app import app
from barbell.cli.options import OUTPUT, Output, above

if "workloads" not in app:
    app.command(App(name="workloads", help="What chips do: training and serving, predicted with intervals, held against measured rows."))

Positive = Annotated[float, Parameter(validator=above)]


def counted(_kind: object, value: int) -> None:
    """A number of things."""
    if value < 0:
        raise ValueError("must be at least 0")


def counted_years(_kind: object, value: float) -> None:
    """Years that pass."""
    if not 0 <= value <= 20:
        raise ValueError("must be from 0 to 20")


@app["workloads"].command
def evaluate(
    *,
    kind: Literal["training", "inference"],
    rows: Path,
    crossvalidate: Literal["configuration", "chip", "model", "end"] | None = None,
    grades: Annotated[str, Parameter(show_default=False)] = "",
    calibration: Path | None = None,
    output: Output = OUTPUT,
) -> None:
    """Hold predictions against measured rows: error, ranking of chips, coverage of intervals, refusals with their reasons.

    Parameters
    ----------
    kind
        What the rows measure.
    rows
        CSV of measured rows.
    crossvalidate
        Predict each row by a calibration without its configuration, chip, model or (end, of serving) the half of its chip's rows with more
        requests in flight, instead of the one that ships.
    grades
        Judge rows of these grades alone, such as AB.
    calibration
        What barbell workloads calibrate wrote, instead of the calibration that ships.
    """
    from barbell.cli import performance, record
    from barbell.study.performance import judged

    found = judged(rows, kind, calibration=calibration, split=crossvalidate or "", grades=grades)
    if output.json:
        record.emit(performance.judgement(found, kind))
    else:
        performance.show_judgement(found)


@app["workloads"].command
def predict(
    *,
    model: str,
    chip: str,
    tp: Annotated[int, Parameter(validator=counted, show_default=False)] = 0,
    level: Annotated[float, Parameter(validator=above, show_default=False)] = math.inf,
    tokens_in: Positive = 1024.0,
    tokens_out: Positive = 1024.0,
    precision: Literal["fp4", "fp8", "bf16", "int4"] | None = None,
    engine: Annotated[str, Parameter(show_default=False)] = "",
    later: Annotated[float, Parameter(validator=counted_years, show_default=False)] = 0.0,
    calibration: Path | None = None,
    output: Output = OUTPUT,
) -> None:
    """Say how a model is best served on a chip: tokens/s per chip with an 80 % interval, layout, and what limits it.

    Parameters
    ----------
    model
        Such as Llama-3-70B or deepseek_r1.
    chip
        Such as H200 or trainium2.
    tp
        Chips of a replica; without it the best number is taken.
    level
        Most milliseconds per output token.
    tokens_in
        Tokens of a prompt.
    tokens_out
        Tokens of an answer.
    precision
        Format of the weights; without it the narrowest that the chip computes.
    engine
        Engine, such as vllm_0_19; without it the best of those measured for this chip and model.
    later
        Years after the measured rows: software gets faster.
    calibration
        A file of barbell workloads calibrate, instead of the calibration that ships.
    """
    from barbell.cli import performance, record
    from barbell.study.performance import answered

    demand = performance.demand(tokens_in, tokens_out, level, chips=tp, precision=precision or "", engine=engine)
    found = answered(chip, model, demand, calibration=calibration, years=later)
    if output.json:
        record.emit(performance.layout(found))
    else:
        performance.show_layout(found, demand)


@app["workloads"].command
def compare(
    *,
    workload: str = "deepseek_r1",
    level: Positive = 100.0,
    tokens_in: Positive = 1024.0,
    tokens_out: Positive = 1024.0,
    price: str = "capacity_block",
    chart: Path | None = None,
    output: Output = OUTPUT,
) -> None:
    """Set all silicon on one scale: tokens/s per chip, per MW and per dollar, and training, each with its 80 % interval.

    Parameters
    ----------
    workload
        Model that is served.
    level
        Most milliseconds per output token.
    tokens_in
        Tokens of a prompt.
    tokens_out
        Tokens of an answer.
    price
        Class of prices per chip-hour, the same for all chips; where a chip has none, a range by its capex.
    chart
        File for a picture of it, ending in .svg or .html.
    """
    from barbell.cli import performance, record
    from barbell.study.performance import offers

    demand = performance.demand(tokens_in, tokens_out, level)
    found = offers(workload, demand, price)
    if chart is not None:
        performance.draw_comparison(workload, demand, found, chart)
    if output.json:
        record.emit(performance.comparison(workload, demand, price, found))
    else:
        performance.show_comparison(workload, demand, price, found)


@app["workloads"].command
def calibrate(
    *, rows: tuple[Path, ...], kind: Literal["training", "inference"] = "inference", to: Path = Path("calibration.csv"), seed: int = 0,
    afresh: Annotated[bool, Parameter(negative=())] = False, output: Output = OUTPUT,
) -> None:  # fmt: skip
    """Fit measured rows of your own and write a calibration that the other commands take; the same rows and seed give the same one.

    Parameters
    ----------
    rows
        CSVs of measured rows; repeatable.
    kind
        What the rows measure. Training is fitted to all rows that are named, the public ones among them.
    to
        File to write, the marks of the rows beside it; for training a folder.
    seed
        How rows are parted to measure intervals.
    afresh
        Start from nothing instead of the calibration of serving that ships.
    """
    from barbell.cli import performance, record

    if kind == "training":
        from barbell.study.training import fitted

        learnt = fitted(list(rows), to, seed=seed)
        record.emit(performance.learnt(learnt, to)) if output.json else performance.show_learnt(learnt, to)
        return
    from barbell.study.performance import calibrated

    found = calibrated(list(rows), to, seed=seed, afresh=afresh)
    if output.json:
        record.emit(performance.fit(found, to))
    else:
        performance.show_fit(found, to)
