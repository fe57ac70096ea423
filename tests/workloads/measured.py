"""Rows of the public measurements that lie beside the checkout; none is part of the repository."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pytest

from barbell.workloads.model import Model, architecture
from barbell.workloads.serving.replica import CHIP_TIME, ENGINE_TIME, Machines, Service, step_seconds
from tests.conftest import ROOT

FOLDER = ROOT.parent / "shared"
WEIGHT_BYTES = {"bf16": 2.0, "fp8": 1.0, "int8": 1.0, "fp4": 0.56, "int4": 0.56}


def read(path: str) -> list[dict[str, str]]:
    """Rows of a table; the test that asks is skipped where the measurements are not at hand."""
    if not (FOLDER / path).is_file():
        pytest.skip(f"measurements are not at hand: {path}")
    with (FOLDER / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(text: str) -> float:
    return float(text) if text else 0.0


def models(names: set[str]) -> dict[str, Model]:
    """Architectures by name."""
    found = {}
    for row in read("facts/silicon/models.csv"):
        widths = (
            "layers",
            "hidden",
            "heads",
            "head_dim",
            "kv_heads",
            "dense_layers",
            "ffn",
            "moe_layers",
            "experts",
            "experts_per_token",
            "expert_ffn",
        )
        if row["model"] in names:
            found[row["model"]] = architecture(
                name=row["model"],
                total=number(row["params_total_b"]) * 1e9,
                active=number(row["params_active_b"]) * 1e9,
                kv_elements=number(row["kv_elements_per_token"]),
                shared_ffn=int(number(row["shared_expert_ffn"])),
                **{key: int(number(row[key])) for key in widths},
            )
    return found


@dataclass(frozen=True)
class Comparison:
    """One row: predicted over measured seconds per token, with what it was."""

    ratio: float
    chip: str
    model: str


def _machines(rows: list[dict[str, str]], *, routed: bool) -> Machines:
    sheets = {sheet["chip"]: sheet for sheet in read("facts/silicon/chips.csv")}

    def column(get) -> np.ndarray:
        return np.array([get(row, sheets[row["chip"]]) for row in rows], dtype=float)

    def peak(row, sheet) -> float:
        own = sheet.get(f"dense_{row['weight_precision']} [TFLOP/s]", "")
        return number(own or sheet["dense_bf16 [TFLOP/s]"]) * 1e12

    def other(row, _) -> float:
        return 1.6 if routed and row["weight_precision"] in ("fp4", "int4") else WEIGHT_BYTES[row["weight_precision"]]

    return Machines(
        peak=column(peak),
        memory=column(lambda _, sheet: number(sheet["hbm_capacity [GB]"]) * 1e9),
        bandwidth=column(lambda _, sheet: number(sheet["hbm_bandwidth [TB/s]"]) * 1e12),
        link=column(lambda _, s: number(s["scaleup_bw_per_direction [GB/s]"]) * 1e9 or number(s["scaleup_bw_as_documented [GB/s]"]) * 5e8),
        domain=column(lambda _, sheet: number(sheet["scaleup_domain [chips]"])),
        weight_bytes=column(lambda row, _: WEIGHT_BYTES[row["weight_precision"]]),
        other_bytes=column(other),
        slowness=column(lambda row, _: CHIP_TIME.get(row["chip"].lower(), 1.0) * ENGINE_TIME.get(row["engine"], 1.0)),
    )


def serving_rows(chips: tuple[str, ...]) -> list[dict[str, str]]:
    """Rows of the default filter on these chips."""
    return [
        row
        for row in read("validation/silicon/inference_measured.csv")
        if row["grade"] in ("A", "B") and row["serving_mode"] == "aggregated" and row["spec_decode"] == "no" and row["attn_dp"] == "1"
        and row["weight_precision"] != "unknown" and row["chip"] in chips and all(row[key] for key in ("concurrency", "in_len", "out_len", "tpot_ms"))
    ]  # fmt: skip


def compare(rows: list[dict[str, str]]) -> list[Comparison]:
    """Predicted over measured time per token, row by row."""
    known, groups, result = models({row["model"] for row in rows}), defaultdict(list), []
    for row in rows:
        groups[row["model"], row["in_len"], row["out_len"]].append(row)
    for (name, tokens_in, tokens_out), group in groups.items():
        running = np.maximum([number(row["running_seqs_est"] or row["concurrency"]) for row in group], 1.0)
        chips = np.array([number(row["n_chips"]) for row in group])
        service = Service(1.0, number(tokens_in), number(tokens_out))
        predicted = step_seconds(known[name], _machines(group, routed=known[name].routed), service, chips, running)
        result += [Comparison(t * 1e3 / number(row["tpot_ms"]), row["chip"], name) for t, row in zip(predicted, group, strict=True)]
    return result
