"""Calibrations as files: the store's columns, one row a number, and beside it the marks of the rows that were fitted."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from barbell.core.errors import CaseError, FactError, Fault, Where
from barbell.facts.figure import COLUMNS
from barbell.facts.store import read
from barbell.workloads.serving.calibration import Calibration, assembled, told

MARKS = ".rows.txt"
"""Ending of the file of marks, after the name of the calibration."""


def write(calibration: Calibration, to: Path, *, as_of: str, residuals: str) -> Path:
    """Write a calibration whole: marks and numbers under other names, then renamed. Raises FactError where that is not possible."""
    marks = to.with_name(to.name + MARKS)
    content = {marks: "\n".join(sorted(calibration.fitted)) + "\n", to: _table(calibration, as_of, residuals)}
    drafts = {path: path.with_name(path.name + ".draft") for path in content}
    try:
        for path, text in content.items():
            drafts[path].write_text(text, encoding="utf-8")
        for path, draft in drafts.items():
            draft.replace(path)
    except OSError as error:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)
        raise FactError(f"{to} cannot be written: {error.strerror}. Give a file in a folder that exists and that you may write to") from None
    return to


def load(path: Path) -> Calibration:
    """The calibration of a file that `write` wrote; raises CaseError or FactError for what is wrong with it."""
    marks = path.with_name(path.name + MARKS)
    faults = [
        Fault(Where(file.name), "", "there is no such file", "Give a file that barbell workloads calibrate wrote, with its marks beside it")
        for file in (path, marks)
        if not file.is_file()
    ]
    if faults:
        raise CaseError(faults, folder=path.name)
    figures = list(read(path))
    wrong = [
        Fault(Where(path.name, figure.line, "value"), figure.value, "is not a number", "Write the calibration anew")
        for figure in figures
        if figure.number != figure.number
    ]
    if wrong:
        raise CaseError(wrong, folder=path.name)
    return assembled(((figure.name, figure.number) for figure in figures), frozenset(marks.read_text(encoding="utf-8").split()))


def _table(calibration: Calibration, as_of: str, residuals: str) -> str:
    rows = sum(fit.rows for fit in calibration.fits.values())
    source = f"fit of barbell workloads calibrate on {rows} values of rows {calibration.fingerprint}"
    stream = io.StringIO(newline="")
    table = csv.writer(stream, lineterminator="\n")
    table.writerow(COLUMNS)
    for name, value in told(calibration):
        table.writerow(_row(name, value, as_of, source, residuals))
    return stream.getvalue()


def _row(name: str, value: float, as_of: str, source: str, residuals: str) -> Sequence[str]:
    _, quantity, kind, what, *_ = name.split("-")
    unit = "s" if kind == "constant" and what.endswith("_seconds") else "year" if kind == "age" or what == "usual" else "1"
    notes = {
        "constant": "closed form of serving",
        "effect": "adds to the logarithm",
        "spread": "half-width of the 80 % interval of the logarithm, cross-validated",
        "rows": residuals,
        "uplift": "gain of software on a chip since its launch: most of it, its deviation, usual age of a row in years",
        "age": "years from the launch of the chip to its rows",
        "reach": "end of the fitted rows: binary logarithm of requests in flight, tokens in, tokens out, chips (least, then most)",
    }
    number = f"{value:.5g}"
    return (name, number, unit, "", "", as_of, source, "", "M", "serving", quantity, kind, what, "", notes[kind])
