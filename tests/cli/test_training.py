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
        ({"2": "-2"}, "must be above 0"),
        ({"2": "inf"}, "must be a finite number"),
        ({"1e12": "1e12 --params 7e9"}, "the facts describe Llama-3-8B"),
        ({"1e12": "1e12 --batch 0"}, "must be above 0"),
        ({"1e12": "1e12 --precision fp4"}, "H100 does not train in 'fp4'"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_words(capsys, changed, words):
    assert run([part for token in TRAIN for part in changed.get(token, token).split()]) == 1
    told = capsys.readouterr()
    assert words in told.err and "Traceback" not in told.err and not told.out


def test_a_model_of_ones_own_is_told_by_its_sizes(capsys):
    own = [token if token != "Llama-3-8B" else "Own" for token in TRAIN]
    found = []
    for sizes in (["--params", "235e9"], ["--params", "235e9", "--active", "22e9"]):
        assert run([*own, *sizes, "--json"]) == 0
        found.append(json.loads(capsys.readouterr().out)["runs"][1])
    assert found[1]["tokens_s_per_chip"]["value"] > 3 * found[0]["tokens_s_per_chip"]["value"] and found[1]["layout"]["ep"] > 1


def test_every_number_of_the_json_has_its_unit(capsys):
    assert run([*TRAIN, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    bare = {"model", "chip", "chips", "layout", "tp", "pp", "cp", "dp", "ep", "vp", "precision", "recompute"}
    names = set(told["runs"][0]) | set(told["runs"][0]["layout"])
    assert names - bare == set(told["units"])


def test_more_chips_than_ever_run_through_are_told_as_such(capsys):
    assert run(["workloads", "train", "Llama-3-8B", "--chip", "H100", "--chips", "10000000"]) == 0
    told = capsys.readouterr().out
    assert "fail faster than they restart, and nothing is trained: H100" in told and "no power" not in told


@pytest.mark.parametrize("width", [80, 100, 140])
def test_no_line_is_wider_than_the_terminal(capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    assert run([*TRAIN, "--chip", "Trainium4"]) == 0
    told = capsys.readouterr().out
    assert max(len(line) for line in told.splitlines()) <= width and "no power of the chip alone is known: Trainium4" in told


def test_rows_that_are_missing_are_refused(capsys, tmp_path):
    for command in (("evaluate",), ("calibrate", "--to", str(tmp_path / "mine"))):
        assert run(["workloads", *command, "--kind", "training", "--rows", str(tmp_path / "none.csv")]) != 0
        assert "there is no such file" in capsys.readouterr().err
    assert not (tmp_path / "mine").exists()
