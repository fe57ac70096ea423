"""Effective training rate of a chip for plans: FLOP/s of a dense model, from the calibrated step of one reference run.

The reference is a dense model of 70 B parameters on 1,024 chips with 16 million tokens a step in sequences of 8,192, in the best layout that the
search finds, with the vendor's own software. A mixture of experts yields about half of it per chip, a larger model or a smaller batch less: ask for
those by `campaign`. Failures and checkpoints are not in it: that is goodput, which operation takes off.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from barbell.core.basis import Interval, product
from barbell.core.errors import FactError
from barbell.workloads.chip import Chip
from barbell.workloads.training.campaign import STACK_OF, Question, open_jobs, operations
from barbell.workloads.training.layout import settle
from barbell.workloads.training.learn import Calibration, predicted
from barbell.workloads.training.shape import sized
from barbell.workloads.training.silicon import SCALE_OUT, record
from barbell.workloads.training.step import features

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


def effective(chip: Chip, calibration: Calibration, out: float = SCALE_OUT, *, room: tuple[float, float] = (1.0, 1.0)) -> Training:
    """Effective rate of one chip by a calibration, with its 80 % interval, ranges of its peak included.

    Raises FactError without a peak, or where nothing fits.
    """
    kind = precision(chip)
    model = replace(sized("a dense model of 70 B parameters", PARAMS), guessed=False)
    asked = open_jobs([Question(model.name, chip.name, CHIPS, 0.0, SEQUENCE, BATCH, kind)], [model], [record(chip, out, room)])
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
