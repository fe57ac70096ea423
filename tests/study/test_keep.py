"""A run on disk says what it was made of and gives back what it found."""

import json
from dataclasses import asdict

import pytest

from barbell import __version__
from barbell.core.errors import CaseError
from barbell.io import runs
from barbell.study import FOLDER, headline, keep
from barbell.study.keep import place, ready


def strict(text):
    """JSON without infinity and NaN, which other readers refuse."""
    return json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def test_a_run_lies_below_its_place_under_case_and_key(toy, tmp_path):
    folder = keep(toy, tmp_path / "a" / "b", {"report.html": "<p>"})
    assert folder == tmp_path / "a" / "b" / f"toy-{toy.key}" == place(toy, tmp_path / "a" / "b")
    assert place(toy).parent == FOLDER
    assert (folder / "report.html").read_text(encoding="utf-8") == "<p>"


def test_what_was_found_is_read_back(toy, tmp_path):
    frames, manifest = runs.read(keep(toy, tmp_path))
    assert frames.keys() == toy.frames.keys() and all(frames[name].equals(frame) for name, frame in toy.frames.items())
    assert {"tables/orders", "statements/years", "greedy/orders", "reasons", "committed", "cost"} <= frames.keys()
    assert manifest["key"] == toy.key and manifest["barbell"] == __version__ and manifest["solver"].startswith("HiGHS ")
    assert manifest["plan"] == asdict(toy.plan.status)
    assert manifest["headline"] == headline(toy)


def test_a_manifest_is_json_for_every_reader(tree, tmp_path):
    """In the tree one customer fewer than none cannot be: a price without an end."""
    text = (keep(tree, tmp_path) / runs.MANIFEST).read_text(encoding="utf-8")
    assert None in [b["high_today"] for b in strict(text)["headline"]["bottlenecks"]]


def test_keeping_again_replaces(toy, tmp_path):
    first = keep(toy, tmp_path, {"old.txt": "old"})
    assert keep(toy, tmp_path) == first
    assert list(tmp_path.iterdir()) == [first] and not (first / "old.txt").exists()


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
