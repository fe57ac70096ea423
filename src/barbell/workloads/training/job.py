"""Training jobs as arrays: what is trained on which chips in which layout, one element per job.

A job comes from a row of measurements or from a question. What a row leaves open is 0 here (`UNSTATED`) and is filled by `layout.settle`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from barbell.core.basis import Known
from barbell.core.errors import FactError
from barbell.workloads.rows import Rows, cored
from barbell.workloads.training.shape import Shape, shape, sized
from barbell.workloads.training.silicon import Silicon, silicon

Numbers = NDArray[np.float64]
UNSTATED = 0.0
TOKENS = 4096.0
"""Sequence length where a row states none: that of Llama-2 and of most performance tables; 2,048 for models of 2020 to 2022."""
PRECISIONS = ("bf16", "fp8", "fp4")
RECOMPUTES = ("none", "selective", "full")
FRAMEWORKS = {
    "megatron-lm": "megatron", "megatron-deepspeed": "megatron", "llm-foundry": "foundry", "megatron-bridge": "bridge", "maxtext": "maxtext",
    "neuron": "neuron",
}  # fmt: skip
STACKS = ("megatron", "foundry", "bridge", "mlperf", "maxtext", "neuron")
"""Stacks with constants of their own; every other one is ``mlperf`` (tuned for one benchmark) when it is a benchmark's row, else ``bridge``."""
CORES = {"trainium2": 4.0, "trainium3": 4.0}
"""Logical NeuronCores of a chip of AWS, as its software counts ranks by default; 2 for the others."""
NO_SHAPE = sized("no model", 1e9)
NO_CHIP = Silicon("no chip", "no_chip", "", "", 1e15, 0.0, 0.0, 1e11, 1e12, 1e11, 8.0, 1e10, math.nan)
"""Placeholders of jobs that are all refused, so that their numbers are numbers."""
EPOCH = 2025.75
"""Year from which the age of software counts: Megatron-Bridge 25.09."""


@dataclass(frozen=True)
class Jobs:
    """Arrays of one length. Sizes are counts, `tokens` per sequence; `year` is when the software was current."""

    model: NDArray[np.int64]
    chip: NDArray[np.int64]
    """Positions in `shapes` and `chips`."""
    n: Numbers
    tp: Numbers
    pp: Numbers
    dp: Numbers
    cp: Numbers
    vp: Numbers
    ep: Numbers
    sharded: Numbers
    """1 where weights and gradients are sharded over all data-parallel ranks and gathered layer by layer, 2 where over those of a domain."""
    zero: Numbers
    """1 where optimiser states are spread over the data-parallel ranks."""
    batch: Numbers
    """Sequences per step, all chips."""
    micro: Numbers
    """Sequences per micro-batch."""
    tokens: Numbers
    precision: NDArray[np.int64]
    """Position in `PRECISIONS`."""
    recompute: NDArray[np.int64]
    """Position in `RECOMPUTES`."""
    open_recompute: Numbers
    """1 where the source does not say what is recomputed: it may be as much as memory asks for."""
    adapter: Numbers
    """1 where only a low-rank adapter is trained: no gradients of weights, no optimiser of them."""
    stack: NDArray[np.int64]
    """Position in `STACKS`: constants of which software."""
    year: Numbers
    release: NDArray[np.int64]
    """Position in `releases` of the stack's release."""
    dropping: Numbers
    """1 where experts drop tokens beyond their capacity."""
    shapes: Sequence[Shape]
    chips: Sequence[Silicon]
    releases: Sequence[str]
    """Stack and release of software, "" where unstated."""
    refused: NDArray[np.object_]
    """Reason in words where the job cannot be judged, else ""; its numbers are then placeholders."""

    def __len__(self) -> int:
        return len(self.n)

    def of(self, name: str) -> Numbers:
        """An attribute of each job's model."""
        return np.array([float(getattr(one, name)) for one in self.shapes])[self.model]

    def on(self, name: str) -> Numbers:
        """A figure of each job's chip."""
        return np.array([float(getattr(one, name)) for one in self.chips])[self.chip]

    def named(self, name: str) -> NDArray[np.object_]:
        """A word (slug, generation, vendor) of each job's chip."""
        return np.array([getattr(one, name) for one in self.chips], dtype=object)[self.chip]

    def runs(self, *stacks: str) -> NDArray[np.bool_]:
        """Whether each job's software is one of these."""
        return np.isin(self.stack, [STACKS.index(stack) for stack in stacks])

    def sharers(self) -> Numbers:
        """Data-parallel ranks that share one copy of the weights."""
        inside = np.clip(np.floor(self.on("domain") / (self.tp * self.cp)), 1.0, np.maximum(self.dp, 1.0))
        return np.where(self.sharded == 1, self.dp, np.where(self.sharded == 2, inside, 1.0))

    def take(self, which: Any) -> Jobs:
        """The jobs of a mask or of positions."""
        arrays = {field.name: getattr(self, field.name)[which] for field in fields(self) if field.name not in ("shapes", "chips", "releases")}
        return replace(self, **arrays)


def from_rows(rows: Rows, known: Known) -> Jobs:
    """The jobs that rows describe, by their configuration columns alone; what a row leaves open stays `UNSTATED`."""
    refused = np.array([""] * len(rows), dtype=object)
    shapes, model = _catalogue(_shapes(rows, known), refused)
    sheets = {name: _try(silicon, known, name) for name in set(rows["chip"])}
    chips, chip = _catalogue([sheets[name] for name in rows["chip"]], refused)
    shapes, chips = shapes or [NO_SHAPE], chips or [NO_CHIP]
    n = rows["n_chips"]
    cores = np.where(cored(rows), [CORES.get(name.lower(), 2.0) for name in rows["chip"]], 1.0)
    tp, pp, cp = (np.nan_to_num(rows[key]) for key in ("tp", "pp", "cp"))
    tp = np.where(tp > 0, np.maximum(1.0, tp / cores), 0.0)
    stated = (tp > 0) & (pp > 0)
    cp = np.where(stated & (cp == 0), 1.0, cp)
    dp = np.where(stated, n / np.maximum(tp * pp * cp, 1), UNSTATED)
    fsdp, stack = np.nan_to_num(rows["fsdp"]), _stacks(rows)
    told = [f"{STACKS[one]}-{version}" if version else "" for one, version in zip(stack, rows["framework_version"], strict=True)]
    releases = sorted(set(told))
    for n_bad in np.flatnonzero(~np.isfinite(n)):
        refused[n_bad] = refused[n_bad] or "the number of chips is not stated"
    for other in np.flatnonzero(rows["task"] == "other"):
        refused[other] = "only language models are judged: an encoder or a vision model trains otherwise"
    jobs = Jobs(
        model=model, chip=chip, n=np.where(np.isfinite(n), n, 1.0), tp=tp, pp=pp, dp=dp, cp=cp, vp=np.maximum(1.0, np.nan_to_num(rows["vp"])),
        ep=np.nan_to_num(rows["ep"]), sharded=np.where((fsdp > 1) & stated, 1.0, 0.0),
        zero=np.where(stack == STACKS.index("megatron"), 0.0, 1.0), batch=np.nan_to_num(rows["batch_seqs"]),
        micro=np.nan_to_num(rows["micro_batch"]), tokens=np.nan_to_num(rows["seq_len"]),
        precision=np.zeros(len(rows), dtype=np.int64), recompute=np.zeros(len(rows), dtype=np.int64),
        open_recompute=(~np.isin(rows["recompute"], RECOMPUTES)).astype(np.float64),
        adapter=(rows["task"] == "lora").astype(float), stack=stack, year=_years(rows["date"]),
        dropping=rows.flagged("variant:tokendrop").astype(float),
        release=np.array([releases.index(one) for one in told], dtype=np.int64), shapes=shapes, chips=chips, releases=releases, refused=refused,
    )  # fmt: skip
    return _worded(jobs, rows)


def _try(read: Any, *of: Any, **more: Any) -> Any:
    try:
        return read(*of, **more)
    except FactError as error:
        return str(error)


def _shapes(rows: Rows, known: Known) -> list[Any]:
    """The shape of each row's model, or in words why there is none; looked up once for equal cells."""
    cells = list(zip(rows["model"], rows["params_b"].tolist(), rows["active_params_b"].tolist(), strict=True))
    keys = [(name, repr(params), repr(active)) for name, params, active in cells]
    found: dict[tuple[str, str, str], Any] = {}
    for key, (name, params, active) in zip(keys, cells, strict=True):
        if key not in found:
            found[key] = _try(shape, known, name, params=params * 1e9, active=active * 1e9)
    return [found[key] for key in keys]


def _catalogue(found: Sequence[Any], refused: NDArray[np.object_]) -> tuple[list[Any], NDArray[np.int64]]:
    """Distinct records and each row's position among them; a reason instead of a record is noted in `refused`."""
    distinct: list[Any] = []
    where: dict[Any, int] = {}
    positions = np.zeros(len(found), dtype=np.int64)
    for n, one in enumerate(found):
        if isinstance(one, str):
            refused[n] = refused[n] or one
        elif one not in where:
            where[one] = len(distinct)
            distinct.append(one)
    for n, one in enumerate(found):
        positions[n] = 0 if isinstance(one, str) else where[one]
    return distinct, positions


def _stacks(rows: Rows) -> NDArray[np.int64]:
    benchmark = [source.startswith("MLPerf") for source in rows["source"]]
    told = [FRAMEWORKS.get(name, "mlperf" if tuned else "bridge") for name, tuned in zip(rows["framework"], benchmark, strict=True)]
    return np.array([STACKS.index(name) for name in told], dtype=np.int64)


def _years(dates: NDArray[np.object_]) -> Numbers:
    """Dates YYYY, YYYY-MM or YYYY-MM-DD as years; `EPOCH` where none is stated."""
    parsed = []
    for text in dates:
        parts = [part for part in text.split("-") if part.isdigit()]
        parsed.append(float(parts[0]) + (float(parts[1]) - 0.5) / 12 if len(parts) > 1 else float(parts[0]) + 0.5 if parts else EPOCH)
    years = np.array(parsed)
    return np.where((years > 2015) & (years < 2040), years, EPOCH)


def _worded(jobs: Jobs, rows: Rows) -> Jobs:
    """Words of precision and recomputation as positions; an unknown precision is the lowest that training commonly uses on the chip."""
    peaks = np.stack([jobs.on(kind) for kind in PRECISIONS])
    stated = {kind: rows["precision"] == kind for kind in PRECISIONS}
    usual = (peaks[1] > 1.2 * peaks[0]) & jobs.runs("mlperf")
    precision = np.where(stated["fp4"], 2, np.where(stated["fp8"] | (usual & ~stated["bf16"]), 1, 0))
    for n in np.flatnonzero((peaks[precision, np.arange(len(jobs))] <= 0) & (jobs.refused == "")):
        jobs.refused[n] = f"{jobs.chips[jobs.chip[n]].name} does not compute in {PRECISIONS[precision[n]]}"
    precision = np.where(jobs.refused == "", precision, 0)  # a placeholder that every chip computes
    told = {kind: rows["recompute"] == kind for kind in RECOMPUTES}
    old = jobs.runs("megatron") & ~told["none"] & ~told["selective"]
    recompute = np.where(told["full"] | old, 2, np.where(told["selective"], 1, 0))
    return replace(jobs, precision=precision.astype(np.int64), recompute=recompute.astype(np.int64))
