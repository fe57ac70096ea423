"""``barbell workloads predict``: what a planner asks, in words that line up and as JSON with units in its keys."""

import json
from dataclasses import replace

import pytest

from barbell.cli import answer
from barbell.cli.run import run
from barbell.study.answer import Question, answered
from barbell.workloads.serving import Demand

ASK = ["workloads", "predict", "--model", "Llama-3-70B", "--chip", "H200", "--level", "30"]


@pytest.fixture(autouse=True)
def _wide(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")


def told(capsys, *more):
    assert run([*ASK, *more, "--json"]) == 0
    return json.loads(capsys.readouterr().out, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def shown(capsys, *more):
    assert run([*ASK, *more]) == 0
    return capsys.readouterr().out.splitlines()


def test_the_record_has_cost_energy_and_power_with_their_units(capsys):
    found = told(capsys)
    rate, watt, hour = (found[key]["value"] for key in ("tok_s_per_chip", "kilowatts_per_chip", "usd_per_chip_hour"))
    assert found["usd_per_million_output_tokens"]["value"] == pytest.approx(hour / rate / 3600 * 1e6)
    assert found["joule_per_output_token"]["value"] == pytest.approx(1e3 * watt / rate)
    assert found["tok_s_per_mw"]["value"] == pytest.approx(1e3 * rate / watt)
    for key in ("tok_s_per_chip", "usd_per_million_output_tokens", "joule_per_output_token", "tok_s_per_mw"):
        assert found[key]["low"] < found[key]["value"] < found[key]["high"]
    assert found["level"] == {"percentile": 50, "tpot_ms": pytest.approx(30.0), "ttft_ms": None}
    assert found["layout"] == "tp" and found["priced"] == "published" and found["pools"] is found["mixed"] is found["tpot_p99_ms"] is None


def test_numbers_line_up(capsys):
    lines = shown(capsys, "--first", "900", "--percentile", "99")
    assert "at most 30 ms per token and 900 ms to the first token at the 99th percentile" in lines[0]
    ranged = [line for line in lines[1:] if "  (" in line]
    assert [line[:20].strip() for line in ranged] == [
        "tokens/s per chip", "ms per token", "p99", "ms to first token", "p99", "USD per million", "joules per token", "tokens/s per MW",
    ]  # fmt: skip
    assert len({line.index("  (") for line in ranged}) == 1
    assert len({line.index("  of IT") if line.endswith("  of IT") else line.index("  output tokens") for line in ranged[-3:]}) == 1


def test_levels_on_the_first_token_and_the_99th_percentile_bind(capsys):
    free, first, late = told(capsys), told(capsys, "--first", "500"), told(capsys, "--percentile", "99")
    assert first["ttft_ms"]["value"] <= 500 < free["ttft_ms"]["value"] and "first token" in first["limit"]
    assert late["tpot_p99_ms"]["value"] <= 30 < late["tpot_p99_ms"]["high"] and "99th percentile" in late["limit"]
    assert max(first["tok_s_per_chip"]["value"], late["tok_s_per_chip"]["value"]) < free["tok_s_per_chip"]["value"]


def test_a_prefix_cache_and_drafts_give_more(capsys):
    rates = [told(capsys, *more)["tok_s_per_chip"]["value"] for more in ([], ["--prefix-hit", "0.5"], ["--prefix-hit", "0.5", "--drafted"])]
    assert rates == sorted(rates) and rates[0] < rates[1] < rates[2]
    title = shown(capsys, "--prefix-hit", "0.5", "--drafted")[0]
    assert "50% of the prompt in a prefix cache" in title and "speculative decoding" in title


def test_pools_are_told_beside_a_mixed_replica(capsys):
    found = told(capsys, "--apart", "--tokens-in", "8192")
    pools, mixed = found["pools"], found["mixed"]
    reads, decodes = (pools[f"{name}_replicas"] * pools[f"{name}_chips_per_replica"] for name in ("prefill", "decode"))
    assert reads + decodes == found["chips"] and 0 < pools["prefill_busy_share"] < 1
    lines = shown(capsys, "--apart", "--tokens-in", "8192")
    more = found["tok_s_per_chip"]["value"] / mixed["tok_s_per_chip"]["value"] - 1
    assert any("mixed instead" in line and f"{abs(more):.0%} {'more' if more > 0 else 'less'}" in line for line in lines)
    assert any(f"{pools['prefill_replicas']} x {pools['prefill_chips_per_replica']} chips read prompts" in line for line in lines)


def test_a_mixture_of_experts_tells_its_layout(capsys):
    assert run(["workloads", "predict", "--model", "deepseek_r1", "--chip", "b200", "--json"]) == 0
    way = json.loads(capsys.readouterr().out)["layout"]
    assert run(["workloads", "predict", "--model", "deepseek_r1", "--chip", "b200"]) == 0
    out = capsys.readouterr().out
    words = {"tp": "split over all", "ep": "experts apart", "dp_tp": "attention over data", "dp_ep": "attention over data, experts apart"}
    assert f"({words[way]})" in out


def test_faults_come_at_once_in_words_and_as_json(capsys):
    bad = ["workloads", "predict", "--model", "llama-3-71b", "--chip", "H200", "--prefix-hit", "1.5", "--first", "-1", "--price", "cheap"]
    assert run(bad) == 1
    err = capsys.readouterr().err
    assert all(text in err for text in ("4 faults", "llama_3_70b", "1.5", "number above 0", "capacity_block"))
    assert run([*bad, "--json"]) == 1
    assert [fault["field"] for fault in json.loads(capsys.readouterr().out)["faults"]] == ["model", "price", "demand", "demand"]


def test_a_chip_without_a_price_or_power_says_so(capsys):
    question = Question("H200", "Llama-3-70B", Demand(level=0.03))
    bare = replace(answered(question), dollars=None, kilowatts=None, priced="")
    answer.show(bare, question)
    out = capsys.readouterr().out
    assert "price              none of class capacity_block is known" in out and "power              not known" in out
    assert "USD per million" not in out and "joules per token" not in out
    record = answer.answer(bare, question)
    assert record["usd_per_million_output_tokens"] is record["tok_s_per_mw"] is record["priced"] is None
