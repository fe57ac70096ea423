"""Predictions of measured rows as a file: one line per row and quantity, beside what was measured."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

from barbell.study.file import put
from barbell.study.performance import Judgement

COLUMNS = ("row_id", "line", "model", "chip", "quantity", "unit", "measured", "predicted", "low", "high", "fitted", "refused")
UNITS = {"tpot": (1e3, "ms"), "ttft": (1e3, "ms"), "tok_s_per_chip": (1.0, "token/s/chip")}
"""The unit that a quantity is written in, and how many of it are one of its prediction."""


def listed(found: Judgement, to: Path) -> Path:
    """Write every row's prediction beside what it measured, one line per row and quantity; whole or not at all. Raises FactError for a bad place."""
    stream = io.StringIO(newline="")
    table = csv.writer(stream, lineterminator="\n")
    table.writerow(COLUMNS)
    for quantity, told in found.predictions.items():
        by, unit = UNITS[quantity]
        for n, name in enumerate(found.rows["row_id"]):
            figures = [_written(by * float(column[n])) for column in (found.measured[quantity], told.value, told.low, told.high)]
            head = (name, int(found.rows.lines[n]), found.rows["model"][n], found.rows["chip"][n], quantity, unit)
            table.writerow((*head, *figures, "yes" if found.seen[n] else "no", told.refused[n]))
    return put(stream.getvalue(), to)


def _written(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.6g}"
