"""The best way to serve a model on a chip at a service level: format, chips and layout of a replica, requests in flight, and what limits it.

Every engine that was measured, every size of the replica that fills the scale-up domain, every layout of which there are rows and a grid of requests
in flight are predicted at once, format by format; the way with the most tokens/s per chip that keeps the level is taken. The range is
found anew with times and data sheet at both ends of their intervals.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from barbell.core.basis import Interval, Known
from barbell.core.errors import FactError
from barbell.core.spelling import suggestion
from barbell.workloads.chip import Chip, accelerators, slug
from barbell.workloads.model import Model, models
from barbell.workloads.serving.apart import apart, busy
from barbell.workloads.serving.calibration import GROUPS, Calibration
from barbell.workloads.serving.candidate import candidates, computes, misfit
from barbell.workloads.serving.demand import Demand, faults
from barbell.workloads.serving.deployment import Deployments
from barbell.workloads.serving.limit import limit
from barbell.workloads.serving.option import Options, mixed
from barbell.workloads.serving.refusal import unreached
from barbell.workloads.serving.spread import CLASSES, novelty


@dataclass(frozen=True)
class Split:
    """Two pools of chips, in their smallest whole unit."""

    readers: int
    """Replicas that read prompts."""
    reader_chips: int
    decoders: int
    """Replicas that decode."""
    decoder_chips: int
    busy: float
    """Share of the time that readers read."""


@dataclass(frozen=True)
class Layout:
    """The best way to serve, with 80 % intervals."""

    chip: str
    model: str
    rate: Interval
    """Output tokens/s per chip."""
    token: Interval
    """Seconds per output token at that rate, in the middle."""
    first: Interval
    """Seconds to the first token, in the middle."""
    precision: str
    chips: int
    """Of one replica; of both pools where prompts are read apart."""
    flight: int
    """Requests in flight on these chips."""
    engine: str
    limit: str
    """What limits it, in words."""
    known: str
    """How much of the question was fitted, in words."""
    way: str = "tp"
    """How the model lies on the chips of a replica: all of it split (tp), experts over chips (ep), attention over data (dp_tp, dp_ep)."""
    token_tail: Interval | None = None
    """Seconds per output token at the 99th percentile, where the level is meant there."""
    first_tail: Interval | None = None
    """Seconds to the first token at the 99th percentile, likewise."""
    split: Split | None = None
    """The pools, where prompts are read apart."""


def found(known: Known, what: str, text: str) -> str:
    """The fact's name of a chip or a model as a person writes it; raises FactError with the nearest names."""
    names = accelerators(known) if what == "chip" else models(known)
    if slug(text) not in names:
        raise FactError(f"unknown {what} '{text}'. {suggestion(slug(text), names, what + 's')}")
    return slug(text)


def best(sheet: Chip, net: Model, demand: Demand, calibration: Calibration) -> Layout:
    """The best way; raises FactError in words where nothing fits, the level cannot be kept or the demand is none."""
    if wrong := faults(demand):
        raise FactError("; ".join(wrong))
    tried: dict[str, Options] = {}
    short = ""
    for precision in (name for name in demand.wanted if computes(sheet, name)):
        options = _options(sheet, net, demand, precision, calibration)
        if not len(options):
            short = short or misfit(sheet, net, demand, precision)
            continue
        at = options.chosen(demand.promise)
        if at >= 0:
            ends = (_end(sheet, net, demand, precision, calibration, options, end) for end in ("low", "high"))
            return _layout(sheet, net, demand, options, at, calibration, *ends)
        tried[precision] = options
    if tried:
        raise FactError(unreached(sheet.name, net.name, demand.promise, tried))
    raise FactError(short or f"{sheet.name} computes none of the formats {', '.join(demand.wanted)}. Name another chip")


def _options(sheet: Chip, net: Model, demand: Demand, precision: str, calibration: Calibration) -> Options:
    """Everything whose requests fit into memory."""
    if demand.apart:
        return apart(sheet, net, demand, precision, calibration, demand.apart)
    return mixed(candidates(sheet, net, demand, precision, calibration), calibration)


def _end(sheet: Chip, net: Model, demand: Demand, precision: str, calibration: Calibration, middle: Options, end: str) -> float:
    """The best rate when all times, and the data sheet, lie at one end of their intervals; 0 where none keeps the level then."""
    there = _at(sheet, end)
    options = middle if there == sheet else _options(there, net, demand, precision, calibration)
    return options.end(demand.promise, end)


def _at(sheet: Chip, end: str) -> Chip:
    """The data sheet with every figure at the low or the high end of its range."""

    def moved(figure: Interval) -> Interval:
        value = float(getattr(figure, end))
        return Interval(value, value, value)

    peak = {name: moved(figure) for name, figure in sheet.peak.items()}
    return replace(sheet, peak=peak, memory=moved(sheet.memory), bandwidth=moved(sheet.bandwidth), link=moved(sheet.link))


def _layout(sheet: Chip, net: Model, demand: Demand, options: Options, at: int, calibration: Calibration, low: float, high: float) -> Layout:
    one = options.one(at)
    rate, asked, level = float(one.rate.value[0]), one.asked, demand.promise
    split = _split(one)
    units = split.decoders if split else 1
    chips = split.readers * split.reader_chips + units * split.decoder_chips if split else round(float(asked.chips[0]))
    return Layout(
        chip=sheet.name, model=net.name, rate=Interval(rate, min(low, rate), max(high, rate)), token=one.token.at(0), first=one.first.at(0),
        precision=asked.precision.words[0], chips=chips, flight=units * round(float(asked.flight[0])), engine=asked.generation.words[0],
        limit=limit(options, at, level, calibration), known=_known(asked, calibration), way=asked.layout.words[0],
        token_tail=level.per_token(one.token).at(0) if level.tail else None, first_tail=level.to_first(one.first).at(0) if level.tail else None,
        split=split,
    )  # fmt: skip


def _split(one: Options) -> Split | None:
    if one.pools is None:
        return None
    readers, reader_chips, decoders, decoder_chips = (
        round(float(column[0])) for column in (one.pools.readers, one.pools.reader_chips, one.pools.decoders, one.asked.chips)
    )
    return Split(readers, reader_chips, decoders, decoder_chips, float(busy(one)[0]))


def _known(one: Deployments, calibration: Calibration) -> str:
    told = {
        "known": "measured on this chip with this model and engine", "cell": "chip and model measured, not together",
        "chip": "no measurement of this chip", "model": "no measurement of this model", "both": "neither chip nor model measured",
        "queue": "more requests than fit",
    }  # fmt: skip
    return told[CLASSES[int(novelty(one, calibration.fits["tpot"].weights, GROUPS["tpot"])[0])]]
