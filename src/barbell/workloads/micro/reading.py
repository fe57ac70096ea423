"""Files of micro-benchmarks (`barbell workloads measure --to`), row by row, each held against the chip's data sheet.

What cannot be is refused: a rate above the data sheet, a unit that is none of the kernel's, two runs of one kernel that contradict each other.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from barbell.core.basis import Basis, Interval, Known
from barbell.core.errors import CaseError, FactError, Fault, Where
from barbell.core.spelling import suggestion
from barbell.workloads.chip import SLUGS, accelerator, accelerators, slug

MODE = "micro"
NEEDED = ("row_id", "model", "chip", "n_chips", "serving_mode", "weight_precision", "measured_value", "unit")
UNITS = {"gemm": "FLOP/s", "copy": "byte/s", "all_reduce": "byte/s", "attention_prefill": "FLOP/s", "attention_decode": "byte/s"}
"""Kernels and the unit in which each counts."""
TOLD = {"gemm": "dense {} peak", "copy": "memory bandwidth", "all_reduce": "link in one direction"}
"""What of the data sheet a kernel is held against; no other kernel is used."""
SCALES = {"FLOP/s": (1e12, "TFLOP/s"), "byte/s": (1e9, "GB/s")}
ABOVE = 1.02
"""Share of a data sheet's figure that rounding of the sheet and of the clock may reach."""
LEAST = 0.1
"""Share of a data sheet's figure below which something else was measured."""
APART = 1.5
"""Two runs of one kernel on one chip that differ by this factor contradict each other."""
_NONE = Interval(math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class Reading:
    """One row: what a kernel reaches on a chip. `rate` in FLOP/s or bytes/s; `share` of the data sheet, NaN where the kernel has none."""

    row_id: str
    file: str
    line: int
    chip: str
    """As facts spell it."""
    kernel: str
    """One of `UNITS`."""
    name: str
    """As the row has it, such as gemm-8192."""
    precision: str
    chips: int
    rate: float
    share: float
    date: str


def is_micro(path: Path) -> bool:
    """Whether the first row of a CSV says that it is of a micro-benchmark; False for what is no CSV, which others refuse."""
    try:
        rows = csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""))
        return (next(rows, {}).get("serving_mode") or "").strip() == MODE
    except (OSError, UnicodeDecodeError, csv.Error):
        return False


def read(paths: Sequence[Path], known: Known) -> tuple[Reading, ...]:
    """The readings of files; raises CaseError with every fault of every row."""
    faults: list[Fault] = []
    found: list[Reading] = []
    for path in paths:
        table = csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""))
        lacking = [name for name in NEEDED if name not in (table.fieldnames or ())]
        faults += [Fault(Where(path.name, 1, name), "", "this column is missing", "Add it") for name in lacking]
        for number, row in enumerate(() if lacking else table, start=1):
            told = _reading(path.name, table.line_num, number, row, known)
            found += [told] if isinstance(told, Reading) else []
            faults += [] if isinstance(told, Reading) else [told]
    faults += _contradictions(found)
    if faults:
        raise CaseError(faults, folder=", ".join(path.name for path in paths))
    return tuple(found)


def _reading(file: str, line: int, number: int, row: Mapping[str, str | None], known: Known) -> Reading | Fault:
    """One row, or what is wrong with it; `number` counts rows below the header."""
    cells = {name: (row.get(name) or "").strip() for name in (*NEEDED, "flags", "date")}

    def fault(column: str, problem: str, fix: str) -> Fault:
        return Fault(Where(file, line, column), cells.get(column, ""), f"row {number}: {problem}", fix)

    if cells["serving_mode"] != MODE:
        return fault("serving_mode", "a serving row among rows of micro-benchmarks", "Keep the two in files of their own")
    if "not_an_accelerator" in cells.get("flags", "").split(";"):
        return fault("flags", "a processor was measured, which says nothing of an accelerator", "Measure on the accelerator")
    kernel = re.sub(r"-[0-9x]+$", "", cells["model"]).replace("-", "_")
    if kernel not in UNITS:
        return fault("model", "is no kernel", suggestion(cells["model"], [name.replace("_", "-") for name in UNITS], "kernels"))
    if cells["unit"] != UNITS[kernel]:
        return fault("unit", f"{cells['model']} counts in {UNITS[kernel]}", "Check which kernel it was")
    if slug(cells["chip"]) not in accelerators(known):
        return fault("chip", "is no chip of the facts", suggestion(slug(cells["chip"]), accelerators(known), "chips"))
    rate, chips = _number(cells["measured_value"]), _number(cells["n_chips"])
    if not rate > 0:
        return fault("measured_value", "is no number above 0", "Give the rate")
    if not chips >= 1:
        return fault("n_chips", "is no number of chips", "Give how many ran together")
    try:
        figure = _figure(known, slug(cells["chip"]), kernel, cells["weight_precision"])
    except FactError as error:
        return fault("chip", str(error), "Name another chip")
    if problem := _impossible(figure.high, kernel, round(chips), rate, cells):
        return fault("measured_value", problem, "Check the clock or the chip's name")
    return Reading(
        cells["row_id"], file, line, slug(cells["chip"]), kernel, cells["model"], cells["weight_precision"], round(chips), rate, rate / figure.value,
        cells.get("date", ""),
    )  # fmt: skip


def _number(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        return math.nan
    return found if math.isfinite(found) else math.nan


def _figure(known: Known, name: str, kernel: str, precision: str) -> Interval:
    """The data sheet's figure; NaN where the facts have none, and for kernels that are held against none."""
    sheet = accelerator(Basis(known), name)
    stem = f"chip-{SLUGS.get(name, name)}-scaleup"
    if kernel == "all_reduce" and stem not in known and f"{stem}_documented" not in known:
        return _NONE
    if kernel == "gemm":
        return sheet.peak.get(precision, _NONE)
    return {"copy": sheet.bandwidth, "all_reduce": sheet.link}.get(kernel, _NONE)


def _impossible(figure: float, kernel: str, chips: int, rate: float, cells: Mapping[str, str]) -> str:
    """Why the rate cannot be beside the data sheet's `figure`, or "".

    A switch that adds up on the way lets an all-reduce pass a ring's by 2 (n - 1) / (n + 1).
    """
    most = max(1.0, 2 * (chips - 1) / (chips + 1)) if kernel == "all_reduce" else 1.0
    scale, unit = SCALES[UNITS[kernel]]
    what = TOLD.get(kernel, "").format(cells["weight_precision"])
    share = rate / figure
    if share > most * ABOVE:
        bound = f"{figure / scale:,.0f} of the {cells['chip']}" + (f", also {most:.2f} times that" if most > 1 else "")
        return f"{rate / scale:,.0f} {unit} is above the {what} of {bound}"
    if share < LEAST:
        return f"{rate / scale:,.3g} {unit} is {share:.1%} of the {what} of {figure / scale:,.0f} of the {cells['chip']}"
    return ""


def _contradictions(readings: Sequence[Reading]) -> Iterator[Fault]:
    ids: dict[str, Reading] = {}
    first: dict[tuple[str, str, str, int], Reading] = {}
    for one in readings:
        where = Where(one.file, one.line, "row_id")
        if one.row_id in ids:
            yield Fault(where, one.row_id, f"stands in {ids[one.row_id].file} line {ids[one.row_id].line} already", "Give each row once")
        before = first.setdefault((one.chip, one.name, one.precision, one.chips), one)
        if max(one.rate, before.rate) > APART * min(one.rate, before.rate):
            scale, unit = SCALES[UNITS[one.kernel]]
            problem = f"{one.name} in {one.precision} is {one.rate / scale:,.0f} {unit} here and {before.rate / scale:,.0f} on line {before.line}"
            yield Fault(Where(one.file, one.line, "measured_value"), f"{one.rate:g}", problem, "Keep the run that you trust")
        ids.setdefault(one.row_id, one)
