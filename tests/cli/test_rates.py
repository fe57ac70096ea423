"""The command on rates: what it shows, and what it writes for a case."""

import csv
import json

import pytest

from barbell import facts
from barbell.cli.run import run
from barbell.core.relations import Fact
from barbell.workloads.chip import CHIPS


def told(capsys):
    out, err = capsys.readouterr()
    assert err == ""
    return json.loads(out)


def test_it_shows_the_rates_that_plans_take(capsys):
    from barbell.study.known import known

    assert run(["workloads", "rates", "--as-of", "2026-09-30", "--json"]) == 0
    found = {row["name"]: row for row in told(capsys)["rates"]}
    assert {row["chip"] for row in found.values()} == set(CHIPS)
    for name in ("train-h100", "inference-gb300", "production-trainium2"):
        assert found[name]["value"] == pytest.approx(float(known("2026-09-30")[name].value)) and found[name]["unit"] == known("2026-09-30")[name].unit
    assert run(["workloads", "rates", "--as-of", "2026-09-30"]) == 0
    shown = capsys.readouterr().out
    assert "EFLOP/s/kchip" in shown and "production (facts production-CHIP)" in shown and "80 % interval" in shown


def test_a_workload_of_ones_own_becomes_facts_of_a_case(capsys, tmp_path):
    to = tmp_path / "facts.csv"
    asked = ["--model", "Llama-3-8B", "--name", "chat", "--level", "20", "--precision", "fp8", "--to", str(to), "--json"]
    assert run(["workloads", "rates", *asked]) == 0
    record = told(capsys)
    with to.open(encoding="utf-8", newline="") as file:
        rows = [Fact.model_validate(row) for row in csv.DictReader(file)]
    assert [row.name for row in rows] == [row["name"] for row in record["rates"]] and rows
    assert {row["precision"] for row in record["rates"]} == {"fp8"} and "No chat-a100" not in record["gaps"]
    assert all(row["tpot_ms"] <= 20 for row in record["rates"]) and "a100" in " ".join(record["gaps"])
    assert all(float(row.low) < float(row.value) < float(row.high) for row in rows)
    busy = float(facts.fact("busy-inference").value)
    assert run(["workloads", "predict", "--model", "Llama-3-8B", "--chip", "h200", "--level", "20", "--precision", "fp8", "--json"]) == 0
    alone = told(capsys)["tok_s_per_chip"]["value"]
    assert float(next(row.value for row in rows if row.name == "chat-h200")) == pytest.approx(alone * busy * 1e-3)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (["--model", "llama-3-71b"], "Did you mean 'llama_3_70b'?"),
        (["--model", "llama_3_8b", "--name", "train"], "cannot name a workload"),
        (["--model", "llama_3_8b", "--name", "Chat-1"], "cannot name a workload"),
        (["--model", "llama_3_8b", "--busy", "busy-chat"], "there is no fact 'busy-chat'"),
        (["--model", "llama_3_8b", "--to", "/proc/none/facts.csv"], "cannot be written"),
    ],
)
def test_what_cannot_be_is_refused_in_words(capsys, asked, reason):
    assert run(["workloads", "rates", *asked]) == 1
    assert reason in " ".join(capsys.readouterr().err.split())


def test_a_file_that_stands_is_told_of_before_anything_is_measured(capsys, tmp_path):
    to = tmp_path / "rows.csv"
    to.write_text("mine\n", encoding="utf-8")
    assert run(["workloads", "measure", "--device", "cpu", "--to", str(to)]) == 1
    assert "it exists already" in capsys.readouterr().err and to.read_text(encoding="utf-8") == "mine\n"
