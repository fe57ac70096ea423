"""What differs between two kept runs is told from their folders; where nothing does, that is said."""

import shutil
from dataclasses import replace

import polars as pl
import pytest

from barbell.core.errors import CaseError
from barbell.study import compare, difference, keep, opened, run, variants
from tests.conftest import ROOT

GRID = "limits.grid.bound"
HEADS = "name,value,unit,as_of,source,grade,low,high\n"


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Runs of the toy with a change, kept once each."""
    made = {}

    def make(changes=None, folder=ROOT / "cases" / "toy"):
        spot = (str(folder), repr(changes))
        if spot not in made:
            made[spot] = opened(keep(run(folder, changes), tmp_path_factory.mktemp("runs")))
        return made[spot]

    return make


def rows(frame):
    return [tuple(row) for row in frame.iter_rows()]


def test_a_run_does_not_differ_from_itself(kept):
    found = difference(kept(), kept())
    assert found.nothing and not found.moved and len(set(found.names)) == 2


def test_the_same_answer_kept_twice_does_not_differ(kept, tmp_path):
    again = opened(keep(run(ROOT / "cases" / "toy"), tmp_path))
    found = difference(kept(), again)
    assert found.nothing and found.names == (kept().folder.as_posix(), again.folder.as_posix())


def test_a_future_that_forks_does_not_differ_from_itself(tree, tmp_path):
    folder = keep(tree, tmp_path)
    assert difference(opened(folder), opened(folder)).nothing


def test_what_differs_is_what_a_comparison_of_the_cases_finds(kept):
    """An independent way: both cases solved again, side by side."""
    found = difference(kept(), kept({GRID: "9 MW"}))
    solved = compare(variants([ROOT / "cases" / "toy"], {}, {GRID: ["7.5 MW", "9 MW"]}))
    names = dict(zip(found.names, ("7.5 MW", "9 MW"), strict=True))
    assert list(found.comparison.values.values()) == pytest.approx(list(solved.values.values()))
    assert found.inputs.rename(names).equals(solved.inputs)
    for name, frame in found.answers.items():
        theirs = getattr(solved, name)
        apart = theirs.filter((pl.col("7.5 MW") - pl.col("9 MW")).abs() > 1e-6)
        ours = frame.rename(names)
        words = [column for column in theirs.columns if column not in names.values()]
        assert ours.select(words).rows() == apart.select(words).rows(), name
        assert ours["9 MW"].to_list() == pytest.approx(apart["9 MW"].to_list()), name
    assert not found.nothing and found.moved


def test_what_was_asked_is_told(kept):
    found = difference(kept(), kept({GRID: "9 MW"}))
    assert rows(found.asked) == [(f"--set {GRID}", "", "9 MW")] and found.made.is_empty() and found.texts.is_empty()


def test_a_cell_that_says_the_same_in_other_words(kept):
    found = difference(kept({GRID: "7.5 MW"}), kept({GRID: "7500 kW"}))
    assert rows(found.texts) == [(GRID, "7.5 MW", "7500 kW")]
    assert found.inputs.is_empty() and all(frame.is_empty() for frame in found.answers.values()) and not found.nothing


def test_a_difference_in_the_last_digit_is_seen(kept):
    found = difference(kept({GRID: "7.5 MW"}), kept({GRID: "7.50000001 MW"}))
    assert rows(found.inputs) == [("limits", "grid", "bound", "7.5", "7.50000001")]


def test_facts_are_set_side_by_side(kept, tmp_path):
    folders = []
    for name, lines in (("a", "grid,7.5,MW,2025-01-01,plan,S,5,9\nold,1,MW,2025-01-01,test,S,0,2\n"), ("b", "grid,7.5,MW,2025-02-02,letter,B,5,9\n")):
        folder = shutil.copytree(ROOT / "cases" / "toy", tmp_path / name / "toy")
        (folder / "facts.csv").write_text(HEADS + lines, encoding="utf-8")
        folders.append(folder)
    found = difference(*(kept({GRID: "@grid"}, folder) for folder in folders))
    told = {(fact, field): values for fact, field, *values in rows(found.facts)}
    assert told == {
        ("grid", "as_of"): ["2025-01-01", "2025-02-02"],
        ("grid", "source"): ["plan", "letter"],
        ("grid", "grade"): ["S", "B"],
        ("old", ""): ["in use", ""],
    }


def test_other_code_and_other_options_are_told(kept):
    first = kept()
    manifest = {**first.manifest, "versions": {**first.manifest["versions"], "highspy": "0.9"}, "options": {**first.manifest["options"], "gap": 0.5}}
    found = difference(first, replace(first, manifest=manifest))
    assert [row[0] for row in rows(found.made)] == ["highspy"] and rows(found.asked) == [("solver gap", "0.0001", "0.5")] and not found.nothing


def test_two_cases_are_set_side_by_side(kept, tree, tmp_path):
    found = difference(kept(), opened(keep(tree, tmp_path)))
    assert ("case", "toy", "toy-tree") in rows(found.asked)
    assert ("assets", "chip", "", "present", "absent") in rows(found.inputs)
    years = found.answers["money"].filter(pl.col("line") == "revenue")
    assert years.select(pl.col("year"), pl.nth(-1)).rows() == [(2026, 0.0), (2027, 60.0)], "docs/guide/toy-tree.md: 6 MW at 10 in the mean"


def test_amounts_of_different_money_are_not_set_side_by_side(kept, own, tmp_path):
    for file in own.rglob("*"):
        file.write_text(file.read_text(encoding="utf-8").replace("MUSD2026", "MEUR2026"), encoding="utf-8")
    with pytest.raises(CaseError, match="different money"):
        difference(kept(), opened(keep(run(own), tmp_path / "runs")))
