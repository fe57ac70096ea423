"""What chips do, asked of the facts: predictions held against measured rows, one answer, all chips on one scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from barbell.core.basis import Basis, Interval, Known
from barbell.core.errors import FactError
from barbell.study.calibration import load, write
from barbell.study.known import known
from barbell.workloads import serving, training
from barbell.workloads.chip import CHIPS, SLUGS, accelerator
from barbell.workloads.evaluation import Evaluation
from barbell.workloads.model import model
from barbell.workloads.rows import Rows, joined, read

LATEST = "9999-12-31"
"""The day on which everything in the store is known."""
PRICES = ("capacity_block", "on_demand", "contract_1y", "rental_3y", "reserved_3y", "spot", "tco_hyperscaler", "tco_neocloud")
"""Classes of commitment in which chip-hours are priced: only one class makes a comparison."""
REFERENCE = "h100"
"""The chip whose price per dollar of capex stands in for chips without a price."""
STAND_IN = Interval(1.0, 0.6, 1.6)
"""Range of that: own assumption; makers' margins and terms differ by as much between chips that have both figures."""
OTHERS = ("mi300x", "mi325x", "mi355x")
"""Chips that are compared beside those of Amazon's fleet."""


@dataclass(frozen=True)
class Judgement:
    """Predictions against rows, by quantity, and what the calibration had seen."""

    evaluations: Mapping[str, Evaluation]
    seen: NDArray[np.bool_]
    row_ids: tuple[str, ...]
    fingerprint: str
    parameters: int
    split: str
    """What was left out of the fit: configuration, chip or model; "" for the calibration as it ships."""


@dataclass(frozen=True)
class Offered:
    """One chip in a comparison; NaN and words where something lacks."""

    chip: str
    layout: serving.Layout | None
    refusal: str
    train: Interval | None
    """FLOP/s of a dense model, in the chip's training precision."""
    kilowatts: Interval | None
    """IT power per chip."""
    dollars: Interval | None
    """USD per chip-hour."""
    priced: str
    """published or assumed."""


def judged(path: Path, kind: str, *, calibration: Path | None = None, split: str = "", grades: str = "") -> Judgement:
    """Evaluate the calibration that ships (or another, or one cross-validated by `split`) on the rows of a file, of some grades alone if named.

    Cross-validation fits to rows of all grades, whichever are judged.
    """
    rows = read(path, kind)
    facts = known(LATEST)
    chosen = np.flatnonzero([not grades or grade in grades for grade in rows["grade"]])
    if kind == "training":
        return _trained(rows, facts, split, chosen, calibration)
    if split not in ("", *serving.SPLITS):
        raise FactError(f"serving is not cross-validated by {split}. Take one of {', '.join(serving.SPLITS)}")
    used = load(calibration) if calibration else serving.shipped(facts)
    if split:
        predictions = serving.crossvalidate(rows, facts, split=split)
    else:
        predictions = {quantity: serving.predict(rows, facts, used, quantity) for quantity in serving.QUANTITIES}
    rows, predictions = rows.take(chosen), {quantity: told.take(chosen) for quantity, told in predictions.items()}
    found = {quantity: serving.judge(rows, told, quantity, facts) for quantity, told in predictions.items()}
    marks = serving.seen(rows, used) if not split else np.zeros(len(rows), dtype=bool)
    return Judgement(found, marks, tuple(rows["row_id"]), used.fingerprint, used.parameters, split)


def _trained(rows: Rows, facts: Known, split: str, chosen: NDArray[np.int64], calibration: Path | None) -> Judgement:
    """The same of training: tokens/s per chip."""
    used = training.load(calibration) if calibration else training.shipped()
    if split:
        told, measured = training.crossvalidate(rows, facts, split)
    else:
        told, measured = training.predict(rows, facts, used), training.target(rows, training.settled(rows, facts))
    rows, told, measured = rows.take(chosen), told.take(chosen), measured[chosen]
    marks = np.array([not split and training.mark(name) in used.marks for name in rows["row_id"]], dtype=bool)
    found = {"tok_s_per_chip": training.judge(rows, told, measured)}
    return Judgement(found, marks, tuple(rows["row_id"]), used.fingerprint, used.parameters, split)


def calibrated(paths: list[Path], to: Path, *, seed: int, afresh: bool, as_of: str = "") -> serving.Calibration:
    """Calibrate serving on the rows of files, from the calibration that ships or afresh, and write it.

    Its numbers are known from `as_of`, or from the latest day of the rows.
    """
    facts = known(LATEST)
    rows = joined(paths, "inference")
    found = serving.calibrate(rows, facts, prior=None if afresh else serving.shipped(facts), seed=seed)
    if not any(fit.rows for fit in found.fits.values()):
        raise FactError("no row can be fitted: give rows of grade A, B or C with tpot_ms, ttft_ms or tokens/s, of known chips and models")
    dates = [text for text in rows["date"] if len(text) == 10 and text[:2] == "20"]
    write(
        found,
        to,
        as_of=as_of or max(dates, default="2026-01-01"),
        residuals=f"from {'nothing' if afresh else 'the calibration that ships'}, seed {seed}",
    )
    return found


def answered(chip: str, name: str, demand: serving.Demand, *, calibration: Path | None = None, years: float = 0.0) -> serving.Layout:
    """The best way to serve a model on a chip, so many years of software after the rows; raises FactError in words where there is none."""
    facts = known(LATEST)
    chip, name = serving.found(facts, "chip", chip), serving.found(facts, "model", name)
    used = load(calibration) if calibration else serving.shipped(facts)
    return serving.best(accelerator(Basis(facts), chip), model(Basis(facts), name), demand, used.later(years))


def offers(name: str, demand: serving.Demand, price: str) -> list[Offered]:
    """Every chip of the fleet and some beside it at one workload, by name of the chip."""
    facts = known(LATEST)
    if price not in PRICES:
        raise FactError(f"'{price}' is no class of prices. Take one of {', '.join(PRICES)}")
    name = serving.found(facts, "model", name)
    used = serving.shipped(facts)
    return [_offered(facts, chip, name, demand, price, used) for chip in (*CHIPS, *OTHERS)]


def _offered(facts: Known, chip: str, name: str, demand: serving.Demand, price: str, used: serving.Calibration) -> Offered:
    layout, refusal, train = None, "", None
    try:
        sheet = accelerator(Basis(facts), chip)
        layout = serving.best(sheet, model(Basis(facts), name), demand, used)
    except FactError as error:
        refusal = str(error)
    if f"train-{chip}" in facts:
        train = _scaled(Basis(facts).interval(f"train-{chip}", "FLOP/s/chip"), 1.0)
    dollars, priced = _price(facts, chip, price)
    return Offered(chip, layout, refusal, train, _power(facts, chip), dollars, priced)


def _power(facts: Known, chip: str) -> Interval | None:
    """IT power per chip in kW; that at the utility meter where only it is known."""
    basis = Basis(facts)
    if f"it_power-{chip}" in facts:
        return _scaled(basis.interval(f"it_power-{chip}", "kW/chip"), 1.0)
    return _scaled(basis.interval(f"chip-{chip}-utility_power", "kW/chip"), 1.0) if f"chip-{chip}-utility_power" in facts else None


def _price(facts: Known, chip: str, price: str) -> tuple[Interval | None, str]:
    """USD per chip-hour of one class: as published, else by capex as the reference chip's."""
    own = _published(facts, SLUGS.get(chip, chip), price)
    if own:
        return own, "published"
    reference = _published(facts, REFERENCE, price)
    ratio = _worth(facts, chip)
    if reference is None or ratio is None:
        return None, ""
    middle = reference.value * ratio
    return Interval(middle, middle * STAND_IN.low, middle * STAND_IN.high), "assumed"


def _published(facts: Known, chip: str, price: str) -> Interval | None:
    """Lowest, middle and highest published price of a class, whoever asks it."""
    stem = f"rent-{chip}-{price}"
    found = sorted(float(fact.value) for name, fact in facts.items() if name == stem or name.startswith(f"{stem}-"))
    return Interval(float(np.median(found)), found[0], found[-1]) if found else None


def _worth(facts: Known, chip: str) -> float | None:
    """What a chip costs over what the reference costs: by capex, else by the chip's own price."""
    for name in ("capex-{}", "chip-{}-price"):
        own, other = (facts.get(name.format(one)) for one in (chip, REFERENCE))
        if own and other:
            first, second = (float(fact.value.split()[0].rpartition(":")[2]) for fact in (own, other))
            return first / second
    return None


def _scaled(number: Interval, by: float) -> Interval:
    return Interval(number.value * by, number.low * by, number.high * by)
