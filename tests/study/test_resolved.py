"""A case is kept as frames and comes back equal."""

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barbell.core.case import TABLES
from barbell.core.horizon import Month
from barbell.core.path import Path
from barbell.study import check, keep
from barbell.study.resolved import HORIZON, ORIGINS, exact, resolved, revived
from tests.conftest import ROOT


@pytest.fixture(scope="module", params=["toy", "toy-tree", "neocloud"])
def case(request):
    return check(ROOT / "cases" / request.param)


def test_a_case_comes_back_equal(case):
    assert revived(resolved(case)) == case and revived(resolved(case)).origins == case.origins


def test_how_long_blocks_are_whole_comes_back(toy):
    for end in (None, Month.parse("2027"), Month.parse("2026")):
        case = replace(toy.case, horizon=replace(toy.case.horizon, whole_end=end))
        assert revived(resolved(case)) == case


def test_every_table_with_rows_is_a_frame_of_its_fields(case):
    frames = resolved(case)
    assert {name for name in TABLES if case.tables.rows(name)} == {name.removeprefix("case/") for name in frames} & set(TABLES)
    for name, row in TABLES.items():
        if rows := case.tables.rows(name):
            assert frames[f"case/{name}"].columns == list(row.model_fields) and frames[f"case/{name}"].height == len(rows)
    assert frames["case/origins"].schema == ORIGINS and frames["case/origins"].height == len(case.origins)
    assert frames["case/horizon"].schema == HORIZON and tuple(frames["case/horizon"]["label"]) == case.horizon.labels


def test_numbers_are_numbers_in_canonical_units_and_paths_areexact(toy):
    frames = resolved(toy.case)
    grid = frames["case/limits"].row(by_predicate=pl.col("name") == "grid", named=True)
    assert (grid["unit"], grid["bound"]) == ("MW", "7.5")
    hall = frames["case/assets"].row(by_predicate=pl.col("name") == "hall", named=True)
    assert (hall["unit"], hall["capex"], hall["lead_months"]) == ("MW", 10.0, 12), "10 MUSD2026/MW in a case that counts in MUSD2026"
    assert frames["case/entities"].schema["discount_rate"] == pl.Float64
    assert frames["case/assets"].schema["lead_months"] == pl.Int64


def test_a_change_asked_for_is_its_own_origin():
    frame = resolved(check(ROOT / "cases" / "toy", {"limits.grid.bound": "9 MW"}))["case/origins"]
    (row,) = frame.filter(pl.col("row") == "grid", pl.col("field") == "bound").iter_rows(named=True)
    assert (row["file"], row["text"]) == ("--set", "9 MW")


def test_a_run_keeps_its_case(toy, tmp_path):
    folder = keep(toy, tmp_path)
    kept = {f"case/{path.stem}": pl.read_parquet(path) for path in (folder / "case").iterdir()}
    assert revived(kept) == toy.case


finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.one_of(finite.map(Path.constant), st.dictionaries(st.integers(1, 12 * 9999), finite, min_size=1).map(
    lambda steps: Path(tuple((Month(month), value) for month, value in sorted(steps.items())))
)))  # fmt: skip
def test_theexact_of_a_path_reads_as_the_same_path(path):
    assert Path.parse(exact(path)) == path
