"""What chips usually reach: published readings beside what was fitted, and how far the one tells the other."""

import math

import numpy as np
import pytest

from barbell.workloads.micro import usual
from barbell.workloads.micro.usual import LEAST
from barbell.workloads.training import shipped
from tests.workloads.training.build import facts

FITTED = dict(zip(shipped(facts()).fitted.kinds, shipped(facts()).fitted.deviations, strict=True))
SPEED = {
    "a100_80gb": ("nvidia", "ampere"), "h100": ("nvidia", "hopper"), "h200": ("nvidia", "hopper"), "gb200": ("nvidia", "blackwell"),
    "mi300x": ("amd", "cdna3"), "mi325x": ("amd", "cdna3"),
}  # fmt: skip


def deviations(*, fitted=True):
    return {
        chip: FITTED["vendor", vendor] + FITTED["generation", generation] + FITTED["chip", chip] if fitted else 0.0
        for chip, (vendor, generation) in SPEED.items()
    }


def published(precision):
    """Shares of the peak by chip: of squares, or of the best shape less what squares lose."""
    squares = math.sqrt(256.5 / 271.2 * 1377.3 / 1402.6)
    found = {}
    for chip in SPEED:
        for name, by in ((f"micro-{chip}-gemm_{precision}_best", squares), (f"micro-{chip}-gemm_{precision}", 1.0)):
            if name in facts():
                found[chip] = by * float(facts()[name].value) / float(facts()[f"chip-{chip}-dense_{precision}"].value)
    return found


@pytest.mark.parametrize(
    ("kernel", "precision", "share"),
    [("gemm", "bf16", (0.65, 0.85)), ("gemm", "fp8", (0.55, 0.75)), ("copy", "bf16", (0.75, 0.95)), ("all_reduce", "bf16", (0.65, 0.95))],
)
def test_chips_reach_a_part_of_their_data_sheet(kernel, precision, share):
    found = usual(facts(), kernel, precision, deviations())
    assert share[0] < found.share < share[1] and len(found.chips) >= 4 and LEAST <= found.spread < 0.3


@pytest.mark.parametrize("precision", ["bf16", "fp8"])
def test_a_matrix_product_tells_how_a_chip_trains(precision):
    """Fitted deviations explain most of what published readings differ by: it is this that lets a new chip's reading speak of its training."""
    shares = published(precision)
    assert len(shares) >= 4
    logs = np.array([math.log(share) for share in shares.values()])
    off = logs - np.array([deviations()[chip] for chip in shares])
    assert off.std(ddof=1) < 0.5 * logs.std(ddof=1)
    found = usual(facts(), "gemm", precision, deviations())
    assert found.share == pytest.approx(math.exp(off.mean())) and found.spread >= off.std(ddof=1)
    assert np.abs([found.deviation(share) - deviations()[chip] for chip, share in shares.items()]).max() < 1.5 * found.spread


def test_few_readings_tell_nothing():
    assert usual(facts(), "gemm", "bf16", {"h100": 0.0}) is None and usual(facts(), "gemm", "fp4", deviations()) is None


def test_a_copy_tells_less_of_training_than_a_product():
    """Deviations of speed are mostly those of arithmetic."""
    assert usual(facts(), "copy", "bf16", deviations()).spread > usual(facts(), "gemm", "bf16", deviations()).spread
