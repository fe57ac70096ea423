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
    rate = next(row for row in read(toy).tables.rates if row.rate.values[0] < 0)
    path = f"rates.{rate.id}.rate"
    known = {"draw": fact("draw", "3", "1")}
    with pytest.raises(CaseError, match="there is no such fact"):
        read(toy, {path: "-@draw"})
    unit = "MW/kchip" if "kchip" in str(read(toy).tables.processes) else "1"
    found = read(toy, {path: "-@draw"}, lambda _: {"draw": known["draw"].model_copy(update={"unit": unit})})
    row = next(r for r in found.tables.rates if r.id == rate.id)
    assert row.rate.values == (-3.0,) and found.origins["rates", rate.id, "rate"].fact == "draw"


def test_the_day_of_the_case_is_asked_for_and_only_when_needed(toy):
    asked = []

    def resolve(day):
        asked.append(day)
        return {"site-grid": fact("site-grid", "9")}

    read(toy, None, resolve)
    assert asked == []
    read(toy, {"limits.grid.bound": "@site-grid", "as_of": "2026-03-04"}, resolve)
    assert asked == ["2026-03-04"]


def test_a_fact_of_the_case_stands_before_a_known_one(toy):
    (toy / "facts.csv").write_text("name,value,unit,as_of,source,grade\nsite-grid,5,MW,2025-01-01,own,A\n", encoding="utf-8")
    found = read(toy, {"limits.grid.bound": "@site-grid"}, lambda _: {"site-grid": fact("site-grid", "9")})
    assert found.tables.limits[0].bound.values == (5.0,)


def test_an_unknown_fact_names_its_neighbours(toy):
    with pytest.raises(CaseError, match="site-grid"):
        read(toy, {"limits.grid.bound": "@site-gird"}, lambda _: {"site-grid": fact("site-grid", "9")})
