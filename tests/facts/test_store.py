"""What was known on a day, series for charts, and errors that help."""

from itertools import pairwise
from pathlib import Path

import pytest

from barbell.core.errors import FactError
from barbell.core.relations import Fact
from barbell.facts import COLUMNS, fact, figures, known, series, versions
from barbell.facts.store import is_day, latest, read
from tests.facts.build import figure

HEADER = ",".join(COLUMNS)
DAYS = ("2019-06-30", "2024-02-02", "2025-12-31", "2026-02-10", "2026-08-01", "2026-11-25")


@pytest.mark.parametrize(
    ("name", "day", "value"),
    [
        ("amzn-capex_guide-2026", "2026-02-05", "200000"),
        ("amzn-capex_guide-2026", "2026-02-10", "200000"),
        ("amzn-capex_guide-2026", "2026-07-29", "200000"),
        ("amzn-capex_guide-2026", "2026-08-01", "220000"),
        ("meta-capex_guide-2026", "2026-02-10", "125000"),
        ("meta-capex_guide-2026", "2026-08-01", "137500"),
        ("amzn-servers-life", "2021-06-30", "4"),
        ("amzn-servers-life", "2023-06-30", "5"),
        ("amzn-servers-life", "2024-06-30", "6"),
        ("amzn-servers-life", "2025-06-30", "5"),
        ("us-bonus_depreciation", "2025-07-03", "0.4"),
        ("us-bonus_depreciation", "2025-07-04", "1"),
        ("rent-h100-contract_1y", "2026-02-10", "1.7"),
        ("rent-h100-contract_1y", "2026-03-31", "2.35"),
    ],
)
def test_a_day_sees_the_latest_version_before_it(name, day, value):
    assert known(day)[name].value == value == fact(name, day).value


@pytest.mark.parametrize("day", DAYS)
def test_nothing_later_is_known(day):
    found = known(day)
    assert max(f.as_of for f in found.values()) <= day
    assert all(name == f.name and isinstance(f, Fact) for name, f in found.items())


def test_knowledge_only_grows():
    names = [set(known(day)) for day in DAYS]
    assert all(before < after for before, after in pairwise(names))
    assert names[-1] == {f.name for f in figures()}


def test_results_of_a_quarter_appear_with_its_release():
    assert "amzn-aws-revenue-2025Q4" not in known("2026-02-04")
    assert known("2026-02-05")["amzn-aws-revenue-2025Q4"].value == "35579"
    assert "amzn-aws-revenue-2026Q1" not in known("2026-02-10")
    assert not [f.name for f in known("2026-02-10").values() if f.name.startswith(("amzn-", "googl-")) and f.name.endswith(("2026Q1", "2026Q2"))]


def test_what_a_plan_of_february_2026_needs_is_known_then():
    """Chips that were on sale, prices, sites: knowledge older than the day, whenever our copies were read."""
    found = known("2026-02-10")
    for chip in ("h100", "b200", "gb300", "trainium2", "trainium3"):
        assert {f"chip-{chip}-{attribute}" for attribute in ("dense_bf16", "dense_fp8", "hbm", "bandwidth", "tdp", "scaleup_domain")} <= set(found)
    assert {"facility-air-capex", "opex-non_energy", "site-us-east-1-wait", "site-us-east-1-energy_price", "lead-hv_transformer"} <= set(found)
    assert {f"model-llama_3_70b-{attribute}" for attribute in ("layers", "hidden", "kv_elements_per_token", "params_total")} <= set(found)


def test_the_address_stands_behind_the_title():
    assert fact("amzn-aws-revenue-2025Q4").source.startswith("compilation of hyperscaler earnings calls")
    assert ", https://www.sec.gov/" in fact("amzn-total-ppe_net-2024Q4").source
    assert figure(url="").fact.source == "release" and figure(url="https://example.org").fact.source == "release, https://example.org"


def test_an_unknown_name_offers_the_nearest():
    with pytest.raises(FactError, match=r"'amzn-capex_giude-2026': there is no such fact\. Did you mean 'amzn-capex_guide-2026'\?"):
        fact("amzn-capex_giude-2026")
    with pytest.raises(FactError, match="Did you mean 'chip-h100-dense_fp8'"):
        versions("chip-h100-dens_fp8")


def test_a_name_not_known_yet_says_from_when():
    with pytest.raises(FactError, match="not known on 2026-02-04, only from 2026-02-05"):
        fact("amzn-capex_guide-2026", "2026-02-04")


@pytest.mark.parametrize("text", ["2026", "2026-2-5", "2026-02-30", "20260205", "today", ""])
def test_a_day_is_a_day(text):
    assert not is_day(text)
    with pytest.raises(FactError, match="not a day"):
        known(text)


def test_versions_stand_by_day():
    found = versions("amzn-servers-life")
    assert [f.value for f in found] == ["4", "5", "6", "5"]
    assert [f.as_of for f in found] == sorted(f.as_of for f in found)
    assert [f.period for f in found] == ["2020-01-01", "2022-01-01", "2024-01-01", "2025-01-01"]


def test_a_series_runs_through_the_quarters():
    found = series("amzn", "aws", "revenue", span="quarter")
    periods = [f.period for f in found]
    assert periods == [f"{year}Q{n}" for year in range(2019, 2027) for n in range(1, 5)][: len(found)] and periods[-1] == "2026Q2"
    assert found[-1].number == 42232 and {f.span for f in found} == {"quarter"}


def test_a_series_of_a_day_ends_with_what_was_known():
    assert series("amzn", "aws", "revenue", as_of="2026-02-10", span="quarter")[-1].period == "2025Q4"
    assert series("amzn", "aws", "revenue", as_of="2018-01-01") == ()


def test_fiscal_years_and_odd_quarter_ends_stand_in_order():
    assert [f.period for f in series("msft", "total", "operating_income", span="year")] == [f"FY{year}" for year in range(2019, 2027)]
    assert [f.period for f in series("orcl", "total", "rpo")] == ["2025_05", "2025_08", "2025_11", "2026_02", "2026_05", "2026_08"]


@pytest.mark.parametrize(
    ("period", "span", "year"),
    [
        ("2025Q4", "quarter", "2025"), ("2025", "year", "2025"), ("FY2026", "year", "2026"), ("FY27Q1", "quarter", "2027"),
        ("2026H1", "half", "2026"), ("ttm2026Q2", "ttm", "2026"), ("2026_05", "instant", "2026"), ("2024-01-01", "instant", ""), ("", "instant", ""),
    ],
)  # fmt: skip
def test_periods_are_read(period, span, year):
    assert figure(period=period).span == span and figure(period=period).order[0] == year


def test_two_definitions_are_never_one_series():
    with pytest.raises(FactError, match=r"several bases, which make no one series\. Name one of definition_from_2026Q1, definition_to_2025Q4"):
        series("googl", "total", "rpo")
    new = series("googl", "total", "rpo", "definition_from_2026Q1")
    assert {f.basis for f in new} == {"definition_from_2026Q1"} and new[0].period == "2026Q1"


def test_unknown_series_and_bases_are_told():
    with pytest.raises(FactError, match="Did you mean 'amzn aws revenue'"):
        series("amzn", "aws", "revenu")
    with pytest.raises(FactError, match=r"no basis 'net'\. Known bases: gross_purchases, net_of_proceeds"):
        series("amzn", "total", "capex", "net")


def test_what_lost_against_another_source_is_in_no_series():
    assert "chip-trainium2-dense_bf16-alt2" in known("2026-11-25")
    assert [f.name for f in series("trainium2", "aws", "dense_bf16")] == ["chip-trainium2-dense_bf16"]


def test_latest_takes_the_later_version_whatever_the_order():
    old, new, other = figure(as_of="2024-01-01"), figure(as_of="2025-01-01"), figure(name="other", as_of="2023-01-01")
    assert latest((old, other, new), "9999-12-31") == [new, other] == latest((new, other, old), "9999-12-31")
    assert latest((old, new), "2024-06-30") == [old] and latest((old, new), "2023-12-31") == []


def test_a_file_keeps_lines_and_quoted_text(tmp_path):
    file = tmp_path / "some.csv"
    file.write_text(f'{HEADER}\na,1,1,,,2024-01-01,"one, two",,A,,,,,,"says ""yes"""\nb,2,1,,,2024-01-01,three,,B,,,,,,\n', encoding="utf-8")
    first, second = read(file)
    assert (first.source, first.note, first.file, first.line) == ("one, two", 'says "yes"', "some.csv", 2)
    assert (second.name, second.line) == ("b", 3)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the columns are missing"),
        ("name,value\na,1\n", "some.csv:1: the columns are name, value. Write name, value, unit"),
        (f"{HEADER}\na,1,1,,,2024-01-01,one, two,,A,,,,,,\n", "some.csv:2: 16 cells under 15 columns"),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path, text, words):
    file: Path = tmp_path / "some.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(FactError, match=words):
        tuple(read(file))
