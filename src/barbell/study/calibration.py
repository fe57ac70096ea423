"""Calibrations as files, of serving and of training alike: the store's columns, one row a number, and beside it what is no number.

Beside a file ``mine.csv`` stand ``mine.csv.rows.txt``, the marks of the rows that were fitted, and for training ``mine.csv.local.csv``, its
local function.
"""

from __future__ import annotations

import csv
import io
from calendar import monthrange
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from barbell.core.errors import CaseError, FactError, Fault, Where
from barbell.facts.figure import COLUMNS, Figure
from barbell.facts.store import is_day, read
from barbell.workloads import serving, training
from barbell.workloads.serving.calibration import assembled, told
from barbell.workloads.training.store import Number

Kind = Literal["inference", "training"]
MARKS, LOCAL = ".rows.txt", ".local.csv"
"""Endings of the files beside a calibration, after its name."""
STEMS: Mapping[str, Kind] = {"serving": "inference", "training": "training"}
"""What a calibration is of, by how the names of its numbers begin."""
_SERVING_NOTES = {
    "constant": "closed form of serving",
    "effect": "adds to the logarithm",
    "spread": "half-width of the 80 % interval of the logarithm, cross-validated",
}


def write(calibration: serving.Calibration | training.Calibration, to: Path, *, as_of: str, residuals: str) -> Path:
    """Write a calibration whole: all files under other names, then renamed. Raises FactError where that is not possible.

    Its numbers are known from the day `as_of`; `residuals` says from what the fit began.
    """
    content = _content(calibration, to, as_of, residuals)
    drafts = {path: path.with_name(path.name + ".draft") for path in content}
    try:
        if to.is_dir():
            raise IsADirectoryError(0, "it is a folder")
        for path, text in content.items():
            drafts[path].write_text(text, encoding="utf-8", newline="")
        for path, draft in drafts.items():
            draft.replace(path)
        if _beside(to, LOCAL) not in content:
            _beside(to, LOCAL).unlink(missing_ok=True)
    except OSError as error:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)
        raise FactError(f"{to} cannot be written: {error.strerror}. Give a file in a folder that exists and that you may write to") from None
    return to


def load_serving(path: Path) -> serving.Calibration:
    """The calibration of serving of a file that `write` wrote; raises CaseError or FactError for what is wrong with it."""
    figures, marks = _read(path, "inference")
    return assembled(((figure.name, figure.number) for figure in figures), marks)


def load_training(path: Path) -> training.Calibration:
    """The calibration of training of a file that `write` wrote; raises CaseError or FactError for what is wrong with it."""
    figures, marks = _read(path, "training")
    _present(_beside(path, LOCAL))
    numbers = [Number(figure.name, figure.value, figure.low, figure.high) for figure in figures]
    return training.assembled(numbers, _beside(path, LOCAL).read_text(encoding="utf-8"), marks)


def _read(path: Path, kind: Kind) -> tuple[list[Figure], frozenset[str]]:
    """Numbers of a file, and the marks beside it."""
    _present(path)
    figures = list(read(path))
    _of_kind(path, figures, kind)
    _present(_beside(path, MARKS))
    if wrong := [
        Fault(Where(path.name, figure.line, "value"), figure.value, "is not a number", "Write the calibration anew")
        for figure in figures
        if figure.number != figure.number
    ]:
        raise CaseError(wrong, folder=path.name)
    return figures, frozenset(_beside(path, MARKS).read_text(encoding="utf-8").split())


def newest(dates: Iterable[str]) -> str:
    """The latest day that rows tell (YYYY-MM-DD, a month by its last day); 2026-01-01 where they tell none."""
    days = ["2026-01-01"]
    for text in dates:
        if is_day(text):
            days.append(text)
        elif is_day(f"{text}-01"):
            year, month = int(text[:4]), int(text[5:7])
            days.append(f"{text}-{monthrange(year, month)[1]}")
    return max(days)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _present(path: Path) -> None:
    if not path.is_file():
        fix = "Give a file that barbell workloads calibrate wrote, with what it wrote beside it"
        raise CaseError([Fault(Where(path.name), "", "is a folder" if path.is_dir() else "there is no such file", fix)], folder=path.name)


def _of_kind(path: Path, figures: list[Figure], kind: Kind) -> None:
    found = {STEMS.get(figure.name.partition("-")[0]) for figure in figures}
    if found == {kind}:
        return
    of = " and ".join(sorted(one for one in found if one)) if found - {None} else "nothing"
    fix = f"Give one that barbell workloads calibrate --kind {kind} wrote"
    raise CaseError([Fault(Where(path.name), "", f"is a calibration of {of}, and one of {kind} is asked for", fix)], folder=path.name)


def _content(calibration: serving.Calibration | training.Calibration, to: Path, as_of: str, residuals: str) -> dict[Path, str]:
    """Text by file; the file of numbers last, so that it is new only where all else is."""
    if isinstance(calibration, training.Calibration):
        source = f"fit of barbell workloads calibrate on {calibration.fitted.rows} rows {calibration.fingerprint}"
        lines = [_training(number, as_of, source, residuals) for number in training.told(calibration)]
        return {
            _beside(to, MARKS): _lines(calibration.marks),
            _beside(to, LOCAL): training.local(calibration),
            to: _table(lines),
        }
    count = sum(fit.rows for fit in calibration.fits.values())
    source = f"fit of barbell workloads calibrate on {count} values of rows {calibration.fingerprint}"
    lines = [_serving(name, value, as_of, source, residuals) for name, value in told(calibration)]
    return {_beside(to, MARKS): _lines(calibration.fitted), to: _table(lines)}


def _lines(marks: Iterable[str]) -> str:
    return "\n".join(sorted(marks)) + "\n"


def _table(lines: list[tuple[str, ...]]) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows([COLUMNS, *lines])
    return stream.getvalue()


def _training(number: Number, as_of: str, source: str, residuals: str) -> tuple[str, ...]:
    _, kind, label = number.name.split("-", 2)
    note = f"{number.note}; {residuals}" if kind == "rows" else number.note
    return (
        number.name, number.value, number.unit, number.low, number.high, as_of, source, "", "M", "training", "step", kind, label, "", note,
    )  # fmt: skip


def _serving(name: str, value: float, as_of: str, source: str, residuals: str) -> tuple[str, ...]:
    _, quantity, kind, what, *_ = name.split("-")
    unit = "s" if kind == "constant" and what.endswith("_seconds") else "1"
    note = _SERVING_NOTES.get(kind, residuals)
    return (name, f"{value:.5g}", unit, "", "", as_of, source, "", "M", "serving", quantity, kind, what, "", note)
