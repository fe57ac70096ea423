"""Jobs and rows for these tests: the facts that ship, layouts stated in full."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from barbell.facts.store import known
from barbell.workloads.rows import NUMBERS, TEXT, Rows, read
from barbell.workloads.training.campaign import Question, jobs_of
from barbell.workloads.training.constants import assemble, design, deviate
from barbell.workloads.training.fit import PRIOR
from barbell.workloads.training.step import features, step
from tests.conftest import ROOT

MEASURED = ROOT.parent / "shared" / "validation" / "silicon" / "training_measured.csv"


@cache
def facts():
    return known("2026-11-25")


def job(model="Llama-3-70B", chip="H100", chips=64, *, batch=256, sequence=8192, precision="", **sizes):
    """One job with its layout: what `sizes` leaves out is 1, data-parallel ranks fill the chips."""
    found = jobs_of([Question(model, chip, chips, 0.0, sequence, batch, precision)], facts())
    told = {"tp": 1.0, "pp": 1.0, "cp": 1.0, "micro": 1.0, "ep": 1.0, **sizes}
    told.setdefault("dp", chips / (told["tp"] * told["pp"] * told["cp"]))
    return replace(
        found, **{name: np.full(1, found.recompute.dtype.type(value) if name == "recompute" else float(value)) for name, value in told.items()}
    )


def constants(jobs, logs=PRIOR):
    """The constants of `jobs` without deviations."""
    return assemble(features(jobs), logs, deviate(np.zeros(0), design(jobs, ())))


def seconds(jobs, logs=PRIOR):
    return step(features(jobs), constants(jobs, logs)).total


def sheet(jobs, **figures):
    """The same jobs on chips whose data sheets have other figures."""
    return replace(jobs, chips=[replace(chip, **{name: change(getattr(chip, name)) for name, change in figures.items()}) for chip in jobs.chips])


def rows(*told, folder) -> Rows:
    """Rows with these cells; each has an id, 64 H100, grade A and Llama-3-70B unless it says otherwise."""
    names = (*TEXT["training"], *NUMBERS["training"])
    first = {"model": "Llama-3-70B", "chip": "H100", "n_chips": "64", "precision": "bf16", "grade": "A", "source": "test", "moe": "0"}
    lines = [",".join(str({**first, "row_id": f"r{n}", **cells}.get(name, "")) for name in names) for n, cells in enumerate(told)]
    path = folder / "rows.csv"
    path.write_text("\n".join([",".join(names), *lines]) + "\n", encoding="utf-8")
    return read(path, "training")
