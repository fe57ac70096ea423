"""The best way to serve a model on a chip at a service level: format, chips of a replica, requests in flight, and what limits it.

Every engine that was measured, every size of the replica that fills the scale-up domain and a grid of requests in flight are predicted at
once, format by format; the layout with the most tokens/s per chip that keeps the time per token is taken. The range is found anew with
times and data sheet at both ends of their intervals.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from barbell.core.basis import Interval, Known
from barbell.core.errors import FactError
from barbell.core.spelling import suggestion
from barbell.workloads.chip import SLUGS, Chip, accelerators, slug
from barbell.workloads.model import Model, models
from barbell.workloads.serving.calibration import GROUPS, Calibration
from barbell.workloads.serving.deployment import FREE, WEIGHT_BYTES, WIDE_BYTES, Deployments, Label, assemble
from barbell.workloads.serving.effects import Numbers
from barbell.workloads.serving.physics import OVERHEAD_BYTES, TERMS, USABLE_SHARE, fitting, step
from barbell.workloads.serving.predict import answer
from barbell.workloads.serving.spread import CLASSES, novelty

SIZES = (1, 2, 4, 8, 12, 16, 32, 64)
"""Chips of a replica that are tried: those that fill the scale-up domain without a rest."""
FORMATS = ("fp4", "fp8", "bf16", "int4")
"""Formats in order of preference; the first that a chip computes and that can serve gives the layout, unless one is asked for."""
FLIGHT = np.unique(np.round(np.geomspace(1, 512, 61)))
"""Requests in flight that are tried; measured rows seldom go further."""


@dataclass(frozen=True)
class Demand:
    """What is asked of a chip."""

    tokens_in: float = 1024.0
    tokens_out: float = 1024.0
    level: float = FREE
    """Seconds per output token that may not be exceeded."""
    chips: int = 0
    """Chips of the replica; 0 for the best."""
    precision: str = ""
    engine: str = ""
    """Engine, with version if it matters; "" for the best of those measured for this chip and model."""
    formats: tuple[str, ...] = FORMATS
    """Formats of weights that are allowed, in order of preference; not looked at where `precision` asks for one."""


@dataclass(frozen=True)
class Layout:
    """The best way to serve, with 80 % intervals."""

    chip: str
    model: str
    rate: Interval
    """Output tokens/s per chip."""
    token: Interval
    """Seconds per output token at that rate."""
    first: Interval
    """Seconds to the first token."""
    precision: str
    chips: int
    flight: int
    engine: str
    limit: str
    """What limits it, in words."""
    known: str
    """How much of the question was fitted, in words."""


def found(known: Known, what: str, text: str) -> str:
    """The fact's name of a chip or a model as a person writes it; raises FactError with the nearest names."""
    names = accelerators(known) if what == "chip" else models(known)
    if slug(text) not in names:
        raise FactError(f"unknown {what} '{text}'. {suggestion(slug(text), names, what + 's')}")
    return slug(text)


def best(sheet: Chip, net: Model, demand: Demand, calibration: Calibration) -> Layout:
    """The best layout; raises FactError in words where nothing fits or the level cannot be kept."""
    refusal, nearest = "", math.inf
    for precision in [demand.precision] if demand.precision else [name for name in demand.formats if _computes(sheet, name)]:
        asked = _fitting(sheet, net, demand, precision, calibration)
        if not len(asked):
            refusal = refusal or _misfit(sheet, net, demand, precision)
            continue
        token, _ = answer(asked, calibration, "tpot")
        if token.min() > demand.level:
            if token.min() >= nearest:
                continue
            at, nearest = int(token.argmin()), float(token.min())
            reach = f"{token[at] * 1e3:.3g} ms with {asked.chips[at]:g} chips and {_requests(asked.flight[at])} in flight ({precision})"
            refusal = f"{sheet.name} does not give {net.name} a token every {demand.level * 1e3:g} ms; the best it reaches is {reach}"
            continue
        rate, _ = answer(asked, calibration, "tok_s_per_chip")
        at = int(np.where(token <= demand.level, rate, 0.0).argmax())
        low, high = (_end(_at(sheet, end), net, demand, precision, calibration, sign) for end, sign in (("low", 1.0), ("high", -1.0)))
        return _layout(sheet, net, demand, asked.take(np.array([at])), calibration, (low, high))
    raise FactError(refusal or f"{sheet.name} computes none of the formats {', '.join(demand.formats)}. Name another chip")


def _fitting(sheet: Chip, net: Model, demand: Demand, precision: str, calibration: Calibration) -> Deployments:
    """The candidates whose requests fit into memory."""
    asked = _candidates(sheet, net, demand, precision, calibration)
    return asked.take(fitting(asked) >= asked.flight)


def _end(sheet: Chip, net: Model, demand: Demand, precision: str, calibration: Calibration, sign: float) -> float:
    """The best rate when all times, and the data sheet, lie at one end of their intervals; 0 where none keeps the level then."""
    asked = _fitting(sheet, net, demand, precision, calibration)
    if not len(asked):
        return 0.0
    (token, doubt), (rate, vague) = (answer(asked, calibration, quantity) for quantity in ("tpot", "tok_s_per_chip"))
    kept = token * np.exp(sign * doubt) <= demand.level
    return float(np.where(kept, rate * np.exp(-sign * vague), 0.0).max())


def _at(sheet: Chip, end: str) -> Chip:
    """The data sheet with every figure at the low or the high end of its range."""

    def moved(figure: Interval) -> Interval:
        value = float(getattr(figure, end))
        return Interval(value, value, value)

    peak = {name: moved(figure) for name, figure in sheet.peak.items()}
    return replace(sheet, peak=peak, memory=moved(sheet.memory), bandwidth=moved(sheet.bandwidth), link=moved(sheet.link))


def _requests(flight: float) -> str:
    return f"{flight:g} request{'s' if flight > 1 else ''}"


def _layout(sheet: Chip, net: Model, demand: Demand, one: Deployments, calibration: Calibration, ends: tuple[float, float]) -> Layout:
    rate = float(answer(one, calibration, "tok_s_per_chip")[0][0])
    token, first = (_around(*answer(one, calibration, quantity)) for quantity in ("tpot", "ttft"))
    return Layout(
        chip=sheet.name, model=net.name, rate=Interval(rate, min(ends[0], rate), max(ends[1], rate)), token=token, first=first,
        precision=one.precision.words[0], chips=round(float(one.chips[0])), flight=round(float(one.flight[0])),
        engine=one.generation.words[0], limit=_limit(one, demand, calibration), known=_known(one, calibration),
    )  # fmt: skip


def _around(value: Numbers, half: Numbers) -> Interval:
    return Interval(float(value[0]), float(value[0] * np.exp(-half[0])), float(value[0] * np.exp(half[0])))


def _limit(one: Deployments, demand: Demand, calibration: Calibration) -> str:
    """Memory, the level or the largest part of a step."""
    made = step(one, calibration.constants)
    told = dict(zip(TERMS, made.shares[0], strict=True))
    words = {
        "read": "reading weights", "cache": "reading caches", "multiply": "multiplying", "talk": "talk between chips",
        "launch": "launching and scheduling", "prefill": "prefill of other requests",
    }  # fmt: skip
    name = max(told, key=lambda key: told[key])
    share = f"{words[name]} is {told[name]:.0%} of a step"
    flight = float(one.flight[0])
    larger = FLIGHT[flight < FLIGHT]
    if not len(larger):
        return f"the largest batch tried; {share}"
    if float(fitting(one)[0]) < larger[0]:
        return f"memory: {flight:g} requests fill it; {share}"
    return f"the level; {share}" if demand.level < FREE else share


def _known(one: Deployments, calibration: Calibration) -> str:
    told = {
        "known": "measured on this chip with this model and engine", "cell": "chip and model measured, not together",
        "chip": "no measurement of this chip", "model": "no measurement of this model", "both": "neither chip nor model measured",
        "queue": "more requests than fit",
    }  # fmt: skip
    return told[CLASSES[int(novelty(one, calibration.fits["tpot"].weights, GROUPS["tpot"])[0])]]


def _computes(sheet: Chip, precision: str) -> bool:
    return ("bf16" if precision == "int4" else precision) in sheet.peak


def _misfit(sheet: Chip, net: Model, demand: Demand, precision: str) -> str:
    """By how much a model does not fit in the largest replica."""
    size = demand.chips or max(_sizes(sheet, demand))
    narrow = WIDE_BYTES if net.routed and precision in ("fp4", "int4") else WEIGHT_BYTES[precision]
    need = net.other * narrow + (net.dense + net.experts * net.expert) * WEIGHT_BYTES[precision]
    room = size * (USABLE_SHARE * sheet.memory.value - OVERHEAD_BYTES)
    by = f"short by {(need - room) / 1e9:,.0f} GB" if need > room else "which leaves no room for one request"
    return (
        f"{net.name} in {precision} does not fit into {size} {sheet.name}: weights of {need / 1e9:,.0f} GB, room for {room / 1e9:,.0f} GB, {by}. "
        "Take more chips, a narrower format or a smaller model"
    )


def _sizes(sheet: Chip, demand: Demand) -> Sequence[int]:
    if demand.chips:
        return [demand.chips]
    return [size for size in SIZES if sheet.domain % size == 0] or [1]


def _candidates(sheet: Chip, net: Model, demand: Demand, precision: str, calibration: Calibration) -> Deployments:
    """Every engine, size and number of requests in one format."""
    sizes, engines = np.array(_sizes(sheet, demand), dtype=np.float64), _engines(sheet, net, demand, precision, calibration)
    each, within = len(sizes) * len(FLIGHT), len(engines)
    chips, flight = np.tile(np.repeat(sizes, len(FLIGHT)), within), np.tile(FLIGHT, within * len(sizes))
    versions = [version for version in engines for _ in range(each)]
    count, ones = len(chips), np.ones(len(chips))
    return assemble(
        [sheet] * count, [net] * count, [precision] * count,
        engine=Label.of([_maker(version) for version in versions]), generation=Label.of(versions), layout=Label.of(["tp"] * count),
        mode=Label.of(["closed"] * count), campaign=Label.of(["table"] * count), chips=chips, split=ones, helpers=0.0 * ones, flight=flight,
        tokens_in=demand.tokens_in * ones, tokens_out=demand.tokens_out * ones, level=demand.level * ones, drafted=0.0 * ones,
    )  # fmt: skip


def _engines(sheet: Chip, net: Model, demand: Demand, precision: str, calibration: Calibration) -> list[str]:
    """Generations of engines to try: the one asked for, or those measured for this chip and model (in this format, if any), or none in particular."""
    if demand.engine:
        return [slug(demand.engine)]
    cells = calibration.fits["tpot"].weights.get("cell", {})
    own = [key for key in cells if key[0] == net.name and key[1] == SLUGS.get(sheet.name, sheet.name)]
    return sorted({key[2] for key in own if key[3] == precision} or {key[2] for key in own}) or ["any"]


def _maker(generation: str) -> str:
    """The engine of a generation: its name without the version."""
    return re.sub(r"_(\d+_\d+|nightly|unstated)$", "", generation)
