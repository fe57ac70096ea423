"""Identities of what is left of earnings: tax on income before it, income over shares, shares over each other."""

from __future__ import annotations

from collections.abc import Iterator

from barbell.facts.tie import Book, Identity

FEDERAL_RATE = 0.21
"""Tax of corporations in the United States since 2018 (26 U.S.C. 11)."""
_BASES = ("gaap", "income")
"""Net income and earnings per share as they stand in summaries and in the income statement: one figure."""
_CENT = 0.0051
"""Earnings per share are printed to the cent."""


def tax(book: Book, pure: Book) -> Iterator[Identity]:
    """Provision over pretax income is the effective rate, printed to a hundredth of a percent; the statutory rate on it starts the reconciliation."""
    for (entity, segment, metric, basis, period), pretax in book.items():
        if metric != "pretax_income" or not pretax:
            continue
        provision = book.get((entity, segment, "tax_provision", basis, period))
        rate = pure.get((entity, segment, "effective_tax_rate", "as_reported", period))
        statutory = book.get((entity, segment, "tax_at_federal_statutory_rate", "as_reported", period))
        if provision is not None and rate is not None:
            yield Identity("provision / pretax income = effective rate", f"{entity} {period}", provision / pretax, rate, tolerance=1e-4)
        if statutory is not None:
            yield Identity("statutory rate on pretax income", f"{entity} {period}", FEDERAL_RATE * pretax, statutory)


def per_share(book: Book, each: Book) -> Iterator[Identity]:
    """Net income over shares, diluted and basic; quarters of diluted earnings against the year, whose shares are other means."""
    for (entity, segment, metric, basis, period), shares in each.items():
        kind = metric.removeprefix("shares_")
        earned = next((each[key] for key in ((entity, segment, f"eps_{kind}", of, period) for of in _BASES) if key in each), None)
        income = next((book[key] for key in ((entity, segment, "net_income", of, period) for of in _BASES) if key in book), None)
        if metric.startswith("shares_") and income is not None and earned is not None:
            yield Identity("net income / shares = earnings per share", f"{entity} {kind} {period}", income / shares, earned, tolerance=_CENT)
        if metric == "eps_diluted" and period.isdigit():
            quarters = [each[key] for n in range(1, 5) if (key := (entity, segment, metric, basis, f"{period}Q{n}")) in each]
            if len(quarters) == 4:
                yield Identity("quarters of earnings per share = year", f"{entity} {period}", sum(quarters), shares, tolerance=0.0251)
