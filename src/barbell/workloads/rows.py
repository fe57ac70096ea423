"""Measured rows as columns: a CSV of published or own measurements, checked, one NumPy array by name.

One row is one measurement; an empty cell is not stated. The columns are those of the public validation tables (``COLUMNS``);
others may stand beside them and are ignored, those not in `NEEDED` may be left out. Numbers are float64 with NaN where nothing is stated, text is
an array of objects with ``""`` there. Units are SI with the prefixes of the headers: milliseconds in ``*_ms``, billions in ``*_b``.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from barbell.core.errors import CaseError, Fault, Where
from barbell.core.spelling import suggestion

Column = NDArray[Any]
Mask = NDArray[np.bool_] | NDArray[np.int64]

_BOTH_TEXT = ("row_id", "source", "model", "chip", "unit", "date", "grade", "flags")
_BOTH_NUMBERS = ("n_chips", "tp", "pp", "ep", "measured_value")
TEXT = {
    "training": (*_BOTH_TEXT, "task", "recompute", "precision", "framework", "framework_version"),
    "inference": (*_BOTH_TEXT, "serving_mode", "engine", "engine_version", "spec_decode", "weight_precision", "config_id"),
}
"""Columns of words by kind."""
NUMBERS = {
    "training": (
        *_BOTH_NUMBERS, "moe", "params_b", "active_params_b", "dp", "cp", "vp", "fsdp", "batch_seqs", "micro_batch", "seq_len", "step_s",
        "tok_s_per_chip", "tflops_per_chip_reported", "mfu_pct_reported", "tflops_per_chip_est", "mfu_vs_bf16_peak_pct", "mfu_vs_own_peak_pct",
        "minutes_to_target", "samples_to_target", "chip_hours_total",
    ),
    "inference": (
        *_BOTH_NUMBERS, "attn_dp", "prefill_workers", "prefill_chips_per_worker", "decode_workers", "decode_chips_per_worker", "concurrency",
        "in_len", "out_len", "tpot_ms", "tpot_p99_ms", "ttft_ms", "ttft_p99_ms", "e2e_mean_ms", "e2e_p99_ms", "out_tok_s_per_chip",
        "total_tok_s_per_chip", "joule_per_out_token", "system_power_w", "running_seqs_est",
    ),
}  # fmt: skip
"""Columns of numbers by kind; none may be negative."""
COLUMNS = {kind: (*TEXT[kind], *NUMBERS[kind]) for kind in TEXT}
"""All columns that are read, by kind."""
NEEDED = {
    "training": ("model", "chip", "n_chips", "precision"),
    "inference": ("model", "chip", "n_chips", "serving_mode", "weight_precision"),
}
"""Columns that a file must have; whether a single row states enough is for the prediction to say."""
UNSTATED = frozenset({"", "-", "na", "n/a", "nan", "null", "none", "#n/a"})
"""What stands, in any case, in a cell of numbers that states none; tables that were exported write it for an empty one."""
GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")
"""A number whose thousands are set apart by commas: the decimal sign of these tables is the point."""
WORDS = {"serving_mode": ("aggregated", "disaggregated", "offline", "server", "interactive"), "spec_decode": ("no", "yes", "likely", "unknown", "")}
"""Words that a column may hold, where they are few."""
POSITIVE = frozenset({
    "n_chips", "tp", "pp", "in_len", "out_len", "concurrency", "tpot_ms", "ttft_ms", "seq_len", "step_s", "batch_seqs", "tok_s_per_chip",
    "out_tok_s_per_chip", "total_tok_s_per_chip", "tflops_per_chip_est",
})  # fmt: skip
"""Columns of numbers that are above 0."""
WHOLE = frozenset({
    "n_chips", "tp", "pp", "dp", "cp", "vp", "ep", "fsdp", "micro_batch", "attn_dp", "prefill_workers", "prefill_chips_per_worker", "decode_workers",
    "decode_chips_per_worker",
})  # fmt: skip
"""Columns that count."""
MOST_BYTES = 256 * 1024**2
"""Larger files are refused."""


@dataclass(frozen=True)
class Rows:
    """Measured rows as columns of one length."""

    kind: str
    """training or inference."""
    file: str
    columns: Mapping[str, Column]
    lines: NDArray[np.int64]
    """Line of each row in the file, from 1."""

    def __len__(self) -> int:
        return len(self.lines)

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]

    def take(self, which: Mask) -> Rows:
        """The rows of a mask or of positions."""
        return Rows(self.kind, self.file, {name: column[which] for name, column in self.columns.items()}, self.lines[which])

    def flagged(self, flag: str) -> NDArray[np.bool_]:
        """Whether each row carries the flag."""
        return np.array([flag in text.split(";") for text in self["flags"]], dtype=bool)


def read(path: Path, kind: str) -> Rows:
    """The rows of a CSV; `kind` is training or inference. Raises CaseError with every fault, each with its line."""
    faults: list[Fault] = []
    header, cells, lines = _cells(path, faults)
    if not cells and not faults:
        faults.append(Fault(Where(path.name), "", "no row stands below the header", "Give measured rows"))
    if wrong := list(_header(path.name, header, kind)):
        raise CaseError([*faults, *wrong], folder=path.name)
    raw = {name: [row[n] for row in cells] for n, name in enumerate(header)}
    columns: dict[str, Column] = {}
    for name in TEXT[kind]:
        columns[name] = np.array([text.strip() for text in raw.get(name, [""] * len(cells))], dtype=object)
    for name in NUMBERS[kind]:
        columns[name] = _numbers(path.name, name, raw.get(name, [""] * len(cells)), lines, faults)
    columns["row_id"] = _named(columns["row_id"], cells)
    rows = Rows(kind, path.name, columns, np.array(lines, dtype=np.int64))
    faults.extend(_contradictions(rows))
    if faults:
        raise CaseError(faults, folder=path.name)
    return rows


def _named(ids: Column, cells: list[list[str]]) -> Column:
    """Ids of rows, each that has none named after its cells, so that it is known again in another file."""
    seen: Counter[str] = Counter()
    found = []
    for name, row in zip(ids, cells, strict=True):
        if name:
            found.append(name)
            continue
        own = f"cells-{hashlib.sha256(chr(31).join(row).encode()).hexdigest()[:16]}"
        seen[own] += 1
        found.append(f"{own}-{seen[own]}" if seen[own] > 1 else own)
    return np.array(found, dtype=object)


def _cells(path: Path, faults: list[Fault]) -> tuple[list[str], list[list[str]], list[int]]:
    """Header, cells row by row, and the line of each row."""
    text = _text(path)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        for row in reader:
            if len(row) == len(header):
                rows.append(row)
                lines.append(reader.line_num)
            elif row:
                problem = f"{len(row)} cells under {len(header)} columns"
                faults.append(Fault(Where(path.name, reader.line_num), "", problem, "Put text with a comma in double quotes"))
    except csv.Error as error:
        faults.append(Fault(Where(path.name, reader.line_num), "", f"no CSV: {error}", "Close every quote, and double those inside a quoted cell"))
    return header, rows, lines


def _text(path: Path) -> str:
    problem, fix = "", ""
    if not path.is_file():
        problem, fix = "there is no such file", "Give the path of a CSV with measured rows"
    elif path.stat().st_size > MOST_BYTES:
        problem, fix = f"more than {MOST_BYTES // 1024**2} MiB", "Give it in parts"
    else:
        try:
            return path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            problem, fix = "not UTF-8", "Save it as UTF-8"
        except OSError as error:
            problem, fix = f"cannot be read: {error.strerror}", "Give a file that you may read"
    raise CaseError([Fault(Where(path.name), "", problem, fix)], folder=path.name)


def _header(file: str, header: list[str], kind: str) -> Iterator[Fault]:
    known = (*TEXT[kind], *NUMBERS[kind])
    for name in NEEDED[kind]:
        if name not in header:
            near = suggestion(name, [column for column in header if column not in known], "other columns") if header else ""
            yield Fault(Where(file, 1, name), "", "this column is missing", f"Add it. {near}".strip())
    for name in sorted({name for name in header if header.count(name) > 1}):
        yield Fault(Where(file, 1, name), "", "two columns have this name", "Keep one")


def _numbers(file: str, name: str, texts: list[str], lines: list[int], faults: list[Fault]) -> NDArray[np.float64]:
    kind, least = ("whole" if name in WHOLE else "finite"), ("above 0" if name in POSITIVE else "0 or more")
    found = np.full(len(texts), math.nan)
    for n, text in enumerate(texts):
        told = text.strip()
        if told.lower() in UNSTATED:
            continue
        try:
            value = float(told.replace(",", "") if GROUPED.fullmatch(told) else told)
        except ValueError:
            value = math.nan
        counts = name not in WHOLE or value == math.floor(value) if math.isfinite(value) else False
        if counts and (value > 0 or (value == 0 and name not in POSITIVE)):
            found[n] = value
        else:
            faults.append(Fault(Where(file, lines[n], name), text, f"is not a {kind} number {least}", "Give one, or leave the cell empty"))
    return found


def joined(paths: Sequence[Path], kind: str) -> Rows:
    """The rows of several files as one. Raises CaseError as `read` does, and for an id that stands in two of them."""
    parts = [read(path, kind) for path in paths]
    first: dict[str, str] = {}
    faults = []
    for part in parts:
        for name, line in zip(part["row_id"], part.lines, strict=True):
            if name in first:
                faults.append(Fault(Where(part.file, int(line), "row_id"), name, f"stands in {first[name]} already", "Give each row once"))
            first.setdefault(name, part.file)
    if faults:
        raise CaseError(faults, folder="the rows")
    columns = {name: np.concatenate([part.columns[name] for part in parts]) for name in parts[0].columns}
    return Rows(kind, ", ".join(part.file for part in parts), columns, np.concatenate([part.lines for part in parts]))


def _contradictions(rows: Rows) -> Iterator[Fault]:
    """Faults of rows that say two things that cannot both hold, or nothing of what ran on which chip."""
    seen: dict[str, int] = {}
    for n, name in enumerate(rows["row_id"]):
        if name in seen:
            yield Fault(Where(rows.file, int(rows.lines[n]), "row_id"), name, f"stands on line {seen[name]} already", "Give each row its own")
        seen.setdefault(name, int(rows.lines[n]))
    for column in ("model", "chip"):
        for at in np.flatnonzero(rows[column] == ""):
            yield Fault(Where(rows.file, int(rows.lines[at]), column), "", "is not stated", f"Name the {column}")
    for column, words in WORDS.items():
        for k, word in enumerate(rows.columns.get(column, ())):
            if word not in words:
                yield Fault(Where(rows.file, int(rows.lines[k]), column), word, "is none of the words here", suggestion(word, words, "words"))
    yield from _sizes(rows)


def cored(rows: Rows) -> NDArray[np.bool_]:
    """Rows whose `tp` counts NeuronCores: those that are flagged so, and those of AWS's chips with more of them than chips."""
    aws = np.array([name.lower().startswith(("trainium", "inferentia")) for name in rows["chip"]], dtype=bool)
    found: NDArray[np.bool_] = rows.flagged("tp_counts_neuroncores") | (aws & (rows["tp"] > rows["n_chips"]))
    return found


def _sizes(rows: Rows) -> Iterator[Fault]:
    wide = (rows["tp"] > rows["n_chips"]) & ~cored(rows)
    for n in np.flatnonzero(wide):
        where, shown = Where(rows.file, int(rows.lines[n]), "tp"), f"{rows['tp'][n]:g}"
        yield Fault(where, shown, f"is more than the {rows['n_chips'][n]:g} chips", "Count chips, not their cores")
    low, high = rows.columns.get("ttft_ms"), rows.columns.get("ttft_p99_ms")
    if low is not None and high is not None:
        for n in np.flatnonzero(high < low):
            where = Where(rows.file, int(rows.lines[n]), "ttft_p99_ms")
            yield Fault(where, f"{high[n]:g}", f"is less than the median {low[n]:g}", "Check which is which")
