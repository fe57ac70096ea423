"""The sourced numbers: a store of facts that knows what was known when."""

from barbell.facts.store import Figure, figures, known, series, versions

__all__ = ["Figure", "figures", "known", "series", "versions"]
