"""From what volume on an own chip pays for its design: a closed form, and its range.

A design costs once (masks, licences, verification) and a team for as long as chips of it are ordered. Each own chip then saves what the same
service would cost on the chip that one can buy instead:

::

    cost     = (capex + overhead x a) / rate + power / rate x powered       present cost of one Mtok/s (or EFLOP/s) over a chip's life
    saving   = (cost of the vendor's - cost of the own) x rate of the own   per own chip
    fixed    = design x (1 + r)^lead + team x annuity over the design's life
    volume   = fixed / saving

r discount rate, a annuity over the chip's life, powered the present cost of 1 MW of IT over that life: halls at their annual cost, energy,
upkeep. Taxes are left out: both sides bear them. The range comes from drawing every input from its own, as independent two-sided log-normals
whose 80 % lie between low and high; where the saving of a draw is not above 0, no volume pays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from barbell.core.basis import Z80, Basis, Interval
from barbell.core.errors import FactError
from barbell.core.relations import Fact
from barbell.core.spelling import suggestion

DRAWS, SEED = 20_000, 2026
HOURS = 8766.0

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class BreakEven:
    """What decides between an own and a vendor's chip; money in millions of USD of 2026, chips in thousands.

    `saving` is per thousand own chips over their life, `volume` the thousands of own chips from which the design pays (infinite: never),
    each at the middle of all inputs, with the 80 % range of the draws; `never` the share of draws in which no volume pays.
    """

    own: str
    vendor: str
    workload: str
    unit: str
    cost_own: Interval
    cost_vendor: Interval
    saving: Interval
    fixed: Interval
    volume: Interval
    never: float
    sources: tuple[str, ...]


@dataclass(frozen=True)
class _Inputs:
    """Every input as an array over draws, the middle first."""

    capex: dict[str, Floats]
    rate: dict[str, Floats]
    power: dict[str, Floats]
    overhead: dict[str, Floats]
    general: dict[str, Floats]


_GENERAL = {
    "design": ("custom-nre", "MUSD2026/unit"),
    "team": ("custom-team", "MUSD2026/unit/year"),
    "lead": ("custom-lead", "year"),
    "design_life": ("custom-life", "year"),
    "life": ("life-chip", "year"),
    "available": ("availability-chip", "1"),
    "rate": ("neo-discount_rate", "1"),
    "campus": ("neo-campus_capex", "MUSD2026/MW"),
    "campus_life": ("neo-campus_life", "year"),
    "upkeep": ("opex-non_energy", "MUSD2026/(MW*year)"),
    "energy": ("site-us-east-2-energy_price", "MUSD2026/MWh"),
    "pue": ("pue-annual-liquid", "1"),
}


def break_even(known: Mapping[str, Fact], own: str, vendor: str, workload: str = "inference") -> BreakEven:
    """The break-even of an own chip against a vendor's for one workload (``inference``, ``production`` or ``train``).

    Raises FactError for every chip that is unknown or has no cost or rate for the workload, and for a chip against itself.
    """
    _check(known, own, vendor, workload)
    basis = Basis(known)
    rate_unit = basis.unit(f"{workload}-{own}")
    random = np.random.default_rng(SEED)
    capex, rate, power, overhead = (
        {chip: _drawn(basis.interval(f"{stem}-{chip}", unit), random) for chip in (own, vendor)}
        for stem, unit in (("capex", "MUSD2026/kchip"), (workload, rate_unit), ("it_power", "MW/kchip"), ("overhead", "MUSD2026/kchip/year"))
    )
    general = {key: _drawn(basis.interval(name, unit), random) for key, (name, unit) in _GENERAL.items()}
    inputs = _Inputs(capex, rate, power, overhead, general)
    costs = {chip: _cost(inputs, chip) for chip in (own, vendor)}
    saving = (costs[vendor] - costs[own]) * inputs.rate[own] * inputs.general["available"]
    fixed = _fixed(inputs.general)
    with np.errstate(divide="ignore"):
        volume = np.where(saving > 0, fixed / saving, np.inf)
    return BreakEven(
        own, vendor, workload, f"MUSD2026/({rate_unit.partition('/kchip')[0]})",
        _interval(costs[own]), _interval(costs[vendor]), _interval(saving), _interval(fixed), _interval(volume),
        float((saving[1:] <= 0).mean()), basis.read,
    )  # fmt: skip


def _check(known: Mapping[str, Fact], own: str, vendor: str, workload: str) -> None:
    needs = (f"{workload}-", "capex-", "it_power-", "overhead-")
    priced = [name.removeprefix("capex-") for name in known if name.startswith("capex-")]
    able = [chip for chip in priced if all(need + chip in known for need in needs)]
    wrong = [
        f"'{chip}' cannot be compared: there is no fact {', '.join(need + chip for need in needs if need + chip not in known)}. "
        f"{suggestion(chip, able, 'chips')}"
        for chip in dict.fromkeys((own, vendor))
        if chip not in able
    ]
    if own == vendor and not wrong:
        wrong = [f"'{own}' is compared with itself: name another chip to buy"]
    if wrong:
        raise FactError("\n".join(wrong))


def _cost(inputs: _Inputs, chip: str) -> Floats:
    general = inputs.general
    years = _annuity(general["rate"], general["life"])
    halls = general["campus"] / _annuity(general["rate"], general["campus_life"])
    powered = (halls + general["upkeep"] + general["energy"] * HOURS * general["pue"]) * years
    each: Floats = inputs.capex[chip] + inputs.overhead[chip] * years + inputs.power[chip] * powered
    return each / (inputs.rate[chip] * general["available"])


def _fixed(general: Mapping[str, Floats]) -> Floats:
    """Brought to the day of the first chips, from which savings count."""
    ahead: Floats = general["design"] * (1 + general["rate"]) ** general["lead"]
    return ahead + general["team"] * _annuity(general["rate"], general["design_life"])


def _annuity(rate: Floats, years: Floats) -> Floats:
    """Present value of 1 a year."""
    worth: Floats = -np.expm1(-years * np.log1p(rate)) / rate
    return worth


def _drawn(interval: Interval, random: np.random.Generator) -> Floats:
    """The middle, then draws: a two-sided log-normal whose 80 % lie between low and high."""
    fall, rise = interval.spread()
    z = random.standard_normal(DRAWS)
    return np.concatenate([[interval.value], interval.value * np.exp(np.where(z < 0, fall, rise) * z / Z80)])


def _interval(values: Floats) -> Interval:
    low, high = np.quantile(values[1:], (0.1, 0.9), method="inverted_cdf")
    return Interval(float(values[0]), float(low), float(high))
