"""Units at the door: text in, a factor out; inside Barbell only bare floats in canonical units travel.

Canonical units of a case are those its own tables name: the `unit` of a resource, asset or process, the
case's money (such as ``MUSD2026``: millions of US dollars of 2026) and the year. Money carries currency and
year, and no two years convert into each other: restating prices is a decision, not a conversion.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pint

CURRENCIES = "USD|EUR|GBP|JPY|CNY|INR|CHF|KRW|TWD|SEK|NOK|DKK|CAD|AUD|SGD"
"""Currencies that money may be counted in, as alternatives of a pattern."""
_MONEY = re.compile(rf"(?<![A-Za-z0-9_])([kMGBT]?)((?:{CURRENCIES})[0-9]{{4}})(?![A-Za-z0-9_])")
_NAKED_MONEY = re.compile(rf"(?<![A-Za-z0-9_])[kMGBT]?(?:{CURRENCIES})(?![A-Za-z0-9_])|\$|€")
_LONGEST = 200  # characters of a unit; text is evaluated, so it is kept small
Own = tuple[tuple[str, str], ...]
"""Units of the user's own: (name, meaning) in the order of their declaration."""

_PREFIXES = """
u- = 1e-6
m- = 1e-3
k- = 1e3
M- = 1e6
G- = 1e9
B- = 1e9
T- = 1e12
P- = 1e15
E- = 1e18
"""
_UNITS = """
year = [time] = a
month = year / 12
quarter = year / 4
week = 168 * h
day = 24 * h
h = year / 8760 = hour
min = h / 60
s = h / 3600
W = [power]
Wh = W * h
J = W * s
V = [voltage]
g = [mass]
t = 1e6 * g
m = [length]
ft = 0.3048 * m
acre = 4046.8564224 * m ** 2
ha = 10000 * m ** 2
L = m ** 3 / 1000
byte = [data] = B_
FLOP = [operation]
token = [token] = tok
percent = 0.01 = %
unit = [piece] = each
chip = [chip]
gpu_equivalent = [gpu_equivalent] = H100e
rack = [rack]
server = [server]
hall = [hall]
building = [building]
site = [site]
wafer = [wafer]
stack = [stack]
slot = [slot]
crew = [crew]
launch = [launch]
satellite = [satellite]
terminal = [terminal]
customer = [customer]
robot = [robot]
parcel = [parcel]
job = [job]
licence = [licence]
CO2 = [carbon]
"""


class UnitError(ValueError):
    """A unit cannot be read or does not fit; `problem` and `fix` are ready for a `Fault`."""

    def __init__(self, problem: str, fix: str) -> None:
        self.problem, self.fix = problem, fix
        super().__init__(f"{problem}. {fix}")


@lru_cache(maxsize=16)
def _registry(own: Own) -> pint.UnitRegistry[Any]:
    import pint  # a quarter of a second: only when a unit is really read

    registry: pint.UnitRegistry[Any] = pint.UnitRegistry(None, preprocessors=[lambda text: text.replace("%", "percent")])
    registry.load_definitions([line for line in (_PREFIXES + _UNITS).splitlines() if line])
    for name, meaning in own:
        registry.define(f"{name} = {meaning}" if meaning else f"{name} = [{name}]")
    return registry


def declare(name: str, meaning: str = "", own: Own = ()) -> Own:
    """`own` with one more unit: a new kind of thing (no `meaning`) or a multiple such as ``8 * chip``.

    Units of the user's own are values, not state: two cases may give one name two meanings. Raises UnitError when the
    name is taken or the meaning cannot be read.
    """
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) is None:
        raise UnitError(f"'{name}' cannot name a unit", "Use letters, digits and _, a letter first")
    if name in _registry(own):
        raise UnitError(f"the unit '{name}' exists already", "Choose another name")
    if meaning:
        _parse(meaning, own)
    return (*own, (name, meaning))


def _define_money(text: str, own: Own) -> None:
    registry = _registry(own)
    for _, currency in _MONEY.findall(text):
        if currency not in registry:
            registry.define(f"{currency} = [{currency}]")


@lru_cache(maxsize=4096)
def _parse(text: str, own: Own) -> Any:
    if _NAKED_MONEY.search(text):
        raise UnitError(f"'{text}' is money without a year", "Write currency and year, such as USD2026 or kUSD2026")
    if re.search(r"[^A-Za-z0-9_%*/(). ^-]", text):
        raise UnitError(f"'{text}' is not a unit", "Use names, * / ( ) and ** only, such as MUSD2026/MW")
    if len(text) > _LONGEST or re.search(r"[0-9]{7}|(?:\*\*|\^)[^/]*(?:\*\*|\^|[0-9]{2})", text):
        raise UnitError(f"'{text[:40]}' is too large for a unit", "Write a short unit with small powers, such as MUSD2026/MW")
    _define_money(text, own)
    try:
        parsed = _registry(own).parse_expression(text.replace("^", "**")) if text.strip() not in ("", "1") else 1.0
        unit = _registry(own).Quantity(parsed)
        positive = 0 < float(unit.to_base_units().magnitude) < math.inf
    except Exception as error:  # noqa: BLE001  (pint raises half a dozen kinds, all meaning that the text is no unit)
        problem = f"unknown unit '{text}' ({type(error).__name__})"
        raise UnitError(problem, "Use a known unit or declare it under `units:` in case.yaml") from None
    if not positive:
        raise UnitError(f"'{text}' is nothing: not a unit", "Write a unit such as MUSD2026/MW, or 1 for a pure number")
    return unit


def is_money(text: str) -> bool:
    """Whether `text` is an amount of money and nothing else, such as ``MUSD2026``."""
    return _MONEY.fullmatch(text) is not None


@lru_cache(maxsize=4096)
def factor(have: str, want: str, own: Own = ()) -> float:
    """How many `want` make one `have`; raises UnitError with problem and fix when they do not convert.

    `own` are the units of the user's own, as `declare` returns them.
    """
    if have == want:
        _parse(have, own)
        return 1.0
    source, target = _parse(have, own), _parse(want, own)
    if source.dimensionality == target.dimensionality:
        return float((source / target).to_base_units().magnitude)
    years = [{currency for _, currency in _MONEY.findall(text)} for text in (have, want)]
    if years[0] and years[1] and years[0] != years[1]:
        raise UnitError(
            f"money of {', '.join(sorted(years[0]))} where the case counts in {', '.join(sorted(years[1]))}",
            "Restate the amount in the case's currency and year; Barbell does not guess a deflator or exchange rate",
        )
    raise UnitError(f"unit '{have}' does not fit '{want}'", f"Give a value in '{want}' or a unit that converts to it")


@lru_cache(maxsize=4096)
def base(text: str) -> tuple[float, tuple[tuple[str, float], ...]]:
    """Size of a unit in base units, and their powers: ``GUSD2026/MW`` is ``(1000.0, (("USD2026", 1.0), ("W", -1.0)))``.

    For arithmetic over figures of many units; where the unit wanted is known, `factor` says more when it does not fit. Raises UnitError.
    """
    size = _parse(text, ()).to_base_units()
    return float(size.magnitude), tuple(sorted((str(name), float(power)) for name, power in size.unit_items()))
