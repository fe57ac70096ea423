"""Rows that never were: a known law with noise, so that a fit can be held against the truth."""

from __future__ import annotations

import itertools

import numpy as np

from barbell.core.basis import Basis
from barbell.workloads.chip import accelerator
from barbell.workloads.model import model
from barbell.workloads.rows import NUMBERS, TEXT, Rows
from barbell.workloads.serving.calibration import GROUPS, Calibration, Fit
from barbell.workloads.serving.deployment import FREE, Deployments, Label, assemble
from barbell.workloads.serving.physics import Constants
from tests.workloads.sheets import store

KNOWN = store()
CHIPS, MODELS, ENGINES = ("h100", "h200", "b200"), ("llama_3_70b", "deepseek_r1"), ("vllm", "trtllm")
C_ROW = {
    "chip": "H200", "model": "llama_3_70b", "engine": "vllm", "engine_version": "1.2.0", "serving_mode": "aggregated", "spec_decode": "no",
    "weight_precision": "fp8", "grade": "A", "n_chips": 2, "attn_dp": 1, "concurrency": 16, "in_len": 1024, "out_len": 1024,
}  # fmt: skip
FITS = {"llama_3_70b": 2, "deepseek_r1": 16}
PLAIN = Calibration(Constants(), {quantity: Fit() for quantity in GROUPS})
"""The closed form as it starts, without any effect."""


def rows(**columns) -> Rows:
    """Rows of these columns; the others state nothing."""
    count = len(next(iter(columns.values())))
    made = {name: np.full(count, "", dtype=object) for name in TEXT["inference"]} | {name: np.full(count, np.nan) for name in NUMBERS["inference"]}
    for name, values in columns.items():
        made[name] = np.array(values, dtype=object if name in TEXT["inference"] else float)
    if not made["row_id"].any():
        made["row_id"] = np.array([f"r{n}" for n in range(count)], dtype=object)
    return Rows("inference", "made.csv", made, np.arange(2, count + 2))


def grid(*, lengths=((1024, 1024), (4096, 512)), flights=(2, 8, 32, 96)) -> Rows:
    """Closed-loop rows of all chips, models, engines, lengths and requests in flight; nothing is measured yet."""
    cells = list(itertools.product(CHIPS, MODELS, ENGINES, lengths, flights))
    chips, nets, engines, both, flight = zip(*cells, strict=True)
    count = len(cells)
    return rows(
        chip=[c.upper() for c in chips],
        model=nets,
        engine=engines,
        engine_version=["1.2.0"] * count,
        serving_mode=["aggregated"] * count,
        spec_decode=["no"] * count,
        weight_precision=["fp8"] * count,
        grade=["A"] * count,
        n_chips=[FITS[m] for m in nets],
        tp=[FITS[m] for m in nets],
        attn_dp=[1] * count,
        concurrency=flight,
        in_len=[b[0] for b in both],
        out_len=[b[1] for b in both],
        config_id=[f"{c}|{m}|{e}|{b}" for c, m, e, b, _ in cells],
    )


def measured(found: Rows, **columns) -> Rows:
    """The same rows with measured columns."""
    return Rows(found.kind, found.file, {**found.columns, **columns}, found.lines)


def deployment(
    chip="h200", name="llama_3_70b", *, chips=2, flight=16.0, tokens=(1024, 1024), precision="fp8", mode="closed", **columns
) -> Deployments:
    """One deployment; numbers may be arrays of one length."""
    flights = np.atleast_1d(np.asarray(flight, dtype=float))
    count = len(flights)
    ones = np.ones(count)
    given = {
        "engine": Label.of(["vllm"] * count), "generation": Label.of(["vllm_1_2"] * count), "layout": Label.of(["tp"] * count),
        "mode": Label.of([mode] * count), "campaign": Label.of(["table"] * count), "chips": chips * ones, "split": ones, "helpers": 0 * ones,
        "flight": flights, "tokens_in": tokens[0] * ones, "tokens_out": tokens[1] * ones, "level": FREE * ones, "drafted": 0 * ones,
    }  # fmt: skip
    basis = Basis(KNOWN)
    made = assemble([accelerator(basis, chip)] * count, [model(basis, name)] * count, [precision] * count, **given)
    return made.but(**{key: value * ones for key, value in columns.items()})
