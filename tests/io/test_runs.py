"""Run folders are whole or absent."""

import json
from pathlib import Path

import polars as pl
import pytest

from barbell.core.errors import CaseError
from barbell.io import runs

FRAMES = {"tables/orders": pl.DataFrame({"item": ["hall"], "value": [1.0]}), "cost": pl.DataFrame({"chip": ["h100"]})}


def test_what_is_written_is_read(tmp_path):
    folder = runs.write(tmp_path / "runs" / "one", FRAMES, {"key": "one"}, {"report.html": "<p>"})
    frames, manifest = runs.read(folder)
    assert manifest == {"key": "one"} and frames.keys() == FRAMES.keys()
    assert all(frames[name].equals(FRAMES[name]) for name in FRAMES)
    assert (folder / "report.html").read_text(encoding="utf-8") == "<p>"


def test_a_run_is_replaced_whole(tmp_path):
    runs.write(tmp_path / "one", FRAMES, {"key": 1}, {"old.txt": "old"})
    runs.write(tmp_path / "one", {}, {"key": 2}, {})
    assert [path.name for path in (tmp_path / "one").iterdir()] == [runs.MANIFEST]
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


class Broken(pl.DataFrame):
    def write_parquet(self, *_args, **_kwargs):
        raise OSError(28, "No space left on device")


def test_a_full_disk_leaves_the_old_run_and_nothing_else(tmp_path):
    runs.write(tmp_path / "one", FRAMES, {"key": 1}, {})
    with pytest.raises(CaseError, match="No space left on device"):
        runs.write(tmp_path / "one", {**FRAMES, "last": Broken({"a": [1]})}, {"key": 2}, {})
    assert runs.read(tmp_path / "one")[1] == {"key": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "runs").write_text("", encoding="utf-8")
    with pytest.raises(CaseError, match="cannot be written"):
        runs.write(tmp_path / "runs" / "one", FRAMES, {}, {})


def test_no_run_is_said_so(tmp_path):
    with pytest.raises(CaseError, match="holds no run"):
        runs.read(tmp_path)


class Refused(pl.DataFrame):
    def write_parquet(self, *_args, **_kwargs):
        raise pl.exceptions.ComputeError("parquet: underlying IO error: No space left on device (os error 28)")


def test_what_the_writer_of_tables_refuses_is_told_too(tmp_path):
    with pytest.raises(CaseError, match="underlying IO error"):
        runs.write(tmp_path / "one", {"last": Refused({"a": [1]})}, {}, {})
    assert list(tmp_path.iterdir()) == []


def test_an_old_run_comes_back_when_the_new_one_cannot_take_its_place(tmp_path, monkeypatch):
    runs.write(tmp_path / "one", FRAMES, {"key": 1}, {})
    rename = Path.rename

    def refuses(self, target):
        if self.name == "run":
            raise PermissionError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuses)
    with pytest.raises(CaseError, match="Permission denied"):
        runs.write(tmp_path / "one", {}, {"key": 2}, {})
    assert runs.read(tmp_path / "one")[1] == {"key": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_a_file_of_the_name_of_a_run_is_kept(tmp_path):
    (tmp_path / "one").write_text("mine", encoding="utf-8")
    with pytest.raises(CaseError, match="in the way"):
        runs.write(tmp_path / "one", FRAMES, {}, {})
    assert (tmp_path / "one").read_text(encoding="utf-8") == "mine" and len(list(tmp_path.iterdir())) == 1


def test_texts_may_lie_in_folders_and_a_manifest_has_no_infinity(tmp_path):
    folder = runs.write(tmp_path / "one", {}, {"high": float("inf"), "ends": [float("nan"), 1.5], "at": Path("here")}, {"texts/a.txt": "Zürich"})
    assert (folder / "texts" / "a.txt").read_text(encoding="utf-8") == "Zürich"
    assert json.loads((folder / runs.MANIFEST).read_text(encoding="utf-8")) == {"high": None, "ends": [None, 1.5], "at": "here"}
