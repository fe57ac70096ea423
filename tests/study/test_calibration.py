"""Calibrations as files, of serving and of training, and those that ship."""

from __future__ import annotations

import pytest

from barbell.core.errors import CaseError, FactError
from barbell.facts import faults, find
from barbell.study import known
from barbell.study.calibration import LOCAL, MARKS, load_serving, load_training, newest, write
from barbell.study.training import fitted
from barbell.workloads import serving, training
from barbell.workloads.serving.calibration import GROUPS, told
from tests.conftest import ROOT

LATEST = known("9999-12-31")
SHIPPED = {"inference": serving.shipped(LATEST), "training": training.shipped(LATEST)}
LOAD = {"inference": load_serving, "training": load_training}
KINDS = pytest.mark.parametrize("kind", ["inference", "training"])
MEASURED = ROOT.parent / "shared" / "validation" / "silicon" / "training_measured.csv"
DATA = ROOT / "src" / "barbell"


def written(kind, to):
    return write(SHIPPED[kind], to, as_of="2026-07-20", residuals="none")


@KINDS
def test_a_file_holds_all_of_a_calibration(tmp_path, kind):
    back = LOAD[kind](written(kind, tmp_path / "c.csv"))
    assert back.fingerprint == SHIPPED[kind].fingerprint and back.parameters == SHIPPED[kind].parameters
    if kind == "inference":
        assert told(back) == told(SHIPPED[kind])
    else:
        assert [one.value for one in training.told(back)] == [one.value for one in training.told(SHIPPED[kind])]
    beside = [f"c.csv{LOCAL}"] if kind == "training" else []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.csv", *beside, f"c.csv{MARKS}"]


def test_one_kind_may_replace_the_other(tmp_path):
    """And leaves no local function behind that is of no use to it."""
    written("training", tmp_path / "c.csv")
    load_serving(written("inference", tmp_path / "c.csv"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.csv", f"c.csv{MARKS}"]


@KINDS
def test_a_calibration_of_the_other_kind_is_refused(tmp_path, kind):
    other = "training" if kind == "inference" else "inference"
    with pytest.raises(CaseError, match=f"is a calibration of {other}, and one of {kind} is asked for"):
        LOAD[kind](written(other, tmp_path / "c.csv"))


def test_what_ships_is_sound_and_counted():
    found = SHIPPED["inference"]
    assert not [fault for fault in faults() if fault.where.file.startswith("calibration_")]
    assert set(found.fits) == set(GROUPS) and all(fit.rows > 100 for fit in found.fits.values())
    assert found.parameters < len(found.fitted) / 2
    assert not any(name.startswith("own") for fit in found.fits.values() for name in fit.weights)


def test_constants_of_training_are_found_as_facts():
    assert find(["training", "constant", "gemm"])[0].name == "training-constant-gemm"
    assert find(["share of the peak", "large matrix products"])[0].name == "training-constant-gemm"


def test_the_public_rows_make_what_ships_byte_for_byte(tmp_path):
    if not MEASURED.is_file():
        pytest.skip("measurements are not at hand: training_measured.csv")
    fitted([MEASURED], tmp_path / "c.csv")
    shipped = {
        "c.csv": DATA / "facts/data/calibration_training.csv",
        f"c.csv{LOCAL}": DATA / "workloads/training/data/local.csv",
        f"c.csv{MARKS}": DATA / "workloads/training/data/rows.txt",
    }
    for name, path in shipped.items():
        assert (tmp_path / name).read_bytes() == path.read_bytes(), name


@KINDS
def test_a_day_before_it_was_known_has_none(kind):
    with pytest.raises(FactError, match="Ask for a later day"):
        {"inference": serving.shipped, "training": training.shipped}[kind]({})


@KINDS
def test_a_file_that_lacks_or_is_spoilt_is_told(tmp_path, kind):
    with pytest.raises(CaseError, match="no such file"):
        LOAD[kind](tmp_path / "none.csv")
    path = written(kind, tmp_path / "c.csv")
    text = path.read_text(encoding="utf-8")
    line = text.splitlines()[3]
    name, value = line.split(",")[:2]
    path.write_text(text.replace(f"{name},{value}", f"{name},x{value}", 1), encoding="utf-8")
    with pytest.raises(CaseError, match="is not a number"):
        LOAD[kind](path)
    path.write_text(text, encoding="utf-8")
    path.with_name(f"c.csv{MARKS}").unlink()
    with pytest.raises(CaseError, match=f"c.csv{MARKS}: there is no such file"):
        LOAD[kind](path)


def test_the_local_function_of_another_fit_is_told(tmp_path):
    path = written("training", tmp_path / "c.csv")
    beside = path.with_name(f"c.csv{LOCAL}")
    first, _, rest = beside.read_text(encoding="utf-8").partition("\n")
    beside.write_text(f"fit,0123456789ab\n{rest}", encoding="utf-8")
    with pytest.raises(FactError, match=f"{first.partition(',')[2]}.*0123456789ab.*are of two fits"):
        load_training(path)


@KINDS
def test_a_place_that_cannot_be_written_is_told(tmp_path, kind):
    with pytest.raises(FactError, match="cannot be written"):
        written(kind, tmp_path / "none" / "c.csv")
    (tmp_path / "folder").mkdir()
    with pytest.raises(FactError, match="is a folder"):
        written(kind, tmp_path / "folder")
    with pytest.raises(CaseError, match="is a folder"):
        LOAD[kind](tmp_path / "folder")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_month_is_known_at_its_end():
    assert newest(["2026-02", "2025-12-31", "Neuron 2.18.0", ""]) == "2026-02-28" and newest([]) == "2026-01-01"
