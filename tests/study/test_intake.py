"""Fresh figures as a file: whole, never over another, and only where there is something to write."""

import pytest

from barbell.core.errors import FactError
from barbell.facts import COLUMNS, figures
from barbell.facts.intake import Intake
from barbell.study.intake import save

INTAKE = Intake("mine-checked", figures()[:3], ())


def test_figures_become_a_csv_of_the_columns_of_the_store(tmp_path):
    path = save(INTAKE, tmp_path / "out")
    assert path == tmp_path / "out" / "mine-checked.csv"
    assert path.read_text(encoding="utf-8").splitlines()[0] == ",".join(COLUMNS) and len(path.read_text(encoding="utf-8").splitlines()) == 4


def test_a_file_that_exists_is_not_overwritten(tmp_path):
    (tmp_path / "mine-checked.csv").write_text("by hand", encoding="utf-8")
    with pytest.raises(FactError, match=r"exists already\. Move what is there away"):
        save(INTAKE, tmp_path)
    assert (tmp_path / "mine-checked.csv").read_text(encoding="utf-8") == "by hand"


def test_a_full_disk_leaves_nothing(tmp_path, monkeypatch):
    def full(_self, _data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(FactError, match="cannot be written: No space left"):
        save(INTAKE, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_nothing_to_write_and_a_folder_that_is_a_file(tmp_path):
    with pytest.raises(FactError, match="nothing to write"):
        save(Intake("x", (), ()), tmp_path)
    (tmp_path / "mine.csv").write_text("", encoding="utf-8")
    with pytest.raises(FactError, match="cannot be written"):
        save(INTAKE, tmp_path / "mine.csv" / "deeper")
