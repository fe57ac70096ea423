"""Micro-benchmarks in ``barbell workloads calibrate``: what the terminal shows, and the calibration that comes of it."""

import json

import pytest

from barbell.cli.run import run
from tests.workloads.micro.build import table

RATES = (("gemm-4096", "fp8", 1, 10e15), ("gemm-8192", "fp8", 1, 11e15), ("copy", "bf16", 1, 18e12))


@pytest.fixture
def micro(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    return table(tmp_path / "micro.csv", "VR200", *RATES)


@pytest.mark.parametrize(("kind", "words"), [("training", "matrix products in fp8: speed x"), ("inference", "multiplying and prefill in fp8")])
def test_it_says_what_each_row_was_used_for(capsys, micro, tmp_path, kind, words):
    assert run(["workloads", "calibrate", "--kind", kind, "--rows", str(micro), "--to", str(tmp_path / "c.csv")]) == 0
    out = capsys.readouterr().out
    assert words in out and "not used: a faster shape was measured" in out and "before" in out and "Wrote" in out
    assert run(["workloads", "calibrate", "--kind", kind, "--rows", str(micro), "--to", str(tmp_path / "c.csv"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["kernel"] for one in told["micro"]] == ["gemm-4096", "gemm-8192", "copy"] and 0 < told["micro"][2]["usual_share"] < 1
    assert told["moved"][0]["chip"] == "vr200"


def test_its_chip_trains_within_a_narrower_interval(capsys, micro, tmp_path):
    train = ["workloads", "train", "Llama-3-70B", "--chip", "VR200", "--chips", "64", "--json"]
    to = tmp_path / "c.csv"
    assert run(["workloads", "calibrate", "--kind", "training", "--rows", str(micro), "--to", str(to)]) == 0
    capsys.readouterr()
    widths = []
    for more in ([], ["--calibration", str(to)]):
        assert run([*train, *more]) == 0
        rate = json.loads(capsys.readouterr().out)["runs"][0]["tokens_s_per_chip"]
        widths.append(rate["high"] / rate["low"])
    assert widths[1] < widths[0]


def test_a_calibration_of_the_other_kind_is_refused(capsys, micro, tmp_path):
    to = tmp_path / "c.csv"
    assert run(["workloads", "calibrate", "--kind", "training", "--rows", str(micro), "--to", str(to)]) == 0
    assert run(["workloads", "predict", "--model", "Llama-3-70B", "--chip", "VR200", "--calibration", str(to)]) == 1
    assert "is a calibration of training, and one of inference is asked for" in capsys.readouterr().err


def test_rows_that_cannot_be_are_refused_with_their_line(capsys, tmp_path):
    bad = table(tmp_path / "bad.csv", "H100", ("copy", "bf16", 1, 2.9e12), ("gemm-8192", "bf16", 1, 1200e12))
    assert run(["workloads", "calibrate", "--rows", str(bad), "--to", str(tmp_path / "c.csv")]) == 1
    told = capsys.readouterr().err
    assert "row 2: 1,200 TFLOP/s is above the dense bf16 peak of 989 of the H100. Check the clock or the chip's name" in told
