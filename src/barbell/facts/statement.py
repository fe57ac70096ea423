"""How the lines of Amazon's statements add up: the total, and the sign with which each line enters it.

Source: the layout of the earnings release of 2026-02-05. Expenses and the provision for tax are positive amounts, as in the store.
"""

from __future__ import annotations


def _sum(plus: str, minus: str = "") -> dict[str, int]:
    return {**dict.fromkeys(plus.split(), 1), **dict.fromkeys(minus.split(), -1)}


LINES: tuple[tuple[str, dict[str, int]], ...] = (
    ("revenue", _sum("product_sales service_sales")),
    (
        "total_operating_expenses",
        _sum("cost_of_sales fulfillment technology_and_infrastructure sales_and_marketing general_and_administrative other_operating_expense"),
    ),
    ("operating_income", _sum("revenue", "total_operating_expenses")),
    ("pretax_income", _sum("operating_income interest_income other_income", "interest_expense")),
    ("net_income", _sum("pretax_income equity_method_result", "tax_provision")),
    (
        "operating_cash_flow",
        _sum(
            "net_income d_and_a stock_comp non_operating_adjustments deferred_tax_cash_flow change_in_inventories change_in_receivables "
            "change_in_other_assets change_in_accounts_payable change_in_accrued_expenses_and_other change_in_unearned_revenue"
        ),
    ),
    (
        "investing_cash_flow",
        _sum("capex_proceeds_incentives acquisitions sales_and_maturities_of_securities purchases_of_securities", "capex/gross_purchases"),
    ),
    (
        "financing_cash_flow",
        _sum(
            "proceeds_from_short_term_debt repayments_of_short_term_debt proceeds_from_long_term_debt repayments_of_long_term_debt "
            "principal_repayments_of_financing_obligations",
            "finance_lease_principal",
        ),
    ),
    ("net_change_in_cash", _sum("operating_cash_flow investing_cash_flow financing_cash_flow currency_effect_on_cash")),
    ("cash_end", _sum("cash_beginning net_change_in_cash")),
    ("total_current_assets", _sum("cash_and_equivalents marketable_securities inventories receivables")),
    ("total_assets", _sum("total_current_assets ppe_net operating_leases goodwill other_assets")),
    ("total_current_liabilities", _sum("accounts_payable accrued_expenses_and_other unearned_revenue")),
    ("total_equity", _sum("common_stock treasury_stock additional_paid_in_capital accumulated_other_comprehensive_income retained_earnings")),
    (
        "total_liabilities_and_equity",
        _sum("total_current_liabilities long_term_lease_liabilities long_term_debt other_long_term_liabilities total_equity"),
    ),
    ("total_assets", _sum("total_liabilities_and_equity")),
)
"""(total, {line: sign}); capex is named with its basis."""
