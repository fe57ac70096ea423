"""What a good case becomes: values in canonical units, where they came from, what overrides and bases do."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from barbell.core.branch import seen_by
from barbell.core.errors import CaseError
from barbell.core.horizon import Month
from barbell.core.path import Path
from barbell.io import read


def row(case, table, key):
    return next(r for r in case.tables.rows(table) if r.id == key)


def volume(case):
    return str(row(case, "demands", "train").volume)


@pytest.fixture
def case(good):
    return read(good.folder)


VALUES = [
    # 12 MUSD per MW stay; 2 kUSD/kW = 2 MUSD/MW; 50 USD/MWh = 50 * 8760 / 1e6 MUSD per MW and year
    ("assets", "hall", "capex", 12.0),
    ("conversions", "wet", "capex", 2.0),
    ("processes", "grid", "variable_cost", 50 * 8760 / 1e6),
    ("cohorts", "new", "price", 12.0),
    ("entities", "group", "tax_rate", 0.21),
    # 20 kW per pod = 0.02 MW; a stock of chips counts per year; a store of MWh takes a MW for 8760 h
    ("uses", "serve/hall", "use", 0.02),
    ("rates", "serve/power", "rate", -0.02),
    ("rates", "charge/store", "rate", 8760.0),
    ("rates", "make/spare", "rate", 1.0),
    ("takes", "chip/spare", "amount", 1.0),
    # 3 USD/Mtok for a Mtok/h through a year
    ("price_steps", "train/1", "price", 3 * 8760 / 1e6),
    ("debts", "bond", "limit", 1000.0),
    # the fact of November 2025: 14,000 USD/kW = 14 MUSD/MW, not the one known later
    ("assets", "liquid", "capex", 14.0),
    # overridden in case.yaml
    ("assets", "hall", "lead_months", 9),
]


@pytest.mark.parametrize(("table", "key", "field", "value"), VALUES)
def test_values_are_canonical(case, table, key, field, value):
    found = getattr(row(case, table, key), field)
    found = found.values[0] if isinstance(found, Path) else found
    assert found == pytest.approx(value, rel=1e-12)


def test_case_and_calendar(case):
    assert (case.name, case.money, case.as_of, case.risk.weight, case.risk.tail) == ("small", "MUSD2026", "2026-01-01", 0.2, 0.05)
    assert case.horizon.labels == ("2026Q1", "2026Q2", "2026Q3", "2026Q4", "2027Q1", "2027Q2", "2027Q3", "2027Q4")
    assert case.horizon.report_end == Month.parse("2027")
    # five weekdays of a night and a day, two of a whole rest: 5/7 * 1/3, 5/7 * 2/3, 2/7
    assert case.horizon.shares == pytest.approx((5 / 21, 10 / 21, 2 / 7))


def test_case_without_slices_is_one_slice(good):
    for name in ("run/slices.csv", "run/profiles.csv"):
        (good.folder / name).unlink()
    good.edit("sell/demands.csv", "Mtok,busy", "Mtok,")
    assert read(good.folder).horizon.shares == (1.0,)


def test_origins_lead_to_the_cells(case):
    capex = case.origins["assets", "liquid", "capex"]
    assert (str(capex.where), capex.text, capex.fact) == ("build/assets.csv:6 capex", "@liquid_cost", "liquid_cost")
    override = case.origins["demands", "train", "volume"]
    assert (str(override.where), override.text) == ("case.yaml:12 set.demands.train.volume", "2026:100 2027:400 Mtok/h *1.5")
    assert str(case.where("assets", "liquid", "ageing")) == "build/assets.csv:6 ageing"


def test_every_cell_has_an_origin(case, good):
    for (table, key, field), origin in case.origins.items():
        if field and origin.where.file != "case.yaml":
            line = (good.folder / origin.where.file).read_text().split("\n")[origin.where.line - 1]
            assert origin.text.removeprefix("@") in line, (table, key, field)


def test_changes_from_the_command_line_come_last(good):
    changes = {"demands.train.volume": "*2", "assets.hall.capex": "15000 USD2026/kW", "horizon.periods": "4 x half", "risk.weight": "0"}
    case = read(good.folder, changes)
    assert volume(case) == "2026-01:300 2027-01:1200"
    assert row(case, "assets", "hall").capex == pytest.approx(15.0)
    assert (case.horizon.labels, case.risk.weight) == (("2026H1", "2026H2", "2027H1", "2027H2"), 0.0)
    assert str(case.where("assets", "hall", "capex")) == "--set assets.hall.capex"


def test_change_without_unit_counts_in_the_unit_of_its_column(good):
    assert row(read(good.folder, {"assets.hall.capex": "13"}), "assets", "hall").capex == 13.0
    with pytest.raises(CaseError, match="no unit"):  # the cell that it replaces brought its own unit
        read(good.folder, {"demands.train.volume": "13"})


def test_periods_of_many_lengths(good):
    good.edit("case.yaml", "periods: 8 x quarter", "periods: [2 x month, 10 months, year]").edit("case.yaml", "report_end: 2027", "report_end: 2028")
    for name in ("risk/scenarios.csv", "risk/changes.csv", "board/gates.csv"):
        (good.folder / name).unlink()
    assert read(good.folder).horizon.labels == ("2026-01", "2026-02", "2026-03+10m", "2027")


# bases


@pytest.fixture
def next_case(good):
    good.write("../next/case.yaml", "base: ../small\nrisk: {weight: 0}\nset:\n  demands.train.volume: '*2'\n")
    return good


def test_base_gives_what_is_not_said(next_case):
    case = read(next_case.folder.parent / "next")
    assert (case.name, case.money, case.risk.weight, case.risk.tail) == ("next", "MUSD2026", 0.0, 0.05)
    assert volume(case) == "2026-01:300 2027-01:1200"  # x1.5 by the base, then x2
    assert str(case.where("assets", "liquid", "capex")) == "../small/build/assets.csv:6 capex"


def test_row_of_a_known_key_replaces_and_another_is_added(next_case):
    next_case.write("../next/places.csv", "name,kind,parent,climate\nva,site,earth,warm\nor,site,earth,dry\n")
    case = read(next_case.folder.parent / "next")
    assert [(p.name, p.climate) for p in case.tables.places] == [("earth", ""), ("va", "warm"), ("tx", ""), ("or", "dry")]


def test_case_inside_a_case_is_another_case(good):
    good.write("variant/case.yaml", "base: ..\nrisk: {weight: 0}\n").write("variant/places.csv", "name,kind,parent\nor,site,earth\n")
    assert len(read(good.folder).tables.places) == 3
    assert len(read(good.folder / "variant").tables.places) == 4


def test_units_of_two_cases_may_differ(good):
    assert row(read(good.folder), "takes", "chip/spare").amount == pytest.approx(1.0)
    good.edit("case.yaml", "16 * chip", "32 * chip").edit("build/takes.csv", "1 chip/pod", "1 chip/chip")
    assert row(read(good.folder), "takes", "chip/spare").amount == pytest.approx(32.0)


# branches


def test_branches_see_their_changes_from_their_opening_on(case):
    assert seen_by(case, "trunk") is case
    assert volume(seen_by(case, "boom")) == "2026-01:150 2026-07:300 2027-01:1200"
    assert volume(seen_by(case, "bust")) == "2026-01:150 2026-07:50"
    assert volume(seen_by(case, "crash")) == "2026-01:150 2026-07:50 2027-01:25"
    assert str(row(seen_by(case, "crash"), "indices", "concrete").path) == "1 2027-01:0.8".replace("1 ", "0000-01:1 ")
    assert seen_by(case, "slump").tables == seen_by(case, "bust").tables


def test_branch_counts_in_the_unit_of_the_cell(good):
    good.edit("risk/changes.csv", "50 Mtok/h", "2026Q3:50000 2027:60000 ktok/h")
    assert volume(seen_by(read(good.folder), "bust")) == "2026-01:150 2026-07:50 2027-01:60"


# properties

COSTS = {"MUSD2026/MW": 1.0, "USD2026/W": 1.0, "kUSD2026/kW": 1.0, "BUSD2026/GW": 1.0, "USD2026/kW": 1e-3}
SHARED = {"suppress_health_check": [HealthCheck.function_scoped_fixture], "deadline": None}


def faults(folder, changes=None):
    try:
        read(folder, changes or {})
    except CaseError as error:
        return error.faults
    return ()


@settings(max_examples=25, **SHARED)
@given(st.floats(0, 1e12, allow_subnormal=False), st.sampled_from(sorted(COSTS)))
def test_one_amount_in_any_unit_is_one_value(good, amount, unit):
    found = row(read(good.folder, {"assets.hall.capex": f"{amount!r} {unit}"}), "assets", "hall").capex
    assert found == pytest.approx(amount * COSTS[unit], rel=1e-12)


@settings(max_examples=40, **SHARED)
@given(data=st.binary(max_size=200))
def test_any_bytes_as_a_table_are_a_fault(good, data):
    good.write("places.csv", data)
    assert faults(good.folder)  # the sites that other tables name are gone


@settings(max_examples=40, **SHARED)
@given(text=st.text(alphabet="abmoney:set{}[]&*!|>-'\"# \n\t0", max_size=60))
def test_any_text_as_case_file_is_a_fault(good, text):
    good.write("case.yaml", text)
    assert faults(good.folder)


@settings(max_examples=30, **SHARED)
@given(text=st.text(max_size=30))
@pytest.mark.parametrize("path", ["assets.hall.capex", "assets.hall.lead_months", "demands.train.volume", "cohorts.old.service"])
def test_any_text_as_a_cell_is_read_or_told(good, path, text):
    assert all(fault.problem and fault.fix for fault in faults(good.folder, {path: text}))
