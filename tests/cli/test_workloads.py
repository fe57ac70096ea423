"""The commands on workloads: in words, as JSON, and what they refuse."""

import csv
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
    assert {"h100", "gb200", "trainium2", "trainium3", "trainium4", "mi355x", "tpu_v7"} <= set(chips)
    assert chips["h100"]["priced"] == "published" and chips["h100"]["price_rule"] is None
    assert chips["trainium3"]["priced"] == "assumed" and chips["trainium3"]["price_rule"] == "by capex"
    assert chips["inferentia2"]["layout"] is None and "does not fit" in chips["inferentia2"]["refusal"]
    h100 = chips["h100"]
    per_dollar = h100["layout"]["tok_s_per_chip"]["value"] * 3600e-6 / h100["dollars_per_hour"]["value"]
    assert h100["mtok_per_dollar"]["value"] == pytest.approx(per_dollar)
    assert h100["tok_s_per_mw"]["value"] == pytest.approx(1e3 * h100["layout"]["tok_s_per_chip"]["value"] / h100["kilowatts"]["value"])
    assert h100["train_exaflop_per_dollar"]["value"] == pytest.approx(h100["train_flops"]["value"] * 3600e-18 / h100["dollars_per_hour"]["value"])
    assert set(h100["layout"]) - {"chip", "model", "precision", "chips", "concurrency", "engine", "limit", "known"} <= set(told["units"])
    assert run(["workloads", "compare"]) == 0
    out = capsys.readouterr().out
    assert "Mtok/USD" in out and "Refused inferentia2" in out and "~ no public price of class capacity_block" in out


def test_every_chip_of_compare_trains_draws_power_and_has_a_price_with_its_range(capsys):
    """A blank would say nothing: where no figure is public, one is assumed, over a range."""
    assert run(["workloads", "compare", "--json"]) == 0
    for one in answer(capsys)["chips"]:
        assert one["kilowatts"]["value"] > 0 and one["dollars_per_hour"]["value"] > 0, one["chip"]
        assert (one["train_flops"] is None) == (one["chip"] == "inferentia2") == bool(one["train_refusal"]), one["chip"]
        if one["priced"] == "assumed":
            price = one["dollars_per_hour"]
            assert price["high"] / price["low"] > 2
            worth, rate = one["mtok_per_dollar"], one["layout"] and one["layout"]["tok_s_per_chip"]
            assert rate is None or worth["high"] / worth["low"] > rate["high"] / rate["low"]


@pytest.mark.parametrize("width", [80, 100, 140])
def test_no_cell_of_compare_is_cut_or_wrapped(capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    assert run(["workloads", "compare", "--workload", "Llama-3-70B", "--chip", "H100", "--chip", "Trainium4", "--chip", "tpu-v7"]) == 0
    lines = capsys.readouterr().out.splitlines()
    tables = [line for line in lines if line.startswith(("h100", "trainium4", "tpu_v7"))]
    assert len(tables) == (3 if width >= 128 else 6) and max(map(len, tables)) <= width
    assert all(line.count("(") == line.count(")") for line in tables)


def test_all_unknown_names_of_compare_are_told_at_once(capsys):
    assert run(["workloads", "compare", "--workload", "lama_3_70b", "--price", "cheap", "--chip", "h101", "--chip", "b202"]) == 1
    err = capsys.readouterr().err
    assert all(words in err for words in ("llama_3_70b", "Take one of capacity_block", "'h100'", "'b200'"))


def test_where_no_chip_serves_the_best_within_reach_is_told(capsys):
    assert run(["workloads", "compare", "--workload", "Llama-3-70B", "--level", "0.01", "--chip", "h100"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("No chip serves") and "the best it reaches is" in out


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


TRAINED = ("Llama-3-8B,H100,8,bf16,9000,", "Qwen3-30B-A3B,GB200,64,fp8,20000,", "Mystery,B200,256,bf16,700,13")
TRAINED_HEAD = "model,chip,n_chips,precision,tok_s_per_chip,params_b,framework,source"


def predictions(capsys, tmp_path, kind, head, rows):
    """What `evaluate --to` writes of rows, each line without what was measured."""
    path, to = tmp_path / "these.csv", tmp_path / "told.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    assert run(["workloads", "evaluate", "--kind", kind, "--rows", str(path), "--to", str(to), "--json"]) == 0
    told = answer(capsys)
    with to.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    keys = ("line", "quantity", "predicted", "low", "high", "refused")
    return told, [tuple(line[key] for key in keys) for line in lines], [line["measured"] for line in lines]


@pytest.mark.parametrize("kind", ["training", "inference"])
def test_no_prediction_reads_what_was_measured(capsys, tmp_path, kind):
    """Measured cells shuffled, changed or empty: every prediction stays as it is, and only the errors move."""
    if kind == "training":
        head, rows = TRAINED_HEAD, [f"{row},megatron-bridge,own" for row in TRAINED]
        variants = [[row.replace(",9000,", f",{one},").replace(",20000,", f",{two},") for row in rows] for one, two in ((20000, 9000), ("", ""))]
    else:
        head, rows = HEAD, ROWS
        cells = [row.split(",") for row in ROWS]
        places = [HEAD.split(",").index(name) for name in ("tpot_ms", "ttft_ms")]
        shuffled = [[other[n] if n in places else cell for n, cell in enumerate(row)] for row, other in zip(cells, cells[::-1], strict=True)]
        blank = [["" if n in places else cell for n, cell in enumerate(row)] for row in cells]
        variants = [[",".join(row) for row in table] for table in (shuffled, blank)]
    found = [predictions(capsys, tmp_path, kind, head, table) for table in (rows, *variants)]
    assert found[0][1] == found[1][1] == found[2][1] and all(line[2] for line in found[0][1])
    assert found[0][2] != found[1][2] and not any(found[2][2][: len(rows) - (kind == "training")])
    key = (lambda told: told) if kind == "training" else (lambda told: told["tpot"])
    assert key(found[0][0])["mape"] != key(found[1][0])["mape"] and key(found[2][0])["rows"] == (kind == "training")


def test_training_is_scored_by_chip_kind_engine_and_source(capsys, tmp_path):
    told, lines, _ = predictions(capsys, tmp_path, "training", TRAINED_HEAD, [f"{row},megatron-bridge,own" for row in TRAINED])
    for key in ("rows", "covered", "refused", "mape", "median_ape", "kendall_tau", "coverage80", "groups"):
        assert key in told
    assert told["units"]["mape"] == told["units"]["coverage80"] == "%" and told["rows"] == told["covered"] == len(lines) == 3
    groups = {name: {label: one["rows"] for label, one in told["groups"][name].items()} for name in ("kind", "engine", "source")}
    assert groups == {"kind": {"dense": 2, "moe": 1}, "engine": {"megatron-bridge": 3}, "source": {"own": 3}}
    assert set(told["groups"]["chip"]) == {"H100", "GB200", "B200"}


def test_rows_that_cannot_be_answered_are_counted_by_their_reason(capsys, tmp_path):
    told, lines, _ = predictions(capsys, tmp_path, "training", "model,chip,n_chips,precision,tok_s_per_chip", ["Lama-3-8B,H100,8,bf16,9000"] * 2)
    assert told["rows"] == 2 and told["covered"] == 0 and told["mape"] is None
    assert [(count, "Did you mean 'llama_3_8b'" in reason) for reason, count in told["refused"].items()] == [(2, True)]
    assert all(line[2] == "" and "Did you mean" in line[5] for line in lines)


def test_rows_that_measured_nothing_are_told(capsys, tmp_path):
    path = tmp_path / "none.csv"
    path.write_text("model,chip,n_chips,precision\nLlama-3-8B,H100,8,bf16\n", encoding="utf-8")
    assert run(["workloads", "evaluate", "--kind", "training", "--rows", str(path)]) == 0
    assert "tokens/s per chip: no row says what it measured" in capsys.readouterr().out
    assert run(["workloads", "evaluate", "--kind", "training", "--rows", str(path), "--to", str(tmp_path / "none" / "x.csv")]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_grades_that_no_row_has_are_told(capsys, rows):
    assert run(["workloads", "evaluate", "--kind", "inference", "--rows", str(rows), "--grades", "CD"]) == 1
    assert "no row of own.csv has a grade among C, D: it has A" in capsys.readouterr().err


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
