"""Training performance asked of the facts: calibration on rows of one's own, and whole training runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from barbell.study.calibration import load_training, newest, write
from barbell.study.known import LATEST, known
from barbell.workloads import training
from barbell.workloads.rows import joined


def fitted(paths: Sequence[Path], to: Path, *, seed: int = 0) -> training.Calibration:
    """Calibrate training on the rows of files and write it to the file `to`; its numbers are known from the latest day of the rows."""
    rows = joined(paths, "training")
    found = training.calibrate(rows, known(LATEST), seed=seed)
    write(found, to, as_of=newest(rows["date"]), residuals=f"from nothing, seed {seed}")
    return found


def campaign(
    questions: Sequence[training.Question], *, calibration: Path | None = None, reliability: training.Reliability | None = None
) -> list[training.Answer]:
    """Best layout, rate, time and energy of training runs, by the calibration that ships or that of a file."""
    return training.answers(questions, known(LATEST), load_training(calibration) if calibration else None, reliability)
