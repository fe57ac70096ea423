"""All silicon on one scale: what each chip serves, trains, draws and costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from barbell.core.basis import Basis, Interval, Known
from barbell.core.errors import FactError
from barbell.study.known import LATEST, known
from barbell.study.price import PRICES, dollars_per_hour, it_kilowatts, stand_in
from barbell.workloads import serving, training
from barbell.workloads.chip import CHIPS, SLUGS, accelerator
from barbell.workloads.model import model
from barbell.workloads.table import NOT_TRAINED_ON

OTHERS = ("mi300x", "mi325x", "mi350x", "mi355x", "mi455x", "tpu_v5e", "tpu_v5p", "tpu_v6e", "tpu_v7")
"""Chips that are compared beside those of Amazon's fleet."""


@dataclass(frozen=True)
class Offered:
    """One chip in a comparison; None and words where something lacks."""

    chip: str
    layout: serving.Layout | None
    refusal: str
    """Why it does not serve, "" where it does."""
    train: Interval | None
    """FLOP/s of a dense model, in the chip's training precision."""
    untrained: str
    """Why it does not train, "" where it does."""
    kilowatts: Interval | None
    """IT power per chip."""
    dollars: Interval | None
    """USD per chip-hour."""
    priced: str
    """published or assumed."""
    rule: str
    """By what an assumed price follows from that of the reference chip."""


def offers(name: str, demand: serving.Demand, price: str, chips: Sequence[str] = ()) -> list[Offered]:
    """The named chips, or every chip of the fleet and those beside it, at one workload. Raises FactError for all unknown names at once."""
    facts = known(LATEST)
    wrong = [] if price in PRICES else [f"'{price}' is no class of prices. Take one of {', '.join(PRICES)}"]
    found = []
    for what, word in (("model", name), *(("chip", one) for one in chips)):
        try:
            found.append(serving.found(facts, what, word))
        except FactError as error:
            wrong.append(str(error))
    if wrong:
        raise FactError("\n".join(wrong))
    used = serving.shipped(facts)
    return [_offered(facts, chip, found[0], demand, price, used) for chip in dict.fromkeys(found[1:] or (*CHIPS, *OTHERS))]


def _offered(facts: Known, chip: str, name: str, demand: serving.Demand, price: str, used: serving.Calibration) -> Offered:
    layout, refusal = None, ""
    try:
        layout = serving.best(accelerator(Basis(facts), chip), model(Basis(facts), name), demand, used)
    except FactError as error:
        refusal = str(error)
    train, untrained = _trains(facts, chip)
    dollars, priced = dollars_per_hour(facts, chip, price)
    rule = stand_in(facts, chip, price) if priced == "assumed" else None
    return Offered(chip, layout, refusal, train, untrained, it_kilowatts(facts, chip), dollars, priced, rule[1] if rule else "")


def _trains(facts: Known, chip: str) -> tuple[Interval | None, str]:
    """FLOP/s in the reference run of plans (`training.effective`), or why there are none."""
    if chip in NOT_TRAINED_ON:
        return None, f"{chip} is made for serving"
    basis, out = Basis(facts), f"chip-{SLUGS.get(chip, chip)}-scaleout"
    try:
        if f"train-{chip}" in facts:
            return basis.interval(f"train-{chip}", "FLOP/s/chip"), ""
        sheet = accelerator(basis, chip)
        used = training.shipped(facts)
        return (training.effective(sheet, used, basis.number(out, "byte/s")) if basis.has(out) else training.effective(sheet, used)).rate, ""
    except FactError as error:
        return None, str(error)
