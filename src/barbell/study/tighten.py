"""Calibrations tightened by micro-benchmarks: which files are of which kind, what became of each reading, and what it moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from barbell.core.basis import Basis, Interval, Known
from barbell.core.errors import FactError, PlanError
from barbell.workloads import serving, training
from barbell.workloads.chip import accelerator
from barbell.workloads.micro import Reading, Use, is_micro
from barbell.workloads.model import model

LEVEL, CHIPS = 0.05, 64
"""The questions by which a change is shown: Llama-3-70B at most so many seconds per token, and trained on so many chips."""


@dataclass(frozen=True)
class Shift:
    """A rate of a measured chip before and after its micro-benchmarks, per chip."""

    chip: str
    what: str
    unit: str
    before: Interval
    after: Interval


Fit = TypeVar("Fit", serving.Calibration, training.Calibration)


@dataclass(frozen=True)
class Tightened(Generic[Fit]):
    """A calibration, what became of each reading of a micro-benchmark, and what moved by them."""

    calibration: Fit
    uses: tuple[Use, ...] = ()
    shifts: tuple[Shift, ...] = ()


def parted(paths: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Files of ordinary rows, and files of micro-benchmarks."""
    micro = [path for path in paths if is_micro(path)]
    return [path for path in paths if path not in micro], micro


def tightened_training(found: training.Calibration, readings: Sequence[Reading], facts: Known) -> Tightened[training.Calibration]:
    """Training tightened, and tokens/s per chip of a run on each chip that was measured."""
    after, uses = training.tightened(found, readings, facts)

    def ask(chip: str, used: training.Calibration) -> Interval:
        return training.answers([training.Question("llama_3_70b", chip, CHIPS)], facts, used)[0].tokens

    return Tightened(after, uses, _shifts(uses, f"training Llama-3-70B on {CHIPS} chips", lambda chip: (ask(chip, found), ask(chip, after))))


def tightened_serving(found: serving.Calibration, readings: Sequence[Reading], facts: Known) -> Tightened[serving.Calibration]:
    """Serving tightened, and tokens/s per chip of the best way to serve on each chip that was measured."""
    after, uses = serving.tightened(found, readings, facts)

    def ask(chip: str, used: serving.Calibration) -> Interval:
        return serving.best(accelerator(Basis(facts), chip), model(Basis(facts), "llama_3_70b"), serving.Demand(level=LEVEL), used).rate

    return Tightened(after, uses, _shifts(uses, f"serving Llama-3-70B at {LEVEL * 1e3:g} ms", lambda chip: (ask(chip, found), ask(chip, after))))


def _shifts(uses: Sequence[Use], what: str, ask: Callable[[str], tuple[Interval, Interval]]) -> tuple[Shift, ...]:
    """One change a chip; none for a chip that cannot do the job at all."""
    shifts = []
    for chip in dict.fromkeys(use.reading.chip for use in uses):
        try:
            shifts.append(Shift(chip, what, "tokens/s per chip", *ask(chip)))
        except (FactError, PlanError):
            continue
    return tuple(shifts)
