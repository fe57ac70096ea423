"""Calibrations of files of rows and of micro-benchmarks together."""

import pytest

from barbell.core.errors import CaseError, FactError
from barbell.study.calibration import load_serving, load_training
from barbell.study.performance import calibrated
from barbell.study.tighten import parted
from barbell.study.training import fitted
from tests.workloads.micro.build import table

RATES = (("gemm-8192", "fp8", 1, 11e15), ("copy", "bf16", 1, 18e12), ("attention-prefill-8192", "bf16", 1, 2e15))
HEAD = (
    "row_id,model,chip,n_chips,tp,serving_mode,weight_precision,engine,engine_version,concurrency,in_len,out_len,tpot_ms,ttft_ms,grade,config_id,date"
)
ROWS = [f"o{n},Llama-3-70B,H200,2,2,aggregated,fp8,vllm,0.19.0,{n},1024,1024,{16 + n / 4},{200 + n},A,own,2026-10" for n in (4, 16, 64)]


@pytest.fixture
def micro(tmp_path):
    return table(tmp_path / "micro.csv", "VR200", *RATES)


@pytest.fixture
def rows(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("\n".join([HEAD, *ROWS]) + "\n", encoding="utf-8")
    return path


def test_files_are_parted_by_what_they_hold(micro, rows):
    assert parted([rows, micro]) == ([rows], [micro])


def test_training_is_tightened_without_other_rows(micro, tmp_path):
    """From the calibration that ships, and written so that it can be read."""
    done = fitted([micro], tmp_path / "mine.csv")
    assert [use.effect.split(":")[0] for use in done.uses] == ["matrix products in fp8", "bytes moved", "not used"]
    (shift,) = done.shifts
    assert shift.chip == "vr200" and shift.after.high / shift.after.low < shift.before.high / shift.before.low
    back = load_training(tmp_path / "mine.csv")
    assert back.parameters == done.calibration.parameters and back.marks == done.calibration.marks
    text = (tmp_path / "mine.csv").read_text(encoding="utf-8")
    assert "training-products-vr200+fp8," in text and "from the calibration that ships, 3 micro-benchmarks" in text and ",2026-11-25," in text


def test_serving_takes_both_kinds_of_files(micro, rows, tmp_path):
    done = calibrated([rows, micro], tmp_path / "mine.csv", seed=0, afresh=False)
    assert [use.effect.split(":")[0] for use in done.uses] == ["multiplying and prefill in fp8", "reading weights and caches", "not used"]
    assert [shift.chip for shift in done.shifts] == ["vr200"]
    back = load_serving(tmp_path / "mine.csv")
    assert back.fitted == done.calibration.fitted and len(back.fitted) == len(load_serving_rows(rows, tmp_path)) + 2


def load_serving_rows(rows, folder):
    return calibrated([rows], folder / "rows_alone.csv", seed=0, afresh=False).calibration.fitted


def test_nothing_to_start_from_is_told(micro, tmp_path):
    with pytest.raises(FactError, match="--afresh has nothing to start from"):
        calibrated([micro], tmp_path / "mine.csv", seed=0, afresh=True)
    assert not (tmp_path / "mine.csv").exists()


def test_what_cannot_be_writes_nothing(tmp_path):
    bad = table(tmp_path / "bad.csv", "H100", ("gemm-8192", "bf16", 1, 1200e12))
    for calibrate in (lambda: fitted([bad], tmp_path / "mine.csv"), lambda: calibrated([bad], tmp_path / "mine.csv", seed=0, afresh=False)):
        with pytest.raises(CaseError, match="is above the dense bf16 peak of 989 of the H100"):
            calibrate()
    assert not (tmp_path / "mine.csv").exists()
