"""Effective training rate of a chip for plans: FLOP/s of a dense model, from the calibrated step of one reference run.

The reference is a dense model of 70 B parameters on 1,024 chips with 16 million tokens a step in sequences of 8,192, in the best layout that the
search finds, with the vendor's own software. A mixture of experts yields about half of it per chip, a larger model or a smaller batch less: ask for
those by `campaign`. Failures and checkpoints are not in it: that is goodput, which operation takes off.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from barbell.core.basis import Interval, product
from barbell.core.errors import FactError
from barbell.workloads.chip import SLUGS, Chip
from barbell.workloads.training.campaign import STACK_OF, Question, open_jobs, operations
from barbell.workloads.training.layout import settle
from barbell.workloads.training.learn import predicted
from barbell.workloads.training.shape import sized
from barbell.workloads.training.silicon import GENERATION, SCALE_OUT, VENDOR, Silicon
from barbell.workloads.training.step import features
from barbell.workloads.training.store import shipped

PARAMS, CHIPS, SEQUENCE, BATCH = 70e9, 1024, 8192, 2048
"""The reference run."""


@dataclass(frozen=True)
class Training:
    """Effective FLOP/s of one chip, in which precision, by which formula, and whether rows of that chip were fitted."""

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


def record(chip: Chip, out: float = SCALE_OUT, headroom: float = 1.0) -> Silicon:
    """The chip as training reads it: `out` bytes/s between domains, `headroom` of its power; a BF16 peak that lacks is half the FP8 peak."""
    peak = {kind: found.value for kind, found in chip.peak.items()}
    generation = GENERATION.get(chip.name, chip.name)
    return Silicon(
        name=chip.name, slug=SLUGS.get(chip.name, chip.name), generation=generation, vendor=VENDOR.get(generation, generation),
        bf16=peak.get("bf16", peak.get("fp8", 0.0) / 2), fp8=peak.get("fp8", 0.0), fp4=peak.get("fp4", 0.0), memory=chip.memory.value,
        bandwidth=chip.bandwidth.value, link=chip.link.value, domain=float(chip.domain), out=out, watts=float("nan"),
        headroom=headroom,
    )  # fmt: skip


def effective(chip: Chip, out: float = SCALE_OUT, *, headroom: float = 1.0) -> Training:
    """Effective rate of one chip with its 80 % interval, ranges of its peak included; raises FactError without a peak, or where nothing fits."""
    kind, calibration = precision(chip), shipped()
    model = replace(sized("a dense model of 70 B parameters", PARAMS), guessed=False)
    asked = open_jobs([Question(model.name, chip.name, CHIPS, 0.0, SEQUENCE, BATCH, kind)], [model], [record(chip, out, headroom)])
    jobs = settle(asked, calibration.fitted)
    if jobs.refused[0]:
        raise FactError(f"{jobs.refused[0]}: give the fact chip-{chip.name}-hbm")
    told, work = predicted(jobs, calibration), float(operations(jobs)[0])
    middle = Interval(float(told.value[0]) * work, float(told.low[0]) * work, float(told.high[0]) * work)
    share = middle.value / float(features(jobs).peak[0])
    stack = STACK_OF.get(record(chip).vendor, "Megatron-Bridge")
    formula = (
        f"dense {kind.upper()} peak x {share:.3g}, the utilisation of a step of {model.name} on {CHIPS:,} chips with {stack}, "
        f"tp {jobs.tp[0]:g} pp {jobs.pp[0]:g} cp {jobs.cp[0]:g}, fit {calibration.fingerprint}"
    )
    seen = ("chip", jobs.chips[0].slug) in calibration.fitted.kinds and not chip.announced
    return Training(product(middle.value, middle, chip.peak[kind]), kind, formula, seen)
