"""The calibration that ships with Barbell, and calibrations of one's own, as two tables of text.

``fitted.csv`` has one row per fitted number with its 80 % interval, unit and meaning; ``local.csv`` one row per centre of the local function.
A third, ``rows.txt``, marks the rows that were fitted by hashes of their ids: an evaluation tells what it has seen, and no row is shipped.
"""

from __future__ import annotations

import csv
import io
import math
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from barbell.core.errors import CaseError, Fault, Where
from barbell.workloads.training.constants import CONSTANTS, EFFECTS, NAMES
from barbell.workloads.training.fit import Fitted
from barbell.workloads.training.learn import Z80, Calibration
from barbell.workloads.training.residual import COLUMNS, Residual

FITTED, LOCAL, ROWS = "fitted.csv", "local.csv", "rows.txt"
HEADER = ("kind", "name", "value", "low", "high", "unit", "meaning")
DIGITS = 8
"""Significant digits of a number in the tables: more than a fit determines."""


@cache
def shipped() -> Calibration:
    """The calibration fitted to public measurements that comes with Barbell."""
    folder = files("barbell.workloads.training") / "data"
    return _parse({name: (folder / name).read_text(encoding="utf-8") for name in (FITTED, LOCAL, ROWS)}, "barbell")


def load(folder: Path) -> Calibration:
    """A calibration that `save` wrote; raises CaseError with every fault."""
    texts = {}
    for name in (FITTED, LOCAL, ROWS):
        if not (folder / name).is_file():
            raise CaseError(
                [Fault(Where(name), "", "there is no such file", f"Give a folder that calibrate wrote, with {FITTED}, {LOCAL} and {ROWS}")]
            )
        texts[name] = (folder / name).read_text(encoding="utf-8")
    return _parse(texts, folder.name)


def save(calibration: Calibration, folder: Path) -> None:
    """Write the tables into `folder`, all or none: beside it first, then renamed. An older calibration there is replaced."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    beside.chmod(0o755)
    try:
        for name, text in texts(calibration).items():
            (beside / name).write_text(text, encoding="utf-8", newline="\n")
        if folder.exists():
            stale = {path.name for path in folder.iterdir()} - {FITTED, LOCAL, ROWS}
            if stale:
                problem = f"holds other files ({', '.join(sorted(stale))})"
                raise CaseError([Fault(Where(folder.name), "", problem, "Name a folder of its own for the calibration")])
            shutil.rmtree(folder)
        beside.replace(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def texts(calibration: Calibration) -> dict[str, str]:
    """The tables by file name."""
    local = [
        COLUMNS,
        *([*map(_told, row), _told(weight)] for row, weight in zip(calibration.residual.centres, calibration.residual.weights, strict=True)),
    ]
    local[0] = (*COLUMNS, "weight")
    return {FITTED: _csv([HEADER, *_fitted(calibration)]), LOCAL: _csv(local), ROWS: "".join(f"{one}\n" for one in sorted(calibration.marks))}


def _fitted(calibration: Calibration) -> Iterator[Sequence[str]]:
    found = calibration.fitted
    deviation = np.sqrt(np.diag(found.covariance))
    logs = np.concatenate([found.logs, found.deviations])
    told = [("constant", one.name, one.unit, one.meaning) for one in CONSTANTS]
    told += [(kind, label, "1", f"factor on {EFFECTS[kind][0]}") for kind, label in found.kinds]
    for (kind, name, unit, meaning), log, width in zip(told, logs, deviation, strict=True):
        yield kind, name, *(_told(math.exp(log + side * Z80 * width)) for side in (0, -1, 1)), unit, meaning
    for name, noise in calibration.noise.items():
        yield "noise", name or "all", _told(noise), "", "", "1", "deviation of the logarithmic error on unseen models"
    yield "rows", "fitted", str(found.rows), "", "", "1", "measured rows"


def _parse(tables: Mapping[str, str], where: str) -> Calibration:
    rows = list(csv.DictReader(io.StringIO(tables[FITTED])))
    try:
        constants = {row["name"]: row for row in rows if row["kind"] == "constant"}
        kinds = [row for row in rows if row["kind"] in EFFECTS]
        numbers = [[float(row[side]) for side in ("value", "low", "high")] for row in [*(constants[name] for name in NAMES), *kinds]]
        logs = np.log(np.array(numbers))
        count = next(int(row["value"]) for row in rows if row["kind"] == "rows")
        fitted = Fitted(
            logs[: len(NAMES), 0], logs[len(NAMES) :, 0], tuple((row["kind"], row["name"]) for row in kinds),
            np.diag(((logs[:, 2] - logs[:, 1]) / (2 * Z80)) ** 2), count,
        )  # fmt: skip
        noise = {"" if row["name"] == "all" else row["name"]: float(row["value"]) for row in rows if row["kind"] == "noise"}
        local = list(csv.reader(io.StringIO(tables[LOCAL])))
        where_weight = local[0].index("weight", len(COLUMNS))
        table = np.array(local[1:], dtype=float).reshape(-1, len(COLUMNS) + 1)[:, [*map(local[0].index, COLUMNS), where_weight]]
        noise[""]
    except (KeyError, ValueError, StopIteration, IndexError) as error:
        problem = f"is no calibration of this version: {error}"
        raise CaseError([Fault(Where(f"{where}/{FITTED}"), "", problem, "Calibrate again from the rows")]) from None
    return Calibration(fitted, Residual(table[:, :-1], table[:, -1]), noise, frozenset(tables[ROWS].split()))


def _csv(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _told(number: float) -> str:
    return f"{number:.{DIGITS}g}"
