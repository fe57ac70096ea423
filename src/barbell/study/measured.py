"""The accelerator at hand, measured and held against its data sheet."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from barbell.core.basis import Basis
from barbell.core.errors import CaseError, FactError, Fault, Where
from barbell.io import landing
from barbell.study.known import LATEST, known
from barbell.workloads.chip import SLUGS
from barbell.workloads.measure import Device, Task, Timing, devices, kernels, rows, timed
from barbell.workloads.measure.device import Kind, library
from barbell.workloads.measure.row import COLUMNS


@dataclass(frozen=True)
class Reading:
    """One task on one device: its timing, and the share of the data sheet's figure that it reaches (None where there is none)."""

    task: Task
    timing: Timing
    share: float | None


@dataclass(frozen=True)
class Bench:
    """Everything measured on one device with one version of PyTorch."""

    device: Device
    version: str
    readings: tuple[Reading, ...]


def measured(kind: Kind | None = None, chip: str = "", say: Callable[[str], None] | None = None) -> Bench:
    """Run every kernel that the device at hand can run; raises FactError where there is none, or no PyTorch."""
    torch = library()
    device = devices(torch, kind, chip)
    wait = partial(_wait, torch) if device.kind == "cuda" else _nothing
    found = []
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # PyTorch warns of features in the making
        for kernel in kernels(torch, device):
            task = kernel.task
            if say:
                say(f"{task.name} in {task.precision}")
            timing = timed(kernel, wait)
            found.append(Reading(task, timing, _share(device, task, timing)))
    return Bench(device, str(torch.__version__), tuple(found))


def save(bench: Bench, path: Path) -> Path:
    """Write the rows as CSV, whole or not at all; raises CaseError where the disk refuses or the file is there."""
    day = datetime.now(UTC).date()
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(rows(bench.device, ((one.task, one.timing) for one in bench.readings), version=bench.version, day=day))
    try:
        landing.put(path, text.getvalue().encode(), replace=False)
    except OSError as error:
        fault = Fault(Where("--to"), path.as_posix(), f"cannot be written: {error.strerror}", "Name another file")
        raise CaseError([fault], folder="the command") from None
    return path


def _wait(torch: object) -> None:
    torch.cuda.synchronize()  # type: ignore[attr-defined]


def _nothing() -> None:
    """A processor has done what it was given when the call returns."""


def _share(device: Device, task: Task, timing: Timing) -> float | None:
    """Share of the dense peak of that precision, of the memory's bandwidth, or of the link's one direction."""
    name = device.chip.lower()
    stem = f"chip-{SLUGS.get(name, name)}"
    figure = f"dense_{task.precision}" if task.unit == "FLOP/s" else "scaleup" if task.chips > 1 else "bandwidth"
    try:
        return timing.rate / Basis(known(LATEST)).number(f"{stem}-{figure}", task.unit)
    except FactError:
        return None
