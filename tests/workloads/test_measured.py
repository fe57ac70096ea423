"""The closed forms beside public measurements; skipped where those are not at hand."""

from __future__ import annotations

import re
from statistics import mean, median

import numpy as np
import pytest

from barbell.core.basis import Basis
from barbell.workloads.calibration import UNSEEN_VENDOR, Z80
from barbell.workloads.chip import chip
from barbell.workloads.model import model
from barbell.workloads.offer import FP4, FP8, Offer
from barbell.workloads.quote import quotes
from barbell.workloads.serving import MOST_SEQUENCES, Service
from tests.conftest import ROOT
from tests.workloads.measured import compare, number, read, serving_rows
from tests.workloads.sheets import store

FITTED = ("H100", "H200", "B200", "B300")
GUIDE = (ROOT / "docs/guide/workloads.md").read_text(encoding="utf-8")


def test_time_per_token_on_the_fitted_rows_is_as_the_guide_says():
    off = [abs(row.ratio - 1) for row in compare(serving_rows(FITTED))]
    told = re.search(r"([0-9,]+) rows: mean ([0-9.]+) %, median ([0-9.]+) %, p90 ([0-9.]+) %", GUIDE)
    assert told is not None
    assert told[1] == f"{len(off):,}"
    shown = tuple(float(told[k]) for k in (2, 3, 4))
    assert shown == pytest.approx((100 * mean(off), 100 * median(off), 100 * float(np.quantile(off, 0.9))), abs=0.06)


def test_no_chip_is_far_off_on_average():
    rows = compare(serving_rows(FITTED))
    for name in FITTED:
        assert mean(abs(row.ratio - 1) for row in rows if row.chip == name) < 0.25, name


def test_no_fitted_row_runs_more_sequences_than_are_promised():
    assert max(number(row["concurrency"]) for row in serving_rows(FITTED)) == MOST_SEQUENCES


def test_chips_of_another_vendor_are_slower_than_promised_and_the_guide_says_by_how_much():
    ratio = np.array([row.ratio for row in compare(serving_rows(("Trainium1", "Trainium2", "Inferentia2")))])
    inside = np.abs(np.log(ratio)) < Z80 * UNSEEN_VENDOR
    told = re.search(r"([0-9]+) rows of AWS's chips: median ([0-9.]+) of the measured time, ([0-9]+) % inside", GUIDE)
    assert told is not None
    assert (int(told[1]), float(told[2]), int(told[3])) == (len(ratio), round(float(np.median(ratio)), 2), round(100 * float(inside.mean())))


def best(name, weights):
    """Tokens per second and chip of published offline or server rows."""
    rows = read("validation/silicon/inference_measured.csv")
    return {
        (row["chip"], row["serving_mode"]): number(row["out_tok_s_per_chip"])
        for row in sorted(rows, key=lambda row: number(row["out_tok_s_per_chip"]))
        if row["model"] == name and row["weight_precision"] == weights and row["serving_mode"] in ("offline", "server")
    }


@pytest.mark.parametrize(
    ("name", "slug", "label", "kind"),
    [("gb200", "deepseek_r1", "DeepSeek-R1", FP4), ("gb300", "deepseek_r1", "DeepSeek-R1", FP4), ("h200", "deepseek_r1", "DeepSeek-R1", FP8)],
)
def test_throughput_is_of_the_size_of_published_rows(name, slug, label, kind):
    """Loose: other lengths, other engines, attention split over data in some; a factor of 1.8 either way."""
    known = store()
    offer = Offer("anchor", slug, Service(0.1, 1024, 1024), (kind,), busy=_always())
    ours = quotes([chip(Basis(known), name)], model(Basis(known), slug), offer)[name].rate.value
    published = [rate for (row, _), rate in best(label, kind.name).items() if row == name.upper() and rate > 0]
    assert published and any(1 / 1.8 < ours / rate < 1.8 for rate in published)


def _always():
    from barbell.core.basis import Interval

    return Interval(1.0, 1.0, 1.0)
