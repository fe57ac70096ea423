"""Predictions, comparisons and judgements of what chips do, for people and for machines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from barbell.report.layout import number, page, table

if TYPE_CHECKING:
    from barbell.cli.record import Record
    from barbell.core.basis import Interval
    from barbell.study.performance import Judgement, Offered
    from barbell.workloads import training
    from barbell.workloads.evaluation import Evaluation
    from barbell.workloads.serving import Calibration, Demand, Layout

NAMES = {"tpot": "time per token", "tok_s_per_chip": "tokens/s per chip", "ttft": "time to first token"}
_SHOWN = ("chip", "kind", "set", "engine", "framework", "mode")
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
        "in_sample_rows": [name for name, seen in zip(found.row_ids, found.seen, strict=True) if seen],
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
    console.print("rank: of every two chips at one workload, right less wrong; apart: pairs measured more than 10 % apart", soft_wrap=True)
    for quantity, one in found.evaluations.items():
        for name in _SHOWN:
            members = [_line(label or "unstated", score) for label, score in one.groups.get(name, {}).items() if score.covered]
            if len(members) > 1:
                console.print()
                table(console, f"{NAMES[quantity]}, by {name}", (name, *heads[1:7]), [row[:7] for row in members], words=1)
        for reason, count in one.refused.items():
            console.print(f"Refused {count}: {reason}", markup=False, soft_wrap=True)
    told = f"{found.parameters:,} fitted numbers, rows {found.fingerprint}" if found.parameters else "its own calibration"
    warning = "" if found.split else "; errors of rows that were fitted flatter: --crossvalidate gives those of rows unseen"
    console.print(f"\nCalibration: {told}{warning}.", soft_wrap=True)


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


def comparison(workload: str, asked: Demand, price: str, found: Sequence[Offered]) -> Record:
    """All chips, with null where something lacks."""
    chips = [
        {
            "chip": one.chip, "refusal": one.refusal or None, "layout": layout(one.layout) if one.layout else None,
            "train_flops": asdict(one.train) if one.train else None, "kilowatts": asdict(one.kilowatts) if one.kilowatts else None,
            "dollars_per_hour": asdict(one.dollars) if one.dollars else None, "priced": one.priced or None,
            "tok_s_per_mw": _over(one, "kilowatts", 1e3), "mtok_per_dollar": _over(one, "dollars", 3600e-6),
        }
        for one in found
    ]  # fmt: skip
    return {"workload": workload, "level_ms": asked.level * 1e3, "price": price, "chips": chips}


def _over(one: Offered, what: str, by: float) -> Record | None:
    """Rate over power or price, ranges multiplied as independent."""
    from barbell.core.basis import Interval, product

    under: Interval | None = getattr(one, what)
    if one.layout is None or under is None:
        return None
    rate = one.layout.rate
    inverse = Interval(1 / under.value, 1 / under.high, 1 / under.low)
    return asdict(product(by * rate.value * inverse.value, rate, inverse))


def show_comparison(workload: str, asked: Demand, price: str, found: Sequence[Offered]) -> None:
    """One row a chip, the most tokens per dollar first; refusals below."""
    console = page()

    def cell(record: Record | None) -> str:
        told = [number(float(f"{record[key]:.3g}")) for key in ("value", "low", "high")] if record else []
        return f"{told[0]} ({told[1]}-{told[2]})" if told else ""

    rows = [
        (
            one.chip, one.layout.precision, f"{one.layout.chips} x", one.priced or "no price", cell(asdict(one.layout.rate)),
            cell(_over(one, "kilowatts", 1.0)), cell(_over(one, "dollars", 3600e-6)),
            cell({k: v * 1e-12 for k, v in asdict(one.train).items()} if one.train else None),
        )
        for one in _by_price(found) if one.layout
    ]  # fmt: skip
    heads = ("chip", "weights", "replica", f"{price} price", "tok/s/chip", "tok/s/kW of IT", "Mtok/USD", "training TFLOP/s")
    told = f"{workload}, {asked.tokens_in:g} tokens in and {asked.tokens_out:g} out, at most {asked.level * 1e3:g} ms per token"
    table(console, f"{told}; in brackets 80 % intervals", heads, rows, words=4)
    for one in found:
        if one.refusal:
            console.print(f"Refused {one.chip}: {one.refusal}", markup=False, soft_wrap=True)
    console.print("\nassumed: no public price of this class; that of the H100 by capex, or by the price of the chip, 0.6 to 1.6 fold.")


def draw_comparison(workload: str, asked: Demand, found: Sequence[Offered], to: Path) -> None:
    """The same as a picture."""
    from barbell.report.silicon import draw, silicon

    rows = []
    for one in _by_price(found):
        measures = {"tokens/s per chip": asdict(one.layout.rate) if one.layout else None, "tokens/s per kW of IT": _over(one, "kilowatts", 1.0)}
        for measure, told in {**measures, "million tokens per USD": _over(one, "dollars", 3600e-6)}.items():
            if told and told["low"] > 0:
                rows.append({"chip": one.chip, "measure": measure, "price": one.priced or "none", **told})
    draw(silicon(rows, f"{workload} at {asked.level * 1e3:g} ms per token, 80 % intervals"), to)


def _by_price(found: Sequence[Offered]) -> list[Offered]:
    """Chips that serve, the most tokens per dollar first."""
    served = [one for one in found if one.layout]
    return sorted(served, key=lambda one: -(_over(one, "dollars", 3600e-6) or {"value": 0.0})["value"])


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
    console.print(f"\nWrote {to}. Use it: barbell workloads predict --calibration {to} ...", markup=False, soft_wrap=True)


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
    console.print(f"Wrote {to}. Use it: barbell workloads train --calibration {to} ...", markup=False, soft_wrap=True)
