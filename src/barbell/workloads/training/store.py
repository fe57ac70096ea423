"""A calibration of training as facts and back, and the local function that goes with them.

Facts are named ``training-constant-<name>``, ``training-<effect>-<label>`` (the kinds of `constants.EFFECTS` and `MEASURED`),
``training-noise-<class>`` and ``training-rows-fitted``: constants and factors with their 80 % intervals, noises as deviations of the logarithm. The
local function is no fact but a table of this room, one row per centre. Its first line holds a fingerprint of all numbers of the fit and of its own
rows: facts of one fit never meet the local function of another.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import numpy as np

from barbell.core.basis import Known
from barbell.core.errors import FactError
from barbell.workloads.training.constants import CONSTANTS, EFFECTS, MEASURED, NAMES
from barbell.workloads.training.fit import Fitted
from barbell.workloads.training.learn import Z80, Calibration
from barbell.workloads.training.residual import COLUMNS, Residual

STEM = "training"
DIGITS = 6
"""Significant digits of a number: more than a fit determines, few enough that the same rows give the same text on another machine."""
TIE = "fit"
"""First cell of a local function's table, before its fingerprint."""
_ANEW = "Calibrate again: barbell workloads calibrate --kind training"


@dataclass(frozen=True)
class Number:
    """One number of a calibration, as text: that of its fact."""

    name: str
    value: str
    low: str = ""
    high: str = ""
    unit: str = "1"
    note: str = ""


def shipped(known: Known) -> Calibration:
    """The calibration among the facts; raises FactError where there is none, and where its local function is that of another fit."""
    return _shipped(tuple(Number(fact.name, fact.value, fact.low, fact.high) for name, fact in known.items() if name.startswith(f"{STEM}-")))


@lru_cache(maxsize=4)
def _shipped(numbers: tuple[Number, ...]) -> Calibration:
    return assembled(numbers, *_data())


@cache
def _data() -> tuple[str, frozenset[str]]:
    folder = files("barbell.workloads.training") / "data"
    marks = (folder / "rows.txt").read_text(encoding="utf-8").split()
    return (folder / "local.csv").read_text(encoding="utf-8"), frozenset(marks)


def told(calibration: Calibration) -> list[Number]:
    """Every number of a calibration, by name."""
    return sorted(_told(calibration), key=lambda number: number.name)


def _told(calibration: Calibration) -> Iterator[Number]:
    found = calibration.fitted
    widths = np.sqrt(np.diag(found.covariance))
    heads = [(f"{STEM}-constant-{one.name}", one.unit, one.meaning) for one in CONSTANTS]
    heads += [(f"{STEM}-{kind}-{label}", "1", _meaning(kind)) for kind, label in found.kinds]
    for (name, unit, meaning), log, width in zip(heads, np.concatenate([found.logs, found.deviations]), widths, strict=True):
        value, low, high = (_text(math.exp(log + side * Z80 * width)) for side in (0, -1, 1))
        yield Number(name, value, low, high, unit, meaning)
    for name, noise in calibration.noise.items():
        yield Number(f"{STEM}-noise-{name or 'all'}", _text(noise), note="deviation of the logarithmic error on unseen models")
    yield Number(f"{STEM}-rows-fitted", str(found.rows), note="measured rows")


def _meaning(kind: str) -> str:
    if kind in MEASURED:
        return f"factor on the speed of {MEASURED[kind]}, from micro-benchmarks"
    return f"factor on {EFFECTS[kind][0]}, 1 before rows were seen"


def local(calibration: Calibration) -> str:
    """The table of the local function: the fingerprint, the header, one row per centre."""
    residual = calibration.residual
    rows = [[*map(_text, row), _text(weight)] for row, weight in zip(residual.centres, residual.weights, strict=True)]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([(*COLUMNS, "weight"), *rows])
    return f"{TIE},{_tie(told(calibration), text.getvalue())}\n{text.getvalue()}"


def _tie(numbers: Iterable[Number], table: str) -> str:
    """Twelve characters that stand for all numbers of a fit and the rows of its local function."""
    lines = sorted(",".join((one.name, *(_text(float(side)) if side else "" for side in (one.value, one.low, one.high)))) for one in numbers)
    return hashlib.sha256("\n".join([*lines, table]).encode()).hexdigest()[:12]


def assembled(numbers: Sequence[Number], table: str, marks: frozenset[str]) -> Calibration:
    """The calibration of these numbers and this local function.

    Raises FactError where a constant lacks, where text is no number, and where the two are of different fits.
    """
    by_kind: dict[str, dict[str, Number]] = {}
    for number in numbers:
        _, kind, name = number.name.split("-", 2)
        by_kind.setdefault(kind, {})[name] = number
    constants = by_kind.get("constant", {})
    if lacking := [name for name in NAMES if name not in constants]:
        raise FactError(f"no calibration of training is known on this day: {STEM}-constant-{lacking[0]} lacks. Ask for a later day")
    first, _, rest = table.partition("\n")
    try:
        tie = _tie(numbers, rest)
        kinds = [(kind, label) for kind in sorted({*EFFECTS, *MEASURED}) for label in sorted(by_kind.get(kind, {}))]
        drawn = [*(constants[name] for name in NAMES), *(by_kind[kind][label] for kind, label in kinds)]
        logs = np.log(np.array([[float(side) for side in (one.value, one.low, one.high)] for one in drawn]))
        noise = {"" if name == "all" else name: float(one.value) for name, one in by_kind["noise"].items()}
        rows = round(float(by_kind["rows"]["fitted"].value))
        residual = _residual(rest)
    except (KeyError, ValueError, IndexError) as error:
        raise FactError(f"the calibration of training is none of this version: {error}. {_ANEW}") from None
    if first != f"{TIE},{tie}":
        raise FactError(
            f"the constants of training (fit {tie}) and its local function (fit {first.partition(',')[2] or 'unknown'}) are of two fits: "
            f"put back {STEM}-constant-* and the other facts {STEM}-* as they were. {_ANEW}"
        )
    widths = (logs[:, 2] - logs[:, 1]) / (2 * Z80)
    fitted = Fitted(logs[: len(NAMES), 0], logs[len(NAMES) :, 0], tuple(kinds), np.diag(widths**2), rows)
    return Calibration(fitted, residual, noise, marks)


def _residual(text: str) -> Residual:
    rows = list(csv.reader(io.StringIO(text)))
    if rows[0] != [*COLUMNS, "weight"]:
        raise ValueError("the local function has other columns")
    table = np.array(rows[1:], dtype=float).reshape(-1, len(COLUMNS) + 1)
    return Residual(table[:, :-1], table[:, -1])


def _text(number: float) -> str:
    return f"{number:.{DIGITS}g}"
