"""Sums between figures: which are looked for, and that each kind can fail."""

from collections import Counter

import pytest

from barbell.facts import figures, identities
from barbell.facts.statement import LINES
from tests.facts.build import figure, money

SHIPPED = {
    "quarters = year": 86,
    "statement lines": 52,
    "segments = total": 50,
    "operating cash flow - capex = free cash flow": 37,
    "gross - proceeds = net": 20,
    "four quarters = trailing year": 12,
    "net income / shares = earnings per share": 11,
    "gross - accumulated depreciation = net": 4,
    "classes = gross": 3,
}
"""Identities found among the figures shipped; a figure lost or renamed makes one of these smaller."""


def test_every_identity_of_the_store_holds():
    found = identities(figures())
    assert [i for i in found if not i.holds] == []
    counts = Counter(i.kind for i in found)
    assert all(counts[kind] >= least for kind, least in SHIPPED.items()) and len(found) >= 275


def test_most_are_exact():
    exact = sum(abs(i.left - i.right) < 1e-9 for i in identities(figures()) if i.kind != "net income / shares = earnings per share")
    assert exact >= 259, "companies round: a few quarters miss their year by one"


def checked(*rows):
    return [(i.kind, i.left, i.right, i.holds) for i in identities(rows)]


def test_quarters_of_a_calendar_year():
    rows = [money("meta", "total", "capex", "cash_purchases", f"2025Q{n}", n) for n in range(1, 5)]
    year = money("meta", "total", "capex", "cash_purchases", "2025", 11)
    assert checked(*rows, year) == [("quarters = year", 10, 11, True)]
    assert checked(*rows[1:], year) == [], "three quarters say nothing"
    assert checked(*rows, money("meta", "total", "capex", "cash_purchases", "2025", 12))[0][-1] is False


def test_quarters_of_fiscal_years():
    microsoft = [money("msft", "total", "capex", "cash_purchases", period, 5) for period in ("2024Q3", "2024Q4", "2025Q1", "2025Q2")]
    oracle = [money("orcl", "total", "capex", "cash_purchases", f"FY26Q{n}", 2) for n in range(1, 5)]
    assert checked(*microsoft, money("msft", "total", "capex", "cash_purchases", "FY2025", 20)) == [("quarters = year", 20, 20, True)]
    assert checked(*oracle, money("orcl", "total", "capex", "cash_purchases", "FY2026", 8)) == [("quarters = year", 8, 8, True)]


def test_halves_and_trailing_years():
    rows = [money("amzn", "aws", "ppe_depreciation", "segment_note", period, 3) for period in ("2025Q3", "2025Q4", "2026Q1", "2026Q2")]
    half = money("amzn", "aws", "ppe_depreciation", "segment_note", "2026H1", 6)
    trailing = money("amzn", "aws", "ppe_depreciation", "segment_note", "ttm2026Q2", 12)
    assert checked(*rows, half, trailing) == [("quarters = year", 6, 6, True), ("four quarters = trailing year", 12, 12, True)]


def test_two_bases_are_never_summed():
    rows = [money("googl", "total", "capex", "cash_purchases" if n < 4 else "with_leases", f"2025Q{n}", 5) for n in range(1, 5)]
    assert checked(*rows, money("googl", "total", "capex", "cash_purchases", "2025", 20)) == []


def test_segments_make_the_total():
    parts = [money("amzn", segment, "revenue", "segment", "2025", 10) for segment in ("aws", "north_america", "international")]
    assert checked(*parts, money("amzn", "total", "revenue", "gaap", "2025", 30)) == [("segments = total", 30, 30, True)]
    assert checked(*parts, money("amzn", "total", "revenue", "gaap", "2025", 33))[0][-1] is False
    assert checked(*parts[:2], money("amzn", "total", "revenue", "gaap", "2025", 30)) == []


def test_property_has_a_part_of_no_segment():
    parts = [money("amzn", segment, "ppe_net", "as_reported", "2025Q4", 10) for segment in ("aws", "north_america", "international")]
    total = money("amzn", "total", "ppe_net", "as_reported", "2025Q4", 35)
    assert checked(*parts, total) == []
    assert checked(*parts, money("amzn", "corporate", "ppe_net", "as_reported", "2025Q4", 5), total) == [("segments = total", 35, 35, True)]


def test_net_capex_and_free_cash_flow():
    gross, net = money("amzn", "total", "capex", "gross_purchases", "2025", 100), money("amzn", "total", "capex", "net_of_proceeds", "2025", 97)
    proceeds = money("amzn", "total", "capex_proceeds_incentives", "as_reported", "2025", 3)
    flow, free = (
        money("amzn", "total", "operating_cash_flow", "gaap", "2025", 120),
        money("amzn", "total", "free_cash_flow", "ocf_less_net_capex", "2025", 23),
    )
    kinds = checked(gross, net, proceeds, flow, free)
    assert kinds == [("gross - proceeds = net", 97, 97, True), ("operating cash flow - capex = free cash flow", 23, 23, True)]
    wrong = money("amzn", "total", "free_cash_flow", "ocf_less_net_capex", "2025", 20)
    assert [holds for *_, holds in checked(gross, net, proceeds, flow, wrong)] == [True, False], "gross capex would give 20"


def test_meta_counts_lease_principal():
    rows = [money("meta", "total", "operating_cash_flow", "gaap", "2025", 100), money("meta", "total", "capex", "cash_purchases", "2025", 60)]
    free = money("meta", "total", "free_cash_flow", "ocf_less_capex_less_finance_lease_principal", "2025", 38)
    assert checked(*rows, free) == []
    lease = money("meta", "total", "finance_lease_principal", "as_reported", "2025", 2)
    assert checked(*rows, free, lease) == [("operating cash flow - capex = free cash flow", 38, 38, True)]


def test_property_and_its_classes():
    gross = money("amzn", "total", "ppe_gross", "as_reported", "2024Q4", 100)
    net, worn = (
        money("amzn", "total", "ppe_net", "as_reported", "2024Q4", 70),
        money("amzn", "total", "ppe_accumulated_depreciation", "as_reported", "2024Q4", 30),
    )
    classes = [
        money("amzn", "total", f"ppe_{name}", "as_reported", "2024Q4", 25)
        for name in ("land_and_buildings", "equipment", "other", "construction_in_progress")
    ]
    assert checked(gross, net, worn, *classes) == [("gross - accumulated depreciation = net", 70, 70, True), ("classes = gross", 100, 100, True)]


def test_earnings_per_share_to_the_cent():
    income = money("amzn", "total", "net_income", "gaap", "2025", 77670)
    shares = figure(
        name="s", entity="amzn", segment="total", metric="shares_diluted", basis="as_reported", period="2025", value="10827", unit="Munit"
    )
    for earned, holds in (("7.17", True), ("7.19", False)):
        per_share = figure(
            name="e", entity="amzn", segment="total", metric="eps_diluted", basis="gaap", period="2025", value=earned, unit="USD2025/unit"
        )
        (found,) = identities((income, shares, per_share))
        assert found.kind == "net income / shares = earnings per share" and found.holds is holds


@pytest.mark.parametrize("total", ["net_income", "operating_cash_flow", "total_assets", "total_equity"])
def test_a_statement_adds_up_line_by_line(total):
    for name, terms in LINES:
        if name != total:
            continue
        rows = [money("amzn", "total", line, "balance", "2025", 10) for line in terms]
        right = 10 * sum(terms.values())
        for value, holds in ((right, True), (right + 2, False)):
            found = [i for i in identities((*rows, money("amzn", "total", total, "balance", "2025", value))) if i.kind == "statement lines"]
            assert [i.holds for i in found if i.subject == f"amzn {total} 2025"].count(holds) >= 1


def test_only_the_latest_version_counts_and_no_alternative():
    rows = [money("amzn", "total", "revenue", "gaap", f"2025Q{n}", 10) for n in range(1, 5)]
    old, new = (money("amzn", "total", "revenue", "gaap", "2025", value, as_of=day) for value, day in ((30, "2026-01-01"), (40, "2026-02-05")))
    lost = figure(name="amzn-total-revenue-gaap-2025-alt2", entity="amzn", segment="total", basis="gaap", period="2025", value="55")
    assert checked(*rows, old, new, lost) == [("quarters = year", 40, 40, True)]
