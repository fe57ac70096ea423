"""A small store of facts for these tests: data sheets and two architectures, with round dates."""

from __future__ import annotations

from barbell.core.relations import Fact
from barbell.facts.store import known

SHEETS = {  # bf16, fp8, fp4 [TFLOP/s], memory [GB], bandwidth [TB/s], link one way or as documented [GB/s], domain
    "a100_80gb": (312, None, None, 80, 2.039, ("scaleup", 300), 8),
    "h100": (989, 1979, None, 80, 3.35, ("scaleup", 450), 8),
    "h200": (989, 1979, None, 141, 4.8, ("scaleup", 450), 8),
    "b200": (2250, 4500, 9000, 180, 8.0, ("scaleup", 900), 8),
    "b300": (2250, 4500, 13500, 268, 8.0, ("scaleup", 900), 8),
    "gb200": (2500, 5000, 10000, 186, 8.0, ("scaleup", 900), 72),
    "gb300": (2500, 5000, 15000, 288, 8.0, ("scaleup", 900), 72),
    "vr200": (None, None, 35000, 288, 22.0, ("scaleup", 1800), 72),
    "trainium1": (190, 190, None, 34.36, 0.82, ("scaleup_documented", 384), 16),
    "trainium2": (667, 1299, None, 103.08, 2.9, ("scaleup_documented", 1280), 64),
    "trainium3": (671, 2517, 2517, 154.62, 4.9, ("scaleup_documented", 2560), 144),
    "inferentia2": (190, 190, None, 34.36, 0.82, ("scaleup_documented", 192), 12),
}
MODELS = {
    "llama_3_70b": {
        "params_total": 70.552e9, "params_active": 70.552e9, "layers": 80, "hidden": 8192, "heads": 64, "kv_heads": 8, "head_dim": 128,
        "ffn": 28672, "dense_layers": 80, "kv_elements_per_token": 163840,
    },
    "deepseek_r1": {
        "params_total": 671.03e9, "params_active": 37.55e9, "layers": 61, "hidden": 7168, "heads": 128, "kv_heads": 1, "head_dim": 192,
        "ffn": 18432, "dense_layers": 3, "moe_layers": 58, "experts": 256, "experts_per_token": 8, "expert_ffn": 2048,
        "shared_expert_ffn": 2048, "kv_elements_per_token": 35136,
    },
}  # fmt: skip


BUSY = {"inference": 0.5, "production": 0.35}


def fact(name: str, value: float, unit: str, as_of: str = "2026-01-31", **more: str) -> Fact:
    """A fact with a source that says that it is one of a test."""
    return Fact(name=name, value=repr(value), unit=unit, as_of=as_of, source="test", **{"grade": "B", **more})


def store() -> dict[str, Fact]:
    """All of the above as facts by name, and the calibration of training that ships."""
    rows: list[Fact] = [row for name, row in known("9999-12-31").items() if name.startswith("training-")]
    for slug, (bf16, fp8, fp4, memory, bandwidth, (direction, link), domain) in SHEETS.items():
        peaks = {"dense_bf16": bf16, "dense_fp8": fp8, "dense_fp4": fp4}
        rows += [fact(f"chip-{slug}-{kind}", peak, "TFLOP/s") for kind, peak in peaks.items() if peak]
        rows += [
            fact(f"chip-{slug}-hbm", memory, "Gbyte"),
            fact(f"chip-{slug}-bandwidth", bandwidth, "Tbyte/s"),
            fact(f"chip-{slug}-{direction}", link, "Gbyte/s"),
            fact(f"chip-{slug}-scaleup_domain", domain, "chip"),
        ]
    rows += [fact(f"model-{slug}-{key}", value, "1") for slug, widths in MODELS.items() for key, value in widths.items()]
    rows += [fact(f"busy-{name}", share, "1", low=repr(share / 2), high=repr(share * 1.4), grade="S") for name, share in BUSY.items()]
    rows.append(fact("hbm-trainium4", 288.0, "Gbyte/chip", low="192", high="432", grade="S"))
    return {row.name: row for row in rows}
