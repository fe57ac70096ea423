"""Training performance asked of the facts: calibration on rows of one's own, and whole training runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from barbell.core.errors import CaseError, Fault, Where
from barbell.study.known import known
from barbell.workloads import training
from barbell.workloads.rows import Rows, read

LATEST = "9999-12-31"
"""The day on which everything in the store is known."""


def fitted(paths: Sequence[Path], to: Path, *, seed: int = 0) -> training.Calibration:
    """Calibrate training on the rows of files and write the calibration into the folder `to`."""
    found = training.calibrate(joined(paths), known(LATEST), seed=seed)
    training.save(found, to)
    return found


def campaign(
    questions: Sequence[training.Question], *, calibration: Path | None = None, reliability: training.Reliability | None = None
) -> list[training.Answer]:
    """Best layout, rate, time and energy of training runs, by the calibration that ships or that of a folder."""
    return training.answers(questions, known(LATEST), training.load(calibration) if calibration else None, reliability)


def joined(paths: Sequence[Path]) -> Rows:
    """The rows of several files as one; raises CaseError for an id that stands in two of them."""
    parts = [read(path, "training") for path in paths]
    ids = [(name, part.file, int(line)) for part in parts for name, line in zip(part["row_id"], part.lines, strict=True)]
    first: dict[str, str] = {}
    faults = []
    for name, file, line in ids:
        if name in first:
            faults.append(Fault(Where(file, line, "row_id"), name, f"stands in {first[name]} already", "Give each row once"))
        first.setdefault(name, file)
    if faults:
        raise CaseError(faults)
    columns = {name: np.concatenate([part.columns[name] for part in parts]) for name in parts[0].columns}
    return Rows("training", ", ".join(part.file for part in parts), columns, np.concatenate([part.lines for part in parts]))
