"""Numbers as a page shows them: significant digits, thousands apart, a true minus sign, money in the size that reads best."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from barbell.report.layout import aligned

MINUS = "\N{MINUS SIGN}"
NOTHING = "\N{EN DASH}"
SPACE = "\N{NO-BREAK SPACE}"
"""Between a number and its unit, which stay on one line."""
JOINED = "\N{WORD JOINER}"
"""Between a minus sign and a currency sign, likewise."""
_MONEY = re.compile(r"([kMGBT]?)([A-Z]{3})([0-9]{4})")
_SIZE = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "B": 1e9, "T": 1e12}
_SIGN = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def told(value: float, digits: int = 3) -> str:
    """A number in a sentence: so many significant digits, none of them lost before the point."""
    if not math.isfinite(value):
        return NOTHING if math.isnan(value) else f"{MINUS if value < 0 else ''}unlimited"
    if value == 0:
        return "0"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(float(f"{value:.{digits - 1}e}")))))
    if decimals > 6:
        return _minus(f"{value:.{digits}g}")
    text = f"{value:,.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "0") else _minus(text)


def percent(share: float) -> str:
    """A share in percent: whole above ten, one digit below."""
    if not math.isfinite(share):
        return NOTHING
    return f"{told(100 * share, 2 if abs(share) < 0.995 else 3)}{SPACE}%"


def column(values: Sequence[float]) -> list[str]:
    """Numbers of one kind, with as many decimals each; nothing as a dash, what does not exist as a blank."""
    return [NOTHING if text == "-" else _minus(text) for text in aligned(values)]


def _minus(text: str) -> str:
    return re.sub(r"^-", MINUS, text)


@dataclass(frozen=True)
class Money:
    """How money of a case is shown: `factor` times its unit, in words `unit`, with the currency's sign."""

    factor: float
    size: str
    currency: str
    year: str

    @property
    def unit(self) -> str:
        """Unit of an axis or a column, such as ``USD bn``."""
        return f"{self.currency} {self.size}".strip()

    @property
    def told_year(self) -> str:
        """Unit with the year of its prices, such as ``USD bn of 2026``."""
        return f"{self.unit} of {self.year}" if self.year else self.unit

    def say(self, value: float, digits: int = 3) -> str:
        """An amount in the case's unit, in a sentence: ``$198 bn``."""
        text = told(value * self.factor, digits)
        sign = _SIGN.get(self.currency, f"{self.currency} ")
        return f"{MINUS}{JOINED}{sign}{text[1:]}{SPACE}{self.size}".strip() if text.startswith(MINUS) else f"{sign}{text}{SPACE}{self.size}".strip()


def money(unit: str, amounts: Iterable[float]) -> Money:
    """The size that reads best for amounts in a case's unit: billions if the largest is one, else millions."""
    match = _MONEY.fullmatch(unit)
    if match is None:
        return Money(1.0, "", unit, "")
    prefix, currency, year = match.groups()
    largest = max((abs(a) for a in amounts if math.isfinite(a)), default=0.0) * _SIZE[prefix]
    size, name = (1e9, "bn") if largest >= 1e9 else (1e6, "m")
    return Money(_SIZE[prefix] / size, name, currency, year)
