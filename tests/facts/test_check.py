"""The store as shipped has no fault; each guard sees the fault that it is there for."""

import re
from collections import Counter
from dataclasses import replace

import pytest

from barbell.facts import faults, figures
from tests.facts.build import figure, money


def test_the_store_has_no_fault():
    assert [str(fault) for fault in faults()] == []


def test_the_store_is_as_large_as_the_guide_says():
    grades = Counter(f.grade for f in figures())
    assert len(figures()) >= 3000 and len({f.name for f in figures()}) >= 3000
    assert set(grades) == {"A", "B", "C", "D", "M", "S"} and grades["D"] < 0.05 * len(figures())
    files = Counter(f.file for f in figures())
    assert {
        "amazon.csv",
        "peers.csv",
        "guidance.csv",
        "lives.csv",
        "tax.csv",
        "chips.csv",
        "rents.csv",
        "models.csv",
        "sites.csv",
        "power.csv",
    } <= set(files)


def test_reported_money_carries_the_year_of_its_period():
    """A fiscal quarter may lie in the calendar year before its fiscal year."""
    seen = 0
    for f in figures():
        money = re.fullmatch(r"M?USD([0-9]{4})(/unit)?", f.unit)
        if f.file in ("amazon.csv", "statements.csv", "peers.csv") and money:
            year = int(f.order[0])
            assert int(money[1]) in ((year - 1, year) if "FY" in f.period else (year,)), f.name
            seen += 1
    assert seen >= 1200


def test_names_say_what_the_figure_is_about():
    for f in figures():
        if f.file in ("amazon.csv", "peers.csv", "statements.csv"):
            assert f.name.startswith(f"{f.entity}-{f.segment}-{f.metric}-") and f.name.endswith(f"-{f.period}"), f.name


def told(*rows):
    return [str(fault) for fault in faults(rows)]


def test_a_sound_row_passes():
    assert told(figure()) == []
    assert told(figure(value="2026:30 2028:45", low="2026:20 2028:40", high="50")) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "two words"}, "amazon.csv:2 name: 'two words' not a name"),
        ({"grade": "E"}, "amazon.csv:2 grade: 'amzn-aws-revenue-2025Q4: E' not one of A, B, C, D, M, S"),
        ({"as_of": "2026-02-31"}, "as_of: 'amzn-aws-revenue-2025Q4: 2026-02-31' not a day"),
        ({"as_of": ""}, "not a day"),
        ({"source": ""}, "source: 'amzn-aws-revenue-2025Q4' empty"),
        ({"unit": "MUSD"}, "money without a year"),
        ({"unit": "parsec"}, "unknown unit 'parsec'"),
        ({"value": "about 7"}, "not of the form DATE:VALUE"),
        ({"value": "nan"}, "'nan' is not a number"),
        ({"value": ""}, "no value"),
        ({"low": "35580"}, "outside its range 35580 to"),
        ({"high": "35578"}, "outside its range  to 35578"),
        ({"low": "1", "high": "x"}, "high: 'amzn-aws-revenue-2025Q4: x' 'x' is not a number"),
        ({"value": "2026:30 2028:45", "high": "40"}, "outside its range  to 40"),
        ({"value": "2026:30", "low": "2026:20 2030:31"}, "outside its range 2026:20 2030:31 to"),
        ({"grade": "S"}, "an assumption (grade S) without its range"),
        ({"grade": "S", "low": "35000"}, "amazon.csv:2 high: 'amzn-aws-revenue-2025Q4: ' an assumption"),
    ],
)
def test_a_faulty_row_is_told(changes, words):
    found = told(figure(**changes))
    assert len(found) == 1 and words in found[0]


def test_all_faults_of_a_row_are_told_at_once():
    assert len(told(figure(unit="parsec", as_of="soon", value="much", source=""))) == 4


def test_a_version_stands_once():
    found = told(figure(), figure(line=3))
    assert len(found) == 1 and "amazon.csv:3 name" in found[0] and "stands already at amazon.csv:2 for 2026-02-05" in found[0]
    assert told(figure(as_of="2026-02-04"), figure(line=3)) == []
    assert len(told(figure(), figure(file="peers.csv"))) == 1, "also in another file"


def test_files_are_sorted():
    assert len(told(figure(name="b"), figure(name="a", line=3))) == 1
    assert len(told(figure(as_of="2026-02-06"), figure(line=3))) == 1
    assert told(figure(name="b"), figure(name="a", file="peers.csv")) == []


def test_another_source_stands_beside_the_preferred_one():
    assert told(figure(name="x"), figure(name="x-alt2", line=3)) == []
    found = told(figure(name="y-alt2"))
    assert len(found) == 1 and "stands beside 'y', which does not exist" in found[0]


def test_a_broken_sum_is_a_fault():
    quarters = [money("amzn", "total", "revenue", "gaap", f"2025Q{n}", 10, line=n) for n in range(1, 5)]
    assert told(money("amzn", "total", "revenue", "gaap", "2025", 40, line=0), *quarters) == []
    found = told(money("amzn", "total", "revenue", "gaap", "2025", 42, line=0), *quarters)
    assert len(found) == 1 and "quarters = year" in found[0] and "40 is not 42" in found[0]


@pytest.mark.parametrize(
    ("name", "guarded"),
    [
        ("amzn-aws-revenue-2024Q3", True),
        ("amzn-total-capex-net_of_proceeds-2025", True),
        ("amzn-total-inventories-2025Q4", True),
        ("googl-total-operating_cash_flow-2026Q2", True),
        ("googl-total-rpo-definition_from_2026Q1-2026Q2", False),
    ],
)
def test_a_wrong_digit_in_the_store_is_seen(name, guarded):
    """Two per cent planted in one figure, as a slip of the pen would; a figure in no sum cannot be guarded so."""
    spoilt = tuple(replace(f, value=f"{f.number * 1.02:.0f}") if f.name == name else f for f in figures())
    assert spoilt != figures()
    assert {fault.where.file for fault in faults(spoilt)} == ({"identities"} if guarded else set())
