"""Training performance asked of the facts: calibration on rows of one's own, and whole training runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from barbell.study.calibration import load_training, newest, write
from barbell.study.known import LATEST, known, stored
from barbell.study.tighten import Tightened, parted, tightened_training
from barbell.workloads import training
from barbell.workloads.micro import read
from barbell.workloads.rows import joined


def fitted(paths: Sequence[Path], to: Path, *, seed: int = 0) -> Tightened[training.Calibration]:
    """Calibrate training on the rows of files and write it to the file `to`; its numbers are known from the latest day of the rows.

    Files of micro-benchmarks tighten what the others give, or without others the calibration that ships.
    """
    ordinary, micro = parted(paths)
    facts = stored(LATEST)
    readings = read(micro, facts)
    rows = joined(ordinary, "training") if ordinary else None
    found = training.shipped(facts) if rows is None else training.calibrate(rows, facts, seed=seed)
    done = tightened_training(found, readings, facts) if readings else Tightened(found)
    begun = "from the calibration that ships" if rows is None else f"from nothing, seed {seed}"
    dates = [*([] if rows is None else rows["date"]), *(one.date for one in readings)]
    write(done.calibration, to, as_of=newest(dates), residuals=f"{begun}{f', {len(readings)} micro-benchmarks' if readings else ''}")
    return done


def campaign(
    questions: Sequence[training.Question], *, calibration: Path | None = None, reliability: training.Reliability | None = None
) -> list[training.Answer]:
    """Best layout, rate, time and energy of training runs, by the calibration that ships or that of a file."""
    return training.answers(questions, known(LATEST), load_training(calibration) if calibration else None, reliability)
