"""From a plan to statements: capex, depreciation, revenue, income and cash, by quarter and year."""
