"""Tax, earnings per share, classes of property, leases and outlays: identities that tie what no sum does; and bends."""

import pytest

from barbell.facts import identities
from barbell.facts.bend import SMOOTH
from tests.facts.build import figure, money


def pure(metric, value, unit="1", basis="as_reported", period="2025", entity="amzn"):
    name = f"{entity}-{metric}-{period}-{basis}"
    return figure(name=name, entity=entity, segment="total", metric=metric, basis=basis, period=period, value=str(value), unit=unit)


def kinds(*rows):
    return {identity.kind: identity.holds for identity in identities(rows)}


@pytest.mark.parametrize(("rate", "holds"), [("0.1961", True), ("0.197", False)])
def test_the_provision_makes_the_effective_rate(rate, holds):
    rows = (money("amzn", "total", "pretax_income", "gaap", "2025", 97311), money("amzn", "total", "tax_provision", "gaap", "2025", 19087))
    assert kinds(*rows, pure("effective_tax_rate", rate)) == {"provision / pretax income = effective rate": holds}


@pytest.mark.parametrize(("tax", "holds"), [(14409, True), (14700, False)])
def test_the_statutory_rate_starts_the_reconciliation(tax, holds):
    pretax = money("amzn", "total", "pretax_income", "gaap", "2024", 68614)
    assert kinds(pretax, money("amzn", "total", "tax_at_federal_statutory_rate", "as_reported", "2024", tax)) == {
        "statutory rate on pretax income": holds
    }


@pytest.mark.parametrize(("kind", "earned", "shares", "basis"), [("diluted", "7.17", 10827, "gaap"), ("basic", "7.29", 10656, "income")])
def test_income_over_shares(kind, earned, shares, basis):
    rows = (money("amzn", "total", "net_income", basis, "2025", 77670), pure(f"eps_{kind}", earned, "USD2025/unit", basis))
    what = "net income / shares = earnings per share"
    assert kinds(*rows, pure(f"shares_{kind}", shares, "Munit"))[what] is True
    assert kinds(*rows, pure(f"shares_{kind}", shares * 1.02, "Munit"))[what] is False


@pytest.mark.parametrize(("last", "holds"), [("1.95", True), ("2.05", False)])
def test_quarters_of_earnings_per_share(last, holds):
    parts = [pure("eps_diluted", value, "USD2025/unit", "gaap", f"2025Q{n}") for n, value in enumerate(("1.59", "1.68", "1.95", last), 1)]
    assert kinds(*parts, pure("eps_diluted", "7.17", "USD2025/unit", "gaap")) == {"quarters of earnings per share = year": holds}


@pytest.mark.parametrize(("net", "holds"), [(134345, True), (137032, False)])
def test_alphabets_classes_of_property(net, holds):
    amounts = {"technical_infrastructure": 112504, "office": 40435, "other": 13728, "not_yet_in_service": 35136, "accumulated_depreciation": 67458}
    rows = [money("googl", "total", f"ppe_{name}", "as_reported", "2023Q4", value) for name, value in amounts.items()]
    what = {"classes - accumulated depreciation = net": holds}
    assert kinds(*rows, money("googl", "total", "ppe_net", "as_reported", "2023Q4", net)) == what


def test_metas_leases_over_the_half_year():
    rows = [
        money("meta", "total", "capex", basis, period, value)
        for basis, values in (("incl_finance_lease_principal", (19840, 31078)), ("cash_purchases", (18997, 30116)))
        for period, value in zip(("2026Q1", "2026Q2"), values, strict=True)
    ]
    principal = money("meta", "total", "finance_lease_principal", "as_reported", "2026H1", 1805)
    what = "capex with leases - purchases = lease principal"
    assert kinds(*rows, principal) == {what: True}
    assert kinds(*rows, money("meta", "total", "finance_lease_principal", "as_reported", "2026H1", 1845)) == {what: False}
    assert kinds(*rows[1:], principal) == {}, "half of the half says nothing"


def test_oracles_outlay():
    amounts = {"capex_less_customer_prepayments": 3345, "capex_less_short_term_financing": 4592, "net_cash_outlay_for_capex": 47726}
    rows = [money("orcl", "total", name, "as_reported", "FY2026", value) for name, value in amounts.items()]
    for gross, holds in ((55663, True), (56800, False)):
        assert kinds(*rows, money("orcl", "total", "capex", "cash_purchases", "FY2026", gross)) == {"purchases - prepaid - financed = outlay": holds}


@pytest.mark.parametrize("key", SMOOTH, ids=" ".join)
def test_a_slip_in_a_smooth_series_is_a_bend(key):
    bound = SMOOTH[key]
    for size, holds in ((0.8 * bound, True), (1.3 * bound, False)):
        quarters = [money(*key, f"2025Q{n}", 1000 * 1.05**n * (1 + size * (n == 2))) for n in range(1, 4)]
        found = [identity for identity in identities(quarters) if identity.kind == "a quarter lies between its neighbours"]
        assert [identity.holds for identity in found] == [holds]


def test_a_bend_needs_both_neighbours_and_a_series_known_to_be_smooth():
    key = ("amzn", "aws", "revenue", "segment")
    assert identities([money(*key, "2025Q1", 100), money(*key, "2025Q2", 500), money(*key, "2025Q4", 90)]) == ()
    capex = [money("meta", "total", "capex", "cash_purchases", f"2025Q{n}", 1000 * (1 + n % 2)) for n in range(1, 4)]
    assert identities(capex) == ()
