"""The constants of a training step: meaning, prior and spread of each, and how chips and software deviate from them.

Every constant is positive and log-normal: `prior` is what physics or the literature suggests, `spread` the standard deviation of its logarithm
before any row was seen. Deviations (`EFFECTS`) multiply the speed of one generation of chips, one chip or one software stack; their prior is 1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from barbell.workloads.training.job import PRECISIONS, STACKS, Jobs
from barbell.workloads.training.step import Features

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Constant:
    """One constant: what it is, its prior and the spread of its logarithm."""

    name: str
    prior: float
    spread: float
    unit: str
    meaning: str


CONSTANTS = (
    Constant("gemm", 0.70, 0.15, "1", "share of the peak that large matrix products reach"),
    Constant("throttle", 0.6, 0.4, "1", "exponent with which arithmetic speeds up with watts per FLOP/s among chips of one generation"),
    Constant("fp8", 0.75, 0.15, "1", "the same in FP8, over that in BF16"),
    Constant("fp4", 0.60, 0.25, "1", "the same in FP4, over that in BF16"),
    Constant("width", 100.0, 0.7, "1", "hidden width per tensor-parallel rank at which linear layers run at half speed"),
    Constant("rows", 200.0, 0.7, "1", "tokens per micro-batch at which linear layers run at half speed on a chip of usual balance"),
    Constant("imbalance", 0.5, 0.6, "1", "share of the last vocabulary matrix that the other pipeline stages wait for"),
    Constant("expert_gemm", 0.6, 0.3, "1", "speed of experts' matrix products over that of others"),
    Constant("expert_rows", 500.0, 0.7, "1", "tokens per expert at which experts run at half speed"),
    Constant("expert_width", 300.0, 0.7, "1", "feed-forward width of an expert at which it runs at half speed"),
    Constant("attention", 0.45, 0.3, "1", "share of the BF16 peak that attention reaches, causal pairs counted once"),
    Constant("elements", 60.0, 0.5, "byte", "moved per hidden width, layer and token by what does not multiply"),
    Constant("replicated", 0.2, 0.7, "1", "share of that which tensor parallelism does not split"),
    Constant("cast", 20.0, 0.6, "byte", "moved more per hidden width, layer and token by casts to FP8 or FP4"),
    Constant("scan", 60.0, 0.7, "byte", "moved more per hidden width, Mamba layer and token"),
    Constant("permute", 30.0, 0.6, "byte", "moved per width of model and expert, expert layer and routed copy of a token"),
    Constant("scores", 20.0, 0.6, "byte", "moved per pair of attention scores where attention is not fused"),
    Constant("softmax", 24.0, 0.6, "byte", "moved per word of the vocabulary and token by the loss"),
    Constant("softmax_unfused", 80.0, 0.7, "byte", "moved more where the loss is not fused"),
    Constant("launch", 6e-4, 0.7, "s", "per layer and micro-batch to start kernels, forward and backward"),
    Constant("launch_tensor", 0.5, 0.7, "1", "more of it with tensor parallelism"),
    Constant("launch_experts", 3e-3, 0.7, "s", "per expert layer and micro-batch"),
    Constant("dropping", 0.4, 0.5, "1", "share of that left where tokens beyond an expert's capacity are dropped and no host waits for counts"),
    Constant("hop", 2e-5, 0.7, "s", "latency of a collective per further rank"),
    Constant("latency", 2e-5, 1.0, "s", "more of it for a tensor-parallel reduction where the stack of 2022 starts it"),
    Constant("inner", 0.75, 0.2, "1", "share of the link inside a domain that collectives reach"),
    Constant("outer", 0.75, 0.3, "1", "share of the link between domains"),
    Constant("tensor", 0.8, 0.4, "1", "share of tensor-parallel collectives that arithmetic does not hide"),
    Constant("context", 0.3, 0.6, "1", "the same of context-parallel ones"),
    Constant("dispatch", 0.8, 0.5, "1", "the same of experts' all-to-all"),
    Constant("gather", 1.0, 0.3, "1", "traffic of sharded weights over three passes"),
    Constant("send", 0.5, 0.7, "1", "share of transfers between stages that arithmetic does not hide"),
    Constant("bubble", 1.0, 0.1, "1", "stages of idle time per stage after the first"),
    Constant("exchange", 0.7, 0.6, "1", "share of the exchange of gradients that arithmetic does not hide"),
    Constant("update", 1.5, 0.5, "1", "traffic of the optimiser over 16 bytes per parameter"),
    Constant("constant", 5e-3, 1.0, "s", "per step"),
    Constant("straggle", 0.01, 0.7, "1", "exponent with which a step slows with the number of chips over 8"),
    Constant("uplift_dense", 0.05, 0.7, "1", "gain of software a year, logarithm, dense models; levels off"),
    Constant("uplift_experts", 0.25, 0.7, "1", "the same, mixtures of experts"),
)
NAMES = tuple(constant.name for constant in CONSTANTS)
EFFECTS = {
    "vendor": ("speed", 0.15), "generation": ("speed", 0.15), "chip": ("speed", 0.07), "stack": ("speed", 0.10),
    "pairing": ("speed", 0.10), "fusion": ("attention", 0.4),
    "release": ("routed", 0.15), "family": ("routed", 0.3),
}  # fmt: skip
"""Kinds of deviation: what they act on, and the standard deviation of their logarithm before rows were seen.

``speed`` is that of arithmetic and memory (``pairing``: of one stack on one generation of chips), ``attention`` its speed by stack, ``routed`` the
speed of all that experts need (products, permutation, all-to-all, launching) by release of the software and by family of models (`Shape.lineage`).
"""
CHANNELS = ("speed", "attention", "routed")
MEASURED = {"products": "matrix products", "bytes": "bytes moved", "wires": "the link inside a domain"}
"""Kinds of deviation that only micro-benchmarks of a chip tell, and what they speed: `micro.tightened` sets them, no fit does."""
_STRANGE = re.compile(r"[^A-Za-z0-9_+-]")


def labels(jobs: Jobs) -> dict[str, tuple[NDArray[np.int64], list[str]]]:
    """For each kind of deviation the position of each job's label among the labels, "" where the kind does not apply.

    Labels are words that names of facts may hold: what a release has else is an underscore there.
    """
    routed = jobs.of("experts") > 0
    families = ["", *(one.lineage for one in jobs.shapes)]
    chips = {"vendor": "vendor", "generation": "generation", "chip": "slug"}
    found = {kind: (jobs.chip, [str(getattr(one, name)) for one in jobs.chips]) for kind, name in chips.items()}
    found |= {kind: (jobs.stack, list(STACKS)) for kind in ("stack", "fusion")}
    generations = sorted({one.generation for one in jobs.chips})
    place = np.array([generations.index(one.generation) for one in jobs.chips], dtype=np.int64)[jobs.chip]
    found["pairing"] = (place * len(STACKS) + jobs.stack, [f"{generation}+{stack}" for generation in generations for stack in STACKS])
    found["release"] = (np.where(routed, jobs.release + 1, 0), ["", *jobs.releases])
    found["family"] = (np.where(routed, jobs.model + 1, 0), families)
    return {kind: (codes, [_STRANGE.sub("_", name) for name in names]) for kind, (codes, names) in found.items()}


def _measured(jobs: Jobs) -> dict[str, tuple[NDArray[np.int64], list[str]]]:
    """The same for `MEASURED`: products by chip and precision, the others by chip."""
    chips = [one.slug for one in jobs.chips]
    products = [f"{chip}+{precision}" for chip in chips for precision in PRECISIONS]
    return {"products": (jobs.chip * len(PRECISIONS) + jobs.precision, products), "bytes": (jobs.chip, chips), "wires": (jobs.chip, chips)}


def effects(jobs: Jobs) -> list[tuple[str, str]]:
    """Every deviation that `jobs` can tell, as kind and label, sorted."""
    return sorted({(kind, names[one]) for kind, (codes, names) in labels(jobs).items() for one in np.unique(codes) if names[one]})


def design(jobs: Jobs, kinds: Sequence[tuple[str, str]]) -> dict[str, NDArray[np.int64]]:
    """For each kind of deviation the position in `kinds` of each job's label, -1 where it has none."""
    where = {pair: n for n, pair in enumerate(kinds)}
    found = {}
    used = labels(jobs) | ({} if MEASURED.keys().isdisjoint(kind for kind, _ in kinds) else _measured(jobs))
    for kind, (codes, names) in used.items():
        found[kind] = np.array([where.get((kind, name), -1) for name in names] or [-1], dtype=np.int64)[codes]
    return found


def deviate(deviations: Numbers, positions: Mapping[str, NDArray[np.int64]]) -> dict[str, Numbers]:
    """The logarithm by which each job deviates, by channel."""
    padded = np.append(deviations, 0.0)
    total = {channel: np.zeros(len(positions["chip"])) for channel in CHANNELS}
    for kind, where in positions.items():
        channel = EFFECTS[kind][0] if kind in EFFECTS else kind
        total[channel] = total.get(channel, 0.0) + padded[where]
    return total


def assemble(f: Features, logs: Numbers, off: Mapping[str, Numbers]) -> dict[str, Numbers]:
    """The constants of each job: `logs` by `NAMES`, deviations `off` by channel, software grown to the job's year."""
    out: dict[str, Numbers] = {name: np.asarray(value) for name, value in zip(NAMES, np.exp(logs), strict=True)}
    grown = np.exp(f.mature_experts * out["uplift_experts"] + off["routed"])
    faster = np.exp(off["speed"] + f.mature_dense * out["uplift_dense"])
    powered = f.headroom ** out["throttle"]
    out["gemm"] = out["gemm"] * faster * np.where(f.jobs.precision > 0, f.headroom8, f.headroom) ** out["throttle"] * np.exp(off.get("products", 0.0))
    out["attention"] = out["attention"] * faster * powered * np.exp(off["attention"])
    for name in ("elements", "cast", "permute", "scan", "softmax"):
        out[name] = out[name] / (faster * np.exp(off.get("bytes", 0.0)))
    out["inner"] = out["inner"] * np.exp(off.get("wires", 0.0))
    out["expert_gemm"] = out["expert_gemm"] * grown
    for name in ("permute", "dispatch"):
        out[name] = out[name] / grown
    out["launch"] = out["launch"] * f.started
    out["launch_experts"] = out["launch_experts"] * f.started * out["dropping"] ** f.jobs.dropping / grown
    out["softmax"] = out["softmax"] + out["softmax_unfused"] * f.unfused
    out["scores"] = out["scores"] * f.unfused
    return out
