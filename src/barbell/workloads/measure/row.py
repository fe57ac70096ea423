"""Timings as rows of the table of measured serving: mode ``micro``, the rate as the measured value."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date

from barbell.workloads.measure.device import Device
from barbell.workloads.measure.kernel import Task
from barbell.workloads.measure.timing import Timing

COLUMNS = (
    "row_id", "source", "source_ref", "licence", "model", "model_in_source", "chip", "n_chips", "n_chips_basis", "serving_mode", "tp", "pp", "ep",
    "attn_dp", "prefill_workers", "prefill_chips_per_worker", "decode_workers", "decode_chips_per_worker", "engine", "engine_version",
    "spec_decode", "weight_precision", "precision_in_source", "concurrency", "in_len", "out_len", "tpot_ms", "tpot_p99_ms", "ttft_ms",
    "ttft_p99_ms", "e2e_mean_ms", "e2e_p99_ms", "out_tok_s_per_chip", "total_tok_s_per_chip", "joule_per_out_token", "system_power_w",
    "measured_value", "unit", "running_seqs_est", "date", "grade", "flags", "config_id", "note",
)  # fmt: skip
"""Columns of a table of measured serving, in their order."""


def rows(device: Device, measured: Iterable[tuple[Task, Timing]], *, version: str, day: date) -> list[dict[str, str]]:
    """A row for each task; what a micro-benchmark does not have is empty. Grade M: our own measurement."""
    return [_row(device, task, timing, version, day) for task, timing in measured]


def _row(device: Device, task: Task, timing: Timing, version: str, day: date) -> dict[str, str]:
    config = f"{task.name}|{device.chip}|torch|{task.precision}|n{task.chips}"
    identity = hashlib.sha256(f"{config}|{day}|{version}|{timing.rate:.6g}".encode()).hexdigest()[:10]
    told = {
        "row_id": f"M{identity}",
        "source": "own micro-benchmark",
        "source_ref": "barbell workloads measure",
        "model": task.name,
        "chip": device.chip,
        "n_chips": str(task.chips),
        "n_chips_basis": "stated",
        "serving_mode": "micro",
        "engine": "torch",
        "engine_version": version,
        "spec_decode": "no",
        "weight_precision": task.precision,
        "measured_value": f"{timing.rate:.6g}",
        "unit": task.unit,
        "date": day.isoformat(),
        "grade": "M",
        "flags": "" if device.kind == "cuda" else "not_an_accelerator",
        "config_id": config,
        "note": f"{device.name}; median of {timing.repeats}: {timing.seconds:.4g} s, middle 80 % {timing.low:.4g} to {timing.high:.4g} s",
    }
    return {column: told.get(column, "") for column in COLUMNS}
