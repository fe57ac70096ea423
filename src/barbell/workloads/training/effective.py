"""Effective training rate of a chip: dense peak of the precision times model FLOP utilisation (MFU).

Utilisations are medians of public rows against the chip's own dense peak: llm-foundry (A100, H100), the Megatron-Bridge
performance summary (H100, B200, GB200; releases 25.09 to 26.08) and the AWS Neuron tables (Trainium1), dense models.
Mixtures of experts reach 11 to 18 % on the same chips: a train FLOP here is one of a dense model.
"""

from __future__ import annotations

from dataclasses import dataclass

from barbell.core.basis import Interval, product
from barbell.core.errors import FactError
from barbell.workloads.calibration import around, deviation
from barbell.workloads.chip import Chip

MFU = {
    ("a100", "bf16"): 0.53, ("h100", "bf16"): 0.40, ("h100", "fp8"): 0.37, ("b200", "fp8"): 0.34, ("gb200", "fp8"): 0.34,
    ("trainium1", "bf16"): 0.28,
}  # fmt: skip
"""Median utilisation by chip and precision: 53, 57, 11, 4, 15 and 7 rows."""
SAME_DIE = {"h200": "h100", "b300": "b200", "gb300": "gb200", "inferentia2": "trainium1"}
"""Chips without rows that compute with the die of one that has."""
MEASURED = frozenset(chip for chip, _ in MFU)


@dataclass(frozen=True)
class Training:
    """Effective FLOP/s of one chip, in which precision, by which formula, and whether its own utilisation was measured."""

    rate: Interval
    precision: str
    formula: str
    measured: bool


def precision(chip: Chip) -> str:
    """FP8 where it is faster than BF16, else BF16."""
    fp8, bf16 = (chip.peak[key].value if key in chip.peak else 0.0 for key in ("fp8", "bf16"))
    if max(fp8, bf16) <= 0:
        raise FactError(f"chip {chip.name} has neither an FP8 nor a BF16 peak: give the fact chip-{chip.name}-dense_bf16")
    return "fp8" if fp8 > bf16 else "bf16"


def utilisation(chip: Chip, precision: str) -> tuple[float, str]:
    """MFU without its interval, and in words where it comes from.

    In order: the chip's own median, that of a chip with the same die, the median of the vendor's chips; for a vendor
    without FP8 rows its BF16 figure times the FP8 to BF16 ratio of the H100.
    """
    for name in (chip.name, SAME_DIE.get(chip.name, "")):
        if (name, precision) in MFU:
            return MFU[name, precision], f"median MFU of {name}"
    if chip.vendor == "NVIDIA":
        ours = sorted(value for (name, kind), value in MFU.items() if kind == precision and not name.startswith("trainium"))
        return ours[(len(ours) - 1) // 2], "median MFU of NVIDIA's chips"
    ratio = MFU["h100", "fp8"] / MFU["h100", "bf16"] if precision == "fp8" else 1.0
    return MFU["trainium1", "bf16"] * ratio, "BF16 MFU of trainium1 times H100's ratio of FP8 to BF16 MFU"


def effective(chip: Chip) -> Training:
    """Effective rate of one chip with its 80 % interval; raises FactError without a peak."""
    kind = precision(chip)
    share, origin = utilisation(chip, kind)
    peak = chip.peak[kind]
    rate = product(peak.value * share, peak, around(1.0, deviation(chip, MEASURED)))
    return Training(rate, kind, f"dense {kind.upper()} peak x {share:.3g}, the {origin}", (chip.name, kind) in MFU and not chip.announced)
