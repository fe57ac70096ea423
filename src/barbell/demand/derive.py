"""Facts of demand from facts: prices that the rental market pays, curves around them, and the backlog as contracts.

The price of a unit of service is what the market pays for the chip that gives it: a year of an H100 on a one-year contract,
divided by what an H100 does in the market's own unit. So the level of prices follows the newest rental figure known on the day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from barbell.core.horizon import Month
from barbell.core.known import Known, at_par, derived, fact, number, path
from barbell.core.path import Path
from barbell.core.relations import Fact
from barbell.demand.backlog import runoff
from barbell.demand.curve import steps

YEAR = 2026
"""Money of the results; rental prices of other years are carried to it at par."""
_YEARS = range(2026, 2041)
_HOURS = 8760


@dataclass(frozen=True)
class Market:
    """A market: its name, the unit of what it buys, and the fact that says what a thousand H100 give of it."""

    name: str
    unit: str
    reference: str


MARKETS = (
    Market("train", "EFLOP/s", "train-h100"),
    Market("production", "Mtok/s", "production-h100"),
    Market("inference", "Mtok/s", "inference-h100"),
)
"""The three markets that buy accelerators: frontier training, production workloads, elastic inference."""


def derive(known: Known) -> tuple[Fact, ...]:
    """Prices and shares of every step, volumes asked, and the backlog as contract volumes.

    Needs for each market the facts ``demand-<market>-premium``, ``-elasticity``, ``-decline`` and ``-volume``; for the backlog
    ``backlog-lab_share``, ``core-price`` and the newest ``amzn-aws-rpo`` with its weighted life. Raises FactError where one lacks.
    """
    return (*(made for market in MARKETS for made in _market(known, market)), *_backlog(known))


def _market(known: Known, market: Market) -> Iterator[Fact]:
    base = f"demand-{market.name}"
    curve, *bent = (steps(number(known, f"{base}-elasticity", "1", end=end)) for end in ("value", "low", "high"))
    price = {end: _reference(known, market, end) for end in ("value", "low", "high")}
    inputs = [fact(known, name) for name in ("rent-h100-contract_1y", market.reference, f"{base}-premium", f"{base}-decline")]
    unit = f"MUSD{YEAR}/({market.unit})/year"
    for k, (multiple, share) in enumerate(zip(curve.multiples, curve.shares, strict=True), 1):
        at = {end: _falling(known, base, multiple * level) for end, level in price.items()}
        formula = f"{multiple:g} x rent of an H100 for a year / its rate x premium, falling each year"
        yield derived(f"{base}-price{k}", at["value"], unit, formula, inputs, low=at["low"], high=at["high"])
        ends = sorted((share, *(other.shares[k - 1] for other in bent)))
        formula = f"share of a curve of constant elasticity at {multiple:g} of its price"
        yield derived(f"{base}-share{k}", share, "1", formula, [fact(known, f"{base}-elasticity")], low=ends[0], high=ends[-1])
    yield _asked(known, base, market, curve.asked)


def _reference(known: Known, market: Market, end: str) -> float:
    """Reference price in millions per unit and year; its range is that of the premium."""
    rent = number({"rent": at_par(fact(known, "rent-h100-contract_1y"), YEAR)}, "rent", f"USD{YEAR}/chip/h")
    rate = number(known, market.reference, f"{market.unit}/kchip")
    return rent * _HOURS * 1000 / 1e6 / rate * number(known, f"demand-{market.name}-premium", "1", end=end)


def _falling(known: Known, base: str, start: float) -> Path:
    decline = number(known, f"{base}-decline", "1/year")
    return Path(tuple((Month.parse(str(year)), start * (1 - decline) ** (year - _YEARS[0])) for year in _YEARS))


def _asked(known: Known, base: str, market: Market, asked: float) -> Fact:
    """Volume at the lowest step: the volume at the reference price, widened by the curve."""
    volume = fact(known, f"{base}-volume")
    ends = {end: path({"v": volume.model_copy(update={"value": getattr(volume, end) or volume.value})}, "v", market.unit) for end in ("value", "low", "high")}
    wide = {end: found.map(lambda value: value * asked) for end, found in ends.items()}
    inputs = [volume, fact(known, f"{base}-elasticity")]
    return derived(f"{base}-asked", wide["value"], market.unit, f"{asked:.3g} x the volume at the reference price", inputs, low=wide["low"], high=wide["high"])


def _backlog(known: Known) -> Iterator[Fact]:
    """The newest backlog as two contracts: labs buy training, enterprises general computing."""
    rpo, life = _newest(known, "amzn-aws-rpo-"), _newest(known, "amzn-aws-rpo_weighted_life-")
    found = runoff(number({"rpo": at_par(rpo, YEAR)}, "rpo", f"MUSD{YEAR}"), number({"life": life}, "life", "year"))
    share = fact(known, "backlog-lab_share")
    labs = number(known, share.name, "1")
    formula = "backlog / (2 x weighted life) x share / price"
    price, *prices = (_reference(known, MARKETS[0], end) for end in ("value", "low", "high"))
    core = number(known, "core-price", f"MUSD{YEAR}/MW/year")
    train = [rpo, life, share, fact(known, "rent-h100-contract_1y"), fact(known, MARKETS[0].reference), fact(known, "demand-train-premium")]
    ends = (number(known, share.name, "1", end="low"), number(known, share.name, "1", end="high"))
    yield derived("backlog-train-volume", found.revenue * labs / price, "EFLOP/s", formula, train,
                  low=found.revenue * ends[0] / price, high=found.revenue * ends[1] / price)  # fmt: skip
    yield derived("backlog-train-price", price, f"MUSD{YEAR}/(EFLOP/s)/year", "reference price of training at the start, held", train[3:],
                  low=prices[0], high=prices[1])  # fmt: skip
    yield derived("backlog-core-volume", found.revenue * (1 - labs) / core, "MW", formula, [rpo, life, share, fact(known, "core-price")],
                  low=found.revenue * (1 - ends[1]) / core, high=found.revenue * (1 - ends[0]) / core)  # fmt: skip
    yield derived("backlog-term", found.months, "month", "twice the weighted life", [life])


def _newest(known: Known, start: str) -> Fact:
    names = sorted((name for name in known if name.startswith(start)), key=lambda name: name.rpartition("-")[2])
    return fact(known, names[-1] if names else start)
