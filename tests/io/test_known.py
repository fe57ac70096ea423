"""Facts beyond the case's own: asked for lazily, as of the case's day, and kept with the case."""

import shutil

import pytest

from barbell.core.errors import CaseError
from barbell.core.relations import Fact
from barbell.io import read
from tests.conftest import ROOT


def fact(name, value, unit="MW", **more):
    return Fact(name=name, value=value, unit=unit, as_of="2025-12-31", source="test", grade="A", **more)


@pytest.fixture
def toy(tmp_path):
    return shutil.copytree(ROOT / "cases" / "toy", tmp_path / "toy")


def test_a_cell_takes_value_and_unit_of_a_known_fact(toy):
    found = read(toy, {"limits.grid.bound": "@site-grid"}, lambda _: {"site-grid": fact("site-grid", "9000", "kW"), "other": fact("other", "1")})
    assert found.tables.limits[0].bound.values == (9.0,)
    assert [row.name for row in found.tables.facts] == ["site-grid"], "only what is in use is kept"
    assert found.origins["limits", "grid", "bound"].fact == "site-grid"


def test_a_minus_before_a_fact_turns_its_sign(toy):
    found = read(toy, {"rates.run/power.rate": "-@draw"}, lambda _: {"draw": fact("draw", "1500", "kW/kchip")})
    row = next(row for row in found.tables.rates if row.id == "run/power")
    origin = found.origins["rates", "run/power", "rate"]
    assert row.rate.values == (-1.5,) and (origin.fact, origin.text) == ("draw", "-@draw")


def test_a_change_multiplies_what_a_fact_says(toy):
    (toy / "limits.csv").write_text("name,unit,sense,bound\ngrid,MW,<=,@site-grid\n", encoding="utf-8")
    found = read(toy, {"limits.grid.bound": "*1.5"}, lambda _: {"site-grid": fact("site-grid", "6")})
    assert found.tables.limits[0].bound.values == (9.0,)
    assert found.origins["limits", "grid", "bound"].text == "@site-grid *1.5"


def test_a_fact_may_change_over_time_where_a_cell_may(toy):
    known = {"path": fact("path", "2026:5 2027:9", "MW"), "cost": fact("cost", "2026:5 2027:9", "MUSD2026/MW")}
    assert str(read(toy, {"limits.grid.bound": "@path"}, lambda _: known).tables.limits[0].bound) == "2026-01:5 2027-01:9"
    with pytest.raises(CaseError, match="cannot change over time"):
        read(toy, {"assets.hall.capex": "@cost"}, lambda _: known)


WRONG = [
    ("limits.grid.bound", "@nowhere", "there is no such fact"),
    ("limits.grid.bound", "@site-grid MW", "a fact brings its own unit"),
    ("limits.grid.bound", "@weight", "does not fit"),
    ("assets.hall.index", "@site-grid", "'@site-grid'"),
    ("demands.train.market", "@site-grid", "only in cells with numbers"),
]


@pytest.mark.parametrize(("path", "text", "told"), WRONG)
def test_what_a_fact_cannot_do_is_told_with_its_cell(toy, path, text, told):
    known = {"site-grid": fact("site-grid", "9"), "weight": fact("weight", "9", "kg")}
    with pytest.raises(CaseError, match=told) as raised:
        read(toy, {path: text}, lambda _: known)
    assert path in str(raised.value)


def test_the_day_of_the_case_is_asked_for_and_only_when_needed(toy):
    asked = []

    def resolve(day):
        asked.append(day)
        return {"site-grid": fact("site-grid", "9")}

    read(toy, None, resolve)
    assert asked == []
    read(toy, {"limits.grid.bound": "@site-grid", "demands.serve.volume": "6 kchip", "as_of": "2026-03-04"}, resolve)
    assert asked == ["2026-03-04"]
    with pytest.raises(CaseError):
        read(toy, {"limits.grid.bound": "@a", "assets.hall.capex": "@b", "assets.chip.capex": "@site-grid"}, resolve)
    assert asked == ["2026-03-04", "2026-01-01"], "once for all cells"


def test_a_fact_of_the_case_stands_before_a_known_one(toy):
    (toy / "facts.csv").write_text("name,value,unit,as_of,source,grade\nsite-grid,5,MW,2025-01-01,own,A\n", encoding="utf-8")
    found = read(toy, {"limits.grid.bound": "@site-grid"}, lambda _: {"site-grid": fact("site-grid", "9")})
    assert found.tables.limits[0].bound.values == (5.0,)
    assert [(row.name, row.value) for row in found.tables.facts] == [("site-grid", "5")]


def test_an_unknown_fact_names_its_neighbours(toy):
    with pytest.raises(CaseError, match="site-grid"):
        read(toy, {"limits.grid.bound": "@site-gird"}, lambda _: {"site-grid": fact("site-grid", "9")})
