"""Pages, pictures and workbooks as files: whole or not at all."""

import os
from pathlib import Path

import pytest

from barbell.core.errors import CaseError
from barbell.report import page


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    """A page that takes no time."""
    monkeypatch.setattr(page, "html", lambda _source: "<p>ü</p>\n")


def test_a_file_that_exists_is_replaced(tmp_path):
    (tmp_path / "r.html").write_text("old", encoding="utf-8")
    assert page.write(None, tmp_path / "r.html") == tmp_path / "r.html"
    assert (tmp_path / "r.html").read_bytes() == "<p>ü</p>\n".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["r.html"]


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    (tmp_path / "r.html").write_text("old", encoding="utf-8")
    write = Path.write_bytes

    def full(self, data):
        write(self, data[:3])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(CaseError, match="No space left on device"):
        page.write(None, tmp_path / "r.html")
    assert (tmp_path / "r.html").read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["r.html"]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "r.html").write_text("old", encoding="utf-8")
    (tmp_path / "link.html").symlink_to(tmp_path / "r.html")
    page.write(None, tmp_path / "link.html")
    assert (tmp_path / "link.html").is_symlink() and "ü" in (tmp_path / "r.html").read_text(encoding="utf-8")


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
def test_a_pipe_is_written_to_as_it_is(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    reading = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        page.write(None, tmp_path / "pipe")
        assert os.read(reading, 100) == "<p>ü</p>\n".encode()
    finally:
        os.close(reading)
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"] and not (tmp_path / "pipe").is_file()


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CaseError, match="Name another file with --to"):
        page.write(None, tmp_path / "nowhere" / "r.html")
    assert list(tmp_path.iterdir()) == []
