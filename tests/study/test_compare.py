"""Variants and what stands side by side."""

import polars as pl
import pytest

import barbell
from barbell.core.errors import CaseError, InfeasibleError
from barbell.study import Variant, compare, variants
from tests.conftest import ROOT

TOY, TREE = ROOT / "cases" / "toy", ROOT / "cases" / "toy-tree"
GRID = "limits.grid.bound"


def told(frame, **where):
    """Rows that match, without what they were matched by."""
    for key, value in where.items():
        frame = frame.filter(pl.col(key) == value)
    return frame.drop(list(where)).rows()


@pytest.fixture(scope="module")
def grids():
    return compare(variants([TOY], {}, {GRID: ["7.5 MW", "9 MW"]}))


@pytest.fixture(scope="module")
def toys():
    return compare([TOY, TREE])


def test_variants_are_named_by_what_differs():
    made = variants([TOY], {"a": "0"}, {"b": ["1", "2"], "c": ["x", "y"]})
    assert [variant.name for variant in made] == ["1, x", "1, y", "2, x", "2, y"]
    assert made[2] == Variant("2, x", str(TOY), {"a": "0", "b": "2", "c": "x"})
    assert [variant.name for variant in variants([TOY, TREE / "case.yaml"], {}, {"b": ["1"]})] == ["toy, 1", "toy-tree, 1"]
    assert [variant.name for variant in variants([TOY], {}, {})] == ["base"]


def test_a_folder_is_named_wherever_one_stands(monkeypatch):
    monkeypatch.chdir(TOY)
    assert [variant.name for variant in variants([".", "../toy-tree/"], {}, {})] == ["toy", "toy-tree"]


def test_a_cell_is_set_or_varied():
    with pytest.raises(CaseError, match="is set and varied"):
        variants([TOY], {GRID: "8 MW"}, {GRID: ["7 MW", "9 MW"]})


@pytest.mark.parametrize("asked", [[], [TOY], [TOY, TOY]], ids=len)
def test_a_comparison_needs_two_names(asked):
    with pytest.raises(CaseError, match="two or more variants of different names"):
        compare(asked)


def test_amounts_of_different_money_are_not_set_side_by_side(own):
    for file in own.rglob("*"):
        file.write_text(file.read_text(encoding="utf-8").replace("MUSD2026", "MEUR2026"), encoding="utf-8")
    with pytest.raises(CaseError, match="own in MEUR2026"):
        compare([TOY, own])


def test_errors_name_their_variant():
    with pytest.raises(InfeasibleError, match=r"^30 MW: ") as raised:
        compare(variants([TOY], {"limits.grid.sense": ">="}, {GRID: ["1 MW", "30 MW"]}))
    assert raised.value.conflict
    with pytest.raises(CaseError, match=r"^9 MV: ") as wrong:
        compare(variants([TOY], {}, {GRID: ["9 MW", "9 MV"]}))
    assert wrong.value.faults


def test_progress_names_the_variant():
    said = []
    compare([TOY], {GRID: ["7.5 MW", "9 MW"]}, progress=said.append)
    assert said == ["7.5 MW: solving", "9 MW: solving"]


def test_inputs_that_differ_are_the_cells_that_were_varied(grids):
    assert grids.inputs.rows() == [("limits", "grid", "bound", "7.5", "9")]


@pytest.mark.parametrize(
    ("path", "values", "cell"),
    [("risk.weight", ["0", "0.5"], ("case", "", "risk.weight", "0", "0.5")),
     ("as_of", ["2026-01-01", "2026-03-04"], ("case", "", "as_of", "2026-01-01", "2026-03-04"))],
)  # fmt: skip
def test_settings_that_differ_are_told(path, values, cell):
    assert compare([TOY], {path: values}).inputs.rows() == [cell]


def test_a_row_that_one_case_lacks_is_one_line(toys):
    assert told(toys.inputs, table="assets", row="chip") == [("", "present", "absent")]
    assert ("capex", "10.0", "3.0") in told(toys.inputs, table="assets", row="hall")
    assert not toys.inputs.filter(pl.col("field") == "note").height


def test_decisions_and_sales_by_hand(grids):
    """9 MW carry 7.2 thousand chips: labs 4 and the first half of enterprises, 3, make 7, which need 8.75 MW of hall, 3.75 of them new."""
    assert told(grids.decisions, action="order") == [("hall", "MW", 2026, 2.5, 3.75), ("chip", "kchip", 2026, 4, 4), ("chip", "kchip", 2027, 2, 3)]
    assert told(grids.served, market="inference") == [("kchip", 2026, 2, 2), ("kchip", 2027, 2, 3)]
    assert told(grids.money, line="revenue") == [("MUSD2026", 2026, 140, 140), ("MUSD2026", 2027, 220, 250)]
    assert grids.values == {answer.variant.name: answer.plan.value for answer in grids.answers}


def test_a_tree_counts_by_its_mean(toys):
    """docs/guide/toy-tree.md: ten or two are sold at 10 with a margin of 9; a MW of hall is worth 6 D26 in the high branch, nothing in the low."""
    assert told(toys.served, market="production") == [("MW", 2026, 0, 0), ("MW", 2027, 0, pytest.approx(6))]
    assert told(toys.money, line="free cash flow")[1][-1] == pytest.approx(54) and told(toys.money, line="cash")[1][-1] == pytest.approx(24)
    assert told(toys.prices, kind="capacity", item="hall") == [("va", pytest.approx(66.05, abs=0.01), pytest.approx(0.5 * 10 * 6 * 1.1**-0.5))]


def test_what_binds_is_ranked_over_all_variants(toys, grids):
    for found in (toys, grids):
        strongest = [max(row[3:]) for row in found.prices.rows()]
        assert strongest == sorted(strongest, reverse=True) and min(strongest) > 0
    assert grids.prices["item"][0] == "train", "strongest where the grid is wide, third where it is not"


def test_years_are_whole_and_those_not_reported_are_empty():
    found = compare([TOY], {"horizon.periods": ["2 x year", "3 x year"]})
    assert found.money.schema["year"] == pl.Int64
    assert [row[2] for row in told(found.money, line="revenue") if row[1] == 2028] == [None]
    assert all(row[3] is not None for row in told(found.money, line="revenue"))


def test_volumes_are_means_of_the_part_of_the_year_that_is_reported():
    """Labs take 2 from the middle of 2026 on: the mean of that half is 2, not 1."""
    found = compare([TOY], {"horizon.start": ["2026H2"], "horizon.periods": ["2 x half", "3 x half"]})
    rows = told(found.served, market="frontier")
    assert rows[0] == ("kchip", 2026, pytest.approx(2), pytest.approx(2))


def test_the_facade_compares_and_runs():
    found = barbell.compare([TOY], {GRID: ["7.5 MW", "9 MW"]})
    assert found.values["7.5 MW"] == pytest.approx(barbell.plan(TOY).value)
    assert barbell.run(TOY).plan.value == pytest.approx(found.values["7.5 MW"])
