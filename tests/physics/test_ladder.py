"""Capex of rungs: nothing is paid twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barbell.core.basis import Basis
from barbell.core.errors import FactError
from barbell.physics import derive, gaps
from barbell.physics.ladder import restated, rungs
from tests.physics.grounds import fact, ranged, store

FACTS = {row.name: row for row in derive(store())}


def value(name):
    return float(FACTS[f"capex-{name}"].value)


def end(name, which):
    return float(getattr(FACTS[f"capex-{name}"], which))


def test_by_hand():
    assert value("grid") == pytest.approx(0.10 * 11.5 / 1.25) and value("shell") == pytest.approx(0.20 * 11.5)
    assert value("hall_air") == pytest.approx(0.70 * 11.5)
    assert value("hall_liquid") == pytest.approx(13 - 0.10 * 11.5 / 1.25 * 1.15 - 2.3, rel=1e-5)
    assert value("rack_air") == value("rack_liquid") == 5.0
    assert value("land") == pytest.approx(0.8 * 0.244 * 1.06**2, rel=1e-5)
    assert {row.unit for name, row in FACTS.items() if name.startswith("capex-")} == {"MUSD2026/MW"}


@pytest.mark.parametrize(("hall", "pue", "totals"), [("air", 1.25, (11.5, 9.3, 15.0)), ("liquid", 1.15, (13.0, 11.5, 17.0))])
def test_rungs_add_up_to_the_facility_at_every_end(hall, pue, totals):
    for which, total in zip(("value", "low", "high"), totals, strict=True):
        assert end("grid", which) * pue + end("shell", which) + end(f"hall_{hall}", which) == pytest.approx(total, rel=1e-5)


def test_every_stage_is_on_one_rung():
    """Three stages of air, by name: moving a share from plant to shell moves it from the hall to the shell, and no more."""
    moved = store() | {"facility-stage-shell": fact("facility-stage-shell", 30, "%"), "facility-stage-plant": fact("facility-stage-plant", 45, "%")}
    before, after = rungs(Basis(store())), rungs(Basis(moved))
    assert after.shell.value - before.shell.value == pytest.approx(1.15) == before.hall["air"].value - after.hall["air"].value
    assert after.facility("air", 1.25) == pytest.approx(before.facility("air", 1.25))


@given(st.floats(5, 20), st.floats(1.0, 1.5), st.floats(1.05, 1.5), st.floats(1.02, 1.4), st.floats(0.01, 0.3), st.floats(0.05, 0.4))
def test_the_sum_holds_whatever_the_facts(air, premium, pue_air, pue_liquid, site, shell):
    known = store() | {
        "facility-air-capex": ranged("facility-air-capex", air, air * 0.8, air * 1.3, "MUSD2026/MW"),
        "facility-liquid-capex": ranged("facility-liquid-capex", air * premium, air * premium * 0.9, air * premium * 1.3, "MUSD2026/MW"),
        "pue-peak-air": ranged("pue-peak-air", pue_air, 1.01, 1.6, "1"),
        "pue-peak-liquid": ranged("pue-peak-liquid", pue_liquid, 1.01, 1.6, "1"),
        **{
            f"facility-stage-{k}": fact(f"facility-stage-{k}", v, "1")
            for k, v in {"site": site, "shell": shell, "plant": 0.0, "rest": 1 - site - shell}.items()
        },
    }
    ladder = rungs(Basis(known))
    assert ladder.facility("air", pue_air) == pytest.approx(air) and ladder.facility("liquid", pue_liquid) == pytest.approx(air * premium)


def test_land_is_an_assumption_and_on_top():
    row = FACTS["capex-land"]
    assert row.grade == "S" and float(row.low) < float(row.value) < float(row.high) and "facility-air-capex" not in row.source


def test_prices_are_restated_by_the_escalation_of_building():
    price = restated(Basis({**store(), "x": fact("x", 100.0, "kUSD2024/MW")}), "x", "MW")
    assert (price.value, price.low, price.high) == pytest.approx((0.1 * 1.06**2, 0.1 * 1.04**2, 0.1 * 1.08**2))
    assert restated(Basis({"x": fact("x", 3.0, "MUSD2026/MW")}), "x", "MW").value == 3.0


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (fact("facility-stage-rest", 25, "%"), "add up to 1.1"),
        (fact("facility-air-capex", 11.5, "MEUR2026/MW"), "give dollars of a year"),
        (ranged("facility-liquid-capex", 3.0, 2.0, 4.0, "MUSD2026/MW"), "more than the whole facility"),
    ],
)
def test_what_does_not_add_up_is_refused(row, words):
    known = store() | {row.name: row}
    with pytest.raises(FactError, match=words):
        rungs(Basis(known))
    assert any(words in reason for reason in gaps(known)) and "capex-shell" not in {f.name for f in derive(known)}
