"""A run on disk says what it was made of and gives back what it found."""

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import pytest

from barbell import __version__
from barbell.core.errors import CaseError
from barbell.io import catalogue, runs
from barbell.plan import Options
from barbell.plan.lp.options import FINE
from barbell.study import FOLDER, Kept, headline, keep, opened, recall
from barbell.study.keep import place, ready


def strict(text):
    """JSON without infinity and NaN, which other readers refuse."""
    return json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def test_a_run_lies_below_its_place_under_case_and_key(toy, tmp_path):
    folder = keep(toy, tmp_path / "a" / "b", {"report.html": "<p>"})
    assert folder == tmp_path / "a" / "b" / f"toy-{toy.key}" == place(toy, tmp_path / "a" / "b")
    assert place(toy).parent == FOLDER
    assert (folder / "report.html").read_text(encoding="utf-8") == "<p>"


@pytest.mark.parametrize(
    ("name", "folder"),
    [("../a/b c", "a-b-c"), (".hidden", "hidden"), ("Zürich 2", "Zürich-2"), ("..", "case"), ("x" * 300, "x" * 60)],
)
def test_a_free_name_makes_a_plain_folder(name, folder, toy, tmp_path):
    named = replace(toy, plan=replace(toy.plan, case=replace(toy.case, name=name)))
    made = place(named, tmp_path)
    assert made.parent == tmp_path and made.name == f"{folder}-{named.key}"


def test_what_was_found_is_read_back(toy, tmp_path):
    frames, manifest = runs.read(keep(toy, tmp_path))
    assert frames.keys() == toy.frames.keys() and all(frames[name].equals(frame) for name, frame in toy.frames.items())
    assert {"tables/orders", "statements/years", "greedy/orders", "reasons", "committed", "cost"} <= frames.keys()
    assert manifest["key"] == toy.key and manifest["versions"]["barbell"] == __version__ and manifest["versions"]["highspy"] == version("highspy")
    assert (manifest["case"], manifest["question"], manifest["as_of"]) == (toy.case.name, toy.case.question, toy.case.as_of)
    assert manifest["options"] == asdict(Options(gap=FINE)) and manifest["changes"] == {}
    assert manifest["plan"] == asdict(toy.plan.status)
    assert manifest["headline"] == headline(toy)


def test_a_manifest_is_json_for_every_reader(tree, tmp_path):
    """In the tree one customer fewer than none cannot be: a price without an end."""
    text = (keep(tree, tmp_path) / runs.MANIFEST).read_text(encoding="utf-8")
    assert None in [b["high_today"] for b in strict(text)["headline"]["bottlenecks"]]


def test_keeping_again_replaces(toy, tmp_path):
    first = keep(toy, tmp_path, {"old.txt": "old"})
    assert keep(toy, tmp_path) == first
    assert {path.name for path in tmp_path.iterdir()} == {first.name, catalogue.NAME} and not (first / "old.txt").exists()


def test_whether_a_run_can_be_kept_is_told_and_leaves_nothing(tmp_path):
    ready(tmp_path / "not" / "yet")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("", encoding="utf-8")
    for place_ in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(CaseError, match="cannot be written: Not a directory"):
            ready(place_)


def test_a_place_that_takes_no_files_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(CaseError, match="Permission denied"):
        ready(tmp_path)


# What was kept is found again


@pytest.mark.parametrize("name", ["toy", "tree"])
def test_a_kept_run_opens_as_it_was(name, request, tmp_path):
    run = request.getfixturevalue(name)
    found = opened(keep(run, tmp_path))
    assert (found.key, found.value, found.case, found.status) == (run.key, run.plan.value, run.case, run.plan.status)
    assert found.bottlenecks == run.bottlenecks and found.parts() == run.plan.parts
    assert found.parts("greedy/parts") == run.greedy.parts and found.tables.keys() == run.plan.tables.keys()


def test_the_same_question_finds_its_run(toy, tmp_path):
    assert recall(toy.case, None, tmp_path) is None
    folder = keep(toy, tmp_path)
    found = recall(toy.case, None, tmp_path)
    assert isinstance(found, Kept) and found.folder == folder
    assert recall(toy.case, Options(gap=0.5), tmp_path) is None and recall(replace(toy.case, question="Another?"), None, tmp_path) is None


def test_an_answer_that_the_clock_may_have_cut_short_is_not_that_of_another_limit(toy, tmp_path):
    """The run took a second; a limit that no part of it can have reached changed nothing."""
    keep(replace(toy, seconds=1.0), tmp_path)
    assert recall(toy.case, Options(seconds=600), tmp_path) and recall(toy.case, Options(seconds=30), tmp_path)
    assert recall(toy.case, Options(seconds=0.9), tmp_path) is None
    keep(replace(toy, seconds=700.0), tmp_path)
    assert recall(toy.case, Options(seconds=600), tmp_path), "the same limit gives the same answer"
    assert recall(toy.case, Options(seconds=900), tmp_path) is None, "with more time it may be a better one"


def test_a_run_kept_without_a_report_does_not_answer_whoever_wants_one(toy, tmp_path):
    keep(toy, tmp_path)
    assert recall(toy.case, None, tmp_path) and recall(toy.case, None, tmp_path, texts=("report.html",)) is None
    keep(toy, tmp_path, {"report.html": "<p>"})
    assert recall(toy.case, None, tmp_path, texts=("report.html",))


def test_a_damaged_run_is_told_and_not_used(toy, tmp_path):
    (keep(toy, tmp_path) / "tables" / "orders.parquet").unlink()
    said = []
    assert recall(toy.case, None, tmp_path, say=said.append) is None
    assert len(said) == 1 and "orders.parquet: is missing" in said[0]


def test_a_run_of_an_earlier_version_is_named(toy, tmp_path):
    folder = keep(toy, tmp_path)
    content = {name: value for name, value in runs.manifest(folder).items() if name in ("key", "headline")}
    (folder / runs.MANIFEST).write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(CaseError, match="earlier version"):
        opened(folder)


# Clocks


def test_a_run_ends_after_it_began_whatever_the_clock_says(toy, tmp_path):
    """The end is the beginning and what a clock that nobody sets has counted since."""
    began = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
    manifest = runs.manifest(keep(replace(toy, started=began, seconds=90.0), tmp_path))
    assert datetime.fromisoformat(manifest["finished"]) - datetime.fromisoformat(manifest["started"]) == timedelta(seconds=90)


def test_the_newest_is_what_was_kept_last_though_the_clock_was_set_back(toy, tree, tmp_path):
    keep(replace(toy, started=datetime(2031, 1, 1, tzinfo=UTC)), tmp_path)
    keep(replace(tree, started=datetime(2026, 1, 1, tzinfo=UTC)), tmp_path)
    assert [entry.case for entry in catalogue.entries(tmp_path)] == ["toy-tree", "toy"]
    keep(replace(toy, started=datetime(2025, 1, 1, tzinfo=UTC)), tmp_path)
    assert [entry.case for entry in catalogue.entries(tmp_path)] == ["toy", "toy-tree"]
