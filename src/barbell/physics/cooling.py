"""PUE by hall class and site: of the design hour, which sizes the grid link, and over the year, which prices energy.

The level is the published default of the class; the climate moves its overhead (PUE - 1) in proportion to the overhead that
an hourly plant model computes for that climate, against the median climate. The model leaves out part load and redundancy,
so that only its shape is used; a fleet of such sites then lies near the operators' published averages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from barbell.core.basis import Basis, Interval, product
from barbell.core.errors import FactError
from barbell.core.relations import Fact

PLANT = {"legacy": "air_legacy", "air": "air_contained_wet", "liquid": "dlc80_w32_dry"}
"""Plant whose computed overhead gives the shape, by hall class: chilled water at 10 C with towers; contained air with tower and
economiser, the plant that the default design PUE of 1.25 fits; 80 % of the heat into water of 32 C with dry coolers."""
CLIMATES = ("cold", "temperate", "continental", "humid_temperate", "mild_dry", "hot", "hot_dry", "warm", "hot_humid")


@dataclass(frozen=True)
class Site:
    """A place of a case: the region of its facts, its climate group, and the city whose weather stands for it."""

    region: str
    climate: str
    weather: str


SITES = {
    "va": Site("us-east-1", "humid_temperate", "Philadelphia as proxy"),
    "oh": Site("us-east-2", "continental", "Pittsburgh as proxy"),
    "or": Site("us-west-2", "mild_dry", "San Jose as proxy, own choice"),
    "in": Site("us-in-new-carlisle", "continental", "Chicago as proxy"),
    "ms": Site("us-ms-madison", "hot", "Dallas as proxy"),
    "pa": Site("us-pa-susquehanna", "humid_temperate", "Philadelphia"),
    "nc": Site("us-nc-richmond", "humid_temperate", "Philadelphia as proxy"),
    "ga": Site("us-ga", "hot", "Dallas as proxy, own choice"),
    "tx": Site("us-tx", "hot", "Dallas"),
    "la": Site("us-la-caddo", "hot", "Dallas as proxy"),
    "de": Site("eu-central-1", "temperate", "Frankfurt"),
    "es": Site("eu-south-2", "mild_dry", "San Jose as proxy, own choice"),
    "ie": Site("eu-west-1", "temperate", "London as proxy"),
    "jp": Site("ap-northeast-1", "humid_temperate", "Tokyo"),
}
"""Sites by the short names that cases use; regions that share a climate share its weather."""


def overheads(basis: Basis, plant: str, hours: str) -> dict[str, float]:
    """Computed overhead of `plant` by climate group; `hours` is annual or peak."""
    return {group: basis.number(f"pue-{plant}-{group}-{hours}", "1") - 1 for group in CLIMATES}


def moved(pue: Interval, ratio: float) -> Interval:
    """A PUE whose overhead is `ratio` times as large; never below 1."""
    return Interval(*(1 + max(edge - 1, 0.0) * ratio for edge in (pue.value, pue.low, pue.high)))


def level(basis: Basis, hall: str, hours: str) -> Interval:
    """The published default of a hall class.

    Where no design-hour default is published (legacy halls), the annual one with its overhead raised as the plant model
    raises it in the median climate.
    """
    if hours == "annual" or basis.has(f"pue-{hours}-{hall}"):
        return basis.interval(f"pue-{hours}-{hall}", "1")
    peak, annual = (median(overheads(basis, PLANT[hall], kind).values()) for kind in ("peak", "annual"))
    return moved(basis.interval(f"pue-annual-{hall}", "1"), peak / annual)


def derive_cooling(known: Mapping[str, Fact]) -> Iterator[Fact | FactError]:
    """``pue_peak-<class>-<site>`` and ``pue_annual-<class>-<site>`` for all classes and `SITES`; errors where a fact lacks."""
    for hall in PLANT:
        for hours in ("peak", "annual"):
            for name in SITES:
                try:
                    yield _site_fact(Basis(known), hall, hours, name)
                except FactError as error:
                    yield error


def derive_draw(known: Mapping[str, Fact]) -> Iterator[Fact | FactError]:
    """``draw-<class>-<site>``: mean power drawn from supply per MW of IT, which prices energy; errors where a fact lacks.

    `known` must hold what `derive_cooling` gives.
    """
    for hall in PLANT:
        for name in SITES:
            basis = Basis(known)
            try:
                pue, load = basis.interval(f"pue_annual-{hall}-{name}", "1"), basis.interval("load_factor", "1")
                draw = product(pue.value * load.value, pue, load)
                yield basis.fact(f"draw-{hall}-{name}", draw, "1", "annual PUE x load factor")
            except FactError as error:
                yield error


def _site_fact(basis: Basis, hall: str, hours: str, name: str) -> Fact:
    site, plant = SITES[name], PLANT[hall]
    computed = overheads(basis, plant, hours)
    ratio = computed[site.climate] / median(computed.values())
    formula = f"1 + (default - 1) x {ratio:.3g}, the {hours} overhead of {plant} in a {site.climate} climate over the median climate"
    pue = moved(level(basis, hall, hours), ratio)
    return basis.fact(f"pue_{hours}-{hall}-{name}", pue, "1", formula, note=f"weather: {site.weather}")
