"""What each chip does, three ways: training, elastic inference, production; a table for plans and reports.

A rate is derived where the day's facts allow; `gaps` says in words why another is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from barbell.core.basis import Basis, Interval, Known, product
from barbell.core.errors import FactError
from barbell.core.relations import Fact
from barbell.workloads import serving, training
from barbell.workloads.chip import CHIPS, SLUGS, chip
from barbell.workloads.model import model
from barbell.workloads.offer import OFFERS, Offer
from barbell.workloads.serving import Calibration, Layout
from barbell.workloads.training.silicon import SCALE_OUT, headroom

STAND_IN = {"inferentia2": "trainium1"}
"""The chip with the same cores that speaks for one whose domain cannot hold a model, by memory bandwidth."""
STANDING_IN = Interval(1.0, 0.5, 1.25)
"""Range of such a stand-in: own assumption; smaller models do as well per byte of bandwidth, but fewer requests want them."""
NOT_TRAINED_ON = frozenset({"inferentia2"})


@dataclass(frozen=True)
class Rate:
    """One row of the table."""

    kind: str
    """train, or the name of an offer."""
    chip: str
    rate: Interval
    """With its 80 % interval, in `unit`."""
    unit: str
    """EFLOP/s/kchip, or Mtok/s/kchip of output."""
    precision: str
    layout: Layout | None
    """How it is served; None for training and where another chip speaks for it."""
    fact: Fact
    """The same as a fact, named ``<kind>-<chip>``, with its source."""


@dataclass(frozen=True)
class Table:
    """The rates that the facts of a day allow, and why the others lack."""

    rates: tuple[Rate, ...]
    gaps: Mapping[str, str]
    """Reason by name of the fact that is missing."""


def rates(known: Known) -> tuple[Rate, ...]:
    """The rates that `known` facts allow, by kind and then in the order of `CHIPS`."""
    return table(known).rates


def table(known: Known) -> Table:
    """All rates by kind and chip, in the order of `CHIPS`; lacking facts become `gaps`, never errors."""
    found: list[Rate] = []
    lacking: dict[str, str] = {}
    for name in (name for name in CHIPS if name not in NOT_TRAINED_ON):
        try:
            found.append(_train(known, name))
        except FactError as error:
            lacking[f"train-{name}"] = str(error)
    for offer in OFFERS:
        served = serve(known, offer)
        found += served.rates
        lacking |= served.gaps
    return Table(tuple(found), lacking)


def serve(known: Known, offer: Offer, chips: Sequence[str] = CHIPS) -> Table:
    """The rates of one offer, chip by chip."""
    found: dict[str, Rate] = {}
    lacking: dict[str, str] = {}
    try:
        calibration = serving.shipped(known)
    except FactError as error:
        return Table((), {f"{offer.name}-{name}": str(error) for name in chips})
    for name in chips:
        try:
            found[name] = _serve(known, offer, name, calibration)
        except FactError as error:
            other = found.get(STAND_IN.get(name, ""))
            if other is None or other.layout is None:
                lacking[f"{offer.name}-{name}"] = str(error)
            else:
                found[name] = _stand_in(known, offer, name, other)
    return Table(tuple(found.values()), lacking)


def _train(known: Known, name: str) -> Rate:
    basis = Basis(known)
    out = f"chip-{SLUGS.get(name, name)}-scaleout"
    room, wide = headroom(known, SLUGS.get(name, name)), basis.number(out, "byte/s") if basis.has(out) else SCALE_OUT
    done = training.effective(chip(basis, name), training.shipped(known), wide, room=room)
    rate, unit = done.rate.times(1e-15), "EFLOP/s/kchip"
    fact = basis.fact(f"train-{name}", rate, unit, done.formula, assumed=not done.measured, note="80 % interval; FLOP of a dense model")
    return Rate("train", name, rate, unit, done.precision, None, fact)


def _serve(known: Known, offer: Offer, name: str, calibration: Calibration) -> Rate:
    basis = Basis(known)
    layout = serving.best(chip(basis, name), model(basis, offer.model), offer.demand, calibration)
    busy = basis.interval(offer.busy, "1")
    rate = product(layout.rate.value * busy.value, layout.rate, busy)
    return _rate(basis, offer, name, rate, layout, _words(offer, layout, busy.value, calibration))


def _stand_in(known: Known, offer: Offer, name: str, other: Rate) -> Rate:
    basis = Basis(known)
    model(basis, offer.model)
    basis.interval(offer.busy, "1")
    ratio = chip(basis, name).bandwidth.value / chip(basis, other.chip).bandwidth.value
    per_chip = other.rate.times(1e3 * ratio)
    words = f"rate of {other.chip}, whose cores are the same, x bandwidth ratio {ratio:.3g}: {offer.model} does not fit in a domain of {name}"
    return _rate(basis, offer, name, product(per_chip.value, per_chip, STANDING_IN), None, words, other.precision)


def _rate(basis: Basis, offer: Offer, name: str, rate: Interval, layout: Layout | None, formula: str, precision: str = "") -> Rate:
    scaled, unit = rate.times(1e-3), "Mtok/s/kchip"
    fact = basis.fact(f"{offer.name}-{name}", scaled, unit, formula, assumed=True, note="80 % interval; output tokens, no speculative decoding")
    return Rate(offer.name, name, scaled, unit, layout.precision if layout else precision, layout, fact)


def _words(offer: Offer, layout: Layout, busy: float, calibration: Calibration) -> str:
    demand = offer.demand
    return (
        f"{layout.rate.value:.4g} tokens/s per chip of {offer.model} in {layout.precision}, "
        f"{demand.tokens_in:g} tokens in and {demand.tokens_out:g} out, the most within {demand.level * 1e3:g} ms per token: "
        f"{layout.flight} requests in flight on {layout.chips} chips, {layout.token.value * 1e3:.3g} ms, {layout.known}, "
        f"fit {calibration.fingerprint}; x {busy:g} busy"
    )
