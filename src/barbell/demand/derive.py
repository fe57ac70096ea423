"""Facts of demand from facts: prices that the rental market pays, curves around them, and the backlog as contracts.

The price of a unit of service is what the market pays for the chip that gives it: a year of an H100 on a one-year contract,
divided by what an H100 does in the market's own unit. So the level of prices follows the newest rental figure known on the day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from barbell.core.basis import Basis, Course, Interval, Known
from barbell.core.horizon import Month
from barbell.core.path import Path
from barbell.core.relations import Fact
from barbell.demand.backlog import runoff
from barbell.demand.curve import steps

YEAR = 2026
"""Year whose money the prices are in; rents of other years are carried to it at par."""
_YEARS = range(2026, 2046)
SETTLED = 2030
"""Year after which prices fall at the rate ``demand-later-decline``: only as fast as what is announced today can become cheaper."""
OFFERS = range(2026, 2031)
"""Years in which long contracts are on offer, each at the reference price of its year."""
_HOURS = 8760
_RENT = "rent-h100-contract_1y"


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

    Needs for each market the facts ``demand-<market>-premium``, ``-elasticity``, ``-decline`` and ``-volume``, and
    ``demand-later-decline``; for the backlog
    ``backlog-lab_share``, ``core-price`` and the newest ``amzn-aws-rpo`` with its weighted life. Raises FactError where one lacks.
    """
    return (*(made for market in MARKETS for made in _market(known, market)), *_backlog(known))


def _market(known: Known, market: Market) -> Iterator[Fact]:
    base = f"demand-{market.name}"
    elasticity = Basis(known).interval(f"{base}-elasticity", "1")
    curve, *bent = (steps(e) for e in (elasticity.value, elasticity.low, elasticity.high))
    for k, (multiple, share) in enumerate(zip(curve.multiples, curve.shares, strict=True), 1):
        basis = Basis(known)
        course = _falling(basis, base, reference(basis, market), multiple)
        formula = f"{multiple:g} x rent of an H100 for a year, at par / its rate x premium, falling each year"
        yield basis.fact(f"{base}-price{k}", course, f"MUSD{YEAR}/({market.unit})/year", formula)
        basis, ends = Basis(known), sorted((share, *(other.shares[k - 1] for other in bent)))
        basis.interval(f"{base}-elasticity", "1")
        formula = f"share of a curve of constant elasticity at {multiple:g} of its price"
        yield basis.fact(f"{base}-share{k}", Interval(share, ends[0], ends[-1]), "1", formula)
    for year in OFFERS:
        basis = Basis(known)
        course = _falling(basis, base, reference(basis, market), 1.0)
        price = Interval(*(_at(path, year) for path in (course.value, course.low, course.high)))
        yield basis.fact(
            f"{base}-offer{year}", price, f"MUSD{YEAR}/({market.unit})/year", f"reference price of {year}, held for the term of the contract"
        )
    basis = Basis(known)
    basis.interval(f"{base}-elasticity", "1")
    asked = basis.course(f"{base}-volume", market.unit).map(lambda volume: volume * curve.asked)
    yield basis.fact(f"{base}-asked", asked, market.unit, f"{curve.asked:.3g} x the volume at the reference price")


def reference(basis: Basis, market: Market) -> Interval:
    """Reference price in millions per unit and year; its range is that of the premium, since buyers of all chips face one rent."""
    rent = basis.at_par(_RENT, f"USD{YEAR}/chip/h", YEAR).value
    rate = basis.number(market.reference, f"{market.unit}/kchip")
    premium = basis.interval(f"demand-{market.name}-premium", "1")
    price = rent * _HOURS * 1000 / 1e6 / rate
    return Interval(price * premium.value, price * premium.low, price * premium.high)


def _falling(basis: Basis, base: str, start: Interval, multiple: float) -> Course:
    decline, later = basis.number(f"{base}-decline", "1/year"), basis.number("demand-later-decline", "1/year")

    def path(level: float) -> Path:
        fallen = [(1 - decline) ** (min(year, SETTLED) - _YEARS[0]) * (1 - later) ** max(year - SETTLED, 0) for year in _YEARS]
        return Path(tuple((Month.parse(str(year)), multiple * level * f) for year, f in zip(_YEARS, fallen, strict=True)))

    return Course(path(start.value), path(start.low), path(start.high))


def _at(path: Path, year: int) -> float:
    """Level of a path that has a step every year."""
    return next(level for month, level in path.steps if month.year == year)


def _backlog(known: Known) -> Iterator[Fact]:
    """The newest backlog as two contracts: labs buy training, enterprises general computing."""
    money, formula = f"MUSD{YEAR}", "backlog / (2 x weighted life) x share / price"
    basis = Basis(known)
    price = reference(basis, MARKETS[0])
    yield basis.fact("backlog-train-price", price, f"{money}/(EFLOP/s)/year", "reference price of training at the start, held")
    share, revenue, _ = _runoff(basis)
    volume = Interval(*(revenue * part / price.value for part in (share.value, share.low, share.high)))
    yield basis.fact("backlog-train-volume", volume, "EFLOP/s", formula)
    basis = Basis(known)
    share, revenue, _ = _runoff(basis)
    core = basis.number("core-price", f"{money}/MW/year")
    rest = Interval(*(revenue * (1 - part) / core for part in (share.value, share.high, share.low)))
    yield basis.fact("backlog-core-volume", rest, "MW", formula)
    basis = Basis(known)
    life = basis.number(basis.newest("amzn-aws-rpo_weighted_life-"), "year")
    yield basis.fact("backlog-term", float(runoff(0.0, life).months), "month", "twice the weighted life")


def _runoff(basis: Basis) -> tuple[Interval, float, int]:
    """Share of the labs, revenue per year and months of the newest backlog."""
    backlog = basis.at_par(basis.newest("amzn-aws-rpo-"), f"MUSD{YEAR}", YEAR).value
    found = runoff(backlog, basis.number(basis.newest("amzn-aws-rpo_weighted_life-"), "year"))
    return basis.interval("backlog-lab_share", "1"), found.revenue, found.months
