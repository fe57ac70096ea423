"""The command that asks whether to design a chip: what it prints, and how it refuses."""

import json

import pytest

from barbell.cli.run import run


def test_the_break_even_is_told_with_its_range_and_its_facts(capsys):
    assert run(["workloads", "custom", "trainium4", "vr200", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["saving"]["low"] < told["saving"]["value"] < told["saving"]["high"] and 0 < told["never"] < 1
    assert (told["volume"]["value"] is None) == (told["saving"]["value"] <= 0) and "capex-trainium4" in told["sources"]
    assert run(["workloads", "custom", "trainium4", "vr200"]) == 0
    out = capsys.readouterr().out
    assert "own chips from which the design pays" in out and "never" in out


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["trainium5", "vr201"], ["Did you mean 'trainium", "Did you mean 'vr200'"]),
        (["trainium4", "mi355x"], ["'mi355x' cannot be compared: there is no fact", "capex-mi355x"]),
        (["inferentia2", "h100", "--workload", "train"], ["train-inferentia2"]),
        (["h100", "h100"], ["compared with itself"]),
    ],
)
def test_what_cannot_be_compared_is_refused_in_words(capsys, asked, words):
    assert run(["workloads", "custom", *asked]) == 1
    err = capsys.readouterr().err
    assert all(word in err for word in words)
