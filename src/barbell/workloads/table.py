"""What each chip does, three ways: training, elastic inference, production; a table for plans and reports.

A rate is derived where the day's facts allow; `gaps` says in words why another is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from barbell.core.basis import Basis, Interval, product
from barbell.core.errors import FactError
from barbell.core.relations import Fact
from barbell.workloads.chip import CHIPS, SLUGS, chip
from barbell.workloads.model import Model, model
from barbell.workloads.offer import OFFERS, SIZES, Offer
from barbell.workloads.quote import Quote, quotes
from barbell.workloads.training.effective import effective
from barbell.workloads.training.silicon import SCALE_OUT, headroom

STAND_IN = {"inferentia2": "trainium1"}
"""The chip with the same cores that speaks for one whose domain cannot hold the reference model, by memory bandwidth."""
STANDING_IN = Interval(1.0, 0.5, 1.25)
"""Range of such a stand-in: own assumption; smaller models do as well per byte of bandwidth, but fewer requests want them."""
NOT_TRAINED_ON = frozenset({"inferentia2"})


@dataclass(frozen=True)
class Rate:
    """One row of the table."""

    kind: str
    """train, inference or production."""
    chip: str
    rate: Interval
    """With its 80 % interval, in `unit`."""
    unit: str
    """EFLOP/s/kchip, or Mtok/s/kchip of output."""
    precision: str
    chips: int
    """Of one replica; 0 for training."""
    sequences: int
    """Running at once in a replica; 0 for training."""
    milliseconds: float
    """Per output token; 0 for training."""
    fact: Fact
    """The same as a fact, named ``<kind>-<chip>``, with its source."""


@dataclass(frozen=True)
class Table:
    """The rates that the facts of a day allow, and why the others lack."""

    rates: tuple[Rate, ...]
    gaps: Mapping[str, str]
    """Reason by name of the fact that is missing."""


def rates(known: Mapping[str, Fact]) -> tuple[Rate, ...]:
    """The rates that `known` facts allow, by kind and then in the order of `CHIPS`."""
    return table(known).rates


def table(known: Mapping[str, Fact]) -> Table:
    """All rates by kind and chip, in the order of `CHIPS`; lacking facts become `gaps`, never errors."""
    found: list[Rate] = []
    lacking: dict[str, str] = {}
    for name in (name for name in CHIPS if name not in NOT_TRAINED_ON):
        try:
            found.append(_train(known, name))
        except FactError as error:
            lacking[f"train-{name}"] = str(error)
    for offer in OFFERS:
        served, missing = _serve(known, offer)
        found += served
        lacking |= missing
    return Table(tuple(found), lacking)


def _train(known: Mapping[str, Fact], name: str) -> Rate:
    basis = Basis(known)
    out = f"chip-{SLUGS.get(name, name)}-scaleout"
    room = headroom(known, SLUGS.get(name, name))
    done = effective(chip(basis, name), basis.number(out, "byte/s") if basis.has(out) else SCALE_OUT, headroom=room)
    rate, unit = _scaled(done.rate, 1e-15), "EFLOP/s/kchip"
    fact = basis.fact(f"train-{name}", rate, unit, done.formula, assumed=not done.measured, note="80 % interval; FLOP of a dense model")
    return Rate("train", name, rate, unit, done.precision, 0, 0, 0.0, fact)


def _serve(known: Mapping[str, Fact], offer: Offer) -> tuple[list[Rate], dict[str, str]]:
    found: list[Rate] = []
    lacking: dict[str, str] = {}
    bases, sheets = {}, []
    architecture: Model | None = None
    for name in CHIPS:
        basis = bases[name] = Basis(known)
        try:
            architecture = model(basis, offer.model)
            sheets.append(chip(basis, name))
        except FactError as error:
            lacking[f"{offer.name}-{name}"] = str(error)
    quoted = quotes(sheets, architecture, offer) if architecture else {}
    for name in (sheet.name for sheet in sheets):
        if name in quoted:
            found.append(_rate(bases[name], offer, name, quoted[name], _words(offer, quoted[name])))
        elif STAND_IN.get(name) in quoted:
            found.append(_stand_in(known, offer, name, quoted[STAND_IN[name]]))
        else:
            lacking[f"{offer.name}-{name}"] = _refusal(offer, name)
    return found, lacking


def _rate(basis: Basis, offer: Offer, name: str, quote: Quote, formula: str) -> Rate:
    rate, unit = _scaled(quote.rate, 1e-3), "Mtok/s/kchip"
    fact = basis.fact(f"{offer.name}-{name}", rate, unit, formula, assumed=True, note="80 % interval; output tokens, no speculative decoding")
    return Rate(offer.name, name, rate, unit, quote.precision, quote.chips, quote.sequences, quote.seconds * 1e3, fact)


def _stand_in(known: Mapping[str, Fact], offer: Offer, name: str, quote: Quote) -> Rate:
    other = STAND_IN[name]
    basis = Basis(known)
    model(basis, offer.model)
    ratio = chip(basis, name).bandwidth.value / chip(basis, other).bandwidth.value
    scaled = product(quote.rate.value * ratio, quote.rate, STANDING_IN)
    words = f"rate of {other}, whose cores are the same, x bandwidth ratio {ratio:.3g}: {offer.model} does not fit in a domain of {name}"
    return _rate(basis, offer, name, Quote(scaled, quote.precision, 0, 0, 0.0), words)


def _words(offer: Offer, quote: Quote) -> str:
    level = offer.service
    return (
        f"{quote.sequences} sequences / ({quote.seconds * 1e3:.3g} ms x {quote.chips} chips), the most within {level.seconds_per_token * 1e3:g} ms "
        f"per token and memory for {offer.model} in {quote.precision}, {level.tokens_in:g} tokens in and {level.tokens_out:g} out, "
        f"x {offer.busy.value:g} busy"
    )


def _refusal(offer: Offer, name: str) -> str:
    level, most = offer.service.seconds_per_token * 1e3, max(SIZES)
    return f"no replica of up to {most} {name} holds {offer.model} and gives a token every {level:g} ms: take a smaller model or a later chip"


def _scaled(number: Interval, by: float) -> Interval:
    return Interval(number.value * by, number.low * by, number.high * by)
