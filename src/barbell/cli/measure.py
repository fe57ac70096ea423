"""The command ``barbell workloads measure``: what the accelerator at hand reaches of its data sheet."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from barbell.cli.app import app
from barbell.cli.options import OUTPUT, Output, fresh
from barbell.report.layout import page, table

if TYPE_CHECKING:
    from barbell.cli.record import Record
    from barbell.study.measured import Bench

_SCALES = {"FLOP/s": (1e12, "TFLOP/s"), "byte/s": (1e12, "TB/s")}


@app["workloads"].command
def measure(*, device: Literal["cuda", "cpu"] | None = None, chip: str = "", to: Path | None = None, output: Output = OUTPUT) -> None:
    """Run micro-benchmarks on the accelerator at hand: matrix products, a copy, attention, an all-reduce where there are several.

    Parameters
    ----------
    device
        What PyTorch computes on; without it, the accelerator. The processor only tries the command out.
    chip
        Name of the chip in the tables of measured rows, where its driver does not tell.
    to
        CSV to write, in the columns of measured serving.
    """
    from barbell.cli import record
    from barbell.cli.progress import progress
    from barbell.study.measured import measured, save

    if to is not None:
        fresh(to, "--to")
    with progress(quiet=False, machine=output.json) as say:
        found = measured(device, chip, say)
    path = save(found, to) if to else None
    if output.json:
        record.emit(_record(found, path))
        return
    _show(found)
    if path:
        use = f". Use it: barbell workloads calibrate --rows {path.as_posix()}" if found.device.kind == "cuda" else ""
        page().say(f"\nWrote {path.as_posix()}{use}")


def _record(found: Bench, path: Path | None) -> Record:
    readings = [
        {"kernel": r.task.name, "precision": r.task.precision, "chips": r.task.chips, "unit": r.task.unit, **asdict(r.timing),
         "share_of_data_sheet": r.share}
        for r in found.readings
    ]  # fmt: skip
    return {"device": asdict(found.device), "torch": found.version, "file": path.as_posix() if path else None, "readings": readings}


def _show(found: Bench) -> None:
    console, device = page(), found.device
    many = f", {device.count} of them" if device.count > 1 else ""
    console.print(f"{device.name} ({device.chip}){many}, PyTorch {found.version}\n", markup=False)
    rows = []
    for r in found.readings:
        scale, unit = _SCALES[r.task.unit]
        low, high = (r.task.work / seconds / scale for seconds in (r.timing.high, r.timing.low))
        share = "" if r.share is None else f"{r.share:.0%}"
        rows.append((r.task.name, r.task.precision, unit, f"{r.timing.rate / scale:,.3f}", f"{low:,.3f} .. {high:,.3f}", share))
    table(console, "", ("kernel", "precision", "unit", "median", "middle 80 %", "of the data sheet"), rows, words=3)
