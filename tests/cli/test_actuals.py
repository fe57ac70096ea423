"""`barbell actuals` as people and programs read it, and the page that it writes."""

import json
import re

import pytest

from barbell.cli.run import run
from tests.conftest import ROOT

TOY = str(ROOT / "cases" / "toy")


@pytest.fixture
def happened(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "140")
    path = tmp_path / "happened.csv"
    path.write_text("metric,item,period,value,unit,source\ncapex,,2026,100,MUSD2026,board\nin_service,hall,2026,9,MW,count\n", encoding="utf-8")
    return str(path)


def test_tables_of_what_happened_and_what_changes(capsys, happened):
    assert run(["actuals", TOY, "--series", happened, "--quiet"]) == 0
    text = capsys.readouterr().out
    assert "against 2 figures to 2026" in text and "Planned again after 2026" in text
    assert re.search(r"company capex\s+2026\s+MUSD2026\s+145\s+100\s+-45\s+-31\.0", text)
    assert "Cannot be held: hall in service in 2026: 9 MW happened, 5 is the nearest" in text  # a hall takes a year
    assert "Why, discounted MUSD2026" in text


def test_one_object_and_a_page(capsys, happened, tmp_path):
    page = tmp_path / "page.html"
    assert run(["actuals", TOY, "--series", happened, "--json", "--report", str(page)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["through"] == "2026" and found["value"]["replan"] < found["value"]["plan"]
    assert len(found["series"]) == 2 and found["cannot_be_held"] and found["report"].endswith("page.html")
    text = page.read_text(encoding="utf-8")
    charts = json.loads(re.search(r'id="charts">(.*?)</script>', text, re.S).group(1))["charts"]
    assert set(charts) == {"actual-company-capex", "actual-hall-in-service"}
    values = charts["actual-company-capex"]["data"]["values"]
    assert {row["series"] for row in values} == {"plan", "re-plan", "actual"}
    assert [row["value"] for row in values if row["series"] == "actual"] == [100.0]
    assert "Where the value changes, part by part" in text


def test_faults_of_a_series_are_1_and_name_their_lines(capsys, happened, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("metric,period,value,unit\ncapex,2026,x,MUSD2026\ncapex,2030,1,MUSD2026\n", encoding="utf-8")
    assert run(["actuals", TOY, "--series", str(bad)]) == 1
    told = capsys.readouterr().err
    assert "2 faults in bad.csv" in told and "bad.csv:2" in told and "bad.csv:3" in told
    assert run(["actuals", TOY]) == 1
    assert "no series is given" in capsys.readouterr().err
