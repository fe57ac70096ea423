"""The settings of a case to values: horizon, risk, money, day and units of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from barbell.core import path
from barbell.core.case import Risk
from barbell.core.errors import Fault, Where
from barbell.core.horizon import Horizon, Month, Period, Slice
from barbell.core.relations import SliceRow
from barbell.core.units import Own, UnitError, declare, is_money
from barbell.io.facts import is_day
from barbell.io.settings import Layer, Setting

Settings = Mapping[str, Setting]
_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_BLOCK = re.compile(r"(?:([0-9]{1,4})\s*x\s*)?(?:([0-9]{1,4})\s+months?|(month|quarter|half|year)s?)")
_MOST_PERIODS, _MOST_MONTHS = 1200, 2400
_WHOLE_DAY = (Slice("all", "all", 24.0, 1.0),)


def needed(settings: Settings, key: str, example: str, faults: list[Fault]) -> Setting | None:
    """A setting that no case can do without; None, and a fault, when it is not there."""
    found = settings.get(key)
    if found is None or not found.text:
        where = found.where if found else Where("case.yaml", 0, key)
        faults.append(Fault(where, "", "this setting is missing", f"Write it, such as `{example}`"))
        return None
    return found


def money(settings: Settings, faults: list[Fault]) -> str | None:
    """The unit that money counts in."""
    found = needed(settings, "money", "money: MUSD2026", faults)
    if found is None:
        return None
    if is_money(found.text):
        return found.text
    problem = "this is not a unit of money with currency and year"
    faults.append(Fault(found.where, found.text, problem, "Write prefix, currency and year, such as MUSD2026"))
    return None


def day(settings: Settings, faults: list[Fault]) -> str | None:
    """The day of the case."""
    found = needed(settings, "as_of", "as_of: 2026-01-01", faults)
    if found is None or is_day(found.text):
        return found.text if found else None
    faults.append(Fault(found.where, found.text, "not a day of the calendar", "Write it as YYYY-MM-DD, such as 2026-01-31"))
    return None


def own_units(layers: Sequence[Layer], faults: list[Fault]) -> Own:
    """Units of the case's own; one of a base may be given another meaning."""
    own: Own = ()
    for name, setting in {name: setting for layer in layers for name, setting in layer.units.items()}.items():
        try:
            own = declare(name, setting.text, own)
        except UnitError as error:
            faults.append(Fault(setting.where, setting.text or name, error.problem, error.fix))
    return own


def risk(settings: Settings, faults: list[Fault]) -> Risk:
    """Price of risk; the defaults where nothing is said."""
    plain = Risk()
    weight = _share(settings, "risk.weight", plain.weight, faults)
    tail = _share(settings, "risk.tail", plain.tail, faults)
    if tail == 0.0:
        setting = settings["risk.tail"]
        faults.append(Fault(setting.where, setting.text, "a tail of no width", "Give a share above 0, such as 0.05"))
        return plain
    return Risk(weight, tail)


def _share(settings: Settings, key: str, default: float, faults: list[Fault]) -> float:
    setting = settings.get(key)
    if setting is None or not setting.text:
        return default
    try:
        value = path.number(setting.text)
    except ValueError as error:
        faults.append(Fault(setting.where, setting.text, str(error), "Write a number from 0 to 1"))
        return default
    if not 0 <= value <= 1:
        faults.append(Fault(setting.where, setting.text, "outside 0 to 1", "Write a number from 0 to 1"))
        return default
    return value


def horizon(settings: Settings, rows: Sequence[SliceRow], faults: list[Fault]) -> Horizon | None:
    """Periods and slices; None, and faults, when they cannot be read. Without rows a period is one slice."""
    start = _month(settings, "horizon.start", faults)
    needed(settings, "horizon.start", "start: 2026Q1", faults)
    months = _lengths(settings, faults)
    end = _month(settings, "horizon.report_end", faults)
    if start is None or months is None:
        return None
    periods: list[Period] = []
    for length in months:
        periods.append(Period(periods[-1].end if periods else start, length))
    slices = tuple(Slice(row.name, row.day, row.hours, row.weight) for row in rows) or _WHOLE_DAY
    found = Horizon(tuple(periods), slices, end or periods[-1].end, _whole_end(settings, start, faults))
    if end is not None and end not in [period.end for period in periods]:
        setting = settings["horizon.report_end"]
        problem = f"reports cannot end there: no period of {found.start} to {found.end} does"
        near = min((period.end for period in periods), key=lambda month: abs(month - end))
        faults.append(Fault(setting.where, setting.text, problem, f"Use the first month after a period, such as {near}"))
    return found


def _whole_end(settings: Settings, start: Month, faults: list[Fault]) -> Month | None:
    """First month whose orders are divisible again: the start for `divisible`; None, the end of what is reported, for `whole`."""
    setting = settings.get("blocks")
    if setting is None or setting.text in ("", "whole"):
        return None
    if setting.text == "divisible":
        return start
    try:
        return Month.parse(setting.text)
    except ValueError:
        fix = "Write whole, divisible, or a month such as 2029: then orders before it come in whole blocks"
        faults.append(Fault(setting.where, setting.text, "says nothing of blocks", fix))
        return None


def _month(settings: Settings, key: str, faults: list[Fault]) -> Month | None:
    setting = settings.get(key)
    if setting is None or not setting.text:
        return None
    try:
        return Month.parse(setting.text)
    except ValueError as error:
        faults.append(Fault(setting.where, setting.text, str(error), "Write a month such as 2026-07, or 2026Q3, 2026H2, 2026"))
        return None


def _lengths(settings: Settings, faults: list[Fault]) -> list[int] | None:
    setting = needed(settings, "horizon.periods", "periods: 8 x quarter", faults)
    if setting is None:
        return None
    months: list[int] = []
    for block in setting.text.split(","):
        match = _BLOCK.fullmatch(block.strip())
        length = int(match[2]) if match and match[2] else _MONTHS.get(match[3] or "", 0) if match else 0
        count = int(match[1] or 1) if match else 0
        if not length or not count:
            fix = "Write such as '8 x quarter' or '5 x 7 months'; month, quarter, half and year have a name"
            faults.append(Fault(setting.where, block.strip(), "these are no periods", fix))
            return None
        months += [length] * min(count, _MOST_PERIODS + 1)
    if len(months) > _MOST_PERIODS or sum(months) > _MOST_MONTHS:
        problem = f"more than {_MOST_PERIODS} periods or {_MOST_MONTHS // 12} years"
        faults.append(Fault(setting.where, setting.text, problem, "Plan a shorter time, or in longer periods"))
        return None
    return months
