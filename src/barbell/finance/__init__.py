"""From a plan to statements: capex, depreciation, revenue, income and cash, by quarter and year."""

from barbell.finance.metrics import cost_per_gw
from barbell.finance.statement import NOT_MODELLED, Statements, statements

__all__ = ["NOT_MODELLED", "Statements", "cost_per_gw", "statements"]
