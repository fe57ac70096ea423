"""Run folders are whole or absent."""

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
