"""Calibrations as files, and the one that ships."""

from __future__ import annotations

import pytest

from barbell.core.errors import CaseError, FactError
from barbell.facts import faults
from barbell.study import known
from barbell.study.calibration import MARKS, load, write
from barbell.workloads.serving import shipped
from barbell.workloads.serving.calibration import GROUPS, told

LATEST = known("9999-12-31")


def test_a_file_holds_all_of_a_calibration(tmp_path):
    found = shipped(LATEST)
    back = load(write(found, tmp_path / "c.csv", as_of="2026-07-20", residuals="none"))
    assert told(back) == told(found) and back.fitted == found.fitted
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.csv", f"c.csv{MARKS}"]


def test_what_ships_is_sound_and_counted():
    found = shipped(LATEST)
    assert not [fault for fault in faults() if fault.where.file == "calibration_serving.csv"]
    assert set(found.fits) == set(GROUPS) and all(fit.rows > 100 for fit in found.fits.values())
    assert found.parameters < len(found.fitted) / 2
    assert not any(name.startswith("own") for fit in found.fits.values() for name in fit.weights)


def test_a_day_before_it_was_known_has_none():
    with pytest.raises(FactError, match="Ask for a later day"):
        shipped({})


def test_a_file_that_lacks_or_is_spoilt_is_told(tmp_path):
    with pytest.raises(CaseError, match="no such file"):
        load(tmp_path / "none.csv")
    path = write(shipped(LATEST), tmp_path / "c.csv", as_of="2026-07-20", residuals="none")
    text = path.read_text(encoding="utf-8").replace("serving-full-constant-full_cache,", "serving-full-constant-full_cache,x", 1)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CaseError, match="is not a number"):
        load(path)


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(FactError, match="cannot be written"):
        write(shipped(LATEST), tmp_path / "none" / "c.csv", as_of="2026-07-20", residuals="none")
