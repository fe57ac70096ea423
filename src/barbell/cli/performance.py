"""Predictions and judgements of what chips do, for people and for machines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from barbell.report.layout import page, table

if TYPE_CHECKING:
    from barbell.cli.record import Record
    from barbell.core.basis import Interval
    from barbell.study.performance import Judgement
    from barbell.workloads import training
    from barbell.workloads.evaluation import Evaluation
    from barbell.workloads.serving import Calibration, Demand, Layout

NAMES = {"tpot": "time per token", "tok_s_per_chip": "tokens/s per chip", "ttft": "time to first token"}
_SHOWN = ("chip", "kind", "set", "engine", "mode", "source")
"""Groups that the terminal shows; the others are in the JSON."""


def demand(
    tokens_in: float, tokens_out: float, level: float, *, chips: int = 0, precision: str = "", engine: str = "", formats: Sequence[str] = (),
) -> Demand:  # fmt: skip
    """A demand from what is typed; `level` in milliseconds."""
    from barbell.workloads.serving import Demand

    kept = Demand().level if math.isinf(level) else level * 1e-3
    return Demand(tokens_in, tokens_out, kept, chips, precision, engine, tuple(formats) or Demand().formats)


def judgement(found: Judgement, kind: str) -> Record:
    """A judgement; for training the one quantity stands at the top."""
    head: Record = {
        "kind": kind,
        "crossvalidated_by": found.split or None,
        "fitted_rows": found.fingerprint,
        "parameters": found.parameters,
        "in_sample": int(found.seen.sum()),
        "in_sample_rows": [name for name, seen in zip(found.rows["row_id"], found.seen, strict=True) if seen],
        "units": {"mape": "%", "median_ape": "%", "p90_ape": "%", "coverage80": "%", "bias": "mean of ln(predicted / measured)"},
    }
    if kind == "training":
        return head | _evaluation(found.evaluations["tok_s_per_chip"])
    return head | {quantity: _evaluation(one) for quantity, one in found.evaluations.items()}


def _evaluation(found: Evaluation) -> Record:
    score = asdict(found.score)
    groups = {name: {label: asdict(one) for label, one in members.items()} for name, members in found.groups.items()}
    return {
        **score, "refused": dict(found.refused), "kendall_tau": found.kendall_tau, "ranked_pairs": found.ranked_pairs,
        "kendall_tau_apart": found.tau_apart, "ranked_pairs_apart": found.pairs_apart, "groups": groups,
    }  # fmt: skip


def show_judgement(found: Judgement) -> None:
    """One table over all quantities, then one per group."""
    console = page()
    rows = [_line(NAMES[quantity], one.score, one) for quantity, one in found.evaluations.items()]
    heads = ("quantity", "rows", "answered", "mean %", "median %", "p90 %", "in 80 % interval", "rank tau", "tau apart")
    how = f"each predicted without its {found.split}" if found.split else f"{int(found.seen.sum())} of {len(found.seen)} rows were fitted"
    table(console, f"Error against measured rows; {how}", heads, rows, words=1)
    console.say("rank: of every two chips at one workload, right less wrong; apart: pairs measured more than 10 % apart")
    for quantity, one in found.evaluations.items():
        for name in _SHOWN:
            members = [_line(label or "unstated", score) for label, score in one.groups.get(name, {}).items() if score.covered]
            if len(members) > 1:
                console.print()
                table(console, f"{NAMES[quantity]}, by {name}", (name, *heads[1:7]), [row[:7] for row in members], words=1)
        if one.score.rows == 0:
            console.say(f"{NAMES[quantity]}: no row says what it measured")
        for reason, count in one.refused.items():
            console.say(f"Refused {count}: {reason}")
    told = f"{found.parameters:,} fitted numbers, rows {found.fingerprint}" if found.parameters else "its own calibration"
    warning = "" if found.split or not found.seen.any() else "; errors of rows that were fitted flatter: --crossvalidate gives those of rows unseen"
    console.say(f"\nCalibration: {told}{warning}.")


def wrote(to: Path) -> None:
    """Name a file that was written."""
    page().say(f"Wrote {to.as_posix()}")


def _line(name: str, score: object, one: Evaluation | None = None) -> tuple[str, ...]:
    s = asdict(score)  # type: ignore[call-overload]
    taus = ["" if math.isnan(tau) else f"{tau:.2f}" for tau in ((one.kendall_tau, one.tau_apart) if one else (math.nan, math.nan))]
    parts = [f"{s[key]:.1f}" if not math.isnan(s[key]) else "" for key in ("mape", "median_ape", "p90_ape", "coverage80")]
    return (name, f"{s['rows']:,}", f"{s['covered']:,}", *parts, *taus)


def layout(found: Layout) -> Record:
    """One answer."""
    return {
        "chip": found.chip, "model": found.model, "tok_s_per_chip": asdict(found.rate), "tpot_ms": _thousandfold(found.token),
        "ttft_ms": _thousandfold(found.first), "precision": found.precision, "chips": found.chips, "concurrency": found.flight,
        "engine": found.engine, "limit": found.limit, "known": found.known,
    }  # fmt: skip


def _thousandfold(found: Interval) -> Record:
    return {name: 1e3 * value for name, value in asdict(found).items()}


def fit(found: Calibration, to: Path) -> Record:
    """What was fitted and where it stands."""
    return {
        "file": to.as_posix(), "fitted_rows": found.fingerprint, "rows": len(found.fitted), "parameters": found.parameters,
        "values": {quantity: one.rows for quantity, one in found.fits.items()},
        "spread": {quantity: dict(one.spread) for quantity, one in found.fits.items()},
    }  # fmt: skip


def show_fit(found: Calibration, to: Path) -> None:
    """What was fitted, with the half-width of intervals where rows are known."""
    console = page()
    names = {"tpot": NAMES["tpot"], "ttft": NAMES["ttft"], "full": "tokens/s at its best"}
    rows = [
        (names[quantity], f"{one.rows:,}", f"{one.numbers:,}", f"{100 * (math.exp(one.spread.get('known', math.nan)) - 1):.0f} %")
        for quantity, one in found.fits.items()
    ]
    table(console, "Fitted", ("quantity", "values", "effects", "80 % interval +-"), rows, words=1)
    console.say(f"\nWrote {to}. Use it: barbell workloads predict --calibration {to} ...")


def learnt(found: training.Calibration, to: Path) -> Record:
    """What was fitted of training and where it stands."""
    return {
        "file": to.as_posix(), "fitted_rows": found.fingerprint, "rows": found.fitted.rows, "parameters": found.parameters,
        "centres": len(found.residual.weights), "noise": dict(found.noise),
    }  # fmt: skip


def show_learnt(found: training.Calibration, to: Path) -> None:
    """The same in a sentence."""
    console = page()
    centres = f"{len(found.residual.weights):,} centres"
    console.print(f"{found.fitted.rows:,} rows fitted by {found.parameters:,} numbers, and a local function on {centres}: fit {found.fingerprint}.")
    console.say(f"Wrote {to}. Use it: barbell workloads train --calibration {to} ...")
