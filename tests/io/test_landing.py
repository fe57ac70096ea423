"""Files land in a folder all at once or not at all."""

from __future__ import annotations

import pytest

from barbell.io.landing import land, put


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()}


def test_a_new_folder_gets_its_files(tmp_path):
    land(tmp_path / "deep" / "one", {"a.csv": "1\n", "b/c.csv": "2\n"})
    assert files(tmp_path / "deep" / "one") == {"a.csv": "1\n", "b/c.csv": "2\n"}
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["one"]


def test_what_is_not_named_stays_and_empty_folders_go(tmp_path):
    land(tmp_path / "one", {"a.csv": "1\n", "b/c.csv": "2\n", "keep.json": "{}\n"})
    land(tmp_path / "one", {"a.csv": "3\n"}, ["b/c.csv", "never.csv"])
    assert files(tmp_path / "one") == {"a.csv": "3\n", "keep.json": "{}\n"} and not (tmp_path / "one" / "b").exists()


def test_a_file_that_says_the_same_keeps_its_line_ends(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "a.csv").write_bytes(b"\xef\xbb\xbfx\r\n1\r\n")
    land(tmp_path / "one", {"a.csv": "x\n1\n"})
    assert (tmp_path / "one" / "a.csv").read_bytes() == b"\xef\xbb\xbfx\r\n1\r\n"


def test_a_file_that_cannot_be_written_leaves_everything(tmp_path):
    land(tmp_path / "one", {"a.csv": "1\n"})
    with pytest.raises(OSError, match=r"directory|exists"):
        land(tmp_path / "one", {"a.csv": "2\n", "a.csv/b.csv": "3\n"})
    assert files(tmp_path / "one") == {"a.csv": "1\n"} and len(list(tmp_path.iterdir())) == 1


def test_a_single_file_is_replaced_only_if_told(tmp_path):
    put(tmp_path / "a.xlsx", b"1", replace=False)
    with pytest.raises(FileExistsError):
        put(tmp_path / "a.xlsx", b"2", replace=False)
    assert (tmp_path / "a.xlsx").read_bytes() == b"1"
    put(tmp_path / "a.xlsx", b"2")
    assert (tmp_path / "a.xlsx").read_bytes() == b"2" and len(list(tmp_path.iterdir())) == 1
