"""The command ``barbell workloads rates``: what plans take from chips, and the same for a workload of one's own."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from barbell.cli.app import app
from barbell.cli.options import LATEST, OUTPUT, Output, Positive, above
from barbell.report.layout import number, page, table

if TYPE_CHECKING:
    from barbell.cli.record import Record
    from barbell.workloads import Rate, Table


@app["workloads"].command
def rates(
    *,
    model: Annotated[str, Parameter(show_default=False)] = "",
    name: Annotated[str, Parameter(show_default=False)] = "own",
    level: Annotated[float, Parameter(validator=above, show_default=False)] = math.inf,
    tokens_in: Positive = 1024.0,
    tokens_out: Positive = 1024.0,
    precision: tuple[Literal["fp4", "fp8", "bf16", "int4"], ...] = (),
    busy: str = "busy-inference",
    as_of: str = LATEST,
    to: Path | None = None,
    output: Output = OUTPUT,
) -> None:
    """Say what plans take from each chip: training, inference and production, or a workload of your own, with 80 % intervals.

    Parameters
    ----------
    model
        Model of a workload of your own, such as Llama-3.1-405B; without it the rates that Barbell derives itself are shown.
    name
        Name of that workload: its rates are the facts NAME-CHIP, and a cell of a case says @NAME-CHIP.
    level
        Most milliseconds per output token.
    tokens_in
        Tokens of a prompt.
    tokens_out
        Tokens of an answer.
    precision
        Formats of the weights that are allowed, in order of preference; without them any, the narrowest first.
    busy
        Fact that says how busy the workload's chips are over a year.
    as_of
        Day whose facts count, YYYY-MM-DD; by default all that is known.
    to
        File for the rates as facts, such as facts.csv in the folder of a case.
    """
    from barbell.cli import performance, record
    from barbell.study import rates as study

    if model:
        demand = performance.demand(tokens_in, tokens_out, level, formats=precision)
        found = study.offered(name, model, demand, busy=busy, as_of=as_of)
    else:
        found = study.rated(as_of)
    if to is not None:
        study.write(found.rates, to)
    if output.json:
        record.emit(_record(found))
    else:
        _show(found, to)


def _record(found: Table) -> Record:
    """Rates with their layouts, and gaps with their reasons."""
    rows = [
        {
            "name": rate.fact.name, "workload": rate.kind, "chip": rate.chip, "unit": rate.unit, **asdict(rate.rate), "precision": rate.precision,
            "chips_per_replica": rate.layout.chips if rate.layout else None, "concurrency": rate.layout.flight if rate.layout else None,
            "tpot_ms": 1e3 * rate.layout.token.value if rate.layout else None, "grade": rate.fact.grade, "as_of": rate.fact.as_of,
            "source": rate.fact.source,
        }
        for rate in found.rates
    ]  # fmt: skip
    return {"rates": rows, "gaps": dict(found.gaps)}


def _show(found: Table, to: Path | None) -> None:
    console = page()
    for kind in dict.fromkeys(rate.kind for rate in found.rates):
        rows = [rate for rate in found.rates if rate.kind == kind]
        heads = ("chip", "format", "known", rows[0].unit, "low", "high", "chips a replica", "in flight", "ms per token")
        table(console, f"{kind} (facts {kind}-CHIP)", heads, [_row(rate) for rate in rows], words=3)
        console.print()
    for name, reason in found.gaps.items():
        console.say(f"No {name}: {reason}")
    console.print("low, high: 80 % interval, with the range of how busy chips are. known: M computed from facts, S rests on assumptions.")
    if to is not None:
        console.say(f"Wrote {len(found.rates)} facts to {to}.")


def _row(rate: Rate) -> tuple[str, ...]:
    told = tuple(number(float(f"{value:.3g}")) for value in (rate.rate.value, rate.rate.low, rate.rate.high))
    layout = rate.layout
    served = (f"{layout.chips}", f"{layout.flight}", number(float(f"{1e3 * layout.token.value:.3g}"))) if layout else ("", "", "")
    return (rate.chip, rate.precision, rate.fact.grade, *told, *served)
