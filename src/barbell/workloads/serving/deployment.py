"""Deployments as columns: which chips serve which model how, with the figures of chip and model beside each.

One entry is one question: a replica of so many chips with so many requests in flight. Entries come from measured rows or from anywhere
else as long as all columns have one length; whatever cannot be looked up is refused in words, entry by entry.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from barbell.core.basis import Basis, Known
from barbell.core.errors import FactError
from barbell.core.spelling import suggestion
from barbell.workloads.chip import Chip, accelerator, accelerators, slug
from barbell.workloads.model import Model, model, models
from barbell.workloads.rows import Rows
from barbell.workloads.serving.benchmark import LENGTHS, LEVELS, OPEN_LOOP

Numbers = NDArray[np.float64]

WEIGHT_BYTES = {"bf16": 2.0, "fp8": 1.0, "int8": 1.0, "fp4": 0.56, "int4": 0.56, "unknown": 2.0}
"""Bytes of a parameter of the feed-forward parts, scales included; a precision that is not stated is that of the checkpoint."""
WIDE_BYTES = 1.6
"""Bytes of any other parameter of a mixture of experts in 4-bit checkpoints, which keep attention wider."""
CACHE_BYTES = {"bf16": 2.0, "unknown": 2.0}
"""Bytes of a cached element; 1 for narrower weights, whose engines are run with an 8-bit cache."""
MULTIPLIES = {"fp4": "fp4", "fp8": "fp8"}
"""Precision of the multiplications by that of the weights; all others multiply in 16 bits, as does a chip without the narrow one."""
CAPACITY = ("offline", "server", "interactive")
"""Modes in which only throughput is told: as many requests as serve best."""
FREE = 1e6
"""Seconds per token where no level is asked."""


@dataclass(frozen=True)
class Label:
    """A column of words as positions in `names`."""

    codes: NDArray[np.int64]
    names: tuple[str, ...]

    @classmethod
    def of(cls, words: Sequence[str]) -> Label:
        """The label of a column of words."""
        names, codes = np.unique(np.asarray(words, dtype=object).astype(str), return_inverse=True)
        return cls(codes.astype(np.int64), tuple(str(name) for name in names))

    def take(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> Label:
        """The entries of a mask or of positions; all names are kept."""
        return Label(self.codes[which], self.names)

    @property
    def words(self) -> list[str]:
        """The words, entry by entry."""
        return [self.names[code] for code in self.codes]


@dataclass(frozen=True)
class Deployments:
    """What runs, one entry per question; all arrays have one length, all figures SI units."""

    chip: Label
    vendor: Label
    model: Label
    engine: Label
    generation: Label
    """Engine with its version, as far as it is stated: ``vllm_0_19``."""
    precision: Label
    layout: Label
    """Whether attention is split over data (dp) and experts over chips (ep)."""
    mode: Label
    """closed (requests in flight), open (rate unstated), decode (a decoding replica of its own), offline, server, interactive."""
    campaign: Label
    """The kind of measurement, for the modes of `CAPACITY`: the model and the mode of a benchmark, or a table of maximum throughput."""
    chips: Numbers
    """Of one replica; 0 where the best size is to be found: a benchmark that does not say it, or more chips than talk to each other."""
    split: Numbers
    """Ways in which attention is split over data."""
    helpers: Numbers
    """Chips beside the replica that read prompts for it, where decoding has replicas of its own."""
    flight: Numbers
    """Requests in flight per replica; those that do not fit wait."""
    tokens_in: Numbers
    tokens_out: Numbers
    level: Numbers
    """Seconds per token that must be kept, for the modes of `CAPACITY`."""
    drafted: Numbers
    """1 where speculative decoding is on."""
    hit: Numbers
    """Share of the prompt that stands in a prefix cache."""
    weight_bytes: Numbers
    other_bytes: Numbers
    cache_bytes: Numbers
    peak: Numbers
    memory: Numbers
    bandwidth: Numbers
    link: Numbers
    domain: Numbers
    layers: Numbers
    attending: Numbers
    """Layers whose attention reads the whole context."""
    hidden: Numbers
    query: Numbers
    kv_heads: Numbers
    kv_elements: Numbers
    attended: Numbers
    """Most tokens of the context that attention reads, where it picks."""
    active: Numbers
    other: Numbers
    embedding: Numbers
    dense: Numbers
    expert: Numbers
    experts: Numbers
    experts_per_token: Numbers

    def __len__(self) -> int:
        return len(self.chips)

    def take(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> Deployments:
        """The entries of a mask or of positions."""
        return self.but(**{field.name: _take(getattr(self, field.name), which) for field in fields(self)})

    def but(self, **columns: Numbers | Label) -> Deployments:
        """The same with other columns."""
        made: dict[str, Any] = {field.name: columns.get(field.name, getattr(self, field.name)) for field in fields(self)}
        return Deployments(**made)


@dataclass(frozen=True)
class Questions:
    """Deployments of those rows that can be looked up, and why the others cannot."""

    deployments: Deployments
    positions: NDArray[np.int64]
    """Row of each deployment."""
    refused: tuple[str, ...]
    """Reason per row, "" where it is answered."""


def generation(engine: str, version: str) -> str:
    """Engine with major and minor version: ``trtllm_1_2``; ``vllm_nightly`` and ``sglang_unstated`` where there are none."""
    found = re.search(r"(\d+)\.(\d+)", version)
    return f"{engine}_{found[1]}_{found[2]}" if found else f"{engine}_{'nightly' if version else 'unstated'}"


def questions(rows: Rows, known: Known) -> Questions:
    """The deployments of measured rows; nothing measured is read."""
    chips = _looked_up(list(rows["chip"]), "chip", accelerators(known), lambda name: accelerator(Basis(known), name))
    nets = _looked_up(list(rows["model"]), "model", models(known), lambda name: model(Basis(known), name))
    reasons = [_reason(rows, n, chips, nets) for n in range(len(rows))]
    positions = np.flatnonzero([not reason for reason in reasons])
    asked = rows.take(positions)
    sheets = [chips[name] for name in asked["chip"]]
    kinds = [nets[name] for name in asked["model"]]
    return Questions(_deployments(asked, sheets, kinds), positions, tuple(reasons))  # type: ignore[arg-type]


def _looked_up(words: Sequence[str], what: str, known: Sequence[str], read: Callable[[str], Chip | Model]) -> dict[str, Chip | Model | str]:
    """Chip or model by the word that rows use, or in words why there is none."""
    found: dict[str, Chip | Model | str] = {}
    for word in sorted(set(words)):
        try:
            found[word] = read(slug(word)) if slug(word) in known else f"unknown {what} '{word}'. {suggestion(slug(word), known, what + 's')}"
        except FactError as error:
            found[word] = f"{what} '{word}': {error}"
    return found


def _reason(rows: Rows, n: int, chips: Mapping[str, object], nets: Mapping[str, object]) -> str:
    """Why a row cannot be answered, or ""."""
    for found in (chips[rows["chip"][n]], nets[rows["model"][n]]):
        if isinstance(found, str):
            return found
    mode = rows["serving_mode"][n]
    if mode == "disaggregated" and not all(
        rows[name][n] > 0 for name in ("prefill_workers", "prefill_chips_per_worker", "decode_workers", "decode_chips_per_worker")
    ):
        return "disaggregated without the numbers of prefill and decode workers: state workers and chips of each"
    if mode != "disaggregated" and not rows["n_chips"][n] > 0:
        return "the number of chips is not stated"
    if mode == "disaggregated" and not all(rows[name][n] > 0 for name in ("concurrency", "in_len", "out_len")):
        return "disaggregated without concurrency and lengths"
    if mode in CAPACITY and rows["model"][n] not in LENGTHS and not rows["in_len"][n] > 0:
        return "neither the lengths nor a benchmark that sets them is stated"
    return ""


def _modes(rows: Rows) -> list[str]:
    told = {"aggregated": "closed", "disaggregated": "decode"}
    unsaid = ~np.isfinite(rows["concurrency"])
    return ["open" if mode == "aggregated" and unsaid[n] else told.get(mode, mode) for n, mode in enumerate(rows["serving_mode"])]


def _deployments(rows: Rows, sheets: Sequence[Chip], nets: Sequence[Model]) -> Deployments:
    """Columns of rows that can all be looked up."""
    modes = np.array(_modes(rows), dtype=object)
    capacity, decode = np.isin(modes, CAPACITY), modes == "decode"
    usual = [LENGTHS.get(name, OPEN_LOOP[1:]) for name in rows["model"]]
    lengths = {key: np.where(np.isfinite(rows[key]), rows[key], [pair[k] for pair in usual]) for k, key in enumerate(("in_len", "out_len"))}
    for k, key in enumerate(("in_len", "out_len")):
        lengths[key] = np.where(~capacity & ~np.isfinite(rows[key]), OPEN_LOOP[1 + k], lengths[key])
    stated = np.isfinite(rows["in_len"])
    chips = np.where(decode, rows["decode_chips_per_worker"], rows["n_chips"])
    flight = np.where(np.isfinite(rows["concurrency"]), rows["concurrency"], OPEN_LOOP[0]) / np.where(decode, rows["decode_workers"], 1.0)
    split = np.clip(np.nan_to_num(rows["attn_dp"], nan=1.0), 1.0, np.maximum(chips, 1.0))
    precision = [str(word) or "unknown" for word in rows["weight_precision"]]
    engines = [slug(str(word)) or "unstated" for word in rows["engine"]]
    wide = ["ep" if ways > 1 else "tp" for ways in np.nan_to_num(rows["ep"], nan=1.0)]
    campaigns = [f"{slug(name)}_{mode}" if not stated[n] else "table" for n, (name, mode) in enumerate(zip(rows["model"], modes, strict=True))]
    return assemble(
        sheets, nets, precision,
        engine=Label.of(engines),
        generation=Label.of([generation(name, str(word)) for name, word in zip(engines, rows["engine_version"], strict=True)]),
        layout=Label.of([f"dp_{word}" if ways > 1 else word for word, ways in zip(wide, split, strict=True)]),
        mode=Label.of([str(mode) for mode in modes]),
        campaign=Label.of(campaigns),
        chips=np.where(capacity & (~stated | (chips > np.array([max(sheet.domain, 1) for sheet in sheets]))), 0.0, chips),
        split=np.where(capacity, 1.0, split),
        helpers=np.where(decode, rows["prefill_workers"] * rows["prefill_chips_per_worker"] / np.where(decode, rows["decode_workers"], 1.0), 0.0),
        flight=np.maximum(flight, 1.0),
        tokens_in=lengths["in_len"],
        tokens_out=lengths["out_len"],
        level=np.array([LEVELS.get((name, mode), FREE) for name, mode in zip(rows["model"], modes, strict=True)]),
        drafted=np.isin(rows["spec_decode"], ("yes", "likely")).astype(np.float64),
    )  # fmt: skip


def assemble(sheets: Sequence[Chip], nets: Sequence[Model], precision: Sequence[str], **columns: Numbers | Label) -> Deployments:
    """Deployments from chips, models and precisions, entry by entry, and every column that does not follow from them.

    Without a column `hit` nothing stands in a prefix cache.
    """
    columns = {"hit": np.zeros(len(sheets)), **columns}

    def of_chip(get: Callable[[Chip], float]) -> Numbers:
        return np.array([get(sheet) for sheet in sheets], dtype=np.float64)

    def of_model(get: Callable[[Model], float]) -> Numbers:
        return np.array([get(net) for net in nets], dtype=np.float64)

    narrow = np.array([word in ("fp4", "int4") for word in precision], dtype=bool)
    weight = np.array([WEIGHT_BYTES.get(word, 2.0) for word in precision], dtype=np.float64)
    routed = np.array([net.routed for net in nets], dtype=bool)
    return Deployments(
        chip=Label.of([sheet.name for sheet in sheets]),
        vendor=Label.of([sheet.vendor.lower() for sheet in sheets]),
        model=Label.of([net.name for net in nets]),
        precision=Label.of(list(precision)),
        weight_bytes=weight,
        other_bytes=np.where(routed & narrow, WIDE_BYTES, weight).astype(np.float64),
        cache_bytes=np.array([CACHE_BYTES.get(word, 1.0) for word in precision]),
        peak=np.array([_peak(sheet, word) for sheet, word in zip(sheets, precision, strict=True)]),
        memory=of_chip(lambda sheet: sheet.memory.value),
        bandwidth=of_chip(lambda sheet: sheet.bandwidth.value),
        link=of_chip(lambda sheet: sheet.link.value),
        domain=of_chip(lambda sheet: sheet.domain),
        layers=of_model(lambda net: net.layers),
        attending=of_model(lambda net: net.attention_layers or net.layers),
        hidden=of_model(lambda net: net.hidden),
        query=of_model(lambda net: net.query),
        kv_heads=of_model(lambda net: net.kv_heads),
        kv_elements=of_model(lambda net: net.kv_elements),
        attended=of_model(lambda net: net.attended or math.inf),
        active=of_model(lambda net: net.active),
        other=of_model(lambda net: net.other),
        embedding=of_model(lambda net: net.embedding),
        dense=of_model(lambda net: net.dense),
        expert=of_model(lambda net: net.expert),
        experts=of_model(lambda net: net.experts),
        experts_per_token=of_model(lambda net: net.experts_per_token),
        **columns,  # type: ignore[arg-type]
    )


def _peak(sheet: Chip, precision: str) -> float:
    for kind in (MULTIPLIES.get(precision, "bf16"), "bf16", *sheet.peak):
        if kind in sheet.peak:
            return sheet.peak[kind].value
    raise FactError(f"chip {sheet.name} has no peak: give the fact chip-{sheet.name}-dense_bf16")


def _take(column: Label | Numbers, which: NDArray[np.bool_] | NDArray[np.int64]) -> Label | Numbers:
    return column.take(which) if isinstance(column, Label) else column[which]
