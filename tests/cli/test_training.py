"""The commands about training: what they print, and how they refuse."""

import json

import pytest

from barbell.cli.run import run

TRAIN = ("workloads", "train", "Llama-3-8B", "--chip", "H100", "--chip", "GB300", "--chips", "64", "--tokens", "1e12", "--price", "2")


def test_a_run_is_told_per_chip(capsys):
    assert run(TRAIN) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Llama-3-8B: 1e+12 tokens on 64 chips, sequences of 8,192"
    assert any("H100" in line for line in lines) and any("GB300" in line for line in lines) and "MUSD" in "\n".join(lines)


def test_a_run_as_json(capsys):
    assert run([*TRAIN, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["runs"]
    assert [one["chip"] for one in found] == ["H100", "GB300"]
    for one in found:
        assert one["days"]["low"] < one["days"]["value"] < one["days"]["high"]
        assert one["usd"]["value"] == pytest.approx(2 * one["chip_hours"])
        assert one["layout"]["tp"] * one["layout"]["pp"] * one["layout"]["cp"] * one["layout"]["dp"] == 64


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"Llama-3-8B": "Lama-3-8B"}, "Did you mean 'llama_3_8b'"),
        ({"GB300": "GB301"}, "Did you mean 'gb300'"),
        ({"Llama-3-8B": "GPT-1T"}, "GB per chip lack in the best layout"),
        ({"64": "0"}, "must be above 0"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_words(capsys, changed, words):
    assert run([changed.get(token, token) for token in TRAIN]) != 0
    told = capsys.readouterr()
    assert words in told.err and "Traceback" not in told.err and not told.out


def test_rows_that_are_missing_are_refused(capsys, tmp_path):
    for command in (("evaluate",), ("calibrate", "--to", str(tmp_path / "mine"))):
        assert run(["workloads", *command, "--kind", "training", "--rows", str(tmp_path / "none.csv")]) != 0
        assert "there is no such file" in capsys.readouterr().err
    assert not (tmp_path / "mine").exists()
