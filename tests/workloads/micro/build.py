"""Micro-benchmarks as `barbell workloads measure` would write them on a chip of known efficiencies."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

from barbell.core.basis import Basis
from barbell.workloads.chip import accelerator
from barbell.workloads.measure import Device, Task, Timing
from barbell.workloads.measure import rows as told
from barbell.workloads.measure.row import COLUMNS
from barbell.workloads.micro import Reading, read
from tests.workloads.training.build import facts

GEMM = "gemm-8192"


def table(path: Path, chip: str, *rates: tuple[str, str, int, float], kind: str = "cuda") -> Path:
    """A file of rates (kernel, precision, chips, FLOP/s or bytes/s) of one chip."""
    measured = []
    for kernel, precision, chips, rate in rates:
        unit = "FLOP/s" if kernel.startswith(("gemm", "attention-prefill")) else "byte/s"
        measured.append((Task(kernel, precision, 1.0, unit, chips), Timing(1 / rate, 1 / rate, 1 / rate, 100, rate)))
    rows = told(Device(kind, chip, chip, 8, 80e9), measured, version="2.9", day=date(2026, 11, 25))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def readings(folder: Path, chip: str, known=None, **shares: float) -> tuple[Reading, ...]:
    """Readings of a chip that reaches these shares of its data sheet: gemm_bf16, gemm_fp8, copy, all_reduce."""
    sheet = accelerator(Basis(known or facts()), chip)
    rates = []
    for name, share in shares.items():
        kernel, _, precision = name.partition("_")
        if kernel == "gemm":
            rates.append((GEMM, precision, 1, share * sheet.peak[precision].value))
        else:
            figure = sheet.bandwidth if name == "copy" else sheet.link
            rates.append((name.replace("_", "-"), "bf16", 1 if name == "copy" else 8, share * figure.value))
    return read([table(folder / f"{chip}.csv", chip.upper(), *rates)], known or facts())


def shared(reading: Reading, share: float) -> Reading:
    """The same kernel with another share of the data sheet."""
    return replace(reading, rate=reading.rate * share / reading.share, share=share)
