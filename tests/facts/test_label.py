"""Labels of periods, days of knowledge and definitions that mean what they say."""

from dataclasses import replace

import pytest

from barbell.facts import faults, figures
from tests.facts.build import money


def told(*rows):
    return [str(fault) for fault in faults(rows)]


def test_fiscal_labels_belong_to_fiscal_companies():
    sound = money("msft", "total", "revenue", "gaap", "FY2026", 1, as_of="2026-07-29", unit="MUSD2026", file="peers.csv")
    assert told(sound) == []
    (found,) = told(replace(sound, name="msft-x", period="2026", as_of="2027-01-31"))
    assert "period: 'msft-x: 2026' is a calendar year, but msft reports by fiscal years. Write FY2026" in found
    (found,) = told(money("meta", "total", "revenue", "gaap", "FY2025", 1, file="peers.csv"))
    assert "is a fiscal label, but meta reports by calendar years. Write 2025" in found


@pytest.mark.parametrize(
    ("entity", "period", "as_of", "early"),
    [
        ("amzn", "2025Q4", "2025-12-30", False),
        ("amzn", "2025Q4", "2025-11-30", True),
        ("amzn", "2025", "2025-10-30", True),
        ("msft", "FY2025", "2025-07-30", False),
        ("msft", "FY2025", "2025-05-31", True),
        ("orcl", "FY26Q1", "2025-09-09", False),
        ("orcl", "FY26Q1", "2025-07-31", True),
    ],
)
def test_nothing_is_reported_before_its_period_ends(entity, period, as_of, early):
    row = money(entity, "total", "revenue", "gaap", period, 1, as_of=as_of, file="peers.csv")
    assert any("lies before the end of" in text for text in told(row)) is early


def test_expectations_come_before_the_event():
    assert told(money("amzn", "total", "revenue_consensus", "consensus", "2025Q4", 1, as_of="2025-11-30")) == []


def test_money_is_that_of_the_period():
    (found,) = told(money("amzn", "total", "revenue", "gaap", "2025", 1, unit="MUSD2024", as_of="2026-02-05"))
    assert "unit: 'amzn-total-revenue-gaap-2025: MUSD2024' is not money of 2025. Write USD2025" in found
    for unit in ("MUSD2025", "MUSD2026"):
        assert told(money("msft", "total", "revenue", "gaap", "FY2026", 1, unit=unit, as_of="2026-07-29", file="peers.csv")) == []


@pytest.mark.parametrize(
    ("basis", "period", "holds"),
    [
        ("definition_to_2025Q4", "2025Q4", True),
        ("definition_to_2025Q4", "2026Q1", False),
        ("definition_from_2026Q1", "2026Q1", True),
        ("definition_from_2026Q1", "2025Q4", False),
    ],
)
def test_a_definition_holds_on_its_side(basis, period, holds):
    row = money("googl", "total", "rpo", basis, period, 1, as_of="2026-07-29", unit=f"MUSD{period[:4]}", file="peers.csv")
    assert (told(row) == []) is holds


def test_alphabets_backlog_is_never_spliced():
    """Its definition changed with the first quarter of 2026: renaming the basis of one quarter is seen."""
    rows = [row for row in figures() if (row.entity, row.metric) == ("googl", "rpo")]
    assert told(*rows) == [] and {row.basis for row in rows} == {"definition_to_2025Q4", "definition_from_2026Q1"}
    for row in rows:
        other = "definition_from_2026Q1" if "_to_" in row.basis else "definition_to_2025Q4"
        assert any("does not hold in" in text for text in told(replace(row, basis=other)))


def test_microsofts_guide_keeps_one_basis_under_one_name():
    first, second = (row for row in figures() if row.name == "msft-capex_guide-2026")
    assert told(first, second) == [] and first.basis == second.basis
    (found,) = told(first, replace(second, basis="cash_purchases"))
    assert "follows 'incl_finance_leases_management' under one name" in found
    assert told(first, replace(second, basis="cash_purchases", note="basis changes to cash")) == []


def test_an_unnamed_definition_beside_named_ones_is_told():
    named = money("googl", "total", "rpo", "definition_to_2025Q4", "2025Q4", 1, file="peers.csv")
    bare = replace(named, name="googl-total-rpo-definition_to_2025Q4-2025Q4b", basis="", line=3)
    (found,) = told(named, bare)
    assert "is empty where others name theirs" in found and told(bare) == []
