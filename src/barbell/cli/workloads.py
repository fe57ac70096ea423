"""``barbell workloads evaluate | predict | compare | calibrate``: what chips do, how well that is known, and what it costs."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from barbell.cli.app import app
from barbell.cli.options import OUTPUT, Output, Positive


def counted_years(_kind: object, value: float) -> None:
    """Years that pass."""
    if not 0 <= value <= 20:
        raise ValueError("must be from 0 to 20")


@app["workloads"].command
def evaluate(
    *,
    kind: Literal["training", "inference"],
    rows: Path,
    crossvalidate: Literal["configuration", "chip", "model", "generation", "end"] | None = None,
    grades: Annotated[str, Parameter(show_default=False)] = "",
    calibration: Path | None = None,
    to: Path | None = None,
    output: Output = OUTPUT,
) -> None:
    """Hold predictions against measured rows: error, ranking of chips, coverage of intervals, refusals with their reasons.

    Parameters
    ----------
    kind
        What the rows measure.
    rows
        CSV of measured rows. What a row measured is only compared: no prediction reads it.
    crossvalidate
        Predict each row by a calibration without its configuration, chip, model, (training alone) generation of chips or (end, serving alone) the
        half of its chip's rows with more requests in flight, not by the one that ships.
    grades
        Judge rows of these grades alone, such as AB.
    calibration
        What barbell workloads calibrate wrote, instead of the calibration that ships.
    to
        CSV to write, with the prediction of every row, its interval, or why there is none.
    """
    from barbell.cli import performance, record
    from barbell.study.performance import judged
    from barbell.study.predicted import listed

    found = judged(rows, kind, calibration=calibration, split=crossvalidate or "", grades=grades)
    if to is not None:
        listed(found, to)
    if output.json:
        record.emit(performance.judgement(found, kind))
    else:
        performance.show_judgement(found)
        if to is not None:
            performance.wrote(to)


@app["workloads"].command
def predict(
    *,
    model: str,
    chip: str,
    tp: Annotated[int, Parameter(show_default=False)] = 0,
    level: Annotated[float, Parameter(show_default=False)] = math.inf,
    first: Annotated[float, Parameter(show_default=False)] = math.inf,
    percentile: Literal[50, 99] = 50,
    tokens_in: float = 1024.0,
    tokens_out: float = 1024.0,
    prefix_hit: float = 0.0,
    apart: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    drafted: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    precision: Literal["fp4", "fp8", "bf16", "int4"] | None = None,
    engine: Annotated[str, Parameter(show_default=False)] = "",
    price: str = "capacity_block",
    later: Annotated[float, Parameter(validator=counted_years, show_default=False)] = 0.0,
    calibration: Path | None = None,
    output: Output = OUTPUT,
) -> None:
    """Say how a model is best served on a chip at a service level: tokens/s per chip, cost and energy of a token, layout, and what limits it.

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
    first
        Most milliseconds to the first token.
    percentile
        Where both levels are meant: 50, the middle, or 99.
    tokens_in
        Tokens of a prompt.
    tokens_out
        Tokens of an answer.
    prefix_hit
        Share of the prompt that stands in a prefix cache, 0 to 1.
    apart
        Prompts are read by chips of their own (disaggregated); says what a mixed replica gives instead.
    drafted
        Speculative decoding is on.
    precision
        Format of the weights; without it the narrowest that the chip computes.
    engine
        Engine, such as vllm_0_19; without it the best of those measured for this chip and model.
    price
        Class of prices per chip-hour; where a chip has none, a range by its capex.
    later
        Years after the measured rows: software gets faster.
    calibration
        A file of barbell workloads calibrate, instead of the calibration that ships.
    """
    from dataclasses import replace

    from barbell.cli import answer, performance, record
    from barbell.study.answer import Question, answered

    demand = performance.demand(tokens_in, tokens_out, level, chips=tp, precision=precision or "", engine=engine)
    demand = replace(demand, first=demand.first if math.isinf(first) else first * 1e-3, hit=prefix_hit, drafted=drafted)
    question = Question(chip, model, demand, percentile=percentile, apart=apart, price=price)
    found = answered(question, calibration=calibration, years=later)
    if output.json:
        record.emit(answer.answer(found, question))
    else:
        answer.show(found, question)


@app["workloads"].command
def compare(
    *,
    workload: str = "deepseek_r1",
    level: Positive = 100.0,
    tokens_in: Positive = 1024.0,
    tokens_out: Positive = 1024.0,
    price: str = "capacity_block",
    chip: Annotated[tuple[str, ...], Parameter(negative=())] = (),
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
        Class of prices per chip-hour, the same for all chips; where a chip has none, one is assumed, with its range.
    chip
        Chip, such as H200; repeat for more. Without it, those of clouds and of AMD and Google.
    chart
        File for a picture of it, ending in .svg or .html.
    """
    from barbell.cli import comparison, performance, record
    from barbell.study.offered import offers

    demand = performance.demand(tokens_in, tokens_out, level)
    found = offers(workload, demand, price, chip)
    if chart is not None:
        comparison.draw_comparison(workload, demand, found, chart)
    if output.json:
        record.emit(comparison.comparison(workload, demand, price, found))
    else:
        comparison.show_comparison(workload, demand, price, found)


@app["workloads"].command
def calibrate(
    *, rows: tuple[Path, ...], kind: Literal["training", "inference"] = "inference", to: Path = Path("calibration.csv"), seed: int = 0,
    afresh: Annotated[bool, Parameter(negative=())] = False, output: Output = OUTPUT,
) -> None:  # fmt: skip
    """Fit measured rows of your own and write a calibration that the other commands take; the same rows and seed give the same one.

    Parameters
    ----------
    rows
        CSVs of measured rows, or of micro-benchmarks as barbell workloads measure writes them; repeatable.
    kind
        What to calibrate. Training is fitted to all rows that are named, the public ones among them; micro-benchmarks tighten what is there.
    to
        File to write; the marks of the rows, and for training the local function, beside it.
    seed
        How rows are parted to measure intervals.
    afresh
        Start from nothing instead of the calibration of serving that ships. Training always does.
    """
    from barbell.cli import performance, record, tightened

    if kind == "training":
        from barbell.study.training import fitted

        learnt = fitted(list(rows), to, seed=seed)
        if output.json:
            record.emit(performance.learnt(learnt.calibration, to) | tightened.told(learnt.uses, learnt.shifts))
        else:
            tightened.show(learnt.uses, learnt.shifts)
            performance.show_learnt(learnt.calibration, to)
        return
    from barbell.study.performance import calibrated

    found = calibrated(list(rows), to, seed=seed, afresh=afresh)
    if output.json:
        record.emit(performance.fit(found.calibration, to) | tightened.told(found.uses, found.shifts))
    else:
        tightened.show(found.uses, found.shifts)
        performance.show_fit(found.calibration, to)
