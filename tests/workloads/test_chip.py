"""Data sheets, and what stands in for what they leave out."""

from __future__ import annotations

import pytest

from barbell.core.basis import Basis
from barbell.core.errors import FactError
from barbell.workloads.chip import CHIPS, chip
from tests.workloads.sheets import fact, store


def sheet(name, known=None):
    return chip(Basis(known or store()), name)


def test_figures_come_in_si_units():
    h100 = sheet("h100")
    assert (h100.peak["fp8"].value, h100.memory.value, h100.bandwidth.value, h100.link.value, h100.domain) == pytest.approx(
        (1979e12, 80e9, 3.35e12, 450e9, 8)
    )
    assert h100.vendor == "NVIDIA" and not h100.announced and set(h100.peak) == {"bf16", "fp8"}


def test_every_chip_of_the_fleet_can_be_read():
    assert [sheet(name).name for name in CHIPS] == list(CHIPS)


def test_a_range_in_the_sheet_is_kept():
    known = store() | {"chip-b300-hbm": fact("chip-b300-hbm", 268.0, "Gbyte", low="260", high="288")}
    assert (sheet("b300", known).memory.low, sheet("b300", known).memory.high) == pytest.approx((260e9, 288e9))


def test_fp8_follows_from_fp4_where_only_that_is_published():
    rubin = sheet("vr200").peak["fp8"]
    assert (rubin.value, rubin.low, rubin.high) == pytest.approx((17500e12, 35000e12 / 3, 17500e12))
    assert sheet("vr200").announced and not sheet("gb300").announced


def test_a_link_as_documented_counts_both_directions_unless_it_does_not():
    link = sheet("trainium2").link
    assert (link.value, link.low, link.high) == pytest.approx((640e9, 640e9, 1280e9))


def test_trainium4_is_announced_in_terms_of_trainium3():
    new, old = sheet("trainium4"), sheet("trainium3")
    assert new.peak["fp4"].value == pytest.approx(6 * old.peak["fp4"].value)
    assert new.peak["fp8"].value == pytest.approx(3 * old.peak["fp8"].value)
    assert new.bandwidth.value == pytest.approx(4 * old.bandwidth.value)
    assert (new.memory.low, new.memory.value, new.memory.high) == pytest.approx((192e9, 288e9, 432e9))
    assert new.announced and "bf16" not in new.peak and new.vendor == "AWS"


@pytest.mark.parametrize("lacks", ["chip-h100-hbm", "chip-h100-bandwidth", "chip-h100-scaleup_domain"])
def test_a_lacking_figure_is_named(lacks):
    known = store()
    del known[lacks]
    with pytest.raises(FactError, match=lacks):
        sheet("h100", known)


def test_a_chip_without_any_peak_or_unknown_is_refused():
    known = {name: row for name, row in store().items() if "h100-dense" not in name}
    with pytest.raises(FactError, match="chip-h100-dense_bf16"):
        sheet("h100", known)
    with pytest.raises(FactError, match="'h101' is not among"):
        sheet("h101")
