"""The case "custom-silicon": a design is bought whole or not at all, and pays from the volume that the closed form says."""

import pytest

from barbell.study import known, plan
from barbell.workloads.custom import break_even
from tests.conftest import ROOT

CASE = ROOT / "cases" / "custom-silicon"
VOLUME = "demands.portable.volume"


def planned(changes=None):
    return plan(CASE, changes)


def ordered(found, item):
    orders = found.tables["orders"]
    return float(orders.filter((orders["item"] == item) & (orders["action"] == "order"))["value"].sum())


def test_the_case_designs_one_chip_and_orders_it_only_then():
    found = planned()
    fleet = found.tables["fleet"]
    standing = {row["period"]: row["value"] for row in fleet.filter(fleet["item"] == "design").iter_rows(named=True)}
    assert ordered(found, "design") == pytest.approx(1) and {round(value, 9) for value in standing.values()} <= {0.0, 1.0}
    orders = found.tables["orders"].filter(found.tables["orders"]["item"] == "own")
    assert all(standing[row["period"]] > 0 for row in orders.iter_rows(named=True) if row["value"] > 1e-6)
    assert found.status.gap < 1e-4


def test_without_a_design_there_is_no_own_chip():
    found = planned({"assets.design.capex": "1e6 MUSD2026/unit"})
    assert ordered(found, "design") == 0 and ordered(found, "own") == 0 and ordered(found, "vendor") > 0


def test_the_plan_turns_where_the_closed_form_says():
    """The plan knows taxes, shortages and that demand ends with the horizon; the closed form does not: half to double is agreement."""
    low, high = 0.0, 1.0
    for _ in range(7):
        middle = (low + high) / 2
        low, high = (low, middle) if ordered(planned({VOLUME: f"*{middle}"}), "design") else (middle, high)
    turning = ordered(planned({VOLUME: f"*{high}"}), "own")
    rule = break_even(known("2026-09-30"), "trainium4", "gb300", "train").volume.value
    assert rule / 2 < turning < 2 * rule
