"""Four megawatts and the power of chips, by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barbell.core.relations import Fact
from barbell.core.units import factor
from barbell.physics import derive, gaps
from barbell.physics.power import CHIPS, derive_power
from tests.physics.grounds import fact, store

FACTS = {row.name: row for row in derive(store())}


def value(name):
    return float(FACTS[name].value)


@pytest.mark.parametrize(
    ("chip", "kilowatts"),
    [
        ("h100", 1.73 / 1.25),  # all of it at the meter
        ("b300", 2.17 / 1.25),
        ("gb200", 126 / 72 * 1.14),  # by the rack
        ("vr200", 210 / 72 * 1.14),
        ("a100", 0.4 * 1.53 * 1.14),  # by the chip
        ("trainium2", 0.5 * 1.53 * 1.14),
        ("inferentia2", 0.3 * 1.53 * 1.14),  # by its kin
        ("trainium4", 2 * 0.7 * 1.53 * 1.14),
    ],
)
def test_it_power_by_hand(chip, kilowatts):
    assert value(f"it_power-{chip}") == pytest.approx(kilowatts, rel=1e-5) and FACTS[f"it_power-{chip}"].unit == "MW/kchip"
    assert factor("MW/kchip", "kW/chip") == pytest.approx(1.0)


def test_every_chip_of_the_fleet_has_its_power():
    assert len(CHIPS) == len(set(CHIPS)) == 13 and {f"it_power-{chip}" for chip in CHIPS} <= set(FACTS)


def test_ranges_come_from_what_is_uncertain():
    h100, gb200, trainium4 = (FACTS[f"it_power-{chip}"] for chip in ("h100", "gb200", "trainium4"))
    assert (float(h100.low), float(h100.high)) == pytest.approx((1.73 / 1.4, 1.73 / 1.15), rel=1e-5)
    assert (float(gb200.low), float(gb200.high)) == pytest.approx((120 / 72 * 1.14, 132 / 72 * 1.14), rel=1e-5)
    assert float(trainium4.high) / float(trainium4.value) > 2.5 / 2


def test_grades_tell_assumption_from_arithmetic():
    assert {chip: FACTS[f"it_power-{chip}"].grade for chip in ("gb200", "a100", "h100", "trainium2", "trainium4")} == {
        "gb200": "M", "a100": "M", "h100": "S", "trainium2": "S", "trainium4": "S",
    }  # fmt: skip


def test_shares_of_it_power():
    assert value("rack_share") == pytest.approx(1 / 1.14, rel=1e-5)
    assert value("rack_share") + value("network_share") == pytest.approx(1.0, rel=1e-5)


@given(st.floats(100, 3000), st.floats(1.0, 3.0))
def test_a_hungrier_chip_draws_more(watts, more):
    def drawn(tdp):
        known = store() | {"chip-trainium2-tdp": fact("chip-trainium2-tdp", tdp, "W")}
        return next(float(row.value) for row in derive_power(known) if isinstance(row, Fact) and row.name == "it_power-trainium2")

    assert drawn(watts * more) == pytest.approx(more * drawn(watts), rel=1e-5)


def test_a_lacking_figure_costs_its_own_facts_only():
    known = store()
    del known["chip-trainium3-tdp"], known["power-server_over_chip"]
    left = {row.name for row in derive(known)}
    assert {"it_power-h100", "it_power-gb200", "capex-shell"} <= left and not {"it_power-trainium4", "it_power-a100"} & left
    assert any("chip-trainium3-tdp" in reason for reason in gaps(known)) and any("power-server_over_chip" in reason for reason in gaps(known))
    assert not gaps(store())
