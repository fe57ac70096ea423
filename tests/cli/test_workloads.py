"""The commands on workloads: in words, as JSON, and what they refuse."""

import json

import pytest

from barbell.cli.run import run

HEAD = (
    "row_id,model,chip,n_chips,tp,attn_dp,serving_mode,spec_decode,weight_precision,engine,engine_version,"
    "concurrency,in_len,out_len,tpot_ms,ttft_ms,grade,config_id"
)
CURVE = ((4, 18), (16, 20), (64, 32))
"""Requests in flight and milliseconds per token."""
ROWS = [
    f"{chip}{flight},Llama-3-70B,{chip},2,2,1,aggregated,no,fp8,vllm,0.19.0,{flight},1024,1024,{share * tpot},{200 + flight},A,{chip}|own"
    for chip, share in (("H200", 1.0), ("B200", 0.6))
    for flight, tpot in CURVE
]


@pytest.fixture(autouse=True)
def _wide(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def rows(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("\n".join([HEAD, *ROWS]) + "\n", encoding="utf-8")
    return path


def answer(capsys):
    out, err = capsys.readouterr()
    assert err == ""
    return json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def test_predict_says_the_rate_its_interval_and_its_layout(capsys):
    assert run(["workloads", "predict", "--model", "Llama-3-70B", "--chip", "H200", "--level", "30", "--json"]) == 0
    told = answer(capsys)
    rate = told["tok_s_per_chip"]
    assert rate["low"] < rate["value"] < rate["high"] and told["tpot_ms"]["value"] <= 30 and told["chips"] >= 1
    assert run(["workloads", "predict", "--model", "llama_3_70b", "--chip", "h200", "--level", "30"]) == 0
    out = capsys.readouterr().out
    assert f"{told['concurrency']} requests in flight" in out and told["limit"] in out and "tokens/s per chip" in out


def test_a_later_day_is_faster_and_the_past_is_refused(capsys):
    told = []
    for years in ("0", "1"):
        assert run(["workloads", "predict", "--model", "Llama-3-70B", "--chip", "B300", "--level", "30", "--later", years, "--json"]) == 0
        told.append(answer(capsys)["tok_s_per_chip"])
    assert 1.0 < told[1]["value"] / told[0]["value"] < 1.5
    assert run(["workloads", "predict", "--model", "Llama-3-70B", "--chip", "B300", "--later", "-1"]) == 1


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["--model", "llama-3-71b", "--chip", "h100"], "Did you mean 'llama_3_70b'?"),
        (["--model", "llama_3_70b", "--chip", "h101"], "unknown chip 'h101'"),
        (["--model", "deepseek_r1", "--chip", "h100", "--tp", "2", "--precision", "fp8"], "short by"),
        (["--model", "llama_3_70b", "--chip", "h100", "--level", "1"], "the best it reaches is"),
    ],
)
def test_what_cannot_be_is_refused_in_words(capsys, asked, told):
    assert run(["workloads", "predict", *asked]) == 1
    assert told in capsys.readouterr().err


def test_compare_has_a_row_for_every_chip_and_says_what_is_assumed(capsys):
    assert run(["workloads", "compare", "--json"]) == 0
    told = answer(capsys)
    chips = {one["chip"]: one for one in told["chips"]}
    assert {"h100", "gb200", "trainium2", "trainium3", "trainium4", "mi355x"} <= set(chips)
    assert chips["h100"]["priced"] == "published" and chips["trainium3"]["priced"] == "assumed"
    assert chips["inferentia2"]["layout"] is None and "does not fit" in chips["inferentia2"]["refusal"]
    h100 = chips["h100"]
    per_dollar = h100["layout"]["tok_s_per_chip"]["value"] * 3600e-6 / h100["dollars_per_hour"]["value"]
    assert h100["mtok_per_dollar"]["value"] == pytest.approx(per_dollar)
    assert h100["tok_s_per_mw"]["value"] == pytest.approx(1e3 * h100["layout"]["tok_s_per_chip"]["value"] / h100["kilowatts"]["value"])
    assert run(["workloads", "compare"]) == 0
    out = capsys.readouterr().out
    assert "Mtok/USD" in out and "Refused inferentia2" in out and "assumed" in out


@pytest.mark.parametrize("name", ["chips.svg", "chips.html"])
def test_compare_draws_a_picture(capsys, tmp_path, name):
    assert run(["workloads", "compare", "--chart", str(tmp_path / name)]) == 0
    text = (tmp_path / name).read_text(encoding="utf-8")
    assert all(word in text for word in ("gb200", "trainium3", "million tokens per USD", "assumed")) and len(list(tmp_path.iterdir())) == 1
    assert run(["workloads", "compare", "--chart", str(tmp_path / "chips.bmp")]) == 1
    assert "End its name with one of .svg, .html" in capsys.readouterr().err


def test_compare_refuses_a_class_of_prices_that_is_none(capsys):
    assert run(["workloads", "compare", "--price", "cheap"]) == 1
    assert "Take one of capacity_block" in capsys.readouterr().err


def test_evaluate_scores_each_quantity_and_says_what_was_fitted(capsys, rows):
    assert run(["workloads", "evaluate", "--kind", "inference", "--rows", str(rows), "--json"]) == 0
    told = answer(capsys)
    assert told["in_sample"] == 0 and told["in_sample_rows"] == [] and told["parameters"] > 0
    assert set(told) >= {"tpot", "tok_s_per_chip", "ttft"}
    for key in ("rows", "covered", "refused", "mape", "median_ape", "kendall_tau", "coverage80", "groups"):
        assert key in told["tpot"]
    assert told["tpot"]["rows"] == told["tpot"]["covered"] == 6 and told["tok_s_per_chip"]["rows"] == 0
    assert set(told["tpot"]["groups"]["chip"]) == {"H200", "B200"} and told["tpot"]["groups"]["kind"]["dense"]["rows"] == 6
    assert run(["workloads", "evaluate", "--kind", "inference", "--rows", str(rows)]) == 0
    assert "0 of 6 rows were fitted" in capsys.readouterr().out


def test_rows_of_ones_own_tighten_their_chip(capsys, rows, tmp_path):
    to = tmp_path / "own_calibration.csv"
    assert run(["workloads", "calibrate", "--rows", str(rows), "--to", str(to), "--json"]) == 0
    assert answer(capsys)["values"]["tpot"] > 6
    first = to.read_bytes()
    assert run(["workloads", "calibrate", "--rows", str(rows), "--to", str(to)]) == 0
    assert to.read_bytes() == first and "Wrote" in capsys.readouterr().out
    errors = {}
    for name, more in (("shipped", []), ("own", ["--calibration", str(to)])):
        assert run(["workloads", "evaluate", "--kind", "inference", "--rows", str(rows), "--json", *more]) == 0
        told = answer(capsys)
        errors[name] = (told["tpot"]["mape"], told["in_sample"])
    assert errors["own"][0] < errors["shipped"][0] and errors["own"][1] == 6


def test_a_calibration_is_written_whole_or_not_at_all(capsys, rows, tmp_path):
    assert run(["workloads", "calibrate", "--rows", str(rows), "--to", str(tmp_path / "none" / "c.csv")]) == 1
    assert "cannot be written" in capsys.readouterr().err and not (tmp_path / "none").exists()
    bad = tmp_path / "bad.csv"
    bad.write_text("\n".join([HEAD, ROWS[0].replace(",18.0,", ",fast,")]) + "\n", encoding="utf-8")
    to = tmp_path / "c.csv"
    assert run(["workloads", "calibrate", "--rows", str(bad), "--to", str(to)]) == 1
    assert "bad.csv:2 tpot_ms" in capsys.readouterr().err and not to.exists()


def test_a_row_in_two_files_is_refused(capsys, rows, tmp_path):
    again = tmp_path / "again.csv"
    again.write_text(rows.read_text(encoding="utf-8"), encoding="utf-8")
    assert run(["workloads", "calibrate", "--rows", str(rows), "--rows", str(again), "--to", str(tmp_path / "c.csv")]) == 1
    assert "again.csv:2 row_id: 'H2004' stands in own.csv already" in capsys.readouterr().err


def test_a_calibration_that_is_none_is_refused(capsys, rows, tmp_path):
    assert run(["workloads", "evaluate", "--kind", "inference", "--rows", str(rows), "--calibration", str(tmp_path / "no.csv")]) == 1
    assert "there is no such file" in capsys.readouterr().err
